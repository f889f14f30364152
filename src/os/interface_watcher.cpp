#include "os/interface_watcher.hpp"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>
#include <utility>

#include "os/interface_messages.hpp"
#include "os/netlink_attributes.hpp"
#include "os/netlink_query.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

using Interfaces = std::map<int, Interface>;

constexpr int kDumpAttempts = 5;
/// A bound far above what the kernel's queue can hold.
constexpr int kMaxQueuedMessages = 100'000;

extern "C" int on_interface_message(const nlmsghdr* message, void* context) noexcept {
  apply_message(*message, *static_cast<Interfaces*>(context));
  return MNL_CB_OK;
}

struct Notified {
  Interfaces& interfaces;
  InterfaceWatcher::Names& names;
};

extern "C" int on_notification(const nlmsghdr* message, void* context) noexcept {
  auto& interfaces = static_cast<Notified*>(context)->interfaces;
  auto& names = static_cast<Notified*>(context)->names;
  const auto index = interface_of(*message);
  if (!index) return MNL_CB_OK;
  const auto add_name = [&] {
    const auto found = interfaces.find(*index);
    if (found != interfaces.end()) names.push_back(found->second.name);
  };
  add_name();
  apply_message(*message, interfaces);
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
  if (const auto out = number_of(found[RTA_OIF])) {
    index = static_cast<int>(*out);
  } else if (found[RTA_MULTIPATH] != nullptr &&
             mnl_attr_get_payload_len(found[RTA_MULTIPATH]) >= sizeof(rtnexthop)) {
    index = static_cast<const rtnexthop*>(mnl_attr_get_payload(found[RTA_MULTIPATH]))->rtnh_ifindex;
  }
  const auto metric = number_of(found[RTA_PRIORITY]).value_or(0);
  if (index != 0) routes.push_back({metric, index});
  return MNL_CB_OK;
}

/// Requests a dump of all objects of a type.
template <class Header>
Result<Ok, int> dump(std::uint16_t type, const Header& request, mnl_cb_t callback, void* context) {
  return NetlinkQuery{type, NLM_F_DUMP, request}.run(callback, context);
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
  alignas(nlmsghdr) std::array<char, kLargestNetlinkDatagram> buffer;
  const auto size = receive_from_kernel(socket_.get(), buffer);
  if (size >= 0) {
    Names names;
    Notified notified{interfaces_, names};
    mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 0, 0, on_notification, &notified);
    return std::optional{std::move(names)};
  }
  if (errno == EAGAIN || errno == EINTR) return std::optional<Names>{};
  auto failure = system_failure("cannot read the changes of interfaces");
  if (errno != ENOBUFS) return failure;
  // Discard what is still queued: it is older than the lost ones, and must not be applied after the
  // dump.
  for (int i = 0; i < kMaxQueuedMessages; ++i) {
    const bool received = receive_from_kernel(socket_.get(), buffer) >= 0;
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
