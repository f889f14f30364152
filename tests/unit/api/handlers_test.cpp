#include "api/handlers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "os/clock.hpp"

namespace mcq::api {
namespace {

using Value = nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// A daemon that waits for its interfaces: eth0 with both protocols, eth1 with IGMP.
class AnswersTest : public testing::Test {
 protected:
  AnswersTest() {
    spdlog::set_level(spdlog::level::off);
    serve(instances["eth0"].igmp, "eth0");
    serve(instances["eth0"].mld, "eth0");
    serve(instances["eth1"].igmp, "eth1");
  }
  ~AnswersTest() override { spdlog::set_level(spdlog::level::info); }

  template <Family F>
  void serve(std::unique_ptr<instance::Instance<F>>& instance, const std::string& name) {
    using Environment = typename instance::Instance<F>::Environment;
    instance = std::make_unique<instance::Instance<F>>(
        name, core::Settings<F>{}, Random{1}, Random{2},
        Environment{io, nullptr, publisher, std::get<instance::ReceiverPool<F>>(receivers),
                    schedule, [] {}},
        os::now());
    instance->interface_changed(nullptr, os::now());
  }

  http::Response ask(const std::string& target, const std::string& method = "GET",
                     bool root = false) {
    return answer({.method = method, .target = target, .is_root = root}, instances, {}, os::now());
  }
  static Value body(const http::Response& answer) {
    if (const auto* source = std::get_if<http::BodySource>(&answer.body)) {
      std::string all;
      for (auto piece = (*source)(); !piece.empty(); piece = (*source)()) all += piece;
      return Value::parse(all);
    }
    return Value::parse(std::get<std::string>(answer.body));
  }
  std::string error(const std::string& target, int status, const std::string& method = "GET",
                    bool root = false) {
    const auto refused = ask(target, method, root);
    EXPECT_EQ(refused.status, status) << target;
    const auto json = body(refused);
    EXPECT_EQ(json.size(), 1U);
    return json.at("error");
  }

