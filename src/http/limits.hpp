#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace mcq::http {

inline constexpr std::size_t kMaxHead = 8UL * 1024;  ///< bytes of a request line and headers
inline constexpr std::size_t kMaxBody = 1024;        ///< bytes of a request body

/// Times after which the server closes a connection.
struct ServerTimeouts {
  Duration request = 5s;       ///< to receive the whole request
  Duration read = 10s;         ///< for the client to read more of a response
  Duration read_events = 30s;  ///< for the client to read more of the event stream
  Duration close = 1s;         ///< for the client to close after the response
  Duration accept_again = 1s;  ///< until the next accept after the system had no free socket
  Duration answer = 60s;       ///< for the whole response, except an event stream
};

}  // namespace mcq::http
