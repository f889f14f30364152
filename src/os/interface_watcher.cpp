#include "os/interface_watcher.hpp"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

using Interfaces = std::map<int, Interface>;

/// Large enough for any one rtnetlink datagram, whose size the kernel bounds.
constexpr std::size_t kBufferSize = 32768;
constexpr int kDumpAttempts = 5;
/// Far above what a full kernel queue holds.
constexpr int kMostQueuedMessages = 100'000;

/// The attributes of a message up to the highest one we know.
template <std::size_t Count>
using Attributes = std::array<const nlattr*, Count>;

template <std::size_t Count>
Attributes<Count> attributes(const nlmsghdr& message, std::size_t header_size) {
  Attributes<Count> found{};
  const auto collect = [](const nlattr* attribute, void* context) noexcept {
    const auto type = mnl_attr_get_type(attribute);
    if (type < Count) (*static_cast<Attributes<Count>*>(context))[type] = attribute;
    return MNL_CB_OK;
  };
  mnl_attr_parse(&message, static_cast<unsigned>(header_size), collect, &found);
  return found;
}

template <std::size_t Size>
bool copy_address(const nlattr* attribute, Address<Size>& out) {
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != Size) return false;
  std::copy_n(static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute)), Size,
              out.octets.begin());
  return true;
}

/// The kind of device this one is a part of: "bridge", "bond"; empty when it stands alone.
std::string_view master_kind(const nlattr* link_info) {
  std::string_view kind;
  const auto find = [](const nlattr* attribute, void* found) noexcept {
    if (mnl_attr_get_type(attribute) == IFLA_INFO_SLAVE_KIND) {
      *static_cast<std::string_view*>(found) = mnl_attr_get_str(attribute);
    }
    return MNL_CB_OK;
  };
  if (link_info != nullptr) mnl_attr_parse_nested(link_info, find, &kind);
  return kind;
}

void apply_link(const nlmsghdr& message, Interfaces& interfaces) {
  const auto& link = *static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
  if (link.ifi_family != AF_UNSPEC) return;  // bridges tell of their ports in the same group
  if (message.nlmsg_type == RTM_DELLINK) {
    interfaces.erase(link.ifi_index);
    return;
  }
  const auto found = attributes<IFLA_LINKINFO + 1>(message, sizeof link);
  auto& interface = interfaces[link.ifi_index];
  interface.index = link.ifi_index;
  interface.up = (link.ifi_flags & IFF_UP) != 0 && (link.ifi_flags & IFF_RUNNING) != 0;
  interface.ethernet = link.ifi_type == ARPHRD_ETHER && (link.ifi_flags & IFF_MULTICAST) != 0;
  const auto kind = master_kind(found[IFLA_LINKINFO]);
  interface.is_port = !kind.empty() && kind != "vrf";  // which leaves the packets to its members
  if (found[IFLA_IFNAME] != nullptr) interface.name = mnl_attr_get_str(found[IFLA_IFNAME]);
  if (found[IFLA_MTU] != nullptr) interface.mtu = mnl_attr_get_u32(found[IFLA_MTU]);
  copy_address(found[IFLA_ADDRESS], interface.mac);
}

/// An address that duplicate address detection has not cleared, or has refused, is not ours to use;
/// an optimistic one is.
bool is_tentative(std::uint32_t flags) {
  const bool in_doubt = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
  return in_doubt || (flags & IFA_F_DADFAILED) != 0;
}

