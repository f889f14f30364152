#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "base/result.hpp"
#include "base/time.hpp"
#include "os/packet_socket.hpp"
#include "probe/cases.hpp"
#include "probe/verdict.hpp"
#include "probe/witness.hpp"

namespace mcq::probe {

/// Sends the queries of cases to a link, and listens for what a host answers. Blocks while it
/// waits, and sends at most one query in a response time.
class Prober {
 public:
  /// How much longer than the Max Resp Time an answer is waited for.
  static constexpr Duration kGrace = 250ms;
  /// Whether to stop; asked after each packet and each signal.
  using Stop = std::function<bool()>;

  /// `group`: one that the host is known to be a member of. Requires CAP_NET_RAW.
  static mcq::Result<Prober> open(int interface_index, const Target& target,
                                  std::optional<Ipv4Address> group, Stop stop);

  /// Listens for that time, or until it hears another querier. Sends nothing.
  mcq::Result<Ok> listen(Duration time);
  /// Asks up to `tries` times until the host answers. Returns what came of it, which is
  /// kNotAsked when no group is known to ask about, or when it was stopped before the end.
  mcq::Result<Outcome> ask(const Case& asked, unsigned tries);
  const Witness& witness() const { return witness_; }

 private:
  Prober(os::PacketSocket reports, os::PacketSocket queries, int interface_index,
         const Target& target, std::optional<Ipv4Address> group, Stop stop)
      : reports_(std::move(reports)),
        queries_(std::move(queries)),
        interface_index_(interface_index),
        target_(target),
        witness_(target.host, group),
        stop_(std::move(stop)) {}
  mcq::Result<Ok> receive(TimePoint until);
  mcq::Result<Ok> read(os::PacketSocket& socket);

  os::PacketSocket reports_, queries_;
  int interface_index_;
  Target target_;
  Witness witness_;
  Stop stop_;
  TimePoint asked_at_{};
};

}  // namespace mcq::probe
