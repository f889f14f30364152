#include "soak/verdict.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "soak/duration_text.hpp"
#include "text/printable.hpp"

namespace mcq::soak {
namespace {

/// The kernel repeats the report of a join within this time (RFC 2236 §8.10).
constexpr Duration kRepeatsOfJoin = 10s;
/// A stream that ends so much earlier than planned is not cut short.
constexpr Duration kRounding = 2s;
/// Queries come so much before their answers at most, with the usual settings.
constexpr Duration kResponse = 10s;

std::string address(const std::optional<IpAddress>& known) {
  return known ? to_string(*known) : "nobody";
}

/// Whether this host was asked and did not answer.
bool is_mute(const Reception& result, const Outage& outage) {
  const auto until = outage.is_over() ? outage.end : result.ended;
  return result.sees_reports && outage.query && !outage.answer && until - *outage.query > kResponse;
}

/// Whether joining again did not help: the switch is not what keeps the stream away.
bool is_cut_off(const Reception& result) {
  return result.has_died() && result.rejoined && !result.back_after_rejoin;
}

/// Whether the switch may have forgotten this host: not when the stream came back without a report.
bool is_forgetting(const Reception& result, const Outage& outage) {
  if (!outage.is_over()) return !is_cut_off(result);
  return !result.sees_reports || outage.answer.has_value();
}

/// The one that tells the memory of the switch: the soonest after a report. Null without one.
const Outage* telling_outage(const Reception& result) {
  const Outage* soonest = nullptr;
  for (const auto& outage : result.outages) {
    if (!is_forgetting(result, outage)) continue;
    const auto age = outage.begin - outage.report;
    if (soonest == nullptr || age < soonest->begin - soonest->report) soonest = &outage;
  }
  return soonest;
}

Memory memory_of(const Reception& result, const Outage& outage) {
  const auto age = outage.begin - outage.report;
  if (result.sees_reports) return {age, age};
  return {std::max(age - kRepeatsOfJoin, Duration{}), age};
}

class Judge {
 public:
  explicit Judge(const Reception& result) : result_(result) {}

  Verdict judge() {
    if (!result_.sender) {
      nothing();
    } else if (result_.has_died()) {
      died();
    } else if (!result_.outages.empty()) {
      came_back();
    } else {
      lived();
    }
    loss();
    others();
    return std::move(verdict_);
  }

 private:
  void say(std::string sentence) { verdict_.sentences.push_back(std::move(sentence)); }
  void advise(std::string sentence) { verdict_.advice.push_back(std::move(sentence)); }
  std::string at(TimePoint time) const { return clock(time - result_.first); }

  void nothing() {
    verdict_.outcome = Outcome::kNothing;
    say(fmt::format("nothing came in {}", clock(result_.ended - result_.joined)));
    advise(
        "check that the sender runs on this LAN, with the same group and port, and that no "
        "firewall "
        "here drops its UDP port");
  }

  void died() {
    verdict_.outcome = Outcome::kDied;
    const auto& outage = result_.outages.back();
    say(fmt::format("the stream died after {}: nothing came for the remaining {}", at(outage.begin),
                    clock(result_.ended - outage.begin)));
    if (result_.back_after_rejoin) {
      say(
          fmt::format("it came back {} after the group was joined again: the sender still sends, "
                      "the switch had forgotten this host",
                      in_seconds(*result_.back_after_rejoin)));
    }
    if (is_cut_off(result_)) say("it did not come back when the group was joined again");
    memory();
  }

  void came_back() {
    verdict_.outcome = Outcome::kCameBack;
    const auto& outage = result_.outages.front();
    const auto count = result_.outages.size();
    say(fmt::format("the stream stopped {}after {}, for {}",
                    count == 1 ? "" : fmt::format("{} times, first ", count), at(outage.begin),
                    in_seconds(outage.end - outage.begin)));
    if (outage.answer) {
      say(fmt::format(
          "it came back {} after this host's report, which {}",
          in_seconds(outage.end - *outage.answer),
          outage.query ? "answered a query of " + address(result_.querier) : "no query asked for"));
    }
    memory();
  }

