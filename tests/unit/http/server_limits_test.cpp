// What clients cost that are many, slow or silent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <memory>

#include "support/http_rig.hpp"

namespace mcq::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Duration kShort = 20ms;
/// All are patient but the one that a test is about.
constexpr ServerTimeouts kPatient{kLong, kLong, kLong, kLong, kLong, kLong};

ServerTimeouts patient_but(Duration ServerTimeouts::*impatient) {
  auto patience = kPatient;
  patience.*impatient = kShort;
  return patience;
}

/// Connections that are silent, once the server has seen them all.
std::vector<Client> silent(HttpRig& rig, int count) {
  std::vector<Client> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(rig.connect());
    EXPECT_TRUE(clients.back().is_connected());
    rig.turn();
  }
  return clients;
}

/// A body that is longer than what the system takes for a client that does not read.
Response long_answer() { return Response{200, "", std::string(4 << 20, 'x')}; }

TEST(HttpServerLimits, HalfARequestHasItsTime) {
  HttpRig rig{patient_but(&ServerTimeouts::request)};
  const auto before = count_descriptors();
  auto client = rig.request(kGet.substr(0, 20));
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_EQ(count_descriptors(), before + 1);
  EXPECT_EQ(rig.ask().status, "200 OK");
}

TEST(HttpServerLimits, WhileItHasTimeARequestMayStillBeCompleted) {
  HttpRig rig;
  auto client = rig.request(kGet.substr(0, 20));
  EXPECT_FALSE(rig.io.run_one_for(kShort) > 1);
  EXPECT_FALSE(client.is_closed());
  client.send(kGet.substr(20));
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.status, "200 OK");
}

TEST(HttpServerLimits, BytesNowAndThenDoNotGiveARequestMoreTime) {
  HttpRig rig{patient_but(&ServerTimeouts::request)};
  auto client = rig.connect();
  EXPECT_TRUE(rig.until([&] {
    client.send("x");
    return client.is_closed();
  }));
  EXPECT_THAT(rig.requests, IsEmpty());
}

TEST(HttpServerLimits, WhoeverDoesNotReadItsAnswerIsCut) {
  HttpRig rig{patient_but(&ServerTimeouts::read)};
  rig.answer = long_answer;
  const auto before = count_descriptors();
  auto client = rig.request();
  ASSERT_TRUE(rig.until([&] { return !rig.requests.empty(); }));
  EXPECT_TRUE(rig.until([&] { return count_descriptors() == before + 1; }));
  EXPECT_LT(client.received().size(), 4U << 20U);
}

TEST(HttpServerLimits, WhoeverReadsGetsItAllHoweverLongThatTakes) {
  HttpRig rig{patient_but(&ServerTimeouts::request)};
  rig.answer = long_answer;
  auto client = rig.request();
  ASSERT_TRUE(rig.until([&] { return !rig.requests.empty(); }));
  rig.io.run_for(2 * kShort);
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.body.size(), 4U << 20U);
}

TEST(HttpServerLimits, AnAnswerWithoutEndHasItsTime) {
  HttpRig rig{patient_but(&ServerTimeouts::answer)};
  rig.answer = [] { return Response{200, "", BodySource{[] { return std::string(1000, ' '); }}}; };
  auto client = rig.request();
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_FALSE(Answer{client.received()}.is_whole);
}

TEST(HttpServerLimits, WhoeverStaysAfterItsAnswerIsCut) {
  HttpRig rig{patient_but(&ServerTimeouts::close)};
  const auto before = count_descriptors();
  auto client = rig.request();
  ASSERT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_TRUE(rig.until([&] { return count_descriptors() == before + 1; }));
}

TEST(HttpServerLimits, WhoeverGoesAfterItsAnswerIsForgottenAtOnce) {
  HttpRig rig;
  const auto before = count_descriptors();
  EXPECT_EQ(rig.ask().status, "200 OK");
  rig.turn();
  EXPECT_EQ(count_descriptors(), before);
}

TEST(HttpServerLimits, NothingWakesAServerWithoutClients) {
  HttpRig rig{{kShort, kShort, kShort, kShort, kShort}};
  EXPECT_EQ(rig.ask().status, "200 OK");
  rig.turn();
  EXPECT_EQ(rig.io.run_for(3 * kShort), 0U);
}

/// Connections whose request is complete, and which do not read their answer.
std::vector<Client> asking(HttpRig& rig, int count) {
  const auto body = std::make_shared<const std::string>(4 << 20, 'x');
  rig.answer = [=] { return Response{200, "", SharedBody{body}}; };
  std::vector<Client> clients;
  for (int i = 0; i < count; ++i) {
    const auto before = rig.requests.size();
    clients.push_back(rig.request());
    EXPECT_TRUE(rig.until([&] { return rig.requests.size() > before; }));
  }
  rig.answer = [] { return Response{200, "", "{}"}; };
  return clients;
}

