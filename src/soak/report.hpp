#pragma once

#include <string>

#include "soak/json.hpp"
#include "soak/measurement.hpp"
#include "soak/verdict.hpp"

namespace mcq::soak {

/// A page with the verdict, the plot and the numbers, that refers to nothing outside. `time`: when
/// it was measured.
std::string report(const Place& place, const Reception& result, const Verdict& verdict,
                   const std::string& time);

}  // namespace mcq::soak
