#include "cli/bridge_ports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/status_document.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json bridge(bool snooping, json filtering, json querier = nullptr) {
  return {{"snooping", snooping},
          {"filtering", std::move(filtering)},
          {"own-querier", false},
          {"querier", std::move(querier)},
          {"host-is-router", "after-query"},
          {"membership-interval", 260},
          {"querier-interval", 255}};
}
json querier(const std::string& address, const json& port, const json& expire) {
  return {{"address", address}, {"port-name", port}, {"expire", expire}};
}
json status_with(const json& bridge) {
  auto interface = test::interface_status();
  interface["bridge"] = bridge;
  return test::status_document({interface});
}
json entry(const std::string& port, const json& group, bool is_blocked = false) {
  return {{"interface-name", "eth0"}, {"family", "ipv4"},
          {"port-name", port},        {"type", group.is_null() ? "router" : "group"},
          {"group-address", group},   {"blocked", is_blocked}};
}
json table(const std::vector<json>& entries) { return {{"entries", entries}}; }
json group(const std::string& address, const std::string& family = "ipv4") {
  return {{"interface-name", "eth0"}, {"family", family}, {"group-address", address}};
}

TEST(BridgePorts, NamesThePortsOfAGroupOnceEach) {
  const BridgePorts ports{status_with(bridge(true, true)),
                          table({entry("tap2", "239.1.2.3"), entry("eth0", "239.1.2.3"),
                                 entry("tap1", "239.1.2.3"), entry("tap2", "239.1.2.3"),
                                 entry("tap3", "239.1.2.3", true), entry("tap4", nullptr)})};
  const auto place = ports.find(group("239.1.2.3"));
  EXPECT_THAT(place.ports, ElementsAre("tap1", "tap2", "this host"));
  EXPECT_EQ(place.reason, "");
  EXPECT_FALSE(place.is_missing);
  EXPECT_THAT(ports.routers("eth0", "ipv4"), ElementsAre("tap4"));
  EXPECT_THAT(ports.routers("eth0", "ipv6"), IsEmpty());
}

TEST(BridgePorts, SaysWhyThereIsNone) {
  struct Row {
    json bridge;
    const char* reason;
    bool is_missing;
  };
  for (const auto& [told, reason, is_missing] :
       {Row{nullptr, "no bridge", false},
        Row{bridge(false, false), "all: it does not snoop", false},
        Row{bridge(true, false), "all: it knows no querier", false},
        Row{bridge(true, true), "none", true}, Row{bridge(true, nullptr), "none", true}}) {
    const auto place = BridgePorts{status_with(told), table({})}.find(group("239.1.2.3"));
    EXPECT_EQ(place.reason, reason);
    EXPECT_EQ(place.is_missing, is_missing);
    EXPECT_THAT(place.ports, IsEmpty());
  }
}

TEST(BridgePorts, AFloodReachesMoreThanThePortsOfMembers) {
  const BridgePorts ports{status_with(bridge(true, false)), table({entry("tap1", "239.1.2.3")})};
  EXPECT_EQ(ports.find(group("239.1.2.3")).reason, "all: it knows no querier");
}

TEST(BridgePorts, AnOlderDaemonTellsOfNoBridge) {
  const BridgePorts ports{test::status_document({test::interface_status()}), table({})};
  EXPECT_EQ(ports.find(group("239.1.2.3")).reason, "no bridge");
}

TEST(BridgeSentence, SaysWhatTheBridgeDoesNow) {
  struct Row {
    json bridge;
    std::vector<std::string> routers;
    const char* sentence;
  };
  for (const auto& [told, routers, sentence] : {
           Row{bridge(false, false), {"tap1"}, "does not snoop: every group goes to all ports"},
           Row{bridge(true, false), {}, "knows no querier: every group goes to all ports"},
           Row{bridge(true, nullptr), {}, "snoops"},
           Row{bridge(true, true, querier("192.0.2.10", nullptr, 250)),
               {},
               "filters; its querier is 192.0.2.10 (this host), for another 4:10"},
           Row{bridge(true, true, querier("192.0.2.1", "eth1", 250)),
               {"eth1", "tap2"},
               "filters; its querier is 192.0.2.1 at port eth1, for another 4:10; routers at eth1, "
               "tap2"},
           Row{bridge(true, true, querier("0.0.0.0", nullptr, nullptr)),
               {},
               "filters; its querier is itself"},
       }) {
    EXPECT_EQ(bridge_sentence(told, routers), sentence);
  }
}

}  // namespace
}  // namespace mcq::cli
