#pragma once

#include <concepts>
#include <cstddef>

#include "base/address.hpp"
#include "base/time.hpp"

namespace mcq {

/// The constants and types in which IGMP and MLD differ. Most other code is a template over Igmp
/// and Mld.
struct Igmp {
  using Address = Ipv4Address;
  using Prefix = mcq::Prefix<4>;
  enum class Version : std::uint8_t { k1 = 1, k2 = 2, k3 = 3 };

  static constexpr const char* kName = "IGMP";
  static constexpr const char* kFamilyName = "ipv4";  ///< as in RFC 8652
  static constexpr Address kAllNodes{{224, 0, 0, 1}};
  static constexpr Address kAllRouters{{224, 0, 0, 2}};
  static constexpr Address kAllSnoopers{{224, 0, 0, 106}};  ///< which switches join (RFC 4286)
  static constexpr Duration kResponseUnit = 100ms;          // RFC 9776 §4.1.1
  static constexpr Version kDefault = Version::k2;  ///< even the simplest switches support it
  static constexpr Version kNewest = Version::k3;   ///< the version with QRV and QQIC
  static constexpr Version kNoResponseTime = Version::k1;  ///< queries without a response time
  static constexpr Version kNoLeave = Version::k1;         ///< hosts do not send leaves
  /// Bytes of a query before its sources: the IPv4 header with Router Alert, and RFC 9776 §4.1.
  static constexpr std::size_t kQueryOverhead = 24 + 12;

  /// Whether the table has the group: not in 224.0.0.0/24, which switches flood (RFC 4541 §2.1.2).
  static constexpr bool is_tracked(const Address& group) {
    constexpr mcq::Prefix<4> kLocalControl{{{224, 0, 0, 0}}, 24};
    return is_multicast(group) && !kLocalControl.contains(group);
  }
  /// Whether the group is in 232.0.0.0/8 (RFC 4607 §1).
  static constexpr bool is_source_specific(const Address& group) { return group.bytes[0] == 232; }
};

struct Mld {
  using Address = Ipv6Address;
  using Prefix = mcq::Prefix<16>;
  enum class Version : std::uint8_t { k1 = 1, k2 = 2 };

  static constexpr const char* kName = "MLD";
  static constexpr const char* kFamilyName = "ipv6";
  static constexpr Address kAllNodes{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  static constexpr Address kAllRouters{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
  static constexpr Address kAllSnoopers{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x6a}};
  static constexpr Duration kResponseUnit = 1ms;  // RFC 9777 §5.1.3
  static constexpr Version kDefault = Version::k2;
  static constexpr Version kNewest = Version::k2;
  static constexpr Version kNoResponseTime = Version{0};  ///< none: every version has one
  static constexpr Version kNoLeave = Version{0};         ///< none: every version has them
  /// Bytes of a query before its sources: the IPv6 header, hop-by-hop options, RFC 9777 §5.1.
  static constexpr std::size_t kQueryOverhead = 40 + 8 + 28;

  /// Whether the table has the group: not ff02::1, nor in scopes 0 and 1, which never leave a host
  /// (RFC 9777 §6).
  static constexpr bool is_tracked(const Address& group) {
    return is_multicast(group) && (group.bytes[1] & 0x0f) >= 2 && group != kAllNodes;
  }
  /// Whether the group is in ff30::/32, of any scope (RFC 4607 §1).
  static constexpr bool is_source_specific(const Address& group) {
    const auto& g = group.bytes;
    return g[0] == 0xff && g[1] >> 4 == 3 && g[2] == 0 && g[3] == 0;
  }
};

template <class F> concept Family = std::same_as<F, Igmp> || std::same_as<F, Mld>;

}  // namespace mcq
