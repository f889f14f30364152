#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "diagnose/rules.hpp"
#include "diagnose/scene.hpp"

namespace mcq::diagnose {
namespace {

using Found = std::vector<std::string>;

constexpr Ipv4Address kOwn{{192, 0, 2, 5}};
constexpr Ipv4Address kElsewhere{{203, 0, 113, 7}};

/// A host with one LAN, on which there is a querier. Tests change it.
class Host {
 public:
  Host() {
    survey.default_route = survey.multicast_route = "eth0";
    add("eth0", 2, {{192, 0, 2, 0}});
    survey.lans.push_back(lan("eth0"));
    scene.query(1s);
    scene.query(61s);
    survey.listened = kNow;
    survey.routes = {{"192.0.2.1", "eth0"}, {"192.0.2.2", "eth0"}, {"192.0.2.9", "eth0"}};
  }

  InterfaceEvidence& add(const std::string& name, int index, Ipv4Address network) {
    InterfaceEvidence interface;
    interface.link.name = name;
    interface.link.index = index;
    interface.link.up = interface.link.ethernet = true;
    interface.link.mac = {{2, 0, 0, 0, 0, 5}};
    auto address = network;
    address.bytes[3] = 5;
    interface.link.addresses.push_back({address, {network, 24}});
    survey.interfaces.push_back(interface);
    return survey.interfaces.back();
  }
  static LanEvidence lan(const std::string& name) {
    LanEvidence lan;
    lan.interface = lan.igmp.interface = lan.mld.interface = name;
    lan.igmp.protocol = "IGMP";
    lan.mld.protocol = "MLD";
    lan.igmp.observed = lan.mld.observed = kNow;
    return lan;
  }
  InterfaceEvidence& eth0() { return survey.interfaces.front(); }
  void join(const Ipv4Address& group = Scene::kGroup) { eth0().joined.emplace_back(group); }
  void stream(const std::string& source, const std::string& group = "239.1.2.3") {
    StreamEvidence seen;
    seen.group = group;
    seen.source = source;
    seen.packets = 100;
    streams.push_back(seen);
  }
  void drop_igmp(const std::string& hook) {
    survey.ruleset = text::Json::parse(
        R"({"nftables": [{"chain": {"family": "inet", "table": "filter", "name": ")" + hook +
        R"(", "type": "filter", "hook": ")" + hook + R"(", "prio": 0, "policy": "drop"}}]})");
  }

  std::vector<Finding> findings() {
    auto& link = survey.lans.front().igmp;
    link = scene.evidence(kNow);
    link.interface = "eth0";
    link.streams = streams;
    return judge(survey);
  }
  Found found(bool with_notes = false) {
    Found ids;
    for (const auto& finding : findings()) {
      if (with_notes || finding.severity != Severity::kNote) ids.emplace_back(finding.id);
    }
    return ids;
  }

  static constexpr Duration kNow = 130s;
  Survey survey;
  Scene scene;
  std::vector<StreamEvidence> streams;
};

TEST(SurveyRules, AHealthyHostHasNone) {
  Host host;
  EXPECT_EQ(host.found(true), Found{});
  host.join();
  host.scene.report(2s, kOwn);
  host.scene.report(62s, kOwn);
  EXPECT_EQ(host.found(true), Found{});
}

TEST(SurveyRules, AHostWithoutMulticastHasNone) {
  Host host;
  host.scene = Scene{};
  EXPECT_EQ(host.found(true), Found{});
  EXPECT_EQ(classify(host.survey, host.findings()), "unknown");
}

TEST(SurveyRules, NoLanInterface) {
  for (const int lack : {0, 1, 2, 3}) {
    Host host;
    auto& link = host.eth0().link;
    if (lack == 0) link.up = false;
    if (lack == 1) link.ethernet = false;
    if (lack == 2) link.addresses.clear();
    if (lack == 3) host.survey.interfaces.clear();
    EXPECT_EQ(host.found(), Found{"no-lan-interface"}) << lack;
    EXPECT_EQ(classify(host.survey, host.findings()), "single-host-safe");
  }
}

