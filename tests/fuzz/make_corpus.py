#!/usr/bin/env python3
"""Write the corpora from which the fuzz targets start: one small file per case worth keeping."""

import pathlib
import struct

import text_corpus

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


ROUTER_ALERT = "050200000100"


def packet6(text, *, options=ROUTER_ALERT, hop_limit=1, source="fe80" + "00" * 13 + "01",
            destination="ff02" + "00" * 13 + "01", next_header=58, payload=None):
    """An MLD message, whose checksum is made right, behind hop-by-hop options, if any."""
    message, addresses = bytes.fromhex(text), bytes.fromhex(source + destination)
    if payload is None:
        pseudo = addresses + struct.pack("!II", len(message), 58)
        payload = summed(pseudo + message, len(pseudo) + 2)[len(pseudo):]
    options = bytes.fromhex(options)
    extension = bytes([next_header, (len(options) + 2) // 8 - 1]) + options if options else b""
    first = 0 if options else next_header
    return (struct.pack("!IHBB", 6 << 28, len(extension) + len(payload), first, hop_limit)
            + addresses + extension + payload)


def report(*records, trailing="", header="22000000"):
    """An IGMPv3 report, or with another header one of MLDv2."""
    return header + f"0000{len(records):04x}" + "".join(records) + trailing


V1, V2 = igmp("1100000000000000"), igmp("1164000000000000")
V3 = igmp("116400000000000002 7d0000".replace(" ", ""))
SPECIFIC = igmp("110a0000ef010203027d0000")
SOURCES = igmp("110a0000ef0102030a7d0002c0000201c0000202")

BEHIND_FLAGS = "8000020000000001 00000000 8000020000000001 8001 0000 1400 0200 0f00"


def bpdu(content, destination="0180c2000000", llc="424203"):
    body = bytes.fromhex(llc + content)
    return bytes.fromhex(destination + "020000000099") + len(body).to_bytes(2, "big") + body


TO_EX, ALLOW = "04000000ef010203", "05000002ef010203c0000201c0000202"

NO_GROUP, GROUP6 = "00" * 16, "ff3e" + "00" * 12 + "1234"
SOURCE6 = "20010db8" + "00" * 11 + "01"
MLD1, MLD2 = "8200000027100000" + NO_GROUP, "8200000027100000" + NO_GROUP + "027d0000"
TO_EX6, ALLOW6 = "04000000" + GROUP6, "05000001" + GROUP6 + SOURCE6
MLD_REPORT = {"header": "8f000000"}

PACKETS = {
    "v1-general-query": packet(V1),
    "v2-general-query": packet(V2),
    "v3-general-query": packet(V3),
    "v3-group-specific-query": packet(SPECIFIC, destination="ef010203"),
    "v3-query-with-sources": packet(SOURCES, destination="ef010203"),
    "v3-query-with-too-few-sources": packet(igmp("11640000ef010203027d0005c0000201")),
    "v3-query-with-trailing-bytes": packet(igmp("1164000000000000027d0000deadbeef")),
    "query-of-ten-bytes": packet(igmp("1164000000000000027d")),
    "general-query-with-sources": packet(igmp("1164000000000000027d0001c0000201")),
    "v1-report": packet(igmp("12000000ef010203"), destination="ef010203"),
    "v2-report": packet(igmp("16000000ef010203"), destination="ef010203"),
    "v2-report-of-twelve-bytes": packet(igmp("16ff0000ef010203aabbccdd")),
    "leave": packet(igmp("17000000ef010203"), destination="e0000002"),
    "solicitation": packet(igmp("1700000000000000"), destination="e0000002"),
    "stray-solicitation": packet(igmp("1700000000000000"), destination="e0000016"),
    "stp-bpdu": bpdu("00000000 01" + BEHIND_FLAGS),
    "stp-notification": bpdu("00000080"),
    "rstp-bpdu": bpdu("00000202 3d" + BEHIND_FLAGS + "00"),
    "rstp-bpdu-cut-short": bpdu("00000202 3d" + BEHIND_FLAGS),
    "pvst-bpdu": bpdu("00000202 01" + BEHIND_FLAGS + "00 00000002 0001", "01000ccccccd", "aaaa0300000c010b"),
    "v3-report": packet(igmp(report(TO_EX)), destination="e0000016"),
    "v3-report-of-every-type": packet(igmp(report(*(f"0{t}" + ALLOW[2:] for t in range(8))))),
    "v3-report-with-auxiliary-data": packet(igmp(report("04010000ef010203cafecafe", ALLOW))),
    "v3-report-of-a-unicast-address": packet(igmp(report("040000000a000001", ALLOW))),
    "v3-report-without-records": packet(igmp(report())),
    "v3-report-cut-in-a-record": packet(igmp(report(TO_EX, ALLOW)[:-4])),
    "v3-report-cut-in-a-header": packet(igmp(report(TO_EX, ALLOW[:8]))),
    "v3-report-of-65535-records": packet(igmp("220000000000ffff" + TO_EX)),
    "v3-record-of-65535-sources": packet(igmp(report("0400ffffef010203c0000201"))),
    "v3-record-of-255-auxiliary-words": packet(igmp(report("04ff0000ef010203"))),
    "v3-report-with-trailing-bytes": packet(igmp(report(TO_EX, trailing="deadbeef"))),
    "v3-report-from-nobody": packet(igmp(report(TO_EX)), source="00000000"),
    "v3-report-of-half-a-header": packet(igmp("22000000")),
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
    "mld1-general-query": packet6(MLD1),
    "mld1-specific-query": packet6("8200000003e80000" + GROUP6),
    "mld1-report": packet6("8300000000000000" + GROUP6),
    "mld1-report-of-28-bytes": packet6("83ff0000ffffffff" + GROUP6 + "aabbccdd"),
    "mld1-report-of-a-unicast-address": packet6("8300000000000000" + SOURCE6),
    "mld1-done": packet6("8400000000000000" + GROUP6),
    "mld2-general-query": packet6(MLD2),
    "mld2-specific-query": packet6("8200000003e80000" + GROUP6 + "0a7d0000"),
    "mld2-query-with-sources": packet6("820000008001ffff" + GROUP6 + "ff800001" + SOURCE6),
    "mld2-query-with-too-few-sources": packet6("8200000003e80000" + GROUP6 + "02800002" + SOURCE6),
    "mld2-query-with-trailing-bytes": packet6(MLD2 + "deadbeef"),
    "mld2-general-query-with-sources":
        packet6("8200000027100000" + NO_GROUP + "027d0001" + SOURCE6),
    "mld-query-of-26-bytes": packet6(MLD1 + "027d"),
    "mld-query-of-20-bytes": packet6(MLD1[:40]),
    "mld2-report": packet6(report(TO_EX6, **MLD_REPORT)),
    "mld2-report-of-every-type":
        packet6(report(*(f"0{t}" + ALLOW6[2:] for t in range(8)), **MLD_REPORT)),
    "mld2-report-with-auxiliary-data":
        packet6(report("04010000" + GROUP6 + "cafecafe", ALLOW6, **MLD_REPORT)),
    "mld2-report-of-a-unicast-address":
        packet6(report("04000000" + SOURCE6, ALLOW6, **MLD_REPORT)),
    "mld2-report-cut-in-a-record": packet6(report(TO_EX6, ALLOW6, **MLD_REPORT)[:-8]),
    "mld2-report-of-65535-records": packet6("8f0000000000ffff" + TO_EX6),
    "mld2-record-of-65535-sources": packet6(report("0400ffff" + GROUP6 + SOURCE6, **MLD_REPORT)),
    "mld2-report-with-trailing-bytes":
        packet6(report(TO_EX6, trailing="deadbeef", **MLD_REPORT)),
    "mld2-report-from-nobody": packet6(report(TO_EX6, **MLD_REPORT), source="00" * 16),
    "mld2-query-from-afar": packet6(MLD2, source=SOURCE6),
    "mld2-query-from-multicast": packet6(MLD2, source=GROUP6),
    "icmpv6-echo": packet6("8000000000010001"),
    "icmpv6-neighbour-solicitation":
        packet6("8700000000000000" + SOURCE6, options="", hop_limit=255),
    "router-advertisement": packet(igmp("30140000003c0002"), destination="e000006a"),
    "router-advertisement-of-six-bytes": packet(igmp("30140000003c"), destination="e000006a"),
    "router-solicitation": packet(igmp("31000000"), destination="e0000002"),
    "router-termination-with-trailing-bytes": packet(igmp("32ff0000deadbeef"), destination="e000006a"),
    "mld-router-advertisement": packet6("97140000003c0002"),
    "mld-router-solicitation": packet6("98000000"),
    "mld-router-termination": packet6("99000000"),
    "ipv6-padded-frame": packet6(MLD2) + bytes(6),
    "ipv6-hop-limit-two": packet6(MLD2, hop_limit=2),
    "ipv6-without-options": packet6(MLD2, options=""),
    "ipv6-router-alert-for-rsvp": packet6(MLD2, options="050200010100"),
    "ipv6-router-alert-after-others": packet6(MLD2, options="010212341e000005020000000000"),
    "ipv6-unknown-option": packet6(MLD2, options="05020000de00"),
    "ipv6-option-beyond-the-header": packet6(MLD2, options="050200000109"),
    "ipv6-longest-options": packet6(MLD2, options=ROUTER_ALERT + ("0106" + "00" * 6) * 255),
    "ipv6-fragment": packet6(MLD2, next_header=44),
    "ipv6-routing-header": packet6(MLD2, next_header=43),
    "ipv6-bad-checksum": packet6("", payload=bytes.fromhex(MLD2)),
    "ipv6-empty-payload": packet6("", payload=b""),
}

# The bytes that events.hpp reads.
IGMP, MLD = b"\0", b"\1"
TO_DEADLINE, TICK = b"\0", b"\1"


def settings(version=3, robustness=2, interval=125, count=2, startup=25, jitter=0, flags=2,
             last_member=1, limits=255, trust=0):
    return struct.pack("!BBHBBBBBBB", version - 1, robustness - 1, interval - 1, count - 1,
                       round(startup * 10) - 1, jitter, flags, round(last_member * 10) - 1, limits, trust)


def wait(seconds):
    return b"\2" + struct.pack("!H", round(seconds * 10))


def receive(source, flags=0, response=100, interval=125, robustness=2):
    return b"\3" + bytes([source, flags, response, interval, robustness])


def link(source=10, flags=3):
    return b"\4" + bytes([flags, source])


def router_message(kind=1, source=20):
    return b"\x0b" + bytes([kind, source])


def configure(**changes):
    return b"\5" + settings(**changes)


def report(version=2, host=50, group=1):
    return b"\6" + bytes([version - 1, host, group])


def leave(host=50, group=1):
    return b"\7" + bytes([host, group])


def record(kind, sources=0, host=50, group=1):
    return b"\x08" + bytes([kind - 1, host, group, sources])


def specific_query(sources=0, source=2, group=1, flags=0x52):
    return b"\t" + bytes([source, group, sources, flags])


DOWN = link(0, 0)
FAIL = b"\n"
BPDU = b"\x0c"


def solicitation(host=50):
    return b"\x0d" + bytes([host])


PROXY, ANY_SUBNET, UNICAST, GIVEN_TIMEOUT = 3, 0, 6, 10
SOURCE_SPECIFIC, OWN_SUBNET, NO_OLDER, NO_TRACKING = 18, 34, 66, 130
IS_IN, IS_EX, TO_IN, TO_EX, ALLOW, BLOCK = range(1, 7)

QUERIERS = {
    "alone": IGMP + settings() + link() + TO_DEADLINE * 6,
    "alone-mld": MLD + settings(version=2) + link() + TO_DEADLINE * 6,
    "early-ticks": IGMP + settings() + link() + (wait(7) + TICK) * 10,
    "late-wake": IGMP + settings() + link() + wait(5000) + TICK * 3,
    "longest-burst": IGMP + settings(count=100, startup=0.1) + link() + TO_DEADLINE * 110,
    "full-jitter": IGMP + settings(jitter=90, interval=1) + link() + TO_DEADLINE * 20,
    "topology-changes": IGMP + settings() + link() + TO_DEADLINE * 3 + (BPDU + solicitation() + wait(4) + TICK) * 9,
    "rejoins": IGMP + settings() + link() + TO_DEADLINE * 2 + (wait(30) + TICK + report()) * 6,
    "rejoins-mld": MLD + settings(version=2) + link() + TO_DEADLINE * 2 + (wait(30) + TICK + record(TO_EX)) * 6,
    "change-during-a-burst": IGMP + settings(count=50, startup=0.1) + link() + TO_DEADLINE * 3 + BPDU + TO_DEADLINE * 30,
    "loses-and-takes-over": IGMP + settings() + link() + wait(10) + receive(2) + TO_DEADLINE * 4,
    "loses-to-mld": MLD + settings(version=2) + link() + receive(2) + TO_DEADLINE * 4,
    "receives-a-higher": IGMP + settings() + link() + receive(20) + TO_DEADLINE * 3,
    "receives-every-version": IGMP + settings() + link() + receive(2, 0x40) + receive(2, 0x80) + receive(2),
    "receives-a-proxy": IGMP + settings() + link() + receive(0) + receive(2) + receive(0) + TO_DEADLINE,
    "receives-itself": IGMP + settings() + link() + receive(10) + TO_DEADLINE,
    "receives-another-subnet": IGMP + settings() + link() + receive(201) + TO_DEADLINE,
    "any-subnet": IGMP + settings(flags=ANY_SUBNET) + link() + receive(201) + TO_DEADLINE * 2,
    "unicast-query": IGMP + settings(flags=UNICAST) + link() + receive(2, 1) + TO_DEADLINE,
    "query-to-a-group": IGMP + settings() + link() + receive(2, 2) + TO_DEADLINE,
    "specific-query": IGMP + settings() + link() + receive(2, 4) + TO_DEADLINE,
    "s-flag": IGMP + settings() + link() + receive(2, 8) + TO_DEADLINE,
    "shortest-reign": IGMP + settings() + link() + receive(2, 0, 1, 1, 1) + TO_DEADLINE * 3,
    "longest-reign": IGMP + settings() + link() + receive(2, 0, 255, 255, 7) + TO_DEADLINE * 3,
    "rogues": IGMP + settings(trust=1) + link() + receive(2) + receive(3) + receive(1, 0, 255, 255, 7) + TO_DEADLINE * 2,
    "rogues-to-ignore": IGMP + settings(trust=5) + link() + receive(2) + receive(3) + TO_DEADLINE * 2,
    "ignored": MLD + settings(version=2, trust=2) + link() + receive(2) + specific_query(source=2) + receive(3) + receive(4),
    "becomes-a-rogue": IGMP + settings() + link() + receive(2) + configure(trust=1) + configure(trust=5) + TO_DEADLINE,
    "becomes-ignored": IGMP + settings() + link() + receive(2) + configure(trust=2) + TO_DEADLINE,
    "given-timeout": IGMP + settings(flags=GIVEN_TIMEOUT) + link() + receive(2) + TO_DEADLINE * 2,
    "address-below-the-querier": IGMP + settings() + link(20) + receive(10) + link(5) + TO_DEADLINE,
    "address-above-the-querier": IGMP + settings() + link(20) + receive(10) + link(15) + TO_DEADLINE,
    "new-address": IGMP + settings() + link(10) + TO_DEADLINE + link(11) + TO_DEADLINE * 3,
    "no-address": IGMP + settings() + link(0) + receive(2) + TO_DEADLINE + link(10) + TO_DEADLINE,
    "address-lost": IGMP + settings() + link() + link(0) + wait(60) + TICK + link(),
    "link-flaps": IGMP + settings() + (link() + wait(1) + DOWN + wait(1)) * 5,
    "down-while-losing": IGMP + settings() + link() + receive(2) + DOWN + wait(10) + link(),
    "proxy": IGMP + settings(flags=PROXY) + link() + receive(20) + TO_DEADLINE * 3,
    "proxy-without-address": IGMP + settings(flags=PROXY) + link(0) + receive(20) + TO_DEADLINE * 3,
    "proxy-switched": IGMP + settings() + link() + receive(20) + configure(flags=PROXY) + receive(20)
                      + configure() + TO_DEADLINE,
    "advertises": IGMP + settings(trust=8) + link() + TO_DEADLINE * 6 + router_message() * 9 + TO_DEADLINE * 4
                  + router_message(2, 201) + link(0) + TO_DEADLINE + link() + configure() + TO_DEADLINE,
    "advertises-mld": MLD + settings(version=2, trust=8) + link() + TO_DEADLINE * 6 + router_message() + TO_DEADLINE * 4,
    "interval-changed": IGMP + settings() + link() + configure(interval=10) + TO_DEADLINE * 5,
    "member-falls-silent": IGMP + settings() + link() + report() + TO_DEADLINE * 6,
    "member-leaves": IGMP + settings() + link() + report() + wait(5) + leave() + TO_DEADLINE * 4,
    "member-leaves-mld": MLD + settings(version=2) + link() + report(1) + leave() + TO_DEADLINE * 4,
    "member-stays": IGMP + settings() + link() + report() + leave() + report() + TO_DEADLINE * 6,
    "leaves-of-version-2": IGMP + settings(version=2) + link() + report() + leave() + report()
                           + leave() + TO_DEADLINE * 4,
    "host-of-version-1": IGMP + settings() + link() + report(1) + leave() + record(TO_IN)
                         + TO_DEADLINE * 3 + leave(),
    "flood-of-leaves": IGMP + settings() + link() + (report() + leave() + leave(51)) * 20
                       + TO_DEADLINE * 5,
    "sources-of-version-3": IGMP + settings() + link() + record(ALLOW, 7) + record(BLOCK, 2)
                            + TO_DEADLINE + record(ALLOW, 10) + record(BLOCK, 5) + TO_DEADLINE * 4,
    "every-record": IGMP + settings() + link()
                    + b"".join(record(kind, 1 << n | 4 << kind % 5)
                               for n in range(6) for kind in range(1, 7)) + TO_DEADLINE * 8,
    "every-record-mld": MLD + settings(version=2) + link(flags=7)
                        + b"".join(record(kind, 255 >> kind) + wait(0.4) + TICK
                                   for kind in (4, 6, 5, 3, 2, 1)) + TO_DEADLINE * 8,
    "excluded-and-requested": IGMP + settings(robustness=3) + link() + record(TO_EX, 3)
                              + record(ALLOW, 5) + record(TO_IN) + TO_DEADLINE * 5,
    "leave-while-losing": IGMP + settings() + link() + report() + leave() + receive(2) + TO_DEADLINE * 3,
    "non-querier": IGMP + settings() + link() + receive(2) + report() + leave() + record(BLOCK, 1)
                   + specific_query() + report() + TO_DEADLINE * 3,
    "specific-query-about-sources": IGMP + settings() + link() + receive(2) + record(ALLOW, 7)
                                    + specific_query(3) + TO_DEADLINE * 3,
    "asked-not-to-lower": IGMP + settings() + link() + receive(2) + report() + specific_query(flags=0x5a)
                          + TO_DEADLINE * 3,
    "full-tables": IGMP + settings(limits=0) + link() + record(ALLOW, 15) + report(group=2)
                   + record(TO_EX, 3, host=51) + report(host=52) + TO_DEADLINE * 5,
    "source-specific": IGMP + settings(flags=SOURCE_SPECIFIC) + link() + report(group=9)
                       + record(TO_EX, 1, group=9) + record(ALLOW, 1, group=9) + leave(group=9)
                       + record(TO_IN, 2, group=9) + TO_DEADLINE * 5,
    "foreign-hosts": IGMP + settings(flags=OWN_SUBNET) + link() + report(host=201) + report(host=0)
                     + leave(host=201) + TO_DEADLINE * 3,
    "no-older-hosts": IGMP + settings(flags=NO_OLDER) + link() + report() + record(TO_EX) + leave()
                      + TO_DEADLINE * 3,
    "no-tracking": IGMP + settings(flags=NO_TRACKING) + link() + report() + configure() + report()
                   + configure(flags=NO_TRACKING) + leave() + TO_DEADLINE * 4,
    "members-and-a-flapping-link": IGMP + settings() + (link() + report() + leave() + DOWN) * 4,
    "address-lost-in-a-round": IGMP + settings(robustness=4) + link() + record(TO_EX)
                               + record(ALLOW, 3) + leave() + link(0) + TO_DEADLINE * 2 + link()
                               + record(BLOCK, 1) + TO_DEADLINE * 4,
    "version-changed-in-a-round": IGMP + settings(robustness=4) + link() + record(ALLOW, 3)
                                  + record(BLOCK, 1) + configure(version=2) + TO_DEADLINE
                                  + configure() + record(BLOCK, 2) + TO_DEADLINE * 4,
    "queries-fail": IGMP + settings() + link() + FAIL + (TO_DEADLINE + FAIL) * 6 + TO_DEADLINE * 4,
    "rounds-fail": IGMP + settings() + link() + record(TO_EX) + record(ALLOW, 3, group=2) + leave() + FAIL
                   + record(BLOCK, 1, group=2) + FAIL + (TO_DEADLINE + FAIL) * 8 + TO_DEADLINE * 6,
    "untracked-group": IGMP + settings() + link() + report(group=255) + leave(group=255),
}


ETHERNET = bytes.fromhex("01005e000001" "020000000099" "0800")
ETHERNET6 = bytes.fromhex("333300000001" "020000000099" "86dd")
TAGGED = ETHERNET[:12] + bytes.fromhex("810000140800")


def frames(*all_frames, layer=0):
    """A capture as tests/fuzz/capture_fuzz.cpp reads it: frames with the seconds before each."""
    return bytes([layer]) + b"".join(bytes([len(frame), seconds]) + frame for seconds, frame in all_frames)


HOST = {"source": "c0000214", "destination": "ef010203"}
JOIN = ETHERNET + packet(igmp("16000000ef010203"), **HOST)
RECORD = ETHERNET + packet(igmp("220000000000000104000000ef010203"), source="c0000215", destination="e0000016")
# UDP of four bytes from 192.0.2.30 to the group of JOIN.
DATAGRAM = ETHERNET + summed(bytes.fromhex("4500002000004000" "01110000" "c000021e" "ef010203"), 10) + bytes.fromhex(
    "1388138c000c0000deadbeef")
CAPTURES = {
    "healthy": frames(*[(60, ETHERNET + packet(V2)), (2, JOIN)] * 5),
    "no-querier": frames((0, JOIN), (255, JOIN), (255, JOIN)),
    "mute": frames((0, RECORD), *[(60, ETHERNET + packet(V2))] * 4),
    "two-queriers": frames(*[(30, ETHERNET + packet(V2)), (30, ETHERNET + packet(V2, source="c0000202"))] * 6),
    "tagged": frames((0, TAGGED + packet(V2)), (1, ETHERNET + packet(V2, source="00000000")), (1, JOIN)),
    "mld": frames((0, ETHERNET6 + packet6("82000000271000000" + "0" * 31))),
    "raw": frames((0, packet(V2)), layer=3),
    "cooked": frames((0, bytes.fromhex("00020001000602000000009900000800") + packet(V2)), layer=1),
    "stream-cut": frames((0, JOIN), *[(1, DATAGRAM)] * 130, (9, ETHERNET)),
    "malformed": frames((0, ETHERNET + packet(V2, ttl=2)), (0, ETHERNET + packet(V2)[:-1]), (0, b"")),
}

TARGETS = {"packet": PACKETS, "capture": CAPTURES, "querier": QUERIERS, "config": text_corpus.CONFIGS,
           "api": text_corpus.REQUESTS, "client": text_corpus.DAEMONS, "words": text_corpus.SHORT_TEXTS}


def main():
    for target, cases in TARGETS.items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in cases.items():
            (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    for target, words in text_corpus.WORDS.items():
        (HERE / "corpus" / f"{target}.dict").write_text(text_corpus.dictionary(words))


if __name__ == "__main__":
    main()
