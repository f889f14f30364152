#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "os/multicast_socket.hpp"
#include "soak/measurement.hpp"
#include "soak/membership_observer.hpp"

namespace mcq::soak {

/// Joins a group, once, and measures the test stream that comes. When the stream is dead shortly
/// before its end, joins again to tell a switch that has forgotten from a sender that has stopped.
class Receiver {
 public:
  /// How long it waits for the first packet before it says so.
  static constexpr Duration kPatience = 5s;

  struct Options {
    os::MulticastGroup group{};
    std::optional<Duration> duration{};  ///< at most; none: as long as the sender plans
    bool takes_own = false;              ///< the sender is this host
  };
  static Result<Receiver> open(const Options& options, TimePoint now);

  std::vector<int> fds() const;
  /// Reads what came.
  void step(TimePoint now);
  /// When the measurement ends; a sender that ends earlier ends it too.
  TimePoint end() const;
  bool is_done(TimePoint now) const { return measurement_.is_ended() || now >= end(); }

  TimePoint joined() const { return joined_; }
  const Measurement& measurement() const { return measurement_; }

 private:
  static constexpr Duration kGrace = 1s;  ///< for packets that are late

  Receiver(const Options& options, os::MulticastReceiver socket,
           std::optional<MembershipObserver> observer, TimePoint now)
      : options_(options),
        socket_(std::move(socket)),
        observer_(std::move(observer)),
        joined_(now),
        measurement_(now, observer_.has_value()) {}
  void join_again_if_dead(TimePoint now);

  Options options_;
  os::MulticastReceiver socket_;
  std::optional<MembershipObserver> observer_;
  TimePoint joined_;
  Measurement measurement_;
};

}  // namespace mcq::soak
