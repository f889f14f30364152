#include "client/api_client.hpp"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/fake_daemon.hpp"

namespace mcq::client {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::milliseconds kShort{50};

Result<json> ask(const std::string& answer) {
  const FakeDaemon daemon{{{"/v1/status", answer}}};
  return ApiClient{daemon.path}.get("/v1/status");
}

TEST(ApiClient, ReturnsTheAnswer) {
  FakeDaemon daemon{{{"/v1/groups", http_answer(R"({"groups":[]})")}}};
  const auto answer = ApiClient{daemon.path}.get("/v1/groups?limit=10");
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, json::parse(R"({"groups":[]})"));
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/groups?limit=10 HTTP/1.1"));
}

TEST(ApiClient, ReadsAnswersThatComeInChunks) {
  const auto answer =
      ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5\r\n{\"a\":\r\n3\r\n17}\r\n0\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, json::parse(R"({"a":17})"));
}

TEST(ApiClient, ReadsAnswersOfAnyLength) {  // Beast alone would stop at 8 MiB
  const std::string text(9 * 1024 * 1024, 'x');
  const auto answer = ask(http_answer("\"" + text + "\""));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_ref<const std::string&>().size(), text.size());
}

TEST(ApiClient, TakesNoAnswerThatIsNestedDeeply) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(ask(http_answer(nested(64))));
  EXPECT_TRUE(ask(http_answer("[\"" + std::string(1000, '[') + "\\\"[[\"]")));
  const auto refused = ask(http_answer(nested(65)));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("its answer is not JSON"));
  EXPECT_FALSE(ask(http_answer(nested(100'000))));
}

TEST(ApiClient, AnErrorOfTheApiIsItsSentence) {
  const auto answer =
      ask(http_answer(R"({"error":"limit is '0', but\u001b[2J"})", "400 Bad Request"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "limit is '0', but?[2J");
}

TEST(ApiClient, WhatIsNotTheApiIsSaidToBe) {
  struct Row {
    const char* what;
    std::string answer;
  };
  for (const auto& [what, answer] :
       {Row{"no HTTP", "220 mail.example ESMTP\r\n"}, Row{"no JSON", http_answer("<html>")},
        Row{"half a value", http_answer(R"({"groups":[)")},
        Row{"an error without a sentence", http_answer("{}", "404 Not Found")},
        Row{"an error that is no JSON", http_answer("gone", "410 Gone")}}) {
    SCOPED_TRACE(what);
    const auto got = ask(answer);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("is no igmp-querier ("));
    EXPECT_THAT(got.error().message, Not(HasSubstr("\n")));
  }
}

TEST(ApiClient, SaysThatTheConnectionWasClosed) {
  for (const auto* answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"gro"}) {
    SCOPED_TRACE(answer);
    const auto got = ask(answer);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("has closed the connection"));
  }
}

TEST(ApiClient, SaysWhereItLookedAndHowToStart) {
  const TemporaryDirectory directory;
  const auto path = directory / "api.sock";
  const auto expected = "no igmp-querier answers at '" + path +
                        "': start it with sudo systemctl start igmp-querier, or name its socket "
                        "with --api-socket";
  const auto missing = ApiClient{path}.get("/v1/status");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, expected);

  // A socket whose daemon is gone.
  const os::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  const auto refused = ApiClient{path}.get("/v1/status");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, expected);
}

TEST(ApiClient, SaysThatAPathCannotBeASocket) {
  for (const auto& path : {std::string{}, "/" + std::string(107, 'x')}) {
    SCOPED_TRACE(path);
    const auto got = ApiClient{path}.get("/v1/status");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().message,
              "a socket cannot be at '" + path + "': a path of 1 to 107 bytes is needed");
  }
  const auto longest = ApiClient{"/" + std::string(106, 'x')}.get("/v1/status");
  ASSERT_FALSE(longest);
  EXPECT_THAT(longest.error().message, HasSubstr("no igmp-querier answers"));
}

TEST(ApiClient, GivesUpOnASilentDaemon) {
  const TemporaryDirectory directory;
  const auto path = directory / "api.sock";
  const os::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(::listen(socket.get(), 5), 0);  // the kernel takes connections, and nobody answers
  const auto expected =
      "the daemon at '" + path + "' does not answer in time: it may be busy; try again";
  const ApiClient client{path, kShort};
  const auto got = client.get("/v1/status");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, expected);
  const auto followed = client.follow("/v1/events", [](const json&) { return true; });
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().message, expected);
}

