#!/usr/bin/env python3
"""Write the corpora from which the fuzz targets start: one small file per case worth keeping."""

import pathlib
import struct

HERE = pathlib.Path(__file__).parent


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def summed(data, offset):
    data = data[:offset] + b"\0\0" + data[offset + 2:]
    return data[:offset] + struct.pack("!H", checksum(data)) + data[offset + 2:]


def igmp(text):
    return summed(bytes.fromhex(text), 2)


def packet(payload, *, options="94040000", ttl=1, source="c0000201", destination="e0000001",
           fragment=0, protocol=2):
    options = bytes.fromhex(options)
    header = struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, 0xC0,
                         20 + len(options) + len(payload), 0, fragment, ttl, protocol, 0)
    return summed(header + bytes.fromhex(source + destination) + options, 10) + payload


V1, V2 = igmp("1100000000000000"), igmp("1164000000000000")
V3 = igmp("116400000000000002 7d0000".replace(" ", ""))
SPECIFIC = igmp("110a0000ef010203027d0000")
SOURCES = igmp("110a0000ef0102030a7d0002c0000201c0000202")

PACKETS = {
    "v1-general-query": packet(V1),
    "v2-general-query": packet(V2),
    "v3-general-query": packet(V3),
    "v3-group-specific-query": packet(SPECIFIC, destination="ef010203"),
    "v3-query-with-sources": packet(SOURCES, destination="ef010203"),
    "v3-query-with-too-few-sources": packet(igmp("11640000ef010203027d0005c0000201")),
    "v3-query-with-trailing-octets": packet(igmp("1164000000000000027d0000deadbeef")),
    "query-of-ten-octets": packet(igmp("1164000000000000027d")),
    "general-query-with-sources": packet(igmp("1164000000000000027d0001c0000201")),
    "v1-report": packet(igmp("12000000ef010203"), destination="ef010203"),
    "v2-report": packet(igmp("16000000ef010203"), destination="ef010203"),
    "v2-report-of-twelve-octets": packet(igmp("16ff0000ef010203aabbccdd")),
    "leave": packet(igmp("17000000ef010203"), destination="e0000002"),
    "v3-report": packet(igmp("220000000000000104000000ef010203"), destination="e0000016"),
    "report-of-a-unicast-address": packet(igmp("160000000a000001")),
    "padded-frame": packet(V2) + bytes(14),
    "without-options": packet(V2, options=""),
    "router-alert-after-others": packet(V2, options="4404050001010101 94040000".replace(" ", "")),
    "option-of-length-zero": packet(V2, options="44000000"),
    "option-beyond-the-header": packet(V2, options="010101 94".replace(" ", "")),
    "longest-header": packet(V2, options="01" * 36 + "94040000"),
    "first-fragment": packet(V3, fragment=0x2000),
    "ttl-two": packet(V3, ttl=2),
    "udp": packet(V3, protocol=17),
    "from-nobody": packet(V3, source="00000000"),
    "from-multicast": packet(V3, source="e0000005"),
    "bad-checksum": packet(b"\x11\x64\x12\x34\0\0\0\0"),
    "empty-payload": packet(b""),
}

# The octets that querier_fuzz.cpp reads.
IGMP, MLD = b"\0", b"\1"
TO_DEADLINE, TICK = b"\0", b"\1"


def settings(version=3, robustness=2, interval=125, count=2, startup=25, jitter=0, flags=2):
    return struct.pack("!BBHBBBB", version - 1, robustness - 1, interval - 1, count - 1,
                       round(startup * 10) - 1, jitter, flags)


def wait(seconds):
    return b"\2" + struct.pack("!H", round(seconds * 10))


def hear(source, flags=0, response=100, interval=125, robustness=2):
    return b"\3" + bytes([source, flags, response, interval, robustness])


def link(source=10, flags=3):
    return b"\4" + bytes([flags, source])


def configure(**changes):
    return b"\5" + settings(**changes)


