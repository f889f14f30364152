#pragma once

#include <linux/filter.h>
#include <linux/if_ether.h>

#include <concepts>
#include <cstdint>
#include <vector>

#include "base/family.hpp"

namespace mcq::os {

/// The packets that a socket receives.
enum class Traffic : std::uint8_t {
  kQueries,   ///< incoming queries
  kReports,   ///< all other incoming messages of the protocol
  kOutgoing,  ///< all outgoing messages of the protocol: those of programs of this host, and of
              ///< virtual interfaces on top of this one
};

/// The frames that a socket is for.
enum class Tagging : std::uint8_t {
  kUntagged,  ///< of the interface itself; a tag that has only a priority (VLAN 0) is none
  kTagged,    ///< of the VLANs of a trunk
};

/// The EtherType of a family's packets.
template <Family F>
inline constexpr std::uint16_t kEtherTypeOf = std::same_as<F, Igmp> ? ETH_P_IP : ETH_P_IPV6;

/// Returns the filter program (classic BPF) with which the kernel drops all other packets before
/// they wake us. Passes packets too short to classify as reports, so that the parser counts them.
/// There is no filter for outgoing packets of VLANs: nothing receives them.
template <Family F>
std::vector<sock_filter> packet_filter(Traffic traffic, Tagging tagging = Tagging::kUntagged);

extern template std::vector<sock_filter> packet_filter<Igmp>(Traffic, Tagging);
extern template std::vector<sock_filter> packet_filter<Mld>(Traffic, Tagging);

}  // namespace mcq::os
