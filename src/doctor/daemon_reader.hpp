#pragma once

#include <string>

#include "diagnose/survey.hpp"

namespace mcq::doctor {

/// Asks the daemon at an API socket. A daemon that does not answer is evidence, not an error.
diagnose::DaemonEvidence ask_daemon(const std::string& socket);

}  // namespace mcq::doctor
