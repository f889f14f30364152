#include "config/group_list.hpp"

#include <concepts>
#include <variant>

#include "base/ip_address.hpp"

namespace mcq::config {
namespace {

bool is_filtered(const Ipv4Address& group) { return Igmp::is_tracked(group); }
bool is_filtered(const Ipv6Address& group) {
  constexpr std::uint8_t kLinkLocalScope = 2;
  return (group.bytes[1] & 0x0f) > kLinkLocalScope;
}

}  // namespace

template <Family F>
Result<typename F::Address> parse_group(const std::string& given) {
  constexpr bool kIsIgmp = std::same_as<F, Igmp>;
  const auto any = parse_address(given);
  const auto* address = any ? std::get_if<typename F::Address>(&*any) : nullptr;
  if (address == nullptr || !is_multicast(*address)) {
    return fail("'" + given + "' is not allowed: it must be " +
                (kIsIgmp ? "a multicast group of IPv4, as 239.1.2.3"
                         : "a multicast group of IPv6, as ff15::7"));
  }
  if (!is_filtered(*address)) {
    return fail(
        "'" + given + "' is not allowed: switches flood " +
        (kIsIgmp ? "224.0.0.0 to 224.0.0.255" : "groups of the link-local and smaller scopes") +
        ", so nobody needs to hold it");
  }
  return *address;
}
template Result<Ipv4Address> parse_group<Igmp>(const std::string&);
template Result<Ipv6Address> parse_group<Mld>(const std::string&);

}  // namespace mcq::config
