#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/cases.hpp"
#include "probe/place.hpp"
#include "probe/verdict.hpp"

namespace mcq::cli {

/// What is known of a probed host.
struct ProbeReport {
  probe::Target target;
  std::string interface;
  std::vector<probe::Outcome> outcomes{};
  std::vector<probe::Trait> traits{};
  bool is_member = false;     ///< of a group
  bool is_neighbour = false;  ///< answers ARP
  bool is_interrupted = false;
  std::optional<Ipv4Address> querier{};  ///< another one

  bool has_answered() const;
  bool has_problem() const;
  /// Whether each case was asked and answered or was not.
  bool is_complete() const;
  /// "sound", the id of the gravest trait, or "unknown".
  std::string_view verdict() const;
};

/// The line of a case.
std::string to_line(const probe::Outcome& outcome, const probe::Target& target);
/// The lines below those of the cases.
std::string to_text(const ProbeReport& report);
std::string to_json_text(const ProbeReport& report);

}  // namespace mcq::cli
