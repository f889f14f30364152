#include "http/admission.hpp"

#include <algorithm>

namespace mcq::http {
namespace {

bool is_refused(const ConnectionState& place) { return place.is_refused; }
bool is_served(const ConnectionState& place) { return !place.is_refused; }
bool is_remote(const ConnectionState& place) { return is_served(place) && !place.network.empty(); }

template <class Matches>
std::size_t count(const std::vector<ConnectionState>& places, Matches matches) {
  return static_cast<std::size_t>(std::count_if(places.begin(), places.end(), matches));
}

template <class Matches>
std::optional<std::size_t> oldest(const std::vector<ConnectionState>& places, Matches matches) {
  const auto found = std::find_if(places.begin(), places.end(), matches);
  if (found == places.end()) return std::nullopt;
  return static_cast<std::size_t>(found - places.begin());
}

/// One more in the place of the oldest of those that has asked nothing; none if all have asked.
template <class Matches>
Admission admit_for(const std::vector<ConnectionState>& places, Matches matches) {
  const auto silent = oldest(
      places, [&](const ConnectionState& place) { return !place.has_asked && matches(place); });
  if (silent) return {.evicted = silent};
  const bool is_crowded = count(places, is_refused) >= ConnectionLimits::kMostRefused;
  return {.is_served = false, .evicted = is_crowded ? oldest(places, is_refused) : std::nullopt};
}

}  // namespace

Admission admit(const std::vector<ConnectionState>& places, const std::string& network) {
  const bool is_full = count(places, is_served) >= ConnectionLimits::kMost;
  if (network.empty()) return is_full ? admit_for(places, is_served) : Admission{};
  const auto is_of_it = [&](const ConnectionState& place) {
    return is_served(place) && place.network == network;
  };
  if (count(places, is_of_it) >= ConnectionLimits::kMostOfOne) return admit_for(places, is_of_it);
  const bool has_room = !is_full && count(places, is_remote) < ConnectionLimits::kMostRemote;
  return has_room ? Admission{} : admit_for(places, is_remote);
}

bool may_follow(const std::vector<ConnectionState>& places, const std::string& network) {
  const auto follows = [](const ConnectionState& place) { return place.follows; };
  const auto follows_remotely = [](const ConnectionState& place) {
    return place.follows && is_remote(place);
  };
  return count(places, follows) < ConnectionLimits::kMostFollowers &&
         (network.empty() ||
          count(places, follows_remotely) < ConnectionLimits::kMostRemoteFollowers);
}

std::string too_many_connections() {
  return "too many connections: " + std::to_string(ConnectionLimits::kMost) +
         " are served at a time, " + std::to_string(ConnectionLimits::kMostRemote) +
         " of other machines, " + std::to_string(ConnectionLimits::kMostOfOne) +
         " of one address; try again later";
}

std::string too_many_followers() {
  return "too many follow the events: " + std::to_string(ConnectionLimits::kMostFollowers) +
         " at most, " + std::to_string(ConnectionLimits::kMostRemoteFollowers) +
         " of other machines; end one";
}

}  // namespace mcq::http
