#pragma once

#include <string>

namespace mcq::text {

/// Replaces what names a network: the middle of unicast addresses of IPv4, IPv6 and Ethernet by x,
/// and `host_name`, where it is a word of its own, by "host". Multicast and unspecified addresses
/// stay, and so do the ends of the others, by which they can be told apart.
std::string redacted(const std::string& text, const std::string& host_name);

}  // namespace mcq::text
