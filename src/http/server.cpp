#include "http/server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "http/beast_request.hpp"
#include "os/clock.hpp"

namespace mcq::http {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::generic::stream_protocol;
using boost::system::error_code;

/// What is read of a client that goes on sending after its answer, so that it sees the answer.
constexpr std::size_t kMostIgnored = 2UL * 1024 * 1024;

}  // namespace

/// The socket, its connections and what they share.
class Server::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(asio::io_context& io, os::ServerSocket socket, os::Timer timer, Handler handler,
           EventStream& events,
           // cppcheck-suppress passedByValue ; it is moved from
           ServerOptions options)
      : handler_(std::move(handler)),
        events_(events),
        patience_(options.patience),
        headers_(std::move(options.headers)),
        socket_(std::move(socket)),
        timer_(std::move(timer)),
        clients_(io, socket_->fd()),
        alarm_(io, timer_.fd()) {}

  void open();
  void close();

 private:
  class Connection;
  using Connections = std::vector<std::shared_ptr<Connection>>;

  void wait_for_client();
  void on_client();
  void add(os::Fd client);
  bool make_room(const std::string& network);
  std::vector<ConnectionState> places() const;
  void remove(const std::shared_ptr<Connection>& connection);
  void wait_for_alarm();
  void on_alarm();
  void on_push();
  /// Has on_alarm() called at that time, or before.
  void arm(TimePoint deadline);

  const Handler handler_;
  EventStream& events_;
  const ServerTimeouts patience_;
  const std::string headers_;
  std::optional<os::ServerSocket> socket_;  ///< none once it is closed
  os::Timer timer_;
  TimePoint armed_ = kNever, accept_again_ = kNever;
  asio::posix::stream_descriptor clients_, alarm_;  ///< when those two are ready
  Connections connections_;                         ///< the oldest first
  bool push_is_told_ = false;
  std::array<char, 16UL * 1024> ignored_{};  ///< what clients send that nobody reads
};

