#include "wire/records.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/hex.hpp"
#include "support/messages.hpp"

namespace mcq::wire {
namespace {

using test::records_of;
using enum RecordType;

/// Addresses by their last byte, and what records of them look like.
template <class F>
class Records : public testing::Test {
 public:
  using Address = typename F::Address;
  static constexpr std::size_t kSize = sizeof(Address);
  static constexpr std::size_t kHeader = 4 + kSize;

  static Address group(std::uint8_t last) {
    Address address{};
    address.bytes[0] = std::is_same_v<F, Igmp> ? 239 : 0xff;
    address.bytes[1] = 0x3e;
    address.bytes.back() = last;
    return address;
  }
  static Address source(std::uint8_t last) {
    Address address{{0x20, 1}};
    address.bytes.back() = last;
    return address;
  }

  /// Appends a record with these sources and as many words of auxiliary data.
  static void add(Buffer& out, unsigned type, const Address& group,
                  const std::vector<Address>& sources = {}, std::uint8_t auxiliary = 0) {
    append(out, static_cast<std::uint8_t>(type));
    append(out, auxiliary);
    append(out, static_cast<std::uint16_t>(sources.size()));
    append(out, group);
    for (const auto& each : sources) append(out, each);
    out.insert(out.end(), std::size_t{auxiliary} * 4, 0xee);
  }