  boost::asio::io_context io;
  http::EventStream events;
  monitor::EventPublisher publisher{events};
  std::tuple<instance::ReceiverPool<Igmp>, instance::ReceiverPool<Mld>> receivers{io, io};
  instance::Schedule schedule{[](auto, auto) {}};
  instance::InstanceTable instances;
};

TEST_F(AnswersTest, StatusHasEveryInterfaceAndFamily) {
  const auto status = ask("/v1/status");
  EXPECT_EQ(status.status, 200);
  const auto json = body(status);
  ASSERT_EQ(json["interfaces"].size(), 3U);
  EXPECT_EQ(json["interfaces"][1]["interface-name"], "eth0");
  EXPECT_EQ(json["interfaces"][1]["family"], "ipv6");
  EXPECT_EQ(json["interfaces"][1]["role"], "waiting");
  EXPECT_EQ(json["healthy"], false);
  EXPECT_EQ(json["verdict"],
            "eth0: waiting for the interface to appear: check its name and driver (ip link)");
}

TEST_F(AnswersTest, ParametersChooseAPart) {
  struct Row {
    const char* query;
    std::size_t interfaces;
  };
  for (const auto& [query, interfaces] :
       {Row{"", 3}, Row{"?", 3}, Row{"?interface=eth1", 1}, Row{"?family=ipv4", 2},
        Row{"?interface=eth0&family=ipv6", 1}, Row{"?interface=eth1&family=ipv6", 0},
        Row{"?interface=%65th1", 1}}) {
    EXPECT_EQ(body(ask(std::string{"/v1/status"} + query))["interfaces"].size(), interfaces)
        << query;
  }
}

TEST_F(AnswersTest, AWrongParameterIsNamed) {
  struct Row {
    const char *target, *given, *allowed;
  };
  for (const auto& [target, given, allowed] : {
           Row{"/v1/status?interface=eth9", "interface is 'eth9'", "served are: eth0, eth1"},
           Row{"/v1/status?group=239.1.2.3", "no parameter 'group'", "interface, family, limit"},
           Row{"/v1/events?interface=eth0", "no parameter 'interface'", "since"},
           Row{"/v1/groups?limit=0", "limit is '0'", "1 to 16777216"},
           Row{"/v1/groups?group=10.0.0.1", "group is '10.0.0.1'", "multicast address"},
           Row{"/v1/hosts?group=239.1.2.3", "no parameter 'group'", "interface, family, limit"},
           Row{"/v1/status?interface=%zz", "%zz", "two hexadecimal digits"},
           Row{"/v1/events?since=-1", "since is '-1'", "0 to"},
       }) {
    EXPECT_THAT(error(target, 400), AllOf(HasSubstr(given), HasSubstr(allowed)));
  }
}

TEST_F(AnswersTest, AWrongPathIsToldOfTheRightOnes) {
  for (const auto* target : {"/", "/v1", "/v1/status/", "/v2/status", "", "/v1/statuses?x=1"}) {
    EXPECT_THAT(error(target, 404), HasSubstr("/v1/status, /v1/groups"));
  }
}

TEST_F(AnswersTest, AWrongMethodIsToldOfTheRightOne) {
  EXPECT_THAT(error("/v1/status", 405, "POST"), HasSubstr("GET"));
  EXPECT_EQ(ask("/v1/status", "HEAD").allow, "GET");
  EXPECT_EQ(ask("/v1/query", "GET").allow, "POST");
  EXPECT_EQ(ask("/v1/query", "GET", true).status, 405);
}

TEST_F(AnswersTest, OnlyRootMayAskForAQuery) {
  EXPECT_THAT(error("/v1/query", 403, "POST"), HasSubstr("sudo"));
  EXPECT_THAT(error("/v1/query", 409, "POST", true), HasSubstr("not the querier"));
}

TEST_F(AnswersTest, RootAlonePausesTheQueriesForAsLongAsItsLeaseLives) {
  const auto* const target = "/v1/pause?interface=eth1&seconds=60";
  EXPECT_THAT(error(target, 403, "POST"), HasSubstr("sudo"));
  EXPECT_THAT(error("/v1/pause", 400, "POST", true), HasSubstr("seconds is missing"));
  EXPECT_THAT(error("/v1/pause?seconds=3601", 400, "POST", true), HasSubstr("1 to 3600"));
  auto& paused = *instances["eth1"].igmp;
  {
    const auto begun = ask(target, "POST", true);
    ASSERT_TRUE(std::holds_alternative<http::FollowEvents>(begun.body));
    EXPECT_TRUE(paused.is_paused());
    EXPECT_FALSE(instances["eth0"].igmp->is_paused());
    EXPECT_THAT(error("/v1/pause?seconds=60", 409, "POST", true), HasSubstr("already"));
    paused.tick(os::now() + 59s);
    EXPECT_TRUE(paused.is_paused());
  }
  EXPECT_LE(paused.deadline(), os::now() + 60s);
  paused.tick(paused.deadline());
  EXPECT_FALSE(paused.is_paused());
  const auto again = ask(target, "POST", true);
  paused.tick(os::now() + 61s);
  EXPECT_FALSE(paused.is_paused()) << "its time is over";
}

TEST_F(AnswersTest, ListsThatAreEmptyAreLists) {
  EXPECT_EQ(body(ask("/v1/groups")), Value::parse(R"({"groups": []})"));
  EXPECT_EQ(body(ask("/v1/groups?group=239.1.2.3")), Value::parse(R"({"groups": []})"));
  EXPECT_EQ(body(ask("/v1/hosts")), Value::parse(R"({"hosts": []})"));
}

TEST_F(AnswersTest, EventsGoOnWhereTheClientStopped) {
  const auto since = [](const http::Response& a) {
    return std::get<http::FollowEvents>(a.body).since;
  };
  EXPECT_EQ(since(ask("/v1/events")), std::nullopt);
  EXPECT_EQ(since(ask("/v1/events?since=7")), 7U);
  const auto again = [&](const std::string& target, const std::string& last) {
    return answer({.method = "GET", .target = target, .last_event_id = last}, instances, {},
                  os::now());
  };
  EXPECT_EQ(since(again("/v1/events", "8")), 8U);
  EXPECT_EQ(since(again("/v1/events?since=7", "8")), 7U);
  EXPECT_EQ(again("/v1/events", "x").status, 400);
}

TEST_F(AnswersTest, WhoeverWantsNoDetailsSaysSo) {
  const auto details = [](const http::Response& a) {
    return std::get<http::FollowEvents>(a.body).details;
  };
  EXPECT_TRUE(details(ask("/v1/events")));
  EXPECT_TRUE(details(ask("/v1/events?details=true&since=1")));
  EXPECT_FALSE(details(ask("/v1/events?details=false")));
  EXPECT_EQ(ask("/v1/events?details=no").status, 400);
}

/// The verdict is about all interfaces, also those that are not listed.
TEST_F(AnswersTest, ALimitBoundsTheListOfInterfaces) {
  const auto all = body(ask("/v1/status"));
  const auto json = body(ask("/v1/status?limit=2"));
  ASSERT_EQ(json["interfaces"].size(), 2U);
  EXPECT_EQ(json["interfaces"][1]["family"], "ipv6");
  EXPECT_EQ(json["verdict"], all["verdict"]);
  EXPECT_EQ(body(ask("/v1/status?limit=3"))["interfaces"].size(), 3U);
}

/// With thousands of interfaces, each piece of the answer takes a moment only.
TEST_F(AnswersTest, AStatusIsMadeWhileItIsSent) {
  constexpr int kMany = 200;
  for (int i = 0; i < kMany; ++i) {
    const auto name = "eth0." + std::to_string(i);
    serve(instances[name].igmp, name);
  }
  const auto status = ask("/v1/status");
  const auto& source = std::get<http::BodySource>(status.body);
  std::string all;
  std::size_t pieces = 0, longest = 0;
  for (auto piece = source(); !piece.empty(); piece = source(), ++pieces) {
    longest = std::max(longest, piece.size());
    all += piece;
  }
  const auto json = Value::parse(all);
  EXPECT_EQ(json["interfaces"].size(), kMany + 3U);
  const auto one = all.size() / json["interfaces"].size();
  EXPECT_LT(longest, 16 * 1024 + 2 * one);
  EXPECT_GT(pieces, all.size() / (20 * 1024));
}

TEST_F(AnswersTest, NoInterfaceIsNotHealthy) {
  instances.clear();
  const auto json = body(ask("/v1/status"));
  EXPECT_EQ(json["healthy"], false);
  EXPECT_THAT(std::string{json["verdict"]}, HasSubstr("-i"));
}

}  // namespace
}  // namespace mcq::api