TEST(SurveyRules, WirelessLan) {
  Host host;
  host.eth0().is_wireless = true;
  EXPECT_EQ(host.found(), Found{"wireless-lan"});
  host.eth0().link.up = false;
  EXPECT_EQ(host.found(), Found{"no-lan-interface"});
}

TEST(SurveyRules, PortOfBridge) {
  Host host;
  auto& port = host.add("eth1", 3, {{198, 51, 100, 0}});
  port.link.is_port = true;
  port.master = "br0";
  port.master_kind = "bridge";
  EXPECT_EQ(host.found(), Found{});
  host.survey.daemon.links.push_back({"eth1", "ipv4", "waiting", 60s});
  const auto all = host.findings();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].id, "port-of-bridge");
  EXPECT_EQ(all[0].what, "is a port of bridge br0, which receives its packets");
  EXPECT_EQ(all[0].fix, "use -i br0");
}

TEST(SurveyRules, TwoInterfacesOneLan) {
  Host host;
  host.add("eth1", 3, {{192, 0, 2, 0}});
  EXPECT_EQ(host.found(), Found{"two-interfaces-one-lan"});
  host.survey.interfaces.back().link.addresses.front() = {{{198, 51, 100, 5}},
                                                          {{{198, 51, 100, 5}}, 24}};
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, MulticastRoute) {
  Host host;
  host.survey.multicast_route = "lo";
  EXPECT_EQ(host.found(true), Found{"multicast-route"});
  EXPECT_EQ(classify(host.survey, host.findings()), "single-host-safe");
  host.survey.multicast_route = "";
  EXPECT_EQ(host.found(true), Found{});
}

TEST(SurveyRules, RpFilterDrops) {
  Host host;
  host.eth0().rp_filter = 1;
  host.stream(to_string(kElsewhere), "239.7.7.7");
  EXPECT_EQ(host.found(), Found{});  // nobody here wants it
  host.join({{239, 7, 7, 7}});
  host.scene.report(62s, kOwn, {{239, 7, 7, 7}});
  host.survey.routes[to_string(kElsewhere)] = "eth1";
  EXPECT_EQ(host.found(), Found{"rp-filter-drops"});
  EXPECT_EQ(classify(host.survey, host.findings()), "multicast-blocked");
  host.survey.routes[to_string(kElsewhere)] = "eth0";
  EXPECT_EQ(host.found(), Found{});
  host.survey.routes[to_string(kElsewhere)] = "";
  EXPECT_EQ(host.found(), Found{"rp-filter-drops"});
  host.eth0().rp_filter = 2;
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, OwnPacketsAreNotDroppedByRpFilter) {
  Host host;
  host.eth0().rp_filter = 1;
  host.scene = Scene{};
  host.scene.query(1s, kOwn);
  host.survey.routes[to_string(kOwn)] = "lo";
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, StrictRpFilter) {
  Host host;
  host.eth0().rp_filter = 1;
  EXPECT_EQ(host.found(), Found{});
  host.add("eth1", 3, {{198, 51, 100, 0}});
  EXPECT_EQ(host.found(), Found{"strict-rp-filter"});
}

TEST(SurveyRules, Memberships) {
  for (const auto& [count, expected] : std::vector<std::pair<int, Found>>{
           {17, {}}, {18, {"memberships-near"}}, {20, {"memberships-full"}}, {21, {}}}) {
    Host host;
    for (int i = 0; i < count; ++i) {
      const Ipv4Address group{{239, 1, 3, static_cast<std::uint8_t>(i)}};
      host.join(group);
      host.scene.report(62s, kOwn, group);
    }
    EXPECT_EQ(host.found(), expected) << count;
  }
}

TEST(SurveyRules, ForcedVersion) {
  Host host;
  host.eth0().force_igmp_version = 3;
  EXPECT_EQ(host.found(), Found{"forced-version"});
  host.eth0().force_igmp_version = 0;
  host.eth0().force_mld_version = 1;
  EXPECT_EQ(host.found(), Found{"forced-version"});
}

TEST(SurveyRules, ReceiveBuffers) {
  Host host;
  host.survey.limits.receive_buffer = 65'536;
  EXPECT_EQ(host.found(), Found{"small-receive-buffer"});
  host.survey.limits.receive_buffer = 212'992;
  host.survey.limits.receive_buffer_full = 1;
  EXPECT_EQ(host.found(), Found{"receive-buffer-full"});
}

