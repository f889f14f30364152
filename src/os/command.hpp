#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace mcq::os {

/// Runs a program of the search path, without a shell and without its messages of errors, and
/// returns what it writes to its standard output. None if it does not exist, fails, takes longer
/// than `patience` or writes more than 4 MiB.
std::optional<std::string> output_of(const std::vector<std::string>& command,
                                     std::chrono::milliseconds patience);

}  // namespace mcq::os
