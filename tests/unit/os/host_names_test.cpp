#include "os/host_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

namespace mcq::os {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const auto kStart = HostNames::Clock::time_point{};
constexpr auto kLong = 20s;  ///< longer than any of the lookups here takes

IpAddress address(const char* text) { return parse_address(text).value(); }

/// A resolver that counts what it is asked.
struct Book {
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);
  std::string operator()(const IpAddress& one) const {
    ++*asked;
    return "host-" + to_string(one);
  }
};

TEST(HostNames, KnowsANameOnceItHasBeenLookedUp) {
  HostNames names{Book{}};
  EXPECT_EQ(names.find(address("192.0.2.1"), kStart), "");
  names.wait(kLong);
  EXPECT_EQ(names.find(address("192.0.2.1"), kStart), "host-192.0.2.1");
  EXPECT_EQ(names.find(address("192.0.2.2"), kStart), "") << "not asked for before";
}

TEST(HostNames, AsksOnceAndKeepsThatThereIsNone) {
  const auto asked = std::make_shared<std::atomic<int>>(0);
  HostNames names{[asked](const IpAddress&) {
    ++*asked;
    return std::string{};
  }};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(names.find(address("2001:db8::1"), kStart + i * 1min), "");
    names.wait(kLong);
  }
  EXPECT_EQ(*asked, 1);
}

TEST(HostNames, AsksAgainWhenANameIsOldAndSaysItMeanwhile) {
  const Book book;
  HostNames names{book, {.keep = 10min}};
  names.find(address("192.0.2.1"), kStart);
  names.wait(kLong);
  EXPECT_EQ(names.find(address("192.0.2.1"), kStart + 9min), "host-192.0.2.1");
  EXPECT_EQ(*book.asked, 1);
  EXPECT_EQ(names.find(address("192.0.2.1"), kStart + 10min), "host-192.0.2.1");
  names.wait(kLong);
  EXPECT_EQ(*book.asked, 2);
}

TEST(HostNames, AreKeptWhileTheResolverCannotTell) {
  const auto lookup = std::make_shared<std::atomic<int>>(0);
  HostNames names{[lookup](const IpAddress&) -> std::optional<std::string> {
                    const std::optional<std::string> answers[] = {"old", std::nullopt, "new"};
                    return answers[(*lookup)++ % 3];
                  },
                  {.keep = 10min, .retry = 1min}};
  const auto find = [&](HostNames::Clock::duration after) {
    auto name = names.find(address("192.0.2.1"), kStart + after);
    names.wait(kLong);
    return name;
  };
  find(0min);
  EXPECT_EQ(find(10min), "old");  // looks it up in vain
  EXPECT_EQ(find(10min + 59s), "old");
  EXPECT_EQ(*lookup, 2) << "too early";
  EXPECT_EQ(find(11min), "old");
  EXPECT_EQ(find(11min), "new");
  EXPECT_EQ(*lookup, 3);
}

TEST(HostNames, AResolverThatHangsHoldsNobody) {
  auto promise = std::make_shared<std::promise<void>>();
  const auto released = promise->get_future().share();
  {
    HostNames names{[released](const IpAddress&) {
                      released.wait();
                      return std::string{"late"};
                    },
                    {.threads = 1}};
    names.find(address("192.0.2.1"), kStart);
    names.wait(1ms);
    EXPECT_EQ(names.find(address("192.0.2.1"), kStart), "");
    EXPECT_EQ(names.find(address("192.0.2.2"), kStart), "");
    promise->set_value();
    names.wait(kLong);
    EXPECT_EQ(names.find(address("192.0.2.2"), kStart), "late");
  }
  auto never = std::make_shared<std::promise<void>>();
  {
    HostNames names{[hung = never->get_future().share()](const IpAddress&) {
      hung.wait();
      return std::string{};
    }};
    names.find(address("192.0.2.1"), kStart);
  }  // the destructor does not wait
  never->set_value();
}

TEST(HostNames, KeepsNoMoreThanItsLimit) {
  const Book book;
  HostNames names{book, {.addresses = 2, .keep = 10min}};
  const auto ask = [&](const char* text, HostNames::Clock::time_point now) {
    names.find(address(text), now);
    names.wait(kLong);
    return names.find(address(text), now);
  };
  EXPECT_EQ(ask("192.0.2.1", kStart), "host-192.0.2.1");
  EXPECT_EQ(ask("192.0.2.2", kStart), "host-192.0.2.2");
  EXPECT_EQ(ask("192.0.2.3", kStart), "") << "those that are kept are in use";
  EXPECT_EQ(*book.asked, 2);
  EXPECT_EQ(ask("192.0.2.3", kStart + 20min), "host-192.0.2.3") << "nobody asks for the first";
}

TEST(HostNames, LinkLocalAddressesAreNotLookedUp) {
  const Book book;
  HostNames names{book};
  names.find(address("fe80::1"), kStart);
  names.find(address("fec0::1"), kStart);
  names.wait(kLong);
  EXPECT_EQ(*book.asked, 1);
}

TEST(HostNames, AnExceptionIsNoName) {
  HostNames names{[](const IpAddress&) -> std::string { throw std::runtime_error{"no"}; }};
  names.find(address("192.0.2.1"), kStart);
  names.wait(kLong);
  EXPECT_EQ(names.find(address("192.0.2.1"), kStart), "");
}

TEST(ResolveHostName, KnowsTheLoopbackOfEverySystem) {
  EXPECT_EQ(resolve_host_name(address("127.0.0.1")), "localhost");
}

}  // namespace
}  // namespace mcq::os
