// What becomes of a joined stream when somebody forges queries from an address below ours, and what
// the settings of trust make of it. The referee knows no such settings (to it whoever asks after a
// lower query breaks a rule), so these look at the stream and at the queries themselves.

#include "sim/families.hpp"

namespace mcq::sim {
namespace {

/// A querier at host 9, a host that answers at once, and a forger below them.
template <class F>
struct Forgers : testing::Test {
  Forgers() { link.plug_into_switch(forger); }

  void begin(const core::Settings<F>& settings) {
    ours = &link.add(address<F>(9), settings);
    auto& host = link.add_host();
    host.answers_after(0);
    link.join(host, group<F>(1));
  }
  void forge_every(Duration interval, Duration until, const Query<F>& query) {
    for (auto at = Duration{310s}; at < until; at += interval) {
      link.run_until(at);
      forger.ask(address<F>(1), query);
    }
    link.run_until(until);
  }
  static core::Settings<F> with(bool trusts_forger, core::OnRogue on_rogue) {
    core::Settings<F> settings{.jitter = 0};
    const typename F::Prefix trusted{address<F>(trusts_forger ? 1 : 2), 8 * sizeof(address<F>(1))};
    settings.trusted_queriers = {trusted};
    settings.on_rogue_querier = on_rogue;
    return settings;
  }
  static Query<F> endless_query() {
    return {.max_response = 3174s, .query_interval = 31'744s, .robustness = 7};
  }

  Link<F> link;
  Voice<F> forger{link.world()};
  Station<F>* ours = nullptr;
};
TYPED_TEST_SUITE(Forgers, Families, Names);

/// One packet that announces 62 hours costs what one that announces nothing does: we wait 255 s,
/// and switches remember for 260.
TYPED_TEST(Forgers, OneQueryThatAnnouncesHoursEndsNoStream) {
  this->begin({.jitter = 0});
  this->forge_every(24h, 24h, this->endless_query());
  EXPECT_EQ(this->link.longest_outage(), 0s);
  EXPECT_EQ(between(this->ours->asked(), 310, 600), (Seconds{565, 570, 575}));
}

/// So does one packet that says nothing of its interval, but has the longest response time of the
/// wire, and the longest silence that no rogue announces: however it comes about.
TYPED_TEST(Forgers, OneQueryThatAnnouncesMinutesEndsNoStream) {  // IGMP-Q-31
  constexpr auto kMaxResponse =
      std::same_as<TypeParam, Igmp> ? Duration{3'174'400ms} : Duration{8'387'584ms};
  for (const auto& query :
       {Query<TypeParam>{.max_response = kMaxResponse, .robustness = 7},
        Query<TypeParam>{.max_response = 10s, .query_interval = 248s, .robustness = 7},
        Query<TypeParam>{.max_response = 10s, .query_interval = 480s, .robustness = 7}}) {
    for (const bool has_list : {false, true}) {
      Link<TypeParam> lan;
      Voice<TypeParam> voice{lan.world()};
      lan.plug_into_switch(voice);
      auto& querier =
          lan.add(address<TypeParam>(9), has_list ? this->with(false, core::OnRogue::kWarn)
                                                  : core::Settings<TypeParam>{.jitter = 0});
      auto& host = lan.add_host();
      host.answers_after(0);
      lan.join(host, group<TypeParam>(1));
      lan.run_until(310s);
      voice.ask(address<TypeParam>(1), query);
      lan.run_until(4h);
      EXPECT_EQ(lan.longest_outage(), 0s);
      EXPECT_EQ(between(querier.asked(), 310, 600), (Seconds{565, 570, 575}));
    }
  }
}

/// What it announced holds for the table no longer than for the role, `-t` or not: a group that
/// nobody wants ends, although a report of the oldest version, forged meanwhile, has leaves ignored
/// for as long as its host counts as present.
TYPED_TEST(Forgers, WhatWasAnnouncedHoldsForNoMemberAfterwards) {  // IGMP-Q-31, IGMP-Q-34
  for (const bool trusts_forger : {false, true}) {
    auto settings = trusts_forger ? this->with(true, core::OnRogue::kWarn)
                                  : core::Settings<TypeParam>{.jitter = 0};
    settings.version = TypeParam::kNewest;
    settings.other_querier_interval = core::OtherQuerierInterval{255s};
    Link<TypeParam> lan(1, kKnownRouters);
    Voice<TypeParam> voice{lan.world()};
    lan.plug_into_switch(voice);
    auto& querier = lan.add(address<TypeParam>(9), settings);
    auto& host = lan.add_host(TypeParam::kNewest);
    lan.run_until(310s);
    voice.ask(address<TypeParam>(1), this->endless_query());
    lan.run_until(320s);
    lan.join(host, group<TypeParam>(1));
    lan.run_until(330s);
    voice.report(address<TypeParam>(99), typename TypeParam::Version{1}, group<TypeParam>(1));
    voice.report(address<TypeParam>(99), typename TypeParam::Version{1}, group<TypeParam>(2));
    lan.run_until(565s + 260s);  // we ask every 60 s since 565 s: members live for 140 s, or die
    EXPECT_TRUE(querier.knows(group<TypeParam>(1)));
    EXPECT_FALSE(querier.knows(group<TypeParam>(2)));
    lan.leave(host, group<TypeParam>(1));
    lan.run_until(565s + 260s + 5s);
    EXPECT_FALSE(querier.knows(group<TypeParam>(1)));
  }
}

TYPED_TEST(Forgers, FromATrustedOneItWouldHaveForHours) {
  this->begin(this->with(true, core::OnRogue::kWarn));
  this->forge_every(100h, 100h, this->endless_query());
  EXPECT_GT(this->link.longest_outage(), 61h);
}

/// Whoever goes on forging keeps us silent for as long as he likes: the RFC has it so.
TYPED_TEST(Forgers, ByDefaultARogueThatGoesOnKeepsUsSilent) {
  this->begin(this->with(false, core::OnRogue::kWarn));
  this->forge_every(100s, 2h, general_query<TypeParam>());
  EXPECT_TRUE(between(this->ours->asked(), 310, 7200).empty());
}

TYPED_TEST(Forgers, WhereRoguesAreIgnoredNoQueryIsLate) {
  this->begin(this->with(false, core::OnRogue::kIgnore));
  this->forge_every(100s, 2h, general_query<TypeParam>());
  EXPECT_EQ(this->link.longest_outage(), 0s);
  Seconds beat;
  for (double at = 370; at <= 7200; at += 60) beat.push_back(at);
  EXPECT_EQ(between(this->ours->asked(), 310, 7200), beat);
}

TYPED_TEST(Forgers, SoItIsForAnIgnoredQuerier) {
  core::Settings<TypeParam> settings{.jitter = 0};
  settings.ignored_queriers = {{address<TypeParam>(1), 8 * sizeof(address<TypeParam>(1))}};
  this->begin(settings);
  this->forge_every(1s, 1h, this->endless_query());
  EXPECT_EQ(this->link.longest_outage(), 0s);
  EXPECT_EQ(between(this->ours->asked(), 310, 3600).size(), 54U);
}

/// A backup that trusts the master alone does not wait for the forger when the master has died.
TYPED_TEST(Forgers, ABackupThatTrustsTheMasterTakesOverFromIt) {
  auto& master = this->link.add(address<TypeParam>(2), core::Settings<TypeParam>{.jitter = 0});
  this->begin(this->with(false, core::OnRogue::kIgnore));
  this->link.run_until(311s);  // the master's last query was at 310 s
  master.crash();
  this->forge_every(50s, 1h, general_query<TypeParam>());
  const auto silence = TypeParam::kDefault == TypeParam::kNewest ? 125 : 255;
  ASSERT_FALSE(this->ours->asked().empty());
  EXPECT_EQ(between(this->ours->asked(), 311, 3600).front(), 310 + silence);
}

TYPED_TEST(Forgers, OneThatTrustsNobodyButYieldsWaitsForTheForger) {
  auto& master = this->link.add(address<TypeParam>(2), core::Settings<TypeParam>{.jitter = 0});
  this->begin(this->with(false, core::OnRogue::kWarn));
  this->link.run_until(311s);
  master.crash();
  this->forge_every(50s, 1h, general_query<TypeParam>());
  EXPECT_TRUE(between(this->ours->asked(), 311, 3600).empty());
}

}  // namespace
}  // namespace mcq::sim
