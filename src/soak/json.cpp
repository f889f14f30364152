#include "soak/json.hpp"

#include <algorithm>

namespace mcq::soak {
namespace {

using text::Json;

Json address(const std::optional<IpAddress>& known) {
  return known ? Json(to_string(*known)) : Json{};
}

/// Seconds since the first packet, which may be negative.
Json moment(const Reception& result, TimePoint time) {
  return static_cast<double>(
             std::chrono::round<std::chrono::milliseconds>(time - result.first).count()) /
         1000;
}

Json moment(const Reception& result, const std::optional<TimePoint>& time) {
  return time ? moment(result, *time) : Json{};
}

Json outages(const Reception& result) {
  auto all = Json::array();
  for (const auto& outage : result.outages) {
    all.push_back({{"begin", moment(result, outage.begin)},
                   {"end", outage.is_over() ? moment(result, outage.end) : Json{}},
                   {"last-report", moment(result, outage.report)},
                   {"query", moment(result, outage.query)},
                   {"report", moment(result, outage.answer)}});
  }
  return all;
}

}  // namespace

Json to_json(const Place& place, const Reception& result, const Verdict& verdict) {
  const bool has_begun = result.sender.has_value();
  Json json{{"outcome", to_string(verdict.outcome)},
            {"verdict", verdict.sentences},
            {"advice", verdict.advice},
            {"interface", place.interface},
            {"group", to_string(place.group)},
            {"port", place.port},
            {"sender", address(result.sender)},
            {"rate", has_begun ? Json(result.plan.rate) : Json{}},
            {"planned-duration", has_begun ? Json(text::seconds(result.plan.duration)) : Json{}},
            {"duration", text::seconds(has_begun ? result.last - result.first : Duration{})},
            {"received", result.received},
            {"lost", result.lost},
            {"duplicates", result.duplicates},
            {"reordered", result.reordered},
            {"dropped-here", result.dropped},
            {"longest-gap", text::seconds(result.longest_gap)},
            {"died-at", Json{}},
            {"back-after-rejoin", Json{}},
            {"memory", Json{}},
            {"query-interval", verdict.query_interval ? Json(*verdict.query_interval) : Json{}},
            {"outages", outages(result)},
            {"sees-reports", result.sees_reports},
            {"reports", result.reports},
            {"queries", result.queries},
            {"querier", address(result.querier)},
            {"other-senders", Json::array()},
            {"foreign-packets", result.foreign},
            {"interrupted", result.interrupted_by != 0},
            {"packets-by-second", result.seconds}};
  if (result.has_died()) json["died-at"] = moment(result, result.outages.back().begin);
  if (result.back_after_rejoin)
    json["back-after-rejoin"] = text::seconds(*result.back_after_rejoin);
  if (verdict.memory) {
    json["memory"] = {{"at-least", text::seconds(verdict.memory->at_least)},
                      {"at-most", text::seconds(verdict.memory->at_most)}};
  }
  for (const auto& other : result.other_senders) json["other-senders"].push_back(to_string(other));
  return json;
}

}  // namespace mcq::soak
