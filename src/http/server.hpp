#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/admission.hpp"
#include "http/event_stream.hpp"
#include "http/message.hpp"
#include "os/server_socket.hpp"

namespace mcq::http {

/// How long a client may take. Nobody is waited for any longer.
struct ServerTimeouts {
  Duration request = 5s;       ///< for the whole of it
  Duration read = 10s;         ///< before it reads more of its answer
  Duration read_events = 30s;  ///< the same, of the event stream
  Duration close = 1s;         ///< after the end of its answer
  Duration accept_again = 1s;  ///< ours, when the system has no more sockets
  Duration answer = 60s;       ///< for all of its answer, but that of events
};

struct ServerOptions {
  ServerTimeouts patience{};
  std::string headers{};  ///< further ones of every answer, each with its line break (CRLF)
};

/// Serves HTTP/1.1, one request a connection. Clients may be slow, silent or hostile: connections,
/// requests and what is kept for each are bounded, each has a time to end, and no turn of the event
/// loop does more than one piece of work for one of them.
class Server {
 public:
  /// More are told so, or take the place of one that has asked nothing (ConnectionLimits).
  static constexpr int kMostConnections = ConnectionLimits::kMost;
  static constexpr int kMostFollowers = ConnectionLimits::kMostFollowers;
  static constexpr std::size_t kLongestHead = 8UL * 1024;  ///< of a request, with its first line
  static constexpr std::size_t kLongestBody = 1024;
  static constexpr std::size_t kLongestBatch = 32UL * 1024;  ///< of events, in one write

  /// Serves whoever connects to the socket; fails when there is none.
  static Result<Server> start(boost::asio::io_context& io, Result<os::ServerSocket> socket,
                              Handler handler, EventStream& events, ServerOptions options = {});

  Server(Server&&) noexcept = default;
  Server& operator=(Server other) noexcept {
    std::swap(acceptor_, other.acceptor_);
    return *this;
  }
  /// Closes the socket and all connections.
  ~Server();

 private:
  class Acceptor;
  explicit Server(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace mcq::http
