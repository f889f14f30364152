#pragma once

#include <chrono>
#include <string>

namespace mcq::text {

/// The current UTC time, "2026-01-15T20:14:03.118Z" (RFC 3339).
std::string utc_time();
std::string utc_time(std::chrono::system_clock::time_point time);

}  // namespace mcq::text
