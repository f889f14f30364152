#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/family.hpp"
#include "base/result.hpp"

namespace mcq::config {

inline constexpr std::size_t kMaxHeld = 256;  ///< groups in a list
/// The kernel's default of net.ipv4.igmp_max_memberships, which is for all interfaces together.
inline constexpr std::size_t kUsualMemberships = 20;

/// Reads a group that switches filter and a host can join. The error names what is allowed.
template <Family F>
Result<typename F::Address> parse_group(const std::string& given);

}  // namespace mcq::config
