#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "diagnose/evidence.hpp"
#include "diagnose/finding.hpp"
#include "diagnose/service_evidence.hpp"

namespace mcq::diagnose {

struct Survey;

/// A row of the table of findings. Each function looks for it in one kind of evidence, and appends
/// a finding for each subject to which the rule applies. Null where that evidence cannot show it.
struct Rule {
  using InLink = void (*)(const Rule&, const LinkEvidence&, std::vector<Finding>&);
  using InService = void (*)(const Rule&, const ServiceEvidence&, std::vector<Finding>&);
  using InSurvey = void (*)(const Rule&, const Survey&, std::vector<Finding>&);

  /// `look`: functions for some kinds of evidence, in any order.
  template <class... Look>
  constexpr Rule(std::string_view name, Severity grave, std::string_view means, Look... look)
      : id(name), severity(grave), meaning(means) {
    (add(look), ...);
  }

  std::string_view id;
  Severity severity{};
  std::string_view meaning;  ///< one sentence, for docs/findings.md
  InLink in_link = nullptr;
  InService in_service = nullptr;
  InSurvey in_survey = nullptr;

 private:
  constexpr void add(InLink look) { in_link = look; }
  constexpr void add(InService look) { in_service = look; }
  constexpr void add(InSurvey look) { in_survey = look; }
};

/// With a longer interval between queries, one lost query is enough for a switch to forget.
inline constexpr Duration kSafeInterval = kSwitchMemory / 2;

/// Appends a finding of `rule`.
inline void add(std::vector<Finding>& findings, const Rule& rule, std::string subject,
                std::string what, std::string fix, std::string interface = {}) {
  findings.push_back({rule.id, rule.severity, std::move(subject), std::move(what), std::move(fix),
                      std::move(interface)});
}

/// "260 s"
inline std::string in_seconds(Duration time) {
  return std::to_string(std::chrono::round<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace mcq::diagnose
