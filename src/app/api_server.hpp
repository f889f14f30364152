#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "app/api.hpp"
#include "app/event_stream.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace mcq::app {

/// How long a client may take. Nobody is waited for any longer.
struct ApiPatience {
  Duration request = 5s;       ///< for the whole of it
  Duration read = 10s;         ///< before it reads more of its answer
  Duration read_events = 30s;  ///< the same, of the event stream
  Duration close = 1s;         ///< after the end of its answer
  Duration accept_again = 1s;  ///< ours, when the system has no more sockets
  Duration answer = 60s;       ///< for all of its answer, but that of events
};

/// Serves the API over HTTP/1.1 on a Unix socket, one request a connection. Clients may be slow,
/// silent or hostile: connections, requests and what is kept for each are bounded, each has a time
/// to end, and no turn of the event loop does more than one piece of work for one of them.
class ApiServer {
 public:
  static constexpr int kMostConnections = 64;  ///< more are told so
  static constexpr int kMostFollowers = 32;
  static constexpr std::size_t kLongestHead = 8UL * 1024;  ///< the headers of a request
  static constexpr std::size_t kLongestBody = 1024;
  static constexpr std::size_t kLongestBatch = 32UL * 1024;  ///< of events, in one write

  /// Listens at `path` (mode 0660). Takes the place of a socket that nobody answers at any more;
  /// fails when somebody does, or when the path is something else.
  static Result<ApiServer> listen(boost::asio::io_context& io, const std::string& path,
                                  ApiHandler handler, EventStream& events,
                                  const ApiPatience& patience = {});

  ApiServer(ApiServer&&) noexcept = default;
  ApiServer& operator=(ApiServer other) noexcept {
    std::swap(listener_, other.listener_);
    return *this;
  }
  /// Closes all connections and removes the socket.
  ~ApiServer();

 private:
  class Listener;
  explicit ApiServer(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
  std::shared_ptr<Listener> listener_;
};

}  // namespace mcq::app
