"""Filters in the kernel (classic BPF), so that a capture sees little of a storm: load a value, compare, keep or drop."""

import ipaddress
import struct

from harness import packets

KEEP, DROP = (0x06, 0, 0, 65535), (0x06, 0, 0, 0)
PACKET_TYPE, PACKET_OUTGOING = 0xFFFFF004, 4

OUTGOING = [(0x30, 0, 0, PACKET_TYPE), (0x15, 0, 1, PACKET_OUTGOING), KEEP, DROP]

# Behind an IPv4 header of any length, or behind that of IPv6 and eight bytes of options.
QUERIES = [(0x28, 0, 0, 12), (0x15, 0, 5, 0x0800),
           (0x30, 0, 0, 23), (0x15, 0, 11, packets.IGMP),
           (0xB1, 0, 0, 14), (0x50, 0, 0, 14), (0x15, 7, 8, packets.QUERY),
           (0x15, 0, 7, 0x86DD),
           (0x30, 0, 0, 20), (0x15, 0, 5, 0),
           (0x30, 0, 0, 54), (0x15, 0, 3, packets.ICMPV6),
           (0x30, 0, 0, 62), (0x15, 0, 1, packets.MLD_QUERY), KEEP, DROP]


def of_protocol(number):
    """One protocol over IPv4."""
    return [(0x28, 0, 0, 12), (0x15, 0, 3, 0x0800), (0x30, 0, 0, 23), (0x15, 0, 1, number), KEEP, DROP]


def queries_towards_or_of(sources):
    """On a port of a switch: what comes from it of QUERIES, and what goes to it of those sources alone."""
    def words(version):  # the last four bytes tell addresses of a link from each other
        return [struct.unpack("!I", address.packed[-4:])[0] for address in map(ipaddress.ip_address, sorted(sources))
                if address.version == version]

    def any_of(offset, wanted, after):
        """Behind the wanted ones and a DROP follow that many steps of others."""
        left = range(len(wanted), 0, -1)
        return [(0x20, 0, 0, offset), *((0x15, step + after, 0, word) for step, word in zip(left, wanted)), DROP]

    six = any_of(34, words(6), 0)
    four = any_of(26, words(4), len(six))
    chosen = [(0x28, 0, 0, 12), (0x15, 0, len(four), 0x0800), *four, *six]
    return [(0x30, 0, 0, PACKET_TYPE), (0x15, 0, len(chosen), PACKET_OUTGOING), *chosen, *QUERIES]
