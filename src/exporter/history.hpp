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

/// What the daemon did in the last hours, from samples of its status and from its events. However
/// much happens, it holds a bounded amount of both.
class History {
 public:
  static constexpr Duration kInterval = 30s;        ///< between samples
  static constexpr std::size_t kMostSamples = 720;  ///< six hours
  static constexpr std::size_t kMostSeries = 64;    ///< interfaces and families
  static constexpr std::size_t kMostEvents = 256;
  static constexpr std::size_t kMostOctets = 256UL * 1024;  ///< of events

  /// A Status of docs/openapi.yaml, or null when there is none, at that time (Unix seconds).
  void sample(const nlohmann::json& status, std::int64_t now);
  /// An Event of docs/openapi.yaml; returns it on one line.
  std::string add(const nlohmann::json& event);

  /// {"interval":30,"series":[...],"events":[...]} (docs/exporter.md)
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
    std::optional<Counters> counters;  ///< at the last sample; none when there was no status
  };
  using Key = std::pair<std::string, std::string>;  ///< interface and family

  void sample_interface(const nlohmann::json& interface, std::int64_t now);

  std::string make_json() const;

  std::map<Key, Series> series_;
  std::deque<std::string> events_;
  std::size_t octets_ = 0;
  mutable std::shared_ptr<const std::string> json_;  ///< none when there is something new
};

}  // namespace mcq::exporter
