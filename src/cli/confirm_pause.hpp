#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/streams.hpp"

namespace mcq::cli {

/// Says what a pause of the queries on an interface means, and has the user type its name.
/// Without a terminal it needs `is_confirmed`, which --yes gives.
Result<Ok> confirm_pause(const std::string& interface, Duration longest, bool is_confirmed,
                         Streams io);

}  // namespace mcq::cli
