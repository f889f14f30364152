#include "core/peer_queriers.hpp"

#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

namespace mcq::core {
namespace {

using test::Lan;

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}}, kOtherMac{{2, 0, 0, 0, 0, 2}};

TimePoint at(Duration time) { return TimePoint{10h + time}; }

template <class F>
class Peers : public testing::Test {
 protected:
  static constexpr auto kSelf = Lan<F>::host(10), kLower = Lan<F>::host(2),
                        kOtherLower = Lan<F>::host(3), kHigher = Lan<F>::host(20),
                        kOtherHigher = Lan<F>::host(21);

  /// A query of another host while we are the querier; `ours` is the time of our last one.
  PeerFinding rival_query(Duration time, Duration ours, typename F::Address from = kHigher) {
    return peers.received({from, kMac, query, Role::kQuerier, kSelf, at(ours)}, at(time));
  }
  /// A query of another host while `elected` is the querier.
  PeerFinding elected_query(Duration time, typename F::Address from, typename F::Address elected) {
    return peers.received({from, kMac, query, Role::kNonQuerier, elected, kNever}, at(time));
  }
  bool lose(Duration time, Cause cause = Cause::kLowerQuerier) {
    return peers.role_changed({Role::kNonQuerier, cause, kLower}, kOtherMac, at(time));
  }
  bool win(Duration time, Cause cause = Cause::kQuerierSilent) {
    return peers.role_changed({Role::kQuerier, cause, kSelf}, {}, at(time));
  }

  /// Elections that we lose and win in turn, the first at 0 s.
  void elections(int count, Duration gap) {
    for (int i = 0; i < count; ++i) {
      if (i % 2 == 0) {
        lose(i * gap);
      } else {
        win(i * gap);
      }
    }
  }

  Query<F> query = test::general_query<F>();
  PeerQueriers<F> peers;
};
TYPED_TEST_SUITE(Peers, test::Families);

TYPED_TEST(Peers, TheElectedQuerierIsKeptAsItAdvertisesItself) {
  EXPECT_EQ(this->elected_query(0s, this->kLower, this->kLower), PeerFinding::kElected);
  EXPECT_EQ(this->elected_query(30s, this->kLower, this->kLower), PeerFinding::kElected);
  const auto& other = this->peers.other_querier();
  EXPECT_EQ(other.address, this->kLower);
  EXPECT_EQ(other.mac, kMac);
  EXPECT_EQ(other.version, this->query.version);
  EXPECT_EQ(other.query_interval, this->query.query_interval);
  EXPECT_EQ(other.robustness, this->query.robustness);
  EXPECT_EQ(other.measured_interval, 30s);
  EXPECT_EQ(other.last_query, at(30s));
  EXPECT_EQ(other.queries, 2U);
}

TYPED_TEST(Peers, AQuerierThatLosesToTheElectedOneIsNotKept) {
  this->elected_query(0s, this->kLower, this->kLower);
  EXPECT_EQ(this->elected_query(1s, this->kHigher, this->kLower), PeerFinding::kNothing);
  EXPECT_EQ(this->peers.other_querier().address, this->kLower);
  EXPECT_EQ(this->peers.other_querier().last_query, at(0s));
}

TYPED_TEST(Peers, AnotherElectedQuerierTakesThePlaceOfTheFirst) {
  EXPECT_EQ(this->elected_query(0s, this->kOtherLower, this->kOtherLower), PeerFinding::kElected);
  EXPECT_EQ(this->elected_query(1s, this->kLower, this->kLower), PeerFinding::kOtherElected);
  EXPECT_EQ(this->elected_query(2s, this->kLower, this->kLower), PeerFinding::kElected);
  EXPECT_EQ(this->peers.other_querier().queries, 2U);
}

TYPED_TEST(Peers, WhileWeWaitEachQuerierIsKeptAndNoneIsElected) {
  for (const auto& from : {this->kHigher, this->kLower}) {
    const PeerQuery<TypeParam> received{from, kMac, this->query, Role::kWaiting, {}, kNever};
    EXPECT_EQ(this->peers.received(received, at(0s)), PeerFinding::kNothing);
    EXPECT_EQ(this->peers.other_querier().address, from);
  }
}

TYPED_TEST(Peers, ALostElectionNamesItsWinner) {
  EXPECT_TRUE(this->lose(0s));
  EXPECT_EQ(this->peers.other_querier().address, this->kLower);
  EXPECT_EQ(this->peers.other_querier().mac, kOtherMac);
}

TYPED_TEST(Peers, AnotherChangeOfTheRoleNamesNobody) {
  EXPECT_FALSE(this->lose(0s, Cause::kAddressChanged));
  EXPECT_FALSE(this->win(1s));
  EXPECT_TRUE(this->peers.other_querier().address.is_unspecified());
}

