#pragma once

#include <string>

#include "soak/measurement.hpp"
#include "soak/verdict.hpp"

namespace mcq::soak {

/// The verdict, the advice and the numbers, in lines.
std::string to_text(const Reception& result, const Verdict& verdict);

/// "3.1 s, at 0:12"
std::string longest_gap(const Reception& result);

/// "2 of 100 (2 %)"
std::string loss(const Reception& result);

}  // namespace mcq::soak
