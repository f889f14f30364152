#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/paths.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "diagnose/finding.hpp"
#include "diagnose/survey.hpp"

namespace mcq::doctor {

/// The longest that a checkup listens by itself: a querier with the default interval of RFC 9776
/// §8.2 has queried by then.
inline constexpr Duration kLongestListening = 130s;

struct Request {
  std::vector<std::string> interfaces;  ///< empty: those that can lead to a LAN
  std::optional<Duration> listen;       ///< none: until all is known, at most kLongestListening
  bool is_active = false;               ///< asks one General Query where no querier is heard
  std::optional<IpAddress> group;       ///< the stream that is asked about
  Duration switch_memory = diagnose::kSwitchMemory;  ///< how long the switch remembers a member
  std::string socket = kDefaultApiSocket;
};

/// What is told while a checkup listens.
struct Progress {
  Duration listened{}, at_most{};
  std::uint64_t queries = 0, reports = 0;
};

struct Checkup {
  diagnose::Survey survey;
  std::vector<diagnose::Finding> findings;
  std::string_view overall;  ///< class
  std::string next_step;
  std::vector<std::string> unseen;  ///< what could not be looked at, and what to do
  bool has_listened = false;
  bool is_interrupted = false;
};

/// Examines this host and its LANs. Fails when an interface of the request cannot be used, or the
/// interfaces cannot be listed. `progress` is called once a second; it returns false to end the
/// listening.
Result<Checkup> examine(const Request& request,
                        const std::function<bool(const Progress&)>& progress);

}  // namespace mcq::doctor
