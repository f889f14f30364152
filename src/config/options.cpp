#include "config/options.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <concepts>
#include <type_traits>
#include <utility>

#include "config/group_list.hpp"
#include "config/option_values.hpp"
#include "config/prefix_list.hpp"

namespace mcq::config {
namespace {

constexpr std::string_view kAnyQuerier = "any";                        ///< no list of the trusted
constexpr std::array<std::string_view, 2> kOnRogue{"warn", "ignore"};  ///< as core::OnRogue

constexpr double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

/// The shortest text that reads back as the same number.
std::string format_number(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::fixed).ptr;
  return {text.begin(), end};
}

std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

Failure<Error> refused(const Given& given, std::string_view text, std::string_view allowed,
                       std::string_view fallback) {
  return fail(given.where + "'" + std::string{text} + "' is not allowed: it must be " +
              std::string{allowed} + "; the default is " + std::string{fallback});
}

struct Range {
  double min, max;
  std::string_view kind, unit;  ///< in a message, before and behind the numbers
};

Result<double> read_number(const Given& given, std::string_view fallback, const Range& range,
                           bool is_whole) {
  const auto* number = std::get_if<double>(&given.value);
  const bool is_allowed = number != nullptr && range.min <= *number && *number <= range.max &&
                          (!is_whole || *number == std::floor(*number));
  if (is_allowed) return *number;
  const auto allowed = std::string{range.kind} + format_number(range.min) + " to " +
                       format_number(range.max) + std::string{range.unit};
  return refused(given, number == nullptr ? in_quotes(given.text) : given.text, allowed, fallback);
}

Result<int> read_whole(const Given& given, std::string_view fallback, int min, int max,
                       std::string_view unit = "") {
  const auto number =
      read_number(given, fallback, {double(min), double(max), "a whole number from ", unit}, true);
  if (!number) return fail(number.error());
  return static_cast<int>(*number);
}

/// How a member of Values is read and printed. kPlaceholder is Option::placeholder.
template <class T>
struct Codec;

template <class Name, std::int64_t Min, std::int64_t Max>
struct Codec<Interval<Name, Min, Max>> {
  using T = Interval<Name, Min, Max>;
  static constexpr std::string_view kPlaceholder = "S";
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto number =
        read_number(given, fallback, {seconds(T::kMin), seconds(T::kMax), "", " seconds"}, false);
    if (!number) return fail(number.error());
    return *T::from(Duration{static_cast<Duration::rep>(std::llround(*number * 1e9))});
  }
  static std::string print(T interval) { return format_seconds(interval.get()); }
};

template <class Name, int Min, int Max>
struct Codec<Number<Name, Min, Max>> {
  using T = Number<Name, Min, Max>;
  static constexpr bool kIsPercent = std::same_as<T, core::Jitter>;
  static constexpr bool kIsTime = std::same_as<T, core::AdvertisementInterval>;
  static constexpr std::string_view kPlaceholder = kIsPercent ? "PERCENT" : "N";
  static constexpr std::string_view kUnit = kIsPercent ? " percent" : kIsTime ? " seconds" : "";
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto number = read_whole(given, fallback, Min, Max, kUnit);
    if (!number) return fail(number.error());
    return *T::from(*number);
  }
  static std::string print(T number) { return std::to_string(number.get()); }
};

template <Family F>
struct VersionCodec {
  using T = typename F::Version;
  static constexpr std::string_view kPlaceholder = "N";
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto number = read_whole(given, fallback, 1, static_cast<int>(F::kNewest));
    if (!number) return fail(number.error());
    return static_cast<T>(*number);
  }
  static std::string print(T version) { return std::to_string(static_cast<int>(version)); }
};
template <>
struct Codec<Igmp::Version> : VersionCodec<Igmp> {};
template <>
struct Codec<Mld::Version> : VersionCodec<Mld> {};

template <>
struct Codec<bool> {
  static constexpr std::string_view kPlaceholder{};
  static Result<bool> read(const Given& given, std::string_view fallback) {
    if (const auto* value = std::get_if<bool>(&given.value)) return *value;
    return refused(given, given.text, "true or false", fallback);
  }
  static std::string print(bool value) { return value ? "true" : "false"; }
};

