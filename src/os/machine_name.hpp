#pragma once

#include <string>

namespace mcq::os {

/// The name of this machine, as gethostname(2) returns it; empty if it has none.
std::string machine_name();

}  // namespace mcq::os
