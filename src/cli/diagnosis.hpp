#pragma once

#include <string>

#include "doctor/checkup.hpp"

namespace mcq::cli {

/// Formats a checkup for people.
std::string to_text(const doctor::Checkup& checkup);
/// Formats a checkup as JSON with indentation (docs/doctor.schema.json).
std::string to_json_text(const doctor::Checkup& checkup);

}  // namespace mcq::cli
