#pragma once

#include "base/address.hpp"
#include "wire/packet.hpp"

namespace mcq::monitor {

/// A parsed packet and its link-layer sender. Exists while the packet is processed.
template <Family F>
struct Received {
  wire::Packet<F> packet;
  MacAddress sender{};
  bool is_own = false;  ///< sent by this host
};

/// Result of processing a packet.
struct Outcome {
  bool is_refused = false;         ///< the core refused the message, or the link is down
  bool has_current_state = false;  ///< of a report: RecordReader::has_current_state()
  bool is_leave = false;           ///< of a report: RecordReader::is_leave()
  bool is_of_switch = false;       ///< a report that names kAllSnoopers
};

}  // namespace mcq::monitor
