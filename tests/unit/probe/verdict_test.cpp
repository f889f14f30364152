#include "probe/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace mcq::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Ipv4Address kGroup{{239, 1, 2, 3}}, kAllRouters{{224, 0, 0, 2}};

Answer in_version(int version) {
  return {300ms, version, kGroup, true, version == 3 ? Ipv4Address{{224, 0, 0, 22}} : kGroup};
}

/// What a stack does with a query: no answer is silence.
using Stack = std::function<std::optional<Answer>(const Case&)>;

std::optional<Answer> sound(const Case& asked) {
  return in_version(static_cast<int>(asked.version));
}

std::vector<Outcome> outcomes_of(const Stack& stack) {
  std::vector<Outcome> all;
  for (const auto& one : cases()) {
    const auto answer = stack(one);
    all.push_back({one, answer ? Reaction::kAnswered : Reaction::kSilent, kGroup, answer, {}});
  }
  return all;
}

std::vector<std::string> ids(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> found;
  for (const auto& trait : judge(outcomes)) {
    EXPECT_FALSE(trait.what.empty() || trait.fix.empty()) << trait.id;
    found.push_back(std::string{trait.id} + (trait.is_problem ? "!" : ""));
  }
  return found;
}

std::vector<std::string> traits_of(const Stack& stack) { return ids(outcomes_of(stack)); }

/// A stack that is sound but for the queries that it ignores.
Stack ignoring(const std::function<bool(const Case&)>& ignored) {
  return [ignored](const Case& asked) { return ignored(asked) ? std::nullopt : sound(asked); };
}

TEST(Verdict, ASoundStackHasNoTraits) { EXPECT_THAT(traits_of(sound), IsEmpty()); }

/// Version 2 for all, as a host that has recently heard a querier of that version.
TEST(Verdict, AStackInCompatibilityModeHasNoTraits) {
  EXPECT_THAT(traits_of([](const Case&) { return in_version(2); }), IsEmpty());
}

TEST(Verdict, NamesWhatIsIgnored) {
  struct Row {
    std::string trait;
    std::function<bool(const Case&)> ignored;
  };
  using Version = Igmp::Version;
  for (const auto& row : {
           Row{"ignores-router-alert!", [](const Case& c) { return c.router_alert; }},
           Row{"needs-router-alert", [](const Case& c) { return !c.router_alert; }},
           Row{"ignores-unspecified",
               [](const Case& c) { return c.source == Source::kUnspecified; }},
           Row{"ignores-off-subnet", [](const Case& c) { return c.source == Source::kOffSubnet; }},
           Row{"ignores-group-specific!", [](const Case& c) { return c.scope == Scope::kGroup; }},
           Row{"ignores-version-2!", [](const Case& c) { return c.version == Version::k2; }},
           Row{"ignores-version-3!", [](const Case& c) { return c.version == Version::k3; }},
           Row{"answers-nothing!", [](const Case&) { return true; }},
           Row{"answers-only-first!", [](const Case& c) { return c.id != "v3"; }},
       }) {
    EXPECT_THAT(traits_of(ignoring(row.ignored)), ElementsAre(row.trait));
  }
}

TEST(Verdict, AVersion2HostThatAnswersOnceIsNamedToo) {
  EXPECT_THAT(traits_of(ignoring([](const Case& c) { return c.id != "v2"; })),
              ElementsAre("answers-only-first!"));
}

/// One answer of all, but not to a query that is asked twice: it may be the only form it knows.
TEST(Verdict, AnAnswerToOneFormAloneIsNotAnAnswerToTheFirstAlone) {
  EXPECT_THAT(traits_of(ignoring([](const Case& c) { return c.id != "v2-no-router-alert"; })),
              ElementsAre("ignores-router-alert!", "ignores-version-3!"));
}

TEST(Verdict, RouterAlertThatMeansVersion3) {
  const auto stack = [](const Case& c) {
    return in_version(c.router_alert ? 3 : static_cast<int>(c.version));
  };
  EXPECT_THAT(traits_of(stack), ElementsAre("router-alert-means-v3!"));
  EXPECT_THAT(traits_of([](const Case&) { return in_version(3); }), ElementsAre("keeps-version-3"));
}

TEST(Verdict, ReportsToAWrongAddress) {
  const auto wrong = [](int version) {
    return [version](const Case& c) {
      auto answer = in_version(static_cast<int>(c.version));
      if (answer.version == version) answer.is_addressed = false, answer.destination = kAllRouters;
      return std::optional{answer};
    };
  };
  const auto of_version2 = judge(outcomes_of(wrong(2)));
  ASSERT_EQ(of_version2.size(), 1U);
  EXPECT_EQ(of_version2[0].id, "wrong-destination");
  EXPECT_THAT(of_version2[0].what, testing::HasSubstr("to 224.0.0.2 instead of the group itself"));
  EXPECT_THAT(of_version2[0].fix, testing::HasSubstr("igmp-version = 3"));
  const auto of_version3 = judge(outcomes_of(wrong(3)));
  ASSERT_EQ(of_version3.size(), 1U);
  EXPECT_THAT(of_version3[0].fix, testing::HasSubstr("igmp-version = 2"));
}

TEST(Verdict, WhatIsUnclearIsNotHeldAgainstTheHost) {
  auto outcomes =
      outcomes_of(ignoring([](const Case& c) { return c.version == Igmp::Version::k2; }));
  for (auto& one : outcomes) {
    if (one.reaction == Reaction::kSilent) one.reaction = Reaction::kUnclear;
  }
  EXPECT_THAT(ids(outcomes), IsEmpty());
  EXPECT_THAT(ids({}), IsEmpty());
}

TEST(Verdict, ProblemsComeFirst) {
  const auto stack = ignoring(
      [](const Case& c) { return c.source == Source::kUnspecified || c.scope == Scope::kGroup; });
  EXPECT_THAT(traits_of(stack), ElementsAre("ignores-group-specific!", "ignores-unspecified"));
}

}  // namespace
}  // namespace mcq::probe
