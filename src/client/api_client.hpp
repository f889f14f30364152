#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/paths.hpp"
#include "base/result.hpp"
#include "client/http_get.hpp"

namespace mcq::client {

/// An answer of the daemon has more octets than were asked for.
inline constexpr const char* kTooLong = "the answer of the daemon is too long";

/// The daemon's API (docs/openapi.yaml) as its clients use it: one that waits for the answer, or
/// one that has more to do. Failures are those of HttpGet.
class ApiClient {
 public:
  explicit ApiClient(std::string socket = kDefaultApiSocket,
                     std::chrono::milliseconds patience = std::chrono::seconds{10})
      : socket_(std::move(socket)), patience_(patience) {}

  /// The answer to GET, "/v1/groups?limit=10". Fails when nothing of it comes for so long that
  /// our patience ends, or when it is an error of the API.
  Result<nlohmann::json> get(const std::string& target) const;

  /// The same, from an event loop. Fails with kTooLong when it has more than `longest` octets.
  HttpGet get(boost::asio::io_context& io, const std::string& target,
              std::function<void(Result<nlohmann::json>)> on_answer,
              std::size_t longest = std::numeric_limits<std::size_t>::max()) const;

  /// Calls back with every event of "/v1/events" as it happens, until `on_event` returns false.
  /// Fails when the daemon cannot be reached or goes away.
  Result<Ok> follow(const std::string& target,
                    const std::function<bool(const nlohmann::json&)>& on_event) const;
  HttpGet follow(boost::asio::io_context& io, const std::string& target,
                 std::function<bool(const nlohmann::json&)> on_event, HttpGet::OnEnd on_end) const;

 private:
  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace mcq::client
