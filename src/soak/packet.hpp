#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.hpp"

namespace mcq::soak {

inline constexpr std::uint32_t kMaxRate = 100'000;
inline constexpr Duration kMinDuration = 1s, kMaxDuration = std::chrono::hours{24 * 7};

/// Whole milliseconds.
constexpr std::uint64_t milliseconds(Duration time) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(time).count());
}

/// What a sender is going to send. Each packet carries it, so a receiver needs no settings.
struct Plan {
  std::uint32_t rate = 50;  ///< packets per second, 1 to kMaxRate
  Duration duration = 10min;
  bool operator==(const Plan&) const = default;

  Duration interval() const { return Duration{1s} / rate; }
  std::uint64_t packets() const { return milliseconds(duration) * rate / 1000; }
};

/// A packet of the test stream.
struct Packet {
  std::uint64_t run = 0;       ///< differs for each start of a sender
  std::uint64_t sequence = 0;  ///< number of packets sent before; at the end, the number of all
  Duration sent{};             ///< since the start of the sender
  Plan plan{};
  bool is_end = false;  ///< the sender ends here: not part of the stream
  bool operator==(const Packet&) const = default;
};

/// That of 20 ms of telephone sound in RTP.
inline constexpr std::size_t kPacketSize = 172;

std::array<std::uint8_t, kPacketSize> serialize(const Packet& packet);

/// None for anything else than a packet of a test stream whose fields are in their ranges.
std::optional<Packet> parse_packet(std::span<const std::uint8_t> bytes);

}  // namespace mcq::soak
