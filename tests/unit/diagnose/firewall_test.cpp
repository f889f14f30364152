#include "diagnose/firewall.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mcq::diagnose {
namespace {

using enum FirewallVerdict::Outcome;
using text::Json;

/// A ruleset as `nft -j list ruleset` prints it.
class Ruleset {
 public:
  explicit Ruleset(const std::string& family = "inet", const std::string& table = "filter")
      : family_(family), table_(table) {}

  Ruleset& base(const std::string& name, const std::string& hook, const std::string& policy) {
    json_["nftables"].push_back({{"chain",
                                  {{"family", family_},
                                   {"table", table_},
                                   {"name", name},
                                   {"type", "filter"},
                                   {"hook", hook},
                                   {"prio", 0},
                                   {"policy", policy}}}});
    return *this;
  }
  Ruleset& chain(const std::string& name) {
    json_["nftables"].push_back(
        {{"chain", {{"family", family_}, {"table", table_}, {"name", name}}}});
    return *this;
  }
  Ruleset& rule(const std::string& chain, const std::string& expression) {
    json_["nftables"].push_back({{"rule",
                                  {{"family", family_},
                                   {"table", table_},
                                   {"chain", chain},
                                   {"handle", ++handle_},
                                   {"expr", Json::parse(expression)}}}});
    return *this;
  }
  FirewallVerdict::Outcome query(bool is_ipv6 = false) const {
    return judge(json_, FirewallPacket::query(is_ipv6, "eth0")).outcome;
  }
  FirewallVerdict::Outcome report() const {
    return judge(json_, FirewallPacket::report(false, "eth0")).outcome;
  }
  const Json& json() const { return json_; }

 private:
  std::string family_, table_;
  Json json_{{"nftables", Json::array({{{"metainfo", {{"json_schema_version", 1}}}}})}};
  int handle_ = 0;
};

const std::string kDropAll = R"([{"drop": null}])";
const std::string kAcceptAll = R"([{"accept": null}])";

std::string match(const std::string& left, const std::string& right, const std::string& verdict,
                  const std::string& op = "==") {
  return R"([{"match": {"op": ")" + op + R"(", "left": )" + left + R"(, "right": )" + right +
         R"(}}, {"counter": {"packets": 0, "bytes": 0}}, {")" + verdict + R"(": null}])";
}

TEST(Firewall, WithoutRulesAcceptsAll) { EXPECT_EQ(Ruleset{}.query(), kAccept); }

TEST(Firewall, APolicyOfDropDrops) {
  const auto rules = Ruleset{}.base("input", "input", "drop");
  const auto verdict = judge(rules.json(), FirewallPacket::query(false, "eth0"));
  EXPECT_EQ(verdict.outcome, kDrop);
  EXPECT_EQ(verdict.chain, "input");
  EXPECT_EQ(verdict.rule, "its policy");
  EXPECT_EQ(rules.report(), kAccept);
}

TEST(Firewall, JudgesEachMatch) {
  struct Row {
    const char* left;
    const char* right;
    FirewallVerdict::Outcome query;  ///< with `drop` behind the match, and a policy of accept
  };
  constexpr auto kDrops = kDrop;
  constexpr auto kPasses = kAccept;
  for (const auto& row : {
           Row{R"({"payload": {"protocol": "ip", "field": "protocol"}})", R"("igmp")", kDrops},
           Row{R"({"payload": {"protocol": "ip", "field": "protocol"}})", R"("icmp")", kPasses},
           Row{R"({"meta": {"key": "l4proto"}})", R"("igmp")", kDrops},
           Row{R"({"meta": {"key": "l4proto"}})", R"({"set": ["tcp", "igmp"]})", kDrops},
           Row{R"({"meta": {"key": "l4proto"}})", R"({"set": ["tcp", "udp"]})", kPasses},
           Row{R"({"meta": {"key": "iifname"}})", R"("eth0")", kDrops},
           Row{R"({"meta": {"key": "iifname"}})", R"("eth*")", kDrops},
           Row{R"({"meta": {"key": "iifname"}})", R"("lo")", kPasses},
           Row{R"({"meta": {"key": "oifname"}})", R"("eth0")", kPasses},
           Row{R"({"meta": {"key": "pkttype"}})", R"("multicast")", kDrops},
           Row{R"({"meta": {"key": "mark"}})", "7", kUnknown},
           Row{R"({"ct": {"key": "state"}})", R"(["established", "related"])", kPasses},
           Row{R"({"ct": {"key": "state"}})", R"("new")", kDrops},
           Row{R"({"fib": {"result": "type", "flags": ["daddr"]}})", R"("multicast")", kDrops},
           Row{R"({"fib": {"result": "type", "flags": ["daddr"]}})", R"("local")", kPasses},
           Row{R"({"fib": {"result": "oif", "flags": ["saddr"]}})", "0", kUnknown},
           Row{R"({"payload": {"protocol": "ip", "field": "daddr"}})", R"("224.0.0.1")", kDrops},
           Row{R"({"payload": {"protocol": "ip", "field": "daddr"}})",
               R"({"prefix": {"addr": "224.0.0.0", "len": 4}})", kDrops},
           Row{R"({"payload": {"protocol": "ip", "field": "daddr"}})",
               R"({"prefix": {"addr": "10.0.0.0", "len": 8}})", kPasses},
           Row{R"({"payload": {"protocol": "ip", "field": "daddr"}})",
               R"({"range": ["224.0.0.0", "224.0.0.255"]})", kDrops},
           Row{R"({"payload": {"protocol": "ip", "field": "daddr"}})", R"("@groups")", kUnknown},
           Row{R"({"payload": {"protocol": "ip", "field": "saddr"}})", R"("192.0.2.1")", kUnknown},
           Row{R"({"payload": {"protocol": "tcp", "field": "dport"}})", "22", kPasses},
           Row{R"({"payload": {"protocol": "ip6", "field": "daddr"}})", R"("ff02::1")", kPasses},
       }) {
    SCOPED_TRACE(std::string{row.left} + " " + row.right);
    const auto rules = Ruleset{}
                           .base("input", "input", "accept")
                           .rule("input", match(row.left, row.right, "drop"));
    EXPECT_EQ(rules.query(), row.query);
  }
}

TEST(Firewall, AnAcceptBeforeTheDropCounts) {
  const std::string protocol = R"({"payload": {"protocol": "ip", "field": "protocol"}})";
  auto rules = Ruleset{}
                   .base("input", "input", "drop")
                   .rule("input", match(protocol, R"("igmp")", "accept"));
  EXPECT_EQ(rules.query(), kAccept);
  EXPECT_EQ(rules.query(true), kDrop);
}

TEST(Firewall, NegationTurnsAMatchAround) {
  const auto rules =
      Ruleset{}
          .base("input", "input", "accept")
          .rule("input", match(R"({"meta": {"key": "l4proto"}})", R"("tcp")", "drop", "!="));
  EXPECT_EQ(rules.query(), kDrop);
}

TEST(Firewall, FollowsJumpsAndReturns) {
  auto rules = Ruleset{}
                   .base("input", "input", "drop")
                   .rule("input", R"([{"jump": {"target": "groups"}}])")
                   .chain("groups")
                   .rule("groups", match(R"({"meta": {"key": "l4proto"}})", R"("tcp")", "return"));
  EXPECT_EQ(rules.query(), kDrop);
  rules.rule("groups", match(R"({"meta": {"key": "l4proto"}})", R"("igmp")", "accept"));
  EXPECT_EQ(rules.query(), kAccept);
}

TEST(Firewall, AReturnSkipsTheRestOfItsChain) {
  const auto rules = Ruleset{}
                         .base("input", "input", "drop")
                         .rule("input", R"([{"jump": {"target": "groups"}}])")
                         .chain("groups")
                         .rule("groups", R"([{"return": null}])")
                         .rule("groups", kAcceptAll);
  EXPECT_EQ(rules.query(), kDrop);
}

TEST(Firewall, AChainThatJumpsToItselfEnds) {
  const auto rules = Ruleset{}
                         .base("input", "input", "accept")
                         .rule("input", R"([{"jump": {"target": "input"}}])");
  EXPECT_EQ(rules.query(), kUnknown);
}

TEST(Firewall, FollowsVerdictMaps) {
  const auto rules = Ruleset{}
                         .base("input", "input", "accept")
                         .rule("input",
                               R"([{"vmap": {"key": {"meta": {"key": "l4proto"}},
                    "data": {"set": [["tcp", {"accept": null}], ["igmp", {"drop": null}]]}}}])");
  EXPECT_EQ(rules.query(), kDrop);
  EXPECT_EQ(rules.query(true), kAccept);
}