TEST(SurveyRules, IgmpFilteredHere) {
  for (const char* hook : {"input", "output"}) {
    Host host;
    host.drop_igmp(hook);
    EXPECT_EQ(host.found(true), Found{"filtered-without-members"}) << hook;
    host.join();
    EXPECT_EQ(host.found(true), Found{"igmp-filtered-here"}) << hook;
    EXPECT_EQ(host.findings().front().fix, std::string{"sudo nft insert rule inet filter "} + hook +
                                               " meta l4proto igmp accept");
    EXPECT_EQ(classify(host.survey, host.findings()), "multicast-blocked");
  }
}

TEST(SurveyRules, NamesTheFirewallThatDrops) {
  struct Row {
    const char* family;
    const char* table;
    const char* other_chain;
    const char* fix;
  };
  for (const auto& row :
       {Row{"ip", "filter", "DOCKER", "sudo iptables -I INPUT -p igmp -j ACCEPT"},
        Row{"ip", "filter", "ufw-before-input",
            "add to /etc/ufw/before.rules, above COMMIT: -A ufw-before-input -p igmp -j ACCEPT; "
            "then: sudo ufw reload"},
        Row{"inet", "firewalld", "filter_IN_public",
            "sudo firewall-cmd --permanent --zone=$(firewall-cmd --get-zone-of-interface=eth0) "
            "--add-protocol=igmp && sudo firewall-cmd --reload"},
        Row{"inet", "guard", "other",
            "sudo nft insert rule inet guard INPUT meta l4proto igmp accept"}}) {
    Host host;
    host.join();
    const std::string table = std::string{R"("family": ")"} + row.family + R"(", "table": ")" +
                              row.table + R"(", "name": ")";
    host.survey.ruleset = text::Json::parse(
        R"({"nftables": [{"chain": {)" + table +
        R"(INPUT", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}, {"chain": {)" +
        table + row.other_chain + R"("}}]})");
    EXPECT_EQ(host.findings().front().fix, row.fix);
  }
}

/// As firewalld rejects what its zones do not accept.
TEST(SurveyRules, UnderstandsTheRulesOfFirewalld) {
  Host host;
  host.join();
  host.survey.ruleset = text::Json::parse(R"({"nftables": [
      {"chain": {"family": "inet", "table": "firewalld", "name": "filter_INPUT", "type": "filter",
                 "hook": "input", "prio": 10, "policy": "accept"}},
      {"rule": {"family": "inet", "table": "firewalld", "chain": "filter_INPUT", "handle": 1, "expr": [
          {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}},
          {"accept": null}]}},
      {"rule": {"family": "inet", "table": "firewalld", "chain": "filter_INPUT", "handle": 2, "expr": [
          {"match": {"op": "in", "left": {"ct": {"key": "status"}}, "right": "dnat"}},
          {"accept": null}]}},
      {"rule": {"family": "inet", "table": "firewalld", "chain": "filter_INPUT", "handle": 3, "expr": [
          {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}},
          {"accept": null}]}},
      {"rule": {"family": "inet", "table": "firewalld", "chain": "filter_INPUT", "handle": 4, "expr": [
          {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}]}}]})");
  EXPECT_EQ(host.found(), Found{"igmp-filtered-here"});
}

TEST(SurveyRules, OwnHostMute) {
  Host host;
  host.join();
  EXPECT_EQ(host.found(), Found{"own-host-mute"});
  host.scene.report(62s, kOwn);
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, ASuppressedReportIsNoSilence) {
  Host host;
  host.join();
  host.scene.report(62s, Scene::kHost);
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, StreamFilteredHere) {
  Host host;
  host.join();
  host.scene.report(62s, kOwn);
  host.stream("192.0.2.9");
  EXPECT_EQ(host.found(), Found{});
  host.survey.ruleset = text::Json::parse(
      R"({"nftables": [{"chain": {"family": "ip", "table": "t", "name": "in", "type": "filter",
          "hook": "input", "prio": 0, "policy": "accept"}},
          {"rule": {"family": "ip", "table": "t", "chain": "in", "handle": 4, "expr": [
          {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "udp"}},
          {"drop": null}]}}]})");
  EXPECT_EQ(host.found(), Found{"stream-filtered-here"});
}

