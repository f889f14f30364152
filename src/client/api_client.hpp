#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/event_loop.hpp"
#include "base/paths.hpp"
#include "base/result.hpp"
#include "client/http_get.hpp"

namespace mcq::client {

/// The error of ApiClient::get() for a response over its limit.
inline constexpr const char* kTooLong = "the answer of the daemon is too long";

/// A client of the daemon's API (docs/openapi.yaml). The functions with an event loop return at
/// once and stop when their result is destroyed; the others block. Errors are those of HttpGet.
class ApiClient {
 public:
  explicit ApiClient(std::string socket = kDefaultApiSocket,
                     std::chrono::milliseconds patience = std::chrono::seconds{10})
      : socket_(std::move(socket)), patience_(patience) {}

  /// Gets `target`, such as "/v1/groups?limit=10". Fails when the daemon sends nothing for longer
  /// than the timeout, and with the message of an error response.
  Result<nlohmann::json> get(const std::string& target) const;

  /// Fails with kTooLong when the response has more than `longest` bytes.
  HttpGet get(boost::asio::io_context& io, const std::string& target,
              std::function<void(Result<nlohmann::json>)> on_answer,
              std::size_t longest = std::numeric_limits<std::size_t>::max()) const;

  /// Calls `on_event` with each event of "/v1/events" until it returns false. Fails when the daemon
  /// cannot be reached or ends the stream.
  Result<Ok> follow(const std::string& target,
                    const std::function<bool(const nlohmann::json&)>& on_event) const;
  /// Calls `on_event` with each event of "/v1/events?follow=false" until it returns false. Fails
  /// when the daemon cannot be reached.
  Result<Ok> read_events(const std::string& target,
                         const std::function<bool(const nlohmann::json&)>& on_event) const;
  HttpGet follow(boost::asio::io_context& io, const std::string& target,
                 std::function<bool(const nlohmann::json&)> on_event, HttpGet::OnEnd on_end) const;

 private:
  enum class Events { kFollow, kRead };
  HttpGet events(Events how, boost::asio::io_context& io, const std::string& target,
                 std::function<bool(const nlohmann::json&)> on_event, HttpGet::OnEnd on_end) const;
  Result<Ok> events(Events how, const std::string& target,
                    const std::function<bool(const nlohmann::json&)>& on_event) const;

  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace mcq::client
