#pragma once

#include <sys/socket.h>

namespace mcq::os {

/// Sets a socket option (setsockopt(2)). On failure returns false and sets errno.
template <class T>
bool set_option(int socket, int level, int option, const T& value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

}  // namespace mcq::os
