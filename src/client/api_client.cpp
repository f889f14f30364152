#include "client/api_client.hpp"

#include <boost/asio/io_context.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "client/errors.hpp"
#include "text/printable.hpp"

namespace mcq::client {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxEvent = 1'048'576;  ///< bytes

/// Whether arrays and objects are nested deeper than in any response of the daemon. The library
/// copies, compares and serializes recursively: such a value could overflow the stack.
bool is_deep(std::string_view text) {
  constexpr int kDeepest = 64;
  int depth = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted && c == '\\') ++i;
    if (is_quoted) continue;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDeepest) return true;
  }
  return false;
}

/// Returns a discarded value for invalid or too deeply nested JSON.
json parse(const std::string& text) {
  return is_deep(text) ? json(json::value_t::discarded) : json::parse(text, nullptr, false);
}

/// Parses server-sent events (HTML Standard §9.2.6) whose data is one JSON value. Ignores the other
/// fields, which the daemon repeats in the data.
class EventReader {
 public:
  using OnEvent = std::function<bool(const json&)>;
  enum class State { kGoOn, kEnough, kBroken };

  State read(std::string_view text, const OnEvent& on_event) {
    for (const char c : text) {
      if (state_ != State::kGoOn) break;
      if (c != '\n') {
        line_ += c;
        if (line_.size() + data_.size() > kMaxEvent) state_ = State::kBroken;
        continue;
      }
      if (line_.ends_with('\r')) line_.pop_back();
      state_ = end_line(on_event);
      line_.clear();
    }
    return state_;
  }
  State state() const { return state_; }

 private:
  State end_line(const OnEvent& on_event) {
    static constexpr std::string_view kData = "data:";
    if (line_.starts_with(kData)) data_ += line_.substr(kData.size()) + "\n";
    if (!line_.empty() || data_.empty()) return State::kGoOn;
    const auto event = parse(std::exchange(data_, {}));
    if (event.is_discarded()) return State::kBroken;
    return on_event(event) ? State::kGoOn : State::kEnough;
  }

  State state_ = State::kGoOn;
  std::string line_, data_;
};

}  // namespace

HttpGet ApiClient::get(boost::asio::io_context& io, const std::string& target,
                       std::function<void(Result<json>)> on_answer, std::size_t longest) const {
  auto text = std::make_shared<std::string>();
  const auto on_piece = [text, longest](std::string_view piece) {
    text->append(piece);
    return text->size() <= longest;
  };
  const auto on_end = [text, longest, socket = socket_,
                       on_answer = std::move(on_answer)](Result<Ok> end) {
    if (!end) return on_answer(fail(std::move(end).error()));
    if (text->size() > longest) return on_answer(fail(kTooLong));
    auto value = parse(*text);
    if (value.is_discarded()) return on_answer(not_the_api(socket, "its answer is not JSON"));
    on_answer(std::move(value));
  };
  return HttpGet{
      io, {.socket = socket_, .target = target, .patience = patience_}, on_piece, on_end};
}

HttpGet ApiClient::follow(boost::asio::io_context& io, const std::string& target,
                          std::function<bool(const json&)> on_event, HttpGet::OnEnd on_end) const {
  return events(Events::kFollow, io, target, std::move(on_event), std::move(on_end));
}

HttpGet ApiClient::events(Events how, boost::asio::io_context& io, const std::string& target,
                          std::function<bool(const json&)> on_event, HttpGet::OnEnd on_end) const {
  auto events = std::make_shared<EventReader>();
  const auto on_piece = [events, on_event = std::move(on_event)](std::string_view piece) {
    return events->read(piece, on_event) == EventReader::State::kGoOn;
  };
  const auto ended = [how, events, socket = socket_, on_end = std::move(on_end)](Result<Ok> end) {
    if (!end || events->state() == EventReader::State::kEnough) return on_end(std::move(end));
    if (events->state() == EventReader::State::kBroken) {
      return on_end(not_the_api(socket, "it does not send events"));
    }
    if (how == Events::kRead) return on_end(Ok{});
    on_end(fail("the daemon at '" + printable(socket) +
                "' has ended the event stream: it has stopped, or this reader was too slow"));
  };
  return HttpGet{io,
                 {.socket = socket_, .target = target, .patience = patience_, .is_endless = true},
                 on_piece,
                 ended};
}

Result<json> ApiClient::get(const std::string& target) const {
  boost::asio::io_context io;
  Result<json> answer = fail("");
  const auto call = get(io, target, [&](Result<json> given) { answer = std::move(given); });
  io.run();
  return answer;
}

Result<Ok> ApiClient::follow(const std::string& target,
                             const std::function<bool(const json&)>& on_event) const {
  return events(Events::kFollow, target, on_event);
}

Result<Ok> ApiClient::read_events(const std::string& target,
                                  const std::function<bool(const json&)>& on_event) const {
  return events(Events::kRead, target, on_event);
}

Result<Ok> ApiClient::events(Events how, const std::string& target,
                             const std::function<bool(const json&)>& on_event) const {
  boost::asio::io_context io;
  Result<Ok> end = Ok{};
  const auto call =
      events(how, io, target, on_event, [&](Result<Ok> result) { end = std::move(result); });
  io.run();
  return end;
}

}  // namespace mcq::client
