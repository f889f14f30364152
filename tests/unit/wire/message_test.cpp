#include "wire/message.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <vector>

// Tests compare whole messages: a difference in any one member must be one.

namespace mcq {
namespace {

template <class Value>
using Changes = std::vector<std::function<void(Value&)>>;

template <class Value>
void expect_each_to_differ(const Value& value, const Changes<Value>& changes) {
  EXPECT_EQ(value, Value{value});
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto other = value;
    changes[i](other);
    EXPECT_FALSE(other == value) << "change " << i;
  }
}

template <Family F>
class Messages : public testing::Test {
 protected:
  static typename F::Address address(std::uint8_t last) {
    typename F::Address a;
    a.bytes.back() = last;
    return a;
  }
};
using Families = testing::Types<Igmp, Mld>;
TYPED_TEST_SUITE(Messages, Families);

TYPED_TEST(Messages, QueriesDifferByEveryMember) {
  const Query<TypeParam> query{.group = this->address(1),
                               .sources = {this->address(2)},
                               .max_response = 10s,
                               .query_interval = 60s,
                               .robustness = 2};
  expect_each_to_differ<Query<TypeParam>>(
      query, {[](auto& q) { q.version = static_cast<typename TypeParam::Version>(1); },
              [](auto& q) { q.group = {}; }, [](auto& q) { q.sources[0] = {}; },
              [](auto& q) { q.sources.clear(); }, [](auto& q) { q.max_response = 1s; },
              [](auto& q) { q.query_interval = 1s; }, [](auto& q) { q.robustness = 7; },
              [](auto& q) { q.suppress = true; }});
}

TYPED_TEST(Messages, ReportsAndLeavesDifferByEveryMember) {
  expect_each_to_differ<Report<TypeParam>>(
      {static_cast<typename TypeParam::Version>(1), this->address(1)},
      {[](auto& r) { r.version = TypeParam::kNewest; }, [](auto& r) { r.group = {}; }});
  expect_each_to_differ<Leave<TypeParam>>({this->address(1)}, {[](auto& l) { l.group = {}; }});
}

TYPED_TEST(Messages, RecordsDifferByWhatTheyListAndNotByWhereItLies) {
  const std::array sources{this->address(2), this->address(3)}, same = sources;
  const Record<TypeParam> record{RecordType::kAllow, this->address(1), sources};
  expect_each_to_differ<Record<TypeParam>>(
      record, {[](auto& r) { r.type = RecordType::kBlock; }, [](auto& r) { r.group = {}; },
               [](auto& r) { r.sources = r.sources.first(1); }});
  auto elsewhere = record;
  elsewhere.sources = same;
  EXPECT_EQ(elsewhere, record);
  const std::array<std::uint8_t, 2> bytes{1, 2};
  expect_each_to_differ<RecordReport<TypeParam>>(
      {.count = 1, .records = bytes},
      {[](auto& r) { r.count = 2; }, [](auto& r) { r.records = r.records.first(1); }});
}

}  // namespace
}  // namespace mcq
