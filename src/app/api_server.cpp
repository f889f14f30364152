#include "app/api_server.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <charconv>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "os/clock.hpp"
#include "os/local_socket.hpp"

namespace mcq::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::local::stream_protocol;
using boost::system::error_code;

/// Those beyond the most that are served: they are told so and closed, the oldest first.
constexpr int kMostRefused = 16;
/// What is read of a client that goes on sending after its answer, so that it sees the answer.
constexpr std::size_t kMostIgnored = 2UL * 1024 * 1024;

/// The answer to a request that cannot be read; nothing when there is nobody to tell.
std::optional<ApiAnswer> answer_to(const error_code& error) {
  if (error.category() != make_error_code(http::error::end_of_stream).category()) return {};
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error == http::error::body_limit) {
    return api_error(413, "a body has at most " + std::to_string(ApiServer::kLongestBody) +
                              " octets; no request here needs one");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return api_error(431, "a request has at most " + std::to_string(ApiServer::kLongestHead) +
                              " octets of headers");
  }
  return api_error(400, "this is not a request of HTTP/1.1: " + error.message());
}

/// What comes before a body. `length` is its Content-Length, or says how it ends otherwise.
std::string head_of(const ApiAnswer& answer, const char* type, const std::string& length) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  return "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string{reason} +
         "\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Type: " + type + "\r\n" +
         (answer.allow.empty() ? "" : "Allow: " + answer.allow + "\r\n") + length + "\r\n";
}

std::string in_chunk(const std::string& piece) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.begin(), size.end(), piece.size(), 16).ptr;
  return std::string{size.begin(), end} + "\r\n" + piece + "\r\n";
}

}  // namespace

/// The socket, its connections and what they share.
class ApiServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& io, os::LocalSocket socket, os::Timer timer, ApiHandler handler,
           EventStream& events, const ApiPatience& patience)
      : handler_(std::move(handler)),
        events_(events),
        patience_(patience),
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
  void remove(const std::shared_ptr<Connection>& connection);
  void wait_for_alarm();
  void on_alarm();
  void on_push();
  /// Has on_alarm() called at that time, or before.
  void arm(TimePoint deadline);

  const ApiHandler handler_;
  EventStream& events_;
  const ApiPatience patience_;
  std::optional<os::LocalSocket> socket_;  ///< none once it is closed
  os::Timer timer_;
  TimePoint armed_ = kNever, accept_again_ = kNever;
  asio::posix::stream_descriptor clients_, alarm_;  ///< when those two are ready
  Connections connections_;                         ///< the oldest first
  int followers_ = 0;
  bool push_is_told_ = false;
  std::array<char, 16UL * 1024> ignored_{};  ///< what clients send that nobody reads
};

/// One client, its request and its answer. It lives as long as something is under way for it, and
/// does nothing any more once its socket is closed.
class ApiServer::Listener::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Listener& listener, stream_protocol::socket socket)
      : listener_(listener), socket_(std::move(socket)) {}

  /// Reads a request and answers it.
  void serve() {
    give(listener_.patience_.request);
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
    answer(api_error(503, "too many connections: " + std::to_string(kMostConnections) +
                              " are served at a time; try again later"));
  }
  bool is_refused() const { return is_refused_; }

  void end() {
    if (!socket_.is_open()) return;
    error_code ignored;
    socket_.close(ignored);
    if (is_follower_) {
      listener_.events_.unfollow();
      --listener_.followers_;
    }
    listener_.remove(shared_from_this());
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
    listener_.arm(deadline_);
  }

  void on_request(const error_code& error) {
    const auto request = parser_->release();
    parser_.reset();
    input_.clear();
    input_.shrink_to_fit();
    if (error) {
      const auto said = answer_to(error);
      return said ? answer(*said) : end();
    }
    has_chunks_ = request.version() >= 11;
    const auto string = [](auto text) { return std::string{text.data(), text.size()}; };
    ApiAnswer said;
    try {
      said = listener_.handler_({.method = string(request.method_string()),
                                 .target = string(request.target()),
                                 .last_event_id = string(request["Last-Event-ID"]),
                                 .is_root = os::peer_is_root(socket_.native_handle())});
    } catch (const std::exception& problem) {
      said = api_error(500, std::string{"the answer cannot be made: "} + problem.what());
    }
    answer(said);
  }

  void answer(ApiAnswer said) {
    end_ = os::now() + listener_.patience_.answer;
    if (const auto* text = std::get_if<std::string>(&said.body)) {
      const auto length = "Content-Length: " + std::to_string(text->size()) + "\r\n";
      return send(head_of(said, "application/json", length) + *text);
    }
    if (auto* source = std::get_if<BodySource>(&said.body)) {
      source_ = std::move(*source);
      return send(
          head_of(said, "application/json", has_chunks_ ? "Transfer-Encoding: chunked\r\n" : ""));
    }
    follow(said, std::get<FollowEvents>(said.body).since);
  }

  void follow(const ApiAnswer& said, std::optional<std::uint64_t> since) {
    if (listener_.followers_ >= kMostFollowers) {
      return answer(api_error(503, "too many follow the events: " + std::to_string(kMostFollowers) +
                                       " at most; end one"));
    }
    is_follower_ = true;
    end_ = kNever;
    ++listener_.followers_;
    listener_.events_.follow();
    last_ = since.value_or(listener_.events_.next_id() - 1);
    send(head_of(said, "text/event-stream", ""));
    // A follower has nothing more to say: whatever is read, its end above all, ends it.
    socket_.async_read_some(asio::buffer(listener_.ignored_), then(&Connection::on_farewell));
  }
  void on_farewell(std::size_t) { end(); }

  void send(std::string text) {
    output_ = std::move(text);
    sent_ = 0;
    send_rest();
  }
  void send_rest() {
    give(is_follower_ ? listener_.patience_.read_events : listener_.patience_.read);
    socket_.async_write_some(asio::buffer(output_) + sent_, then(&Connection::on_sent));
  }
  void on_sent(std::size_t octets) {
    sent_ += octets;
    if (sent_ < output_.size()) return send_rest();
    output_ = std::string{};
    go_on();
  }

  /// What comes next, now that everything so far is sent.
  void go_on() {
    if (is_follower_) return send_events();
    if (source_) return send_piece();
    error_code ignored;
    socket_.shutdown(stream_protocol::socket::shutdown_send, ignored);
    give(listener_.patience_.close);
    ignore();
  }

  void send_events() {
    auto batch = listener_.events_.behind(last_, kLongestBatch);
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
    if (has_chunks_) piece = in_chunk(piece);
    piece.empty() ? go_on() : send(std::move(piece));
  }

  /// Reads what the client still sends: to close on it would take the answer from it.
  void ignore() {
    socket_.async_read_some(asio::buffer(listener_.ignored_), then(&Connection::on_ignored));
  }
  void on_ignored(std::size_t octets) {
    ignored_ += octets;
    ignored_ < kMostIgnored ? ignore() : end();
  }

  Listener& listener_;
  stream_protocol::socket socket_;
  TimePoint deadline_ = kNever, end_ = kNever;
  boost::beast::flat_buffer input_{kLongestHead};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string output_;
  std::size_t sent_ = 0, ignored_ = 0;
  BodySource source_;
  std::uint64_t last_ = 0;  ///< the event that a follower was sent last
  bool is_refused_ = false, has_chunks_ = true, is_follower_ = false, is_idle_ = false;
};