/// One client, its request and its answer. It lives as long as something is under way for it, and
/// does nothing any more once its socket is closed.
class Server::Acceptor::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Acceptor& acceptor, stream_protocol::socket socket, std::string network)
      : acceptor_(acceptor), socket_(std::move(socket)), network_(std::move(network)) {}

  /// Reads a request and answers it.
  void serve() {
    give(acceptor_.patience_.request);
    parser_.emplace();
    parser_->header_limit(kLongestHead);
    parser_->body_limit(kLongestBody);
    http::async_read(socket_, input_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (self->socket_.is_open()) self->on_request(error);
                     });
  }
  /// Answers before there is a request.
  void refuse() {
    is_refused_ = true;
    answer(error_response(503, too_many_connections()));
  }
  ConnectionState place() const {
    return {network_, has_asked_, following_.has_value(), is_refused_};
  }

  void end() {
    if (!socket_.is_open()) return;
    error_code ignored;
    socket_.close(ignored);
    if (following_) acceptor_.events_.unfollow(following_->details);
    acceptor_.remove(shared_from_this());
  }

  TimePoint deadline() const { return deadline_; }
  /// There are new events.
  void wake() {
    if (is_idle_) send_events();
  }

 private:
  using Step = void (Connection::*)(std::size_t octets);

  /// The next step, once reading or writing has come to something.
  auto then(Step step) {
    return [self = shared_from_this(), step](const error_code& error, std::size_t octets) {
      if (!self->socket_.is_open()) return;
      if (error) return self->end();
      (self.get()->*step)(octets);
    };
  }
  void give(Duration time) {
    deadline_ = std::min(os::now() + time, end_);
    acceptor_.arm(deadline_);
  }

  void on_request(const error_code& error) {
    const auto request = parser_->release();
    parser_.reset();
    input_.clear();
    input_.shrink_to_fit();
    has_asked_ = true;
    if (error) {
      const auto said = answer_to(error);
      return said ? answer(*said) : end();
    }
    has_chunks_ = request.version() >= 11;
    Response said;
    try {
      auto read = to_request(request);
      read.is_root = os::peer_is_root(socket_.native_handle());
      said = acceptor_.handler_(read);
    } catch (const std::exception& problem) {
      said = error_response(500, std::string{"the answer cannot be made: "} + problem.what());
    }
    answer(std::move(said));
  }

  void answer(Response said) {
    end_ = os::now() + acceptor_.patience_.answer;
    if (auto* later = std::get_if<DeferredResponse>(&said.body)) return wait_for(*later);
    if (const auto* follow_events = std::get_if<FollowEvents>(&said.body)) {
      return follow(said, FollowEvents{*follow_events});
    }
    if (auto* source = std::get_if<BodySource>(&said.body)) {
      source_ = std::move(*source);
      return send(head(said, has_chunks_ ? "Transfer-Encoding: chunked\r\n" : ""));
    }
    const auto length = [](const std::string& text) {
      return "Content-Length: " + std::to_string(text.size()) + "\r\n";
    };
    if (auto* shared = std::get_if<SharedBody>(&said.body)) {
      shared_ = std::move(*shared);
      return send(head(said, length(*shared_)));
    }
    const auto& text = std::get<std::string>(said.body);
    send(head(said, length(text)) + text);
  }
  std::string head(const Response& said, const std::string& length) const {
    return response_head(said, length + acceptor_.headers_);
  }

  void wait_for(const DeferredResponse& later) {
    give(acceptor_.patience_.answer);
    later([weak = weak_from_this()](Response said) {
      const auto self = weak.lock();
      if (self && self->socket_.is_open()) self->answer(std::move(said));
    });
  }

  void follow(Response said, const FollowEvents& follow_events) {
    if (!may_follow(acceptor_.places(), network_)) {
      return answer(error_response(503, too_many_followers()));
    }
    following_ = follow_events;
    said.type = "text/event-stream";
    end_ = kNever;
    acceptor_.events_.follow(following_->details);
    last_ = following_->since.value_or(acceptor_.events_.next_id() - 1);
    send(head(said, ""));
    // A follower has nothing more to say: whatever is read, its end above all, ends it.
    socket_.async_read_some(asio::buffer(acceptor_.ignored_), then(&Connection::on_farewell));
  }
  void on_farewell(std::size_t) { end(); }

  void send(std::string text) {
    output_ = std::move(text);
    rest_ = asio::buffer(output_);
    send_rest();
  }
  void send_rest() {
    give(following_ ? acceptor_.patience_.read_events : acceptor_.patience_.read);
    socket_.async_write_some(rest_, then(&Connection::on_sent));
  }
  void on_sent(std::size_t octets) {
    rest_ += octets;
    if (rest_.size() > 0) return send_rest();
    output_ = std::string{};
    go_on();
  }

  /// What comes next, now that everything so far is sent.
  void go_on() {
    if (following_) return send_events();
    if (source_) return send_piece();
    if (shared_ && !std::exchange(sends_shared_, true)) {
      rest_ = asio::buffer(*shared_);
      return send_rest();
    }
    shared_.reset();
    error_code ignored;
    socket_.shutdown(stream_protocol::socket::shutdown_send, ignored);
    give(acceptor_.patience_.close);
    ignore();
  }

  void send_events() {
    auto batch = acceptor_.events_.behind(last_, kLongestBatch, following_->details);
    last_ = batch.last;
    is_idle_ = batch.text.empty();
    if (!is_idle_) return send(std::move(batch.text));
    deadline_ = kNever;
  }

  /// A piece that cannot be made ends the connection, which tells the client that some is missing.
  void send_piece() {
    std::string piece;
    try {
      piece = source_();
    } catch (const std::exception&) {
      return end();
    }
    if (piece.empty()) source_ = nullptr;
    if (has_chunks_) piece = chunk(piece);
    piece.empty() ? go_on() : send(std::move(piece));
  }

  /// Reads what the client still sends: to close on it would take the answer from it.
  void ignore() {
    socket_.async_read_some(asio::buffer(acceptor_.ignored_), then(&Connection::on_ignored));
  }
  void on_ignored(std::size_t octets) {
    ignored_ += octets;
    ignored_ < kMostIgnored ? ignore() : end();
  }

  Acceptor& acceptor_;
  stream_protocol::socket socket_;
  const std::string network_;
  TimePoint deadline_ = kNever, end_ = kNever;
  boost::beast::flat_buffer input_{kLongestHead};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string output_;
  asio::const_buffer rest_;  ///< what is not sent yet of the output, or of the shared body
  SharedBody shared_;
  std::size_t ignored_ = 0;
  BodySource source_;
  std::uint64_t last_ = 0;  ///< the event that a follower was sent last
  std::optional<FollowEvents> following_;
  bool is_refused_ = false, has_asked_ = false, has_chunks_ = true, is_idle_ = false,
       sends_shared_ = false;
};

void Server::Acceptor::open() {
  events_.on_push = [this] { on_push(); };
  wait_for_client();
  wait_for_alarm();
}

void Server::Acceptor::close() {
  events_.on_push = nullptr;
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
    accept_again_ = os::now() + patience_.accept_again;
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
      std::make_shared<Connection>(*this, std::move(socket), std::move(network)));
  serves ? connections_.back()->serve() : connections_.back()->refuse();
}

/// Whether a connection from that network may be served; if not, there is room to tell it so.
bool Server::Acceptor::make_room(const std::string& network) {
  const auto admission = admit(places(), network);
  if (admission.evicted) Connections{connections_}[*admission.evicted]->end();
  return admission.is_served;
}

std::vector<ConnectionState> Server::Acceptor::places() const {
  std::vector<ConnectionState> taken;
  for (const auto& connection : connections_) taken.push_back(connection->place());
  return taken;
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

/// What is pushed within one turn of the event loop is sent in one piece.
void Server::Acceptor::on_push() {
  if (events_.followers() == 0 || std::exchange(push_is_told_, true)) return;
  asio::post(clients_.get_executor(), [self = shared_from_this()] {
    self->push_is_told_ = false;
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
