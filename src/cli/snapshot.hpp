#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"

namespace mcq::cli {

/// An interface and a family on it, as far as `watch` shows them.
struct WatchedInterface {
  std::string name, protocol;  ///< "eth0", "IGMPv2"
  std::string role, querier, next_query;
  std::uint64_t hosts = 0, groups = 0;
  bool healthy = true;
};

struct WatchedGroup {
  IpAddress address;
  std::string interface;
  double expire = 0, lifetime = 0;     ///< seconds left, and those a report gives it
  std::optional<std::uint64_t> hosts;  ///< none where they are not tracked
  std::uint64_t version = 0;
  std::string last_reporter;
};

/// What the daemon said about itself at one moment.
struct Snapshot {
  std::string version, verdict;
  std::uint64_t pid = 0;
  double up_time = 0;
  bool healthy = true;
  std::uint64_t reports = 0;  ///< received so far, on all the interfaces
  std::uint64_t groups_in_all = 0;
  std::vector<WatchedInterface> interfaces;
  std::vector<WatchedGroup> groups;  ///< some of them when there are very many, in order
};

/// Takes the answers of /v1/status and /v1/groups apart.
Result<Snapshot> read_snapshot(const nlohmann::json& status, const nlohmann::json& groups);

/// How many reports a second there were between the latest snapshots.
class ReportRates {
 public:
  static constexpr std::size_t kMost = 512;

  /// Adds what was counted until a moment, in seconds. Another daemon counts anew.
  void add(const Snapshot& snapshot, double moment);
  const std::deque<double>& values() const { return values_; }

 private:
  struct Count {
    std::uint64_t pid, reports;
    double moment;
  };
  std::optional<Count> last_;
  std::deque<double> values_;
};

}  // namespace mcq::cli