/// An enumeration whose values are the words, in that order.
template <class T, const auto& kWords>
struct WordCodec {
  static constexpr std::string_view kPlaceholder = "WORD";
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto* word = std::get_if<std::string>(&given.value);
    const auto found = word == nullptr ? kWords.end() : std::ranges::find(kWords, *word);
    if (found != kWords.end()) return static_cast<T>(found - kWords.begin());
    std::string allowed;
    for (const auto& known : kWords) {
      const auto* separator = known == kWords.back() ? " or " : ", ";
      allowed += (allowed.empty() ? "" : separator) + in_quotes(known);
    }
    return refused(given, given.text, allowed, fallback);
  }
  static std::string print(T value) { return in_quotes(kWords[static_cast<std::size_t>(value)]); }
};
template <>
struct Codec<core::OnRogue> : WordCodec<core::OnRogue, kOnRogue> {};
template <>
struct Codec<Profile> : WordCodec<Profile, kProfiles> {};

/// Reads a list of prefixes, each with `parse`. The message about an entry begins with the line of
/// the entry: a list may take many.
template <class P>
Result<std::vector<P>> read_list(const Given& given, std::string_view fallback,
                                 std::string_view allowed, Result<P> (*parse)(const std::string&)) {
  const auto* entries = std::get_if<std::vector<Given>>(&given.value);
  if (entries == nullptr) return refused(given, given.text, allowed, fallback);
  if (entries->size() > kMaxPrefixes) {
    return fail(given.where + "has " + std::to_string(entries->size()) + " entries, but may have " +
                std::to_string(kMaxPrefixes) + ": use prefixes");
  }
  std::vector<P> list;
  for (const auto& entry : *entries) {
    const auto prefix = parse(entry.text);
    if (!prefix) return fail(entry.where + prefix.error().message);
    list.push_back(*prefix);
  }
  return list;
}

/// An empty text is none.
template <std::size_t Size>
struct Codec<std::optional<Address<Size>>> {
  using F = std::conditional_t<Size == 4, Igmp, Mld>;
  using T = std::optional<Address<Size>>;
  static constexpr std::string_view kPlaceholder = "ADDRESS";
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto* text = std::get_if<std::string>(&given.value);
    if (text != nullptr && text->empty()) return T{};
    if (const auto querier = text == nullptr ? T{} : parse_querier_address<F>(*text)) {
      return querier;
    }
    return refused(given, given.text,
                   std::same_as<F, Igmp> ? "an IPv4 address of the interface, as \"192.0.2.1\""
                                         : "an IPv6 link-local address of it, as \"fe80::1\"",
                   fallback);
  }
  static std::string print(const T& address) {
    return in_quotes(address ? mcq::to_string(*address) : "");
  }
};

template <std::size_t Size>
struct Codec<std::vector<Prefix<Size>>> {
  using F = std::conditional_t<Size == 4, Igmp, Mld>;
  using T = std::vector<Prefix<Size>>;
  static constexpr std::string_view kPlaceholder = "LIST";
  static Result<T> read(const Given& given, std::string_view fallback) {
    return read_list<Prefix<Size>>(
        given, fallback,
        std::same_as<F, Igmp>
            ? R"(a list of addresses and prefixes, as ["192.0.2.1", "198.51.100.0/24"])"
            : R"(a list of addresses and prefixes, as ["fe80::1", "fe80::a:0:0:0/80"])",
        parse_querier<F>);
  }
  static std::string print(const T& list) {
    std::string all;
    for (const auto& prefix : list) {
      all += (all.empty() ? "" : ", ") + in_quotes(to_string(prefix));
    }
    return "[" + all + "]";
  }
};

template <std::size_t Size>
struct Codec<std::vector<Address<Size>>> {
  using F = std::conditional_t<Size == 4, Igmp, Mld>;
  using T = std::vector<Address<Size>>;
  static constexpr std::string_view kPlaceholder = "LIST";
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto* entries = std::get_if<std::vector<Given>>(&given.value);
    if (entries == nullptr) {
      return refused(given, given.text,
                     std::same_as<F, Igmp> ? R"(a list of groups, as ["239.1.2.3"])"
                                           : R"(a list of groups, as ["ff15::7"])",
                     fallback);
    }
    if (entries->size() > kMaxHeld) {
      return fail(given.where + "has " + std::to_string(entries->size()) +
                  " entries, but may have " + std::to_string(kMaxHeld));
    }
    T list;
    for (const auto& entry : *entries) {
      const auto group = parse_group<F>(entry.text);
      if (!group) return fail(entry.where + group.error().message);
      if (std::find(list.begin(), list.end(), *group) != list.end()) {
        return fail(entry.where + "'" + entry.text + "' is given twice: leave one of them out");
      }
      list.push_back(*group);
    }
    return list;
  }
  static std::string print(const T& list) {
    std::string all;
    for (const auto& group : list) all += (all.empty() ? "" : ", ") + in_quotes(to_string(group));
    return "[" + all + "]";
  }
};

