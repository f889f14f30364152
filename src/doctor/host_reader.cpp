#include "doctor/host_reader.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/family.hpp"
#include "base/paths.hpp"
#include "os/interface_watcher.hpp"
#include "os/link_details.hpp"
#include "os/route.hpp"

namespace mcq::doctor {
namespace {

using diagnose::InterfaceEvidence;
using diagnose::Survey;

/// The units of packages and of install.sh.
constexpr std::array kUnits{"/usr/lib/systemd/system/igmp-querier.service",
                            "/lib/systemd/system/igmp-querier.service",
                            "/etc/systemd/system/igmp-querier.service",
                            "/usr/local/lib/systemd/system/igmp-querier.service"};
/// Any group that programs use on LANs (RFC 2365 §6).
constexpr Ipv4Address kAnyGroup{{239, 0, 0, 1}};

std::string contents(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, base);
  return read.ec == std::errc{} && (read.ptr == end || *read.ptr == '\n') ? std::optional{value}
                                                                          : std::nullopt;
}

/// A setting of the kernel; none if it does not exist.
template <class Number>
std::optional<Number> setting(const KernelFiles& files, const std::string& name) {
  return number<Number>(contents(files.proc + "/sys/net/" + name));
}

/// The larger of what is set for an interface and for all.
int interface_setting(const KernelFiles& files, const std::string& family,
                      const std::string& interface, const std::string& name) {
  const auto of = [&](const std::string& scope) {
    return setting<int>(files, family + "/conf/" + scope + "/" + name).value_or(0);
  };
  return std::max(of("all"), of(interface));
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream{line};
  std::vector<std::string> all;
  for (std::string word; stream >> word;) all.push_back(word);
  return all;
}

bool is_wireless(const KernelFiles& files, const std::string& interface) {
  const auto directory = files.sys + "/class/net/" + interface;
  std::error_code ignored;
  return std::filesystem::exists(directory + "/wireless", ignored) ||
         std::filesystem::exists(directory + "/phy80211", ignored);
}

/// Who has joined what, as the kernel lists it for all interfaces.
struct Memberships {
  std::string igmp, igmp6;
};

InterfaceEvidence read_interface(const KernelFiles& files, const Memberships& all,
                                 const os::Interface& link) {
  InterfaceEvidence evidence;
  evidence.link = link;
  const auto& name = link.name;
  evidence.is_wireless = is_wireless(files, name);
  evidence.rp_filter = interface_setting(files, "ipv4", name, "rp_filter");
  evidence.force_igmp_version = interface_setting(files, "ipv4", name, "force_igmp_version");
  evidence.force_mld_version = interface_setting(files, "ipv6", name, "force_mld_version");
  // Without IPv6 in the kernel there is no such file.
  evidence.ipv6_off = setting<int>(files, "ipv6/conf/" + name + "/disable_ipv6").value_or(1) != 0;
  evidence.joined = joined_groups4(all.igmp, name);
  const auto joined6 = joined_groups6(all.igmp6, name);
  evidence.joined.insert(evidence.joined.end(), joined6.begin(), joined6.end());
  return evidence;
}

void add_details(Survey& survey, const std::map<int, os::LinkDetails>& details) {
  std::map<int, std::size_t> ports;
  for (const auto& [index, detail] : details) ++ports[detail.master];
  for (auto& interface : survey.interfaces) {
    const auto found = details.find(interface.link.index);
    if (found == details.end()) continue;
    const auto& detail = found->second;
    interface.kind = detail.kind;
    interface.bridge = detail.bridge;
    interface.ports = ports[interface.link.index];
    for (const auto& other : survey.interfaces) {
      if (detail.parent != 0 && other.link.index == detail.parent) {
        interface.parent = other.link.name;
        interface.vlan = detail.vlan;
      }
    }
    if (const auto master = details.find(detail.master); master != details.end()) {
      interface.master_kind = master->second.kind;
      for (const auto& other : survey.interfaces) {
        if (other.link.index == detail.master) interface.master = other.link.name;
      }
    }
  }
}

bool is_installed() {
  std::error_code ignored;
  return std::any_of(kUnits.begin(), kUnits.end(),
                     [&](const char* unit) { return std::filesystem::exists(unit, ignored); });
}

}  // namespace

