#pragma once

#include <string_view>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// Claims an interface for one protocol, among the processes of this network namespace, for as long
/// as the result lives; what a process has claimed ends with it. Fails with EADDRINUSE while
/// another one holds the claim, or with another error number.
Result<Fd, int> claim_interface(int interface_index, std::string_view protocol);

}  // namespace mcq::os
