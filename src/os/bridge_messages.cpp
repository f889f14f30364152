#include "os/bridge_messages.hpp"

#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "os/netlink_attributes.hpp"

namespace mcq::os {
namespace {

/// The kernel's user_hz, in which it tells times of bridges.
constexpr Duration kTick = 10ms;

template <class Number>
std::optional<Number> value_of(const nlattr* attribute) {
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != sizeof(Number)) return {};
  Number value{};
  std::memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);
  return value;
}

bool is_set(const nlattr* attribute) { return value_of<std::uint8_t>(attribute).value_or(0) != 0; }

/// Times of more than a day mean no less.
Duration ticks(std::uint64_t count) {
  constexpr std::uint64_t kMost = 24h / kTick;
  return std::min(count, kMost) * kTick;
}

template <std::size_t Size>
std::optional<IpAddress> address_of(const nlattr* attribute) {
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) != Size) return {};
  Address<Size> address;
  std::memcpy(address.bytes.data(), mnl_attr_get_payload(attribute), Size);
  return address;
}

/// Bridge::Router of a port or bridge; MDB_RTR_TYPE_TEMP is for ports only.
Bridge::Router router_of(const nlattr* attribute) {
  switch (value_of<std::uint8_t>(attribute).value_or(MDB_RTR_TYPE_TEMP_QUERY)) {
    case MDB_RTR_TYPE_DISABLED:
      return Bridge::Router::kNever;
    case MDB_RTR_TYPE_PERM:
      return Bridge::Router::kAlways;
    default:
      return Bridge::Router::kAfterQuery;
  }
}

/// A querier of BRIDGE_QUERIER_*: address, port, timer. A bridge without an IPv6 address cannot
/// query with MLD, but tells of itself as a querier all the same.
std::optional<BridgeQuerier> querier_of(std::optional<IpAddress> address, const nlattr* port,
                                        const nlattr* timer) {
  if (!address) return {};
  BridgeQuerier querier{*address, static_cast<int>(number_of(port).value_or(0)), {}};
  if (const auto left = value_of<std::uint64_t>(timer)) querier.expires = ticks(*left);
  const auto* v6 = std::get_if<Ipv6Address>(&*address);
  const bool is_idle = v6 != nullptr && v6->is_unspecified() && !querier.expires;
  return is_idle ? std::nullopt : std::optional{querier};
}

/// The first kernel that tells the querier is the first with this option. Where it is on, each VLAN
/// has a querier of its own.
bool tells_querier(const nlattr* options) {
  const auto known = value_of<br_boolopt_multi>(options);
  constexpr auto kPerVlan = 1U << BR_BOOLOPT_MCAST_VLAN_SNOOPING;
  return known && (known->optmask & kPerVlan) != 0 && (known->optval & kPerVlan) == 0;
}

/// Calls `call` with each attribute of `type` behind the first `skipped` bytes of `parent`.
template <class Call>
void for_each_inside(const nlattr* parent, std::size_t skipped, std::uint16_t type, Call call) {
  const std::size_t size = mnl_attr_get_payload_len(parent);
  if (size < skipped) return;
  const auto* begin = static_cast<const char*>(mnl_attr_get_payload(parent)) + skipped;
  const auto left = [&](const nlattr* attribute) {
    return static_cast<int>(begin + (size - skipped) - reinterpret_cast<const char*>(attribute));
  };
  for (const auto* attribute = reinterpret_cast<const nlattr*>(begin);
       mnl_attr_ok(attribute, left(attribute)); attribute = mnl_attr_next(attribute)) {
    if (mnl_attr_get_type(attribute) == type) call(attribute);
  }
}

/// The attributes behind a header of `skipped` bytes inside another attribute.
template <std::size_t Count>
Attributes<Count> attributes_behind(const nlattr* parent, std::size_t skipped) {
  Attributes<Count> found{};
  const std::size_t size = mnl_attr_get_payload_len(parent);
  if (size < skipped) return found;
  const auto* begin = static_cast<const char*>(mnl_attr_get_payload(parent)) + skipped;
  mnl_attr_parse_payload(begin, size - skipped, collect_attribute<Count>, &found);
  return found;
}

std::optional<IpAddress> group_of(const br_mdb_entry& entry) {
  if (entry.addr.proto == htons(ETH_P_IP)) {
    Ipv4Address v4;
    std::memcpy(v4.bytes.data(), &entry.addr.u.ip4, v4.bytes.size());
    return v4;
  }
  if (entry.addr.proto == htons(ETH_P_IPV6)) {
    Ipv6Address v6;
    std::memcpy(v6.bytes.data(), &entry.addr.u.ip6, v6.bytes.size());
    return v6;
  }
  return {};
}

std::optional<Duration> timer_of(const nlattr* attribute) {
  const auto left = number_of(attribute).value_or(0);
  return left == 0 ? std::nullopt : std::optional{ticks(left)};
}

