#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/event_loop.hpp"
#include "base/result.hpp"

namespace mcq::client {

/// A GET request to the daemon's API.
struct GetRequest {
  std::string socket;  ///< path of the daemon's Unix socket
  std::string target;  ///< "/v1/groups?limit=10"
  /// Timeout for the response head and, unless the body is endless, for each piece of the body.
  std::chrono::milliseconds patience;
  bool is_endless = false;  ///< the body is an event stream
};

/// A running GET request to the daemon's API. Errors say how to solve them: start the daemon, name
/// its socket, join the group that may use it. Destroying the request cancels it.
class HttpGet {
 public:
  /// Receives a piece of the body. Returning false ends the request successfully.
  using OnPiece = std::function<bool(std::string_view piece)>;
  /// Receives the result, once: the body has ended, OnPiece returned false, or the request failed.
  using OnEnd = std::function<void(Result<Ok> end)>;

  /// Calls `on_piece` and `on_end` from the event loop `io`, never from this constructor or after
  /// destruction.
  HttpGet(boost::asio::io_context& io, GetRequest question, OnPiece on_piece, OnEnd on_end);
  HttpGet(HttpGet&&) noexcept = default;
  HttpGet& operator=(HttpGet other) noexcept {
    std::swap(connection_, other.connection_);
    return *this;
  }
  ~HttpGet();

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;
};

}  // namespace mcq::client
