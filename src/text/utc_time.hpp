#pragma once

#include <string>

namespace mcq::text {

/// The current UTC time, "2026-01-15T20:14:03.118Z" (RFC 3339).
std::string utc_time();

}  // namespace mcq::text
