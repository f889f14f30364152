#include "http/connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

#include "os/clock.hpp"
#include "os/server_socket.hpp"

namespace mcq::http {
namespace {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using boost::system::error_code;

constexpr std::size_t kMaxBatch = 32UL * 1024;  ///< bytes of events in one write

/// Bytes read from a client that sends on after the response. Closing with unread input would
/// reset the connection, and the client could lose the response.
constexpr std::size_t kMaxIgnored = 2UL * 1024 * 1024;

}  // namespace

/// A completion handler that calls `step`, ends the connection on an error, and does nothing once
/// the socket is closed.
auto Connection::then(Step step) {
  return [self = shared_from_this(), step](const error_code& error, std::size_t bytes) {
    if (!self->socket_.is_open()) return;
    if (error) return self->end();
    (self.get()->*step)(bytes);
  };
}

void Connection::serve() {
  set_timeout(environment_.timeouts.request);
  reader_.emplace();
  read_request();
}

void Connection::read_request() {
  const auto room = reader_->room();
  socket_.async_read_some(asio::buffer(room.data(), room.size()), then(&Connection::on_read));
}

void Connection::on_read(std::size_t bytes) {
  auto read = reader_->add(bytes);
  if (std::holds_alternative<std::monostate>(read)) return read_request();
  reader_.reset();
  has_asked_ = true;
  if (auto* refusal = std::get_if<Response>(&read)) return answer(std::move(*refusal));
  on_request(std::get<ReceivedRequest>(read));
}

void Connection::refuse() {
  is_refused_ = true;
  answer(error_response(503, too_many_connections()));
}

void Connection::end() {
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.close(ignored);
  if (following_) {
    environment_.events.unfollow(following_->details);
    following_->lease.reset();
  }
  environment_.remove(shared_from_this());
}

void Connection::wake() {
  if (is_idle_) send_events();
}

void Connection::set_timeout(Duration time) {
  deadline_ = std::min(os::now() + time, end_);
  environment_.arm(deadline_);
}

void Connection::on_request(const ReceivedRequest& received) {
  has_chunks_ = received.has_chunks;
  has_body_ = received.request.method != "HEAD";
  Response response;
  try {
    auto request = received.request;
    request.is_root = os::peer_is_root(socket_.native_handle());
    response = environment_.handler(request);
  } catch (const std::exception& problem) {
    response = error_response(500, std::string{"the answer cannot be made: "} + problem.what());
  }
  answer(std::move(response));
}

void Connection::answer(Response response) {
  end_ = os::now() + environment_.timeouts.answer;
  if (auto* deferred = std::get_if<DeferredResponse>(&response.body)) return wait_for(*deferred);
  if (const auto* follow_events = std::get_if<FollowEvents>(&response.body)) {
    return follow(response, FollowEvents{*follow_events});
  }
  if (auto* source = std::get_if<BodySource>(&response.body)) {
    if (has_body_) source_ = std::move(*source);
    return send(head(response, has_chunks_ ? "Transfer-Encoding: chunked\r\n" : ""));
  }
  const auto length = [](const std::string& text) {
    return "Content-Length: " + std::to_string(text.size()) + "\r\n";
  };
  if (auto* shared = std::get_if<SharedBody>(&response.body)) {
    const auto text = head(response, length(**shared));
    if (has_body_) shared_ = std::move(*shared);
    return send(text);
  }
  const auto& text = std::get<std::string>(response.body);
  send(head(response, length(text)) + (has_body_ ? text : ""));
}

std::string Connection::head(const Response& response, const std::string& headers) const {
  return response_head(response, headers + environment_.headers);
}

void Connection::wait_for(const DeferredResponse& deferred) {
  set_timeout(environment_.timeouts.answer);
  deferred([weak = weak_from_this()](Response response) {
    const auto self = weak.lock();
    if (self && self->socket_.is_open()) self->answer(std::move(response));
  });
}

void Connection::follow(Response response, const FollowEvents& follow_events) {
  if (!may_follow(environment_.states(), network_)) {
    return answer(error_response(503, too_many_followers()));
  }
  response.type = "text/event-stream";
  if (!has_body_) return send(head(response, ""));
  following_ = follow_events;
  end_ = kNever;
  environment_.events.follow(following_->details);
  last_ = following_->since.value_or(environment_.events.next_id() - 1);
  send(head(response, ""));
  socket_.async_read_some(asio::buffer(environment_.ignored), then(&Connection::on_follower_input));
}

/// Ends the connection: a follower sends nothing after its request.
void Connection::on_follower_input(std::size_t) { end(); }

void Connection::send(std::string text) {
  output_ = std::move(text);
  rest_ = asio::buffer(output_);
  send_rest();
}

void Connection::send_rest() {
  const auto& timeouts = environment_.timeouts;
  set_timeout(following_ ? timeouts.read_events : timeouts.read);
  socket_.async_write_some(rest_, then(&Connection::on_sent));
}

void Connection::on_sent(std::size_t bytes) {
  rest_ += bytes;
  if (rest_.size() > 0) return send_rest();
  output_ = std::string{};
  send_next();
}

/// Sends the next part of the body. After the last one, shuts down sending.
void Connection::send_next() {
  if (following_) return send_events();
  if (source_) return send_piece();
  if (shared_ && !std::exchange(sends_shared_, true)) {
    rest_ = asio::buffer(*shared_);
    return send_rest();
  }
  shared_.reset();
  end_sending();
  ignore();
}

void Connection::end_sending() {
  error_code ignored;
  socket_.shutdown(stream_protocol::socket::shutdown_send, ignored);
  set_timeout(environment_.timeouts.close);
}

void Connection::send_events() {
  auto batch = environment_.events.behind(last_, kMaxBatch, following_->details);
  last_ = batch.last;
  const bool is_last = batch.text.empty() && following_->ends;
  if (is_last) return end_sending();  // on_follower_input() ends the connection
  is_idle_ = batch.text.empty();
  if (!is_idle_) return send(std::move(batch.text));
  deadline_ = kNever;
}

/// Sends the next piece of the source. If the source throws, ends the connection before the last
/// chunk, so that the client detects an incomplete body.
void Connection::send_piece() {
  std::string piece;
  try {
    piece = source_();
  } catch (const std::exception&) {
    return end();
  }
  if (piece.empty()) source_ = nullptr;
  if (has_chunks_) piece = chunk(piece);
  piece.empty() ? send_next() : send(std::move(piece));
}

/// Reads and discards input until the client closes, or kMaxIgnored bytes.
void Connection::ignore() {
  socket_.async_read_some(asio::buffer(environment_.ignored), then(&Connection::on_ignored));
}

void Connection::on_ignored(std::size_t bytes) {
  ignored_ += bytes;
  ignored_ < kMaxIgnored ? ignore() : end();
}

}  // namespace mcq::http
