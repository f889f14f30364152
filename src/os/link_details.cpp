#include "os/link_details.hpp"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "os/bridge_messages.hpp"
#include "os/netlink_attributes.hpp"
#include "os/netlink_query.hpp"
#include "os/system_error.hpp"

namespace mcq::os {
namespace {

extern "C" int on_link(const nlmsghdr* message, void* context) noexcept {
  if (message->nlmsg_type != RTM_NEWLINK) return MNL_CB_OK;
  const auto& header = *static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  const auto found = attributes<IFLA_LINKINFO + 1>(*message, sizeof header);
  LinkDetails details;
  details.master = static_cast<int>(number_of(found[IFLA_MASTER]).value_or(0));
  const auto info = nested_attributes<IFLA_INFO_DATA + 1>(found[IFLA_LINKINFO]);
  details.kind = std::string{text_of(info[IFLA_INFO_KIND]).value_or("")};
  if (details.kind == "vlan") {
    const auto data = nested_attributes<IFLA_VLAN_ID + 1>(info[IFLA_INFO_DATA]);
    details.parent = static_cast<int>(number_of(found[IFLA_LINK]).value_or(0));
    const auto* id = data[IFLA_VLAN_ID];
    const bool is_valid = id != nullptr && mnl_attr_validate(id, MNL_TYPE_U16) >= 0;
    details.vlan = is_valid ? mnl_attr_get_u16(id) : std::uint16_t{0};
  }
  if (details.kind == "bridge") details.bridge = parse_bridge(info[IFLA_INFO_DATA]);
  (*static_cast<std::map<int, LinkDetails>*>(context))[header.ifi_index] = std::move(details);
  return MNL_CB_OK;
}

}  // namespace

Result<std::map<int, LinkDetails>> read_link_details() {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  std::map<int, LinkDetails> all;
  const auto done = NetlinkQuery{RTM_GETLINK, NLM_F_DUMP, header}.run(on_link, &all);
  if (!done) {
    errno = done.error();
    return system_failure("cannot list the interfaces");
  }
  return all;
}

}  // namespace mcq::os
