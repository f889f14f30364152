#include "api/query_parameters.hpp"

#include <charconv>
#include <system_error>
#include <variant>

namespace mcq::api {
namespace {

Result<std::uint64_t> parse_number(const std::string& name, const std::string& text,
                                   std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error == std::errc{} && end == last && least <= number && number <= most) return number;
  return fail(name + " is '" + text + "', but it must be a number from " + std::to_string(least) +
              " to " + std::to_string(most));
}

}  // namespace

Result<Selection> parse_selection(const QueryParameters& parameters,
                                  const instance::InstanceTable& instances) {
  Selection selection;
  for (const auto& [name, value] : parameters) {
    if (name == "interface") {
      if (!instances.contains(value)) {
        std::string names;
        for (const auto& [n, i] : instances) names += (names.empty() ? "" : ", ") + n;
        return fail("interface is '" + value +
                    "', which is not served; served are: " + (names.empty() ? "none" : names));
      }
      selection.interface = value;
    } else if (name == "family") {
      if (value != Igmp::kFamilyName && value != Mld::kFamilyName) {
        return fail("family is '" + value + "', but it must be ipv4 or ipv6");
      }
      selection.family = value;
    } else if (name == "limit") {
      const auto limit = parse_number(name, value, 1, kMaxListed);
      if (!limit) return fail(limit.error());
      selection.limit = *limit;
    }
  }
  return selection;
}

Result<std::optional<IpAddress>> parse_group(const QueryParameters& parameters) {
  const auto given = parameters.find("group");
  if (given == parameters.end()) return std::optional<IpAddress>{};
  const auto address = parse_address(given->second);
  const auto is_group = [](const auto& a) { return is_multicast(a); };
  if (!address || !std::visit(is_group, *address)) {
    return fail("group is '" + given->second + "', but it must be a multicast address");
  }
  return address;
}

namespace {

Result<bool> parse_truth(const QueryParameters& parameters, const std::string& name, bool usual) {
  const auto given = parameters.find(name);
  if (given == parameters.end()) return usual;
  if (given->second == "true" || given->second == "false") return given->second == "true";
  return fail(name + " is '" + given->second + "', but it must be true or false");
}

}  // namespace

Result<std::optional<std::string>> parse_entry_type(const QueryParameters& parameters) {
  const auto given = parameters.find("type");
  if (given == parameters.end()) return std::optional<std::string>{};
  if (given->second != "group" && given->second != "router") {
    return fail("type is '" + given->second + "', but it must be group or router");
  }
  return std::optional{given->second};
}

Result<Duration> parse_seconds(const QueryParameters& parameters) {
  constexpr std::uint64_t kMost = 3600;
  const auto given = parameters.find("seconds");
  if (given == parameters.end()) return fail("seconds is missing: for how long, 1 to 3600");
  const auto seconds = parse_number("seconds", given->second, 1, kMost);
  if (!seconds) return fail(seconds.error());
  return Duration{std::chrono::seconds{*seconds}};
}

Result<http::FollowEvents> parse_follow_events(const QueryParameters& parameters,
                                               const std::string& last_event_id) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  http::FollowEvents follow;
  const auto details = parse_truth(parameters, "details", true);
  if (!details) return fail(details.error());
  const auto goes_on = parse_truth(parameters, "follow", true);
  if (!goes_on) return fail(goes_on.error());
  follow.details = *details;
  follow.ends = !*goes_on;
  const auto since = parameters.find("since");
  const bool is_given = since != parameters.end();
  if (!is_given && last_event_id.empty()) return follow;
  const auto last = is_given ? parse_number("since", since->second, 0, kMost)
                             : parse_number("Last-Event-ID", last_event_id, 0, kMost);
  if (!last) return fail(last.error());
  follow.since = *last;
  return follow;
}

}  // namespace mcq::api
