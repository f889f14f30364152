#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"

namespace mcq::diagnose {

/// A row of the table of findings. Each function looks for it in one kind of evidence, and appends
/// a finding for each subject to which the rule applies; it is null where that evidence cannot show
/// it.
struct Rule {
  std::string_view id;
  Severity severity{};
  std::string_view meaning;  ///< one sentence, for docs/findings.md
  void (*in_link)(const Rule& rule, const LinkEvidence& link,
                  std::vector<Finding>& findings) = nullptr;
};

/// Appends a finding of `rule`.
inline void add(std::vector<Finding>& findings, const Rule& rule, std::string subject,
                std::string what, std::string fix) {
  findings.push_back({rule.id, rule.severity, std::move(subject), std::move(what), std::move(fix)});
}

/// "260 s"
inline std::string in_seconds(Duration time) {
  return std::to_string(std::chrono::round<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace mcq::diagnose
