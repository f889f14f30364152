#pragma once

namespace mcq {

/// The default path of the API socket of the daemon.
inline constexpr const char* kDefaultApiSocket = "/run/igmp-querier/api.sock";
/// The default path of the configuration file.
inline constexpr const char* kDefaultConfigFile = "/etc/igmp-querier/igmp-querier.toml";

}  // namespace mcq
