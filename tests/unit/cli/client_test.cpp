#include "cli/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "support/fake_daemon.hpp"
#include "support/run_command.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Target, LeavesOutWhatWasNotGiven) {
  EXPECT_EQ(target("/v1/groups", {}), "/v1/groups");
  EXPECT_EQ(target("/v1/groups", {{"group", ""}}), "/v1/groups");
  EXPECT_EQ(target("/v1/groups", {{"group", ""}, {"limit", "1"}, {"family", "ipv4"}}),
            "/v1/groups?limit=1&family=ipv4");
}

TEST(Target, EncodesWhatAUrlCannotHold) {
  EXPECT_EQ(target("/v1/groups", {{"interface", "eth0.20-x_y~"}, {"group", "ff02::fb"}}),
            "/v1/groups?interface=eth0.20-x_y~&group=ff02%3A%3Afb");
  EXPECT_EQ(target("/", {{"a", "& =%\r\n\xff"}}), "/?a=%26%20%3D%25%0D%0A%FF");
}

TEST(ClientOptions, AnInterfaceHasAName) {
  Client client;
  CLI::App app;
  client.declare_daemon(app);
  app.parse("-i eth0");
  EXPECT_EQ(client.interface, "eth0");
  std::vector<std::string> nameless{"", "-i"};  // from the last to the first
  try {
    app.parse(nameless);
    FAIL() << "an empty name is none";
  } catch (const CLI::ParseError& error) {
    EXPECT_STREQ(error.what(), "-i needs the name of an interface");
  }
}

TEST(ClientOptions, AreSentToTheDaemon) {
  FakeDaemon daemon{{{"/v1/groups", http_answer("{}")}}};
  Client client;
  CLI::App app;
  client.declare(app);
  client.declare_family(app);
  app.parse("-i eth0 --family ipv6 --json --api-socket " + daemon.path);
  EXPECT_TRUE(client.json);
  EXPECT_TRUE(client.get("/v1/groups", {{"group", "ff02::fb"}}));
  EXPECT_THAT(daemon.requests(),
              ElementsAre("GET /v1/groups?group=ff02%3A%3Afb&interface=eth0&family=ipv6 HTTP/1.1"));
}

TEST(ClientOptions, AFamilyIsOneOfTwo) {
  Client client;
  CLI::App app;
  client.declare_family(app);
  EXPECT_THROW(app.parse("--family ipv5"), CLI::ParseError);
}

TEST(ClientOptions, AFamilyHasAShortForm) {
  for (const auto& [option, family] : {std::pair{"-4", "ipv4"}, {"-6", "ipv6"}}) {
    Client client;
    CLI::App app;
    client.declare_family(app);
    app.parse(option);
    EXPECT_EQ(client.family, family);
  }
  for (const auto* both : {"-4 -6", "-4 --family ipv6", "--family ipv4 -6"}) {
    Client client;
    CLI::App app;
    client.declare_family(app);
    EXPECT_THROW(app.parse(both), CLI::ParseError) << both;
  }
}

TEST(Print, AnAnswerOfAnotherVersionIsAFailure) {
  std::ostringstream out, err;
  const auto code = print({out, err}, [] { return json::object().at("groups").dump(); });
  EXPECT_EQ(code, ExitCode::kNoAnswer);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), HasSubstr("the answer of the daemon is not as expected"));
}

TEST(Print, WritesWhatWasRendered) {
  std::ostringstream out, err;
  EXPECT_EQ(print({out, err}, [] { return "text\n"; }), ExitCode::kOk);
  EXPECT_EQ(out.str(), "text\n");
  EXPECT_EQ(err.str(), "");
}

TEST(Pretty, IsAsciiAlone) {
  EXPECT_EQ(pretty(json{{"a",
                         "\xc2\x9b"
                         "31m\x1b"}}),
            "{\n  \"a\": \"\\u009b31m\\u001b\"\n}\n");
  EXPECT_EQ(pretty(json("\xff")), "\"\\ufffd\"\n");
}

TEST(Text, CannotCommandATerminal) {
  EXPECT_EQ(text(json("eth0\x1b[2J")), "eth0?[2J");
  EXPECT_EQ(text(nullptr), "-");
  EXPECT_THROW(text(json(7)), json::exception);
}

TEST(ClockTime, GrowsWithTheTime) {
  struct Row {
    json seconds;
    const char* expected;
  };
  for (const auto& [seconds, expected] :
       {Row{nullptr, "-"}, Row{0, "0:00"}, Row{9.99, "0:09"}, Row{60, "1:00"}, Row{3599.9, "59:59"},
        Row{3600, "1:00:00"}, Row{86399, "23:59:59"}, Row{86400, "1d00h"}, Row{277'200, "3d05h"},
        Row{-5, "0:00"}, Row{1e300, "11574074d01h"}}) {
    SCOPED_TRACE(expected);
    EXPECT_EQ(clock_time(seconds), expected);
  }
}

TEST(InSeconds, HasAtMostOneDigitMore) {
  struct Row {
    json seconds;
    const char* expected;
  };
  for (const auto& [seconds, expected] :
       {Row{nullptr, "-"}, Row{60, "60 s"}, Row{60.04, "60 s"}, Row{12.8, "12.8 s"},
        Row{0.25, "0.3 s"}, Row{1e12, "1000000000000 s"}}) {
    SCOPED_TRACE(expected);
    EXPECT_EQ(in_seconds(seconds), expected);
  }
}

TEST(Counted, KnowsThePlural) {
  EXPECT_EQ(text::counted(0, "host"), "0 hosts");
  EXPECT_EQ(text::counted(1, "host"), "1 host");
  EXPECT_EQ(text::counted(2, "host"), "2 hosts");
}

TEST(WithVendor, NamesTheMaker) {
  const text::MacVendors vendors{{"00:22:72:00:00:01", "Maker"},
                                 {"02:00:00:00:00:01", "(private)"}};
  EXPECT_EQ(with_vendor("00:22:72:00:00:01", vendors), "00:22:72:00:00:01 (Maker)");
  EXPECT_EQ(with_vendor("02:00:00:00:00:01", vendors), "02:00:00:00:00:01 (private)");
  EXPECT_EQ(with_vendor("00:22:72:00:00:02", vendors), "00:22:72:00:00:02");
}

TEST(CanonicalAddress, IsTheOneOfTheDaemon) {
  EXPECT_EQ(canonical_address("FF02:0::00FB"), Result<std::string>{"ff02::fb"});
  EXPECT_EQ(canonical_address("239.1.2.3"), Result<std::string>{"239.1.2.3"});
  EXPECT_EQ(canonical_address(""), Result<std::string>{""});
}

TEST(CanonicalAddress, SaysWhatIsNone) {
  const auto address = canonical_address("eth0\n");
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().message,
            "'eth0?' is not an address: write it like 239.1.2.3 or ff05::1");
}

TEST(ContainsIgnoringCase, FindsParts) {
  EXPECT_TRUE(contains_ignoring_case("Raspberry Pi", "PBERRY p"));
  EXPECT_TRUE(contains_ignoring_case("Raspberry Pi", ""));
  EXPECT_TRUE(contains_ignoring_case("", ""));
  EXPECT_FALSE(contains_ignoring_case("Raspberry Pi", "pip"));
}

}  // namespace
}  // namespace mcq::cli
