#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "http/admission.hpp"
#include "http/event_stream.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "os/server_socket.hpp"

namespace mcq::http {

struct ServerOptions {
  ServerTimeouts patience{};
  std::string headers{};  ///< added to each response, each with its line break (CRLF)
};

/// Serves HTTP/1.1, one request per connection. Clients may be slow, silent or hostile: the number
/// of connections, the memory of each and its duration are bounded, and one turn of the event loop
/// does at most one read, write or handler call per connection.
class Server {
 public:
  /// Further connections are refused, or replace one that has sent no request: see admit().
  static constexpr int kMaxConnections = ConnectionLimits::kMax;
  static constexpr int kMaxFollowers = ConnectionLimits::kMaxFollowers;

  /// Serves clients of `socket`; fails if that is an error. `io` and `events` must outlive the
  /// server.
  static Result<Server> start(boost::asio::io_context& io, Result<os::ServerSocket> socket,
                              Handler handler, EventStream& events, ServerOptions options = {});

  Server(Server&&) noexcept = default;
  Server& operator=(Server other) noexcept {
    std::swap(acceptor_, other.acceptor_);
    return *this;
  }
  /// Closes the listening socket and all connections.
  ~Server();

 private:
  class Acceptor;
  explicit Server(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace mcq::http
