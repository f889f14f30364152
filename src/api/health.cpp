#include "api/health.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

#include "config/options.hpp"
#include "text/printable.hpp"

namespace mcq::api {
namespace {

/// What the cheapest switches remember a member for, and how long a query may be overdue.
constexpr Duration kSwitchMemory = 260s;
constexpr std::size_t kNamed = 3;  ///< hosts that a verdict names

std::string waiting(instance::WaitReason reason) {
  using instance::WaitReason;
  switch (reason) {
    case WaitReason::kLink:
      return "no link: check cable and switch port";
    case WaitReason::kIpv4Address:
      return "no IPv4 address to query from: add one to the interface, or use --proxy";
    case WaitReason::kLinkLocalAddress:
      return "no IPv6 link-local address to query from: enable IPv6 on the interface";
    case WaitReason::kReceiver:
      return "cannot open its sockets: the log says why (journalctl -u igmp-querier)";
    case WaitReason::kInterface:
      return "waiting for the interface to appear: check its name and driver (ip link)";
    case WaitReason::kNone:
    case WaitReason::kEthernet:
    case WaitReason::kUpperDevice:
    case WaitReason::kPause:
      break;
  }
  return std::string{"waiting for "} + to_string(reason);
}

std::string in_whole_seconds(Duration time) {
  return config::format_seconds(std::chrono::round<std::chrono::seconds>(time));
}

bool is_overdue(const LinkCondition& c) {
  return c.role == core::Role::kNonQuerier && c.silence > c.query_due;
}

std::string overdue(const LinkCondition& c) {
  return fmt::format("{} is the querier but has not queried for {} s; we take over in {} s",
                     c.querier, in_whole_seconds(c.silence), in_whole_seconds(c.takeover));
}

/// "192.0.2.20, 192.0.2.21 and 3 more"
std::string some_of(const std::vector<std::string>& names, std::size_t all) {
  const auto named = std::min(names.size(), kNamed);
  std::string list;
  for (std::size_t i = 0; i < named; ++i) list += (i == 0 ? "" : ", ") + names[i];
  return all > named ? fmt::format("{} and {} more", list, all - named) : list;
}

/// Hosts that are silent, where one or a few among many would be no reason to alarm. One that has
/// answered before may have been switched off. Those that have never answered joined all the same,
/// so reports get through, and queries or answers do not.
std::string silence(const LinkCondition& c) {
  const auto names = some_of(c.silent_hosts, c.silent);
  if (c.answering == 0 && (c.silent > 1 || c.never_answered > 0)) {
    return fmt::format(
        "no host has answered the last two queries, and {} not left ({}): do queries get through "
        "the switch to the hosts?",
        text::counted(c.silent, "host") + (c.silent == 1 ? " has" : " have"), names);
  }
  if (c.never_answered > 1 && c.never_answered >= c.answering) {
    return fmt::format(
        "{} hosts that have joined answer no query, and only {} ({}): do queries get through the "
        "switch to all hosts?",
        c.never_answered,
        text::counted(c.answering, "other") + (c.answering == 1 ? " does" : " do"), names);
  }
  return "";
}

/// What is wrong; empty when nothing is.
std::string trouble(const LinkCondition& c) {
  if (c.role == core::Role::kWaiting) return waiting(c.wait_reason);
  if (c.cannot_send) return "cannot send queries: the log says why (journalctl -u igmp-querier)";
  if (c.served_twice) {
    return "another igmp-querier on this machine serves this interface as well: stop one of the "
           "two";
  }
  if (c.asked_beside) {
    return fmt::format(
        "another querier on this machine sends queries from our address {}: stop one of the two",
        c.address);
  }
  if (!c.duplicate.empty()) {
    return fmt::format("{} uses our address {} as well: give one of the two another", c.duplicate,
                       c.address);
  }
  if (c.rogue) {
    return fmt::format(
        "there is a rogue querier, and {}: turn it off, or add it to trusted-queriers (the log "
        "says who it is)",
        c.role == core::Role::kQuerier ? "we keep querying" : "we yield to it");
  }
  if (!c.rival.empty()) {
    return fmt::format(
        "{} queries although our address {} is lower: it does not receive our queries, or does not "
        "yield; turn one of the two queriers off",
        c.rival, c.address);
  }
  if (c.flapping) {
    return "many elections were lost and won within the last hour: look for a querier "
           "that comes and goes (journalctl -u igmp-querier)";
  }
  if (is_overdue(c) && c.silence >= kSwitchMemory) {
    return fmt::format("{}, and switches forget members after {} s: check whether it still runs",
                       overdue(c), config::format_seconds(kSwitchMemory));
  }
  // The time since the last query is the least that the interval can be.
  if (const auto interval = std::max(c.query_interval, c.silence); interval >= kSwitchMemory) {
    return fmt::format(
        "{} is the querier but queries only every {} s, and switches forget members "
        "after {} s: lower its query interval",
        c.querier, in_whole_seconds(interval), config::format_seconds(kSwitchMemory));
  }
  if (c.cannot_receive) return "some reports were not received: the log says why";
  if (c.too_many_groups) return "groups were refused, the table is full: raise max-groups";
  if (c.too_many_sources) {
    return "sources were refused: raise max-sources-per-group, or max-groups (the log says more)";
  }
  if (c.host_unreachable) {
    return "programs on this host do not receive the queries: the log says why";
  }
  return silence(c);
}

std::string members(const LinkCondition& c) {
  if (c.groups == 0)
    return c.silent == 0 ? "no group has a member yet" : "no group has a member any more";
  if (!c.tracks_hosts || c.hosts == 0) {
    return text::counted(c.groups, "group") + (c.groups == 1 ? " is alive" : " are alive");
  }
  return text::counted(c.hosts, "host") + (c.hosts == 1 ? " keeps " : " keep ") +
         text::counted(c.groups, "group") + " alive";
}

std::string membership(const LinkCondition& c) {
  if (c.silent == 0) return members(c);
  return fmt::format("{}; {} silent ({})", members(c),
                     text::counted(c.silent, "host") + (c.silent == 1 ? " is" : " are"),
                     some_of(c.silent_hosts, c.silent));
}

}  // namespace

Verdict judge(const LinkCondition& c) {
  if (const auto wrong = trouble(c); !wrong.empty()) return {false, c.name + ": " + wrong};
  const bool late = is_overdue(c);
  const auto role = late                                ? overdue(c)
                    : c.role == core::Role::kNonQuerier ? c.querier + " is the querier, we stand by"
                    : c.proxy                           ? "we are the querier, as a proxy"
                                                        : "we are the querier";
  return {true, fmt::format("{}: {}; {}; all is well{}", c.name, role, membership(c),
                            late ? " so far" : "")};
}

}  // namespace mcq::api
