#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace mcq::http {

/// A received request.
struct Request {
  std::string method{};         ///< "GET"
  std::string target{};         ///< "/v1/groups?interface=eth0", not decoded
  std::string host{};           ///< the Host header; several are joined by ", "
  std::string last_event_id{};  ///< the Last-Event-ID header; empty when absent
  bool accepts_gzip = false;    ///< RFC 9110 §12.5.3
  bool accepts_html = false;    ///< the Accept header names text/html: a browser shows the response
  bool is_root = false;         ///< the peer of a Unix socket has user ID 0
};

/// Produces a long body while it is sent: each call returns the next piece, about 16 KiB, and an
/// empty string at the end. An exception ends the connection.
using BodySource = std::function<std::string()>;

/// Responds with the event stream: events after ID `since`, or future ones only.
struct FollowEvents {
  std::optional<std::uint64_t> since{};
  bool ends = false;                    ///< after the events that are kept, instead of waiting
  bool details = true;                  ///< include detail events, such as each join
  std::shared_ptr<const void> lease{};  ///< released when the connection ends
};

/// A long body shared by several responses.
using SharedBody = std::shared_ptr<const std::string>;

struct Response;
/// Responds later: calls `answer` at most once, from the event loop. The client may be gone then.
using DeferredResponse = std::function<void(std::function<void(Response)> answer)>;

struct Response {
  int status = 200;
  std::string allow{};  ///< the Allow header of a 405 response; else empty
  std::variant<std::string, SharedBody, BodySource, FollowEvents, DeferredResponse> body{};
  std::string type = "application/json";
  bool is_gzip = false;
};

/// Returns the response without blocking. An exception becomes a 500 response.
using Handler = std::function<Response(const Request&)>;

/// A response with the body {"error": "..."}.
Response error_response(int status, const std::string& message);

/// Formats the status line, the headers and the empty line. `headers`: further ones, each with its
/// line break (CRLF).
std::string response_head(const Response& answer, const std::string& headers);
/// Encodes a piece of a body as a chunk (RFC 9112 §7.1). An empty piece is the last chunk.
std::string chunk(const std::string& piece);

/// The path of a target: "/v1/groups" for "/v1/groups?interface=eth0".
inline std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

}  // namespace mcq::http
