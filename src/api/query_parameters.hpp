#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"
#include "http/query_parameters.hpp"
#include "instance/instance_table.hpp"

namespace mcq::api {

using http::QueryParameters;

/// Filter of a request.
struct Selection {
  std::optional<std::string> interface {};
  std::optional<std::string> family{};  ///< "ipv4" or "ipv6"
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool operator==(const Selection&) const = default;

  template <Family F>
  bool includes(const instance::Instance<F>& instance) const {
    return (!interface || *interface == instance.interface_name()) &&
           (!family || *family == F::kFamilyName);
  }
};

inline constexpr std::uint64_t kMaxListed = 16'777'216;  ///< largest limit of a Selection

/// Reads "interface", one of `instances`, "family" and "limit", 1 to kMaxListed.
Result<Selection> parse_selection(const QueryParameters& parameters,
                                  const instance::InstanceTable& instances);

/// Reads "group", a multicast address; none without it.
Result<std::optional<IpAddress>> parse_group(const QueryParameters& parameters);

/// Reads "type", "group" or "router"; none without it.
Result<std::optional<std::string>> parse_entry_type(const QueryParameters& parameters);

/// Reads "seconds", 1 to 3600, which must be given.
Result<Duration> parse_seconds(const QueryParameters& parameters);

/// Reads "details", "follow" and "since". `last_event_id` is http::Request::last_event_id, which
/// counts without "since".
Result<http::FollowEvents> parse_follow_events(const QueryParameters& parameters,
                                               const std::string& last_event_id);

}  // namespace mcq::api
