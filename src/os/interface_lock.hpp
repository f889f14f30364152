#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "os/fd.hpp"

namespace mcq::os {

/// An interface is claimed for one protocol, among the processes of this network namespace, while
/// this lives; what a process has claimed ends with it.
class InterfaceLock {
 public:
  /// Each costs a descriptor: a process with more interfaces does without the further ones.
  static constexpr std::size_t kMost = 64;

  /// Fails with EADDRINUSE while another process holds the claim, or with another error number.
  static Result<InterfaceLock, int> make(int interface_index, std::string_view protocol);

  InterfaceLock(InterfaceLock&& other) noexcept = default;
  ~InterfaceLock();

 private:
  explicit InterfaceLock(Fd fd);
  Fd fd_;
};

}  // namespace mcq::os
