#include "app/verdict.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

#include "app/choices.hpp"
#include "app/printable.hpp"

namespace mcq::app {
namespace {

/// What the cheapest switches remember a member for, and how long a query may be overdue.
constexpr Duration kSwitchMemory = 260s;

std::string waiting(const std::string& reason) {
  if (reason == kWaitsForLink)
    return "no link, so nothing can be asked: check cable and switch port";
  if (reason == kWaitsForIpv4) {
    return "no IPv4 address to ask from: give the interface one, or use --proxy";
  }
  if (reason == kWaitsForIpv6) {
    return "no IPv6 link-local address to ask from: enable IPv6 on the interface";
  }
  if (reason == kWaitsForSocket) {
    return "cannot open its sockets: the log says why (journalctl -u igmp-querier)";
  }
  if (reason == kWaitsForInterface) {
    return "waiting for the interface to appear: check its name and driver (ip link)";
  }
  return "waiting for " + reason;
}

/// What is wrong; empty when nothing is.
std::string trouble(const Condition& c) {
  if (c.role == core::Role::kWaiting) return waiting(c.waiting_for);
  if (c.cannot_send) return "cannot send queries: the log says why (journalctl -u igmp-querier)";
  if (c.served_twice) {
    return "another igmp-querier on this machine serves this interface as well: stop one of the "
           "two";
  }
  if (!c.duplicate.empty()) {
    return fmt::format("{} uses our address {} as well: give one of the two another", c.duplicate,
                       c.address);
  }
  if (c.rogue) {
    return fmt::format(
        "a rogue querier asks, and {}: turn it off, or add it to trusted-queriers (the log says "
        "who it is)",
        c.role == core::Role::kQuerier ? "we go on asking" : "we stand by all the same");
  }
  if (!c.rival.empty()) {
    return fmt::format(
        "{} asks although our address {} is lower: it does not hear us, or does not yield; turn "
        "one of the two queriers off",
        c.rival, c.address);
  }
  if (c.flapping) {
    return "we have lost and won elections again and again within the last hour: look for a "
           "querier that comes and goes (journalctl -u igmp-querier)";
  }
  if (c.query_interval.value_or(Duration{}) >= kSwitchMemory) {
    return fmt::format(
        "{} is the querier but asks every {} s only, and switches forget members "
        "after {} s: lower its query interval",
        c.querier, format_seconds(std::chrono::round<std::chrono::seconds>(*c.query_interval)),
        format_seconds(kSwitchMemory));
  }
  if (c.cannot_receive) return "some reports were not received: the log says why";
  if (c.too_many_groups) return "groups were refused, the table is full: raise max-groups";
  if (c.too_many_sources) {
    return "sources were refused: raise max-sources-per-group, or max-groups (the log says more)";
  }
  if (c.host_unreachable) {
    return "programs on this host do not hear the queries: the log says why";
  }
  if (c.unanswered) {
    return "nobody has answered the last two queries: do they get through the switch to the hosts?";
  }
  return "";
}

std::string membership(const Condition& c) {
  if (c.groups == 0) return "nobody listens to a group yet";
  if (!c.tracks_hosts || c.hosts == 0) {
    return counted(c.groups, "group") + (c.groups == 1 ? " is alive" : " are alive");
  }
  return counted(c.hosts, "host") + (c.hosts == 1 ? " keeps " : " keep ") +
         counted(c.groups, "group") + " alive";
}

}  // namespace

Verdict judge(const Condition& c) {
  if (const auto wrong = trouble(c); !wrong.empty()) return {false, c.name + ": " + wrong};
  const auto role = c.role == core::Role::kNonQuerier ? c.querier + " is the querier, we stand by"
                    : c.proxy                         ? "we are the querier, as a proxy"
                                                      : "we are the querier";
  return {true, fmt::format("{}: {}; {}; all is well", c.name, role, membership(c))};
}

}  // namespace mcq::app
