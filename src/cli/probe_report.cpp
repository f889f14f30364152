#include "cli/probe_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "text/json.hpp"

namespace mcq::cli {
namespace {

using probe::Outcome;
using probe::Reaction;
using text::Json;

template <class Value>
Json text_or_null(const std::optional<Value>& value) {
  return value ? Json(mcq::to_string(*value)) : Json{};
}

std::string reaction_of(const Outcome& outcome) {
  switch (outcome.reaction) {
    case Reaction::kAnswered:
      break;
    case Reaction::kSilent:
      return "silent";
    case Reaction::kUnclear:
      return "silent; " +
             (outcome.quieted_by ? to_string(*outcome.quieted_by) : std::string{"another host"}) +
             " reported first, which keeps others quiet";
    case Reaction::kNotAsked:
      return "not asked";
  }
  if (!outcome.answer) return "answered";
  const auto& answer = *outcome.answer;
  return fmt::format("answered after {:.1f} s in version {}{}",
                     std::chrono::duration<double>(answer.after).count(), answer.version,
                     answer.is_addressed ? "" : ", to " + to_string(answer.destination));
}

}  // namespace

bool ProbeReport::has_answered() const {
  return std::any_of(outcomes.begin(), outcomes.end(),
                     [](const auto& one) { return one.reaction == Reaction::kAnswered; });
}

bool ProbeReport::has_problem() const {
  return std::any_of(traits.begin(), traits.end(), [](const auto& one) { return one.is_problem; });
}

bool ProbeReport::is_complete() const {
  return outcomes.size() == probe::cases().size() &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const auto& one) {
           return one.reaction == Reaction::kAnswered || one.reaction == Reaction::kSilent;
         });
}

std::string_view ProbeReport::verdict() const {
  if (!traits.empty()) return traits.front().id;
  return is_complete() ? "sound" : "unknown";
}

std::string to_line(const Outcome& outcome, const probe::Target& target) {
  return fmt::format("  {:<58} {}\n", describe(outcome.asked, target, outcome.group),
                     reaction_of(outcome));
}

std::string to_text(const ProbeReport& report) {
  std::string text = "\n";
  for (const auto& trait : report.traits) {
    text += fmt::format("{} {} {}\n    {}\n", trait.is_problem ? "PROBLEM" : "NOTE", trait.id,
                        trait.what, trait.fix);
  }
  const auto host = to_string(report.target.host);
  if (report.traits.empty() && report.has_answered()) {
    text += report.is_complete() ? host + " answers every query\n"
                                 : "nothing wrong is seen, but not every case is clear\n";
  }
  return text + "verdict: " + std::string{report.verdict()} + "\n";
}

std::string to_json_text(const ProbeReport& report) {
  Json json{{"host", to_string(report.target.host)},
            {"interface", report.interface},
            {"address", to_string(report.target.own)},
            {"verdict", report.verdict()},
            {"interrupted", report.is_interrupted},
            {"other-querier", text_or_null(report.querier)},
            {"cases", Json::array()},
            {"traits", Json::array()}};
  for (const auto& one : report.outcomes) {
    const auto& answer = one.answer;
    json["cases"].push_back(
        {{"id", one.asked.id},
         {"query", describe(one.asked, report.target, one.group)},
         {"result", to_string(one.reaction)},
         {"after", answer ? Json(text::seconds(answer->after)) : Json{}},
         {"version", answer ? Json(answer->version) : Json{}},
         {"group", answer ? Json(to_string(answer->group)) : Json{}},
         {"destination", answer ? Json(to_string(answer->destination)) : Json{}},
         {"quieted-by", text_or_null(one.quieted_by)}});
  }
  for (const auto& trait : report.traits) {
    json["traits"].push_back({{"id", trait.id},
                              {"severity", trait.is_problem ? "problem" : "note"},
                              {"what", trait.what},
                              {"fix", trait.fix}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mcq::cli
