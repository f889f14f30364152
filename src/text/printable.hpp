#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// At most `most` names of a list that has `all`: "192.0.2.20, 192.0.2.21 and 3 more".
std::string some_of(const std::vector<std::string>& names, std::size_t all, std::size_t most);

}  // namespace mcq::text
