#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/printable.hpp"

namespace mcq::text {

using mcq::printable;

/// Number of code points, as an estimate of the columns of a terminal.
std::size_t width(std::string_view text);

/// Cuts `text` to `columns`, the last three of which are "..." then. Below 3 columns, returns it
/// whole.
std::string shortened(const std::string& text, std::size_t columns);

/// "1 host", "2 hosts"
std::string counted(std::uint64_t count, const std::string& thing);

}  // namespace mcq::text
