#include "client/http_get.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "text/printable.hpp"

namespace mcq::client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using nlohmann::json;

constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kPieceSize = 65536;
constexpr std::size_t kMaxError = 16384;  ///< bytes of an error response
/// Not boost::none: Boost 1.74 then rejects each body with a Content-Length.
constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::string in_quotes(const std::string& text) { return "'" + printable(text) + "'"; }

/// Returns the user or group name for an ID; empty when there is none.
template <class Entry, class Number>
std::string name_of(Number number, int (*look_up)(Number, Entry*, char*, std::size_t, Entry**),
                    char* Entry::*name) {
  std::vector<char> texts(16384);
  Entry entry{};
  Entry* found = nullptr;
  if (look_up(number, &entry, texts.data(), texts.size(), &found) != 0 || !found) return "";
  return found->*name;
}

/// The group that may use the socket: its own, or that of its folder when the folder hides it.
/// Empty for root.
std::string group_of(const std::string& path) {
  struct stat about {};
  const auto folder = std::filesystem::path{path}.parent_path();
  if (::stat(path.c_str(), &about) != 0 && ::stat(folder.c_str(), &about) != 0) return "";
  if (about.st_gid == 0) return "";
  return printable(name_of<group>(about.st_gid, ::getgrgid_r, &group::gr_name));
}

std::string not_allowed(const std::string& path) {
  auto sentence = "not allowed to use " + in_quotes(path) + ": run with sudo";
  const auto group = group_of(path);
  const auto user = printable(name_of<passwd>(::geteuid(), ::getpwuid_r, &passwd::pw_name));
  if (group.empty() || user.empty()) return sentence;
  return sentence + ", or join the group '" + group + "' (sudo usermod -aG " + group + " " + user +
         ", then log in again)";
}

std::string cannot_connect(const std::string& path, const error_code& error) {
  if (error == asio::error::access_denied || error == asio::error::no_permission) {
    return not_allowed(path);
  }
  const bool nobody = error == asio::error::connection_refused ||
                      error == boost::system::errc::no_such_file_or_directory ||
                      error == boost::system::errc::not_a_directory;
  return "no igmp-querier answers at " + in_quotes(path) +
         (nobody ? "" : " (" + error.message() + ")") +
         ": start it with sudo systemctl start igmp-querier, or name its socket with --api-socket";
}

/// The error message in the body of an error response.
Failure<Error> refusal(const std::string& path, unsigned status, const std::string& body) {
  const auto answer = json::parse(body, nullptr, false);
  const auto sentence = answer.is_object() ? answer.find("error") : answer.end();
  if (sentence == answer.end() || !sentence->is_string()) {
    return not_the_api(path, "HTTP status " + std::to_string(status));
  }
  return fail(printable(sentence->get<std::string>()));
}

}  // namespace

Failure<Error> not_the_api(const std::string& socket, const std::string& why) {
  return fail("what answers at " + in_quotes(socket) + " is no igmp-querier (" + printable(why) +
              "): name its socket with --api-socket");
}

/// Pending operations keep it alive. After end() or cancel() it calls no callback.
class HttpGet::Connection : public std::enable_shared_from_this<Connection> {
 private:
  using Step = void (Connection::*)(const error_code& error);

  auto then(Step step) {
    return [self = shared_from_this(), step](const error_code& error, auto...) {
      if (!self->has_ended_) (self.get()->*step)(error);
    };
  }

 public:
  Connection(asio::io_context& io, GetRequest question, OnPiece on_piece, OnEnd on_end)
      : question_(std::move(question)),
        on_piece_(std::move(on_piece)),
        on_end_(std::move(on_end)),
        socket_(io),
        timer_(io) {
    buffer_.reserve(kPieceSize);  // Beast reads at most the capacity at once
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
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error == asio::error::connection_reset || error == asio::error::not_connected) {
      return end(fail("the daemon at " + in_quotes(question_.socket) +
                      " has closed the connection: it has stopped, or has too many clients"));
    }
    end(not_the_api(question_.socket, error.message()));
  }

  void on_connected(const error_code& error) {
    if (error) return end(fail(cannot_connect(question_.socket, error)));
    request_ = {http::verb::get, question_.target, 11};
    request_.set(http::field::host, "localhost");
    request_.set(http::field::connection, "close");
    http::async_write(socket_, request_, then(&Connection::on_sent));
  }
  /// Ignores a write error: the daemon may refuse before it reads the request, and its response
  /// says why.
  void on_sent(const error_code&) {
    http::async_read_header(socket_, buffer_, parser_, then(&Connection::on_header));
  }
  void on_header(const error_code& error) {
    if (error) return fail_with(error);
    is_refused_ = parser_.get().result() != http::status::ok;
    has_no_end_ = question_.is_endless && !is_refused_;
    has_no_end_ ? static_cast<void>(timer_.cancel()) : restart_timeout();
    read_body();
  }

  void read_body() {
    if (parser_.is_done()) return on_whole();
    auto& body = parser_.get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    body.more = true;
    http::async_read_some(socket_, buffer_, parser_, then(&Connection::on_body));
  }
  void on_body(const error_code& error) {
    const std::string_view text{piece_.data(), piece_.size() - parser_.get().body().size};
    if (is_refused_) {
      refusal_.append(text.substr(0, kMaxError - refusal_.size()));
    } else if (!text.empty() && !on_piece_(text)) {
      if (!has_ended_) end(Ok{});
      return;
    }
    if (has_ended_) return;
    if (error && error != http::error::need_buffer) return fail_with(error);
    if (!has_no_end_) restart_timeout();
    read_body();
  }
  void on_whole() {
    is_refused_ ? end(refusal(question_.socket, parser_.get().result_int(), refusal_)) : end(Ok{});
  }

  GetRequest question_;
  OnPiece on_piece_;
  OnEnd on_end_;
  asio::local::stream_protocol::socket socket_;
  asio::steady_timer timer_;
  http::request<http::empty_body> request_;
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
