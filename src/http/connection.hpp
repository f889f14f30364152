#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "http/admission.hpp"
#include "http/event_stream.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/request_reader.hpp"

namespace mcq::http {

class Connection;

/// Shared by the connections of a server. Must outlive each open connection.
struct ConnectionEnvironment {
  Handler handler;
  EventStream& events;
  ServerTimeouts timeouts;
  std::string headers;  ///< appended to each response head, each with its line break (CRLF)
  /// Has the server check deadlines at that time or earlier.
  std::function<void(TimePoint deadline)> arm{};
  /// The states of all connections, oldest first.
  std::function<std::vector<ConnectionState>()> states{};
  /// Releases a connection whose socket is closed.
  std::function<void(const std::shared_ptr<Connection>&)> remove{};
  std::array<char, 16UL * 1024> ignored{};  ///< receives input that is discarded
};

/// One client connection with its request and response. Pending operations keep it alive; they do
/// nothing once the socket is closed.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `network`: as os::network_of_peer() returns it.
  Connection(ConnectionEnvironment& environment,
             boost::asio::generic::stream_protocol::socket socket, std::string network)
      : environment_(environment), socket_(std::move(socket)), network_(std::move(network)) {}

  /// Reads a request and responds to it. Call this or refuse(), once.
  void serve();
  /// Responds with 503 without reading a request.
  void refuse();
  /// Closes the socket and removes this connection from the server. Repeated calls do nothing.
  void end();
  /// Sends new events if this connection follows them and has sent all before.
  void wake();

  /// When the server calls end(); kNever for a follower that waits for events.
  TimePoint deadline() const { return deadline_; }
  ConnectionState state() const {
    return {network_, has_asked_, following_.has_value(), is_refused_};
  }

 private:
  using Step = void (Connection::*)(std::size_t bytes);
  auto then(Step step);
  void set_timeout(Duration time);

  void read_request();
  void on_read(std::size_t bytes);
  void on_request(const ReceivedRequest& received);
  void answer(Response response);
  std::string head(const Response& response, const std::string& headers) const;
  void wait_for(const DeferredResponse& deferred);
  void follow(Response response, const FollowEvents& follow_events);
  void on_follower_input(std::size_t bytes);

  void send(std::string text);
  void send_rest();
  void on_sent(std::size_t bytes);
  void send_next();
  void send_events();
  void end_sending();
  void send_piece();
  void ignore();
  void on_ignored(std::size_t bytes);

  ConnectionEnvironment& environment_;
  boost::asio::generic::stream_protocol::socket socket_;
  const std::string network_;
  TimePoint deadline_ = kNever, end_ = kNever;
  std::optional<RequestReader> reader_;  ///< while the request is read
  std::string output_;
  boost::asio::const_buffer rest_;  ///< the unsent part of output_ or shared_
  SharedBody shared_;
  std::size_t ignored_ = 0;  ///< bytes
  BodySource source_;
  std::uint64_t last_ = 0;  ///< ID of the last event sent to a follower
  std::optional<FollowEvents> following_;
  bool has_body_ = true;  ///< false in the response to HEAD (RFC 9110 §9.3.2)
  bool is_refused_ = false, has_asked_ = false, has_chunks_ = true, is_idle_ = false,
       sends_shared_ = false;
};

}  // namespace mcq::http
