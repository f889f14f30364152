#pragma once

namespace mcq {

/// Path of the API socket of the daemon, unless another one is named.
inline constexpr const char* kDefaultApiSocket = "/run/igmp-querier/api.sock";
/// Path of the configuration file, unless another one is named.
inline constexpr const char* kDefaultConfigFile = "/etc/igmp-querier/igmp-querier.toml";

}  // namespace mcq
