#pragma once

#include <sys/socket.h>

namespace mcq::os {

/// False when the kernel refuses it; errno says why.
template <class T>
bool set_option(int socket, int level, int option, const T& value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

}  // namespace mcq::os
