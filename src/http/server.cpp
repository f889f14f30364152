#include "http/server.hpp"

#include <algorithm>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "http/connection.hpp"
#include "http/limits.hpp"
#include "os/clock.hpp"

namespace mcq::http {
namespace {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using boost::system::error_code;

}  // namespace

/// Owns the listening socket and its connections.
class Server::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(asio::io_context& io,
           // cppcheck-suppress passedByValue ; it is moved from
           os::ServerSocket socket, os::Timer timer, Handler handler, EventStream& events,
           // cppcheck-suppress passedByValue ; it is moved from
           ServerOptions options)
      : shared_{.handler = std::move(handler),
                .events = events,
                .timeouts = options.patience,
                .headers = std::move(options.headers),
                .arm = [this](TimePoint deadline) { arm(deadline); },
                .states = [this] { return states(); },
                .remove = [this](const auto& connection) { remove(connection); }},
        socket_(std::move(socket)),
        timer_(std::move(timer)),
        clients_(io, socket_->fd()),
        alarm_(io, timer_.fd()) {}

  void open();
  void close();

 private:
  using Connections = std::vector<std::shared_ptr<Connection>>;

  void wait_for_client();
  void on_client();
  void add(os::Fd client);
  bool make_room(const std::string& network);
  std::vector<ConnectionState> states() const;
  void remove(const std::shared_ptr<Connection>& connection);
  void wait_for_alarm();
  void on_alarm();
  void on_push();
  /// Has on_alarm() called at `deadline` or earlier.
  void arm(TimePoint deadline);

  ConnectionEnvironment shared_;
  std::optional<os::ServerSocket> socket_;  ///< none after close()
  os::Timer timer_;
  TimePoint armed_ = kNever, accept_again_ = kNever;
  asio::posix::stream_descriptor clients_, alarm_;  ///< wait for socket_ and timer_
  Connections connections_;                         ///< oldest first
  bool wakes_later_ = false;                        ///< a posted call will wake the connections
};

void Server::Acceptor::open() {
  shared_.events.on_push = [this] { on_push(); };
  wait_for_client();
  wait_for_alarm();
}

void Server::Acceptor::close() {
  shared_.events.on_push = nullptr;
  for (const auto& connection : Connections{connections_}) connection->end();
  clients_.release();
  alarm_.release();
  socket_.reset();
}

void Server::Acceptor::wait_for_client() {
  clients_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const error_code&) {
                        if (self->socket_) self->on_client();
                      });
}

void Server::Acceptor::on_client() {
  auto client = socket_->accept();
  if (client) {
    add(std::move(*client));
  } else if (client.error() != EAGAIN && client.error() != ECONNABORTED) {
    accept_again_ = os::now() + shared_.timeouts.accept_again;
    return arm(accept_again_);
  }
  wait_for_client();
}

void Server::Acceptor::add(os::Fd client) {
  stream_protocol::socket socket{clients_.get_executor()};
  error_code error;
  socket.assign(stream_protocol{socket_->family(), 0}, client.get(), error);
  if (error) return;
  auto network = os::network_of_peer(client.release());
  const bool serves = make_room(network);
  connections_.push_back(
      std::make_shared<Connection>(shared_, std::move(socket), std::move(network)));
  serves ? connections_.back()->serve() : connections_.back()->refuse();
}

/// Whether a connection from `network` is served; else refuse it. Ends an older connection if that
/// makes the room.
bool Server::Acceptor::make_room(const std::string& network) {
  const auto admission = admit(states(), network);
  if (admission.evicted) Connections{connections_}[*admission.evicted]->end();
  return admission.is_served;
}

std::vector<ConnectionState> Server::Acceptor::states() const {
  std::vector<ConnectionState> all;
  for (const auto& connection : connections_) all.push_back(connection->state());
  return all;
}

void Server::Acceptor::remove(const std::shared_ptr<Connection>& connection) {
  std::erase(connections_, connection);
  if (connections_.empty()) timer_.arm(armed_ = accept_again_);
}

void Server::Acceptor::arm(TimePoint deadline) {
  if (deadline < armed_) timer_.arm(armed_ = deadline);
}

void Server::Acceptor::wait_for_alarm() {
  alarm_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const error_code&) {
                      if (self->socket_) self->on_alarm();
                    });
}

void Server::Acceptor::on_alarm() {
  timer_.acknowledge();
  armed_ = kNever;
  const auto now = os::now();
  for (const auto& connection : Connections{connections_}) {
    if (connection->deadline() <= now) connection->end();
  }
  for (const auto& connection : connections_) arm(connection->deadline());
  if (accept_again_ <= now) {
    accept_again_ = kNever;
    wait_for_client();
  }
  arm(accept_again_);
  wait_for_alarm();
}

/// Wakes the connections once per turn of the event loop, so that its events share a write.
void Server::Acceptor::on_push() {
  if (shared_.events.followers() == 0 || std::exchange(wakes_later_, true)) return;
  asio::post(clients_.get_executor(), [self = shared_from_this()] {
    self->wakes_later_ = false;
    for (const auto& connection : self->connections_) connection->wake();
  });
}

Result<Server> Server::start(asio::io_context& io, Result<os::ServerSocket> socket, Handler handler,
                             EventStream& events, ServerOptions options) {
  if (!socket) return fail(std::move(socket).error());
  auto timer = os::Timer::create();
  if (!timer) return fail(std::move(timer).error());
  auto acceptor = std::make_shared<Acceptor>(io, *std::move(socket), *std::move(timer),
                                             std::move(handler), events, std::move(options));
  acceptor->open();
  return Server{std::move(acceptor)};
}

Server::~Server() {
  if (acceptor_) acceptor_->close();
}

}  // namespace mcq::http
