// The tests of the tests: queriers with one mistake each, of which the rules must complain. Several
// are mistakes that real daemons make.

#include <optional>

#include "sim/mutants.hpp"

namespace mcq::sim {
namespace {

template <class T>
void drop(Actions& actions) {
  std::erase_if(actions, [](const auto& action) { return std::holds_alternative<T>(action); });
}

/// Listens on a socket that no query ever reaches.
struct Deaf : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    if (std::holds_alternative<core::QueryReceived<Igmp>>(event)) return {};
    return Brain::step(event, now);
  }
};

struct Mute : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    auto actions = Brain::step(event, now);
    drop<core::SendQuery<Igmp>>(actions);
    return actions;
  }
};

/// Sends one more query after it has lost.
struct BadLoser : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const auto before = role();
    const auto self = querier();
    auto actions = Brain::step(event, now);
    if (before == core::Role::kQuerier && role() == core::Role::kNonQuerier) {
      actions.push_back(core::SendQuery<Igmp>{self, Igmp::kAllNodes, general_query<Igmp>()});
    }
    return actions;
  }
};

/// Restarts its timer for the querier that it first lost to, and for no other.
struct Faithful : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const auto* received = std::get_if<core::QueryReceived<Igmp>>(&event);
    const bool has_lost = role() == core::Role::kNonQuerier;
    if (received != nullptr && has_lost && received->source != querier()) return {};
    return Brain::step(event, now);
  }
};

/// Takes a proxy's query for that of the lowest address of all.
struct Credulous : Sound {
  using Brain::Brain;
  Actions step(const Event& given, TimePoint now) override {
    auto event = given;
    auto* received = std::get_if<core::QueryReceived<Igmp>>(&event);
    if (received != nullptr && received->source.is_unspecified())
      received->source = address<Igmp>(0);
    return Brain::step(event, now);
  }
};

/// Asks from the address that it had first.
struct Nostalgic : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    auto actions = Brain::step(event, now);
    for (auto& action : actions) {
      if (auto* query = std::get_if<core::SendQuery<Igmp>>(&action)) {
        if (!first) first = query->source;
        query->source = *first;
      }
    }
    return actions;
  }
  std::optional<Igmp::Address> first;
};

/// Does not see that its link is down.
struct Blind : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const auto* changed = std::get_if<core::LinkChanged<Igmp>>(&event);
    return changed != nullptr && !changed->link.up ? Actions{} : Brain::step(event, now);
  }
};

/// Makes up for the queries that it slept through.
struct Diligent : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const bool is_late = deadline() != kNever && now > deadline() + 2min;
    auto actions = Brain::step(event, now);
    if (is_late && role() == core::Role::kQuerier && !actions.empty()) {
      actions.push_back(actions.back());
    }
    return actions;
  }
};

/// Takes any tick for its deadline.
struct Hasty : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const bool is_tick = std::holds_alternative<core::Tick>(event);
    return Brain::step(event, is_tick ? std::max(now, deadline()) : now);
  }
};

struct Secretive : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    auto actions = Brain::step(event, now);
    drop<core::RoleChanged<Igmp>>(actions);
    return actions;
  }
};

/// When a switch may be about to forget them.
void let_members_take_their_time(core::SendQuery<Igmp>& sent) {
  if (sent.query.is_general()) sent.query.max_response = 10s;
}

void ask_seldom(Settings& s) { s.query_interval = 200s; }
void ask_often(Settings& s) { s.jitter = 90; }
void ask_once_at_first(Settings& s) { s.startup_count = 1; }
void ask_long_at_first(Settings& s) { s.startup_count = 8; }
void wait_too_little(Settings& s) { s.other_querier_interval = core::OtherQuerierInterval{90s}; }
void wait_too_long(Settings& s) { s.other_querier_interval = core::OtherQuerierInterval{600s}; }