std::vector<IpAddress> joined_groups4(const std::string& text, const std::string& interface) {
  std::vector<IpAddress> groups;
  std::istringstream lines{text};
  bool is_it = false;
  for (std::string line; std::getline(lines, line);) {
    const auto fields = words(line);
    if (fields.empty()) continue;
    if (!line.starts_with('\t')) {  // "2  eth0  :  1  V3"
      // A long name leaves no blank before the colon.
      is_it = fields.size() > 1 && (fields[1] == interface || fields[1] == interface + ":");
      continue;
    }
    const auto value = number<std::uint32_t>(fields[0], 16);
    if (!is_it || !value) continue;
    Ipv4Address group;  // printed as a number in the order of this machine
    std::memcpy(group.bytes.data(), &*value, sizeof *value);
    if (Igmp::is_tracked(group)) groups.emplace_back(group);
  }
  return groups;
}

std::vector<IpAddress> joined_groups6(const std::string& text, const std::string& interface) {
  constexpr std::uint8_t kLinkLocalScope = 2;
  std::vector<IpAddress> groups;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {  // "2 eth0 ff15...: 32 digits  1 0000000C 0"
    const auto fields = words(line);
    if (fields.size() < 3 || fields[1] != interface) continue;
    Ipv6Address group;
    constexpr auto kDigits = 2 * sizeof group.bytes;
    if (fields[2].size() != kDigits) continue;
    bool is_valid = true;
    for (std::size_t i = 0; i < group.bytes.size(); ++i) {
      const auto byte = number<unsigned>(std::string_view{fields[2]}.substr(2 * i, 2), 16);
      is_valid = is_valid && byte.has_value();
      group.bytes[i] = static_cast<std::uint8_t>(byte.value_or(0));
    }
    const bool is_wide = (group.bytes[1] & 0x0f) > kLinkLocalScope;
    if (is_valid && is_wide && Mld::is_tracked(group)) groups.emplace_back(group);
  }
  return groups;
}

std::uint64_t receive_buffer_errors(const KernelFiles& files) {
  std::uint64_t errors = 0;
  std::istringstream lines{contents(files.proc + "/net/snmp")};
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {  // names, and below them values
    if (!line.starts_with("Udp:")) continue;
    const auto fields = words(line);
    for (std::size_t i = 0; i < std::min(names.size(), fields.size()); ++i) {
      if (names[i] == "RcvbufErrors") errors += number<std::uint64_t>(fields[i]).value_or(0);
    }
    names = fields;
  }
  std::istringstream lines6{contents(files.proc + "/net/snmp6")};
  for (std::string line; std::getline(lines6, line);) {
    const auto fields = words(line);
    if (fields.size() != 2 || fields[0] != "Udp6RcvbufErrors") continue;
    errors += number<std::uint64_t>(fields[1]).value_or(0);
  }
  return errors;
}

Result<Survey> read_host(const KernelFiles& files) {
  auto watcher = os::InterfaceWatcher::open();
  if (!watcher) return fail(watcher.error());
  Survey survey;
  const Memberships memberships{contents(files.proc + "/net/igmp"),
                                contents(files.proc + "/net/igmp6")};
  for (const auto& [index, link] : watcher->interfaces()) {
    survey.interfaces.push_back(read_interface(files, memberships, link));
  }
  if (const auto details = os::read_link_details()) add_details(survey, *details);
  const auto name_of = [&](int index) {
    const auto* interface = watcher->find(index);
    return interface == nullptr ? std::string{} : interface->name;
  };
  if (const auto* link = watcher->default_route()) survey.default_route = link->name;
  if (const auto route = os::interface_towards(kAnyGroup)) survey.multicast_route = name_of(*route);
  auto& limits = survey.limits;
  limits.max_memberships =
      setting<std::size_t>(files, "ipv4/igmp_max_memberships").value_or(limits.max_memberships);
  limits.receive_buffer =
      setting<std::size_t>(files, "core/rmem_default").value_or(limits.receive_buffer);
  survey.daemon.is_installed = is_installed();
  return survey;
}

}  // namespace mcq::doctor