template <std::size_t Size>
void apply_address(const nlmsghdr& message, std::vector<InterfaceAddress<Size>>& all) {
  const auto& header = *static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
  const auto found = attributes<IFA_FLAGS + 1>(message, sizeof header);
  const auto flags =
      found[IFA_FLAGS] == nullptr ? header.ifa_flags : mnl_attr_get_u32(found[IFA_FLAGS]);
  InterfaceAddress<Size> address{
      {}, {{}, header.ifa_prefixlen}, header.ifa_scope, is_tentative(flags)};
  // Without a peer IPv6 tells IFA_ADDRESS alone.
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
  const auto& header = *static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
  const auto interface = interfaces.find(static_cast<int>(header.ifa_index));
  if (interface == interfaces.end()) return;
  if (header.ifa_family == AF_INET) apply_address(message, interface->second.addresses);
  if (header.ifa_family == AF_INET6) apply_address(message, interface->second.addresses6);
}

/// The interface that a message is about.
int index_of(const nlmsghdr& message) {
  const auto* payload = mnl_nlmsg_get_payload(&message);
  const bool is_link = message.nlmsg_type == RTM_NEWLINK || message.nlmsg_type == RTM_DELLINK;
  return is_link ? static_cast<const ifinfomsg*>(payload)->ifi_index
                 : static_cast<int>(static_cast<const ifaddrmsg*>(payload)->ifa_index);
}

extern "C" int on_interface_message(const nlmsghdr* message, void* context) noexcept {
  auto& interfaces = *static_cast<Interfaces*>(context);
  switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      apply_link(*message, interfaces);
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      apply_address(*message, interfaces);
      break;
    default:
      break;
  }
  return MNL_CB_OK;
}

struct Notified {
  Interfaces& interfaces;
  InterfaceWatcher::Names& names;
};

extern "C" int on_notification(const nlmsghdr* message, void* context) noexcept {
  auto& interfaces = static_cast<Notified*>(context)->interfaces;
  auto& names = static_cast<Notified*>(context)->names;
  if (message->nlmsg_type < RTM_NEWLINK || message->nlmsg_type > RTM_DELADDR) return MNL_CB_OK;
  const auto add_name = [&, index = index_of(*message)] {
    const auto found = interfaces.find(index);
    if (found != interfaces.end()) names.push_back(found->second.name);
  };
  add_name();
  on_interface_message(message, &interfaces);
  add_name();
  return MNL_CB_OK;
}

struct DefaultRoute {
  std::uint32_t metric = 0;
  int interface_index = 0;
  auto operator<=>(const DefaultRoute&) const = default;
};

extern "C" int on_route_message(const nlmsghdr* message, void* context) noexcept {
  auto& routes = *static_cast<std::vector<DefaultRoute>*>(context);
  const auto& route = *static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  const auto found = attributes<RTA_MULTIPATH + 1>(*message, sizeof route);
  const bool is_default =
      route.rtm_dst_len == 0 && route.rtm_table == RT_TABLE_MAIN && route.rtm_type == RTN_UNICAST;
  if (!is_default) return MNL_CB_OK;
  int index = 0;
  if (found[RTA_OIF] != nullptr) {
    index = static_cast<int>(mnl_attr_get_u32(found[RTA_OIF]));
  } else if (found[RTA_MULTIPATH] != nullptr &&
             mnl_attr_get_payload_len(found[RTA_MULTIPATH]) >= sizeof(rtnexthop)) {
    index = static_cast<const rtnexthop*>(mnl_attr_get_payload(found[RTA_MULTIPATH]))->rtnh_ifindex;
  }
  const auto metric = found[RTA_PRIORITY] == nullptr ? 0 : mnl_attr_get_u32(found[RTA_PRIORITY]);
  if (index != 0) routes.push_back({metric, index});
  return MNL_CB_OK;
}

/// Asks the kernel for all there is of one kind. Fails with EINTR when the tables changed meanwhile
/// and the answer may be torn.
template <class Header>
Result<Ok, int> dump(std::uint16_t type, Header request, mnl_cb_t callback, void* context) {
  const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> socket{
      mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC), &mnl_socket_close};
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return fail(errno);
  alignas(nlmsghdr) std::array<char, kBufferSize> buffer;
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  *static_cast<Header*>(mnl_nlmsg_put_extra_header(message, sizeof request)) = request;
  if (mnl_socket_sendto(socket.get(), message, message->nlmsg_len) < 0) return fail(errno);
  const auto port = mnl_socket_get_portid(socket.get());
  for (;;) {
    const auto size = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (size < 0) return fail(errno);
    const auto status =
        mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 0, port, callback, context);
    if (status == MNL_CB_ERROR) return fail(errno);
    if (status == MNL_CB_STOP) return Ok{};
  }
}

