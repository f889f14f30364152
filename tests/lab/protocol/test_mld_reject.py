"""What must not silence MLD, and what must."""

import time

import pytest

from harness import packets
from harness.api import Api
from harness.lab import BRISK, wait
from harness.members import table
from harness.mld import expect_silence, lost_to, pair, wait_queries

GROUP = "ff15::1"
LOWER = "fe80::5"
QUERY = packets.mld(packets.mld_query(), LOWER)


def spoilt(position):
    body = bytearray(QUERY)
    body[position] ^= 1
    return packets.ethernet6(packets.ipv6(LOWER, packets.hop_by_hop() + bytes(body)))


def of_length(length):
    body = packets.mld_query()[:length].ljust(length, b"\0")
    return packets.mld_frame(LOWER, body)


HARMLESS = {
    "hop limit 0 (MLD-R-03)": packets.mld_general_query(LOWER, hop_limit=0),
    "hop limit 2 (MLD-R-03)": packets.mld_general_query(LOWER, hop_limit=2),
    "hop limit 255 (MLD-R-03)": packets.mld_general_query(LOWER, hop_limit=255),
    "no hop-by-hop options (MLD-R-04)": packets.ethernet6(packets.ipv6(LOWER, QUERY, next_header=packets.ICMPV6)),
    "options without Router Alert (MLD-R-04)": packets.mld_general_query(LOWER, options=bytes.fromhex("010400000000")),
    "Router Alert for another (MLD-R-04)": packets.mld_general_query(LOWER, options=bytes.fromhex("050200010100")),
    "a wrong checksum (MLD-R-01)": spoilt(3),
    "a bit that the checksum covers (MLD-R-01)": spoilt(26),
    "from nowhere (MLD-R-02, MLD-Q-09)": packets.mld_general_query("::"),
    "from a global address (MLD-R-02)": packets.mld_general_query("2001:db8::1"),
    "from a group (MLD-R-02)": packets.mld_general_query("ff02::5"),
    "from the loopback address (MLD-R-02)": packets.mld_general_query("::1"),
    "23 bytes (MLD-R-09)": of_length(23),
    "25 bytes (MLD-R-09)": of_length(25),
    "27 bytes (MLD-R-09)": of_length(27),
    "to another group": packets.mld_general_query(LOWER, destination="ff02::2"),
    "a fragment (MLD-R-20)": packets.ethernet6(packets.ipv6(
        LOWER, packets.hop_by_hop(next_header=44) + bytes.fromhex("3a00000100000001") + QUERY)),
    "from a higher address (MLD-Q-16)": packets.mld_general_query("fe80::30"),
    "for one group (MLD-Q-14)": packets.mld_frame(LOWER, packets.mld_query(group=GROUP), GROUP),
}
EFFECTIVE = {
    "as it should be": packets.mld_general_query(LOWER),
    "of version 1": packets.mld_general_query(LOWER, version=1),
    "Router Alert behind padding (MLD-R-04)": packets.mld_general_query(
        LOWER, options=bytes.fromhex("00 0102 0000 00" "0502 0000 00000100")[:14]),
    "a traffic class": packets.mld_general_query(LOWER, traffic_class=0xC0),
    "bytes at its end (MLD-R-11)": of_length(40),
    "a code and reserved bytes (MLD-R-12)": packets.mld_frame(
        LOWER, packets.mld_query()[:1] + b"\7" + packets.mld_query()[2:6] + b"\7\7" + packets.mld_query()[8:]),
    "the S flag (MLD-Q-05)": packets.mld_frame(LOWER, packets.mld_query()[:24] + bytes([0x0A, 125, 0, 0])),
}


@pytest.fixture
def asking(lab):
    """A querier at fe80::20 that asks for ever, and the other end of its cable."""
    host, peer = pair(lab, "fe80::20/64")
    wire = peer.capture()
    api = Api(lab)
    querier = host.querier("-i eth0 --mld", BRISK, api.option)
    wait_queries(wire, 1, source="fe80::20")
    return peer, wire, querier, api


@pytest.mark.parametrize("frame", HARMLESS.values(), ids=HARMLESS)
def test_does_not_silence_us(asking, frame):
    peer, wire, querier, _ = asking
    peer.send(frame)
    wait_queries(wire, 3, source="fe80::20", since=time.time())
    assert not querier.logged("LOST")


@pytest.mark.parametrize("frame", EFFECTIVE.values(), ids=EFFECTIVE)
def test_silences_us(asking, frame):
    peer, wire, querier, _ = asking
    peer.send(frame)
    querier.wait_log(lost_to(LOWER))
    expect_silence(0.6, wire, source="fe80::20")


def test_a_report_without_an_address_is_nobodys_fault(asking):
    """Hosts send some while they look for duplicates: counted, not logged, and no member. (MLD-R-06)"""
    peer, wire, querier, api = asking
    body = packets.mld_report("ff15::77")
    for _ in range(3):
        peer.send(packets.mld_frame("::", body, "ff15::77"))
    peer.send(packets.mld_frame("fe80::77", body, "ff15::77"), packets.mld_frame("2001:db8::77", body, "ff15::77"))
    wait(lambda: table(api, "MLD").groups.get("ff15::77"), what="the group")
    assert set(table(api, "MLD").groups["ff15::77"].hosts) == {"fe80::77"}
    assert not querier.logged("report from ::")
    assert len(querier.logged("impossible source")) == 1  # the global address (MLD-R-07)
    assert querier.stop() == 0
    assert querier.logged(r"eth0 \(MLD\): .*report from :: 3")