constexpr auto kFailures = Climate::kFailures, kLosses = Climate::kLosses;

TEST(Mutant, WithoutAMistakeIsNotCaught) { EXPECT_TRUE(is_never_caught(kFailures)); }
TEST(Mutant, ThatIsDeafLeavesTwoQueriers) {
  EXPECT_TRUE(is_caught<Deaf>(Rule::kOneQuerier, kLosses));
  EXPECT_TRUE(is_caught<Deaf>(Rule::kSilentAfterLosing, kLosses));
}
TEST(Mutant, ThatIsMuteLosesStreams) {
  EXPECT_TRUE(is_caught<Mute>(Rule::kNeverSilent, kFailures));
  EXPECT_TRUE(is_caught<Mute>(Rule::kStreamsFlow, kFailures));
}
TEST(Mutant, ThatAsksAfterLosing) {
  EXPECT_TRUE(is_caught<BadLoser>(Rule::kSilentAfterLosing, kLosses));
  EXPECT_TRUE(is_caught<BadLoser>(Rule::kElectedAddress, kLosses));
}
TEST(Mutant, ThatHeedsOneQuerierOnly) {
  EXPECT_TRUE(is_caught<Faithful>(Rule::kSilentAfterLosing, kFailures));
}
TEST(Mutant, ThatLosesToProxies) {
  EXPECT_TRUE(is_caught<Credulous>(Rule::kOneQuerier, kFailures));
}
TEST(Mutant, ThatAsksFromItsOldAddress) {
  EXPECT_TRUE(is_caught<Nostalgic>(Rule::kElectedAddress, kFailures));
}
TEST(Mutant, ThatAsksWithoutALink) {
  EXPECT_TRUE(is_caught<Blind>(Rule::kElectedAddress, kFailures));
}
TEST(Mutant, ThatSendsABacklog) { EXPECT_TRUE(is_caught<Diligent>(Rule::kNoBacklog, kFailures)); }
TEST(Mutant, ThatTicksEarly) { EXPECT_TRUE(is_caught<Hasty>(Rule::kEarlyTick, kFailures)); }
TEST(Mutant, ThatHidesItsRole) { EXPECT_TRUE(is_caught<Secretive>(Rule::kRoleTold, kLosses)); }

TEST(Mutant, ThatAsksTooSeldom) {
  using Q = Misconfigured<ask_seldom>;
  EXPECT_TRUE(is_caught<Q>(Rule::kNeverSilent, kLosses));
  EXPECT_TRUE(is_caught<Q>(Rule::kStreamsFlow, kLosses));
}
TEST(Mutant, ThatAsksTooOften) {
  EXPECT_TRUE(is_caught<Misconfigured<ask_often>>(Rule::kBurst, kLosses));
}
TEST(Mutant, WhoseBurstIsTooShort) {
  EXPECT_TRUE(is_caught<Misconfigured<ask_once_at_first>>(Rule::kNeverSilent, kLosses));
}
TEST(Mutant, WhoseBurstIsTooLong) {
  EXPECT_TRUE(is_caught<Misconfigured<ask_long_at_first>>(Rule::kBurst, kLosses));
}
TEST(Mutant, WhoseBurstCanBeAnsweredLate) {
  EXPECT_TRUE(is_caught<Misspeaking<let_members_take_their_time>>(Rule::kBurst, kLosses));
}
TEST(Mutant, ThatTakesOverTooSoon) {
  EXPECT_TRUE(is_caught<Misconfigured<wait_too_little>>(Rule::kSilentAfterLosing, kLosses));
}
TEST(Mutant, ThatTakesOverTooLate) {
  using Q = Misconfigured<wait_too_long>;
  EXPECT_TRUE(is_caught<Q>(Rule::kOneQuerier, kFailures));
  EXPECT_TRUE(is_caught<Q>(Rule::kStreamsFlow, kFailures));
}

}  // namespace
}  // namespace mcq::sim