template <class T>
struct Codec<std::optional<T>> : Codec<T> {
  static std::string print(const std::optional<T>& value) { return Codec<T>::print(*value); }
};

template <std::size_t Size>
struct Codec<std::optional<std::vector<Prefix<Size>>>> {
  using List = Codec<std::vector<Prefix<Size>>>;
  using T = std::optional<std::vector<Prefix<Size>>>;
  static constexpr std::string_view kPlaceholder = List::kPlaceholder;
  static Result<T> read(const Given& given, std::string_view fallback) {
    const auto* word = std::get_if<std::string>(&given.value);
    if (word != nullptr && *word == kAnyQuerier) return T{};
    auto list = List::read(given, fallback);
    if (!list) return fail(std::move(list).error());
    return T{*std::move(list)};
  }
  static std::string print(const T& list) {
    return list ? List::print(*list) : in_quotes(kAnyQuerier);
  }
};

template <Family F>
struct Codec<core::GroupRanges<F>> {
  using T = core::GroupRanges<F>;
  static constexpr std::string_view kPlaceholder = "LIST";
  static Result<T> read(const Given& given, std::string_view fallback) {
    auto list = read_list<typename F::Prefix>(
        given, fallback,
        std::same_as<F, Igmp> ? R"(a list of groups, as ["232.0.0.0/8"])"
                              : R"(a list of groups, as ["ff35::/32", "ff3e::/32"])",
        parse_groups<F>);
    if (!list) return fail(std::move(list).error());
    return T{*std::move(list)};
  }
  static std::string print(const T& ranges) {
    using List = std::vector<typename F::Prefix>;
    return Codec<List>::print(ranges.prefixes ? *ranges.prefixes : source_specific_prefixes<F>());
  }
};

/// The row of an option whose value is a member of Values.
template <Family F, auto Member>
Option<F> option(std::string_view name, std::string_view flag, std::string_view fallback,
                 std::string_view help) {
  using T = Codec<std::remove_cvref_t<decltype(std::declval<Values<F>>().*Member)>>;
  return {
      .name = name,
      .flag = flag,
      .placeholder = T::kPlaceholder,
      .fallback = fallback,
      .help = help,
      .is_igmp_only = false,
      .read = [](const Given& given, std::string_view standard, Values<F>& values) -> Result<Ok> {
        auto value = T::read(given, standard);
        if (!value) return fail(std::move(value).error());
        values.*Member = *std::move(value);
        return Ok{};
      },
      .print = [](const Values<F>& values) { return T::print(values.*Member); },
      .copy = [](const Values<F>& from, Values<F>& to) { to.*Member = from.*Member; }};
}

/// An option without meaning for MLD, which demands Router Alert and link-local sources and has no
/// proxy queries.
template <Family F, auto Member>
Option<F> igmp_option(std::string_view name, std::string_view flag, std::string_view fallback,
                      std::string_view help) {
  auto row = option<F, Member>(name, flag, fallback, help);
  row.is_igmp_only = true;
  return row;
}

