"""Packets of a forger or a broken neighbour, for a querier at OURS."""

import socket
import struct

from harness import packets
from harness.packets import ethernet, general_query, igmp, ipv4, query, record, report_v3

OURS, LOWER, HIGHER = "192.0.2.10", "192.0.2.5", "192.0.2.20"


def message(length):
    """A query of any length, its checksum correct over just that length."""
    return igmp(query(3).ljust(length, b"\0")[:max(length, 4)])[:length]


def v3_query(flags=2, sources=0, trailing=b""):
    return igmp(struct.pack("!BBH4sBBH", packets.QUERY, 100, 0, bytes(4), flags, 125, sources) + trailing)


def header(source=LOWER, **changes):
    """A query whose IPv4 header is changed byte by byte, its checksum correct again: o0 is version and length, o1
    TOS, o3 total length, o9 protocol, o20 the first byte of the options."""
    packet = bytearray(ipv4(source, query()))
    for field, value in changes.items():
        packet[int(field[1:])] = value
    size = max(4 * (packet[0] & 0x0F), 20)
    packet[10:12] = b"\0\0"
    packet[10:12] = struct.pack("!H", packets.checksum(bytes(packet[:size])))
    return bytes(packet)


def plain(source=LOWER):
    """A query without any IPv4 option, as cheap switches send it."""
    packet = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0xC0, 28, 0, 0, 1, packets.IGMP, 0,
                                   bytes(map(int, source.split("."))), bytes([224, 0, 0, 1])))
    packet[10:12] = struct.pack("!H", packets.checksum(bytes(packet)))
    return bytes(packet) + query()


# By the reason that they are counted under; None for what is nobody's fault and not even remarked upon.
BAD = {
    "bad checksum": {
        "IGMP checksum (IGMP-R-01)": ethernet(ipv4(LOWER, query()[:2] + b"\x12\x34" + query()[4:])),
        "checksum not over the trailing bytes (IGMP-R-02)": ethernet(ipv4(LOWER, query(3) + b"trailing")),
    },
    "truncated packet": {
        "no message at all (IGMP-R-04)": ethernet(ipv4(LOWER, b"")),
        "length 4 (IGMP-R-04)": ethernet(ipv4(LOWER, message(4))),
        "length 7 (IGMP-R-04)": ethernet(ipv4(LOWER, message(7))),
        "total length beyond the frame (IGMP-R-31)": ethernet(header(o3=200)),
        "frame cut short": ethernet(ipv4(LOWER, query()), pad=False)[:-1],
    },
    "bad length": {
        "length 9 (IGMP-R-05)": ethernet(ipv4(LOWER, message(9))),
        "length 10 (IGMP-R-05)": ethernet(ipv4(LOWER, message(10))),
        "length 11 (IGMP-R-05)": ethernet(ipv4(LOWER, message(11))),
        "fewer sources than announced (IGMP-R-07)": ethernet(ipv4(LOWER, v3_query(sources=5, trailing=bytes(8)))),
    },
    "message of another type": {
        "unknown type (IGMP-R-08)": ethernet(ipv4(LOWER, igmp(b"\x13" + query()[1:]))),
    },
    "TTL other than 1": {
        "TTL 0 (IGMP-R-18)": general_query(LOWER, ttl=0),
        "TTL 2 (IGMP-R-18)": general_query(LOWER, ttl=2),
        "TTL 64 (IGMP-R-18)": general_query(LOWER, ttl=64),
        "TTL 255 (IGMP-R-18)": general_query(LOWER, ttl=255),
    },
    "proxy query": {
        "source 0.0.0.0 in v1 (IGMP-R-20, SNP-03)": general_query("0.0.0.0", 1),
        "source 0.0.0.0 in v2 (IGMP-R-20, SNP-03)": general_query("0.0.0.0", 2),
        "source 0.0.0.0 in v3 (IGMP-R-20, SNP-03)": general_query("0.0.0.0", 3),
    },
    "duplicate address": {
        "our own address (IGMP-R-21, IGMP-Q-22)": general_query(OURS),
    },
    "foreign subnet": {
        "source on another subnet (IGMP-R-22)": general_query("10.0.0.1"),
        "source just below our subnet (IGMP-R-22)": general_query("192.0.1.255"),
    },
    "unicast query": {
        "sent to our own address (IGMP-R-23)": general_query(LOWER, destination=OURS),
    },
    "wrong destination": {
        "sent to all routers (IGMP-R-24)": general_query(LOWER, destination="224.0.0.2"),
        "sent to a group (IGMP-R-24)": general_query(LOWER, destination="239.1.2.3"),
    },
    "bad group": {
        "group that is no multicast address (IGMP-R-25)": ethernet(ipv4(LOWER, query(group="10.0.0.1"))),
        "sources without a group (IGMP-R-26)":
            ethernet(ipv4(LOWER, v3_query(sources=1, trailing=bytes([192, 0, 2, 1])))),
    },
    None: {
        "specific query (IGMP-Q-13)": ethernet(ipv4(LOWER, query(group="239.1.2.3"), destination="239.1.2.3")),
        "higher address (IGMP-Q-06)": general_query(HIGHER),
        "UDP (IGMP-R-31)": ethernet(header(o9=packets.UDP)),
        "frame without a packet": ethernet(b"", pad=False),
        "another VLAN's": ethernet(ipv4(LOWER, query()), vlan=7),
        "another VLAN's with a priority": ethernet(ipv4(LOWER, query()), vlan=0xE000 | 4094),
    },
    "bad IP header": {
        "IP version 6 (IGMP-R-31)": ethernet(header(o0=0x66)),
        "IP header of 16 bytes (IGMP-R-31)": ethernet(header(o0=0x44)),
        "IP header longer than the packet (IGMP-R-31)": ethernet(header(o0=0x4F)),
        "total length within the header (IGMP-R-31)": ethernet(header(o3=16)),
        "option of length 0 (RA-03)": ethernet(header(o20=0x07, o21=0)),
        "option longer than the header (RA-03)": ethernet(header(o20=0x07, o21=40)),
    },
    "bad IP header checksum": {
        "IP header checksum (IGMP-R-31)":
            ethernet(ipv4(LOWER, query())[:10] + b"\x12\x34" + ipv4(LOWER, query())[12:]),
    },
    "IP fragment": {
        "first fragment (IGMP-R-31)": general_query(LOWER, fragment=0x2000),
        "later fragment (IGMP-R-31)": general_query(LOWER, fragment=0x0001),
    },
}
BAD_ROWS = {name: (reason, frame) for reason, frames in BAD.items() for name, frame in frames.items()}


def random_report(chance):
    """A report of any version, or a leave, of any host: records of any type, about groups and sources of any kind."""
    def address():
        return socket.inet_ntoa(chance.randbytes(4))

    def group():  # half of them are reported again and again
        first = chance.choice((239, 239, 232, 224, 10))
        return f"{first}.1.{chance.randrange(16)}.{chance.randrange(256)}" if chance.random() < 0.5 else \
            f"{first}." + address().partition(".")[2]

    kind = chance.randrange(8)
    if kind < 3:
        message = packets.report(group(), (packets.REPORT_V1, packets.REPORT_V2, packets.LEAVE)[kind])
    else:
        message = report_v3(*[record(chance.randrange(8), group(),
                                     [address() for _ in range(chance.choice((0, 0, 1, 3, 20)))])
                              for _ in range(chance.randrange(1, 12))],
                            count=chance.choice((None, None, None, 65535)))
    return ethernet(ipv4(address(), message))