/// The chains that ufw makes of `ufw default deny incoming`, as far as IGMP passes them.
TEST(Firewall, KnowsTheRulesOfUfw) {
  auto ufw =
      Ruleset{"ip", "filter"}
          .base("INPUT", "input", "drop")
          .rule("INPUT", R"([{"counter": {}}, {"jump": {"target": "ufw-before-input"}}])")
          .chain("ufw-before-input")
          .rule("ufw-before-input", match(R"({"meta": {"key": "iifname"}})", R"("lo")", "accept"))
          .rule("ufw-before-input",
                R"([{"xt": {"type": "match", "name": "conntrack"}}, {"accept": null}])")
          .rule("ufw-before-input", R"([{"jump": {"target": "ufw-not-local"}}])")
          .chain("ufw-not-local")
          .rule("ufw-not-local",
                R"([{"xt": {"type": "match", "name": "addrtype"}}, {"return": null}])")
          .rule("ufw-not-local",
                R"([{"xt": {"type": "match", "name": "limit"}}, {"jump": {"target": "ufw-log"}}])")
          .rule("ufw-not-local", kDropAll)
          .chain("ufw-log")
          .rule("ufw-log", R"([{"xt": {"type": "target", "name": "LOG"}}])");
  EXPECT_EQ(ufw.query(), kDrop);
  ufw.rule("ufw-before-input", match(R"({"meta": {"key": "l4proto"}})", R"("igmp")", "accept"));
  EXPECT_EQ(ufw.query(), kUnknown);  // where the address is not known to be multicast
}

TEST(Firewall, OtherFamiliesAndHooksDoNotMatter) {
  EXPECT_EQ((Ruleset{"ip6", "filter"}.base("input", "input", "drop").query()), kAccept);
  EXPECT_EQ((Ruleset{"bridge", "filter"}.base("input", "input", "drop").query()), kAccept);
  EXPECT_EQ((Ruleset{}.base("forward", "forward", "drop").query()), kAccept);
}

TEST(Firewall, SurvivesWhatItDoesNotKnow) {
  for (const char* text :
       {"{}", R"({"nftables": []})", R"({"nftables": [{"rule": {}}]})",
        R"({"nftables": [{"chain": {"hook": 7, "type": "filter", "family": "ip"}}]})",
        R"({"nftables": [7, null, "x"]})"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(judge(Json::parse(text), FirewallPacket::query(false, "eth0")).outcome, kAccept);
  }
}

}  // namespace
}  // namespace mcq::diagnose
