#include "os/bridge.hpp"

#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "os/bridge_messages.hpp"
#include "os/netlink_attributes.hpp"
#include "os/netlink_query.hpp"

namespace mcq::os {
namespace {

extern "C" int on_bridge(const nlmsghdr* message, void* context) noexcept {
  auto& found = *static_cast<std::optional<Bridge>*>(context);
  const bool is_whole = message->nlmsg_len >= NLMSG_LENGTH(sizeof(ifinfomsg));
  if (message->nlmsg_type != RTM_NEWLINK || !is_whole) return MNL_CB_OK;
  const auto link = attributes<IFLA_LINKINFO + 1>(*message, sizeof(ifinfomsg));
  const auto info = nested_attributes<IFLA_INFO_DATA + 1>(link[IFLA_LINKINFO]);
  if (text_of(info[IFLA_INFO_KIND]).value_or("") == "bridge") {
    found = parse_bridge(info[IFLA_INFO_DATA]);
  }
  return MNL_CB_OK;
}

extern "C" int on_entries(const nlmsghdr* message, void* context) noexcept {
  parse_bridge_entries(*message, *static_cast<std::vector<BridgeEntry>*>(context));
  return MNL_CB_OK;
}

br_port_msg all_bridges() {
  br_port_msg header{};
  header.family = AF_BRIDGE;
  return header;
}

}  // namespace

Result<Bridge, int> read_bridge(int index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index;
  std::optional<Bridge> found;
  const auto done = NetlinkQuery{RTM_GETLINK, NLM_F_ACK, header}.run(on_bridge, &found);
  if (!done) return fail(done.error());
  if (!found) return fail(ENODEV);
  return *found;
}

BridgeTables::BridgeTables()
    : query_(std::make_unique<NetlinkQuery>(std::uint16_t{RTM_GETMDB}, std::uint16_t{NLM_F_DUMP},
                                            all_bridges())) {}
BridgeTables::BridgeTables(BridgeTables&&) noexcept = default;
BridgeTables::~BridgeTables() = default;

Result<bool, int> BridgeTables::read_some(std::vector<BridgeEntry>& entries) {
  return query_->read_some(on_entries, &entries);
}

}  // namespace mcq::os
