#include <gtest/gtest.h>

#include "support/querier_rig.hpp"

// Who may win the election from us: trusted-queriers, ignore-queriers, on-rogue-querier.

namespace mcq::core {
namespace {

using test::general_query;
using test::Lan;
using test::LinkedRig;
using test::Moments;
using test::rfc_settings;
using test::Rig;

template <class F>
class Trust : public testing::Test {
 protected:
  using Prefix = typename F::Prefix;

  static Prefix only(typename F::Address address) {
    return {address, static_cast<std::uint8_t>(8 * sizeof(address))};
  }
  static Settings<F> trusting(std::vector<Prefix> queriers, OnRogue on_rogue = OnRogue::kWarn) {
    auto settings = rfc_settings<F>();
    settings.trusted_queriers = std::move(queriers);
    settings.on_rogue_querier = on_rogue;
    return settings;
  }
  static Settings<F> ignoring(std::vector<Prefix> queriers) {
    auto settings = rfc_settings<F>();
    settings.ignored_queriers = std::move(queriers);
    return settings;
  }
  static Actions<F> told(Notice notice, typename F::Address from) {
    return {Noticed<F>{notice, from}};
  }
  /// It yields, and says of whom.
  static Actions<F> yields_to_rogue(typename F::Address rogue) {
    auto actions = Rig<F>::yields_to(rogue);
    actions.insert(actions.begin(), Noticed<F>{Notice::kRogueQuerier, rogue});
    return actions;
  }
  /// It yields, and says how long a silence it does not grant.
  static Actions<F> yields_to_silent(typename F::Address other, Duration silence) {
    auto actions = Rig<F>::yields_to(other);
    actions.insert(actions.begin(), Noticed<F>{Notice::kLongSilence, other, silence});
    return actions;
  }
  /// The longest response time of the wire (code 0xff, 0xffff), and nothing about the interval.
  static constexpr Duration kMaxResponse =
      std::same_as<F, Igmp> ? Duration{3'174'400ms} : Duration{8'387'584ms};
  static Query<F> evasive_query() { return {.max_response = kMaxResponse, .robustness = 7}; }
  /// 7 x 31744 + 3174.4 / 2 s: the longest that a query can announce, 62 hours.
  static Query<F> endless_query() {
    return {.max_response = 3174s, .query_interval = 31'744s, .robustness = 7};
  }
};
TYPED_TEST_SUITE(Trust, test::Families);

constexpr auto kTrusted = 2, kRogue = 3, kRogueAbove = 30;

TYPED_TEST(Trust, ARogueIsYieldedToAndTold) {
  LinkedRig<TypeParam> rig{this->trusting({this->only(Lan<TypeParam>::host(kTrusted))})};
  const auto rogue = Lan<TypeParam>::host(kRogue);
  EXPECT_EQ(rig.receive(10s, rogue), this->yields_to_rogue(rogue));
  EXPECT_EQ(rig.receive(20s, rogue), this->told(Notice::kRogueQuerier, rogue));
  EXPECT_EQ(rig.querier().querier(), rogue);
}

TYPED_TEST(Trust, ATrustedOneIsYieldedToWithoutAWord) {
  for (const auto on_rogue : {OnRogue::kWarn, OnRogue::kIgnore}) {
    for (const auto& list : {this->only(Lan<TypeParam>::host(kTrusted)), Lan<TypeParam>::kSubnet}) {
      LinkedRig<TypeParam> rig{
          this->trusting({this->only(Lan<TypeParam>::host(9)), list}, on_rogue)};
      const auto trusted = Lan<TypeParam>::host(kTrusted);
      EXPECT_EQ(rig.receive(10s, trusted), rig.yields_to(trusted));
    }
  }
}

TYPED_TEST(Trust, ARogueIsNotYieldedToWhereItIsToBeIgnored) {
  LinkedRig<TypeParam> rig{
      this->trusting({this->only(Lan<TypeParam>::host(kTrusted))}, OnRogue::kIgnore)};
  const auto rogue = Lan<TypeParam>::host(kRogue);
  EXPECT_EQ(rig.receive(10s, rogue), this->told(Notice::kRogueRefused, rogue));
  EXPECT_EQ(rig.role(), Role::kQuerier);
  rig.run_until(156'250ms);
  EXPECT_EQ(rig.sent_at(), (Moments{0s, 31'250ms, 156'250ms}));
}

TYPED_TEST(Trust, ARogueDoesNotKeepUsSilentAfterATrustedOne) {
  LinkedRig<TypeParam> rig{
      this->trusting({this->only(Lan<TypeParam>::host(kTrusted))}, OnRogue::kIgnore)};
  rig.receive(10s, Lan<TypeParam>::host(kTrusted));
  rig.receive(200s, Lan<TypeParam>::host(kRogue));
  EXPECT_EQ(rig.querier().querier(), Lan<TypeParam>::host(kTrusted));
  EXPECT_EQ(rig.gone_at(), 265s);
}

TYPED_TEST(Trust, AboveUsNobodyIsARogue) {
  for (const auto on_rogue : {OnRogue::kWarn, OnRogue::kIgnore}) {
    LinkedRig<TypeParam> rig{this->trusting({}, on_rogue)};
    EXPECT_TRUE(rig.receive(10s, Lan<TypeParam>::host(kRogueAbove)).empty());
  }
}

TYPED_TEST(Trust, AnEmptyListTrustsNobody) {
  LinkedRig<TypeParam> rig{this->trusting({}, OnRogue::kIgnore)};
  EXPECT_EQ(rig.receive(10s, rig.kLower), this->told(Notice::kRogueRefused, rig.kLower));
}

TYPED_TEST(Trust, TrustOpensNoOtherDoor) {
  const auto elsewhere = Lan<TypeParam>::kElsewhere;
  LinkedRig<TypeParam> rig{
      this->trusting({this->only(elsewhere), this->only(Rig<TypeParam>::kSelf)})};
  EXPECT_EQ(rig.receive(10s, elsewhere), this->told(Notice::kForeignSubnet, elsewhere));
  EXPECT_EQ(rig.receive(11s, rig.kSelf), this->told(Notice::kDuplicateAddress, rig.kSelf));
}

TEST(IgmpTrust, AProxyYieldsToWhomItTrusts) {
  auto settings = rfc_settings<Igmp>();
  settings.proxy = true;
  settings.trusted_queriers = {{Lan<Igmp>::host(200), 32}};
  settings.on_rogue_querier = OnRogue::kIgnore;
  LinkedRig<Igmp> rig{settings};
  EXPECT_EQ(rig.receive(10s, Lan<Igmp>::host(100)),
            (Actions<Igmp>{Noticed<Igmp>{Notice::kRogueRefused, Lan<Igmp>::host(100)}}));
  EXPECT_EQ(rig.receive(11s, Lan<Igmp>::host(200)), rig.yields_to(Lan<Igmp>::host(200)));
}

TYPED_TEST(Trust, LongSilenceIsGrantedToTheTrustedAlone) {  // IGMP-Q-31
  enum class Told { kNothing, kLongSilence, kRogueQuerier };
  struct Row {
    const char* what;
    bool has_list, is_trusted;
    Duration interval;
    Told told;
    Duration silence;
  };
  // 2 x interval + 5 s; an hour is 2 x 1797.5 + 5.
  for (const auto& [what, has_list, is_trusted, interval, told, silence] : {
           Row{"no list: the RFC's defaults", false, false, 125s, Told::kNothing, 255s},
           Row{"no list: shorter", false, false, 60s, Told::kNothing, 125s},
           Row{"no list: longer", false, false, 126s, Told::kLongSilence, 255s},
           Row{"no list: nearly an hour", false, false, 1797s, Told::kLongSilence, 255s},
           Row{"no list: longer than an hour", false, false, 1798s, Told::kRogueQuerier, 255s},
           Row{"on the list", true, true, 126s, Told::kNothing, 257s},
           Row{"on the list: hours", true, true, 1798s, Told::kNothing, 3601s},
           Row{"not on the list: as ours", true, false, 125s, Told::kRogueQuerier, 255s},
           Row{"not on the list: shorter", true, false, 60s, Told::kRogueQuerier, 125s},
           Row{"not on the list: longer", true, false, 126s, Told::kRogueQuerier, 255s},
       }) {
    SCOPED_TRACE(what);
    auto settings = rfc_settings<TypeParam>();
    if (has_list) settings.trusted_queriers = {this->only(Lan<TypeParam>::host(kTrusted))};
    LinkedRig<TypeParam> rig{settings};
    const auto from = Lan<TypeParam>::host(is_trusted ? kTrusted : kRogue);
    const auto expected = told == Told::kRogueQuerier ? this->yields_to_rogue(from)
                          : told == Told::kLongSilence
                              ? this->yields_to_silent(from, 2 * interval + 5s)
                              : rig.yields_to(from);
    EXPECT_EQ(
        rig.receive(10s, from, {.max_response = 10s, .query_interval = interval, .robustness = 2}),
        expected);
    EXPECT_EQ(rig.gone_at(), 10s + silence);
  }
}

/// Whatever makes the silence long: it is what the values would come to, QQIC 0 included.
TYPED_TEST(Trust, WhatCountsIsTheSilenceThatResults) {  // IGMP-Q-31
  const auto evasive = this->evasive_query();
  struct Row {
    const char* what;
    Query<TypeParam> query;
    Duration silence;
  };
  for (const auto& [what, query, silence] : {
           Row{"no interval, QRV 7, longest response", evasive, 7 * 125s + this->kMaxResponse / 2},
           Row{"no interval, QRV 3", {.max_response = 10s, .robustness = 3}, 380s},
           Row{"no interval, long response", {.max_response = 11s}, 255'500ms},
           Row{"QRV 7, QQI 248 s",
               {.max_response = 10s, .query_interval = 248s, .robustness = 7},
               1741s},
           Row{"QRV 7, QQI 125 s",
               {.max_response = 10s, .query_interval = 125s, .robustness = 7},
               880s},
           Row{"long response",
               {.max_response = 11s, .query_interval = 125s, .robustness = 2},
               255'500ms},
       }) {
    SCOPED_TRACE(what);
    const auto from = Rig<TypeParam>::kLower;
    const bool is_rogue = silence > 1h;
    LinkedRig<TypeParam> rig;
    EXPECT_EQ(rig.receive(10s, from, query),
              is_rogue ? this->yields_to_rogue(from) : this->yields_to_silent(from, silence));
    EXPECT_EQ(rig.gone_at(), 265s);
    EXPECT_EQ(rig.querier().timing(), Timing{});

    LinkedRig<TypeParam> listed{this->trusting({this->only(Lan<TypeParam>::host(9))})};
    EXPECT_EQ(listed.receive(10s, from, query), this->yields_to_rogue(from));
    EXPECT_EQ(listed.gone_at(), 265s);
    EXPECT_EQ(listed.querier().timing(), Timing{});

    LinkedRig<TypeParam> trusting{this->trusting({this->only(from)})};
    EXPECT_EQ(trusting.receive(10s, from, query), rig.yields_to(from));
    EXPECT_EQ(trusting.gone_at(), 10s + silence);
  }
}

/// It asks again before we would take over.
TYPED_TEST(Trust, AnHonestRouterWithLargerNumbersLosesNothing) {  // IGMP-Q-31
  const auto group = Lan<TypeParam>::kGroup;
  const Query<TypeParam> query{.max_response = 10s, .query_interval = 125s, .robustness = 7};
  LinkedRig<TypeParam> rig;
  for (auto at = Duration{10s}; at < 24h; at += 125s) {
    rig.receive(at, rig.kLower, query);
    rig.apply(at + 10s,
              RecordReceived<TypeParam>{Lan<TypeParam>::host(50), {RecordType::kIsEx, group, {}}});
  }
  EXPECT_EQ(rig.sent_at(), (Moments{0s}));
  EXPECT_EQ(rig.role(), Role::kNonQuerier);
  EXPECT_EQ(rig.changed.size(), 1U) << "the group that was added";
}

TYPED_TEST(Trust, WhatIsNotBelievedSetsNoOtherTimerEither) {
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower, this->endless_query());
  EXPECT_EQ(rig.querier().timing(), Timing{});
  EXPECT_EQ(rig.gone_at(), 265s);
}

TYPED_TEST(Trust, ATrustedOneMayAnnounceTheLongestSilence) {
  LinkedRig<TypeParam> rig{this->trusting({Lan<TypeParam>::kSubnet})};
  rig.receive(10s, rig.kLower, this->endless_query());
  EXPECT_EQ(rig.gone_at(), 10s + 7 * 31'744s + 1587s);
}

TYPED_TEST(Trust, OneThatAnnouncesHoursIsRefusedWhereRoguesAre) {
  auto settings = rfc_settings<TypeParam>();
  settings.on_rogue_querier = OnRogue::kIgnore;
  LinkedRig<TypeParam> rig{settings};
  EXPECT_EQ(rig.receive(10s, rig.kLower, this->endless_query()),
            this->told(Notice::kRogueRefused, rig.kLower));
  EXPECT_EQ(rig.receive(11s, rig.kLower), rig.yields_to(rig.kLower));
}

/// The table does not keep members for longer than the administrator waits, or the RFC has it.
TYPED_TEST(Trust, AGivenTimeoutIsWaitedForWhateverIsAnnounced) {  // IGMP-Q-31
  struct Row {
    const char* what;
    OtherQuerierInterval given;
    std::uint8_t robustness;
    Duration interval;
    Notice notice;  ///< kNoticeCount: none
    Timing timing;
  };
  constexpr auto kNone = static_cast<Notice>(kNoticeCount);
  for (const auto& [what, given, robustness, interval, notice, timing] : {
           Row{"shorter, and as the RFC's", 100s, 2, 125s, kNone, {2, 125s, 10s}},
           Row{"shorter, and longer than the RFC's", 100s, 2, 126s, Notice::kLongSilence, {}},
           Row{"longer", 1000s, 7, 125s, kNone, {7, 125s, 10s}},
           Row{"longer, but not enough", 1000s, 7, 248s, Notice::kLongSilence, {}},
           Row{"longer than an hour", 7200s, 7, 1000s, kNone, {7, 1000s, 10s}},
           Row{"hours", 7200s, 7, 31'744s, Notice::kRogueQuerier, {}},
       }) {
    SCOPED_TRACE(what);
    auto settings = rfc_settings<TypeParam>();
    settings.other_querier_interval = given;
    LinkedRig<TypeParam> rig{settings};
    const auto actions =
        rig.receive(10s, rig.kLower,
                    {.max_response = 10s, .query_interval = interval, .robustness = robustness});
    auto expected = rig.yields_to(rig.kLower);
    if (notice != kNone) {
      const auto silence = notice == Notice::kLongSilence ? robustness * interval + 5s : Duration{};
      expected.insert(expected.begin(), Noticed<TypeParam>{notice, rig.kLower, silence});
    }
    EXPECT_EQ(actions, expected);
    EXPECT_EQ(rig.gone_at(), 10s + given.get());
    EXPECT_EQ(rig.querier().timing(), timing);
  }
}

/// Whoever asks seldom himself, and waits for a silent querier as long, grants others as much.
TYPED_TEST(Trust, OurOwnSilenceIsCredible) {  // IGMP-Q-31
  auto settings = rfc_settings<TypeParam>();
  settings.query_interval = 7200s;
  LinkedRig<TypeParam> rig{settings};
  for (const auto interval : {Duration{0s}, Duration{7200s}}) {
    const Query<TypeParam> query{.max_response = 10s, .query_interval = interval, .robustness = 2};
    rig.receive(10s, rig.kLower, query);
    EXPECT_EQ(rig.gone_at(), 10s + 2 * 7200s + 5s);
    EXPECT_TRUE(rig.receive(10s, rig.kLower, query).empty());
  }
  rig.receive(10s, rig.kLower, {.max_response = 10s, .query_interval = 7200s, .robustness = 3});
  EXPECT_EQ(rig.gone_at(), 10s + 2 * 7200s + 5s);
  EXPECT_EQ(rig.querier().timing(), (Timing{2, 7200s, 10s}));
}

TYPED_TEST(Trust, AnIgnoredQuerierHasNeverAsked) {
  LinkedRig<TypeParam> rig{this->ignoring({this->only(Rig<TypeParam>::kLower)})};
  const auto ignored = this->told(Notice::kIgnoredQuerier, rig.kLower);
  EXPECT_EQ(rig.receive(10s, rig.kLower), ignored);
  EXPECT_EQ(rig.receive_at(11s, rig.kLower, rig.kSelf), ignored);
  EXPECT_EQ(rig.role(), Role::kQuerier);
  const auto other = Lan<TypeParam>::host(kRogue);
  EXPECT_EQ(rig.receive(12s, other), rig.yields_to(other));
  rig.receive(100s, rig.kLower);
  EXPECT_EQ(rig.gone_at(), 267s);
}

TYPED_TEST(Trust, ANetworkThatIsIgnoredDoesNotHideADuplicateAddress) {
  LinkedRig<TypeParam> rig{this->ignoring({Lan<TypeParam>::kSubnet})};
  EXPECT_EQ(rig.receive(10s, rig.kSelf), this->told(Notice::kDuplicateAddress, rig.kSelf));
  EXPECT_EQ(rig.receive(10s, rig.kHigher), this->told(Notice::kIgnoredQuerier, rig.kHigher));
}

/// A specific query ends a membership that nobody confirms; one of an ignored querier, or of a
/// rogue to ignore, does not.
TYPED_TEST(Trust, SpecificQueriesOfAnIgnoredQuerierCountForNothing) {
  const auto group = Lan<TypeParam>::kGroup;
  const auto forger = Lan<TypeParam>::host(kRogue);
  const std::vector trusted{this->only(Lan<TypeParam>::host(kTrusted))};
  struct Row {
    Settings<TypeParam> settings;
    Actions<TypeParam> actions;
    std::size_t groups;
  };
  for (const auto& [settings, actions, groups] :
       {Row{this->trusting(trusted), {}, 0},
        Row{this->ignoring({this->only(forger)}), this->told(Notice::kIgnoredQuerier, forger), 1},
        Row{this->trusting(trusted, OnRogue::kIgnore), this->told(Notice::kRogueRefused, forger),
            1}}) {
    LinkedRig<TypeParam> rig{settings};
    rig.receive(1s, Lan<TypeParam>::host(kTrusted));
    rig.apply(2s,
              RecordReceived<TypeParam>{Lan<TypeParam>::host(50), {RecordType::kIsEx, group, {}}});
    const Query<TypeParam> specific{.group = group, .max_response = 1s, .robustness = 2};
    EXPECT_EQ(rig.receive_at(3s, forger, group, specific), actions);
    rig.run_until(6s);
    EXPECT_EQ(rig.querier().groups().size(), groups);
  }
}

// What a reload changes, it changes at once.

TYPED_TEST(Trust, TheElectedOneLosesAtOnceWhenItBecomesIgnored) {
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  const auto settings = this->ignoring({this->only(rig.kLower)});
  EXPECT_EQ(rig.configure(20s, settings), rig.takes_over(Cause::kSettingsChanged));
}

TYPED_TEST(Trust, TheElectedOneLosesAtOnceWhenItBecomesARogueToIgnore) {
  LinkedRig<TypeParam> rig;
  rig.receive(10s, rig.kLower);
  EXPECT_TRUE(rig.configure(20s, this->trusting({})).empty());
  EXPECT_EQ(rig.configure(30s, this->trusting({}, OnRogue::kIgnore)),
            rig.takes_over(Cause::kSettingsChanged));
}

TYPED_TEST(Trust, OneThatBecomesTrustedWinsWithItsNextQuery) {
  LinkedRig<TypeParam> rig{this->trusting({}, OnRogue::kIgnore)};
  rig.receive(10s, rig.kLower);
  EXPECT_TRUE(rig.configure(20s, this->trusting({Lan<TypeParam>::kSubnet})).empty());
  EXPECT_EQ(rig.receive(30s, rig.kLower), rig.yields_to(rig.kLower));
}

TYPED_TEST(Trust, OneThatIsTrustedNoLongerMayNotBeSilentForHours) {
  LinkedRig<TypeParam> rig{this->trusting({Lan<TypeParam>::kSubnet})};
  rig.receive(10s, rig.kLower, this->endless_query());
  auto patient = rfc_settings<TypeParam>();
  patient.other_querier_interval = OtherQuerierInterval{1000s};
  EXPECT_TRUE(rig.configure(20s, patient).empty());
  EXPECT_EQ(rig.gone_at(), 20s + 1000s);
  EXPECT_EQ(rig.querier().timing(), Timing{});
  EXPECT_TRUE(rig.configure(30s, this->trusting({})).empty());
  EXPECT_EQ(rig.gone_at(), 30s + 255s);
  EXPECT_TRUE(rig.configure(40s, patient).empty());  // never later again
  EXPECT_EQ(rig.gone_at(), 30s + 255s);
}

}  // namespace
}  // namespace mcq::core
