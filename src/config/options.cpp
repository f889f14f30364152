#include "config/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wire/time_code.hpp"

namespace mcq::config {
namespace {

constexpr double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

template <class I>
constexpr KeyInfo interval_key(Key key, std::string_view name, std::string_view flag,
                               std::string_view fallback, std::string_view help) {
  return {key, name, flag, Kind::kSeconds, seconds(I::kMin), seconds(I::kMax), fallback, help};
}

template <class N>
constexpr KeyInfo number_key(Key key, std::string_view name, std::string_view flag, Kind kind,
                             std::string_view fallback, std::string_view help) {
  return {key, name, flag, kind, N::kMin, N::kMax, fallback, help};
}

constexpr KeyInfo switch_key(Key key, std::string_view name, std::string_view flag,
                             std::string_view fallback, std::string_view help) {
  return {key, name, flag, Kind::kSwitch, 0, 1, fallback, help};
}

constexpr KeyInfo queriers_key(Key key, std::string_view name, std::string_view fallback,
                               std::string_view help) {
  return {key, name, "", Kind::kQueriers, 0, kMaxPrefixes, fallback, help};
}

/// In the order of the enumeration.
constexpr std::array<KeyInfo, kKeyCount> kIgmpKeys{{
    interval_key<core::QueryInterval>(Key::kQueryInterval, "query-interval", "-q,--query-interval",
                                      "60", "seconds between General Queries"),
    interval_key<core::ResponseInterval>(
        Key::kMaxResponse, "query-max-response-time", "--max-response",
        "10, or half the query interval if that is less", "seconds in which hosts answer"),
    number_key<core::Robustness>(Key::kRobustness, "robustness-variable", "--robustness",
                                 Kind::kInteger, "2", "packets that may be lost in a row, plus 1"),
    number_key<core::StartupCount>(Key::kStartupCount, "startup-query-count", "--startup-count",
                                   Kind::kInteger, "3", "queries in the burst at start"),
    interval_key<core::StartupInterval>(
        Key::kStartupInterval, "startup-query-interval", "--startup-interval",
        "5, or a quarter of the query interval if that is less", "seconds between them"),
    interval_key<core::OtherQuerierInterval>(
        Key::kOtherQuerierInterval, "other-querier-present-interval", "-t,--timeout",
        "what the other querier advertises, else 255",
        "seconds of silence after which another querier counts as gone"),
    number_key<core::Jitter>(Key::kJitter, "jitter", "--jitter", Kind::kPercent, "25",
                             "percent by which each interval may be shorter; 0 is a steady beat"),
    KeyInfo{Key::kVersion, "version", "--igmp-version", Kind::kInteger, 1, 3, "2",
            "IGMP version of the queries"},
    switch_key(Key::kProxy, "proxy", "--proxy", "false",
               "query from 0.0.0.0 and yield to any real querier (RFC 4541)"),
    switch_key(Key::kRequireRouterAlert, "require-router-alert", "", "false",
               "drop messages without the Router Alert option"),
    switch_key(Key::kRequireSameSubnet, "require-same-subnet", "", "true",
               "only a querier on a subnet of ours takes part in the election"),
    switch_key(Key::kAcceptUnicastQuery, "accept-unicast-query", "", "false",
               "let a General Query sent to one host alone take part in the election"),
    queriers_key(Key::kTrustedQueriers, "trusted-queriers", "\"any\"",
                 "addresses or prefixes of those that may win the election from us"),
    queriers_key(Key::kIgnoreQueriers, "ignore-queriers", "[]",
                 "addresses or prefixes of those whose queries count for nothing"),
    KeyInfo{Key::kOnRogueQuerier, "on-rogue-querier", "", Kind::kWord, 0, kOnRogueWords.size() - 1,
            "\"warn\"", "what to do about a querier that would win and should not"},
    interval_key<core::LastMemberInterval>(Key::kLastMemberInterval, "last-member-query-interval",
                                           "", "1", "seconds in which hosts answer after a leave"),
    switch_key(Key::kExplicitTracking, "explicit-tracking", "", "true",
               "know the hosts behind each group"),
    switch_key(Key::kVerifySourceSubnet, "verify-source-subnet", "", "false",
               "drop reports whose source is on no subnet of ours"),
    switch_key(Key::kAcceptOlderReports, "accept-older-reports", "", "true",
               "let hosts that speak an older version count as members"),
    switch_key(Key::kSsmAware, "ssm-aware", "", "false",
               "drop reports for a source-specific group that name no source"),
    number_key<core::MaxGroups>(Key::kMaxGroups, "max-groups", "", Kind::kInteger, "131072",
                                "groups that are tracked"),
    number_key<core::MaxSources>(Key::kMaxSources, "max-sources-per-group", "", Kind::kInteger,
                                 "1024", "sources of a group that are tracked"),
    number_key<core::MaxHosts>(Key::kMaxHosts, "max-hosts-per-group", "", Kind::kInteger, "1024",
                               "hosts behind a group that are tracked"),
    switch_key(Key::kEnabled, "enabled", "", "true", "run this protocol"),
}};

constexpr bool is_for_igmp_alone(Key key) {
  return key == Key::kProxy || key == Key::kRequireRouterAlert || key == Key::kRequireSameSubnet ||
         key == Key::kVerifySourceSubnet;
}

constexpr auto kMldKeys = [] {
  constexpr auto kCount = std::count_if(kIgmpKeys.begin(), kIgmpKeys.end(),
                                        [](const KeyInfo& k) { return !is_for_igmp_alone(k.key); });
  std::array<KeyInfo, kCount> all{};
  std::copy_if(kIgmpKeys.begin(), kIgmpKeys.end(), all.begin(),
               [](const KeyInfo& k) { return !is_for_igmp_alone(k.key); });
  for (auto& key : all) {
    if (key.key == Key::kVersion) {
      key = {Key::kVersion,
             "version",
             "--mld",
             Kind::kInteger,
             1,
             2,
             "2",
             "MLD version of the queries"};
    } else if (key.key == Key::kEnabled) {
      key.fallback = "true in a file that has such a table, else false";
    }
  }
  return all;
}();

/// In as many digits as it takes to read the same number again.
std::string format_number(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::fixed).ptr;
  return {text.begin(), end};
}

std::string_view unit(Kind kind) {
  switch (kind) {
    case Kind::kSeconds:
      return " seconds";
    case Kind::kPercent:
      return " percent";
    case Kind::kInteger:
    case Kind::kSwitch:
    case Kind::kWord:
    case Kind::kQueriers:
      break;
  }
  return "";
}

Duration to_duration(double value) {
  return Duration{static_cast<Duration::rep>(std::llround(value * 1e9))};
}

template <class I>
I to_interval(double value) {
  return *I::from(to_duration(value));
}

template <class N>
N to_number(double value) {
  return *N::from(static_cast<int>(value));
}

/// In the words of the file, and of the command line where it can be chosen there as well.
std::string contradiction(Key key, double value, const std::string& why) {
  const auto& named = kIgmpKeys[static_cast<std::size_t>(key)];
  std::string flag;
  if (!named.flag.empty()) {
    flag = " (" + std::string{named.flag.substr(named.flag.find("--"))} + ")";
  }
  return std::string{named.name} + flag + " is '" + format_number(value) + "', but " + why;
}

/// How times for an answer are sent: the older versions have no float for long ones.
template <Family F>
struct ResponseTime;
template <>
struct ResponseTime<Igmp> {
  using Code = wire::TimeCode8;
  static constexpr Duration kLongestOfOlder = 25'500ms;
  static constexpr const char* kLimit =
      "IGMPv1 and IGMPv2 can carry at most 25.5 seconds; version 3 carries more";
};
template <>
struct ResponseTime<Mld> {
  using Code = wire::TimeCode16;
  static constexpr Duration kLongestOfOlder = 65'535ms;
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

/// The values that only make sense together.
template <Family F>
std::optional<std::string> find_contradiction(const core::Settings<F>& s) {
  using Time = ResponseTime<F>;
  const auto query = seconds(s.query_interval.get());
  const auto response = seconds(s.response_interval.get());
  if (response >= query) {  // RFC 9776 §8.3
    return contradiction(Key::kMaxResponse, response,
                         "it must be below query-interval, which is " + format_number(query));
  }
  const bool is_linear = s.version != F::kNewest;
  if (is_linear && s.response_interval.get() > Time::kLongestOfOlder) {
    return contradiction(Key::kMaxResponse, response, Time::kLimit);
  }
  if (is_linear && s.last_member_interval.get() > Time::kLongestOfOlder) {
    return contradiction(Key::kLastMemberInterval, seconds(s.last_member_interval.get()),
                         Time::kLimit);
  }
  const auto startup = seconds(s.startup_interval.get());
  if (startup > query) {
    return contradiction(Key::kStartupInterval, startup,
                         "it must not be above query-interval, which is " + format_number(query));
  }
  if (s.other_querier_interval && s.other_querier_interval->get() <= s.query_interval.get()) {
    return contradiction(Key::kOtherQuerierInterval, seconds(s.other_querier_interval->get()),
                         "it must be above query-interval, which is " + format_number(query) +
                             ": two queriers would take turns");
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

template <>
std::span<const KeyInfo> keys<Igmp>() {
  return kIgmpKeys;
}
template <>
std::span<const KeyInfo> keys<Mld>() {
  return kMldKeys;
}

template <Family F>
const KeyInfo* find_key(Key key) {
  const auto all = keys<F>();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& k) { return k.key == key; });
  return found == all.end() ? nullptr : &*found;
}
template const KeyInfo* find_key<Igmp>(Key);
template const KeyInfo* find_key<Mld>(Key);

OptionValues OptionValues::over(const OptionValues& other) const {
  OptionValues result = *this;
  for (std::size_t i = 0; i < kKeyCount; ++i) {
    if (!result.values_[i]) result.values_[i] = other.values_[i];
  }
  return result;
}

Result<double> checked(const KeyInfo& key, double value, std::string_view given) {
  const bool whole = key.kind == Kind::kSeconds || value == std::floor(value);
  if (whole && key.min <= value && value <= key.max) return value;
  return fail("'" + std::string{given} + "' is not allowed: it must be " +
              (key.kind == Kind::kSeconds ? "" : "a whole number from ") + format_number(key.min) +
              " to " + format_number(key.max) + std::string{unit(key.kind)} + "; the default is " +
              std::string{key.fallback});
}

Result<double> parse_number(const KeyInfo& key, std::string_view given) {
  double value = std::nan("");
  const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (error != std::errc{} || end != given.data() + given.size()) value = std::nan("");
  return checked(key, value, given);  // not a number is in no range
}

/// The lists of queriers, which are of the family whose table they come from.
template <Family F>
std::optional<std::vector<typename F::Prefix>> list_of(const OptionValues& choices, Key key) {
  const auto* chosen = choices.list(key);
  if (chosen == nullptr) return std::nullopt;
  std::vector<typename F::Prefix> list;
  for (const auto& any : *chosen) list.push_back(std::get<typename F::Prefix>(any));
  return list;
}

template <Family F>
Result<core::Settings<F>> make_settings(const OptionValues& choices) {
  core::Settings<F> s;
  const auto get = [&](Key key, auto apply) {
    if (const auto value = choices.get(key)) apply(*value);
  };
  const auto get_switch = [&](Key key, bool& setting) {
    get(key, [&](double v) { setting = v != 0; });
  };
  get(Key::kQueryInterval,
      [&](double v) { s.query_interval = to_interval<core::QueryInterval>(v); });
  const double query = seconds(s.query_interval.get());
  s.response_interval = to_interval<core::ResponseInterval>(std::min(10.0, query / 2));
  s.startup_interval = to_interval<core::StartupInterval>(std::min(5.0, query / 4));
  get(Key::kMaxResponse,
      [&](double v) { s.response_interval = to_interval<core::ResponseInterval>(v); });
  get(Key::kRobustness, [&](double v) { s.robustness = to_number<core::Robustness>(v); });
  get(Key::kStartupCount, [&](double v) { s.startup_count = to_number<core::StartupCount>(v); });
  get(Key::kStartupInterval,
      [&](double v) { s.startup_interval = to_interval<core::StartupInterval>(v); });
  get(Key::kOtherQuerierInterval,
      [&](double v) { s.other_querier_interval = to_interval<core::OtherQuerierInterval>(v); });
  get(Key::kJitter, [&](double v) { s.jitter = to_number<core::Jitter>(v); });
  get(Key::kVersion,
      [&](double v) { s.version = static_cast<typename F::Version>(static_cast<int>(v)); });
  get_switch(Key::kProxy, s.proxy);
  get_switch(Key::kRequireRouterAlert, s.require_router_alert);
  get_switch(Key::kRequireSameSubnet, s.require_same_subnet);
  get_switch(Key::kAcceptUnicastQuery, s.accept_unicast_query);
  s.trusted_queriers = list_of<F>(choices, Key::kTrustedQueriers);
  s.ignored_queriers = list_of<F>(choices, Key::kIgnoreQueriers).value_or(s.ignored_queriers);
  get(Key::kOnRogueQuerier,
      [&](double v) { s.on_rogue_querier = static_cast<core::OnRogue>(static_cast<int>(v)); });
  get(Key::kLastMemberInterval,
      [&](double v) { s.last_member_interval = to_interval<core::LastMemberInterval>(v); });
  get_switch(Key::kExplicitTracking, s.explicit_tracking);
  get_switch(Key::kVerifySourceSubnet, s.verify_source_subnet);
  get_switch(Key::kAcceptOlderReports, s.accept_older_reports);
  get_switch(Key::kSsmAware, s.ssm_aware);
  get(Key::kMaxGroups, [&](double v) { s.max_groups = to_number<core::MaxGroups>(v); });
  get(Key::kMaxSources, [&](double v) { s.max_sources = to_number<core::MaxSources>(v); });
  get(Key::kMaxHosts, [&](double v) { s.max_hosts = to_number<core::MaxHosts>(v); });
  if (auto why = find_contradiction(s)) return fail(std::move(*why));
  const auto sent = as_sent<F>(s.last_member_interval.get(), s.version);
  s.last_member_interval = *core::LastMemberInterval::from(sent);  // IGMP-T-10
  return s;
}
template Result<core::Settings<Igmp>> make_settings<Igmp>(const OptionValues&);
template Result<core::Settings<Mld>> make_settings<Mld>(const OptionValues&);

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
  // Below half the interval somebody chose it.
  if (s.response_interval.get() < std::min<Duration>(1s, s.query_interval.get() / 2)) {
    all.emplace_back("query-max-response-time is below 1: on a large LAN all hosts answer at once");
  }
  if (s.other_querier_interval && s.other_querier_interval->get() < 2 * s.query_interval.get()) {
    all.emplace_back(
        "other-querier-present-interval is below twice the query interval: one lost query makes "
        "two queriers");
  }
  if (s.proxy) {
    all.emplace_back(
        "proxy mode: queries come from 0.0.0.0, and some hosts and switches ignore "
        "such queries; give the interface an address and leave --proxy out if you can");
  }
  return all;
}
template std::vector<std::string> warnings(const core::Settings<Igmp>&);
template std::vector<std::string> warnings(const core::Settings<Mld>&);

std::string format_seconds(Duration time) { return format_number(seconds(time)); }

}  // namespace mcq::config
