#include "os/interface_lock.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

namespace mcq::os {
namespace {

std::size_t held = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

InterfaceLock::InterfaceLock(Fd fd) : fd_(std::move(fd)) { ++held; }

InterfaceLock::~InterfaceLock() {
  if (fd_.get() >= 0) --held;
}

/// Binds a Unix socket to an abstract name: those are local to a network namespace, as interfaces
/// are, and leave no file behind.
Result<InterfaceLock, int> InterfaceLock::make(const LinkId& link, std::string_view protocol) {
  if (held == kMax) return fail(EMFILE);
  const auto vlan = link.vlan == 0 ? "" : "." + std::to_string(link.vlan);
  const auto lock_name =
      "igmp-querier/" + std::to_string(link.interface_index) + vlan + "/" + std::string{protocol};
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  constexpr std::size_t kNul = 1;  // marks an abstract name (unix(7))
  const auto size = std::min(lock_name.size(), sizeof name.sun_path - kNul);
  std::memcpy(name.sun_path + kNul, lock_name.data(), size);
  Fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return fail(errno);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + kNul + size);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0) return fail(errno);
  return InterfaceLock{std::move(fd)};
}

}  // namespace mcq::os
