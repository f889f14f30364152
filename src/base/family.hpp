#pragma once

#include <concepts>

#include "base/address.hpp"
#include "base/time.hpp"

namespace mcq {

/// IGMP and MLD are one protocol over two address families. What differs is written here, once.
struct Igmp {
  using Address = Ipv4Address;
  using Prefix = mcq::Prefix<4>;
  enum class Version : std::uint8_t { k1 = 1, k2 = 2, k3 = 3 };

  static constexpr const char* kName = "IGMP";
  static constexpr Address kAllNodes{{224, 0, 0, 1}};
  static constexpr Duration kResponseUnit = 100ms;  // RFC 9776 §4.1.1
  static constexpr Version kDefault = Version::k2;  ///< what the cheapest switches understand
  static constexpr Version kNewest = Version::k3;   ///< the one that carries QRV and QQIC
  static constexpr Version kNoResponseTime = Version::k1;  ///< the one whose queries carry no time
};

struct Mld {
  using Address = Ipv6Address;
  using Prefix = mcq::Prefix<16>;
  enum class Version : std::uint8_t { k1 = 1, k2 = 2 };

  static constexpr const char* kName = "MLD";
  static constexpr Address kAllNodes{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  static constexpr Duration kResponseUnit = 1ms;  // RFC 9777 §5.1.3
  static constexpr Version kDefault = Version::k2;
  static constexpr Version kNewest = Version::k2;
  static constexpr Version kNoResponseTime = Version{0};  ///< every MLD query carries one
};

template <class F> concept Family = std::same_as<F, Igmp> || std::same_as<F, Mld>;

}  // namespace mcq
