#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/printable.hpp"

namespace mcq::text {

using mcq::printable;

/// How many columns a printable text takes, near enough.
std::size_t width(std::string_view text);

/// As many columns of it at most; what is cut off ends in "...".
std::string shortened(const std::string& text, std::size_t columns);

/// "1 host", "2 hosts"
std::string counted(std::uint64_t count, const std::string& thing);

}  // namespace mcq::text