TEST(SurveyRules, Ipv6Off) {
  Host host;
  host.eth0().ipv6_off = true;
  EXPECT_EQ(host.found(), Found{});
  host.survey.daemon.links.push_back({"eth0", "ipv6", "waiting", 60s});
  EXPECT_EQ(host.found(), Found{"ipv6-off"});
}

TEST(SurveyRules, BridgeWithoutQuerier) {
  Host host;
  host.scene = Scene{};
  host.join();
  EXPECT_EQ(host.found(), Found{"no-querier"});
  host.eth0().bridge.emplace().snoops = true;
  host.eth0().ports = 2;
  EXPECT_EQ(host.found(), (Found{"no-querier", "bridge-without-querier"}));
  EXPECT_EQ(classify(host.survey, host.findings()), "lan-needs-querier");
  host.eth0().bridge->querier = os::BridgeQuerier{Ipv4Address{{192, 0, 2, 9}}, 3, 100s};
  EXPECT_EQ(host.found(), Found{"no-querier"}) << "the bridge has heard one";
  host.eth0().bridge->querier.reset();
  host.eth0().bridge->snoops = false;
  EXPECT_EQ(host.found(), Found{"no-querier"});
}

TEST(SurveyRules, BridgeUnspecifiedQuerier) {
  Host host;
  host.eth0().bridge.emplace().snoops = true;
  host.eth0().ports = 2;
  EXPECT_EQ(host.found(), Found{});
  host.eth0().bridge->has_querier = true;
  EXPECT_EQ(host.found(), (Found{"bridge-unspecified-querier", "bridge-querier-competes"}));
}

TEST(SurveyRules, NoQuerier) {
  Host host;
  host.scene = Scene{};
  host.join();
  EXPECT_EQ(host.found(), Found{"no-querier"});
  EXPECT_EQ(classify(host.survey, host.findings()), "lan-needs-querier");
  EXPECT_EQ(host.findings().front().fix, "run one querier on this LAN: sudo igmp-querier -i eth0");
}

TEST(SurveyRules, AShortObservationProvesNothing) {
  Host host;
  host.scene = Scene{};
  host.join();
  auto& link = host.survey.lans.front().igmp;
  link.observed = 20s;
  Found ids;
  for (const auto& finding : judge(host.survey)) ids.emplace_back(finding.id);
  EXPECT_EQ(ids, Found{"listened-too-short"});
}

TEST(SurveyRules, DaemonElsewhere) {
  Host host;
  host.scene.query(121s);
  host.survey.daemon.answers = host.survey.daemon.is_running = true;
  host.survey.daemon.links.push_back({"eth0", "ipv4", "querier", 60s});
  auto& other = host.add("eth1", 3, {{198, 51, 100, 0}});
  host.survey.lans.push_back(Host::lan("eth1"));
  EXPECT_EQ(host.found(), Found{});
  other.joined.emplace_back(Scene::kGroup);
  EXPECT_EQ(host.found(), Found{"daemon-elsewhere"});
  EXPECT_EQ(host.findings().front().fix, "use -i eth1");
}

TEST(SurveyRules, DaemonStopped) {
  Host host;
  host.survey.daemon.error = "no";
  EXPECT_EQ(host.found(true), Found{});
  host.survey.daemon.is_installed = true;
  EXPECT_EQ(host.found(), Found{"daemon-stopped"});
  host.survey.daemon.is_running = true;
  EXPECT_EQ(host.found(true), Found{"daemon-unreachable"});
  host.survey.daemon.answers = true;
  EXPECT_EQ(host.found(true), Found{});
}

TEST(SurveyRules, ForeignQuerier) {
  Host host;
  host.scene = Scene{};
  host.scene.query(1s, kElsewhere);
  EXPECT_EQ(host.found(), Found{"foreign-querier"});
}

