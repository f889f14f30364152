#include "cli/host_name_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>

namespace mcq::cli {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(LookUpNames, HasThoseThatTheResolverKnows) {
  const auto resolve = [](const IpAddress& address) -> std::string {
    return to_string(address) == "192.0.2.1" ? "tv.lan" : "";
  };
  const auto names = look_up_names({"192.0.2.1", "192.0.2.2", "192.0.2.1", "-"}, resolve, 20s);
  EXPECT_THAT(names, UnorderedElementsAre(Pair("192.0.2.1", "tv.lan")));
  EXPECT_EQ(with_name("192.0.2.1", names), "192.0.2.1 (tv.lan)");
  EXPECT_EQ(with_name("192.0.2.2", names), "192.0.2.2");
  EXPECT_THAT(look_up_names({}, resolve, 20s), IsEmpty());
}

TEST(LookUpNames, CannotCommandATerminal) {
  const auto names = look_up_names(
      {"192.0.2.1"}, [](const IpAddress&) { return "\x1b]0;owned\x07\xff"; }, 20s);
  EXPECT_THAT(names, UnorderedElementsAre(Pair("192.0.2.1", "?]0;owned??")));
}

TEST(LookUpNames, AResolverThatHangsHoldsNobody) {
  auto promise = std::make_shared<std::promise<void>>();
  const auto names = look_up_names(
      {"192.0.2.1"},
      [released = promise->get_future().share()](const IpAddress&) {
        released.wait();
        return std::string{"late"};
      },
      1ms);
  EXPECT_THAT(names, IsEmpty());
  promise->set_value();
}

}  // namespace
}  // namespace mcq::cli
