#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace mcq::http {

/// A request as the socket brings it.
struct Request {
  std::string method{};         ///< "GET"
  std::string target{};         ///< "/v1/groups?interface=eth0", as it was sent
  std::string host{};           ///< the header; several are joined by ", "
  std::string last_event_id{};  ///< the header of that name; empty when there is none
  bool accepts_gzip = false;    ///< an answer that is compressed
  bool is_root = false;         ///< by the credentials of a Unix socket
};

/// Makes a long body while it is sent: the next piece, some 16 KiB; empty when that was all.
using BodySource = std::function<std::string()>;

/// Follow the event stream: what happens from now on, or behind the event of that number.
struct FollowEvents {
  std::optional<std::uint64_t> since{};
  bool details = true;  ///< also those that come with every join
};

/// A long body that several answers have in common.
using SharedBody = std::shared_ptr<const std::string>;

struct Response;
/// Answers later: calls back, once at most, from the event loop.
using DeferredResponse = std::function<void(std::function<void(Response)> answer)>;

struct Response {
  int status = 200;
  std::string allow{};  ///< the methods that a 405 allows; else empty
  /// All at once or piece by piece; server-sent events; or not known yet.
  std::variant<std::string, SharedBody, BodySource, FollowEvents, DeferredResponse> body{};
  std::string type = "application/json";
  bool is_gzip = false;
};

/// Answers at once, and never waits.
using Handler = std::function<Response(const Request&)>;

/// {"error": "..."}
Response error_response(int status, const std::string& message);

/// The lines before the body, with further headers, each with its line break (CRLF).
std::string response_head(const Response& answer, const std::string& headers);
/// A piece of a body as a chunk (RFC 9112 §7.1); an empty one is the last.
std::string chunk(const std::string& piece);

/// The path of a target: "/v1/groups" of "/v1/groups?interface=eth0".
inline std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

}  // namespace mcq::http