TEST(SurveyRules, JoinedElsewhere) {
  Host host;
  host.stream("192.0.2.9");
  auto& other = host.add("eth1", 3, {{198, 51, 100, 0}});
  other.joined.emplace_back(Scene::kGroup);
  EXPECT_EQ(host.found(), Found{"joined-elsewhere"});
  host.join();
  host.scene.report(62s, kOwn);
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, AGroupThatArrivesWhereItIsJoinedMayArriveElsewhereToo) {
  Host host;
  host.join();
  host.scene.report(62s, kOwn);
  host.stream("192.0.2.9");
  host.add("eth1", 3, {{198, 51, 100, 0}});
  host.survey.lans.push_back(Host::lan("eth1"));
  host.survey.lans.back().igmp.streams = host.streams;
  EXPECT_EQ(host.found(true), Found{});
}

TEST(SurveyRules, DiscoveryOfServicesIsNoStream) {
  Host host;
  host.scene = Scene{};
  const Ipv4Address ssdp{{239, 255, 255, 250}};
  host.join(ssdp);
  host.scene.report(1s, Scene::kHost, ssdp);
  host.stream("192.0.2.9", "239.255.255.250");
  EXPECT_EQ(host.found(true), Found{});
}

TEST(SurveyRules, BridgesOfContainersAreNoLan) {
  for (const char* name : {"docker0", "virbr0", "br-0123456789ab", "veth12"}) {
    Host host;
    host.eth0().rp_filter = 1;
    host.add(name, 3, {{172, 17, 0, 0}});
    EXPECT_EQ(host.found(true), Found{}) << name;
  }
}

TEST(SurveyRules, WhatTheDaemonFindsIsToldAsItTellsIt) {
  Host host;
  host.survey.daemon.answers = true;
  for (const char* subject : {"192.0.2.20", "192.0.2.21"}) {
    host.survey.daemon.findings.push_back(
        {"mute-host", Severity::kRisk, subject, "what", "fix", "eth0"});
  }
  const auto all = host.findings();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].subject, "192.0.2.21");
  EXPECT_EQ(all[1].severity, Severity::kRisk);
}

TEST(SurveyRules, JoinedOutsideTheVlan) {
  Host host;
  host.join();
  host.scene.report(62s, kOwn);
  LinkEvidence tagged;
  tagged.protocol = "IGMP";
  tagged.interface = "eth0";
  tagged.vlan = 20;
  StreamEvidence stream;
  stream.group = "239.1.2.3";
  stream.source = "192.0.2.9";
  tagged.streams.push_back(stream);
  host.survey.lans.front().tagged.push_back(tagged);
  EXPECT_EQ(host.found(), Found{"joined-elsewhere"});
  auto& other = host.add("eth0.21", 3, {{198, 51, 100, 0}});
  other.parent = "eth0";
  other.vlan = 21;
  host.survey.forget_own_vlans();
  EXPECT_EQ(host.found(), Found{"joined-elsewhere"});
  host.survey.interfaces.back().vlan = 20;
  host.survey.forget_own_vlans();
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, SilentSender) {
  Host host;
  host.join();
  host.scene.report(62s, kOwn);
  EXPECT_EQ(host.found(), Found{});
  host.survey.group = IpAddress{Scene::kGroup};
  EXPECT_EQ(host.found(), Found{"silent-sender"});
  host.stream("192.0.2.9");
  EXPECT_EQ(host.found(), Found{});
}

TEST(SurveyRules, UnjoinedStream) {
  Host host;
  host.stream("192.0.2.9");
  EXPECT_EQ(host.found(true), Found{"unjoined-stream"});
  host.streams.clear();
  host.stream(to_string(kOwn));
  EXPECT_EQ(host.found(true), Found{});
}

TEST(SurveyRules, VersionMismatch) {
  Host host;
  host.scene.query(62s, Scene::kOther, true, Igmp::Version::k3);
  EXPECT_EQ(host.found(), Found{"version-mismatch"});
}

TEST(SurveyRules, WrongTtl) {
  Host host;
  host.scene.drop(63s, wire::ParseError::kWrongTtl);
  EXPECT_EQ(host.found(true), Found{"wrong-ttl"});
}

}  // namespace
}  // namespace mcq::diagnose
