#include "exporter/history.hpp"

#include <algorithm>

#include "text/json.hpp"

namespace mcq::exporter {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

/// The increase of a counter; none when it was reset.
std::optional<std::uint64_t> increase(std::uint64_t before, std::uint64_t now) {
  return now >= before ? std::optional{now - before} : std::nullopt;
}

}  // namespace

void History::sample(const json& status, std::int64_t now) {
  json_.reset();
  if (const auto interfaces = status.find("interfaces"); interfaces != status.end()) {
    for (const auto& interface : *interfaces) {
      try {
        sample_interface(interface, now);
      } catch (const json::exception&) {  // another version of the daemon
        continue;
      }
    }
  }
  for (auto& [key, series] : series_) {
    auto& [samples, counters] = series;
    if (samples.empty() || samples.back().time != now) {
      samples.push_back({.time = now, .reports = {}, .queries = {}, .groups = {}, .hosts = {}});
      counters.reset();
    }
    if (samples.size() > kMaxSamples) samples.pop_front();
  }
  std::erase_if(series_, [](const auto& entry) {
    const auto& samples = entry.second.samples;
    return std::none_of(samples.begin(), samples.end(),
                        [](const Sample& s) { return s.groups.has_value(); });
  });
}

void History::sample_interface(const json& interface, std::int64_t now) {
  const Key key{interface.at("interface-name"), interface.at("family")};
  if (!series_.contains(key) && series_.size() >= kMaxSeries) return;
  const auto& statistics = interface.at("statistics");
  const auto& received = statistics.at("received");
  const auto count = [](const json& of, const char* name) {
    return text::whole_number(of.at(name));
  };
  const Counters counters{
      .reports = count(received, "report") + count(received, "leave"),
      .queries = count(received, "query") + count(statistics.at("sent"), "query")};
  Sample sample{.time = now,
                .reports = {},
                .queries = {},
                .groups = count(interface, "groups-count"),
                .hosts = count(interface, "hosts-count")};
  auto& series = series_[key];
  if (!series.samples.empty() && series.samples.back().time == now) return;
  if (series.counters) {
    sample.reports = increase(series.counters->reports, counters.reports);
    sample.queries = increase(series.counters->queries, counters.queries);
  }
  series.samples.push_back(sample);
  series.counters = counters;
}

std::string History::add(const json& event) {
  json_.reset();
  auto text = dump(event);
  events_.push_back(text);
  bytes_ += text.size();
  while (events_.size() > kMaxEvents || bytes_ > kMaxBytes) {
    bytes_ -= events_.front().size();
    events_.pop_front();
  }
  return text;
}

std::shared_ptr<const std::string> History::to_json() const {
  if (!json_) json_ = std::make_shared<const std::string>(make_json());
  return json_;
}

std::string History::make_json() const {
  auto all = json::array();
  for (const auto& [key, series] : series_) {
    const auto column = [&samples = series.samples](Value Sample::*member) {
      auto values = json::array();
      for (const auto& sample : samples) {
        const auto& value = sample.*member;
        values.push_back(value ? json(*value) : json{});
      }
      return values;
    };
    auto times = json::array();
    for (const auto& sample : series.samples) times.push_back(sample.time);
    all.push_back({{"interface-name", key.first},
                   {"family", key.second},
                   {"time", std::move(times)},
                   {"reports", column(&Sample::reports)},
                   {"queries", column(&Sample::queries)},
                   {"groups", column(&Sample::groups)},
                   {"hosts", column(&Sample::hosts)}});
  }
  std::string events;
  for (const auto& event : events_) events += (events.empty() ? "\n" : ",\n") + event;
  return R"({"interval":)" + std::to_string(kInterval / 1s) + R"(,"series":)" + dump(all) +
         R"(,"events":[)" + events + "]}\n";
}

}  // namespace mcq::exporter
