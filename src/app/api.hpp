#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace mcq::app {

/// Where the daemon answers and its clients ask, unless told otherwise.
inline constexpr const char* kDefaultApiSocket = "/run/igmp-querier/api.sock";

/// A request as the socket brings it.
struct ApiRequest {
  std::string method;         ///< "GET"
  std::string target;         ///< "/v1/groups?interface=eth0", as it was sent
  std::string last_event_id;  ///< the header of that name; empty when there is none
  bool is_root = false;       ///< by the credentials of the socket
};

/// Makes a long body while it is sent: the next piece, some 16 KiB; empty when that was all.
using BodySource = std::function<std::string()>;

/// Follow the event stream: what happens from now on, or behind the event of that number.
struct FollowEvents {
  std::optional<std::uint64_t> since;
};

struct ApiAnswer {
  int status = 200;
  std::string allow{};  ///< the methods that a 405 allows; else empty
  /// JSON, all at once or piece by piece; or server-sent events.
  std::variant<std::string, BodySource, FollowEvents> body{};
};

/// Answers at once, and never waits.
using ApiHandler = std::function<ApiAnswer(const ApiRequest&)>;

/// {"error": "..."}
ApiAnswer api_error(int status, const std::string& message);

}  // namespace mcq::app
