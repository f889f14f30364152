#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "base/result.hpp"

namespace mcq::os {

/// Returns the text of an error number: "Network is down" for ENETDOWN.
inline std::string describe(int error_number) {
  return std::generic_category().message(error_number);
}

/// Returns a failure from errno: `what`, a colon and the text of the error. Call before anything
/// can change errno.
inline Failure<Error> system_failure(const std::string& what) {
  return fail(what + ": " + describe(errno));
}

}  // namespace mcq::os
