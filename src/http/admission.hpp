#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mcq::http {

/// Most connections that are served at a time. This machine's own always find places, and no
/// address of another machine takes all that are left.
struct ConnectionLimits {
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kMostRemote = 48;  ///< of other machines
  static constexpr std::size_t kMostOfOne = 32;   ///< of one network of those
  static constexpr std::size_t kMostFollowers = 32;
  static constexpr std::size_t kMostRemoteFollowers = 24;
  static constexpr std::size_t kMostRefused = 16;  ///< that are being told so, besides
};

/// A connection.
struct ConnectionState {
  std::string network;     ///< as os::network_of_peer() has it: empty is this machine
  bool has_asked = false;  ///< its request is complete
  bool follows = false;    ///< the events
  bool is_refused = false;
};

/// What is to be done for one more connection.
struct Admission {
  bool is_served = true;
  std::optional<std::size_t> evicted{};  ///< which place has to be given up first
  bool operator==(const Admission&) const = default;
};

/// Decides on a connection from `network`. `places`: those taken, the oldest first. Where there is
/// no room the oldest that has asked nothing goes; but never one of this machine for another's. Of
/// the refused the oldest goes.
Admission admit(const std::vector<ConnectionState>& places, const std::string& network);
/// Whether one more, from `network`, may follow the events.
bool may_follow(const std::vector<ConnectionState>& places, const std::string& network);

/// What those are told who find no place.
std::string too_many_connections();
std::string too_many_followers();

}  // namespace mcq::http
