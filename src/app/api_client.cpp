#include "app/api_client.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "app/printable.hpp"

namespace mcq::app {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kPieceSize = 65536;
constexpr std::size_t kLongestEvent = 1'048'576;
/// Not boost::none: Boost 1.74 takes every length for more than that.
constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::string in_quotes(const std::string& text) { return "'" + printable(text) + "'"; }

/// Looks up a name by number in /etc/passwd or /etc/group; empty when it has none.
template <class Entry, class Number>
std::string name_of(Number number, int (*look_up)(Number, Entry*, char*, std::size_t, Entry**),
                    char* Entry::*name) {
  std::vector<char> texts(16384);
  Entry entry{};
  Entry* found = nullptr;
  if (look_up(number, &entry, texts.data(), texts.size(), &found) != 0 || !found) return "";
  return found->*name;
}

/// The group that may use the socket. Who may not enter its folder cannot ask about the socket.
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

std::string not_the_api(const std::string& path, const std::string& why) {
  return "what answers at " + in_quotes(path) + " is no igmp-querier (" + printable(why) +
         "): name its socket with --api-socket";
}

/// A connection for one request. Each operation ends at the deadline, if there is one.
class Connection {
 public:
  Connection(std::string path, std::chrono::milliseconds patience)
      : path_(std::move(path)), patience_(patience), deadline_(Clock::now() + patience) {
    buffer_.reserve(kPieceSize);  // Beast reads as much at once as there is room for
  }

  Result<Ok> ask(const std::string& target) {
    if (path_.empty() || path_.size() > kLongestPath) {
      return fail("a socket cannot be at " + in_quotes(path_) + ": a path of 1 to " +
                  std::to_string(kLongestPath) + " octets is needed");
    }
    const asio::local::stream_protocol::endpoint there{path_};
    auto error = finish([&](auto done) { socket_.async_connect(there, std::move(done)); });
    if (error == asio::error::timed_out) return failure(error);
    if (error) return fail(cannot_connect(path_, error));
    http::request<http::empty_body> request{http::verb::get, target, 11};
    request.set(http::field::host, "localhost");
    request.set(http::field::connection, "close");
    error = finish([&](auto done) { http::async_write(socket_, request, std::move(done)); });
    // Who is refused may be answered before all is read: the answer tells more than the error.
    if (error == asio::error::timed_out) return failure(error);
    return Ok{};
  }

  /// As much of the answer as `async_read` reads.
  template <class Parser, class Read>
  Result<Ok> read(Parser& parser, Read async_read) {
    const auto error =
        finish([&](auto done) { async_read(socket_, buffer_, parser, std::move(done)); });
    if (error && error != http::error::need_buffer) return failure(error);
    return Ok{};
  }

  template <class Parser>
  Result<Ok> read_some(Parser& parser) {
    return read(parser, [](auto& stream, auto& buffer, auto& p, auto done) {
      http::async_read_some(stream, buffer, p, std::move(done));
    });
  }

  /// Our patience begins anew whenever more of the body has come: a large table takes its time.
  template <class Parser>
  Result<Ok> read_all(Parser& parser) {
    parser.eager(true);
    while (!parser.is_done()) {
      if (parser.is_header_done()) deadline_ = Clock::now() + patience_;
      if (auto ok = read_some(parser); !ok) return ok;
    }
    return Ok{};
  }

  void wait_for_ever() { deadline_.reset(); }

 private:
  Failure<Error> failure(const error_code& error) const {
    if (error == asio::error::timed_out) {
      return fail("the daemon at " + in_quotes(path_) +
                  " does not answer in time: it may be busy; try again");
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error == asio::error::connection_reset || error == asio::error::not_connected) {
      return fail("the daemon at " + in_quotes(path_) +
                  " has closed the connection: it has stopped, or has too many clients");
    }
    return fail(not_the_api(path_, error.message()));
  }

  /// Runs an operation to its end, or gives it up at the deadline.
  template <class Start>
  error_code finish(Start start) {
    std::optional<error_code> result;
    start([&](const error_code& error, auto...) { result = error; });
    io_.restart();
    if (deadline_) {
      io_.run_until(*deadline_);
    } else {
      io_.run();
    }
    if (result) return *result;
    error_code ignored;
    socket_.close(ignored);
    io_.run();
    return asio::error::timed_out;
  }

