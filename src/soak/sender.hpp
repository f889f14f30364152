#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "os/multicast_socket.hpp"
#include "soak/packet.hpp"

namespace mcq::soak {

/// Sends the test stream.
class Sender {
 public:
  /// `run`: a number that no other run has.
  Sender(os::MulticastSender socket, const Plan& plan, std::uint64_t run, TimePoint now)
      : socket_(std::move(socket)), plan_(plan), run_(run), begun_(now) {}

  /// When step() is due; kNever after the last packet.
  TimePoint deadline() const;
  /// Sends the packets that are due.
  void step(TimePoint now);
  /// When end() is due.
  TimePoint end_of_plan() const { return is_ended_ ? kNever : begun_ + plan_.duration; }
  /// Tells the receivers that the stream ends here.
  void end(TimePoint now);
  bool is_ended() const { return is_ended_; }

  const Plan& plan() const { return plan_; }
  TimePoint begun() const { return begun_; }
  std::uint64_t sent() const { return next_ - failed_; }
  /// Number of packets that the kernel refused.
  std::uint64_t failed() const { return failed_; }
  /// Error number of the last one; 0 when the last packet was sent.
  int error() const { return error_; }

 private:
  /// Packets that are sent without a pause when some are overdue.
  static constexpr int kBatch = 64;
  static constexpr int kEnds = 3;

  TimePoint due() const;
  void send(TimePoint now, bool is_end);

  os::MulticastSender socket_;
  Plan plan_;
  std::uint64_t run_;
  TimePoint begun_;
  std::uint64_t next_ = 0, failed_ = 0;
  int error_ = 0;
  bool is_ended_ = false;
};

}  // namespace mcq::soak
