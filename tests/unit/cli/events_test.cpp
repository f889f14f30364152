#include "cli/events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <sstream>
#include <streambuf>

#include "support/fake_daemon.hpp"
#include "support/run_command.hpp"

namespace mcq::cli {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The time zone while it lives.
class TimeZone {
 public:
  explicit TimeZone(const char* name) { set(name); }
  ~TimeZone() { set("UTC0"); }
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;

 private:
  static void set(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
};

json event(const std::string& kind = "group-added", const std::string& interface = "eth0") {
  return {{"id", 7},
          {"time", "2026-01-15T23:14:03.118Z"},
          {"event", kind},
          {"message", interface + ": 10.0.0.1 joined 239.1.1.1"},
          {"priority", "info"},
          {"interface-name", interface}};
}

TEST(RenderEvent, ShowsTheTimeHere) {
  const TimeZone zone{"CET-1"};
  EXPECT_EQ(render_event(event()),
            "2026-01-16 00:14:03.118 info eth0: 10.0.0.1 joined 239.1.1.1\n");
}

TEST(RenderEvent, ShowsATimeItDoesNotUnderstandAsItIs) {
  for (const auto* time : {"soon", "2026-01-15T23:14:03Z", "2026-01-15T23:14:03.118Z and more"}) {
    SCOPED_TRACE(time);
    auto odd = event();
    odd["time"] = time;
    EXPECT_EQ(render_event(odd), std::string{time} + " info eth0: 10.0.0.1 joined 239.1.1.1\n");
  }
}

TEST(RenderEvent, NamesTheInterfaceOnce) {
  const TimeZone zone{"UTC0"};
  auto unnamed = event();
  unnamed["message"] = "10.0.0.1 joined";
  EXPECT_THAT(render_event(unnamed), HasSubstr(" info eth0: 10.0.0.1 joined\n"));
  unnamed["message"] = "eth0 (MLD): fe80::1 joined";
  EXPECT_THAT(render_event(unnamed), HasSubstr(" info eth0 (MLD): fe80::1 joined\n"));
  unnamed["message"] = "eth0.20: 10.0.0.1 joined";
  EXPECT_THAT(render_event(unnamed), HasSubstr(" info eth0: eth0.20: 10.0.0.1 joined\n"));
}

TEST(RenderEvent, WorksWithoutWhatMayBeMissing) {
  const TimeZone zone{"UTC0"};
  const json least{
      {"id", 1}, {"time", "2026-01-15T23:14:03.118Z"}, {"event", "lost"}, {"message", "lost 3"}};
  EXPECT_EQ(render_event(least), "2026-01-15 23:14:03.118 info lost 3\n");
}

TEST(RenderEvent, CannotCommandATerminal) {
  auto evil = event();
  evil["message"] = "\x1b[2J\n";
  EXPECT_THAT(render_event(evil), HasSubstr(" eth0: ?[2J?\n"));
}

TEST(WantsEvent, KeepsKindsAndInterfaces) {
  Events all, kinds, interface;
  kinds.kinds = {"host-left", "group-added"};
  interface.client.interface = "eth1";
  EXPECT_TRUE(all.wants(event("dropped")));
  EXPECT_TRUE(kinds.wants(event("host-left")));
  EXPECT_FALSE(kinds.wants(event("host-joined")));
  EXPECT_TRUE(interface.wants(event("dropped", "eth1")));
  EXPECT_FALSE(interface.wants(event("dropped", "eth0")));
}

TEST(WantsEvent, WhatConcernsAllConcernsAnInterface) {
  Events interface;
  interface.client.interface = "eth1";
  auto reloaded = event("reloaded");
  reloaded.erase("interface-name");
  EXPECT_TRUE(interface.wants(reloaded));
}

TEST(WantsEvent, LossIsAlwaysTold) {
  Events kinds;
  kinds.kinds = {"dropped"};
  kinds.client.interface = "eth1";
  EXPECT_TRUE(kinds.wants(event("lost")));
}

std::string stream(const std::vector<json>& events) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
  for (const auto& one : events) text += "data: " + one.dump() + "\n\n";
  return text;
}

TEST(EventsCommand, PrintsLinesUntilTheDaemonIsGone) {
  const TimeZone zone{"UTC0"};
  FakeDaemon daemon{{{"/v1/events", stream({event(), event("dropped"), event("host-left")})}}};
  const auto outcome = run(Events{}, {"--since", "0", "--kind", "group-added", "--kind",
                                      "host-left", "--api-socket", daemon.path});
  EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
  const std::string line = "2026-01-15 23:14:03.118 info eth0: 10.0.0.1 joined 239.1.1.1\n";
  EXPECT_EQ(outcome.out, line + line);
  EXPECT_THAT(outcome.err, HasSubstr("has ended the event stream"));
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/events?since=0 HTTP/1.1"));
}

TEST(EventsCommand, PrintsLinesOfJson) {
  FakeDaemon daemon{{{"/v1/status", http_answer("{}")},
                     {"/v1/events", stream({event(), event("dropped", "eth1")})}}};
  const auto outcome = run(Events{}, {"--json", "-i", "eth1", "--api-socket", daemon.path});
  EXPECT_EQ(outcome.out, event("dropped", "eth1").dump() + "\n");
  EXPECT_THAT(daemon.requests(),
              ElementsAre("GET /v1/status?interface=eth1 HTTP/1.1", "GET /v1/events HTTP/1.1"));
}

TEST(EventsCommand, AnInterfaceThatIsNotServedIsAnError) {
  FakeDaemon daemon{{{"/v1/status", http_answer(R"({"error":"no eth9"})", "400 Bad Request")},
                     {"/v1/events", stream({event()})}}};
  const auto outcome = run(Events{}, {"-i", "eth9", "--api-socket", daemon.path});
  EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "igmp-querier: no eth9\n");
}

