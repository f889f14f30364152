#include "monitor/event_text.hpp"

#include "config/options.hpp"

namespace mcq::monitor {
namespace {

constexpr const char* kRogue =
    "comes from a rogue: it is not in trusted-queriers, or announces hours of silence";

const char* who(core::Notice notice) {
  switch (notice) {
    case core::Notice::kProxyQuery:
    case core::Notice::kForeignSubnet:
    case core::Notice::kUnicastQuery:
    case core::Notice::kWrongDestination:
    case core::Notice::kDuplicateAddress:
    case core::Notice::kIgnoredQuerier:
    case core::Notice::kRogueRefused:
    case core::Notice::kRogueQuerier:
    case core::Notice::kLongSilence:
    case core::Notice::kOtherVersion:
    case core::Notice::kOtherSettings:
      return "query from ";
    case core::Notice::kOlderReport:
    case core::Notice::kForeignReport:
    case core::Notice::kAnySource:
    case core::Notice::kTooManyGroups:
    case core::Notice::kTooManySources:
      return "report from ";
    case core::Notice::kNotFollowedUp:
      return "leave from ";
    case core::Notice::kBadRouterMessage:
      return "router discovery message from ";
    case core::Notice::kOlderHost:
    case core::Notice::kTooManyHosts:
      return "host ";
  }
  return "";
}

template <Family F>
std::string what(const core::Noticed<F>& noticed) {
  const std::string protocol = F::kName;
  switch (noticed.notice) {
    case core::Notice::kProxyQuery:
      return "ignored: a switch's proxy query takes no part in the election";
    case core::Notice::kForeignSubnet:
      return "ignored: its address is on no subnet of this interface (require-same-subnet)";
    case core::Notice::kUnicastQuery:
      return "ignored: it was sent to this host alone (accept-unicast-query)";
    case core::Notice::kWrongDestination:
      return "ignored: a General Query must be sent to " + to_string(F::kAllNodes);
    case core::Notice::kDuplicateAddress:
      return "ignored: that is our own address: two hosts on this LAN share it";
    case core::Notice::kIgnoredQuerier:
      return "ignored: its address is in ignore-queriers";
    case core::Notice::kRogueRefused:
      return std::string{kRogue} + "; we keep querying (on-rogue-querier)";
    case core::Notice::kRogueQuerier:
      return std::string{kRogue} + "; we yield to it (on-rogue-querier)";
    case core::Notice::kLongSilence:
      return "announces that it may be silent for " + config::format_seconds(noticed.silence) +
             "s: we take over sooner, unless it is in trusted-queriers";
    case core::Notice::kOtherVersion:
      return "of another " + protocol +
             " version than ours: all queriers of a LAN should use the same";
    case core::Notice::kOtherSettings:
      return "with other intervals than ours: all queriers of a LAN should use the same";
    case core::Notice::kOlderHost:
      return "uses an older " + protocol + " version: its groups fall back to that version";
    case core::Notice::kOlderReport:
      return "ignored: of an older " + protocol + " version (accept-older-reports)";
    case core::Notice::kForeignReport:
      return "ignored: its address is on no subnet of this interface (verify-source-subnet)";
    case core::Notice::kAnySource:
      return "ignored: it names no source of a source-specific group (ssm-aware)";
    case core::Notice::kTooManyGroups:
      return "ignored: the table of groups is full (raise max-groups)";
    case core::Notice::kTooManySources:
      return "accepted in part: the group has its maximum of sources "
             "(raise max-sources-per-group; max-groups limits those of all groups)";
    case core::Notice::kTooManyHosts:
      return "is a member but not tracked: the group has its maximum of hosts "
             "(raise max-hosts-per-group; max-groups limits those of all groups)";
    case core::Notice::kNotFollowedUp:
      return "not followed by queries: their budget is spent, and the group stays "
             "until its timer expires";
    case core::Notice::kBadRouterMessage:
      return "ignored: its address is on no subnet of this interface, or it was not sent to " +
             to_string(F::kAllSnoopers) + " or " + to_string(F::kAllRouters);
  }
  return "";
}

}  // namespace

template <Family F>
std::string explain(const core::Noticed<F>& noticed, const MacAddress& sender) {
  return who(noticed.notice) + to_string(noticed.from) + " (" + to_string(sender) + ") " +
         what(noticed);
}

template <Family F>
std::string explain(const core::TopologyChanged<F>& changed, const MacAddress& sender) {
  const auto mac = to_string(sender);
  const auto who = changed.from.is_unspecified() ? mac : to_string(changed.from) + " (" + mac + ")";
  switch (changed.sign) {
    case core::TopologySign::kSolicitation:
      return "switch " + who + " solicits queries after a change of the topology: sending two";
    case core::TopologySign::kBpdu:
      return "switch " + who + " announces a change of the topology (BPDU): sending two queries";
    case core::TopologySign::kRejoin:
      return "member " + who +
             " joins again: its link, or that of its switch, has come back; sending two queries";
  }
  return "";
}

template <Family F>
std::string explain(const core::RoleChanged<F>& changed, const std::string& waiting_for) {
  using core::Cause;
  const auto querier = to_string(changed.querier);
  switch (changed.to) {
    case core::Role::kWaiting:
      return "waiting for " + waiting_for;
    case core::Role::kNonQuerier:
      return changed.cause == Cause::kLowerQuerier
                 ? "[Election] LOST to lower IP " + querier + ". Backing off."
                 : "[Election] " + querier + " is the querier. Keeping quiet.";
    case core::Role::kQuerier:
      break;
  }
  if (changed.cause == Cause::kQuerierSilent) {
    return "[Election] Competitor timeout. Taking over as Master.";
  }
  if (changed.cause == Cause::kAddressChanged) {
    return "[Election] " + querier + " is the lowest address we know. Master.";
  }
  return "[Election] Asking as " + querier + ", unless a lower address does.";
}

template <Family F>
std::string describe(const Query<F>& query) {
  const auto name = F::kName + ("v" + std::to_string(static_cast<int>(query.version)));
  if (query.is_general()) return name + " General Query";
  const auto sources = query.sources.size();
  return name + " query for " + to_string(query.group) +
         (sources == 0 ? "" : " and " + std::to_string(sources) + " sources");
}

template std::string describe(const Query<Igmp>&);
template std::string describe(const Query<Mld>&);
template std::string explain(const core::TopologyChanged<Igmp>&, const MacAddress&);
template std::string explain(const core::TopologyChanged<Mld>&, const MacAddress&);
template std::string explain(const core::RoleChanged<Igmp>&, const std::string&);
template std::string explain(const core::RoleChanged<Mld>&, const std::string&);
template std::string explain(const core::Noticed<Igmp>&, const MacAddress&);
template std::string explain(const core::Noticed<Mld>&, const MacAddress&);

}  // namespace mcq::monitor
