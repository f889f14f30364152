#include "diagnose/survey.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/family.hpp"

namespace mcq::diagnose {
namespace {

/// Interfaces that containers and virtual machines make: those that install.sh never chooses by
/// itself, and those of VirtualBox.
bool is_of_containers(const std::string& name) {
  constexpr std::array kBeginnings{"docker",  "veth",  "virbr",   "vmnet",  "vboxnet",
                                   "lxcbr",   "lxdbr", "incusbr", "podman", "cni",
                                   "flannel", "cali",  "cilium",  "weave"};
  const bool is_known = std::any_of(kBeginnings.begin(), kBeginnings.end(),
                                    [&](const char* b) { return name.starts_with(b); });
  constexpr std::size_t kHexDigits = 12;
  const auto digits = name.starts_with("br-") ? name.substr(3) : "";
  return is_known ||
         (digits.size() == kHexDigits && std::all_of(digits.begin(), digits.end(), [](char c) {
            return std::isxdigit(static_cast<unsigned char>(c)) != 0;
          }));
}

bool is_stream_group(const Ipv4Address& group) {
  constexpr Ipv4Address kSsdp{{239, 255, 255, 250}};
  return Igmp::is_tracked(group) && group != kSsdp;
}

bool is_stream_group(const Ipv6Address& group) {
  constexpr std::uint8_t kLinkLocal = 2, kSsdp = 0x0c, kMdns = 0xfb;
  const bool is_permanent = group.bytes[1] >> 4 == 0;
  const bool is_short = std::all_of(group.bytes.begin() + 2, group.bytes.end() - 1,
                                    [](std::uint8_t byte) { return byte == 0; });
  const auto last = group.bytes.back();
  const bool is_discovery = is_permanent && is_short && (last == kSsdp || last == kMdns);
  return is_multicast(group) && (group.bytes[1] & 0x0f) > kLinkLocal && !is_discovery;
}

}  // namespace

bool is_stream_group(const std::string& group) {
  const auto address = parse_address(group);
  return address && std::visit([](const auto& a) { return is_stream_group(a); }, *address);
}

bool InterfaceEvidence::has_joined(const std::string& group) const {
  return std::any_of(joined.begin(), joined.end(),
                     [&](const auto& address) { return to_string(address) == group; });
}

std::optional<std::string> InterfaceEvidence::first_joined(bool is_ipv6) const {
  for (const auto& group : joined) {
    const bool is_wanted =
        std::visit([](const auto& address) { return is_stream_group(address); }, group);
    if (is_wanted && std::holds_alternative<Ipv6Address>(group) == is_ipv6) return to_string(group);
  }
  return std::nullopt;
}

bool InterfaceEvidence::is_own(const std::string& address) const {
  const auto has = [&](const auto& addresses) {
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const auto& own) { return to_string(own.local) == address; });
  };
  return has(link.addresses) || has(link.addresses6);
}

bool InterfaceEvidence::is_near(const std::string& address) const {
  const auto any = parse_address(address);
  const auto* source = any ? std::get_if<Ipv4Address>(&*any) : nullptr;
  return source == nullptr ||
         std::any_of(link.addresses.begin(), link.addresses.end(),
                     [&](const auto& own) { return own.subnet.contains(*source); });
}

bool DaemonEvidence::serves(const std::string& interface, const std::string& family) const {
  return std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return link.interface == interface && link.family == family;
  });
}

const InterfaceEvidence* Survey::find(const std::string& interface) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& candidate) {
    return candidate.link.name == interface;
  });
  return found == interfaces.end() ? nullptr : &*found;
}

const LanEvidence* Survey::find_lan(const std::string& interface) const {
  const auto found = std::find_if(lans.begin(), lans.end(),
                                  [&](const auto& lan) { return lan.interface == interface; });
  return found == lans.end() ? nullptr : &*found;
}

void Survey::forget_own_vlans() {
  for (auto& lan : lans) {
    std::erase_if(lan.tagged, [&](const LinkEvidence& link) {
      return std::any_of(interfaces.begin(), interfaces.end(),
                         [&](const auto& interface) {
                           return interface.parent == lan.interface && interface.vlan == link.vlan;
                         }) ||
             (link.vlan &&
              daemon.serves(lan.interface + "." + std::to_string(*link.vlan),
                            link.protocol == Mld::kName ? Mld::kFamilyName : Igmp::kFamilyName));
    });
  }
}

bool Survey::is_own(const std::string& address) const {
  return std::any_of(interfaces.begin(), interfaces.end(),
                     [&](const auto& interface) { return interface.is_own(address); });
}

bool Survey::is_lan(const InterfaceEvidence& interface) const {
  const auto& link = interface.link;
  return link.up && link.ethernet && !link.is_port && !is_of_containers(link.name) &&
         (!link.addresses.empty() || !link.addresses6.empty());
}

}  // namespace mcq::diagnose
