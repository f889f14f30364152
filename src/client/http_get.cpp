#include "client/http_get.hpp"

#include <sys/un.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <limits>
#include <utility>

#include "client/errors.hpp"

namespace mcq::client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kPieceSize = 65536;
constexpr std::size_t kMaxError = 16384;  ///< bytes of an error response
/// Not boost::none: Boost 1.74 then rejects each body with a Content-Length.
constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();

}  // namespace

/// Pending operations keep it alive. After end() or cancel() it calls no callback.
class HttpGet::Connection : public std::enable_shared_from_this<Connection> {
 private:
  using Step = void (Connection::*)(const error_code& error, std::size_t bytes);

  auto then(Step step) {
    return [self = shared_from_this(), step](const error_code& error, std::size_t bytes = 0) {
      if (!self->has_ended_) (self.get()->*step)(error, bytes);
    };
  }

 public:
  Connection(asio::io_context& io, GetRequest question, OnPiece on_piece, OnEnd on_end)
      : question_(std::move(question)),
        on_piece_(std::move(on_piece)),
        on_end_(std::move(on_end)),
        socket_(io),
        timer_(io) {
    parser_.body_limit(kNoLimit);
  }

  void start() {
    const auto& path = question_.socket;
    if (path.empty() || path.size() > kMaxPath) {
      return asio::post(timer_.get_executor(), [self = shared_from_this()] {
        self->end(fail("a socket cannot be at " + in_quotes(self->question_.socket) +
                       ": a path of 1 to " + std::to_string(kMaxPath) + " bytes is needed"));
      });
    }
    restart_timeout();
    socket_.async_connect(asio::local::stream_protocol::endpoint{path},
                          then(&Connection::on_connected));
  }

  void cancel() {
    has_ended_ = true;
    error_code ignored;
    socket_.close(ignored);
    try {
      timer_.cancel();
    } catch (const boost::system::system_error&) {
      return;  // its handler checks has_ended_
    }
  }

 private:
  void restart_timeout() {
    timer_.expires_after(question_.patience);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (error || self->has_ended_) return;
      self->end(fail("the daemon at " + in_quotes(self->question_.socket) +
                     " does not answer in time: it may be busy; try again"));
    });
  }

  void end(Result<Ok> how) {
    cancel();
    std::exchange(on_end_, nullptr)(std::move(how));
  }
  void fail_with(const error_code& error) {
    if (error == asio::error::eof || error == http::error::partial_message ||
        error == asio::error::connection_reset || error == asio::error::not_connected) {
      return end(fail("the daemon at " + in_quotes(question_.socket) +
                      " has closed the connection: it has stopped, or has too many clients"));
    }
    end(not_the_api(question_.socket, error.message()));
  }

  void on_connected(const error_code& error, std::size_t) {
    if (error) return end(fail(cannot_connect(question_.socket, error)));
    request_ =
        "GET " + question_.target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send();
  }
  void send() { socket_.async_write_some(asio::buffer(request_), then(&Connection::on_sent)); }
  /// Ignores a write error: the daemon may refuse before it reads the request, and its response
  /// says why.
  void on_sent(const error_code& error, std::size_t bytes) {
    request_.erase(0, bytes);
    error || request_.empty() ? read() : send();
  }

  // Not http::async_read_some, which costs the compiler twice the memory.
  void read() { socket_.async_read_some(buffer_.prepare(kPieceSize), then(&Connection::on_read)); }
  void on_read(const error_code& error, std::size_t bytes) {
    buffer_.commit(bytes);
    auto fault = error;
    if (error == asio::error::eof && parser_.got_some()) parser_.put_eof(fault);
    if (fault) return fail_with(fault);
    parse();
  }
  void parse() {
    while (!has_ended_) {
      if (parser_.is_done()) return on_whole();
      if (buffer_.size() == 0) return read();
      const bool in_body = parser_.is_header_done();
      auto& body = parser_.get().body();
      body = {piece_.data(), piece_.size(), true};
      error_code error;
      buffer_.consume(parser_.put(buffer_.data(), error));
      if (!in_body && parser_.is_header_done()) on_header();
      if (in_body) on_body({piece_.data(), piece_.size() - body.size});
      if (has_ended_) return;
      if (error == http::error::need_more) return read();
      if (error && error != http::error::need_buffer) return fail_with(error);
    }
  }
  void on_header() {
    is_refused_ = parser_.get().result() != http::status::ok;
    has_no_end_ = question_.is_endless && !is_refused_;
    has_no_end_ ? static_cast<void>(timer_.cancel()) : restart_timeout();
  }
  void on_body(std::string_view text) {
    if (is_refused_) {
      refusal_.append(text.substr(0, kMaxError - refusal_.size()));
    } else if (!text.empty() && !on_piece_(text)) {
      if (!has_ended_) end(Ok{});
      return;
    }
    if (!has_ended_ && !has_no_end_) restart_timeout();
  }
  void on_whole() {
    is_refused_ ? end(refusal(question_.socket, parser_.get().result_int(), refusal_)) : end(Ok{});
  }

  GetRequest question_;
  OnPiece on_piece_;
  OnEnd on_end_;
  asio::local::stream_protocol::socket socket_;
  asio::steady_timer timer_;
  std::string request_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, kPieceSize> piece_{};
  std::string refusal_;  ///< body of an error response
  bool is_refused_ = false, has_no_end_ = false, has_ended_ = false;
};

HttpGet::HttpGet(asio::io_context& io, GetRequest question, OnPiece on_piece, OnEnd on_end)
    : connection_(std::make_shared<Connection>(io, std::move(question), std::move(on_piece),
                                               std::move(on_end))) {
  connection_->start();
}

HttpGet::~HttpGet() {
  if (connection_) connection_->cancel();
}

}  // namespace mcq::client
