#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/querier.hpp"

namespace mcq::app {

inline constexpr std::size_t kMostReportedGroups = 1'000;
inline constexpr std::size_t kMostReportedMembers = 32;  ///< sources, and hosts, of a group

using WriteLine = std::function<void(const std::string&)>;

/// The table of members of one interface and family, for people and programs: a line that sums up,
/// then a line a group, by address. Times are relative to `now`.
template <Family F>
void report_table(std::string_view interface, const core::Querier<F>& querier,
                  const core::Settings<F>& settings, TimePoint now, const WriteLine& write);

/// The line of a group, from the name of the protocol on.
template <Family F>
std::string describe(const core::Group<F>& group, TimePoint now);

}  // namespace mcq::app
