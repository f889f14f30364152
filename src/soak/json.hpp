#pragma once

#include <cstdint>
#include <string>

#include "base/ip_address.hpp"
#include "soak/measurement.hpp"
#include "soak/verdict.hpp"
#include "text/json.hpp"

namespace mcq::soak {

/// Where was measured.
struct Place {
  std::string interface {};
  IpAddress group{};
  std::uint16_t port = 0;
};

/// A result as docs/soak.md describes it.
text::Json to_json(const Place& place, const Reception& result, const Verdict& verdict);

}  // namespace mcq::soak
