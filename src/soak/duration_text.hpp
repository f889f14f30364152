#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace mcq::soak {

/// Parses "600", "90s", "10m" or "1h", with a fraction or without; none unless the whole text is
/// one, and not negative.
std::optional<Duration> parse_duration(std::string_view text);

/// "4:20", "1:04:20"
std::string clock(Duration time);

/// "4.2 s"
std::string in_seconds(Duration time);

}  // namespace mcq::soak
