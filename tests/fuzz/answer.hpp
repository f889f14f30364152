#pragma once

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "exposition.hpp"
#include "require.hpp"
#include "text.hpp"

// What a client finds in an answer of HTTP, and what must hold of it whatever was asked.

namespace mcq::fuzz {

inline std::string_view take_line(std::string_view& text, std::string_view end) {
  const auto at = text.find(end);
  require(at != text.npos, "a line has an end");
  const auto line = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return line;
}

/// The body of RFC 9112 §7.1.
inline std::string join_chunks(std::string_view text) {
  std::string body;
  for (;;) {
    const auto line = take_line(text, "\r\n");
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(line.begin(), line.end(), size, 16);
    require(error == std::errc{} && end == line.end(), "a chunk begins with its size");
    require(text.size() >= size + 2 && text.substr(size, 2) == "\r\n", "a chunk has that size");
    body += text.substr(0, size);
    text.remove_prefix(size + 2);
    if (size > 0) continue;
    require(text.empty(), "nothing follows the last chunk");
    return body;
  }
}

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;

  explicit Answer(std::string_view text) {
    require(text.starts_with("HTTP/1.1 ") && text.size() > 13 && text[12] == ' ',
            "an answer is one of HTTP/1.1");
    const auto line = take_line(text, "\r\n");
    require_line(line, "the first line is one");
    const auto code = line.substr(9, 3);
    const auto [end, error] = std::from_chars(code.begin(), code.end(), status);
    require(error == std::errc{} && end == code.end(), "an answer has a status");
    for (auto header = take_line(text, "\r\n"); !header.empty(); header = take_line(text, "\r\n")) {
      require_line(header, "a header is one line");
      const auto colon = header.find(": ");
      require(colon != header.npos, "a header has a name and a value");
      const std::string name{header.substr(0, colon)}, value{header.substr(colon + 2)};
      require(headers.emplace(name, value).second, "a header is given once");
    }
    body = has("Transfer-Encoding", "chunked") ? join_chunks(text) : std::string{text};
    const auto length = headers.find("Content-Length");
    require(length == headers.end() || length->second == std::to_string(body.size()),
            "a body is as long as it says");
  }
  bool has(const std::string& name, const std::string& value) const {
    const auto found = headers.find(name);
    return found != headers.end() && found->second == value;
  }
};

/// Server-sent events, as many as have come: each with a number above the one before, and JSON.
inline void check_events(std::string_view text) {
  std::uint64_t last = 0;
  while (!text.empty()) {
    auto event = take_line(text, "\n\n");
    const auto id = take_line(event, "\nevent: ");
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.begin() + 4, id.end(), number);
    require(id.starts_with("id: ") && error == std::errc{} && end == id.end() && number > last,
            "events are numbered in their order");
    last = number;
    take_line(event, "\ndata: ");
    const auto json = nlohmann::json::parse(event, nullptr, false);
    require(json.is_object() && event.find('\n') == event.npos, "the data of an event is JSON");
  }
}

inline void check_answer(const Answer& answer) {
  require(answer.has("Connection", "close") && answer.has("Cache-Control", "no-store"),
          "one answer a connection, and nobody keeps it");
  require((answer.status == 405) == answer.headers.contains("Allow"),
          "who uses the wrong method is told the right one");
  const auto type = answer.headers.find("Content-Type");
  require(type != answer.headers.end(), "an answer has a type");
  if (type->second == "text/event-stream") return check_events(answer.body);
  if (type->second.starts_with("text/plain")) return check_exposition(answer.body);
  require(type->second == "application/json", "what is no text is JSON");
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  require(json.is_object(), "JSON is JSON");
  const bool is_error = json.size() == 1 && json.contains("error") && json["error"].is_string();
  require(is_error == (answer.status != 200), "an error says why, and nothing else");
}

}  // namespace mcq::fuzz
