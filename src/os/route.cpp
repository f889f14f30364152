#include "os/route.hpp"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <variant>

#include "os/netlink_attributes.hpp"
#include "os/netlink_query.hpp"

namespace mcq::os {
namespace {

extern "C" int on_route(const nlmsghdr* message, void* context) noexcept {
  if (message->nlmsg_type != RTM_NEWROUTE) return MNL_CB_OK;
  const auto found = attributes<RTA_OIF + 1>(*message, sizeof(rtmsg));
  *static_cast<int*>(context) = static_cast<int>(number_of(found[RTA_OIF]).value_or(0));
  return MNL_CB_OK;
}

template <std::size_t Size>
Result<int, int> ask(const Address<Size>& destination) {
  rtmsg header{};
  header.rtm_family = Size == 4 ? AF_INET : AF_INET6;
  header.rtm_dst_len = 8 * Size;
  NetlinkQuery query{RTM_GETROUTE, NLM_F_ACK, header};
  mnl_attr_put(&query.message(), RTA_DST, Size, destination.bytes.data());
  int index = 0;
  const auto done = query.run(on_route, &index);
  if (!done) return fail(done.error());
  return index;
}

}  // namespace

Result<int, int> interface_towards(const IpAddress& address) {
  return std::visit([](const auto& destination) { return ask(destination); }, address);
}

}  // namespace mcq::os
