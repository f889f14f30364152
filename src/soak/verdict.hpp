#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "soak/measurement.hpp"

namespace mcq::soak {

enum class Outcome : std::uint8_t {
  kWhole,     ///< at most kTolerableLoss is missing
  kLossy,     ///< more than that is missing
  kCameBack,  ///< it paused
  kDied,      ///< it paused, and nothing came any more
  kNothing,   ///< nothing came
};

/// "whole", "lossy", "came-back", "died", "nothing-came"
const char* to_string(Outcome outcome);

/// How long the switch remembers a member: between two bounds, which are equal when this host's
/// reports were observed.
struct Memory {
  Duration at_least{}, at_most{};
  bool operator==(const Memory&) const = default;
};

struct Verdict {
  Outcome outcome = Outcome::kNothing;
  std::vector<std::string> sentences;  ///< the first one says what happened
  std::vector<std::string> advice;
  std::optional<Memory> memory;
  std::optional<std::int64_t> query_interval;  ///< seconds, at most
};

/// Share of the packets that may be missing in a stream that is whole.
inline constexpr double kTolerableLoss = 0.01;
/// Time that most switches remember a member.
inline constexpr Duration kUsualMemory = 260s;

/// "15.0 s", or "6.1 s to 16.1 s"
std::string to_text(const Memory& memory);

Verdict judge(const Reception& result);

}  // namespace mcq::soak
