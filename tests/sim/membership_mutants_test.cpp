// The tests of the tests of members: queriers with one mistake each in what they make of reports
// and leaves, of which the rules must complain. Several are mistakes that real daemons make.

#include <set>

#include "sim/mutants.hpp"

namespace mcq::sim {
namespace {

bool is_leave(const Event& event) {
  if (std::holds_alternative<core::LeaveReceived<Igmp>>(event)) return true;
  const auto* received = std::get_if<core::RecordReceived<Igmp>>(&event);
  return received != nullptr && received->record.type == RecordType::kToIn &&
         received->record.sources.empty();
}

/// The group of a report, or of a record that tells of a member.
std::optional<Igmp::Address> reported(const Event& event) {
  if (const auto* old = std::get_if<core::ReportReceived<Igmp>>(&event)) return old->report.group;
  const auto* received = std::get_if<core::RecordReceived<Igmp>>(&event);
  if (received == nullptr || is_leave(event)) return std::nullopt;
  return received->record.group;
}

Igmp::Address group_of_leave(const Event& event) {
  if (const auto* old = std::get_if<core::LeaveReceived<Igmp>>(&event)) return old->leave.group;
  return std::get<core::RecordReceived<Igmp>>(event).record.group;
}

/// Takes no notice of leaves.
struct Clinging : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    return is_leave(event) ? Actions{} : Brain::step(event, now);
  }
};

/// Its groups live for ever: the clock of its table stands still.
struct Immortal : Sound {
  Immortal(Settings settings, Random random) : Sound(settings, random), table(settings, random) {}
  Actions step(const Event& event, TimePoint now) override {
    static_cast<void>(table.step(event, TimePoint{1ns}));
    return Brain::step(event, now);
  }
  const core::Group<Igmp>* find(const Igmp::Address& group) const override {
    return table.groups().find(group);
  }
  std::size_t groups() const override { return table.groups().size(); }
  core::Querier<Igmp> table;
};

/// Counts a membership from its first report.
struct Impatient : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const auto group = reported(event);
    return group && find(*group) != nullptr ? Actions{} : Brain::step(event, now);
  }
};

/// Forgets a group as soon as one host leaves it.
struct Abrupt : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    if (const auto group = reported(event)) left.erase(*group);
    if (is_leave(event)) left.insert(group_of_leave(event));
    return Brain::step(event, now);
  }
  const core::Group<Igmp>* find(const Igmp::Address& group) const override {
    return left.contains(group) ? nullptr : Brain::find(group);
  }
  std::set<Igmp::Address> left;
};

/// Follows up leaves although another one is querier.
struct Officious : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    auto actions = Brain::step(event, now);
    if (role() != core::Role::kNonQuerier || !is_leave(event)) return actions;
    const auto group = group_of_leave(event);
    Query<Igmp> query{.version = Igmp::Version::k2, .group = group, .max_response = 1s};
    actions.push_back(core::SendQuery<Igmp>{address<Igmp>(1), group, std::move(query)});
    return actions;
  }
};

/// Treats hosts of IGMPv1 as if they answered specific queries and sent leaves.
struct Modern : Sound {
  using Brain::Brain;
  Actions step(const Event& given, TimePoint now) override {
    auto event = given;
    auto* received = std::get_if<core::ReportReceived<Igmp>>(&event);
    if (received != nullptr) received->report.version = Igmp::Version::k2;
    return Brain::step(event, now);
  }
};

/// Does not heed the specific queries of the querier above it.
struct Deafish : Sound {
  using Brain::Brain;
  Actions step(const Event& event, TimePoint now) override {
    const auto* received = std::get_if<core::QueryReceived<Igmp>>(&event);
    const bool is_specific = received != nullptr && !received->query.is_general();
    return is_specific ? Actions{} : Brain::step(event, now);
  }
};

