#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace mcq::client {

/// What is asked of the daemon's API.
struct GetRequest {
  std::string socket;  ///< where the daemon answers
  std::string target;  ///< "/v1/groups?limit=10"
  /// For the answer to begin and, unless it has no end, for each further piece of it.
  std::chrono::milliseconds patience;
  bool is_endless = false;
};

/// What answers at `socket` is something else.
Failure<Error> not_the_api(const std::string& socket, const std::string& why);

/// A GET of the daemon's API, under way in an event loop. Failures are sentences that say what to
/// do: start the daemon, name its socket, join the group that may use it.
class HttpGet {
 public:
  /// Takes a piece of the answer; returns false when that was enough.
  using OnPiece = std::function<bool(std::string_view piece)>;
  /// The answer has ended, or was enough, or there is none.
  using OnEnd = std::function<void(Result<Ok> end)>;

  /// Calls back from the event loop, and not any more once it is destroyed.
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
