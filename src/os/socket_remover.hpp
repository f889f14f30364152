#pragma once

#include <string>

#include "base/result.hpp"
#include "os/fd.hpp"
#include "os/sandbox.hpp"

namespace mcq::os {

/// Whether an account may remove files from the folder of `path`.
bool can_remove(const std::string& path, const Account& account);

/// Has a child process remove the socket at `path` when this process ends, however it does: for a
/// process that is about to lose the right to change the folder. The child stays root, without any
/// capability, and does nothing else. It spares a socket that has replaced this one.
///
/// Keep the result as long as the socket is in use. Call before the first thread starts.
Result<Fd> remove_at_end(const std::string& path);

}  // namespace mcq::os
