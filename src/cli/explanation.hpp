#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnose/capture_reader.hpp"
#include "diagnose/finding.hpp"

namespace mcq::cli {

/// A capture, and why its rest was not read.
struct Explanation {
  diagnose::CaptureTotals totals;
  std::vector<diagnose::LinkEvidence> links;
  std::vector<std::vector<diagnose::Finding>> findings;  ///< by link
  std::string_view overall;
  std::optional<std::string> damage;
  bool is_interrupted = false;  ///< by SIGINT: the rest was not read

  bool has_problem() const {
    for (const auto& of_link : findings) {
      for (const auto& finding : of_link) {
        if (finding.severity == diagnose::Severity::kProblem) return true;
      }
    }
    return false;
  }
};

/// Formats an explanation for people. `path` is that of the capture.
std::string to_text(const Explanation& made, const std::string& path);
/// Formats an explanation as JSON with indentation.
std::string to_json_text(const Explanation& made);

}  // namespace mcq::cli
