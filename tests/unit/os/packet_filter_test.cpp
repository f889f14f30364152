#include "os/packet_filter.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "support/filter_gate.hpp"

namespace mcq::os {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Passes what the filter of a socket for that traffic passes.
struct Gate : test::FilterGate {
  template <Family F>
  Gate(F, Traffic traffic, Tagging tagging = Tagging::kUntagged)
      : test::FilterGate{packet_filter<F>(traffic, tagging)} {}
};

/// An IPv4 packet with so many words of header, up to the type of its message.
Bytes ipv4(unsigned words, std::uint8_t protocol, std::uint8_t type) {
  Bytes packet(std::size_t{words} * 4 + 8);
  packet[0] = static_cast<std::uint8_t>(0x40U | words);
  packet[9] = protocol;
  packet[std::size_t{words} * 4] = type;
  return packet;
}

/// An IPv6 packet with hop-by-hop options of so many bytes, 0 for none.
Bytes ipv6(std::size_t options, std::uint8_t protocol, std::uint8_t type) {
  Bytes packet(40 + options + 8);
  packet[0] = 0x60;
  packet[6] = options == 0 ? protocol : 0;
  if (options > 0) {
    packet[40] = protocol;
    packet[41] = static_cast<std::uint8_t>(options / 8 - 1);
  }
  packet[40 + options] = type;
  return packet;
}

constexpr std::uint8_t kIgmp = 2, kUdp = 17, kIcmpv6 = 58;
constexpr std::uint8_t kIgmpQuery = 0x11, kMldQuery = 130, kNeighbourSolicitation = 135;

TEST(PacketFilter, TellsQueriesOfIgmpFromTheRest) {
  Gate queries{Igmp{}, Traffic::kQueries}, reports{Igmp{}, Traffic::kReports};
  for (const unsigned words : {5U, 6U, 15U}) {
    EXPECT_TRUE(queries.passes(ipv4(words, kIgmp, kIgmpQuery)));
    EXPECT_FALSE(reports.passes(ipv4(words, kIgmp, kIgmpQuery)));
    for (const int type : {0x12, 0x16, 0x17, 0x22, 0x30, 0x31, 0x32, 0x00, 0xff}) {
      const auto message = ipv4(words, kIgmp, static_cast<std::uint8_t>(type));
      EXPECT_FALSE(queries.passes(message)) << type;
      EXPECT_TRUE(reports.passes(message)) << type;
    }
  }
}

TEST(PacketFilter, KeepsOtherProtocolsOut) {
  Gate queries{Igmp{}, Traffic::kQueries}, reports{Igmp{}, Traffic::kReports};
  for (const auto type : {kIgmpQuery, std::uint8_t{0x16}}) {
    EXPECT_FALSE(queries.passes(ipv4(5, kUdp, type)));
    EXPECT_FALSE(reports.passes(ipv4(5, kUdp, type)));
  }
}

TEST(PacketFilter, TakesForAReportWhatIsTooShortToTell) {
  Gate queries{Igmp{}, Traffic::kQueries}, reports{Igmp{}, Traffic::kReports};
  auto cut = ipv4(6, kIgmp, kIgmpQuery);
  cut.resize(24);
  EXPECT_FALSE(queries.passes(cut));
  EXPECT_TRUE(reports.passes(cut));
  Gate queries6{Mld{}, Traffic::kQueries}, reports6{Mld{}, Traffic::kReports};
  auto cut6 = ipv6(8, kIcmpv6, kMldQuery);
  cut6.resize(48);
  EXPECT_FALSE(queries6.passes(cut6));
  EXPECT_TRUE(reports6.passes(cut6));
}

TEST(PacketFilter, TellsQueriesOfMldFromTheRest) {
  Gate queries{Mld{}, Traffic::kQueries}, reports{Mld{}, Traffic::kReports};
  for (const std::size_t options : {8U, 16U, 64U}) {
    EXPECT_TRUE(queries.passes(ipv6(options, kIcmpv6, kMldQuery)));
    EXPECT_FALSE(reports.passes(ipv6(options, kIcmpv6, kMldQuery)));
    for (const int type : {131, 132, 143, 151, 152, 153}) {
      const auto message = ipv6(options, kIcmpv6, static_cast<std::uint8_t>(type));
      EXPECT_FALSE(queries.passes(message)) << type;
      EXPECT_TRUE(reports.passes(message)) << type;
    }
  }
}

TEST(PacketFilter, CountsMldWithoutOptionsAndHearsNoNeighbourDiscovery) {
  Gate queries{Mld{}, Traffic::kQueries}, reports{Mld{}, Traffic::kReports};
  for (const int type : {130, 131, 132, 143}) {
    const auto bare = ipv6(0, kIcmpv6, static_cast<std::uint8_t>(type));
    EXPECT_FALSE(queries.passes(bare)) << type;
    EXPECT_TRUE(reports.passes(bare)) << type;
  }
  for (const auto type : {std::uint8_t{129}, std::uint8_t{133}, kNeighbourSolicitation,
                          std::uint8_t{142}, std::uint8_t{144}, std::uint8_t{152}}) {
    EXPECT_FALSE(reports.passes(ipv6(0, kIcmpv6, type))) << int{type};
  }
  EXPECT_FALSE(reports.passes(ipv6(8, kUdp, 131)));
  EXPECT_FALSE(reports.passes(ipv6(0, kUdp, 131)));
}

TEST(PacketFilter, OfThisHostHearsOnlyWhatLeaves) {
  Gate own{Igmp{}, Traffic::kOutgoing}, own6{Mld{}, Traffic::kOutgoing};
  EXPECT_FALSE(own.passes(ipv4(6, kIgmp, 0x16)));
  EXPECT_FALSE(own6.passes(ipv6(8, kIcmpv6, 131)));
}

TEST(PacketFilter, OfVlansTakesNothingWithoutATag) {
  Gate queries{Igmp{}, Traffic::kQueries, Tagging::kTagged};
  Gate reports{Igmp{}, Traffic::kReports, Tagging::kTagged};
  EXPECT_FALSE(queries.passes(ipv4(6, kIgmp, kIgmpQuery)));
  EXPECT_FALSE(reports.passes(ipv4(6, kIgmp, 0x16)));
  Gate queries6{Mld{}, Traffic::kQueries, Tagging::kTagged};
  Gate reports6{Mld{}, Traffic::kReports, Tagging::kTagged};
  EXPECT_FALSE(queries6.passes(ipv6(8, kIcmpv6, kMldQuery)));
  EXPECT_FALSE(reports6.passes(ipv6(8, kIcmpv6, 143)));
}

}  // namespace
}  // namespace mcq::os
