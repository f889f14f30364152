#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"

namespace mcq::sim {

/// What must hold after every step of every run.
enum class Rule : std::uint8_t {
  kOneQuerier,         ///< a quiet network with a querier that can ask has exactly one that does
  kStreamsFlow,        ///< no joined stream is out for longer than the run allows
  kSilentAfterLosing,  ///< no query before the other querier's time is up
  kNeverSilent,        ///< who is querier asks at least every interval
  kElectedAddress,     ///< queries come from the address of the election, while querier, link up
  kBurst,            ///< at most so many queries close together, then no sooner than jitter allows
  kNoBacklog,        ///< one step sends at most one query, and its deadline is ahead
  kEarlyTick,        ///< a tick before the deadline does nothing
  kRoleTold,         ///< every change of role is told, and nothing else is told as one
  kMembersKnown,     ///< the table has what hosts want, where the run promises it
  kMembersKept,      ///< a group that was reported is not forgotten before its time
  kMembersGo,        ///< nor kept, nor its sources and hosts, for longer than the protocol allows
  kLosersStartNone,  ///< only the querier begins to ask about a group
  kRounds,           ///< of specific queries: so many after each leave, an interval apart
  kSpecificQuery,    ///< a specific query goes to its group and says what it must
};
inline constexpr std::size_t kRuleCount = 15;

constexpr std::string_view to_string(Rule rule) {
  constexpr std::array<std::string_view, kRuleCount> kWords{
      "one querier",    "streams flow", "silent after losing", "never silent", "elected address",
      "burst and pace", "no backlog",   "early tick",          "role told",    "members known",
      "members kept",   "members go",   "losers start none",   "rounds",       "specific query"};
  return kWords[static_cast<std::size_t>(rule)];
}

/// Enough of an address to tell it from the others of a simulation.
template <std::size_t Size>
std::string text_of(const Address<Size>& address) {
  return address.is_unspecified() ? "without address" : "." + std::to_string(address.bytes.back());
}

struct Violation {
  Rule rule{};
  TimePoint when{};
  std::string what;
};

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
inline double seconds(TimePoint t) { return seconds(t.time_since_epoch()); }

inline std::ostream& operator<<(std::ostream& out, const Violation& v) {
  return out << seconds(v.when) << " s: rule \"" << to_string(v.rule) << "\": " << v.what;
}

/// The broken rules of a run, each when it was first broken, and its story if somebody wants to
/// read it.
class Verdict {
 public:
  void broken(Rule rule, TimePoint when, std::string what) {
    const bool is_news = std::none_of(violations_.begin(), violations_.end(), [&](const auto& v) {
      return v.rule == rule && v.what == what;
    });
    if (is_news && violations_.size() < kMax) violations_.push_back({rule, when, std::move(what)});
  }
  const std::vector<Violation>& violations() const { return violations_; }

  void tell_to(std::ostream& out) { out_ = &out; }
  bool has_listener() const { return out_ != nullptr; }
  void tell(TimePoint when, std::string_view who, std::string_view what) const {
    if (out_ != nullptr) *out_ << seconds(when) << " s: " << who << ' ' << what << '\n';
  }

 private:
  static constexpr std::size_t kMax = 20;
  std::vector<Violation> violations_;
  std::ostream* out_ = nullptr;
};

}  // namespace mcq::sim
