#include "text/well_known_groups.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/family.hpp"

namespace mcq::text {
namespace {

/// The use of the groups from `first` to `last`, inclusive.
struct Use {
  std::uint64_t first, last;
  const char* name;
};

constexpr std::uint64_t v4(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}
constexpr Use one(std::uint64_t group, const char* name) { return {group, group, name}; }

/// The first matching entry applies: addresses before ranges, small ranges before large ones. The
/// source, where a comment names no other, is the IANA IPv4 Multicast Address Space Registry
/// (https://www.iana.org/assignments/multicast-addresses).
constexpr Use kIpv4Uses[] = {
    one(v4(224, 0, 0, 1), "all hosts"),
    one(v4(224, 0, 0, 2), "all routers"),
    {v4(224, 0, 0, 5), v4(224, 0, 0, 6), "OSPF"},
    one(v4(224, 0, 0, 9), "RIP"),
    one(v4(224, 0, 0, 10), "EIGRP"),
    one(v4(224, 0, 0, 13), "PIM"),
    one(v4(224, 0, 0, 18), "VRRP"),
    one(v4(224, 0, 0, 22), "IGMPv3 reports"),
    // PulseAudio, module-rtp-send; PipeWire, module-rtp-sink and module-rtp-sap: their default.
    one(v4(224, 0, 0, 56), "PulseAudio or PipeWire"),
    one(v4(224, 0, 0, 102), "HSRP or GLBP"),
    one(v4(224, 0, 0, 106), "all snoopers"),
    one(v4(224, 0, 0, 107), "PTP peer delay"),  // IEEE 1588-2008 annex D
    // Audinate, "So You're Adding Dante to Your Network": monitoring and control.
    {v4(224, 0, 0, 230), v4(224, 0, 0, 233), "Dante control"},
    one(v4(224, 0, 0, 251), "mDNS"),   // RFC 6762
    one(v4(224, 0, 0, 252), "LLMNR"),  // RFC 4795
    one(v4(224, 0, 1, 1), "NTP"),      // RFC 5905
    one(v4(224, 0, 1, 22), "SLP"),     // SLPv1, RFC 2165
    one(v4(224, 0, 1, 24), "WINS"),
    one(v4(224, 0, 1, 35), "SLP"),  // directory agents of SLPv1, RFC 2165
    {v4(224, 0, 1, 39), v4(224, 0, 1, 40), "Cisco Auto-RP"},
    one(v4(224, 0, 1, 41), "H.323 gatekeepers"),
    one(v4(224, 0, 1, 60), "HP device discovery"),
    one(v4(224, 0, 1, 75), "SIP"),  // RFC 3261
    // IEEE 1588-2008 annex D: the default domain, and the alternate domains, used by Dante's PTPv1.
    {v4(224, 0, 1, 129), v4(224, 0, 1, 132), "PTP"},
    one(v4(224, 0, 1, 187), "CoAP"),  // RFC 7252
    one(v4(224, 0, 23, 12), "KNXnet/IP"),
    one(v4(224, 0, 23, 14), "DVB service discovery"),
    one(v4(224, 2, 127, 254), "SAP"),  // RFC 2974 §3, sessions of global scope
    {v4(224, 2, 0, 0), v4(224, 2, 255, 255), "SDP/SAP session"},
    one(v4(224, 76, 78, 75), "Ableton Link"),  // github.com/Ableton/link, discovery
    {v4(232, 0, 0, 0), v4(232, 255, 255, 255), "source-specific"},       // RFC 4607
    {v4(233, 0, 0, 0), v4(233, 251, 255, 255), "of an AS (GLOP)"},       // RFC 3180
    {v4(234, 0, 0, 0), v4(234, 255, 255, 255), "of a unicast network"},  // RFC 6034

    // Telos Alliance, "What multicast addresses are used by Livewire".
    one(v4(239, 192, 255, 1), "Livewire clock"),
    one(v4(239, 192, 255, 2), "Livewire clock"),
    one(v4(239, 192, 255, 3), "Livewire advertising"),
    one(v4(239, 192, 255, 4), "Livewire GPIO"),
    one(v4(239, 192, 152, 143), "BitTorrent"),  // BEP 14
    // CIP Networks Library volume 2 §3-5.3: 32 groups for each of 1024 host numbers.
    {v4(239, 192, 1, 0), v4(239, 192, 127, 255), "Livewire or EtherNet/IP"},
    {v4(239, 192, 128, 0), v4(239, 192, 128, 255), "EtherNet/IP"},
    {v4(239, 192, 0, 0), v4(239, 192, 0, 255), "Livewire audio"},
    {v4(239, 193, 0, 0), v4(239, 193, 127, 255), "Livewire backfeed"},
    // The last address of a scope announces its sessions (RFC 2974 §3): the organization's
    // (239.192.0.0/14) and the local one (239.255.0.0/16), RFC 2365 §6. AES67 and Dante use the
    // latter.
    one(v4(239, 195, 255, 255), "SAP"),
    one(v4(239, 255, 255, 255), "SAP"),
    // The third address from the end, after SAP's and MADCAP's, is SLPv2's (RFC 2608 §6.1, RFC 2365
    // §9).
    one(v4(239, 255, 255, 253), "SLP"),
    one(v4(239, 255, 254, 253), "Shure discovery"),  // Shure, "IP Ports and Protocols"
    // UPnP Device Architecture §1, and WS-Discovery §2.4 (cameras with ONVIF) on another port.
    one(v4(239, 255, 255, 250), "SSDP (UPnP) or WS-Discovery"),
    // Audinate, "So You're Adding Dante to Your Network".
    one(v4(239, 254, 3, 3), "Dante PTP log"),
    // Dante Controller, AES67 Config: the prefix of RTP multicast addresses is 239.69 unless set.
    {v4(239, 69, 0, 0), v4(239, 69, 255, 255), "AES67 (Dante)"},
    // SMA, "SMA Energy Meter: protocol".
    one(v4(239, 12, 255, 254), "SMA Speedwire"),
    // OMG, DDSI-RTPS 2.5 §9.6.2.4.1: discovery, and most user data. ROS 2 uses it, too.
    one(v4(239, 255, 0, 1), "DDS or sACN universe 1"),
    // github.com/RoonLabs/node-roon-api, sood.js.
    one(v4(239, 255, 90, 90), "Roon or sACN universe 23130"),
    // ANSI E1.33 table A-2.
    {v4(239, 255, 250, 133), v4(239, 255, 250, 134), "RDMnet LLRP"},
    // ANSI E1.31-2018 §9.3: universe discovery is universe 64214.
    one(v4(239, 255, 250, 214), "sACN discovery"),
    // Audio of Dante (Genesis Technologies, "Dante networking: ports and protocols") and NDI's
    // default (NDI white paper, "Multicast"); name_of() adds the universes of sACN.
    {v4(239, 255, 0, 0), v4(239, 255, 255, 255), "Dante or NDI"},
    // make_maddr() in multicast.c of ka9q-radio hashes the name of a stream into 239.0.0.0/8, but
    // never to 239.0.0.x or 239.128.0.x.
    {v4(239, 0, 0, 0), v4(239, 0, 0, 255), "private use"},
    {v4(239, 128, 0, 0), v4(239, 128, 0, 255), "private use"},
    {v4(239, 0, 0, 0), v4(239, 255, 255, 255), "ka9q-radio or private"},
};

/// Uses of IPv6 groups by their last 64 bits; all other bits but flags and scope are zero. The
/// source is the IANA IPv6 Multicast Address Space Registry
/// (https://www.iana.org/assignments/ipv6-multicast-addresses).
constexpr Use kLinkLocalUses[] = {
    one(0x1, "all nodes"),
    one(0x2, "all routers"),
    {0x5, 0x6, "OSPF"},
    one(0x9, "RIP"),
    one(0xa, "EIGRP"),
    one(0xd, "PIM"),
    one(0x12, "VRRP"),
    one(0x16, "MLDv2 reports"),
    one(0x1a, "RPL"),
    one(0x6a, "all snoopers"),
    one(0x6b, "PTP peer delay"),   // IEEE 1588-2008 annex E
    one(0xffff'efff'0001, "DDS"),  // Cyclone DDS, SPDPMulticastAddress
    one(0x1'0002, "DHCPv6"),
    one(0x1'0003, "LLMNR"),
    {0x1'ff00'0000, 0x1'ffff'ffff, "solicited-node"},            // RFC 4291 §2.7.1
    {0x2'ff00'0000, 0x2'ffff'ffff, "node information queries"},  // RFC 4620 §5
};
constexpr Use kSiteLocalUses[] = {
    one(0x2, "all routers"),
    one(0x1'0003, "DHCPv6"),
};
constexpr Use kAnyScopeUses[] = {
    one(0xc, "SSDP (UPnP) or WS-Discovery"),
    one(0xf, "UPnP"),
    one(0xfb, "mDNS"),
    one(0xfd, "CoAP"),  // RFC 7252
    one(0x101, "NTP"),
    one(0x116, "SLP"),
    one(0x123, "SLP"),
    one(0x12d, "DVB service discovery"),
    one(0x130, "UPnP"),
    {0x181, 0x184, "PTP"},
    {0x1'1000, 0x1'13ff, "SLP"},  // RFC 3111
    one(0x2'7ffe, "SAP"),
    {0x2'8000, 0x2'ffff, "SDP/SAP session"},
};
/// Not assigned by the IANA: the flag "transient" is set (RFC 4291 §2.7).
constexpr Use kTransientLinkLocalUses[] = {
    one(0x8384, "Syncthing"),  // Syncthing, "Local Discovery Protocol v4"
};
constexpr Use kTransientSiteLocalUses[] = {
    one(0xefc0'988f, "BitTorrent"),  // BEP 14
};
constexpr Use kTransientOrganizationLocalUses[] = {
    {0x85'0000'0000'0085, 0x85'0000'0000'0086, "RDMnet LLRP"},  // ANSI E1.33 table A-2
};

/// sACN has universes 1 to 63999 (ANSI E1.31-2018 §6.2.7).
constexpr bool is_universe(std::uint64_t number) { return number >= 1 && number <= 63999; }

std::string universe(std::uint64_t number) { return "sACN universe " + std::to_string(number); }

template <std::size_t Count>
const char* find(const Use (&uses)[Count], std::uint64_t group) {
  const auto* use = std::find_if(std::begin(uses), std::end(uses),
                                 [&](const Use& u) { return u.first <= group && group <= u.last; });
  return use == std::end(uses) ? "" : use->name;
}

std::string name_of(const Ipv4Address& group) {
  const auto& o = group.bytes;
  std::string name = find(kIpv4Uses, v4(o[0], o[1], o[2], o[3]));
  // The universe is in the last two bytes (ANSI E1.31-2018 §9.3.1).
  const std::uint64_t number = v4(0, 0, o[2], o[3]);
  if (name == "Dante or NDI" && is_universe(number)) return universe(number) + " or Dante/NDI";
  return name;
}

/// The universe of ff18::83:0:HIGH:LOW, with one byte of it in each of the last two 16-bit fields
/// (ANSI E1.31-2018 §9.3.2), or of ff18::8300:NUMBER, as some programs send it. Empty for others.
std::string sacn_name(std::uint64_t id) {
  std::uint64_t number = 0;
  if (id >> 32 == 0x83'0000 && (id & 0xff00'ff00) == 0) number = (id >> 8 & 0xff00) | (id & 0xff);
  if (id >> 16 == 0x8300) number = id & 0xffff;
  if (number == 64214) return "sACN discovery";
  return is_universe(number) ? universe(number) : "";
}

std::string transient_name(int scope, std::uint64_t id) {
  if (scope == 2) return find(kTransientLinkLocalUses, id);
  if (scope == 5) return find(kTransientSiteLocalUses, id);
  if (scope != 8) return "";
  const std::string name = sacn_name(id);
  return name.empty() ? find(kTransientOrganizationLocalUses, id) : name;
}

std::string name_of(const Ipv6Address& group) {
  const auto& o = group.bytes;
  if (!is_multicast(group)) return "";
  if (Mld::is_source_specific(group)) return "source-specific";  // RFC 4607
  if (!std::all_of(o.begin() + 2, o.begin() + 8, [](auto byte) { return byte == 0; })) return "";
  std::uint64_t id = 0;
  for (std::size_t i = 8; i < 16; ++i) id = id << 8 | o[i];
  const int flags = o[1] >> 4;
  const int scope = o[1] & 0x0f;
  if (flags == 1) return transient_name(scope, id);
  if (flags != 0) return "";
  std::string name;
  if (scope == 2) name = find(kLinkLocalUses, id);
  if (scope == 5) name = find(kSiteLocalUses, id);
  return name.empty() ? find(kAnyScopeUses, id) : name;
}

}  // namespace

std::string well_known_group(const IpAddress& group) {
  return std::visit([](const auto& address) { return name_of(address); }, group);
}

std::string well_known_group(const std::string& group) {
  const auto address = parse_address(group);
  return address ? well_known_group(*address) : "";
}

}  // namespace mcq::text
