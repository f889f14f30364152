#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "diagnose/rules.hpp"

namespace mcq::diagnose {
namespace {

using core::Role;
using core::WaitReason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ServiceEvidence querier() {
  ServiceEvidence evidence;
  evidence.name = "eth0";
  evidence.protocol = "IGMP";
  evidence.role = Role::kQuerier;
  evidence.address = evidence.querier = "192.0.2.10";
  evidence.groups = 3;
  evidence.hosts = evidence.answering = 2;
  return evidence;
}

/// We stand by for a querier that last queried so long ago.
ServiceEvidence standby(Duration interval = 60s, Duration silence = 10s) {
  auto evidence = querier();
  evidence.role = Role::kNonQuerier;
  evidence.querier = "192.0.2.5";
  evidence.query_interval = interval;
  evidence.query_due = interval + 11s;
  evidence.silence = silence;
  evidence.takeover = 600s - silence;
  evidence.answering = 0;
  return evidence;
}

ServiceEvidence silent(std::vector<std::string> hosts, std::size_t never, std::size_t answering) {
  auto evidence = querier();
  evidence.silent = hosts.size();
  evidence.silent_hosts = std::move(hosts);
  evidence.never_answered = never;
  evidence.answering = answering;
  return evidence;
}

ServiceEvidence waiting(WaitReason reason) {
  auto evidence = querier();
  evidence.role = Role::kWaiting;
  evidence.wait_reason = reason;
  evidence.address = evidence.querier = "0.0.0.0";
  evidence.groups = evidence.hosts = evidence.answering = 0;
  return evidence;
}

ServiceEvidence with(const std::function<void(ServiceEvidence&)>& spoil,
                     ServiceEvidence evidence = querier()) {
  spoil(evidence);
  return evidence;
}

/// A querier on a bridge that filters for it; by default it queries every minute.
ServiceEvidence on_bridge(const std::function<void(os::Bridge&)>& spoil = [](auto&) {}) {
  auto evidence = querier();
  evidence.interface = "br0";
  evidence.own_interval = 60s;
  evidence.own_response = 10s;
  os::Bridge bridge;
  bridge.snoops = bridge.tells_querier = true;
  bridge.membership_interval = 260s;
  bridge.querier_interval = 255s;
  spoil(bridge);
  evidence.bridge = bridge;
  return evidence;
}

/// "problem no-link IGMP"
std::vector<std::string> found(const ServiceEvidence& evidence) {
  std::vector<std::string> all;
  for (const auto& finding : judge(evidence)) {
    all.push_back(std::string{to_string(finding.severity)} + " " + std::string{finding.id} + " " +
                  finding.subject);
  }
  return all;
}

TEST(ServiceRules, AHealthyLanHasNoFinding) {
  EXPECT_THAT(found(querier()), IsEmpty());
  EXPECT_THAT(found(standby()), IsEmpty());
  EXPECT_THAT(found(standby(130s, 130s)), IsEmpty());
  EXPECT_THAT(found(with([](auto& e) { e.groups = e.hosts = e.answering = 0; })), IsEmpty());
  EXPECT_THAT(found(with([](auto& e) { e.unheard = 2, e.groups = e.hosts = e.answering = 0; })),
              IsEmpty());
  EXPECT_THAT(found(with([](auto& e) { e.proxy = true, e.querier = "0.0.0.0"; })), IsEmpty());
  EXPECT_THAT(found(with([](auto& e) { e.tracks_hosts = false, e.hosts = e.answering = 0; })),
              IsEmpty());
}

TEST(ServiceRules, EachFindsItsFaultAndNothingElse) {
  const std::string kHost = "192.0.2.20", kSecond = "192.0.2.21";
  struct Row {
    ServiceEvidence evidence;
    const char* found;
  };
  std::set<std::string> seen;
  for (const auto& [evidence, expected] : {
           Row{waiting(WaitReason::kInterface), "problem no-interface IGMP"},
           Row{waiting(WaitReason::kEthernet), "problem no-ethernet IGMP"},
           Row{waiting(WaitReason::kUpperDevice), "problem port-of-bridge IGMP"},
           Row{waiting(WaitReason::kVlanDevice), "problem vlan-interface IGMP"},
           Row{waiting(WaitReason::kPause), "problem paused IGMP"},
           Row{waiting(WaitReason::kLink), "problem no-link IGMP"},
           Row{waiting(WaitReason::kReceiver), "problem no-socket IGMP"},
           Row{waiting(WaitReason::kIpv4Address), "problem no-address IGMP"},
           Row{waiting(WaitReason::kLinkLocalAddress), "problem no-address IGMP"},
           Row{waiting(WaitReason::kSourceAddress), "problem no-address IGMP"},
           Row{with([](auto& e) { e.cannot_send = true; }), "problem cannot-send IGMP"},
           Row{with([](auto& e) { e.served_twice = true; }), "problem served-twice IGMP"},
           Row{with([](auto& e) { e.asked_beside = true; }), "problem asked-beside IGMP"},
           Row{with([](auto& e) { e.cannot_receive = true; }), "problem cannot-receive IGMP"},
           Row{with([](auto& e) { e.not_held = {"239.1.2.3"}; }), "problem cannot-hold IGMP"},
           Row{with([](auto& e) { e.too_many_groups = true; }), "problem table-full IGMP"},
           Row{with([](auto& e) { e.too_many_sources = true; }), "problem table-full IGMP"},
           Row{with([](auto& e) { e.host_unreachable = true; }),
               "problem own-host-unreachable IGMP"},
           Row{with([](auto& e) { e.duplicate = "02:00:00:00:00:99"; }),
               "problem duplicate-address 02:00:00:00:00:99"},
           Row{with([](auto& e) { e.rogue = true; }), "problem rogue-querier IGMP"},
           Row{with([](auto& e) { e.rogue = true; }, standby()), "problem rogue-querier IGMP"},
           Row{with([](auto& e) { e.rival = "192.0.2.20"; }), "problem two-queriers 192.0.2.20"},
           Row{with([](auto& e) { e.flapping = true; }), "problem flapping IGMP"},
           Row{standby(60s, 72s), "risk querier-gone 192.0.2.5"},
           Row{standby(60s, 260s), "problem querier-gone 192.0.2.5"},
           Row{standby(260s), "problem slow-querier 192.0.2.5"},
           Row{standby(255s, 260s), "problem slow-querier 192.0.2.5"},
           Row{standby(131s), "risk long-interval 192.0.2.5"},
           Row{silent({kHost, kSecond}, 0, 0), "problem nobody-answers IGMP"},
           Row{silent({kHost}, 1, 0), "problem nobody-answers IGMP"},
           Row{silent({kHost}, 0, 0), "risk nobody-answers IGMP"},
           Row{silent({kHost, kSecond}, 2, 2), "problem queries-lost IGMP"},
           Row{silent({kHost}, 0, 1), "risk mute-host 192.0.2.20"},
           Row{with([](auto& e) { e.own_host_silent = true; }),
               "problem own-host-unreachable IGMP"},
           Row{with([](auto& e) {
                 e.ended = {{"239.1.2.3", 79s, {"192.0.2.20"}, 1}};
               }),
               "risk ended-without-leave 239.1.2.3"},
           Row{on_bridge([](auto& b) { b.membership_interval = 69s; }),
               "problem bridge-forgets IGMP"},
           Row{on_bridge([](auto& b) { b.querier_interval = 69s; }), "risk bridge-forgets IGMP"},
           Row{with([](auto& e) { e.unheard = 3, e.groups = e.hosts = e.answering = 0; }),
               "note no-members IGMP"},
       }) {
    EXPECT_THAT(found(evidence), ElementsAre(expected));
    for (const auto& finding : judge(evidence)) {
      EXPECT_FALSE(finding.what.empty() || finding.fix.empty()) << expected;
      seen.emplace(finding.id);
    }
  }
  for (const auto& rule : rules()) {
    EXPECT_TRUE(rule.in_service == nullptr || seen.contains(std::string{rule.id})) << rule.id;
  }
}

TEST(ServiceRules, ABridgeMustRememberFromReportToReport) {
  EXPECT_THAT(found(on_bridge([](auto& b) { b.membership_interval = 70s; })), IsEmpty());
  const auto finding = judge(on_bridge([](auto& b) { b.membership_interval = 69s; })).at(0);
  EXPECT_EQ(finding.what,
            "its bridge forgets members after 69 s, and their reports are up to 70 s apart");
  EXPECT_EQ(finding.fix, "sudo ip link set br0 type bridge mcast_membership_interval 26000");
  auto slow = on_bridge();
  slow.own_interval = 300s;
  EXPECT_EQ(judge(slow).at(0).fix,
            "sudo ip link set br0 type bridge mcast_membership_interval 93000");
  EXPECT_THAT(found(on_bridge([](auto& b) { b.snoops = false, b.membership_interval = 1s; })),
              IsEmpty());
  auto other = standby(60s);  // of the elected querier, not ours
  other.bridge = on_bridge([](auto& b) { b.membership_interval = 70s; }).bridge;
  EXPECT_THAT(found(other), ElementsAre("problem bridge-forgets IGMP"));
}

TEST(ServiceRules, EachSilentHostIsNamed) {
  EXPECT_THAT(found(silent({"192.0.2.20", "192.0.2.21"}, 1, 5)),
              ElementsAre("risk mute-host 192.0.2.20", "risk mute-host 192.0.2.21"));
}

TEST(ServiceRules, ASourceThatIsRefusedIsNotAGroup) {
  const auto both = judge(with([](auto& e) { e.too_many_groups = e.too_many_sources = true; }));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].fix, "raise max-groups");
  EXPECT_THAT(both[1].fix, HasSubstr("max-sources-per-group"));
}

