#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mcq::soak {

/// The stream as `columns` values of 0 to 1 (as sent) or fewer: the worst second of each part.
/// `seconds`: packets in each second.
std::vector<double> worst_seconds(const std::vector<std::uint32_t>& seconds, std::uint32_t rate,
                                  std::size_t columns);

/// A line of block characters, or of ASCII. A second without a packet is "_".
std::string plot_line(const std::vector<double>& values, bool utf8);

/// A bar that is filled to `share`, from 0 to 1.
std::string progress_bar(double share, std::size_t columns, bool utf8);

}  // namespace mcq::soak
