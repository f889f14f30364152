#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/api.hpp"
#include "app/api_call.hpp"
#include "base/result.hpp"

namespace mcq::app {

/// An answer of the daemon has more octets than were asked for.
inline constexpr const char* kTooLong = "the answer of the daemon is too long";

/// The daemon's API (docs/openapi.yaml) as its clients use it: one that waits for the answer, or
/// one that has more to do. Failures are those of ApiCall.
class ApiClient {
 public:
  explicit ApiClient(std::string socket = kDefaultApiSocket,
                     std::chrono::milliseconds patience = std::chrono::seconds{10})
      : socket_(std::move(socket)), patience_(patience) {}

  /// The answer to GET, "/v1/groups?limit=10". Fails when nothing of it comes for so long that
  /// our patience ends, or when it is an error of the API.
  Result<nlohmann::json> get(const std::string& target) const;

  /// The same, from an event loop. Fails with kTooLong when it has more than `longest` octets.
  ApiCall get(boost::asio::io_context& io, const std::string& target,
              std::function<void(Result<nlohmann::json>)> on_answer,
              std::size_t longest = std::numeric_limits<std::size_t>::max()) const;

  /// Calls back with every event of "/v1/events" as it happens, until `on_event` returns false.
  /// Fails when the daemon cannot be reached or goes away.
  Result<Ok> follow(const std::string& target,
                    const std::function<bool(const nlohmann::json&)>& on_event) const;
  ApiCall follow(boost::asio::io_context& io, const std::string& target,
                 std::function<bool(const nlohmann::json&)> on_event, ApiCall::OnEnd on_end) const;

 private:
  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace mcq::app