  void memory() {
    const auto* outage = telling_outage(result_);
    if (outage == nullptr) {
      say("no report of this host changed that: the sender or a link on the way had stopped, "
          "which tells nothing of the switch's memory");
      advise("look at the sender and the cables, then measure again");
      return;
    }
    const auto memory = memory_of(result_, *outage);
    verdict_.memory = memory;
    const auto age = in_seconds(outage->begin - outage->report);
    const auto* const condition =
        outage->is_over() || result_.rejoined ? "" : "if the sender still sends, ";
    if (result_.sees_reports) {
      say(
          fmt::format("{}the switch remembers a member for {}: so long before, this host sent its "
                      "last report",
                      condition, to_text(memory)));
    } else {
      say(
          fmt::format("{}the switch remembers a member for {}: this host joined {} before; whether "
                      "it has reported since cannot be seen without root",
                      condition, to_text(memory), age));
    }
    if (is_mute(result_, *outage)) {
      say(fmt::format("{} queried and this host did not answer", address(result_.querier)));
      advise("let IGMP and MLD pass this host's firewall; see igmp-querier doctor");
    } else if (result_.sees_reports && result_.queries == 0) {
      say("nobody queried");
      advise("run igmp-querier on a host of this LAN that is always on");
    }
    const auto third = std::chrono::floor<std::chrono::seconds>(memory.at_least / 3).count();
    if (third < 1) return;
    verdict_.query_interval = third;
    advise(fmt::format("set query-interval to at most {}, a third of that memory", third));
  }

  void lived() {
    verdict_.outcome = Outcome::kWhole;
    const auto lived = result_.last - result_.first;
    if (result_.lost == 0) {
      say(fmt::format("the stream was whole for {}: {}, none lost", clock(lived),
                      text::counted(result_.received, "packet")));
    } else {
      say(fmt::format("the stream lived for {}", clock(lived)));
    }
    if (result_.is_ended_by_sender && lived + kRounding < result_.plan.duration) {
      say(fmt::format("the sender ended before its {} were over", clock(result_.plan.duration)));
    }
    if (!result_.sees_reports) {
      say("queries and reports cannot be seen without root");
    } else if (result_.queries > 0) {
      say(fmt::format("{} of {} came, and this host sent {}",
                      result_.queries == 1 ? "1 query" : fmt::format("{} queries", result_.queries),
                      address(result_.querier), text::counted(result_.reports, "report")));
    } else if (lived > kUsualMemory) {
      say("nobody queried, and the stream came all the same: this switch does not snoop, or floods "
          "this group, or remembers for longer");
    }
    if (result_.queries == 0 && lived <= kUsualMemory) {
      say(fmt::format("switches forget after about {}: this was too short to tell",
                      clock(kUsualMemory)));
      advise("measure for 10 minutes");
    }
  }

  void loss() {
    if (result_.lost == 0) return;
    if (verdict_.outcome == Outcome::kWhole && result_.lost_share() > kTolerableLoss) {
      verdict_.outcome = Outcome::kLossy;
    }
    say(fmt::format("{} lost, {:.2g} % of those sent", text::counted(result_.lost, "packet"),
                    100 * result_.lost_share()));
    if (result_.dropped > 0) {
      say(fmt::format("{} of them came to this host, which was too busy to read them",
                      result_.dropped));
      advise("give this host less to do, then measure again");
    } else if (verdict_.outcome == Outcome::kLossy) {
      advise(
          "look for a slow or wireless link, or an overloaded host, between the sender and this "
          "host");
    }
  }

  void others() {
    for (const auto& other : result_.other_senders) {
      say(other == result_.sender
              ? fmt::format("the sender {} started anew meanwhile: only its first run was measured",
                            to_string(other))
              : fmt::format(
                    "{} sends a test stream to this group too: only that of {} was measured",
                    to_string(other), address(result_.sender)));
    }
    if (result_.foreign > 0) {
      say(fmt::format(
          "{} of other programs came to this group and port, first from {}: give another "
          "group or port to both sides",
          text::counted(result_.foreign, "packet"), address(result_.foreign_sender)));
    }
    if (result_.interrupted_by != 0) say("interrupted: this is the result so far");
  }

  const Reception& result_;
  Verdict verdict_;
};

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kWhole:
      return "whole";
    case Outcome::kLossy:
      return "lossy";
    case Outcome::kCameBack:
      return "came-back";
    case Outcome::kDied:
      return "died";
    case Outcome::kNothing:
      break;
  }
  return "nothing-came";
}

std::string to_text(const Memory& memory) {
  return memory.at_least == memory.at_most
             ? in_seconds(memory.at_least)
             : fmt::format("{} to {}", in_seconds(memory.at_least), in_seconds(memory.at_most));
}

Verdict judge(const Reception& result) { return Judge{result}.judge(); }

}  // namespace mcq::soak