void ApiServer::Listener::open() {
  events_.on_push = [this] { on_push(); };
  wait_for_client();
  wait_for_alarm();
}

void ApiServer::Listener::close() {
  events_.on_push = nullptr;
  for (const auto& connection : Connections{connections_}) connection->end();
  clients_.release();
  alarm_.release();
  socket_.reset();
}

void ApiServer::Listener::wait_for_client() {
  clients_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const error_code&) {
                        if (self->socket_) self->on_client();
                      });
}

void ApiServer::Listener::on_client() {
  auto client = socket_->accept();
  if (client) {
    add(std::move(*client));
  } else if (client.error() != EAGAIN && client.error() != ECONNABORTED) {
    accept_again_ = os::now() + patience_.accept_again;
    return arm(accept_again_);
  }
  wait_for_client();
}

void ApiServer::Listener::add(os::Fd client) {
  stream_protocol::socket socket{clients_.get_executor()};
  error_code error;
  socket.assign(stream_protocol{}, client.get(), error);
  if (error) return;
  client.release();
  const auto is_refused = [](const auto& connection) { return connection->is_refused(); };
  const auto refused = std::count_if(connections_.begin(), connections_.end(), is_refused);
  const bool serves = std::ssize(connections_) - refused < kMostConnections;
  if (!serves && refused >= kMostRefused) {
    (*std::find_if(connections_.begin(), connections_.end(), is_refused))->end();
  }
  connections_.push_back(std::make_shared<Connection>(*this, std::move(socket)));
  serves ? connections_.back()->serve() : connections_.back()->refuse();
}

void ApiServer::Listener::remove(const std::shared_ptr<Connection>& connection) {
  std::erase(connections_, connection);
  if (connections_.empty()) timer_.arm(armed_ = accept_again_);
}

void ApiServer::Listener::arm(TimePoint deadline) {
  if (deadline < armed_) timer_.arm(armed_ = deadline);
}

void ApiServer::Listener::wait_for_alarm() {
  alarm_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const error_code&) {
                      if (self->socket_) self->on_alarm();
                    });
}

void ApiServer::Listener::on_alarm() {
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
void ApiServer::Listener::on_push() {
  if (followers_ == 0 || std::exchange(push_is_told_, true)) return;
  asio::post(clients_.get_executor(), [self = shared_from_this()] {
    self->push_is_told_ = false;
    for (const auto& connection : self->connections_) connection->wake();
  });
}

Result<ApiServer> ApiServer::listen(asio::io_context& io, const std::string& path,
                                    ApiHandler handler, EventStream& events,
                                    const ApiPatience& patience) {
  auto timer = os::Timer::create();
  if (!timer) return fail(std::move(timer).error());
  auto socket = os::LocalSocket::listen(path);
  if (!socket) return fail(std::move(socket).error());
  auto listener = std::make_shared<Listener>(io, std::move(*socket), std::move(*timer),
                                             std::move(handler), events, patience);
  listener->open();
  return ApiServer{std::move(listener)};
}

ApiServer::~ApiServer() {
  if (listener_) listener_->close();
}

}  // namespace mcq::app
