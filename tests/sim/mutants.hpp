#pragma once

#include <algorithm>

#include "sim/chaos.hpp"
#include "sim/families.hpp"

namespace mcq::sim {

using Actions = core::Actions<Igmp>;
using Event = core::Event<Igmp>;
using Settings = core::Settings<Igmp>;
using Sound = Brain<Igmp>;  ///< what mutants are made of: each has one mistake

/// Runs with other settings than it was given.
template <void (*kChange)(Settings&)>
struct Misconfigured : Sound {
  Misconfigured(Settings settings, Random random) : Sound(changed(settings), random) {}
  Actions step(const Event& given, TimePoint now) override {
    auto event = given;
    if (auto* change = std::get_if<core::SettingsChanged<Igmp>>(&event)) kChange(change->settings);
    return Brain::step(event, now);
  }
  static Settings changed(Settings settings) {
    kChange(settings);
    return settings;
  }
};

/// Sends queries that are not what they should be.
template <void (*kChange)(core::SendQuery<Igmp>&)>
struct Misspeaking : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    auto actions = Brain::step(event, now);
    for (auto& action : actions) {
      if (auto* sent = std::get_if<core::SendQuery<Igmp>>(&action)) kChange(*sent);
    }
    return actions;
  }
};

inline constexpr std::uint64_t kMutantRuns = 60;

/// Whether the rule is seen to be broken within a few random runs.
template <class Q>
bool is_caught(Rule rule, Climate climate) {
  for (std::uint64_t seed = 1; seed <= kMutantRuns; ++seed) {
    Chaos<Igmp> chaos(climate, seed, make_brain<Igmp, Q>);
    chaos.play();
    const auto& all = chaos.violations();
    if (std::any_of(all.begin(), all.end(), [&](const auto& v) { return v.rule == rule; }))
      return true;
  }
  return false;
}

inline testing::AssertionResult is_never_caught(Climate climate) {
  for (std::uint64_t seed = 1; seed <= kMutantRuns; ++seed) {
    Chaos<Igmp> chaos(climate, seed, make_brain<Igmp, Sound>);
    chaos.play();
    if (auto result = keeps_the_rules(chaos.violations()); !result) return result;
  }
  return testing::AssertionSuccess();
}

}  // namespace mcq::sim
