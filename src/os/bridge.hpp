#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/family.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace mcq::os {

class NetlinkQuery;

/// The querier of one family that a bridge has elected.
struct BridgeQuerier {
  IpAddress address;  ///< unspecified: that of a proxy, or of the bridge itself
  int port = 0;       ///< interface index of the port behind which it is; 0: this host
  std::optional<Duration> expires;  ///< until the bridge takes it for gone; none: the bridge itself
  bool operator==(const BridgeQuerier&) const = default;
};

/// What a Linux bridge tells of its snooping (IFLA_INFO_DATA).
struct Bridge {
  /// Whether the host itself gets what routers get (mcast_router).
  enum class Router : std::uint8_t { kNever, kAfterQuery, kAlways };

  bool snoops = false;            ///< mcast_snooping
  bool has_querier = false;       ///< mcast_querier: queries itself, unless another querier does
  bool uses_own_address = false;  ///< mcast_query_use_ifaddr; it queries from 0.0.0.0 without
  Router router = Router::kAfterQuery;
  int igmp_version = 0, mld_version = 0;  ///< of its own queries; 0: not told
  Duration membership_interval{};         ///< how long it remembers a member without a report
  Duration querier_interval{};            ///< how long it remembers a querier without a query
  bool tells_querier = false;             ///< from Linux 5.15 on, without snooping per VLAN
  std::optional<BridgeQuerier> querier, querier6;  ///< none: it knows none
  bool operator==(const Bridge&) const = default;

  template <Family F>
  const std::optional<BridgeQuerier>& querier_of() const {
    if constexpr (std::same_as<F, Igmp>) {
      return querier;
    } else {
      return querier6;
    }
  }
  /// Whether it forwards a group to members and routers only. Without a known querier it floods,
  /// and after the first query of one until the time to answer it is over. None: not told.
  template <Family F>
  std::optional<bool> filters() const {
    if (!snoops) return false;
    return tells_querier ? std::optional{querier_of<F>().has_value()} : std::nullopt;
  }
};

/// An entry of a bridge's table of groups and routers (RTM_GETMDB).
struct BridgeEntry {
  int bridge = 0, port = 0;  ///< interface indexes; `port` is the bridge: programs of this host
  /// None: a router is behind the port, for one family or both.
  std::optional<IpAddress> group{};
  bool routes4 = false, routes6 = false;
  std::optional<IpAddress> source{};  ///< none: any
  bool is_blocked = false;            ///< the source is excluded
  std::uint16_t vlan = 0;             ///< 0: none
  std::optional<Duration> expires{};  ///< none: permanent, or it expires with its sources
  bool operator==(const BridgeEntry&) const = default;
};

/// Reads one bridge. Fails with an error number: ENODEV for another interface than a bridge.
Result<Bridge, int> read_bridge(int index);

/// Reads the tables of all bridges, a part at a time.
class BridgeTables {
 public:
  BridgeTables();
  BridgeTables(BridgeTables&&) noexcept;
  ~BridgeTables();

  /// Appends some entries; false when there are no more. Fails with an error number: EINTR when
  /// bridges changed meanwhile, and the tables may be incomplete.
  Result<bool, int> read_some(std::vector<BridgeEntry>& entries);

 private:
  std::unique_ptr<NetlinkQuery> query_;
};

}  // namespace mcq::os