  std::string path_;
  Clock::duration patience_;
  asio::io_context io_;
  asio::local::stream_protocol::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
  std::optional<Clock::time_point> deadline_;
};

/// Takes server-sent events apart (HTML Standard §9.2.6), as far as we send them: the data of each
/// is one JSON value, and what else is in it repeats that.
class EventReader {
 public:
  using OnEvent = std::function<bool(const json&)>;
  enum class State { kGoOn, kEnough, kBroken };

  State read(std::string_view text, const OnEvent& on_event) {
    for (const char c : text) {
      if (c != '\n') {
        line_ += c;
        if (line_.size() + data_.size() > kLongestEvent) return State::kBroken;
        continue;
      }
      if (line_.ends_with('\r')) line_.pop_back();
      const auto state = end_line(on_event);
      line_.clear();
      if (state != State::kGoOn) return state;
    }
    return State::kGoOn;
  }

 private:
  State end_line(const OnEvent& on_event) {
    static constexpr std::string_view kData = "data:";
    if (line_.starts_with(kData)) data_ += line_.substr(kData.size()) + "\n";
    if (!line_.empty() || data_.empty()) return State::kGoOn;
    const auto event = json::parse(std::exchange(data_, {}), nullptr, false);
    if (event.is_discarded()) return State::kBroken;
    return on_event(event) ? State::kGoOn : State::kEnough;
  }

  std::string line_, data_;
};

/// The sentence of an error that the API answers.
Failure<Error> refusal(const std::string& path, unsigned status, const std::string& body) {
  const auto answer = json::parse(body, nullptr, false);
  const auto sentence = answer.is_object() ? answer.find("error") : answer.end();
  if (sentence == answer.end() || !sentence->is_string()) {
    return fail(not_the_api(path, "HTTP status " + std::to_string(status)));
  }
  return fail(printable(sentence->get<std::string>()));
}

using TextParser = http::response_parser<http::string_body>;

}  // namespace

Result<json> ApiClient::get(const std::string& target) const {
  Connection connection{socket_, patience_};
  if (auto asked = connection.ask(target); !asked) return fail(std::move(asked).error());
  TextParser parser;
  parser.body_limit(kNoLimit);
  if (auto ok = connection.read_all(parser); !ok) return fail(std::move(ok).error());
  const auto& answer = parser.get();
  if (answer.result() != http::status::ok) {
    return refusal(socket_, answer.result_int(), answer.body());
  }
  auto value = json::parse(answer.body(), nullptr, false);
  if (value.is_discarded()) return fail(not_the_api(socket_, "its answer is not JSON"));
  return value;
}

Result<Ok> ApiClient::follow(const std::string& target,
                             const std::function<bool(const json&)>& on_event) const {
  Connection connection{socket_, patience_};
  if (auto asked = connection.ask(target); !asked) return asked;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(kNoLimit);
  const auto read_header = [](auto& stream, auto& buffer, auto& p, auto done) {
    http::async_read_header(stream, buffer, p, std::move(done));
  };
  if (auto ok = connection.read(parser, read_header); !ok) return ok;
  if (parser.get().result() != http::status::ok) {
    TextParser whole{std::move(parser)};
    if (auto ok = connection.read_all(whole); !ok) return ok;
    return refusal(socket_, whole.get().result_int(), whole.get().body());
  }
  connection.wait_for_ever();
  EventReader events;
  std::array<char, kPieceSize> piece{};
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    body.more = true;
    auto ok = connection.read_some(parser);
    const std::string_view text{piece.data(), piece.size() - body.size};
    const auto state = events.read(text, on_event);
    if (state == EventReader::State::kEnough) return Ok{};
    if (state == EventReader::State::kBroken) {
      return fail(not_the_api(socket_, "what it sends are no events"));
    }
    if (!ok) return ok;
  }
  return fail("the daemon at " + in_quotes(socket_) +
              " has ended the event stream: it has stopped, or this reader was too slow");
}

}  // namespace mcq::app
