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

/// The row of `watch` for an interface and family.
struct WatchedInterface {
  std::string name, protocol;  ///< "eth0", "IGMPv2"
  std::string role, querier, next_query;
  std::uint64_t hosts = 0, groups = 0;
  bool healthy = true;
};

struct WatchedGroup {
  IpAddress address;
  std::string interface;
  double expire = 0, lifetime = 0;     ///< seconds: until it expires, and after a report
  std::optional<std::uint64_t> hosts;  ///< none without explicit tracking
  std::uint64_t version = 0;
  std::string last_reporter;
};

struct WatchedHost {
  IpAddress address;
  std::string name{};  ///< from the resolver, safe for a terminal; or empty
  std::string interface {
  }, mac_address{};
  std::uint64_t version = 0;
  double up_time = 0, last_report = 0;  ///< seconds
  bool silent = false;
};

/// The state of the daemon at one moment, as far as `watch` shows it.
struct Snapshot {
  std::string version, verdict;
  std::uint64_t pid = 0;
  double up_time = 0;
  bool healthy = true;
  std::size_t further_findings = 0;  ///< that the verdict does not tell
  std::uint64_t reports = 0;         ///< received by all interfaces since the start
  std::uint64_t groups_in_all = 0;   ///< may exceed groups.size()
  std::vector<WatchedInterface> interfaces;
  std::uint64_t hosts_in_all = 0;      ///< may exceed hosts.size()
  std::vector<WatchedGroup> groups{};  ///< limited
  std::vector<WatchedHost> hosts{};    ///< limited; empty unless they were asked for
};

/// Reads the responses of /v1/status and /v1/groups. Fails when a member is missing or has another
/// type.
Result<Snapshot> read_snapshot(const nlohmann::json& status, const nlohmann::json& groups);
/// Reads the response of /v1/hosts. Fails likewise.
Result<std::vector<WatchedHost>> read_hosts(const nlohmann::json& hosts);

/// Reports per second between successive snapshots, oldest first; the latest kMax.
class ReportRates {
 public:
  static constexpr std::size_t kMax = 512;

  /// Adds a snapshot taken at `moment`, in seconds. Starts a new count when the daemon has
  /// restarted.
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
