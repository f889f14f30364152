#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/message.hpp"
#include "wire/parse_error.hpp"

// What IGMP and MLD have in common of Multicast Router Discovery (RFC 4286).

namespace mcq::wire {

/// The type of advertisements. Those of solicitations and terminations follow it (RFC 4286 §8).
template <Family F>
inline constexpr std::uint8_t kRouterAdvertisement = std::same_as<F, Igmp> ? 0x30 : 151;

template <Family F>
constexpr bool is_router_message(std::uint8_t type) {
  return type >= kRouterAdvertisement<F> && type <= kRouterAdvertisement<F> + 2;
}

inline constexpr std::size_t kRouterMessageSize = 4;  ///< bytes of the shortest one

/// Parses a message whose checksum is correct. `type` counts from that of advertisements. Ignores
/// bytes beyond the fixed format (RFC 4286 §2).
Result<RouterMessage, ParseError> parse_router_message(Bytes payload, RouterMessage::Type type);

/// Serializes a message without its checksum. Rounds times down to seconds, and to the greatest
/// that a field can carry.
Buffer serialize_router_message(const RouterMessage& message, std::uint8_t advertisement);

}  // namespace mcq::wire
