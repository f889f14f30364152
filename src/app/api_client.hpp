#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "app/api.hpp"
#include "base/result.hpp"

namespace mcq::app {

/// The daemon's API (docs/openapi.yaml) as its clients use it. Failures are sentences that say what
/// to do: start the daemon, name its socket, join the group that may use it.
class ApiClient {
 public:
  explicit ApiClient(std::string socket = kDefaultApiSocket,
                     std::chrono::milliseconds patience = std::chrono::seconds{10})
      : socket_(std::move(socket)), patience_(patience) {}

  /// The answer to GET, "/v1/groups?limit=10". Fails when nothing of it comes for so long that
  /// our patience ends, or when it is an error of the API.
  Result<nlohmann::json> get(const std::string& target) const;

  /// Calls back with every event of "/v1/events" as it happens, until `on_event` returns false.
  /// Fails when the daemon cannot be reached or goes away.
  Result<Ok> follow(const std::string& target,
                    const std::function<bool(const nlohmann::json&)>& on_event) const;

 private:
  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace mcq::app
