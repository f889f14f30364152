#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "support/http_rig.hpp"

namespace mcq::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A request with that many bytes of headers.
const std::string kRequestLine = "GET / HTTP/1.1\r\n";

/// With that many bytes behind the request line.
std::string request_of(std::size_t bytes) {
  const std::string begin = "X: ", end = "\r\n\r\n";
  return kRequestLine + begin + std::string(bytes - begin.size() - end.size(), 'x') + end;
}

std::string with_body(std::size_t bytes) {
  return "POST /v1/query HTTP/1.1\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
         std::string(bytes, 'x');
}

/// Makes `count` pieces of a body, each of `size` times "x".
struct Pieces {
  int count = 0;
  std::size_t size = 1;
  std::shared_ptr<int> made = std::make_shared<int>(0);

  std::string operator()() const {
    return (*made)++ < count ? std::string(size, 'x') : std::string{};
  }
  Response answer() const { return Response{200, "", BodySource{*this}}; }
};

TEST(Server, AnswersWithWhatTheHandlerSays) {
  HttpRig rig;
  rig.answer = [] { return Response{200, "", R"({"a":1})"}; };
  const auto answer = rig.ask("GET /v1/groups?limit=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(answer.status, "200 OK");
  EXPECT_EQ(answer.head,
            "Connection: close\r\nCache-Control: no-store\r\nContent-Type: application/json\r\n"
            "Content-Length: 7\r\nX-Further: yes\r\n");
  EXPECT_EQ(answer.body, R"({"a":1})");
  ASSERT_THAT(rig.requests, SizeIs(1));
  EXPECT_EQ(rig.requests[0].method, "GET");
  EXPECT_EQ(rig.requests[0].target, "/v1/groups?limit=1");
  EXPECT_EQ(rig.requests[0].last_event_id, "");
  EXPECT_EQ(rig.requests[0].is_root, ::geteuid() == 0);
}

TEST(Server, AnAnswerHasItsTypeAndEncoding) {
  HttpRig rig;
  rig.answer = [] { return Response{.body = "abc", .type = "text/css", .is_gzip = true}; };
  const auto answer = rig.ask();
  EXPECT_TRUE(answer.has("Content-Type: text/css\r\n"));
  EXPECT_TRUE(answer.has("Content-Encoding: gzip\r\n"));
  EXPECT_EQ(answer.body, "abc");
}

TEST(Server, PassesOnWhetherGzipIsAccepted) {
  struct Row {
    const char* accepted;
    bool is_accepted;
  };
  for (const auto& [accepted, is_accepted] :
       {Row{"gzip", true}, Row{"gzip, deflate, br, zstd", true}, Row{"br, gzip;q=0.5", true},
        Row{"", false}, Row{"deflate", false}, Row{"gzip;q=0", false}, Row{"gzip;q=0.000", false},
        Row{"gzipped", false}}) {
    HttpRig rig;
    rig.ask(std::string{"GET / HTTP/1.1\r\nAccept-Encoding: "} + accepted + "\r\n\r\n");
    EXPECT_EQ(rig.requests.at(0).accepts_gzip, is_accepted) << accepted;
  }
}

TEST(Server, PassesOnTheHost) {
  HttpRig rig;
  rig.ask("GET / HTTP/1.1\r\nhOST: one\r\n\r\n");
  rig.ask("GET / HTTP/1.1\r\nHost: one\r\nHost: two\r\n\r\n");
  rig.ask("GET / HTTP/1.1\r\nHosts: one\r\n\r\n");
  EXPECT_EQ(rig.requests.at(0).host, "one");
  EXPECT_EQ(rig.requests.at(1).host, "one, two");
  EXPECT_EQ(rig.requests.at(2).host, "");
}

TEST(Server, ABodyMayBeShared) {
  HttpRig rig;
  const auto body = std::make_shared<const std::string>(1 << 20, 'x');
  rig.answer = [&] { return Response{.body = body}; };
  for (int i = 0; i < 2; ++i) {
    const auto answer = rig.ask();
    EXPECT_TRUE(answer.is_whole);
    EXPECT_EQ(answer.body, *body);
  }
  rig.turn();
  rig.answer = nullptr;
  EXPECT_EQ(body.use_count(), 1);
}

TEST(Server, ASharedBodyIsNotCopiedForThoseWhoDoNotRead) {
  HttpRig rig;
  const auto body = std::make_shared<const std::string>(8 << 20, 'x');
  rig.answer = [&] { return Response{.body = body}; };
  auto client = rig.request();
  ASSERT_TRUE(rig.until([&] { return !rig.requests.empty() && rig.turn() == 0; }));
  EXPECT_EQ(body.use_count(), 2);
  rig.server.reset();
  rig.turn();
  EXPECT_EQ(body.use_count(), 1);
}

/// A server that has been asked, and answers when `give` is called.
struct LateRig : HttpRig {
  LateRig() {
    answer = [this] {
      return Response{.body = DeferredResponse{[this](auto later) { give = std::move(later); }}};
    };
    EXPECT_TRUE(until([&] { return give != nullptr; }));
  }
  std::function<void(Response)> give;
  Client client = request();
};

TEST(Server, AnAnswerMayComeLater) {
  LateRig rig;
  EXPECT_EQ(rig.client.received(), "");
  rig.give({.status = 404, .body = "late"});
  ASSERT_TRUE(rig.until([&] { return rig.client.is_closed(); }));
  EXPECT_EQ(Answer{rig.client.received()}.status, "404 Not Found");
  EXPECT_EQ(Answer{rig.client.received()}.body, "late");
}

TEST(Server, AnAnswerMayComeTooLate) {
  LateRig rig;
  rig.server.reset();
  rig.give({.body = "late"});
  ASSERT_TRUE(rig.until([&] { return rig.client.is_closed(); }));
  EXPECT_EQ(rig.client.received(), "");
}

TEST(Server, TellsWhichMethodsAreAllowed) {
  HttpRig rig;
  rig.answer = [] { return Response{405, "GET", "{}"}; };
  const auto answer = rig.ask("BREW / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer.status, "405 Method Not Allowed");
  EXPECT_TRUE(answer.has("Allow: GET\r\n"));
  EXPECT_EQ(rig.requests.at(0).method, "BREW");
}

TEST(Server, PassesTheLastEventOn) {
  HttpRig rig;
  rig.ask("GET /v1/events HTTP/1.1\r\nlast-event-id: 17\r\n\r\n");
  EXPECT_EQ(rig.requests.at(0).last_event_id, "17");
}

TEST(Server, AHandlerThatThrowsIsAnError) {
  HttpRig rig;
  rig.answer = []() -> Response { throw std::runtime_error{"no \"luck\""}; };
  const auto answer = rig.ask();
  EXPECT_EQ(answer.status, "500 Internal Server Error");
  EXPECT_THAT(answer.body, HasSubstr(R"({"error":"the answer cannot be made: no \"luck\""})"));
}

TEST(Server, ARequestMayComeByteByByte) {
  HttpRig rig;
  auto client = rig.connect();
  for (const char byte : kGet) {
    rig.turn();
    EXPECT_THAT(rig.requests, IsEmpty());
    EXPECT_EQ(client.send({byte}), 1U);
  }
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.status, "200 OK");
}

TEST(Server, OneRequestIsAnsweredAConnection) {
  HttpRig rig;
  EXPECT_EQ(rig.ask(kGet + kGet).body, "{}");
  EXPECT_THAT(rig.requests, SizeIs(1));
}

TEST(Server, ALongRequestIsAnswered) {
  HttpRig rig;
  // Boost 1.92 counts the request line, too; others count what follows it.
  const auto request = request_of(kMaxHead - kRequestLine.size());
  EXPECT_EQ(rig.ask(request).status, "200 OK");
}

TEST(Server, ALongerRequestIsRefused) {
  HttpRig rig;
  const auto answer = rig.ask(request_of(kMaxHead + 1));
  EXPECT_EQ(answer.status, "431 Request Header Fields Too Large");
  EXPECT_TRUE(answer.is_whole);
  EXPECT_THAT(answer.body, HasSubstr("8192 bytes"));
  EXPECT_EQ(rig.ask("GET /" + std::string(kMaxHead, 'x')).status, answer.status);
  EXPECT_THAT(rig.requests, IsEmpty());
}

TEST(Server, WhoeverSendsMuchMoreSeesTheRefusalToo) {
  HttpRig rig;
  auto client = rig.connect();
  const auto all = request_of(1 << 20);
  std::size_t sent = 0;
  ASSERT_TRUE(rig.until([&] {
    sent += client.send(all.substr(sent, 100'000));
    return sent == all.size();
  }));
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.status, "431 Request Header Fields Too Large");
}

TEST(Server, WhoeverNeverStopsSendingIsCut) {
  HttpRig rig;
  const auto before = count_descriptors();
  auto client = rig.connect();
  const std::string flood(100'000, 'x');
  std::size_t sent = 0;
  EXPECT_TRUE(rig.until([&] {
    sent += client.send(flood);
    return client.has("HTTP/1.1 4") && count_descriptors() == before + 1;
  }));
  EXPECT_LT(sent, 4U << 20U);
}

TEST(Server, AShortBodyIsIgnored) {
  HttpRig rig;
  EXPECT_EQ(rig.ask(with_body(kMaxBody)).status, "200 OK");
}

TEST(Server, ALongBodyIsRefused) {
  HttpRig rig;
  const auto answer = rig.ask(with_body(kMaxBody + 1));
  EXPECT_EQ(answer.status, "413 Payload Too Large");
  EXPECT_THAT(answer.body, HasSubstr("1024 bytes"));
  EXPECT_EQ(rig.ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n" +
                    std::string(0x401, 'x') + "\r\n0\r\n\r\n")
                .status,
            "413 Payload Too Large");
  EXPECT_THAT(rig.requests, IsEmpty());
}

TEST(Server, WhatIsNoRequestIsRefused) {
  HttpRig rig;
  for (const char* const text :
       {"hello\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n"}) {
    SCOPED_TRACE(text);
    const auto answer = rig.ask(text);
    EXPECT_EQ(answer.status, "400 Bad Request");
    EXPECT_THAT(answer.body, HasSubstr(R"({"error":"this is not a request of HTTP/1.1: )"));
  }
  EXPECT_THAT(rig.requests, IsEmpty());
}

TEST(Server, WhoeverGoesBeforeItsRequestIsWholeIsForgotten) {
  HttpRig rig;
  const auto before = count_descriptors();
  {
    auto client = rig.request(kGet.substr(0, 20));
    rig.turn();
  }
  EXPECT_TRUE(rig.until([&] { return count_descriptors() == before; }));
  EXPECT_THAT(rig.requests, IsEmpty());
}

TEST(Server, ALongBodyComesInChunks) {
  HttpRig rig;
  rig.answer = [] { return Pieces{.count = 3, .size = 20}.answer(); };
  const auto answer = rig.ask();
  EXPECT_TRUE(answer.has("Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(answer.has("Content-Length"));
  EXPECT_EQ(answer.body, std::string(60, 'x'));
  EXPECT_TRUE(answer.is_whole);
}

TEST(Server, HttpOfVersionOneKnowsNoChunks) {
  HttpRig rig;
  rig.answer = [] { return Pieces{.count = 3, .size = 20}.answer(); };
  const auto answer = rig.ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(answer.has("Transfer-Encoding"));
  EXPECT_EQ(answer.body, std::string(60, 'x'));
}

TEST(Server, APieceIsMadeOnceTheOneBeforeItIsSent) {
  HttpRig rig;
  const Pieces pieces{.count = 1000, .size = 32 * 1024};
  rig.answer = [&] { return pieces.answer(); };
  auto client = rig.request();
  for (int turns = 1; rig.io.poll_one() > 0; ++turns) EXPECT_LE(*pieces.made, turns);
  const auto made = *pieces.made;
  EXPECT_GT(made, 1);
  EXPECT_LT(made, 100);  // as many as the system keeps for a client that does not read
  client.received();
  EXPECT_TRUE(rig.until([&] { return *pieces.made > made; }));
}

TEST(Server, APieceThatThrowsEndsTheAnswerInTheMiddle) {
  HttpRig rig;
  rig.answer = [] {
    return Response{200, "", BodySource{[made = 0]() mutable -> std::string {
                      if (++made == 2) throw std::runtime_error{"no more"};
                      return "xx";
                    }}};
  };
  const auto answer = rig.ask();
  EXPECT_EQ(answer.status, "200 OK");
  EXPECT_EQ(answer.body, "xx");
  EXPECT_FALSE(answer.is_whole);
}

TEST(Server, NoPieceIsMadeForAClientThatHasGone) {
  HttpRig rig;
  const Pieces pieces{.count = 1000, .size = 32 * 1024};
  rig.answer = [&] { return pieces.answer(); };
  {
    auto client = rig.request();
    rig.turn();
  }
  EXPECT_EQ(pieces.made.use_count(), 2);
  const auto made = *pieces.made;
  rig.answer = nullptr;
  EXPECT_TRUE(rig.until([&] { return pieces.made.use_count() == 1; }));
  EXPECT_EQ(*pieces.made, made);
}

TEST(Server, TheSocketIsThereWhileTheServerIs) {
  HttpRig rig;
  EXPECT_TRUE(std::filesystem::is_socket(rig.path));
  rig.server.reset();
  EXPECT_FALSE(std::filesystem::exists(rig.path));
  EXPECT_FALSE(rig.connect().is_connected());
}

TEST(Server, OneServerAnswersAtAPath) {
  HttpRig rig;
  EventStream events;
  const auto second = Server::start(rig.io, os::ServerSocket::listen(rig.path), {}, events);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("already answers"));
  EXPECT_EQ(rig.ask().status, "200 OK");
}

TEST(Server, AllConnectionsEndWithTheServer) {
  HttpRig rig;
  const Pieces pieces{.count = 1000, .size = 32 * 1024};
  rig.answer = [&] { return pieces.answer(); };
  const auto without = count_descriptors();
  auto silent = rig.connect(), reading = rig.request();
  rig.turn();
  EXPECT_EQ(count_descriptors(), without + 4);
  EXPECT_FALSE(silent.is_closed());
  rig.answer = nullptr;
  rig.server.reset();
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(reading.is_closed());
  rig.turn();
  EXPECT_EQ(pieces.made.use_count(), 1);
  EXPECT_LE(count_descriptors(), without + 2);
}

TEST(Server, AServerMayTakeThePlaceOfAnother) {
  EventStream events;  // the rig's server uses it in the end
  HttpRig rig;
  auto other = Server::start(
      rig.io, os::ServerSocket::listen(rig.directory / "other"),
      [](const auto&) {
        return Response{200, "", "2"};
      },
      events);
  ASSERT_TRUE(other);
  *rig.server = std::move(*other);
  EXPECT_FALSE(rig.connect().is_connected());
  Client client{rig.directory / "other"};
  client.send(kGet);
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.body, "2");
}

}  // namespace
}  // namespace mcq::http