std::optional<BridgeEntry> group_entry(const nlattr* info, int bridge) {
  br_mdb_entry told{};
  if (mnl_attr_get_payload_len(info) < sizeof told) return {};
  std::memcpy(&told, mnl_attr_get_payload(info), sizeof told);
  const auto found = attributes_behind<MDBA_MDB_EATTR_SOURCE + 1>(info, NLMSG_ALIGN(sizeof told));
  BridgeEntry entry{.bridge = bridge, .port = static_cast<int>(told.ifindex)};
  entry.group = group_of(told);
  if (!entry.group) return {};
  entry.source = address_of<4>(found[MDBA_MDB_EATTR_SOURCE]);
  if (!entry.source) entry.source = address_of<16>(found[MDBA_MDB_EATTR_SOURCE]);
  entry.is_blocked = (told.flags & MDB_FLAGS_BLOCKED) != 0;
  entry.vlan = told.vid;
  if (told.state != MDB_PERMANENT) entry.expires = timer_of(found[MDBA_MDB_EATTR_TIMER]);
  return entry;
}

std::optional<BridgeEntry> router_entry(const nlattr* port, int bridge) {
  std::uint32_t index = 0;
  if (mnl_attr_get_payload_len(port) < sizeof index) return {};
  std::memcpy(&index, mnl_attr_get_payload(port), sizeof index);
  const auto found = attributes_behind<MDBA_ROUTER_PATTR_INET6_TIMER + 1>(port, sizeof index);
  BridgeEntry entry{.bridge = bridge, .port = static_cast<int>(index)};
  const auto* inet = found[MDBA_ROUTER_PATTR_INET_TIMER];
  const auto* inet6 = found[MDBA_ROUTER_PATTR_INET6_TIMER];
  // Before Linux 5.14 a port was a router for both families.
  entry.routes4 = inet != nullptr || inet6 == nullptr;
  entry.routes6 = inet6 != nullptr || inet == nullptr;
  entry.expires = timer_of(found[MDBA_ROUTER_PATTR_TIMER]);
  return entry;
}

}  // namespace

Bridge parse_bridge(const nlattr* data) {
  const auto found = nested_attributes<IFLA_BR_MCAST_QUERIER_STATE + 1>(data);
  const auto state =
      nested_attributes<BRIDGE_QUERIER_IPV6_OTHER_TIMER + 1>(found[IFLA_BR_MCAST_QUERIER_STATE]);
  const auto time = [&](std::size_t type) {
    return ticks(value_of<std::uint64_t>(found[type]).value_or(0));
  };
  const auto number = [&](std::size_t type) {
    return int{value_of<std::uint8_t>(found[type]).value_or(0)};
  };
  return {
      .snoops = is_set(found[IFLA_BR_MCAST_SNOOPING]),
      .has_querier = is_set(found[IFLA_BR_MCAST_QUERIER]),
      .uses_own_address = is_set(found[IFLA_BR_MCAST_QUERY_USE_IFADDR]),
      .router = router_of(found[IFLA_BR_MCAST_ROUTER]),
      .igmp_version = number(IFLA_BR_MCAST_IGMP_VERSION),
      .mld_version = number(IFLA_BR_MCAST_MLD_VERSION),
      .membership_interval = time(IFLA_BR_MCAST_MEMBERSHIP_INTVL),
      .querier_interval = time(IFLA_BR_MCAST_QUERIER_INTVL),
      .tells_querier = tells_querier(found[IFLA_BR_MULTI_BOOLOPT]),
      .querier = querier_of(address_of<4>(state[BRIDGE_QUERIER_IP_ADDRESS]),
                            state[BRIDGE_QUERIER_IP_PORT], state[BRIDGE_QUERIER_IP_OTHER_TIMER]),
      .querier6 =
          querier_of(address_of<16>(state[BRIDGE_QUERIER_IPV6_ADDRESS]),
                     state[BRIDGE_QUERIER_IPV6_PORT], state[BRIDGE_QUERIER_IPV6_OTHER_TIMER])};
}

void parse_bridge_entries(const nlmsghdr& message, std::vector<BridgeEntry>& entries) {
  br_port_msg header{};
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof header)) return;
  std::memcpy(&header, mnl_nlmsg_get_payload(&message), sizeof header);
  const auto bridge = static_cast<int>(header.ifindex);
  const auto add = [&](const std::optional<BridgeEntry>& entry) {
    if (entry) entries.push_back(*entry);
  };
  const auto found = attributes<MDBA_ROUTER + 1>(message, sizeof header);
  if (const auto* table = found[MDBA_MDB]) {
    for_each_inside(table, 0, MDBA_MDB_ENTRY, [&](const nlattr* group) {
      for_each_inside(group, 0, MDBA_MDB_ENTRY_INFO,
                      [&](const nlattr* info) { add(group_entry(info, bridge)); });
    });
  }
  if (const auto* routers = found[MDBA_ROUTER]) {
    for_each_inside(routers, 0, MDBA_ROUTER_PORT,
                    [&](const nlattr* port) { add(router_entry(port, bridge)); });
  }
}

}  // namespace mcq::os