/// An event of another time.
json event_at(int id, const std::string& time) {
  auto one = event();
  one["id"] = id;
  one["time"] = time;
  one["message"] = "eth0: event " + std::to_string(id);
  return one;
}

TEST(EventsCommand, WhatIsKeptIsPrintedAndThenItEnds) {
  const TimeZone zone{"UTC0"};
  FakeDaemon daemon{{{"/v1/events", stream({event(), event("dropped")})}}};
  const auto outcome = run(Events{}, {"--no-follow", "--api-socket", daemon.path});
  EXPECT_EQ(outcome.code, ExitCode::kOk);
  EXPECT_EQ(outcome.err, "");
  const std::string line = "2026-01-15 23:14:03.118 info eth0: 10.0.0.1 joined 239.1.1.1\n";
  EXPECT_EQ(outcome.out, line + line);
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/events?since=0&follow=false HTTP/1.1"));
}

TEST(EventsCommand, TheLatestLinesComeBeforeWhatFollows) {
  FakeDaemon daemon{{{"/v1/events", stream({event_at(1, "2026-01-15T23:14:03.118Z"),
                                            event_at(2, "2026-01-15T23:14:04.118Z"),
                                            event_at(3, "2026-01-15T23:14:05.118Z")})}}};
  const auto outcome = run(Events{}, {"-n", "2", "-f", "--api-socket", daemon.path});
  EXPECT_THAT(outcome.out,
              Not(testing::StartsWith("2026-01-15 23:14:03.118 info eth0: event 1\n")));
  EXPECT_THAT(outcome.out, HasSubstr("eth0: event 2\n"));
  const auto none = run(Events{}, {"-n", "0", "--no-follow", "--api-socket", daemon.path});
  EXPECT_EQ(none.code, ExitCode::kOk);
  EXPECT_EQ(none.out, "");
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/events?since=0&follow=false HTTP/1.1",
                                             "GET /v1/events?since=3 HTTP/1.1",
                                             "GET /v1/events?since=0&follow=false HTTP/1.1"));
}

