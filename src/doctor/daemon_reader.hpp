#pragma once

#include <string>
#include <vector>

#include "diagnose/finding.hpp"
#include "diagnose/survey.hpp"

namespace mcq::doctor {

/// What our daemon on this host says.
struct DaemonAnswer {
  diagnose::DaemonEvidence evidence;
  std::vector<diagnose::Finding> findings;
};

/// Asks the daemon at an API socket. A daemon that does not answer is evidence, not an error.
DaemonAnswer ask_daemon(const std::string& socket);

}  // namespace mcq::doctor
