#include "probe/cases.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <variant>

#include "wire/frame.hpp"
#include "wire/packet.hpp"

namespace mcq::probe {
namespace {

constexpr Ipv4Address kHost{{192, 0, 2, 20}}, kOwn{{192, 0, 2, 1}}, kGroup{{239, 1, 2, 3}};
constexpr Target kTarget{kHost, kOwn, {{{192, 0, 2, 0}}, 24}, 1s};

const Case& find(std::string_view id) {
  for (const auto& one : cases()) {
    if (one.id == id) return one;
  }
  throw std::out_of_range{std::string{id}};
}

TEST(Cases, AreToldApartByTheirIds) {
  std::set<std::string_view> ids;
  for (const auto& one : cases()) ids.insert(one.id);
  EXPECT_EQ(ids.size(), cases().size());
}

/// After a query of version 2 a host no longer answers in version 3.
TEST(Cases, Version3ComesFirst) {
  bool has_asked_version2 = false;
  for (const auto& one : cases()) {
    has_asked_version2 = has_asked_version2 || one.version == Igmp::Version::k2;
    EXPECT_EQ(one.version == Igmp::Version::k2, has_asked_version2) << one.id;
  }
}

TEST(Cases, EachQueryIsWhatItsNameSays) {
  struct Row {
    const char* id;
    Igmp::Version version;
    Ipv4Address source, group, destination;
    bool router_alert;
  };
  const Ipv4Address all = Igmp::kAllNodes, elsewhere{{198, 18, 0, 1}};
  using enum Igmp::Version;
  for (const auto& row :
       {Row{"v3", k3, kOwn, {}, all, true}, Row{"v3-no-router-alert", k3, kOwn, {}, all, false},
        Row{"v3-group", k3, kOwn, kGroup, kGroup, true}, Row{"v2", k2, kOwn, {}, all, true},
        Row{"v2-again", k2, kOwn, {}, all, true},
        Row{"v2-off-subnet", k2, elsewhere, {}, all, true},
        Row{"v2-unspecified", k2, {}, {}, all, true},
        Row{"v2-group", k2, kOwn, kGroup, kGroup, true}}) {
    SCOPED_TRACE(row.id);
    const auto asking = make_query(find(row.id), kTarget, kGroup);
    EXPECT_EQ(asking.destination, row.destination);
    const auto packet = wire::parse_packet<Igmp>(asking.packet);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->source, row.source);
    EXPECT_EQ(packet->destination, row.destination);
    EXPECT_EQ(packet->router_alert, row.router_alert);
    const auto& query = std::get<Query<Igmp>>(packet->message);
    EXPECT_EQ(query.version, row.version);
    EXPECT_EQ(query.group, row.group);
    EXPECT_EQ(query.max_response, Duration{1s});
  }
}

TEST(Cases, TheAddressOffTheSubnetIsOffEverySubnet) {
  EXPECT_EQ(off_subnet({{{192, 168, 0, 0}}, 16}), (Ipv4Address{{198, 18, 0, 1}}));
  EXPECT_EQ(off_subnet({{{198, 18, 0, 0}}, 15}), (Ipv4Address{{203, 0, 113, 1}}));
}

TEST(Cases, AreDescribed) {
  EXPECT_EQ(describe(find("v2-no-router-alert"), kTarget, {}),
            "IGMPv2 General Query without Router Alert");
  EXPECT_EQ(describe(find("v3-unspecified"), kTarget, {}), "IGMPv3 General Query from 0.0.0.0");
  EXPECT_EQ(describe(find("v3-group"), kTarget, kGroup), "IGMPv3 query about 239.1.2.3");
  EXPECT_EQ(describe(find("v3-group"), kTarget, {}), "IGMPv3 query about a group");
}

}  // namespace
}  // namespace mcq::probe
