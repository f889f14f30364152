#include "exporter/own_names.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "base/ip_address.hpp"
#include "os/machine_name.hpp"

namespace mcq::exporter {
namespace {

/// Domains that are not in the public DNS (RFC 6762 §3 and appendix G, RFC 8375). A page that uses
/// one for DNS rebinding is served on this LAN.
constexpr std::string_view kLocalDomains[] = {
    "local", "lan", "home", "home.arpa", "internal", "corp", "private", "intranet", "localdomain"};
/// Domain of the LANs of FRITZ!Boxes, which belongs to their manufacturer: only where it is a
/// search domain.
constexpr std::string_view kVendorDomain = "fritz.box";

constexpr std::size_t kMaxLines = 1000;  ///< of a file

bool is_local(std::string_view domain) {
  return std::any_of(std::begin(kLocalDomains), std::end(kLocalDomains), [&](auto local) {
    return domain == local ||
           (domain.ends_with(local) && domain[domain.size() - local.size() - 1] == '.');
  });
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Whether a word of /etc/hosts is the address of a machine: 0.0.0.0 and :: block a name.
bool is_address(const std::string& word) {
  const auto address = parse_address(word);
  return address && *address != IpAddress{Ipv4Address{}} && *address != IpAddress{Ipv6Address{}};
}

/// Calls `use` with the words of each line in lower case, without comments.
template <class Use>
void for_each_line(std::istream& file, const Use& use) {
  std::size_t lines = 0;
  for (std::string line; lines < kMaxLines && std::getline(file, line); ++lines) {
    std::istringstream words{lower(line.substr(0, line.find_first_of("#;")))};
    const std::vector<std::string> all{std::istream_iterator<std::string>{words}, {}};
    if (!all.empty()) use(all);
  }
}

}  // namespace

std::vector<std::string> own_names(const std::string& host_name, std::istream& hosts_file,
                                   std::istream& resolver) {
  std::vector<std::string> names{"localhost"};
  const auto full = lower(host_name);
  const auto first = full.substr(0, full.find('.'));
  if (first.empty()) return names;
  names.push_back(first);
  if (is_local(full)) names.push_back(full);  // a DHCP server may have chosen another domain
  for (const auto domain : kLocalDomains) names.push_back(first + '.' + std::string{domain});
  for_each_line(hosts_file, [&](const auto& words) {
    const auto is_this_machine = [&](const auto& name) { return name == first || name == full; };
    if (!is_address(words[0]) || std::none_of(words.begin(), words.end(), is_this_machine)) return;
    std::copy_if(words.begin() + 1, words.end(), std::back_inserter(names),
                 [&](const auto& name) { return name.starts_with(first + '.'); });
  });
  for_each_line(resolver, [&](const auto& words) {
    if (words[0] != "search" && words[0] != "domain") return;
    for (const auto& domain : words) {
      if (is_local(domain) || domain == kVendorDomain) names.push_back(first + '.' + domain);
    }
  });
  return names;
}

std::vector<std::string> own_names() {
  std::ifstream hosts_file{"/etc/hosts"}, resolver{"/etc/resolv.conf"};
  return own_names(os::machine_name(), hosts_file, resolver);
}

}  // namespace mcq::exporter