  struct Walk {
    std::vector<Record<F>> records;
    std::optional<ParseError> fault;
    bool operator==(const Walk&) const = default;
  };
  static Walk walk(std::uint16_t count, Bytes bytes) {
    Walk walk;
    RecordReader<F> reader{{count, bytes}};
    while (const auto record = reader.next()) walk.records.push_back(*record);
    EXPECT_EQ(reader.next(), std::nullopt) << "and that is final";
    walk.fault = reader.fault();
    return walk;
  }
};

struct FamilyName {
  template <class F>
  static std::string GetName(int) {
    return F::kName;
  }
};
using Families = testing::Types<Igmp, Mld>;
TYPED_TEST_SUITE(Records, Families, FamilyName);

TYPED_TEST(Records, SayWhatHasChangedOrWhatIs) {
  struct Row {
    const char* what;
    std::vector<unsigned> types;
    bool has_sources, is_leave, is_state;
  };
  for (const auto& [what, types, has_sources, is_leave, is_state] :
       {Row{"to include none", {3}, false, true, false},
        Row{"two of them", {3, 3}, false, true, false},
        Row{"to include some", {3}, true, false, false}, Row{"block", {6}, true, true, false},
        Row{"one goes, one stays", {3, 2}, false, false, true},
        Row{"one stays, one goes", {2, 3}, false, false, true},
        Row{"exclude", {2}, false, false, true}, Row{"to exclude", {4}, false, false, false},
        Row{"is include", {1}, true, false, true}, Row{"allow", {5}, true, false, false},
        Row{"nothing", {}, false, false, false}}) {
    SCOPED_TRACE(what);
    Buffer bytes;
    std::vector<typename TestFixture::Address> sources;
    if (has_sources) sources.push_back(this->source(1));
    for (const auto type : types) this->add(bytes, type, this->group(1), sources);
    const RecordReport<TypeParam> report{static_cast<std::uint16_t>(types.size()), bytes};
    RecordReader<TypeParam> records{report};
    while (records.next()) continue;
    EXPECT_EQ(records.is_leave(), is_leave);
    EXPECT_EQ(records.has_current_state(), is_state);
  }
}

TYPED_TEST(Records, AreReadInTheirOrder) {
  using T = TestFixture;
  const std::vector one{T::source(1)}, two{T::source(2), T::source(1)};
  Buffer bytes;
  T::add(bytes, 1, T::group(1), two);
  T::add(bytes, 2, T::group(2));
  T::add(bytes, 3, T::group(3));
  T::add(bytes, 4, T::group(4), one);
  T::add(bytes, 5, T::group(5), one);
  T::add(bytes, 6, T::group(1), two);
  EXPECT_EQ(T::walk(6, bytes), (typename T::Walk{{{kIsIn, T::group(1), two},
                                                  {kIsEx, T::group(2), {}},
                                                  {kToIn, T::group(3), {}},
                                                  {kToEx, T::group(4), one},
                                                  {kAllow, T::group(5), one},
                                                  {kBlock, T::group(1), two}},
                                                 {}}));
}

TYPED_TEST(Records, HandOutTheirSourcesWhereTheyLie) {
  using T = TestFixture;
  Buffer bytes(3);  // so that nothing is aligned
  T::add(bytes, 5, T::group(1), {T::source(1), T::source(2)});
  const auto walk = T::walk(1, Bytes{bytes}.subspan(3));
  ASSERT_EQ(walk.records.size(), 1U);
  ASSERT_EQ(walk.records[0].sources.size(), 2U);
  EXPECT_EQ(walk.records[0].sources[0].bytes.data(), bytes.data() + 3 + T::kHeader);
}

TYPED_TEST(Records, SkipAuxiliaryDataInWordsOfFourBytes) {  // IGMP-R-12, MLD-R-14
  using T = TestFixture;
  const std::vector sources{T::source(1)};
  for (const auto words : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{255}}) {
    Buffer bytes;
    T::add(bytes, 4, T::group(1), sources, words);
    T::add(bytes, 4, T::group(2), {}, words);
    T::add(bytes, 4, T::group(3));
    EXPECT_EQ(
        T::walk(3, bytes),
        (typename T::Walk{
            {{kToEx, T::group(1), sources}, {kToEx, T::group(2), {}}, {kToEx, T::group(3), {}}},
            {}}))
        << int{words};
  }
}

TYPED_TEST(Records, OfUnknownTypesArePassedOver) {  // IGMP-R-13, MLD-R-13
  using T = TestFixture;
  for (unsigned type = 0; type < 256; ++type) {
    Buffer bytes;
    T::add(bytes, 4, T::group(1));
    T::add(bytes, type, T::group(2), {T::source(1), T::source(2)}, 1);
    T::add(bytes, 4, T::group(3));
    const auto walk = T::walk(3, bytes);
    EXPECT_EQ(walk.records.size(), type >= 1 && type <= 6 ? 3U : 2U) << type;
    EXPECT_EQ(walk.records.front().group, T::group(1)) << type;
    EXPECT_EQ(walk.records.back().group, T::group(3)) << type;
    EXPECT_EQ(walk.fault, std::nullopt) << type;
  }
}

TYPED_TEST(Records, OfAGroupThatIsNotMulticastArePassedOver) {  // IGMP-R-25, MLD-R-15
  using T = TestFixture;
  auto unicast = T::group(2), broadcast = T::group(2);
  unicast.bytes[0] = std::is_same_v<TypeParam, Igmp> ? 223 : 0xfe;
  broadcast.bytes[0] = std::is_same_v<TypeParam, Igmp> ? 240 : 0x7f;
  for (const auto& group : {unicast, broadcast, typename T::Address{}}) {
    Buffer bytes;
    T::add(bytes, 4, T::group(1));
    T::add(bytes, 4, group, {T::source(1)}, 1);
    T::add(bytes, 4, T::group(3));
    EXPECT_EQ(T::walk(3, bytes),
              (typename T::Walk{{{kToEx, T::group(1), {}}, {kToEx, T::group(3), {}}},
                                ParseError::kBadGroup}))
        << to_string(group);
  }
}

TYPED_TEST(Records, EndWhereTheyReachBeyondTheReport) {  // IGMP-R-11, MLD-R-19
  using T = TestFixture;
  Buffer bytes;
  T::add(bytes, 4, T::group(1));
  T::add(bytes, 5, T::group(2), {T::source(1), T::source(2)}, 1);
  const std::vector<Record<TypeParam>> first{{kToEx, T::group(1), {}}};
  for (auto size = T::kHeader; size < bytes.size(); ++size) {
    // A copy, so that what reads on leaves it.
    const Buffer cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(T::walk(2, cut), (typename T::Walk{first, ParseError::kBadLength})) << size;
    EXPECT_EQ(T::walk(1, cut), (typename T::Walk{first, {}})) << size;
  }
  EXPECT_EQ(T::walk(2, bytes).records.size(), 2U);
}

TYPED_TEST(Records, EndWithTheReportHoweverManyItPromises) {  // IGMP-R-11, MLD-R-19
  using T = TestFixture;
  struct Row {
    const char* what;
    std::size_t offset;  // in the second of two records
    std::uint8_t byte;
  };
  Buffer bytes;
  T::add(bytes, 4, T::group(1));
  T::add(bytes, 4, T::group(2));
  EXPECT_EQ(T::walk(65'535, bytes).records.size(), 2U);
  EXPECT_EQ(T::walk(65'535, bytes).fault, ParseError::kBadLength);
  for (const auto& [what, offset, byte] :
       {Row{"auxiliary data", 1, 1}, Row{"the most auxiliary data", 1, 255}, Row{"a source", 3, 1},
        Row{"65280 sources", 2, 255}}) {
    auto lying = bytes;
    lying[T::kHeader + offset] = byte;
    const auto walk = T::walk(2, lying);
    EXPECT_EQ(walk.records.size(), 1U) << what;
    EXPECT_EQ(walk.fault, ParseError::kBadLength) << what;
  }
}

TYPED_TEST(Records, OfAnUnknownTypeMayNotLieEither) {  // IGMP-R-11, IGMP-R-13, MLD-R-19
  using T = TestFixture;
  Buffer bytes;
  T::add(bytes, 0, T::group(1), {T::source(1)});
  T::add(bytes, 4, T::group(2));
  bytes[3] = 255;
  EXPECT_EQ(T::walk(2, bytes), (typename T::Walk{{}, ParseError::kBadLength}));
}

TYPED_TEST(Records, TellOfTheirLengthRatherThanOfTheirGroup) {
  using T = TestFixture;
  Buffer bytes;
  T::add(bytes, 4, T::source(1));
  EXPECT_EQ(T::walk(1, bytes).fault, ParseError::kBadGroup);
  EXPECT_EQ(T::walk(2, bytes).fault, ParseError::kBadLength);
}

TYPED_TEST(Records, AreFollowedByBytesThatAreIgnored) {  // IGMP-R-03, MLD-R-11
  using T = TestFixture;
  Buffer bytes;
  T::add(bytes, 4, T::group(1));
  T::add(bytes, 4, T::group(2));
  const std::vector<Record<TypeParam>> first{{kToEx, T::group(1), {}}};
  EXPECT_EQ(T::walk(1, bytes), (typename T::Walk{first, {}}));
  EXPECT_EQ(T::walk(0, bytes), (typename T::Walk{{}, {}}));
}

TYPED_TEST(Records, MayBeNone) {
  using T = TestFixture;
  EXPECT_EQ(T::walk(0, {}), (typename T::Walk{{}, {}}));
  EXPECT_EQ(T::walk(1, {}), (typename T::Walk{{}, ParseError::kBadLength}));
}

TYPED_TEST(Records, HaveAsManySourcesAsThePacketHolds) {
  using T = TestFixture;
  const std::size_t most = (65'535 - 20 - 8 - T::kHeader) / T::kSize;
  const std::vector sources(most, T::source(7));
  Buffer bytes;
  T::add(bytes, 6, T::group(1), sources);
  EXPECT_EQ(T::walk(1, bytes), (typename T::Walk{{{kBlock, T::group(1), sources}}, {}}));
}

/// Bytes that are close to records, or anything at all.
template <Family F>
Buffer nearly_records(std::uint16_t count) {
  const auto byte = [] { return *rc::gen::arbitrary<std::uint8_t>(); };
  Buffer out;
  for (auto i = count; i > 0; --i) {
    auto group = Records<F>::group(byte());
    if (*rc::gen::inRange(0, 10) == 0) group.bytes[0] = byte();
    const std::vector sources(*rc::gen::inRange<std::size_t>(0, 5), Records<F>::source(byte()));
    Records<F>::add(out, *rc::gen::inRange(0U, 8U), group, sources, byte() & 1U);
  }
  for (int lies = *rc::gen::inRange(0, 3); lies > 0 && !out.empty(); --lies) {
    out[*rc::gen::inRange<std::size_t>(0, out.size())] = byte();
  }
  return out;
}

/// What may not fail however the bytes lie: and ASan sees to it that nothing else is read.
template <Family F>
void walk_anything() {
  const auto count = *rc::gen::inRange<std::uint16_t>(0, 20);
  const auto bytes = nearly_records<F>(count);
  const RecordReport<F> report{*rc::gen::element(count, std::uint16_t{65'535}), bytes};
  const auto records = records_of(report);
  std::size_t size = 0;
  for (const auto& record : records) {
    size += Records<F>::kHeader + record.sources.size_bytes();
    RC_ASSERT(is_multicast(record.group));
    RC_ASSERT(record.type >= kIsIn && record.type <= kBlock);
  }
  RC_ASSERT(records.size() <= report.count);
  RC_ASSERT(size <= bytes.size());
  RC_ASSERT(records_of(report) == records);
  Buffer written;
  append_records(written, std::span<const Record<F>>{records});
  RC_ASSERT(written.size() == 2 + size);
  const RecordReport<F> again{static_cast<std::uint16_t>(records.size()),
                              Bytes{written}.subspan(2)};
  RC_ASSERT(records_of(again) == records);
}

RC_GTEST_PROP(Record, OfIgmpIsReadAsItWasWritten, ()) { walk_anything<Igmp>(); }  // IGMP-R-11
RC_GTEST_PROP(Record, OfMldIsReadAsItWasWritten, ()) { walk_anything<Mld>(); }    // MLD-R-19

}  // namespace
}  // namespace mcq::wire
