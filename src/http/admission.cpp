#include "http/admission.hpp"

#include <algorithm>

namespace mcq::http {
namespace {

bool is_refused(const ConnectionState& connection) { return connection.is_refused; }
bool is_served(const ConnectionState& connection) { return !connection.is_refused; }
bool is_remote(const ConnectionState& connection) {
  return is_served(connection) && !connection.network.empty();
}

template <class Matches>
std::size_t count(const std::vector<ConnectionState>& connections, Matches matches) {
  return static_cast<std::size_t>(std::count_if(connections.begin(), connections.end(), matches));
}

template <class Matches>
std::optional<std::size_t> oldest(const std::vector<ConnectionState>& connections,
                                  Matches matches) {
  const auto found = std::find_if(connections.begin(), connections.end(), matches);
  if (found == connections.end()) return std::nullopt;
  return static_cast<std::size_t>(found - connections.begin());
}

/// Admits by evicting the oldest match without a request; refuses if each match has sent one.
template <class Matches>
Admission admit_for(const std::vector<ConnectionState>& connections, Matches matches) {
  const auto silent = oldest(connections, [&](const ConnectionState& connection) {
    return !connection.has_asked && matches(connection);
  });
  if (silent) return {.evicted = silent};
  const bool is_crowded = count(connections, is_refused) >= ConnectionLimits::kMaxRefused;
  return {.is_served = false,
          .evicted = is_crowded ? oldest(connections, is_refused) : std::nullopt};
}

}  // namespace

Admission admit(const std::vector<ConnectionState>& connections, const std::string& network) {
  const bool is_full = count(connections, is_served) >= ConnectionLimits::kMax;
  if (network.empty()) return is_full ? admit_for(connections, is_served) : Admission{};
  const auto is_of_it = [&](const ConnectionState& connection) {
    return is_served(connection) && connection.network == network;
  };
  if (count(connections, is_of_it) >= ConnectionLimits::kMaxPerNetwork) {
    return admit_for(connections, is_of_it);
  }
  const bool has_room = !is_full && count(connections, is_remote) < ConnectionLimits::kMaxRemote;
  return has_room ? Admission{} : admit_for(connections, is_remote);
}

bool may_follow(const std::vector<ConnectionState>& connections, const std::string& network) {
  const auto follows = [](const ConnectionState& connection) { return connection.follows; };
  const auto follows_remotely = [](const ConnectionState& connection) {
    return connection.follows && is_remote(connection);
  };
  return count(connections, follows) < ConnectionLimits::kMaxFollowers &&
         (network.empty() ||
          count(connections, follows_remotely) < ConnectionLimits::kMaxRemoteFollowers);
}

std::string too_many_connections() {
  return "too many connections: " + std::to_string(ConnectionLimits::kMax) +
         " are served at a time, " + std::to_string(ConnectionLimits::kMaxRemote) +
         " of other machines, " + std::to_string(ConnectionLimits::kMaxPerNetwork) +
         " of one address; try again later";
}

std::string too_many_followers() {
  return "too many clients follow the events: " + std::to_string(ConnectionLimits::kMaxFollowers) +
         " at most, " + std::to_string(ConnectionLimits::kMaxRemoteFollowers) +
         " of other machines; end one";
}

}  // namespace mcq::http