DOWN = link(0, 0)
PROXY, ANY_SUBNET, UNICAST, GIVEN_TIMEOUT = 3, 0, 6, 10

QUERIERS = {
    "alone": IGMP + settings() + link() + TO_DEADLINE * 6,
    "alone-mld": MLD + settings(version=2) + link() + TO_DEADLINE * 6,
    "early-ticks": IGMP + settings() + link() + (wait(7) + TICK) * 10,
    "late-wake": IGMP + settings() + link() + wait(5000) + TICK * 3,
    "longest-burst": IGMP + settings(count=100, startup=0.1) + link() + TO_DEADLINE * 110,
    "full-jitter": IGMP + settings(jitter=90, interval=1) + link() + TO_DEADLINE * 20,
    "loses-and-takes-over": IGMP + settings() + link() + wait(10) + hear(2) + TO_DEADLINE * 4,
    "loses-to-mld": MLD + settings(version=2) + link() + hear(2) + TO_DEADLINE * 4,
    "hears-a-higher": IGMP + settings() + link() + hear(20) + TO_DEADLINE * 3,
    "hears-every-version": IGMP + settings() + link() + hear(2, 0x40) + hear(2, 0x80) + hear(2),
    "hears-a-proxy": IGMP + settings() + link() + hear(0) + hear(2) + hear(0) + TO_DEADLINE,
    "hears-itself": IGMP + settings() + link() + hear(10) + TO_DEADLINE,
    "hears-another-subnet": IGMP + settings() + link() + hear(201) + TO_DEADLINE,
    "any-subnet": IGMP + settings(flags=ANY_SUBNET) + link() + hear(201) + TO_DEADLINE * 2,
    "unicast-query": IGMP + settings(flags=UNICAST) + link() + hear(2, 1) + TO_DEADLINE,
    "query-to-a-group": IGMP + settings() + link() + hear(2, 2) + TO_DEADLINE,
    "specific-query": IGMP + settings() + link() + hear(2, 4) + TO_DEADLINE,
    "s-flag": IGMP + settings() + link() + hear(2, 8) + TO_DEADLINE,
    "shortest-reign": IGMP + settings() + link() + hear(2, 0, 1, 1, 1) + TO_DEADLINE * 3,
    "longest-reign": IGMP + settings() + link() + hear(2, 0, 255, 255, 7) + TO_DEADLINE * 3,
    "given-timeout": IGMP + settings(flags=GIVEN_TIMEOUT) + link() + hear(2) + TO_DEADLINE * 2,
    "address-below-the-querier": IGMP + settings() + link(20) + hear(10) + link(5) + TO_DEADLINE,
    "address-above-the-querier": IGMP + settings() + link(20) + hear(10) + link(15) + TO_DEADLINE,
    "new-address": IGMP + settings() + link(10) + TO_DEADLINE + link(11) + TO_DEADLINE * 3,
    "no-address": IGMP + settings() + link(0) + hear(2) + TO_DEADLINE + link(10) + TO_DEADLINE,
    "address-lost": IGMP + settings() + link() + link(0) + wait(60) + TICK + link(),
    "link-flaps": IGMP + settings() + (link() + wait(1) + DOWN + wait(1)) * 5,
    "down-while-losing": IGMP + settings() + link() + hear(2) + DOWN + wait(10) + link(),
    "proxy": IGMP + settings(flags=PROXY) + link() + hear(20) + TO_DEADLINE * 3,
    "proxy-without-address": IGMP + settings(flags=PROXY) + link(0) + hear(20) + TO_DEADLINE * 3,
    "proxy-switched": IGMP + settings() + link() + hear(20) + configure(flags=PROXY) + hear(20)
                      + configure() + TO_DEADLINE,
    "interval-changed": IGMP + settings() + link() + configure(interval=10) + TO_DEADLINE * 5,
}


def main():
    for target, cases in (("packet", PACKETS), ("querier", QUERIERS)):
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in cases.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
