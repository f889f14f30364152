#include "probe/cases.hpp"

#include <array>

#include "wire/frame.hpp"
#include "wire/igmp.hpp"

namespace mcq::probe {
namespace {

/// Advertised in version 3: that of igmp-querier by default.
constexpr Duration kAdvertisedInterval = 60s;
constexpr auto k2 = Igmp::Version::k2, k3 = Igmp::Version::k3;
constexpr std::array kCases{
    Case{.id = "v3", .version = k3},
    Case{.id = "v3-no-router-alert", .version = k3, .router_alert = false},
    Case{.id = "v3-off-subnet", .version = k3, .source = Source::kOffSubnet},
    Case{.id = "v3-unspecified", .version = k3, .source = Source::kUnspecified},
    Case{.id = "v3-group", .version = k3, .scope = Scope::kGroup},
    Case{.id = "v3-again", .version = k3, .again = true},
    Case{.id = "v2", .version = k2},
    Case{.id = "v2-no-router-alert", .version = k2, .router_alert = false},
    Case{.id = "v2-off-subnet", .version = k2, .source = Source::kOffSubnet},
    Case{.id = "v2-unspecified", .version = k2, .source = Source::kUnspecified},
    Case{.id = "v2-group", .version = k2, .scope = Scope::kGroup},
    Case{.id = "v2-again", .version = k2, .again = true},
};

}  // namespace

std::span<const Case> cases() { return kCases; }

Ipv4Address off_subnet(const Prefix<4>& subnet) {
  constexpr Ipv4Address kBenchmarking{{198, 18, 0, 1}}, kDocumentation{{203, 0, 113, 1}};
  return subnet.contains(kBenchmarking) ? kDocumentation : kBenchmarking;
}

Ipv4Address source_of(const Case& asked, const Target& target) {
  switch (asked.source) {
    case Source::kOffSubnet:
      return off_subnet(target.subnet);
    case Source::kUnspecified:
      return {};
    case Source::kOwn:
      break;
  }
  return target.own;
}

Asking make_query(const Case& asked, const Target& target, const Ipv4Address& group) {
  const bool is_general = asked.scope == Scope::kGeneral;
  Query<Igmp> query;
  query.version = asked.version;
  query.group = is_general ? Ipv4Address{} : group;
  query.max_response = target.max_response;
  query.query_interval = kAdvertisedInterval;
  query.robustness = 2;
  const auto destination = is_general ? Igmp::kAllNodes : group;
  const auto alert = asked.router_alert ? wire::RouterAlert::kPresent : wire::RouterAlert::kAbsent;
  return {wire::ipv4_packet(source_of(asked, target), destination, wire::Reach::kLink,
                            wire::serialize(query), alert),
          destination};
}

std::string describe(const Case& asked, const Target& target, std::optional<Ipv4Address> group) {
  auto text = "IGMPv" + std::to_string(static_cast<int>(asked.version)) + " ";
  if (asked.scope == Scope::kGeneral) {
    text += "General Query";
  } else {
    text += "query about " + (group ? to_string(*group) : "a group");
  }
  if (!asked.router_alert) text += " without Router Alert";
  if (asked.source != Source::kOwn) text += " from " + to_string(source_of(asked, target));
  if (asked.source == Source::kOffSubnet) text += ", off the subnet";
  if (asked.again) text += ", once more";
  return text;
}

}  // namespace mcq::probe
