#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "os/multicast_socket.hpp"
#include "soak/json.hpp"
#include "soak/packet.hpp"

namespace mcq::cli {

struct Soak;

/// The options of `soak`, checked.
struct SoakSettings {
  struct Interface {
    std::string name;
    int index = 0;
  };
  std::optional<Interface> send_on, receive_on;  ///< one of them, or both
  IpAddress group;
  std::uint16_t port = 0;
  soak::Plan plan;                ///< of the sender
  std::optional<Duration> limit;  ///< of the receiver
  Duration every{};               ///< between two lines of progress

  os::MulticastGroup group_on(const Interface& interface) const {
    return {group, port, interface.index};
  }
  soak::Place place() const;
  /// The names of the interfaces that are used.
  std::vector<std::string> interfaces() const;
  /// How long a daemon is asked to pause, at most.
  Duration longest() const;
};

Result<SoakSettings> soak_settings(const Soak& options);

}  // namespace mcq::cli
