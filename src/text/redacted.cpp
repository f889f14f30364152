#include "text/redacted.hpp"

#include <cctype>
#include <optional>
#include <variant>

#include "base/ip_address.hpp"

namespace mcq::text {
namespace {

bool is_of_address(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == ':';
}

bool is_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

std::string redacted(const Ipv4Address& address) {
  if (is_multicast(address) || address.is_unspecified()) return to_string(address);
  return std::to_string(address.bytes.front()) + ".x.x." + std::to_string(address.bytes.back());
}

std::string redacted(const Ipv6Address& address) {
  auto whole = to_string(address);
  if (is_multicast(address) || address.is_unspecified()) return whole;
  return whole.substr(0, whole.find(':')) + ":x:" + whole.substr(whole.rfind(':') + 1);
}

bool is_mac(const std::string& word) {
  constexpr std::size_t kLength = 17, kUnit = 3;
  if (word.size() != kLength) return false;
  for (std::size_t i = 0; i < kLength; ++i) {
    if ((word[i] == ':') != (i % kUnit == kUnit - 1)) return false;
  }
  return true;
}

/// The replacement of a word of the characters of addresses; none if it is no address.
std::optional<std::string> replacement(const std::string& word) {
  if (is_mac(word)) {
    const auto first_byte = std::stoi(word.substr(0, 2), nullptr, 16);
    const bool is_group = first_byte % 2 == 1;  // IEEE 802 §8.2
    return is_group ? word : word.substr(0, 8) + ":xx:xx" + word.substr(14);
  }
  const auto address = parse_address(word);
  if (!address) return std::nullopt;
  return std::visit([](const auto& a) { return redacted(a); }, *address);
}

std::string without_addresses(const std::string& text) {
  std::string made;
  for (std::size_t i = 0; i < text.size();) {
    const bool begins = i == 0 || !is_of_name(text[i - 1]);
    auto end = i;
    while (end < text.size() && is_of_address(text[end])) ++end;
    // A sentence may go on behind an address: "192.0.2.1: ...".
    auto last = end;
    while (last > i && (text[last - 1] == ':' || text[last - 1] == '.')) --last;
    const bool is_whole = end == text.size() || !is_of_name(text[end]);
    if (begins && is_whole && last > i) {
      auto found = replacement(text.substr(i, end - i));
      if (found) {
        last = end;
      } else {
        found = replacement(text.substr(i, last - i));
      }
      if (found) {
        made += *found;
        i = last;
        continue;
      }
    }
    const auto next = std::max(end, i + 1);
    made.append(text, i, next - i);
    i = next;
  }
  return made;
}

std::string without_name(const std::string& text, const std::string& name) {
  if (name.empty()) return text;
  std::string made;
  std::size_t at = 0;
  for (auto found = text.find(name); found != std::string::npos; found = text.find(name, at)) {
    const auto end = found + name.size();
    const bool is_word = (found == 0 || !is_of_name(text[found - 1])) &&
                         (end == text.size() || !is_of_name(text[end]));
    made.append(text, at, found - at);
    made += is_word ? "host" : name;
    at = end;
  }
  return made + text.substr(at);
}

}  // namespace

std::string redacted(const std::string& text, const std::string& host_name) {
  return without_addresses(without_name(text, host_name));
}

}  // namespace mcq::text
