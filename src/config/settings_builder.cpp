#include "config/settings_builder.hpp"

#include <algorithm>
#include <concepts>

#include "config/group_list.hpp"
#include "config/prefix_list.hpp"
#include "wire/time_code.hpp"

namespace mcq::config {
namespace {

/// Names the option as in the file, and its flag if it has one.
template <Family F>
std::string contradiction(std::string_view name, Duration value, const std::string& why) {
  std::string text{name};
  if (const auto flag = find_option<F>(name)->flag; !flag.empty()) {
    text += " (" + std::string{flag.substr(flag.find("--"))} + ")";
  }
  return text + " is '" + format_seconds(value) + "', but " + why;
}

/// How times for an answer are sent: the older versions have no float for long ones.
template <Family F>
struct ResponseTime;
template <>
struct ResponseTime<Igmp> {
  using Code = wire::TimeCode8;
  static constexpr Duration kMaxLinear = 25'500ms;
  static constexpr const char* kLimit =
      "IGMPv1 and IGMPv2 can carry at most 25.5 seconds; version 3 carries more";
};
template <>
struct ResponseTime<Mld> {
  using Code = wire::TimeCode16;
  static constexpr Duration kMaxLinear = 65'535ms;
  static constexpr const char* kLimit =
      "MLDv1 can carry at most 65.535 seconds; version 2 carries more";
};

/// The longest time up to `d` that a query can carry (RFC 9776 §8.10).
template <Family F>
Duration as_sent(Duration d, typename F::Version version) {
  using Code = typename ResponseTime<F>::Code;
  auto units = static_cast<std::uint32_t>(d / F::kResponseUnit);
  if (version == F::kNewest) units = Code::decode(Code::encode(units));
  return units * F::kResponseUnit;
}

/// Returns a message about the first two options that contradict each other.
template <Family F>
std::optional<std::string> find_contradiction(const core::Settings<F>& s) {
  using Time = ResponseTime<F>;
  const auto query = s.query_interval.get();
  const auto response = s.response_interval.get();
  const auto last_member = s.last_member_interval.get();
  const auto startup = s.startup_interval.get();
  if (response >= query) {  // RFC 9776 §8.3
    return contradiction<F>("query-max-response-time", response,
                            "it must be below query-interval, which is " + format_seconds(query));
  }
  const bool is_linear = s.version != F::kNewest;
  if (is_linear && response > Time::kMaxLinear) {
    return contradiction<F>("query-max-response-time", response, Time::kLimit);
  }
  if (is_linear && last_member > Time::kMaxLinear) {
    return contradiction<F>("last-member-query-interval", last_member, Time::kLimit);
  }
  if (startup > query) {
    return contradiction<F>(
        "startup-query-interval", startup,
        "it must not be above query-interval, which is " + format_seconds(query));
  }
  if (s.other_querier_interval && s.other_querier_interval->get() <= query) {
    return contradiction<F>("other-querier-present-interval", s.other_querier_interval->get(),
                            "it must be above query-interval, which is " + format_seconds(query) +
                                ": two queriers would take turns");
  }
  if (s.proxy && s.source_address) {
    return "source-address is '" + to_string(*s.source_address) +
           "', but a proxy queries from 0.0.0.0: leave one of the two out";
  }
  const auto none = std::vector<typename F::Prefix>{};
  const auto both = find_overlap(s.trusted_queriers.value_or(none), s.ignored_queriers);
  if (both) {
    return "trusted-queriers has '" + to_string(both->first) + "' and ignore-queriers has '" +
           to_string(both->second) + "': no querier can be both";
  }
  return std::nullopt;
}

}  // namespace

template <Family F>
Result<core::Settings<F>> make_settings(const OptionValues<F>& options) {
  Values<F> values{profile_settings<F>(options.values().profile)};
  auto chosen = values;
  options.copy_to(chosen);
  const auto query = chosen.query_interval.get();
  values.response_interval =
      *core::ResponseInterval::from(std::min<Duration>(values.response_interval.get(), query / 2));
  values.startup_interval =
      *core::StartupInterval::from(std::min<Duration>(values.startup_interval.get(), query / 4));
  // One of a profile that another query interval leaves no room for.
  const auto other = values.other_querier_interval;
  if (other && other->get() < 2 * query) values.other_querier_interval.reset();
  options.copy_to(values);
  core::Settings<F>& settings = values;
  if (auto why = find_contradiction(settings)) return fail(std::move(*why));
  const auto sent = as_sent<F>(settings.last_member_interval.get(), settings.version);
  settings.last_member_interval = *core::LastMemberInterval::from(sent);  // IGMP-T-10
  return settings;
}
template Result<core::Settings<Igmp>> make_settings(const OptionValues<Igmp>&);
template Result<core::Settings<Mld>> make_settings(const OptionValues<Mld>&);

template <Family F>
std::vector<std::string> warnings(const core::Settings<F>& s) {
  std::vector<std::string> all;
  if (s.robustness.get() == 1) {  // RFC 9776 §8.1
    all.emplace_back("robustness-variable is 1: one lost packet can end a stream");
  }
  if (!s.accept_older_reports && s.version != F::kNewest) {
    all.emplace_back(
        "accept-older-reports is false, but hosts answer queries of this version with such "
        "reports: use the newest version");
  }
  if (s.ssm_aware && s.version != F::kNewest) {
    all.emplace_back(
        "ssm-aware is true, but hosts cannot name sources in answer to queries of this version: "
        "use the newest version");
  }
  // Less than half the interval is a choice of the user.
  if (s.response_interval.get() < std::min<Duration>(1s, s.query_interval.get() / 2)) {
    all.emplace_back("query-max-response-time is below 1: on a large LAN all hosts answer at once");
  }
  if (s.other_querier_interval && s.other_querier_interval->get() < 2 * s.query_interval.get()) {
    all.emplace_back(
        "other-querier-present-interval is below twice the query interval: one lost query makes "
        "two queriers");
  }
  if (!s.send_router_alert) {  // RFC 9776 §4
    all.emplace_back(
        "send-router-alert is false: some switches and hosts ignore queries without that option");
  }
  if (s.proxy) {
    all.emplace_back(
        "proxy mode: queries come from 0.0.0.0, and some hosts and switches ignore "
        "such queries; give the interface an address and leave --proxy out if you can");
  }
  if (std::same_as<F, Igmp> && s.held_groups.size() > kUsualMemberships) {
    all.push_back("hold has " + std::to_string(s.held_groups.size()) +
                  " groups, and by default a socket may join " + std::to_string(kUsualMemberships) +
                  ", on all interfaces together: sudo sysctl net.ipv4.igmp_max_memberships=200");
  }
  return all;
}
template std::vector<std::string> warnings(const core::Settings<Igmp>&);
template std::vector<std::string> warnings(const core::Settings<Mld>&);

}  // namespace mcq::config
