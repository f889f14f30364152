#include "os/interface_messages.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <string_view>

#include "base/printable.hpp"
#include "os/netlink_attributes.hpp"

namespace mcq::os {
namespace {

using Interfaces = std::map<int, Interface>;

/// Returns the header before the attributes; null when the message is too short for it.
template <class Header>
const Header* header_of(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(Header))) return nullptr;
  return static_cast<const Header*>(mnl_nlmsg_get_payload(&message));
}

template <std::size_t Size>
bool copy_address(const nlattr* attribute, Address<Size>& out) {
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != Size) return false;
  std::copy_n(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)), Size,
              out.bytes.begin());
  return true;
}

using LinkInfo = Attributes<IFLA_INFO_SLAVE_KIND + 1>;

/// Returns the interface below a VLAN interface, and the VLAN; none for others, and if that one is
/// in another network namespace.
template <std::size_t Count>
std::optional<LinkId> vlan_device(const Attributes<Count>& found, const LinkInfo& info) {
  static_assert(Count > IFLA_LINK_NETNSID);
  const auto below = number_of(found[IFLA_LINK]);
  if (text_of(info[IFLA_INFO_KIND]) != "vlan" || !below) return {};
  if (found[IFLA_LINK_NETNSID] != nullptr) return {};
  const auto vlan = nested_attributes<IFLA_VLAN_PROTOCOL + 1>(info[IFLA_INFO_DATA]);
  const auto number = short_of(vlan[IFLA_VLAN_ID]), protocol = short_of(vlan[IFLA_VLAN_PROTOCOL]);
  if (!number || (protocol && *protocol != htons(ETH_P_8021Q))) return {};
  return LinkId{static_cast<int>(*below), *number};
}

void apply_link(const nlmsghdr& message, Interfaces& interfaces) {
  const auto* link = header_of<ifinfomsg>(message);
  if (link == nullptr || link->ifi_family != AF_UNSPEC) return;  // AF_BRIDGE: ports
  if (message.nlmsg_type == RTM_DELLINK) {
    interfaces.erase(link->ifi_index);
    return;
  }
  const auto found = attributes<IFLA_LINK_NETNSID + 1>(message, sizeof *link);
  // A full description has the MTU; events of drivers do not.
  const bool is_description = found[IFLA_MTU] != nullptr;
  if (!is_description && !interfaces.contains(link->ifi_index)) return;
  auto& interface = interfaces[link->ifi_index];
  interface.index = link->ifi_index;
  interface.up = (link->ifi_flags & IFF_UP) != 0 && (link->ifi_flags & IFF_RUNNING) != 0;
  interface.ethernet = link->ifi_type == ARPHRD_ETHER && (link->ifi_flags & IFF_MULTICAST) != 0;
  if (const auto name = text_of(found[IFLA_IFNAME])) interface.name = printable(*name);
  interface.mtu = number_of(found[IFLA_MTU]).value_or(interface.mtu);
  copy_address(found[IFLA_ADDRESS], interface.mac);
  if (!is_description) return;
  const auto info = nested_attributes<IFLA_INFO_SLAVE_KIND + 1>(found[IFLA_LINKINFO]);
  const auto master = text_of(info[IFLA_INFO_SLAVE_KIND]).value_or("");
  interface.master = static_cast<int>(number_of(found[IFLA_MASTER]).value_or(0));
  interface.is_port = !master.empty() && master != "vrf";  // members of a VRF receive themselves
  interface.is_bridge = text_of(info[IFLA_INFO_KIND]).value_or("") == "bridge";
  interface.vlan_device = vlan_device(found, info);
}

/// Whether an address must not be used: duplicate address detection is pending, unless the address
/// is optimistic, or has failed.
bool is_tentative(std::uint32_t flags) {
  const bool in_doubt = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
  return in_doubt || (flags & IFA_F_DADFAILED) != 0;
}

template <std::size_t Size>
void apply_address(const nlmsghdr& message, const ifaddrmsg& header,
                   std::vector<InterfaceAddress<Size>>& all) {
  const auto found = attributes<IFA_FLAGS + 1>(message, sizeof header);
  const auto flags = number_of(found[IFA_FLAGS]).value_or(header.ifa_flags);
  InterfaceAddress<Size> address{
      {}, {{}, header.ifa_prefixlen}, header.ifa_scope, is_tentative(flags)};
  // IPv6 sets IFA_LOCAL only on addresses with a peer.
  const bool has_local = copy_address(found[IFA_LOCAL], address.local);
  if (!has_local && !copy_address(found[IFA_ADDRESS], address.local)) return;
  if (!copy_address(found[IFA_ADDRESS], address.subnet.address)) {
    address.subnet.address = address.local;
  }
  std::erase_if(
      all, [&](const auto& a) { return a.local == address.local && a.subnet == address.subnet; });
  if (message.nlmsg_type == RTM_NEWADDR) all.push_back(address);
}

void apply_address(const nlmsghdr& message, Interfaces& interfaces) {
  const auto* header = header_of<ifaddrmsg>(message);
  if (header == nullptr) return;
  const auto interface = interfaces.find(static_cast<int>(header->ifa_index));
  if (interface == interfaces.end()) return;
  if (header->ifa_family == AF_INET) {
    apply_address(message, *header, interface->second.addresses);
  }
  if (header->ifa_family == AF_INET6) {
    apply_address(message, *header, interface->second.addresses6);
  }
}

}  // namespace

void apply_message(const nlmsghdr& message, Interfaces& interfaces) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return apply_link(message, interfaces);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return apply_address(message, interfaces);
    default:
      break;
  }
}

std::optional<int> interface_of(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      if (const auto* link = header_of<ifinfomsg>(message)) return link->ifi_index;
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      if (const auto* address = header_of<ifaddrmsg>(message)) {
        return static_cast<int>(address->ifa_index);
      }
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace mcq::os
