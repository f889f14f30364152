#include "app/notices.hpp"

namespace mcq::app {
namespace {

const char* who(core::Notice notice) {
  switch (notice) {
    case core::Notice::kProxyQuery:
    case core::Notice::kForeignSubnet:
    case core::Notice::kUnicastQuery:
    case core::Notice::kWrongDestination:
    case core::Notice::kDuplicateAddress:
    case core::Notice::kOtherVersion:
    case core::Notice::kOtherSettings:
      return "query from ";
    case core::Notice::kOlderReport:
    case core::Notice::kForeignReport:
    case core::Notice::kAnySource:
    case core::Notice::kTooManyGroups:
    case core::Notice::kTooManySources:
      return "report from ";
    case core::Notice::kOlderHost:
    case core::Notice::kTooManyHosts:
      return "host ";
  }
  return "";
}

template <Family F>
std::string what(core::Notice notice) {
  const std::string protocol = F::kName;
  switch (notice) {
    case core::Notice::kProxyQuery:
      return "ignored: a switch's proxy query takes no part in the election";
    case core::Notice::kForeignSubnet:
      return "ignored: its address is on no subnet of this interface (require-same-subnet)";
    case core::Notice::kUnicastQuery:
      return "ignored: it was sent to one host alone (accept-unicast-query)";
    case core::Notice::kWrongDestination:
      return "ignored: a General Query must be sent to " + to_string(F::kAllNodes);
    case core::Notice::kDuplicateAddress:
      return "ignored: that is our own address: two hosts on this LAN share it";
    case core::Notice::kOtherVersion:
      return "of another " + protocol +
             " version than ours: all queriers of a LAN should use the same";
    case core::Notice::kOtherSettings:
      return "with other intervals than ours: all queriers of a LAN should use the same";
    case core::Notice::kOlderHost:
      return "speaks an older " + protocol +
             " version than we: its groups are kept as that version has it";
    case core::Notice::kOlderReport:
      return "ignored: of an older " + protocol + " version (accept-older-reports)";
    case core::Notice::kForeignReport:
      return "ignored: its address is on no subnet of this interface (verify-source-subnet)";
    case core::Notice::kAnySource:
      return "ignored: it names no source of a source-specific group (ssm-aware)";
    case core::Notice::kTooManyGroups:
      return "ignored: there are as many groups as may be (raise max-groups)";
    case core::Notice::kTooManySources:
      return "not fully taken in: the group has as many sources as may be "
             "(raise max-sources-per-group; max-groups limits those of all groups)";
    case core::Notice::kTooManyHosts:
      return "is a member but not tracked: the group has as many hosts as may be "
             "(raise max-hosts-per-group; max-groups limits those of all groups)";
  }
  return "";
}

}  // namespace

template <Family F>
std::string explain(const core::Noticed<F>& noticed, const MacAddress& sender) {
  return who(noticed.notice) + to_string(noticed.from) + " (" + to_string(sender) + ") " +
         what<F>(noticed.notice);
}

template std::string explain(const core::Noticed<Igmp>&, const MacAddress&);
template std::string explain(const core::Noticed<Mld>&, const MacAddress&);

}  // namespace mcq::app
