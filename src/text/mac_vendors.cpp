#include "text/mac_vendors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "text/printable.hpp"

namespace mcq::text {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::uint64_t kMostOctets = 64'000'000;
constexpr std::size_t kLongestName = 60;

/// A registry gives away blocks of addresses, named by their first hexadecimal digits: MA-L, MA-M,
/// MA-S, and the older IAB.
struct Registry {
  const char* file;
  std::size_t digits;
};
constexpr Registry kRegistries[] = {
    {"oui36.csv", 9}, {"iab.csv", 9}, {"mam.csv", 7}, {"oui.csv", 6}};

/// "001122334455" of "00:11:22:33:44:55"; empty when it is something else.
std::string digits_of(const std::string& mac) {
  std::string digits;
  for (const char c : mac) {
    if (c == ':') continue;
    const char upper = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    if (std::string_view{"0123456789ABCDEF"}.find(upper) == std::string_view::npos) return "";
    digits += upper;
  }
  return digits.size() == 12 ? digits : "";
}

/// The U/L bit of the first octet (IEEE 802 §8.4): made up by a host, not assigned to a maker.
bool is_locally_administered(const std::string& digits) {
  return std::string_view{"2367ABEF"}.find(digits[1]) != std::string_view::npos;
}

/// The value that a line of comma-separated values begins with, quoted or not; takes it off.
std::string take_value(std::string_view& line) {
  std::string value;
  bool quoted = false;
  std::size_t i = 0;
  for (; i < line.size() && (quoted || line[i] != ','); ++i) {
    if (line[i] != '"') {
      value += line[i];
    } else if (quoted && line.substr(i + 1, 1) == "\"") {
      value += line[i++];
    } else {
      quoted = !quoted;
    }
  }
  line.remove_prefix(std::min(i + 1, line.size()));
  return value;
}

/// Calls back with each line; those that are too long to be an entry are left out.
template <class OnLine>
void for_each_line(std::istream& file, OnLine on_line) {
  std::array<char, kLongestLine> line{};
  std::uint64_t octets = 0;
  while (octets < kMostOctets) {
    file.getline(line.data(), line.size());
    const auto read = file.gcount();
    octets += static_cast<std::uint64_t>(read);
    if (file.fail()) {
      if (file.eof() || file.bad() || read == 0) return;
      file.clear();
      file.ignore(static_cast<std::streamsize>(kMostOctets), '\n');
      octets += static_cast<std::uint64_t>(file.gcount());
      continue;
    }
    const std::string_view text{line.data()};
    on_line(text.ends_with('\r') ? text.substr(0, text.size() - 1) : text);
  }
}

using Names = std::map<std::string, std::string, std::less<>>;  ///< by the digits of a block

/// Fills in the names of the blocks that this registry knows.
void read_registry(const std::filesystem::path& path, Names& wanted) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return;
  std::ifstream file{path};
  for_each_line(file, [&](std::string_view line) {
    take_value(line);  // "MA-L"
    const auto block = wanted.find(take_value(line));
    if (block == wanted.end() || !block->second.empty()) return;
    const auto name = printable(take_value(line));
    const auto begin = std::min(name.find_first_not_of(' '), name.size());
    const auto end = name.find_last_not_of(' ') + 1;
    block->second = shortened(name.substr(begin, end - begin), kLongestName);
  });
}

}  // namespace

MacVendors load_mac_vendors(const std::vector<std::string>& mac_addresses,
                            const std::string& folder) {
  MacVendors vendors;
  Names blocks;
  for (const auto& mac : mac_addresses) {
    const auto digits = digits_of(mac);
    if (digits.empty()) continue;
    if (is_locally_administered(digits)) {
      vendors[mac] = "(private)";
      continue;
    }
    for (const auto& registry : kRegistries) blocks[digits.substr(0, registry.digits)];
  }
  if (blocks.empty()) return vendors;
  for (const auto& registry : kRegistries) {
    read_registry(std::filesystem::path{folder} / registry.file, blocks);
  }
  for (const auto& mac : mac_addresses) {
    const auto digits = digits_of(mac);
    if (digits.empty() || vendors.contains(mac)) continue;
    for (const auto& registry : kRegistries) {  // the longest block comes first
      const auto& name = blocks[digits.substr(0, registry.digits)];
      if (name.empty()) continue;
      vendors[mac] = name;
      break;
    }
  }
  return vendors;
}

}  // namespace mcq::text
