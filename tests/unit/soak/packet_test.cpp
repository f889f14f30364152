#include "soak/packet.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mcq::soak {
namespace {

const Packet kPacket{.run = 0x0102030405060708,
                     .sequence = 70'000,
                     .sent = 1400s,
                     .plan = {.rate = 50, .duration = 1h},
                     .is_end = false};

std::optional<Packet> parsed(const Packet& packet) { return parse_packet(serialize(packet)); }

TEST(Packet, IsReadAsItWasWritten) {
  EXPECT_EQ(parsed(kPacket), kPacket);
  auto end = kPacket;
  end.is_end = true;
  EXPECT_EQ(parsed(end), end);
}

TEST(Packet, LooksLikeRtpToOtherTools) {
  const auto bytes = serialize(kPacket);
  EXPECT_EQ(bytes.size(), 172U);
  const std::vector<std::uint8_t> rtp{bytes.begin(), bytes.begin() + 12};
  // Version 2, type 96; 70,000 mod 65,536 = 4,464; 1,400,000 ms; the low bits of the run.
  EXPECT_EQ(rtp,
            (std::vector<std::uint8_t>{0x80, 96, 0x11, 0x70, 0x00, 0x15, 0x5c, 0xc0, 5, 6, 7, 8}));
}

TEST(Packet, OfAnotherProgramIsNone) {
  const auto whole = serialize(kPacket);
  EXPECT_FALSE(parse_packet({}));
  EXPECT_FALSE(parse_packet(std::span{whole}.first(51)));
  EXPECT_TRUE(parse_packet(std::span{whole}.first(52)));
  for (const std::size_t at : {1U, 12U, 19U}) {
    auto changed = whole;
    changed[at] ^= 0x40;
    EXPECT_FALSE(parse_packet(changed)) << at;
  }
}

TEST(Packet, WithAPlanThatNoSenderHasIsNone) {
  const auto with = [](auto change) {
    auto packet = kPacket;
    change(packet);
    return parsed(packet);
  };
  EXPECT_FALSE(with([](Packet& p) { p.plan.rate = 0; }));
  EXPECT_FALSE(with([](Packet& p) { p.plan.rate = kMaxRate + 1; }));
  EXPECT_TRUE(with([](Packet& p) { p.plan.rate = kMaxRate; }));
  EXPECT_FALSE(with([](Packet& p) { p.plan.duration = 999ms; }));
  EXPECT_FALSE(with([](Packet& p) { p.plan.duration = kMaxDuration + 1ms; }));
  EXPECT_TRUE(with([](Packet& p) { p.plan.duration = kMaxDuration; }));
}

TEST(Packet, BeyondItsPlanIsNone) {
  auto packet = kPacket;
  packet.sequence = packet.plan.packets();  // the number at the end
  EXPECT_TRUE(parsed(packet));
  ++packet.sequence;
  EXPECT_FALSE(parsed(packet));
  packet.sequence = UINT64_MAX;
  EXPECT_FALSE(parsed(packet));
}

TEST(Packet, OfATimeThatCannotBeIsNone) {
  auto bytes = serialize(kPacket);
  bytes[36] = 0xff;
  EXPECT_FALSE(parse_packet(bytes));
  bytes[36] = 0x7f;
  EXPECT_FALSE(parse_packet(bytes));
}

TEST(Plan, KnowsHowManyPacketsItHas) {
  EXPECT_EQ((Plan{.rate = 50, .duration = 10min}).packets(), 30'000U);
  EXPECT_EQ((Plan{.rate = 1, .duration = 1500ms}).packets(), 1U);
  EXPECT_EQ((Plan{.rate = 4, .duration = 1s}).interval(), 250ms);
}

}  // namespace
}  // namespace mcq::soak
