#include "http/query_parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcq::http {
namespace {

using testing::HasSubstr;

/// Returns the error, which says what was given and what is allowed; empty without one.
std::string error(const Result<QueryParameters>& result) {
  return result ? "" : result.error().message;
}

TEST(QueryParameters, FollowTheFirstQuestionMark) {
  EXPECT_EQ(query_of("/v1/groups"), "");
  EXPECT_EQ(query_of("/v1/groups?"), "");
  EXPECT_EQ(query_of("/v1/groups?a=1?b"), "a=1?b");
}

TEST(QueryParameters, AreDecodedByName) {
  struct Row {
    const char* query;
    QueryParameters parameters;
  };
  for (const auto& [query, parameters] : {
           Row{"", {}},
           Row{"a=1", {{"a", "1"}}},
           Row{"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
           Row{"a=1&", {{"a", "1"}}},
           Row{"a", {{"a", ""}}},
           Row{"a=", {{"a", ""}}},
           Row{"a=b=c", {{"a", "b=c"}}},
           Row{"%61=%31%2e%2E", {{"a", "1.."}}},
           Row{"a=%26&b=%3d", {{"a", "&"}, {"b", "="}}},
           Row{"a=1+2", {{"a", "1+2"}}},
       }) {
    const auto parsed = parse_query_parameters(query, {"a", "b"});
    ASSERT_TRUE(parsed) << query << ": " << error(parsed);
    EXPECT_EQ(*parsed, parameters) << query;
  }
}

TEST(QueryParameters, AreRefusedWithAReason) {
  struct Row {
    const char *query, *reason;
  };
  for (const auto& [query, reason] : {
           Row{"c=1", "there is no parameter 'c' here; there are: a, b"},
           Row{"=1", "there is no parameter '' here"},
           Row{"a=1&&b=2", "there is no parameter '' here"},
           Row{"A=1", "there is no parameter 'A' here"},
           Row{"a=1&a=1", "'a' is given twice"},
           Row{"a=1&%61=2", "'a' is given twice"},
           Row{"a=%", "'a=%' has a '%' without two hexadecimal digits"},
           Row{"a=%6", "'a=%6' has a '%' without two hexadecimal digits"},
           Row{"a=%zz", "'a=%zz' has a '%' without two hexadecimal digits"},
           Row{"a=%-1", "'a=%-1' has a '%' without two hexadecimal digits"},
           Row{"%6=1", "'%6=1' has a '%' without two hexadecimal digits"},
       }) {
    EXPECT_THAT(error(parse_query_parameters(query, {"a", "b"})), HasSubstr(reason)) << query;
  }
  EXPECT_THAT(error(parse_query_parameters("a=1", {})), HasSubstr("there are: none"));
}

}  // namespace
}  // namespace mcq::http
