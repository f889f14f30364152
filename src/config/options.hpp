#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/family.hpp"
#include "base/result.hpp"
#include "config/prefix_list.hpp"
#include "core/settings.hpp"

namespace mcq::config {

/// Everything a user may choose for a querier, on the command line or in the configuration file.
enum class Key : std::uint8_t {
  kQueryInterval,
  kMaxResponse,
  kRobustness,
  kStartupCount,
  kStartupInterval,
  kOtherQuerierInterval,
  kJitter,
  kVersion,
  kProxy,
  kRequireRouterAlert,
  kRequireSameSubnet,
  kAcceptUnicastQuery,
  kTrustedQueriers,
  kIgnoreQueriers,
  kOnRogueQuerier,
  kLastMemberInterval,
  kExplicitTracking,
  kVerifySourceSubnet,
  kAcceptOlderReports,
  kSsmAware,
  kMaxGroups,
  kMaxSources,
  kMaxHosts,
  kEnabled,
};
inline constexpr std::size_t kKeyCount = 24;

enum class Kind : std::uint8_t {
  kSeconds,
  kInteger,
  kPercent,
  kSwitch,
  kWord,      ///< one of kOnRogueWords
  kQueriers,  ///< a list of addresses and prefixes
};

/// What stands for no list of those to trust.
inline constexpr std::string_view kAnyQuerier = "any";
/// In the order of core::OnRogue.
inline constexpr std::array<std::string_view, 2> kOnRogueWords{"warn", "ignore"};

/// How a choice is written and what it may be.
struct KeyInfo {
  Key key;
  std::string_view name;  ///< in the configuration file, after RFC 8652 where it has a name
  std::string_view flag;  ///< on the command line; empty where there is none
  Kind kind;
  double min, max;            ///< in seconds, percent, plain numbers, entries or words
  std::string_view fallback;  ///< what holds when nothing was chosen, as people write it
  std::string_view help;
};

/// What may be chosen for a family, in the order of the enumeration. Some keys mean nothing to MLD,
/// which demands Router Alert and link-local sources and has no place for proxy queries.
template <Family F>
std::span<const KeyInfo> keys();
template <>
std::span<const KeyInfo> keys<Igmp>();
template <>
std::span<const KeyInfo> keys<Mld>();

/// A key of that family; null when it has none of that kind.
template <Family F>
const KeyInfo* find_key(Key key);

/// What was chosen; a switch is 0 or 1, a word its place among them. What was not is decided by
/// make_settings.
class OptionValues {
 public:
  bool has(Key key) const { return values_[static_cast<std::size_t>(key)].has_value(); }
  std::optional<double> get(Key key) const {
    const auto* value = chosen<double>(key);
    return value == nullptr ? std::nullopt : std::optional{*value};
  }
  /// Null when no list was chosen, which is not the same as an empty one.
  const PrefixList* list(Key key) const { return chosen<PrefixList>(key); }
  void set(Key key, double value) { values_[static_cast<std::size_t>(key)] = value; }
  void set(Key key, PrefixList list) { values_[static_cast<std::size_t>(key)] = std::move(list); }
  /// These choices, and where they leave one open the other's.
  OptionValues over(const OptionValues& other) const;
  bool operator==(const OptionValues&) const = default;

 private:
  using Value = std::variant<double, PrefixList>;

  template <class T>
  const T* chosen(Key key) const {
    const auto& value = values_[static_cast<std::size_t>(key)];
    return value ? std::get_if<T>(&*value) : nullptr;
  }

  std::array<std::optional<Value>, kKeyCount> values_{};
};

/// Checks a number against the range of its key. `given` is what the user wrote.
Result<double> checked(const KeyInfo& key, double value, std::string_view given);
/// Reads a number from the command line: "60", "0.5".
Result<double> parse_number(const KeyInfo& key, std::string_view given);

/// The settings that follow from the choices, or which of them contradict each other.
template <Family F>
Result<core::Settings<F>> make_settings(const OptionValues& choices);
/// What is allowed but unwise about them.
template <Family F>
std::vector<std::string> warnings(const core::Settings<F>& settings);

/// "60", "31.25"
std::string format_seconds(Duration time);

}  // namespace mcq::config
