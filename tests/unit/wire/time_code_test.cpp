#include "wire/time_code.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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

TEST(TimeCode16, DecodesLiteralsAndTheEndsOfTheFloats) {  // MLD-F-09
  struct Row {
    std::uint16_t code;
    std::uint32_t value;
  };
  for (const auto& [code, value] :
       {Row{0, 0}, Row{1, 1}, Row{10'000, 10'000}, Row{0x7fff, 32'767}, Row{0x8000, 32'768},
        Row{0x8001, 32'776}, Row{0x8fff, 65'528}, Row{0x9000, 65'536}, Row{0xf000, 4'194'304},
        Row{0xffff, 8'387'584}}) {
    SCOPED_TRACE(testing::Message() << "code " << code);
    EXPECT_EQ(TimeCode16::decode(code), value);
  }
  static_assert(TimeCode16::kMax == 8'387'584);
}

TEST(TimeCode16, DecodesEveryCode) {  // MLD-F-09
  for (unsigned code = 0; code < 0x8000; ++code) {
    ASSERT_EQ(TimeCode16::decode(static_cast<std::uint16_t>(code)), code);
  }
  std::uint32_t value = 32'768, step = 8;
  for (unsigned code = 0x8000; code < 0x10000; ++code, value += step) {
    if (code % 0x1000 == 0 && code > 0x8000) step *= 2;
    ASSERT_EQ(TimeCode16::decode(static_cast<std::uint16_t>(code)), value) << "code " << code;
  }
}

TEST(TimeCode16, EncodesTheExactValueOrTheNextLower) {  // MLD-F-10
  struct Row {
    std::uint32_t value;
    std::uint16_t code;
  };
  for (const auto& [value, code] :
       {Row{0, 0}, Row{1'000, 1'000}, Row{32'767, 0x7fff}, Row{32'768, 0x8000}, Row{32'775, 0x8000},
        Row{32'776, 0x8001}, Row{65'528, 0x8fff}, Row{65'535, 0x8fff}, Row{65'536, 0x9000},
        Row{65'551, 0x9000}, Row{65'552, 0x9001}, Row{8'387'583, 0xfffe}, Row{8'387'584, 0xffff}}) {
    SCOPED_TRACE(testing::Message() << "value " << value);
    EXPECT_EQ(TimeCode16::encode(value), code);
  }
}

TEST(TimeCode16, SaturatesAndNeverWraps) {  // MLD-F-10
  for (const std::uint32_t value : {8'387'585U, 8'388'608U, 16'777'216U, kLargest}) {
    EXPECT_EQ(TimeCode16::encode(value), 0xffff) << "value " << value;
  }
}

TEST(TimeCode16, EveryCodeSurvivesTheRoundTrip) {  // MLD-F-09, MLD-F-10
  for (unsigned code = 0; code < 0x10000; ++code) {
    ASSERT_EQ(TimeCode16::encode(TimeCode16::decode(static_cast<std::uint16_t>(code))), code);
  }
}

TEST(TimeCode16, DecodesALargerCodeAsALargerValue) {  // MLD-F-09
  for (unsigned code = 1; code < 0x10000; ++code) {
    ASSERT_GT(TimeCode16::decode(static_cast<std::uint16_t>(code)),
              TimeCode16::decode(static_cast<std::uint16_t>(code - 1)));
  }
}

RC_GTEST_PROP(TimeCode16, PicksTheLargestCodeThatIsNotAboveTheValue, ()) {  // MLD-F-10
  const auto value = *rc::gen::inRange<std::uint32_t>(0, TimeCode16::kMax);
  const auto code = TimeCode16::encode(value);
  RC_ASSERT(TimeCode16::decode(code) <= value);
  RC_ASSERT(TimeCode16::decode(static_cast<std::uint16_t>(code + 1)) > value);
}

}  // namespace
}  // namespace mcq::wire