TYPED_TEST(Peers, ARivalQueriesAfterItMustHaveReceivedOurs) {
  EXPECT_EQ(this->rival_query(1s, 0s), PeerFinding::kNothing);  // it has just started
  EXPECT_EQ(this->peers.rival(at(1s)), nullptr);
  EXPECT_EQ(this->rival_query(31s, 30s), PeerFinding::kUndue);
  const auto* rival = this->peers.rival(at(31s));
  ASSERT_NE(rival, nullptr);
  EXPECT_EQ(rival->address, this->kHigher);
  EXPECT_EQ(rival->queries, 2U);
  EXPECT_EQ(rival->undue, 1U);
}

TYPED_TEST(Peers, AQuerierThatCannotHaveReceivedOursIsNoRival) {
  EXPECT_EQ(this->rival_query(10s, 0s), PeerFinding::kNothing);
  EXPECT_EQ(this->rival_query(15s, 0s), PeerFinding::kNothing);         // of its burst
  EXPECT_EQ(this->rival_query(31s - 1ns, 30s), PeerFinding::kNothing);  // ours may be on its way
  EXPECT_EQ(this->peers.rival(at(31s)), nullptr);
}

TYPED_TEST(Peers, ARivalIsForgottenAfterTenMinutes) {
  this->rival_query(1s, 0s);
  this->rival_query(31s, 30s);
  EXPECT_NE(this->peers.rival(at(631s - 1ns)), nullptr);
  EXPECT_EQ(this->peers.rival(at(631s)), nullptr);
}

TYPED_TEST(Peers, ARivalThatComesBackLaterHasJustStarted) {
  this->rival_query(1s, 0s);
  this->rival_query(31s, 30s);
  EXPECT_EQ(this->rival_query(631s, 620s), PeerFinding::kNothing);
  EXPECT_EQ(this->peers.rival(at(631s)), nullptr);
}

TYPED_TEST(Peers, OneRivalIsKeptAtATime) {
  this->rival_query(1s, 0s);
  EXPECT_EQ(this->rival_query(2s, 0s, this->kOtherHigher), PeerFinding::kNothing);
  EXPECT_EQ(this->rival_query(31s, 30s, this->kOtherHigher), PeerFinding::kNothing);
  EXPECT_EQ(this->rival_query(31s, 30s), PeerFinding::kUndue);
  EXPECT_EQ(this->peers.rival(at(31s))->address, this->kHigher);
}

TYPED_TEST(Peers, ARivalIsForgottenWithTheRoleAndWithTheAddress) {
  const auto make_rival = [&] {
    this->rival_query(1s, 0s);
    this->rival_query(31s, 30s);
    EXPECT_NE(this->peers.rival(at(31s)), nullptr);
  };
  make_rival();
  this->lose(32s);
  EXPECT_EQ(this->peers.rival(at(32s)), nullptr);
  make_rival();
  this->peers.address_changed();
  EXPECT_EQ(this->peers.rival(at(32s)), nullptr);
}

TYPED_TEST(Peers, AHostWithOurAddressIsRememberedForTenMinutes) {
  EXPECT_EQ(this->peers.duplicate(at(0s)), std::nullopt);
  this->peers.duplicate_received(kOtherMac, at(0s));
  this->peers.duplicate_received(kMac, at(1s));
  EXPECT_EQ(this->peers.duplicate(at(601s - 1ns)), kMac);
  EXPECT_EQ(this->peers.duplicate(at(601s)), std::nullopt);
}

TYPED_TEST(Peers, AHostWithOurFormerAddressIsNoDuplicate) {
  this->peers.duplicate_received(kMac, at(1s));
  this->peers.address_changed();
  EXPECT_EQ(this->peers.duplicate(at(1s)), std::nullopt);
}

TYPED_TEST(Peers, MoreThanAHundredQueriesWithinASecondAreAStorm) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(this->peers.count_query(at(i * 9ms)));
  EXPECT_TRUE(this->peers.count_query(at(1s - 1ns)));
  EXPECT_FALSE(this->peers.count_query(at(1s)));  // another second
}

TYPED_TEST(Peers, AHundredQueriesASecondAreNoStorm) {
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(this->peers.count_query(at(i * 10ms)));
}

TYPED_TEST(Peers, SixElectionsWithinAnHourAreFlapping) {
  this->elections(6, 10min);
  EXPECT_TRUE(this->peers.is_flapping(at(1h - 1ns)));
  EXPECT_FALSE(this->peers.is_flapping(at(1h)));
}

TYPED_TEST(Peers, FiveElectionsWithinAnHourAreNotFlapping) {
  this->elections(5, 10min);
  EXPECT_FALSE(this->peers.is_flapping(at(40min)));
}

TYPED_TEST(Peers, SixElectionsWithinMoreThanAnHourAreNotFlapping) {
  this->elections(6, 12min);
  EXPECT_FALSE(this->peers.is_flapping(at(1h)));
}

TYPED_TEST(Peers, ChangesOfTheRoleWithoutAnElectionAreNotFlapping) {
  for (int i = 0; i < 12; ++i) this->lose(i * 1s, Cause::kAddressChanged);
  EXPECT_FALSE(this->peers.is_flapping(at(12s)));
}

}  // namespace
}  // namespace mcq::core