template <Family F>
std::vector<Option<F>> make_options() {
  using V = Values<F>;
  constexpr bool kIsIgmp = std::same_as<F, Igmp>;
  std::vector<Option<F>> all{
      option<F, &V::profile>("profile", "", "\"home\"", "set of defaults for the other settings"),
      option<F, &V::query_interval>("query-interval", "-q,--query-interval", "60",
                                    "seconds between General Queries"),
      option<F, &V::response_interval>("query-max-response-time", "--max-response",
                                       "10, or half the query interval if that is less",
                                       "seconds within which hosts answer"),
      option<F, &V::robustness>("robustness-variable", "--robustness", "2",
                                "packets that may be lost in a row, plus one"),
      option<F, &V::startup_count>("startup-query-count", "--startup-count", "3",
                                   "queries in the burst at start"),
      option<F, &V::startup_interval>("startup-query-interval", "--startup-interval",
                                      "5, or a quarter of the query interval if that is less",
                                      "seconds between the queries of the burst"),
      option<F, &V::other_querier_interval>(
          "other-querier-present-interval", "-t,--timeout",
          "what the other querier advertises, else 255",
          "seconds without a query after which another querier counts as gone"),
      option<F, &V::jitter>(
          "jitter", "--jitter", "25",
          "percent by which an interval may be shorter, at random; 0 gives equal intervals"),
      option<F, &V::version>(
          "version", kIsIgmp ? "--igmp-version" : "--mld", "2",
          kIsIgmp ? "IGMP version of the queries" : "MLD version of the queries"),
      option<F, &V::source_address>("source-address", "", "\"\", one of the interface",
                                    "address of the interface to query from"),
      igmp_option<F, &V::proxy>("proxy", "--proxy", "false",
                                "query from 0.0.0.0 and yield to any real querier (RFC 4541)"),
      igmp_option<F, &V::require_router_alert>("require-router-alert", "", "false",
                                               "ignore messages without the Router Alert option"),
      igmp_option<F, &V::send_router_alert>("send-router-alert", "", "true",
                                            "send queries with the Router Alert option"),
      igmp_option<F, &V::require_same_subnet>(
          "require-same-subnet", "", "true",
          "only a querier on a subnet of the interface takes part in the election"),
      option<F, &V::accept_unicast_query>(
          "accept-unicast-query", "", "false",
          "accept a General Query that was sent to this host alone"),
      option<F, &V::trusted_queriers>(
          "trusted-queriers", "", "\"any\"",
          "addresses or prefixes of queriers that may win the election against this one"),
      option<F, &V::ignored_queriers>(
          "ignore-queriers", "", "[]",
          "addresses or prefixes of queriers whose queries are ignored"),
      option<F, &V::on_rogue_querier>("on-rogue-querier", "", "\"warn\"",
                                      "reaction to a querier that would win and is not trusted"),
      option<F, &V::last_member_interval>(
          "last-member-query-interval", "", "1",
          "seconds between the queries after a leave, and to answer each of them"),
      igmp_option<F, &V::query_on_solicitation>(
          "query-on-solicitation", "", "true",
          "send queries when a switch solicits them by a leave for 0.0.0.0"),
      option<F, &V::query_on_bpdu>(
          "query-on-bpdu", "", "true",
          "send queries when a spanning tree frame announces a change of the topology"),
      option<F, &V::query_on_rejoin>("query-on-rejoin", "", "true",
                                     "send queries when a member joins again"),
      option<F, &V::explicit_tracking>("explicit-tracking", "", "true",
                                       "track the hosts of each group"),
      igmp_option<F, &V::verify_source_subnet>(
          "verify-source-subnet", "", "false",
          "ignore reports whose source is on no subnet of the interface"),
      option<F, &V::accept_older_reports>("accept-older-reports", "", "true",
                                          "accept reports of versions before IGMPv3 and MLDv2"),
      option<F, &V::ssm_aware>("ssm-aware", "", "false",
                               "ignore reports of a source-specific group without sources"),
      option<F, &V::ssm_ranges>("ssm-ranges", "", kIsIgmp ? "[\"232.0.0.0/8\"]" : "ff3x::/32",
                                "source-specific groups, for ssm-aware"),
      option<F, &V::router_discovery>(
          "router-discovery", "", "false",
          "advertise this host as a multicast router, also while another one queries (RFC 4286)"),
      option<F, &V::router_advertisement_interval>("router-advertisement-interval", "", "20",
                                                   "seconds between these advertisements"),
      option<F, &V::max_groups>("max-groups", "", "131072", "groups in the table"),
      option<F, &V::max_sources>("max-sources-per-group", "", "1024",
                                 "sources of one group that are kept"),
      option<F, &V::max_hosts>("max-hosts-per-group", "", "1024",
                               "hosts of one group that are kept"),
      option<F, &V::held_groups>("hold", "", "[]",
                                 "groups that this host joins itself, for devices that cannot ask"),
      option<F, &V::enabled>("enabled", "",
                             kIsIgmp ? "true" : "true in a file that has such a table, else false",
                             "query for this protocol"),
  };
  std::erase_if(all, [](const auto& row) { return !kIsIgmp && row.is_igmp_only; });
  assert(all.size() <= kMaxOptions);
  return all;
}

}  // namespace

template <Family F>
std::span<const Option<F>> options() {
  static const auto kOptions = make_options<F>();
  return kOptions;
}
template std::span<const Option<Igmp>> options();
template std::span<const Option<Mld>> options();

template <Family F>
const Option<F>* find_option(std::string_view name) {
  const auto all = options<F>();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.name == name; });
  return found == all.end() ? nullptr : &*found;
}
template const Option<Igmp>* find_option(std::string_view);
template const Option<Mld>* find_option(std::string_view);

Given given_number(std::string where, std::string text) {
  double value = std::nan("");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) value = std::nan("");
  return {std::move(where), std::move(text), value};
}

std::string format_seconds(Duration time) { return format_number(seconds(time)); }

}  // namespace mcq::config
