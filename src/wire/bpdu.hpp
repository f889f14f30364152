#pragma once

#include "base/result.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace mcq::wire {

/// A spanning tree frame: of STP and RSTP (IEEE 802.1D), of the common tree of MSTP, or of PVST.
struct Bpdu {
  bool topology_change = false;  ///< has the flag, or is a topology change notification
};

/// Parses an Ethernet frame. Fails with kUnhandledType when it is no BPDU, with kTruncated when it
/// ends before the flags that its type has, or is shorter than its type.
Result<Bpdu, ParseError> parse_bpdu(Bytes frame);

}  // namespace mcq::wire
