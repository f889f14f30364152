#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mcq::http {

/// Numbers of connections served at a time. The limits for other machines leave room for clients of
/// this machine, and no single remote network can use all of the remote limit.
struct ConnectionLimits {
  static constexpr std::size_t kMax = 64;
  static constexpr std::size_t kMaxRemote = 48;      ///< from other machines
  static constexpr std::size_t kMaxPerNetwork = 32;  ///< from one remote network
  static constexpr std::size_t kMaxFollowers = 32;
  static constexpr std::size_t kMaxRemoteFollowers = 24;
  static constexpr std::size_t kMaxRefused = 16;  ///< being refused, in addition to kMax
};

/// The state of a connection as far as admission depends on it.
struct ConnectionState {
  std::string network;     ///< from os::network_of_peer(); empty: this machine
  bool has_asked = false;  ///< the server has read its request
  bool follows = false;    ///< it receives the event stream
  bool is_refused = false;
};

/// The decision on a new connection.
struct Admission {
  bool is_served = true;
  std::optional<std::size_t> evicted{};  ///< index of the connection to end first
  bool operator==(const Admission&) const = default;
};

/// Decides on a new connection from `network`, given all `connections`, oldest first. At a limit,
/// the oldest connection within that limit that has sent no request is evicted; a remote client
/// never evicts a local one. If there is none, the new connection is refused, and at kMaxRefused
/// the oldest refused one is evicted.
Admission admit(const std::vector<ConnectionState>& connections, const std::string& network);
/// Whether a connection from `network` may begin to follow the events.
bool may_follow(const std::vector<ConnectionState>& connections, const std::string& network);

/// Error messages for clients over a limit.
std::string too_many_connections();
std::string too_many_followers();

}  // namespace mcq::http
