#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "base/result.hpp"

namespace mcq::os {

/// "Network is down" for ENETDOWN.
inline std::string describe(int error_number) {
  return std::generic_category().message(error_number);
}

/// The failure of the system call that has just set errno: what it was for, and why it failed.
inline Failure<Error> system_failure(const std::string& what) {
  return fail(what + ": " + describe(errno));
}

}  // namespace mcq::os
