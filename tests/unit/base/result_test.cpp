#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace mcq {
namespace {

Result<int, char> half(int n) {
  if (n % 2 != 0) return fail('o');
  return n / 2;
}

TEST(Result, HoldsAValue) {
  auto result = half(8);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(*result, 4);
  *result = 5;
  EXPECT_EQ(*std::as_const(result), 5);
}

TEST(Result, HoldsWhyThereIsNone) {
  auto result = half(7);
  ASSERT_FALSE(result);
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), 'o');
  EXPECT_EQ(std::as_const(result).error(), 'o');
}

TEST(Result, ReachesTheMembersOfItsValue) {
  Result<std::string> result{std::string{"abc"}};
  result->push_back('d');
  EXPECT_EQ(std::as_const(result)->size(), 4U);
}

TEST(Result, GivesUpItsValueByMove) {
  Result<std::unique_ptr<int>> result{std::make_unique<int>(3)};
  const auto owned = *std::move(result);
  EXPECT_EQ(*owned, 3);
}

TEST(Result, GivesUpItsErrorByMove) {
  Result<int> result{fail("no such interface")};
  EXPECT_EQ(std::move(result).error(), Error{"no such interface"});
}

TEST(Result, MakesSentencesFromEitherKindOfString) {
  EXPECT_EQ(Result<Ok>{fail("a")}, Result<Ok>{fail(std::string{"a"})});
}

TEST(Result, ComparesAsAWhole) {
  struct Row {
    Result<int, int> left, right;
    bool equal;
  };
  for (const auto& [left, right, equal] :
       {Row{1, 1, true}, Row{1, 2, false}, Row{fail(1), fail(1), true},
        Row{fail(1), fail(2), false}, Row{1, fail(1), false}}) {
    SCOPED_TRACE(testing::Message() << left.has_value() << ' ' << right.has_value());
    EXPECT_EQ(left == right, equal);
  }
}

}  // namespace
}  // namespace mcq