TEST(EventsCommand, ATimeChoosesTheLaterEvents) {
  FakeDaemon daemon{{{"/v1/events", stream({event_at(1, "2001-01-15T23:14:03.118Z"),
                                            event_at(2, "2999-01-15T23:14:04.118Z")})}}};
  for (const auto* time : {"10m", "90s", "2h", "1.5h"}) {
    const auto outcome =
        run(Events{}, {"--since", time, "--no-follow", "--api-socket", daemon.path});
    EXPECT_THAT(outcome.out, Not(HasSubstr("event 1\n"))) << time;
    EXPECT_THAT(outcome.out, HasSubstr("event 2\n")) << time;
  }
  const auto all = run(Events{}, {"--since", "0", "--no-follow", "--api-socket", daemon.path});
  EXPECT_THAT(all.out, HasSubstr("event 1\n"));
}

TEST(EventsCommand, ATimeIsANumberWithAUnit) {
  for (const auto* time : {"yesterday", "10x", "m", "1e9h", "nan"}) {
    const auto outcome = run(Events{}, {"--since", time});
    EXPECT_EQ(outcome.code, ExitCode::kWrongUsage) << time;
    EXPECT_THAT(outcome.err, HasSubstr("such as 90s, 10m or 2h")) << time;
  }
  EXPECT_THROW(run(Events{}, {"--follow", "--no-follow"}), CLI::ParseError);
  EXPECT_THROW(run(Events{}, {"-n", "many"}), CLI::ParseError);
}

TEST(RenderEvent, APriorityHasAColour) {
  auto bad = event();
  bad["priority"] = "error";
  EXPECT_THAT(render_event(bad, {.has_colours = true}), HasSubstr(" \x1b[1;31merror\x1b[0m eth0"));
  EXPECT_THAT(render_event(bad), HasSubstr(" error eth0"));
  EXPECT_THAT(render_event(event(), {.has_colours = true}), Not(HasSubstr("\x1b")));
}

TEST(EventsCommand, ANumberIsForTheDaemonToJudge) {
  const auto refusal = http_answer(R"({"error":"since is no number"})", "400 Bad Request");
  FakeDaemon daemon{{{"/v1/events", refusal}}};
  const auto outcome =
      run(Events{}, {"--since", "99999999999999999999", "--api-socket", daemon.path});
  EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
  EXPECT_EQ(outcome.err, "igmp-querier: since is no number\n");
  EXPECT_THAT(daemon.requests(), ElementsAre("GET /v1/events?since=99999999999999999999 HTTP/1.1"));
}

/// Takes nothing that is written to it.
class Full : public std::streambuf {};

TEST(EventsCommand, SaysThatItCannotWrite) {
  const FakeDaemon daemon{{{"/v1/events", stream({event()})}}};
  Full full;
  std::ostream out{&full};
  std::ostringstream err;
  Events events;
  events.client.socket = daemon.path;
  EXPECT_EQ(events.run({out, err}), ExitCode::kCannotRun);
  EXPECT_EQ(err.str(), "igmp-querier: cannot write to standard output\n");
}

TEST(EventsCommand, AKindMustExist) {
  EXPECT_THROW(run(Events{}, {"--kind", "explosion"}), CLI::ParseError);
  const FakeDaemon daemon{{}};
  for (const auto* kind : {"reloaded", "lost"}) {
    const auto outcome = run(Events{}, {"--kind", kind, "--api-socket", daemon.path});
    EXPECT_THAT(outcome.err, HasSubstr("has closed the connection")) << kind;
  }
}

TEST(EventsCommand, StopsAtAnEventOfAnotherVersion) {
  const FakeDaemon daemon{{{"/v1/events", stream({json{{"id", 1}}, event()})}}};
  const auto outcome = run(Events{}, {"--api-socket", daemon.path});
  EXPECT_EQ(outcome.code, ExitCode::kNoAnswer);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("is not as expected"));
}

}  // namespace
}  // namespace mcq::cli