// What its specific queries say.
void send_to_all(core::SendQuery<Igmp>& sent) { sent.destination = Igmp::kAllNodes; }
void allow_ten_seconds(core::SendQuery<Igmp>& sent) {
  if (!sent.query.is_general()) sent.query.max_response = 10s;
}
void never_suppress(core::SendQuery<Igmp>& sent) { sent.query.suppress = false; }
void always_suppress(core::SendQuery<Igmp>& sent) {
  sent.query.suppress = !sent.query.is_general();
}

void ask_too_often(Settings& s) { s.robustness = 7; }
void ask_too_quickly(Settings& s) { s.last_member_interval = 200ms; }
void forget_too_soon(Settings& s) { s.response_interval = 1s; }

constexpr auto kLeaves = Climate::kLeaves;

TEST(MembershipMutant, WithoutAMistakeIsNotCaught) { EXPECT_TRUE(is_never_caught(kLeaves)); }
TEST(MembershipMutant, ThatForgetsLeaves) {
  EXPECT_TRUE(is_caught<Clinging>(Rule::kMembersGo, kLeaves));
}
TEST(MembershipMutant, ThatNeverForgetsMembers) {
  EXPECT_TRUE(is_caught<Immortal>(Rule::kMembersGo, kLeaves));
}
TEST(MembershipMutant, ThatForgetsMembersWhoReport) {
  EXPECT_TRUE(is_caught<Impatient>(Rule::kMembersKept, kLeaves));
  EXPECT_TRUE(is_caught<Impatient>(Rule::kMembersKnown, kLeaves));
}
TEST(MembershipMutant, ThatForgetsMembersTooSoon) {
  using Q = Misconfigured<forget_too_soon>;
  EXPECT_TRUE(is_caught<Q>(Rule::kMembersKept, kLeaves));
}
TEST(MembershipMutant, ThatDoesNotWaitAfterALeave) {
  EXPECT_TRUE(is_caught<Abrupt>(Rule::kMembersKept, kLeaves));
  EXPECT_TRUE(is_caught<Abrupt>(Rule::kMembersKnown, kLeaves));
}
TEST(MembershipMutant, ThatAsksAboutGroupsAsALoser) {
  EXPECT_TRUE(is_caught<Officious>(Rule::kLosersStartNone, kLeaves));
}
TEST(MembershipMutant, ThatAsksAboutAGroupFiveTimesTooOften) {
  EXPECT_TRUE(is_caught<Misconfigured<ask_too_often>>(Rule::kRounds, kLeaves));
}
TEST(MembershipMutant, ThatAsksAboutAGroupTooQuickly) {
  EXPECT_TRUE(is_caught<Misconfigured<ask_too_quickly>>(Rule::kRounds, kLeaves));
}
TEST(MembershipMutant, ThatOverlooksHostsOfIgmpv1) {
  EXPECT_TRUE(is_caught<Modern>(Rule::kMembersKnown, kLeaves));
  EXPECT_TRUE(is_caught<Modern>(Rule::kRounds, kLeaves));
}
TEST(MembershipMutant, ThatDoesNotFollowTheQuerier) {
  EXPECT_TRUE(is_caught<Deafish>(Rule::kMembersGo, kLeaves));
}
TEST(MembershipMutant, ThatAsksAllHostsAboutAGroup) {
  EXPECT_TRUE(is_caught<Misspeaking<send_to_all>>(Rule::kSpecificQuery, kLeaves));
}
TEST(MembershipMutant, ThatGivesMembersAnotherTime) {
  EXPECT_TRUE(is_caught<Misspeaking<allow_ten_seconds>>(Rule::kSpecificQuery, kLeaves));
}
TEST(MembershipMutant, WithTheWrongSFlag) {
  EXPECT_TRUE(is_caught<Misspeaking<never_suppress>>(Rule::kSpecificQuery, kLeaves));
  EXPECT_TRUE(is_caught<Misspeaking<always_suppress>>(Rule::kSpecificQuery, kLeaves));
}

}  // namespace
}  // namespace mcq::sim
