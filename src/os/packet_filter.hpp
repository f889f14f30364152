#pragma once

#include <linux/filter.h>
#include <linux/if_ether.h>

#include <concepts>
#include <cstdint>
#include <vector>

#include "base/family.hpp"

namespace mcq::os {

/// Which packets a socket hears.
enum class Traffic : std::uint8_t {
  kQueries,   ///< queries that arrive
  kReports,   ///< whatever else of the protocol arrives
  kOutgoing,  ///< all of the protocol that leaves through the interface: other programs of this
              ///< host are members and may be queriers, virtual interfaces on top belong to others
};

/// Of the frames that carry a family's packets.
template <Family F>
inline constexpr std::uint16_t kEtherTypeOf = std::same_as<F, Igmp> ? ETH_P_IP : ETH_P_IPV6;

/// The program that the kernel runs over every packet, so that those of no interest to us never
/// wake us (classic BPF; offsets count from the IP header). A packet that is too short to tell is a
/// report: whoever reads those counts what is wrong with it.
template <Family F>
std::vector<sock_filter> packet_filter(Traffic traffic);

extern template std::vector<sock_filter> packet_filter<Igmp>(Traffic);
extern template std::vector<sock_filter> packet_filter<Mld>(Traffic);

}  // namespace mcq::os
