#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "app/event_stream.hpp"
#include "app/http.hpp"
#include "app/http_places.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "os/server_socket.hpp"

namespace mcq::app {

/// How long a client may take. Nobody is waited for any longer.
struct HttpPatience {
  Duration request = 5s;       ///< for the whole of it
  Duration read = 10s;         ///< before it reads more of its answer
  Duration read_events = 30s;  ///< the same, of the event stream
  Duration close = 1s;         ///< after the end of its answer
  Duration accept_again = 1s;  ///< ours, when the system has no more sockets
  Duration answer = 60s;       ///< for all of its answer, but that of events
};

struct HttpOptions {
  HttpPatience patience{};
  std::string headers{};  ///< further ones of every answer, each with its line break (CRLF)
};

/// Serves HTTP/1.1, one request a connection. Clients may be slow, silent or hostile: connections,
/// requests and what is kept for each are bounded, each has a time to end, and no turn of the event
/// loop does more than one piece of work for one of them.
class HttpServer {
 public:
  /// More are told so, or take the place of one that has asked nothing (HttpPlaces).
  static constexpr int kMostConnections = HttpPlaces::kMost;
  static constexpr int kMostFollowers = HttpPlaces::kMostFollowers;
  static constexpr std::size_t kLongestHead = 8UL * 1024;  ///< of a request, with its first line
  static constexpr std::size_t kLongestBody = 1024;
  static constexpr std::size_t kLongestBatch = 32UL * 1024;  ///< of events, in one write

  /// Serves whoever connects to the socket; fails when there is none.
  static Result<HttpServer> start(boost::asio::io_context& io, Result<os::ServerSocket> socket,
                                  HttpHandler handler, EventStream& events,
                                  HttpOptions options = {});

  HttpServer(HttpServer&&) noexcept = default;
  HttpServer& operator=(HttpServer other) noexcept {
    std::swap(listener_, other.listener_);
    return *this;
  }
  /// Closes the socket and all connections.
  ~HttpServer();

 private:
  class Listener;
  explicit HttpServer(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
  std::shared_ptr<Listener> listener_;
};

}  // namespace mcq::app