TEST(ServiceRules, AGroupThatEndedNamesSomeOfItsHosts) {
  const auto told = [](Duration ago, std::size_t hosts) {
    const auto all = judge(with([&](auto& e) {
      e.ended = {{"239.1.2.3", ago, {"192.0.2.20", "192.0.2.21", "192.0.2.22"}, hosts}};
    }));
    return all.at(0).what;
  };
  EXPECT_EQ(told(79s, 3),
            "ended 1:19 ago: 192.0.2.20, 192.0.2.21, 192.0.2.22 stopped answering without leaving");
  EXPECT_EQ(told(3599s, 5),
            "ended 59:59 ago: 192.0.2.20, 192.0.2.21, 192.0.2.22 and 2 more stopped answering "
            "without leaving");
}

TEST(ServiceRules, WhereMembersFellSilentNobodyIsMissing) {
  auto evidence = silent({"192.0.2.20", "192.0.2.21"}, 0, 0);
  evidence.unheard = 50;
  EXPECT_THAT(found(evidence), ElementsAre("problem nobody-answers IGMP"));
}

TEST(ServiceRules, TheGravestComesFirst) {
  const auto all = with([](auto& e) { e.flapping = e.cannot_send = true, e.rival = "192.0.2.20"; },
                        standby(131s));
  EXPECT_THAT(found(all), ElementsAre("problem cannot-send IGMP", "problem two-queriers 192.0.2.20",
                                      "problem flapping IGMP", "risk long-interval 192.0.2.5"));
}

}  // namespace
}  // namespace mcq::diagnose
