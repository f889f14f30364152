#include "app/choices.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace mcq::app {
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

/// In the order of the enumeration.
constexpr std::array<KeyInfo, kKeyCount> kKeys{{
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
}};

std::string format_number(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", number);
  return text.data();
}

std::string_view unit(Kind kind) {
  switch (kind) {
    case Kind::kSeconds:
      return " seconds";
    case Kind::kPercent:
      return " percent";
    case Kind::kInteger:
    case Kind::kSwitch:
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

/// Of values that can be chosen in both places, in the words of both.
std::string contradiction(Key key, double value, const std::string& why) {
  const auto& named = info(key);
  const auto long_flag = named.flag.substr(named.flag.find("--"));
  return std::string{named.name} + " (" + std::string{long_flag} + ") is '" + format_number(value) +
         "', but " + why;
}

/// The values that only make sense together.
std::optional<std::string> find_contradiction(const core::Settings<Igmp>& s) {
  const auto query = seconds(s.query_interval.get());
  const auto response = seconds(s.response_interval.get());
  if (response >= query) {  // RFC 9776 §8.3
    return contradiction(Key::kMaxResponse, response,
                         "it must be below query-interval, which is " + format_number(query));
  }
  if (s.version != Igmp::Version::k3 && s.response_interval.get() > 25'500ms) {
    return contradiction(
        Key::kMaxResponse, response,
        "IGMPv1 and IGMPv2 can carry at most 25.5 seconds; version 3 carries more");
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
  return std::nullopt;
}

}  // namespace

const std::array<KeyInfo, kKeyCount>& keys() { return kKeys; }

const KeyInfo& info(Key key) { return kKeys[static_cast<std::size_t>(key)]; }

Choices Choices::over(const Choices& other) const {
  Choices result = *this;
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

Result<core::Settings<Igmp>> make_settings(const Choices& choices) {
  using core::Settings;
  Settings<Igmp> s;
  const auto get = [&](Key key, auto apply) {
    if (const auto value = choices.get(key)) apply(*value);
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
      [&](double v) { s.version = static_cast<Igmp::Version>(static_cast<int>(v)); });
  get(Key::kProxy, [&](double v) { s.proxy = v != 0; });
  get(Key::kRequireRouterAlert, [&](double v) { s.require_router_alert = v != 0; });
  get(Key::kRequireSameSubnet, [&](double v) { s.require_same_subnet = v != 0; });
  get(Key::kAcceptUnicastQuery, [&](double v) { s.accept_unicast_query = v != 0; });
  if (auto why = find_contradiction(s)) return fail(std::move(*why));
  return s;
}

std::vector<std::string> warnings(const core::Settings<Igmp>& s) {
  std::vector<std::string> all;
  if (s.robustness.get() == 1) {  // RFC 9776 §8.1
    all.emplace_back("robustness-variable is 1: one lost packet can end a stream");
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

std::string format_seconds(Duration time) { return format_number(seconds(time)); }

}  // namespace mcq::app
