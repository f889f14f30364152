#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/time.hpp"

namespace mcq::exporter {

/// The last hours of the daemon, as samples of its status and its latest events, both bounded.
class History {
 public:
  static constexpr Duration kInterval = 30s;       ///< between samples
  static constexpr std::size_t kMaxSamples = 720;  ///< six hours
  static constexpr std::size_t kMaxSeries = 64;    ///< one for each interface and family
  static constexpr std::size_t kMaxEvents = 256;
  static constexpr std::size_t kMaxBytes = 256UL * 1024;  ///< bytes of all events

  /// Adds a sample at `now` (seconds since 1970). `status`: a Status of docs/openapi.yaml, or null
  /// when the daemon does not answer.
  void sample(const nlohmann::json& status, std::int64_t now);
  /// Adds an Event of docs/openapi.yaml and returns it as JSON on one line.
  std::string add(const nlohmann::json& event);

  /// Returns {"interval":30,"series":[...],"events":[...]} (docs/exporter.md), cached until the
  /// next change.
  std::shared_ptr<const std::string> to_json() const;

 private:
  using Value = std::optional<std::uint64_t>;
  struct Sample {
    std::int64_t time = 0;
    Value reports, queries, groups, hosts;
  };
  struct Counters {
    std::uint64_t reports = 0, queries = 0;
  };
  struct Series {
    std::deque<Sample> samples;
    std::optional<Counters> counters;  ///< at the last sample; none without a status
  };
  using Key = std::pair<std::string, std::string>;  ///< interface and family

  void sample_interface(const nlohmann::json& interface, std::int64_t now);

  std::string make_json() const;

  std::map<Key, Series> series_;
  std::deque<std::string> events_;
  std::size_t bytes_ = 0;
  mutable std::shared_ptr<const std::string> json_;  ///< none after a change
};

}  // namespace mcq::exporter
