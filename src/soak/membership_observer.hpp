#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/ip_address.hpp"
#include "os/packet_socket.hpp"
#include "soak/measurement.hpp"

namespace mcq::soak {

/// Observes the queries that reach an interface, and the reports that this host sends about one
/// group.
class MembershipObserver {
 public:
  /// None without CAP_NET_RAW.
  static std::optional<MembershipObserver> open(const IpAddress& group, int interface_index);

  std::vector<int> fds() const { return {queries_.fd(), reports_.fd()}; }
  /// Tells `measurement` what came since the last call.
  void read(Measurement& measurement);

 private:
  MembershipObserver(const IpAddress& group, os::PacketSocket queries, os::PacketSocket reports)
      : group_(group), queries_(std::move(queries)), reports_(std::move(reports)) {}

  IpAddress group_;
  os::PacketSocket queries_, reports_;
};

}  // namespace mcq::soak
