#pragma once

namespace mcq::app {

/// Where the daemon answers and its clients ask, unless told otherwise.
inline constexpr const char* kDefaultApiSocket = "/run/igmp-querier/api.sock";

}  // namespace mcq::app
