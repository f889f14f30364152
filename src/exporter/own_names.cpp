#include "exporter/own_names.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "os/machine_name.hpp"

namespace mcq::exporter {
namespace {

/// Domains that nobody can register: no public name server answers for them (RFC 6762 §3 and
/// appendix G, RFC 8375). A page that uses one for DNS rebinding is served on this LAN.
constexpr std::string_view kLocalDomains[] = {
    "local", "lan", "home", "home.arpa", "internal", "corp", "private", "intranet", "localdomain"};
/// Domain of the LANs of FRITZ!Boxes, which belongs to their manufacturer: only where it is a
/// search domain.
constexpr std::string_view kVendorDomain = "fritz.box";

constexpr std::size_t kMaxLines = 1000;  ///< of a file

bool is_local(std::string_view domain) {
  return domain == kVendorDomain ||
         std::any_of(std::begin(kLocalDomains), std::end(kLocalDomains), [&](auto local) {
           return domain == local ||
                  (domain.ends_with(local) && domain[domain.size() - local.size() - 1] == '.');
         });
}

/// Calls `use` with the words of each line, without comments.
template <class Use>
void for_each_line(std::istream& file, const Use& use) {
  std::size_t lines = 0;
  for (std::string line; lines < kMaxLines && std::getline(file, line); ++lines) {
    std::istringstream words{line.substr(0, line.find_first_of("#;"))};
    const std::vector<std::string> all{std::istream_iterator<std::string>{words}, {}};
    if (!all.empty()) use(all);
  }
}

}  // namespace

std::vector<std::string> own_names(const std::string& host_name, std::istream& hosts_file,
                                   std::istream& resolver) {
  std::vector<std::string> names{"localhost"};
  const auto first = host_name.substr(0, host_name.find('.'));
  if (first.empty()) return names;
  names.insert(names.end(), {host_name, first});
  for (const auto domain : kLocalDomains) names.push_back(first + '.' + std::string{domain});
  for_each_line(hosts_file, [&](const auto& words) {
    for (const auto& name : words) {
      if (name.starts_with(first + '.')) names.push_back(name);
    }
  });
  for_each_line(resolver, [&](const auto& words) {
    if (words[0] != "search" && words[0] != "domain") return;
    for (const auto& domain : words) {
      if (is_local(domain)) names.push_back(first + '.' + domain);
    }
  });
  return names;
}

std::vector<std::string> own_names() {
  std::ifstream hosts_file{"/etc/hosts"}, resolver{"/etc/resolv.conf"};
  return own_names(os::machine_name(), hosts_file, resolver);
}

}  // namespace mcq::exporter