TEST(ApiClient, HasPatienceWhileAnAnswerComes) {
  constexpr std::chrono::milliseconds kPatience{400};
  FakeDaemon daemon{{{"/v1/status", http_answer("[" + std::string(30, ' ') + "]")}}};
  daemon.pause_in_body = kPatience / 20;  // 32 of them are more than our patience
  const auto begin = std::chrono::steady_clock::now();
  const ApiClient client{daemon.path, kPatience};
  EXPECT_TRUE(client.get("/v1/status"));
  EXPECT_GT(std::chrono::steady_clock::now() - begin, kPatience);
}

TEST(ApiClient, GivesUpOnADaemonThatFallsSilent) {
  FakeDaemon daemon{{{"/v1/status", http_answer("[]")}}};
  daemon.pause_in_body = 5 * kShort;
  const auto got = ApiClient{daemon.path, kShort}.get("/v1/status");
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("does not answer in time"));
}

/// Acts as nobody while it lives, when we are root and nothing would be refused us.
class AsNobody {
 public:
  AsNobody() { is_other_ = ::geteuid() == 0 && ::seteuid(65534) == 0; }
  ~AsNobody() {
    if (is_other_ && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool is_other_ = false;
};

/// What somebody is told who may not use a socket of that group.
std::string refused(const FakeDaemon& daemon, const char* group) {
  EXPECT_EQ(::chown(daemon.path.c_str(), ::geteuid(), ::getgrnam(group)->gr_gid), 0);
  EXPECT_EQ(::chmod(daemon.path.c_str(), 0), 0);
  EXPECT_EQ(::chmod((daemon.directory / "").c_str(), 0755), 0);
  const AsNobody other;
  const auto got = ApiClient{daemon.path}.get("/v1/status");
  return got ? "" : got.error().message;
}

TEST(ApiClient, NamesTheGroupToJoin) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to groups";
  const FakeDaemon daemon{{}};
  const auto start = "not allowed to use '" + daemon.path + "': run with sudo";
  EXPECT_THAT(refused(daemon, "daemon"), HasSubstr(start + ", or join the group 'daemon' (sudo "
                                                           "usermod -aG daemon "));
  EXPECT_EQ(refused(daemon, "nogroup"), start) << "that of nobody is for nobody";
}

TEST(ApiClient, WhatIsForRootAloneNeedsSudo) {
  const AsNobody other;  // who may not even look into the folder
  const auto got = ApiClient{"/root/api.sock"}.get("/v1/status");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "not allowed to use '/root/api.sock': run with sudo");
}

struct Followed {
  Result<Ok> result;
  std::vector<json> events;
};

/// Follows an event stream with that body, until the event `last`.
Followed follow(const std::string& body, const json& last = "none",
                const std::string& head = "HTTP/1.1 200 OK\r\nConnection: close\r\n") {
  const FakeDaemon daemon{{{"/v1/events", head + "\r\n" + body}}};
  std::vector<json> events;
  auto result = ApiClient{daemon.path}.follow("/v1/events", [&](const json& event) {
    events.push_back(event);
    return event != last;
  });
  return {std::move(result), events};
}

TEST(ApiClient, FollowsEventsUntilTheDaemonIsGone) {
  const auto [result, events] = follow(
      ": welcome\n\nid: 1\nevent: reloaded\ndata: {\"id\":1}\n\n: still here\n\n"
      "id: 2\r\nevent: lost\r\ndata: {\"id\":\r\ndata: 2}\r\n\r\ndata:3\n\ndata: {\"id\":");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("has ended the event stream"));
  EXPECT_THAT(events, ElementsAre(json{{"id", 1}}, json{{"id", 2}}, 3));
}

TEST(ApiClient, FollowsEventsInChunks) {
  const auto [result, events] = follow("8\r\ndata: 1\n\r\n1\r\n\n\r\n0\r\n\r\n", "none",
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
  EXPECT_FALSE(result);
  EXPECT_THAT(events, ElementsAre(1));
}

TEST(ApiClient, StopsFollowingWhenItHasSeenEnough) {
  const auto [result, events] = follow("data: 1\n\ndata: 2\n\ndata: 3\n\n", 2);
  EXPECT_TRUE(result);
  EXPECT_THAT(events, ElementsAre(1, 2));
}

TEST(ApiClient, FollowingFailsAsAsking) {
  const auto answer = http_answer(R"({"error":"since is 'x'"})", "400 Bad Request");
  const FakeDaemon daemon{{{"/v1/events", answer}}};
  const auto refused = ApiClient{daemon.path}.follow("/v1/events", [](auto&) { return true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "since is 'x'");
  for (const auto& body : {std::string{"data: {no JSON\n\n"}, std::string(2 * 1024 * 1024, 'x')}) {
    const auto [result, events] = follow(body);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr("it does not send events"));
  }
}

}  // namespace
}  // namespace mcq::client
