#include "wire/time_code.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mcq::wire {
namespace {

constexpr std::uint32_t kLargest = std::numeric_limits<std::uint32_t>::max();

TEST(TimeCode8, DecodesLiteralsAndTheEndsOfTheFloats) {  // IGMP-F-14
  struct Row {
    std::uint8_t code;
    std::uint32_t value;
  };
  for (const auto& [code, value] : {Row{0, 0}, Row{1, 1}, Row{127, 127}, Row{0x80, 128},
                                    Row{0x8f, 248}, Row{0x90, 256}, Row{0xff, 31744}}) {
    SCOPED_TRACE(testing::Message() << "code " << int{code});
    EXPECT_EQ(TimeCode8::decode(code), value);
  }
}

TEST(TimeCode8, DecodesEveryCode) {  // IGMP-F-14
  for (unsigned code = 0; code < 128; ++code) {
    EXPECT_EQ(TimeCode8::decode(static_cast<std::uint8_t>(code)), code);
  }
  std::uint32_t value = 128, step = 8;
  for (unsigned code = 128; code < 256; ++code, value += step) {
    if (code % 16 == 0 && code > 128) step *= 2;
    EXPECT_EQ(TimeCode8::decode(static_cast<std::uint8_t>(code)), value) << "code " << code;
  }
}

TEST(TimeCode8, EncodesTheExactValueOrTheNextLower) {  // IGMP-F-15, IGMP-F-17
  struct Row {
    std::uint32_t value;
    std::uint8_t code;
  };
  for (const auto& [value, code] :
       {Row{0, 0}, Row{100, 100}, Row{125, 0x7d}, Row{127, 127}, Row{128, 0x80}, Row{129, 0x80},
        Row{130, 0x80}, Row{135, 0x80}, Row{136, 0x81}, Row{247, 0x8e}, Row{248, 0x8f},
        Row{255, 0x8f}, Row{256, 0x90}, Row{300, 0x92}, Row{600, 0xa2}, Row{3600, 0xcc},
        Row{31743, 0xfe}, Row{31744, 0xff}}) {
    SCOPED_TRACE(testing::Message() << "value " << value);
    EXPECT_EQ(TimeCode8::encode(value), code);
  }
}

TEST(TimeCode8, SaturatesAndNeverWraps) {  // IGMP-F-16
  for (const std::uint32_t value : {31745U, 32767U, 32768U, 40000U, 65536U, kLargest}) {
    EXPECT_EQ(TimeCode8::encode(value), 0xff) << "value " << value;
  }
}

TEST(TimeCode8, EveryCodeSurvivesTheRoundTrip) {  // IGMP-F-14, IGMP-F-15
  for (unsigned code = 0; code < 256; ++code) {
    EXPECT_EQ(TimeCode8::encode(TimeCode8::decode(static_cast<std::uint8_t>(code))), code);
  }
}

TEST(TimeCode8, PicksTheLargestCodeThatIsNotAboveTheValue) {  // IGMP-F-15
  for (std::uint32_t value = 0; value < TimeCode8::kMax; ++value) {
    const auto code = TimeCode8::encode(value);
    ASSERT_LE(TimeCode8::decode(code), value);
    ASSERT_GT(TimeCode8::decode(static_cast<std::uint8_t>(code + 1)), value);
  }
}

}  // namespace
}  // namespace mcq::wire
