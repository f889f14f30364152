#include "os/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <vector>

#include "os/system_error.hpp"

namespace mcq::os {
namespace {

// What a filter can load: octets from the IP header on, and what the kernel knows besides.
constexpr std::uint32_t kIpv4Protocol = 9;
constexpr std::uint32_t kIpv6NextHeader = 6;
constexpr std::uint32_t kBehindIpv6 = 40;  // a next header again, or the type of an ICMPv6 message
constexpr std::uint32_t kPacketType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
constexpr std::uint32_t kEtherType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL);
constexpr std::uint32_t kHasVlanTag =
    static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT);

constexpr std::uint32_t kIgmp = 2, kHopByHop = 0, kIcmpv6 = 58;
constexpr std::uint32_t kIgmpQuery = 0x11;
constexpr std::uint32_t kMldQuery = 130, kMldDone = 132, kMldReport2 = 143;
constexpr std::uint32_t kWholePacket = 0xffff;

using Filter = std::vector<sock_filter>;

void append(Filter& filter, std::initializer_list<sock_filter> instructions) {
  filter.insert(filter.end(), instructions);
}

/// Goes on only if the value that was loaded is this one.
void require(Filter& filter, std::uint32_t value) {
  append(filter, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0), BPF_STMT(BPF_RET | BPF_K, 0)});
}
void refuse(Filter& filter, std::uint32_t value) {
  append(filter, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0)});
}
void load(Filter& filter, std::uint32_t what) {
  append(filter, {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, what)});
}
void pass(Filter& filter) { append(filter, {BPF_STMT(BPF_RET | BPF_K, kWholePacket)}); }

/// PACKET_OTHERHOST is what the kernel calls a frame of a tagged VLAN that has no interface of its
/// own here (another link, with its own election) and a unicast frame for somebody else.
void only_from_this_link(Filter& filter) {
  load(filter, kPacketType);
  refuse(filter, PACKET_OTHERHOST);
}

/// What the VLANs on top of this interface send passes through it with a tag.
void only_outgoing(Filter& filter, std::uint32_t ether_type) {
  load(filter, kPacketType);
  require(filter, PACKET_OUTGOING);
  load(filter, kHasVlanTag);
  require(filter, 0);
  append(filter, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kEtherType)});
  require(filter, ether_type);
}

/// All IGMP.
void pass_messages(Filter& filter, Igmp) {
  load(filter, kIpv4Protocol);
  require(filter, kIgmp);
  pass(filter);
}

/// ICMPv6 behind hop-by-hop options, and MLD without them, which is counted as such. Neighbour
/// discovery, which has none, never wakes us.
void pass_messages(Filter& filter, Mld) {
  append(filter, {
                     BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kIpv6NextHeader),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kHopByHop, 5, 0),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kIcmpv6, 0, 6),
                     BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kBehindIpv6),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMldReport2, 5, 0),
                     BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kMldQuery, 0, 3),
                     BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kMldDone, 2, 3),
                     BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kBehindIpv6),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kIcmpv6, 1, 0),
                     BPF_STMT(BPF_RET | BPF_K, 0),
                     BPF_STMT(BPF_RET | BPF_K, kWholePacket),
                 });
}

/// All IGMP but queries, which are ours.
void pass_reports(Filter& filter, Igmp) {
  load(filter, kIpv4Protocol);
  require(filter, kIgmp);
  append(filter, {BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0)});
  refuse(filter, kIgmpQuery);
  pass(filter);
}

/// The same behind hop-by-hop options, which have 8 octets and as many more as their second says.
void pass_reports(Filter& filter, Mld) {
  load(filter, kIpv6NextHeader);
  require(filter, kHopByHop);
  load(filter, kBehindIpv6);
  require(filter, kIcmpv6);
  load(filter, kBehindIpv6 + 1);
  append(filter,
         {BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3),
          BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_B | BPF_IND, kBehindIpv6)});
  refuse(filter, kMldQuery);
  pass(filter);
}

template <Family F>
constexpr std::uint16_t kEtherTypeOf = std::same_as<F, Igmp> ? ETH_P_IP : ETH_P_IPV6;

template <Family F>
Filter filter_for(Traffic traffic) {
  Filter filter;
  if (traffic == Traffic::kOwnReports) {
    only_outgoing(filter, kEtherTypeOf<F>);
    pass_reports(filter, F{});
  } else {
    only_from_this_link(filter);
    pass_messages(filter, F{});
  }
  return filter;
}

sockaddr_ll link_address(int interface_index, std::uint16_t protocol) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = interface_index;
  return address;
}

template <class T>
bool set_option(int fd, int level, int option, const T& value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

template <Family F>
Result<PacketSocket> PacketSocket::open(int interface_index, Traffic traffic) {
  // Protocol 0 receives nothing until bind: no packet slips in before the filter is there.
  Fd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (fd.get() < 0) return system_failure("cannot open a packet socket");
  auto filter = filter_for<F>(traffic);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  if (!set_option(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, program)) {
    return system_failure("cannot attach the packet filter");
  }
  const bool is_own = traffic == Traffic::kOwnReports;
  packet_mreq membership{};
  membership.mr_ifindex = interface_index;
  membership.mr_type = PACKET_MR_ALLMULTI;
  if (!is_own && !set_option(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)) {
    return system_failure("cannot receive all multicast");
  }
  // A socket for one protocol never sees outgoing packets.
  const auto address = link_address(interface_index, is_own ? ETH_P_ALL : kEtherTypeOf<F>);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_failure("cannot listen on the interface");
  }
  return PacketSocket{std::move(fd), interface_index, kEtherTypeOf<F>};
}

bool PacketSocket::is_attached() const {
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  return ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.sll_ifindex == interface_index_;
}

Result<Packet, int> PacketSocket::receive(std::span<std::uint8_t> buffer) {
  sockaddr_ll from{};
  socklen_t from_size = sizeof from;
  const auto size = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &from_size);
  if (size < 0) return fail(errno);
  Packet packet{buffer.first(static_cast<std::size_t>(size))};
  std::copy_n(from.sll_addr, packet.sender.octets.size(), packet.sender.octets.begin());
  return packet;
}

Result<Ok, int> PacketSocket::send(std::span<const std::uint8_t> packet,
                                   const MacAddress& destination) {
  auto to = link_address(interface_index_, protocol_);
  to.sll_halen = ETH_ALEN;
  std::copy(destination.octets.begin(), destination.octets.end(), to.sll_addr);
  const auto size = ::sendto(fd_.get(), packet.data(), packet.size(), 0,
                             reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (size < 0) return fail(errno);
  return Ok{};
}

template Result<PacketSocket> PacketSocket::open<Igmp>(int, Traffic);
template Result<PacketSocket> PacketSocket::open<Mld>(int, Traffic);

}  // namespace mcq::os