TEST(HttpServerLimits, OneMoreThanTheMostIsToldSo) {
  HttpRig rig;
  auto clients = asking(rig, Server::kMaxConnections);
  const auto answer = rig.ask();
  EXPECT_EQ(answer.status, "503 Service Unavailable");
  EXPECT_THAT(answer.body, HasSubstr("64 are served at a time"));
  EXPECT_THAT(rig.requests, SizeIs(Server::kMaxConnections));
  for (auto& client : clients) EXPECT_FALSE(client.is_closed());
  clients.pop_back();
  rig.turn();
  EXPECT_EQ(rig.ask().status, "200 OK");
}

TEST(HttpServerLimits, TheOldestThatHasAskedNothingMakesRoom) {
  HttpRig rig;
  auto asked = asking(rig, Server::kMaxConnections - 2);
  auto clients = silent(rig, 2);
  EXPECT_EQ(rig.ask().status, "200 OK");
  EXPECT_TRUE(clients[0].is_closed());
  EXPECT_THAT(clients[0].received(), IsEmpty());
  EXPECT_FALSE(clients[1].is_closed());
  for (auto& client : asked) EXPECT_FALSE(client.is_closed());
}

TEST(HttpServerLimits, AThousandConnectionsTakeFewDescriptors) {
  HttpRig rig;
  const auto before = count_descriptors();
  auto clients = silent(rig, 1000);
  EXPECT_EQ(count_descriptors() - before - 1000, Server::kMaxConnections);
  const auto closed = std::count_if(clients.begin(), clients.end(),
                                    [](auto& client) { return client.is_closed(); });
  EXPECT_EQ(closed, 1000 - Server::kMaxConnections);
  EXPECT_EQ(rig.ask().status, "200 OK");
  clients.clear();
  EXPECT_TRUE(rig.until([&] { return count_descriptors() == before; }));
}

TEST(HttpServerLimits, AThousandBesideThoseThatAskTakeFewDescriptors) {
  HttpRig rig;
  const auto before = count_descriptors();
  auto asked = asking(rig, Server::kMaxConnections);
  auto clients = silent(rig, 1000);
  EXPECT_EQ(count_descriptors() - before - 1000, 2 * Server::kMaxConnections + 16);
  const auto told = std::count_if(clients.begin(), clients.end(), [](auto& client) {
    return client.is_closed() && Answer{client.received()}.status == "503 Service Unavailable";
  });
  EXPECT_EQ(told, 1000);
  asked.clear();
  clients.clear();
  EXPECT_TRUE(rig.until([&] { return count_descriptors() == before; }));
  EXPECT_EQ(rig.ask().status, "200 OK");
}

TEST(HttpServerLimits, SilentOnesMakeRoomInTime) {
  HttpRig rig{patient_but(&ServerTimeouts::request)};
  const auto clients = silent(rig, 200);
  EXPECT_TRUE(rig.until([&] { return rig.ask().status == "200 OK"; }));
}

/// As long as it lives, this process gets no more descriptors.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(HttpServerLimits, WithoutDescriptorsItTriesAgainLater) {
  HttpRig rig;
  auto client = rig.request();
  {
    const NoMoreDescriptors limit;
    EXPECT_EQ(rig.turn(), 1U);
    EXPECT_EQ(rig.io.run_for(kShort), 0U);  // no busy loop
  }
  EXPECT_EQ(rig.io.run_for(kShort), 0U);  // it waits for its time
  EXPECT_FALSE(client.is_closed());
}

TEST(HttpServerLimits, OnceThereAreDescriptorsAgainItAnswers) {
  HttpRig rig{patient_but(&ServerTimeouts::accept_again)};
  auto client = rig.request();
  {
    const NoMoreDescriptors limit;
    rig.io.run_for(3 * kShort);
    EXPECT_FALSE(client.is_closed());
  }
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
  EXPECT_EQ(Answer{client.received()}.status, "200 OK");
}

TEST(HttpServerLimits, ItTriesAgainEvenWhenAnotherTimeEndsBefore) {
  auto patience = patient_but(&ServerTimeouts::request);
  patience.accept_again = 3 * kShort;
  HttpRig rig{patience};
  rig.answer = [] { return Response{200, "", FollowEvents{}}; };
  auto follower = rig.request();  // stays
  ASSERT_TRUE(rig.until([&] { return follower.has("200 OK"); }));
  auto half = silent(rig, 1);
  auto client = rig.request();
  {
    const NoMoreDescriptors limit;
    rig.turn();
  }
  EXPECT_TRUE(rig.until([&] { return half[0].is_closed(); }));
  EXPECT_TRUE(rig.until([&] { return client.has("200 OK"); }));
}

TEST(HttpServerLimits, ItTriesAgainEvenOnceAllOthersHaveGone) {
  HttpRig rig{patient_but(&ServerTimeouts::accept_again)};
  auto others = silent(rig, 1);
  auto client = rig.request();
  {
    const NoMoreDescriptors limit;
    rig.turn();
  }
  others.clear();
  rig.turn();
  EXPECT_TRUE(rig.until([&] { return client.is_closed(); }));
}

}  // namespace
}  // namespace mcq::http
