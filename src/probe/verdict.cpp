#include "probe/verdict.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mcq::probe {
namespace {

using Outcomes = std::span<const Outcome>;
using Traits = std::vector<Trait>;

constexpr const char* kNoSetting =
    "no setting of a querier helps: look for newer firmware of the device";
constexpr const char* kWithoutAlert = "set send-router-alert = false";

const Outcome* find(Outcomes all, std::string_view id) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.asked.id == id; });
  return found == all.end() ? nullptr : &*found;
}

bool is(Outcomes all, std::string_view id, Reaction reaction) {
  const auto* found = find(all, id);
  return found != nullptr && found->reaction == reaction;
}
bool answers(Outcomes all, std::string_view id) { return is(all, id, Reaction::kAnswered); }
bool ignores(Outcomes all, std::string_view id) { return is(all, id, Reaction::kSilent); }

/// The version of the answer; 0 without one.
int version_of(Outcomes all, std::string_view id) {
  const auto* found = find(all, id);
  return found != nullptr && found->answer ? found->answer->version : 0;
}

/// Whether no query of a version, with or without Router Alert, was answered, and one was ignored.
bool ignores_version(Outcomes all, Igmp::Version version) {
  bool one = false;
  for (const auto& outcome : all) {
    if (outcome.asked.version != version) continue;
    if (outcome.reaction == Reaction::kAnswered) return false;
    one = one || outcome.reaction == Reaction::kSilent;
  }
  return one;
}

bool is_same_query(const Case& a, const Case& b) {
  return a.version == b.version && a.scope == b.scope && a.source == b.source &&
         a.router_alert == b.router_alert;
}

/// One answer to a query, and then silence, to the same query as well.
bool answered_once(Outcomes all) {
  const auto is_answered = [](const auto& one) { return one.reaction == Reaction::kAnswered; };
  const auto first = std::find_if(all.begin(), all.end(), is_answered);
  if (first == all.end() || std::count_if(all.begin(), all.end(), is_answered) != 1) return false;
  return std::any_of(first + 1, all.end(), [&](const Outcome& later) {
    return is_same_query(later.asked, first->asked) && later.reaction == Reaction::kSilent;
  });
}

void judge_router_alert(Outcomes all, Traits& traits) {
  const bool deaf = (ignores(all, "v2") && answers(all, "v2-no-router-alert")) ||
                    (ignores(all, "v3") && answers(all, "v3-no-router-alert"));
  if (deaf) {
    traits.push_back({"ignores-router-alert", true,
                      "it ignores queries that have the IP option Router Alert, as RFC 9776 "
                      "requires of all",
                      kWithoutAlert});
  }
  const auto without = version_of(all, "v2-no-router-alert");
  if (version_of(all, "v2") == 3 && without != 0 && without != 3) {
    traits.push_back(
        {"router-alert-means-v3", true,
         "it takes an IGMPv2 query with Router Alert for one of IGMPv3, and answers "
         "with an IGMPv3 report, which switches and queriers of version 2 ignore",
         "set igmp-version = 3 if all switches know IGMPv3, else " + std::string{kWithoutAlert}});
  }
  if ((answers(all, "v2") && ignores(all, "v2-no-router-alert")) ||
      (answers(all, "v3") && ignores(all, "v3-no-router-alert"))) {
    traits.push_back(
        {"needs-router-alert", false, "it ignores queries without Router Alert",
         "leave send-router-alert true, as it is by default; some switches send none"});
  }
}

void judge_versions(Outcomes all, Traits& traits) {
  if (version_of(all, "v2") == 3 && version_of(all, "v2-no-router-alert") == 3) {
    traits.push_back({"keeps-version-3", false, "it answers IGMPv2 queries with IGMPv3 reports",
                      "set igmp-version = 3 if all switches know IGMPv3"});
  }
  const bool no_v2 = ignores_version(all, Igmp::Version::k2);
  const bool no_v3 = ignores_version(all, Igmp::Version::k3);
  if (no_v2 && !no_v3) {
    traits.push_back(
        {"ignores-version-2", true, "it ignores IGMPv2 queries", "set igmp-version = 3"});
  }
  if (no_v3 && !no_v2) {
    traits.push_back({"ignores-version-3", true, "it ignores IGMPv3 queries",
                      "set igmp-version = 2, which is the default"});
  }
}

