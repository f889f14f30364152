#include "os/packet_filter.hpp"

#include <linux/if_packet.h>

#include <initializer_list>

namespace mcq::os {
namespace {

// What a filter can load: bytes by their offset from the IP header, and metadata of the kernel.
constexpr std::uint32_t kIpv4Protocol = 9;
constexpr std::uint32_t kIpv6NextHeader = 6;
constexpr std::uint32_t kBehindIpv6 = 40;  // next header of an extension, or ICMPv6 type
constexpr std::uint32_t kPacketType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE);
constexpr std::uint32_t kEtherType = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL);
constexpr std::uint32_t kHasVlanTag =
    static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT);
constexpr std::uint32_t kVlanTag = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG);
constexpr std::uint32_t kVlanNumber = 0x0fff;  // of a tag

constexpr std::uint32_t kIgmp = 2, kHopByHop = 0, kIcmpv6 = 58;
constexpr std::uint32_t kIgmpQuery = 0x11;
constexpr std::uint32_t kMldQuery = 130, kMldDone = 132, kMldReport2 = 143;

constexpr sock_filter kPass = BPF_STMT(BPF_RET | BPF_K, 0xffff);
constexpr sock_filter kDrop = BPF_STMT(BPF_RET | BPF_K, 0);

using Filter = std::vector<sock_filter>;

void append(Filter& filter, std::initializer_list<sock_filter> instructions) {
  filter.insert(filter.end(), instructions);
}

/// Drops the packet unless the loaded value is `value`.
void require(Filter& filter, std::uint32_t value) {
  append(filter, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0), kDrop});
}
/// Drops the packet if the loaded value is `value`.
void refuse(Filter& filter, std::uint32_t value) {
  append(filter, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), kDrop});
}
void load(Filter& filter, std::uint32_t what) {
  append(filter, {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, what)});
}

/// Drops PACKET_OTHERHOST: frames of tagged VLANs without an interface here, which are other links,
/// and unicast frames to other hosts.
void only_from_this_link(Filter& filter) {
  load(filter, kPacketType);
  refuse(filter, PACKET_OTHERHOST);
}

/// Passes incoming packets of tagged VLANs, which the kernel gives only to sockets of all
/// protocols.
void only_from_vlans(Filter& filter, std::uint32_t ether_type) {
  load(filter, kPacketType);
  refuse(filter, PACKET_OUTGOING);
  refuse(filter, PACKET_OTHERHOST);
  load(filter, kHasVlanTag);
  require(filter, 1);
  append(filter, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kEtherType)});
  require(filter, ether_type);
  append(filter, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kVlanTag),
                  BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kVlanNumber)});
  refuse(filter, 0);
}

/// Passes outgoing packets without a VLAN tag: tagged ones are from VLAN interfaces on top of this.
void only_outgoing(Filter& filter, std::uint32_t ether_type) {
  load(filter, kPacketType);
  require(filter, PACKET_OUTGOING);
  load(filter, kHasVlanTag);
  require(filter, 0);
  append(filter, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kEtherType)});
  require(filter, ether_type);
}

/// Passes either queries or all other messages. The index register has the offset of the type.
void pass_by_type(Filter& filter, std::uint32_t query, bool takes_queries) {
  append(filter, {
                     BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
                     BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 1, 0),
                     takes_queries ? kDrop : kPass,
                     BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, query, 0, 1),
                     takes_queries ? kPass : kDrop,
                     takes_queries ? kDrop : kPass,
                 });
}

void pass_messages(Filter& filter, Igmp, Traffic traffic) {
  load(filter, kIpv4Protocol);
  require(filter, kIgmp);
  if (traffic == Traffic::kOutgoing) return append(filter, {kPass});
  append(filter, {BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)});  // IP header length
  pass_by_type(filter, kIgmpQuery, traffic == Traffic::kQueries);
}

/// Passes MLD without hop-by-hop options, so that it is counted. Drops other ICMPv6 without them,
/// such as Neighbor Discovery.
void pass_bare_messages(Filter& filter) {
  append(filter, {
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kHopByHop, 7, 0),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kIcmpv6, 0, 4),
                     BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kBehindIpv6),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMldReport2, 3, 0),
                     BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kMldQuery, 0, 1),
                     BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kMldDone, 0, 1),
                     kDrop,
                     kPass,
                 });
}

/// Hop-by-hop options have 8 bytes, and 8 more for each unit in their second byte (RFC 8200 §4.3).
void pass_messages(Filter& filter, Mld, Traffic traffic) {
  load(filter, kIpv6NextHeader);
  if (traffic == Traffic::kReports) {
    pass_bare_messages(filter);
  } else {
    require(filter, kHopByHop);
  }
  load(filter, kBehindIpv6);
  require(filter, kIcmpv6);
  if (traffic == Traffic::kOutgoing) return append(filter, {kPass});
  load(filter, kBehindIpv6 + 1);
  append(filter, {
                     BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
                     BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3),
                     BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, kBehindIpv6),
                     BPF_STMT(BPF_MISC | BPF_TAX, 0),
                 });
  pass_by_type(filter, kMldQuery, traffic == Traffic::kQueries);
}

}  // namespace

template <Family F>
std::vector<sock_filter> packet_filter(Traffic traffic, Tagging tagging) {
  Filter filter;
  if (traffic == Traffic::kOutgoing) {
    only_outgoing(filter, kEtherTypeOf<F>);
  } else if (tagging == Tagging::kTagged) {
    only_from_vlans(filter, kEtherTypeOf<F>);
  } else {
    only_from_this_link(filter);
  }
  pass_messages(filter, F{}, traffic);
  return filter;
}

template std::vector<sock_filter> packet_filter<Igmp>(Traffic, Tagging);
template std::vector<sock_filter> packet_filter<Mld>(Traffic, Tagging);

}  // namespace mcq::os
