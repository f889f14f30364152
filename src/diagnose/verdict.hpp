#pragma once

#include <string>
#include <vector>

#include "diagnose/finding.hpp"
#include "diagnose/service_evidence.hpp"

namespace mcq::diagnose {

/// Whether streams stay alive, and a line for people: if they do not, the gravest problem and its
/// remedy.
struct Verdict {
  bool healthy = true;
  std::string text;
  bool operator==(const Verdict&) const = default;
};

/// `findings` are those of `service`, the gravest first.
Verdict verdict(const ServiceEvidence& service, const std::vector<Finding>& findings);

}  // namespace mcq::diagnose