void judge_groups(Outcomes all, Traits& traits) {
  const bool deaf = (answers(all, "v2") && ignores(all, "v2-group")) ||
                    (answers(all, "v3") && ignores(all, "v3-group"));
  if (!deaf) return;
  traits.push_back({"ignores-group-specific", true,
                    "it ignores Group-Specific Queries: when another host leaves the group, its "
                    "stream stops until the next General Query",
                    kNoSetting});
}

void judge_sources(Outcomes all, Traits& traits) {
  const auto ignored = [&](const std::string& which) {
    return (answers(all, "v2") && ignores(all, "v2-" + which)) ||
           (answers(all, "v3") && ignores(all, "v3-" + which));
  };
  if (ignored("off-subnet")) {
    traits.push_back({"ignores-off-subnet", false,
                      "it ignores queries from an address of another subnet",
                      "give the interface of the querier an address of the device's subnet"});
  }
  if (ignored("unspecified")) {
    traits.push_back({"ignores-unspecified", false, "it ignores queries from 0.0.0.0",
                      "run a querier that has an address: no proxy, and no switch that queries "
                      "from 0.0.0.0"});
  }
}

void judge_destinations(Outcomes all, Traits& traits) {
  std::array<bool, 4> right{}, wrong{};
  const Answer* first = nullptr;
  for (const auto& outcome : all) {
    if (!outcome.answer) continue;
    const auto& answer = *outcome.answer;
    (answer.is_addressed ? right : wrong).at(static_cast<std::size_t>(answer.version)) = true;
    if (!answer.is_addressed && first == nullptr) first = &answer;
  }
  if (first == nullptr) return;
  std::string fix = kNoSetting;
  if (right[3] && !wrong[3]) fix = "set igmp-version = 3 if all switches know IGMPv3";
  if (right[2] && !wrong[2]) fix = "set igmp-version = 2, which is the default";
  traits.push_back({"wrong-destination", true,
                    "it sends its IGMPv" + std::to_string(first->version) + " report about " +
                        to_string(first->group) + " to " + to_string(first->destination) +
                        " instead of " + (first->version == 3 ? "224.0.0.22" : "the group itself") +
                        ", where switches may not look for it",
                    std::move(fix)});
}

}  // namespace

std::string_view to_string(Reaction reaction) {
  switch (reaction) {
    case Reaction::kAnswered:
      return "answered";
    case Reaction::kSilent:
      return "silent";
    case Reaction::kUnclear:
      return "unclear";
    case Reaction::kNotAsked:
      break;
  }
  return "not-asked";
}

std::vector<Trait> judge(Outcomes outcomes) {
  Traits traits;
  const auto has = [&](Reaction reaction) {
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [&](const auto& one) { return one.reaction == reaction; });
  };
  judge_destinations(outcomes, traits);
  if (!has(Reaction::kAnswered)) {
    if (has(Reaction::kSilent)) {
      traits.push_back({"answers-nothing", true, "it answers no query",
                        "look whether its firewall or its switch port drops IGMP"});
    }
  } else if (answered_once(outcomes)) {
    traits.push_back({"answers-only-first", true,
                      "it answered the first query and no later one: its streams stop when the "
                      "switch forgets that answer",
                      kNoSetting});
  } else {
    judge_router_alert(outcomes, traits);
    judge_versions(outcomes, traits);
    judge_groups(outcomes, traits);
    judge_sources(outcomes, traits);
  }
  std::stable_sort(traits.begin(), traits.end(),
                   [](const Trait& a, const Trait& b) { return a.is_problem && !b.is_problem; });
  return traits;
}

}  // namespace mcq::probe
