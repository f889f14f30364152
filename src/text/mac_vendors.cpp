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

constexpr std::size_t kMaxLine = 4096;
constexpr std::uint64_t kMaxBytes = 64'000'000;  ///< read of a registry
constexpr std::size_t kMaxName = 60;

/// A registry of address blocks, each with the same number of leading hexadecimal digits. Longest
/// prefixes first: MA-S, the older IAB, MA-M, MA-L.
struct Registry {
  const char* file;
  std::size_t digits;
};
constexpr Registry kRegistries[] = {
    {"oui36.csv", 9}, {"iab.csv", 9}, {"mam.csv", 7}, {"oui.csv", 6}};

/// "001122334455" for "00:11:22:33:44:55"; empty for anything but a MAC address.
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

/// Whether the U/L bit of the first byte is set (IEEE 802 §8.4): not assigned by the IEEE.
bool is_locally_administered(const std::string& digits) {
  return std::string_view{"2367ABEF"}.find(digits[1]) != std::string_view::npos;
}

/// Removes the first value, quoted or not, from a line of comma-separated values and returns it.
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

/// Calls `on_line` for each line up to kMaxLine; skips longer ones. Stops at kMaxBytes.
template <class OnLine>
void for_each_line(std::istream& file, OnLine on_line) {
  std::array<char, kMaxLine> line{};
  std::uint64_t bytes = 0;
  while (bytes < kMaxBytes) {
    file.getline(line.data(), line.size());
    const auto read = file.gcount();
    bytes += static_cast<std::uint64_t>(read);
    if (file.fail()) {
      if (file.eof() || file.bad() || read == 0) return;
      file.clear();
      file.ignore(static_cast<std::streamsize>(kMaxBytes), '\n');
      bytes += static_cast<std::uint64_t>(file.gcount());
      continue;
    }
    const std::string_view text{line.data()};
    on_line(text.ends_with('\r') ? text.substr(0, text.size() - 1) : text);
  }
}

using Names =
    std::map<std::string, std::string, std::less<>>;  ///< by the leading digits of a block

/// Sets the empty names of those `wanted` blocks that the registry has.
void read_registry(const std::filesystem::path& path, Names& wanted) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return;
  std::ifstream file{path};
  for_each_line(file, [&](std::string_view line) {
    take_value(line);  // the registry: "MA-L"
    const auto block = wanted.find(take_value(line));
    if (block == wanted.end() || !block->second.empty()) return;
    const auto name = printable(take_value(line));
    const auto begin = std::min(name.find_first_not_of(' '), name.size());
    const auto end = name.find_last_not_of(' ') + 1;
    block->second = shortened(name.substr(begin, end - begin), kMaxName);
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
    for (const auto& registry : kRegistries) {
      const auto& name = blocks[digits.substr(0, registry.digits)];
      if (name.empty()) continue;
      vendors[mac] = name;
      break;
    }
  }
  return vendors;
}

}  // namespace mcq::text
