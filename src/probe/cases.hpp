#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/family.hpp"
#include "wire/bytes.hpp"

namespace mcq::probe {

/// The address that a query comes from.
enum class Source : std::uint8_t {
  kOwn,          ///< that of this host on the subnet
  kOffSubnet,    ///< one of another subnet
  kUnspecified,  ///< 0.0.0.0, as of a snooping switch
};

/// What a query is about.
enum class Scope : std::uint8_t { kGeneral, kGroup };

/// A way in which a querier may ask.
struct Case {
  std::string_view id;  ///< stable: lower-case words joined by hyphens
  Igmp::Version version{};
  Scope scope = Scope::kGeneral;
  Source source = Source::kOwn;
  bool router_alert = true;
  bool again = false;  ///< the query of an earlier case once more
};

/// All cases in the order to ask them: version 3 first, since a host that has received a query of
/// version 2 answers in that version for some minutes (RFC 9776 §7.2.1).
std::span<const Case> cases();

/// What is asked, and from where.
struct Target {
  Ipv4Address host;         ///< the device that is probed
  Ipv4Address own;          ///< our address
  Prefix<4> subnet;         ///< of our address
  Duration max_response{};  ///< Max Resp Time of the queries
};

/// An address of 198.18.0.0/15, or of 203.0.113.0/24 where that is the subnet (RFC 6890 §2.2.2).
Ipv4Address off_subnet(const Prefix<4>& subnet);
Ipv4Address source_of(const Case& asked, const Target& target);

/// A query with its IP header.
struct Asking {
  wire::Buffer packet;
  Ipv4Address destination;
};
/// Makes the query of a case. `group` is that of a Group-Specific Query.
Asking make_query(const Case& asked, const Target& target, const Ipv4Address& group);

/// "IGMPv2 General Query without Router Alert". `group`: that of a Group-Specific Query, if known.
std::string describe(const Case& asked, const Target& target, std::optional<Ipv4Address> group);

}  // namespace mcq::probe
