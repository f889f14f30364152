#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "os/fd.hpp"
#include "os/link_id.hpp"

namespace mcq::os {

/// An exclusive lock on a link and protocol among the processes of this network namespace.
/// Ends with this object, or with the process.
class InterfaceLock {
 public:
  static constexpr std::size_t kMax = 64;  ///< locks per process, each of which uses a descriptor

  /// Fails with EADDRINUSE while another process holds the lock, with EMFILE at kMax locks, or
  /// with another error number.
  static Result<InterfaceLock, int> make(const LinkId& link, std::string_view protocol);

  InterfaceLock(InterfaceLock&& other) noexcept = default;
  ~InterfaceLock();

 private:
  explicit InterfaceLock(Fd fd);
  Fd fd_;
};

}  // namespace mcq::os