Result<Ok, int> dump_interfaces(Interfaces& interfaces) {
  ifinfomsg links{};
  links.ifi_family = AF_UNSPEC;
  auto done = dump(RTM_GETLINK, links, on_interface_message, &interfaces);
  if (!done) return done;
  ifaddrmsg addresses{};
  addresses.ifa_family = AF_UNSPEC;
  return dump(RTM_GETADDR, addresses, on_interface_message, &interfaces);
}

}  // namespace

void InterfaceWatcher::CloseSocket::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

Result<InterfaceWatcher> InterfaceWatcher::open() {
  Socket socket{mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (!socket ||
      mnl_socket_bind(socket.get(), RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
                      MNL_SOCKET_AUTOPID) != 0) {
    return system_failure("cannot watch the interfaces");
  }
  InterfaceWatcher watcher{std::move(socket)};
  if (auto done = watcher.read_all(); !done) return fail(std::move(done).error());
  return watcher;
}

int InterfaceWatcher::fd() const { return mnl_socket_get_fd(socket_.get()); }

auto InterfaceWatcher::read_one() -> Result<std::optional<Names>> {
  alignas(nlmsghdr) std::array<char, kBufferSize> buffer;
  const auto size = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
  if (size >= 0) {
    Names names;
    Notified notified{interfaces_, names};
    mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 0, 0, on_notification, &notified);
    return std::optional{std::move(names)};
  }
  if (errno == EAGAIN || errno == EINTR) return std::optional<Names>{};
  auto failure = system_failure("cannot read the changes of interfaces");
  if (errno != ENOBUFS) return failure;
  // What is still queued is older than what was lost, and would be taken for news after the dump.
  for (int i = 0; i < kMostQueuedMessages; ++i) {
    const bool received = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size()) >= 0;
    if (!received && errno == EAGAIN) break;
  }
  return failure;
}

Result<Ok> InterfaceWatcher::read_all() {
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    Interfaces interfaces;
    const auto done = dump_interfaces(interfaces);
    if (done) {
      interfaces_ = std::move(interfaces);
      return Ok{};
    }
    errno = done.error();
    if (errno != EINTR) break;
  }
  return system_failure("cannot list the interfaces");
}

void InterfaceWatcher::watch_routes(bool watch) {
  int group = RTNLGRP_IPV4_ROUTE;
  mnl_socket_setsockopt(socket_.get(), watch ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
                        &group, sizeof group);
}

const Interface* InterfaceWatcher::find(std::string_view name) const {
  const auto found = std::find_if(interfaces_.begin(), interfaces_.end(),
                                  [&](const auto& entry) { return entry.second.name == name; });
  return found == interfaces_.end() ? nullptr : &found->second;
}

const Interface* InterfaceWatcher::find(int index) const {
  const auto found = interfaces_.find(index);
  return found == interfaces_.end() ? nullptr : &found->second;
}

const Interface* InterfaceWatcher::default_route() const {
  rtmsg request{};
  request.rtm_family = AF_INET;
  std::vector<DefaultRoute> routes;
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    routes.clear();
    const auto done = dump(RTM_GETROUTE, request, on_route_message, &routes);
    if (done || done.error() != EINTR) break;
  }
  std::sort(routes.begin(), routes.end());
  for (const auto& route : routes) {
    const auto* interface = find(route.interface_index);
    if (interface != nullptr && interface->ethernet) return interface;
  }
  return nullptr;
}

}  // namespace mcq::os
