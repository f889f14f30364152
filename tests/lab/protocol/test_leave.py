"""What follows a leave: on the wire, at the switch, and as long as somebody else asks."""

import dataclasses
import time

import pytest

from harness import packets
from harness.api import Api
from harness.hosts import Member, exclude, include
from harness.lab import FAST, Hub, wait
from harness.lan import IGMP, LAST_MEMBER_INTERVAL, MLD, Lan
from harness.members import wait_filters
from harness.switches import OpenVSwitch, TrackingBridge

MAC_OF_GROUP_1 = {"IGMP": "01:00:5e:01:02:01", "MLD": "33:33:00:00:00:01"}
GROUP = "239.1.2.1"
SPEAK_OF_LEAVES = [*IGMP[1:], *MLD]
FIELDS = {"IGMP": ("igmp.type", "ip.src", "ip.dst", "igmp.maddr", "igmp.saddr", "igmp.s", "igmp.max_resp"),
          "MLD": ("icmpv6.type", "ipv6.src", "ipv6.dst", "icmpv6.mld.multicast_address", "icmpv6.mld.source_address",
                  "icmpv6.mld.flag.s", "icmpv6.mld.maximum_response_delay", "icmpv6.mld.maximum_response_code")}


@dataclasses.dataclass
class Query:
    """A query as tshark reads it."""

    time: float
    mac: str
    source: str
    destination: str
    group: str
    sources: str
    suppress: str
    response: str


def queries(lan, frames):
    """Those among frames; and tshark has no complaint about any of the frames."""
    rows = lan.lab.decode(frames, "_ws.expert", "eth.dst", *FIELDS[lan.dialect.protocol])
    assert len(rows) == len(frames) and not any(row[0] for row in rows), rows
    return [Query(frame.time, row[1], *row[3:8], "".join(row[8:])) for frame, row in zip(frames, rows)
            if row[2] in ("0x11", "130")]


def specific_queries(lan, frames):
    return [query for query in queries(lan, frames) if query.group not in ("0.0.0.0", "::")]


@pytest.mark.parametrize("dialect", SPEAK_OF_LEAVES, ids=str)
def test_a_leave_is_followed_by_two_queries_of_the_group(lab, dialect):
    """At once and a last member query interval later, to the group's own address on both layers; then the group is
    gone, and not before. (IGMP-F-06, IGMP-M-04, IGMP-X-01, IGMP-X-15, IGMP-F-23, IGMP-T-08, MLD-F-07, MLD-F-16)"""
    lan = Lan(lab, dialect)
    member, group = lan.members[0], dialect.group(1)
    if dialect.protocol == "IGMP":
        group = "239.129.2.1"  # its highest bit is not part of the Ethernet address
    wire = lan.host.capture()
    member.join(group)
    lan.wait_expected()
    time.sleep(1.5)  # the join is said twice within a second
    since = time.time()
    member.leave(group)
    lan.wait({})
    assert time.time() - since >= 2 * LAST_MEMBER_INTERVAL
    time.sleep(LAST_MEMBER_INTERVAL)
    frames = [frame for frame in wire.frames() if frame.time > since]
    found = specific_queries(lan, frames)
    unit = 0.1 if dialect.protocol == "IGMP" else 0.001
    assert [dataclasses.replace(query, time=0) for query in found] == 2 * [
        Query(0, MAC_OF_GROUP_1[dialect.protocol], dialect.address(1), group, group, "",
              "0" if dialect.knows_sources else "", f"{LAST_MEMBER_INTERVAL / unit:.0f}")]
    assert found[0].time - since < 0.2
    assert found[1].time - found[0].time == pytest.approx(LAST_MEMBER_INTERVAL, abs=0.15)


@pytest.mark.parametrize("dialect", [IGMP[2], MLD[1]], ids=str)
def test_a_source_that_nobody_wants_is_asked_about(lab, dialect):
    """And it alone; after two queries it is off the list, and the group stays. (IGMP-S-06, IGMP-X-05, IGMP-X-06)"""
    lan = Lan(lab, dialect)
    member, group = lan.members[0], dialect.group(1)
    first, second = dialect.source(1), dialect.source(2)
    wire = lan.host.capture()
    member.join_source(group, first)
    member.join_source(group, second)
    lan.wait_expected()
    time.sleep(1.5)
    since = time.time()
    member.leave_source(group, first)
    lan.wait_expected()
    time.sleep(2 * LAST_MEMBER_INTERVAL)
    found = specific_queries(lan, [frame for frame in wire.frames() if frame.time > since])
    assert [(query.group, query.sources, query.suppress) for query in found] == [(group, first, "0")] * 2
    assert found[1].time - found[0].time == pytest.approx(LAST_MEMBER_INTERVAL, abs=0.15)
    assert lan.table().filters() == {group: include(second)}


@pytest.mark.parametrize("dialect", SPEAK_OF_LEAVES, ids=str)
def test_who_does_not_ask_does_not_follow_up_leaves(lab, dialect):
    """A lower querier asks: hosts leave, and we send nothing at all. (IGMP-Q-10, IGMP-Q-16, IGMP-X-10,
     IGMP-M-07, MLD-Q-07)"""
    lan = Lan(lab, dialect)
    second = lan.attach("second", 2)
    wire = second.capture()
    api = Api(lab)
    loser = second.querier("-i eth0", FAST, dialect.option(), api.option)
    loser.wait_log(rf"\[Election\] LOST to lower IP {dialect.address(1)}\.")
    lost = time.time()
    member, group = lan.members[0], dialect.group(1)
    member.join(group)
    wait_filters(api, {group: exclude()}, protocol=dialect.protocol)
    left = time.monotonic()
    member.leave(group)
    wait_filters(api, {}, protocol=dialect.protocol)
    assert time.monotonic() - left < 2  # the other one's queries count, else it would take three seconds
    lan.wait({})
    found = queries(lan, [frame for frame in wire.frames() if frame.time > lost])
    assert {query.source for query in found} == {dialect.address(1)}
    assert len([query for query in found if query.group == group]) == 2


class Tree:
    """A snooping switch with a stream to one group, a host in a port of its own, and two that share a port."""

    def __init__(self, lab, dialect, switch, querying=None):
        self.group = dialect.group(1)
        self.lan = Lan(lab, dialect, querying, [dialect.version], switch=switch)
        shared = Hub(lab, "shared")
        lab.link(shared.namespace, "uplink", switch.namespace, "shared")
        shared.attach("uplink")
        switch.attach("shared")
        [self.alone] = self.lan.hosts
        self.both = [self.lan.attach(label, number, dialect.version, shared)
                     for label, number in (("first", 7), ("last", 8))]
        self.members = {host: Member(host) for host in (self.alone, *self.both)}
        self.wires = {host: host.capture() for host in (self.alone, self.both[1])}
        self.lan.attach("sender", 20).stream("send", self.group, "--rate 50")
        start = time.time()
        self.wait_end(self.alone, start, 0.5)  # the switch has received a query, and filters
        self.wait_end(self.both[1], start, 0.5)
        for member in self.members.values():
            member.join(self.group)
        joined = time.time()
        wait(lambda: all(self.streamed(host, joined) for host in self.wires), what="the stream at both ports")

    def leave(self, host):
        self.members[host].leave(self.group)
        return time.time()

    def streamed(self, host, since=0.0):
        """What a port has carried of the stream."""
        return [frame for frame in self.wires[host].frames() if frame.time > since and frame.is_stream()]

    def wait_end(self, host, since, seconds):
        """The port carries nothing any more, soon."""
        wait(lambda: time.time() - since > seconds and not self.streamed(host, time.time() - 0.5), seconds + 2,
             lambda: f"the end of the stream; {len(self.streamed(host, since))} packets")


@pytest.mark.parametrize("dialect,make_switch", [(IGMP[1], TrackingBridge), (IGMP[2], TrackingBridge),
                                                 (MLD[1], TrackingBridge), (IGMP[2], OpenVSwitch)],
                         ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_switch_ends_a_stream_that_nobody_wants_and_no_other(lab, dialect, make_switch):
    """Whoever leaves a port of his own is rid of the stream in seconds. Of two behind one port the first leaves, and
    the other one's stream goes on, for our query lets him say that he is there. (IGMP-M-05, IGMP-X-01)"""
    tree = Tree(lab, dialect, make_switch(lab))
    alone, (first, last) = tree.alone, tree.both
    tree.wait_end(alone, tree.leave(alone), 1)
    left = tree.leave(first)
    time.sleep(2.5)
    frames = tree.streamed(last, left)
    gaps = [after.time - before.time for before, after in zip(frames, frames[1:])]
    assert max(gaps) < (2 * LAST_MEMBER_INTERVAL if make_switch is OpenVSwitch else 0.2), max(gaps)
    assert frames[-1].time - left > 2.3
    tree.wait_end(last, tree.leave(last), 1)


def test_without_specific_queries_a_switch_goes_on(lab):
    """The querier dies before the leave: what the switch would forget in a minute it keeps sending."""
    tree = Tree(lab, IGMP[1], TrackingBridge(lab, membership=60))
    tree.lan.querier.kill()
    left = tree.leave(tree.alone)
    time.sleep(3)
    assert tree.streamed(tree.alone, left + 2.5)


def test_in_version_1_leaves_are_ignored(lab):
    """No query follows, and the group lives as long as without them. (IGMP-C-02, IGMP-F-13)"""
    lan = Lan(lab, IGMP[0], versions=[])
    forger = lan.attach("forger", 99)
    wire = lan.host.capture()
    messages = (packets.report(GROUP, packets.REPORT_V1), packets.report(GROUP, packets.LEAVE),
                packets.report_v3(packets.record(packets.TO_IN, GROUP)))
    forger.send(*[packets.ethernet(packets.ipv4("192.0.2.99", message)) for message in messages])
    lan.wait({GROUP: exclude()})
    time.sleep(4 * LAST_MEMBER_INTERVAL)
    assert lan.table().groups[GROUP].expires > 0
    assert not specific_queries(lan, wire.frames())


class Forger:
    """Somebody who joins and leaves a group as often as he likes, in IGMPv2 or IGMPv3."""

    def __init__(self, lab, version):
        self.lan = Lan(lab, IGMP[version - 1], versions=[])
        self.host = self.lan.attach("forger", 99)
        self.wire = self.lan.host.capture(protocol=packets.IGMP)
        messages = {2: (packets.report(GROUP), packets.report(GROUP, packets.LEAVE)),
                    3: (packets.report_v3(packets.record(packets.TO_EX, GROUP)),
                        packets.report_v3(packets.record(packets.TO_IN, GROUP)))}[version]
        self.join, self.leave = [packets.ethernet(packets.ipv4("192.0.2.99", message)) for message in messages]
        self.host.send(self.join)
        self.lan.wait({GROUP: exclude()})

    def flood(self, *frames):
        """Sends them faster than an answer is due; returns when the specific queries were sent, in the end."""
        start = time.time()
        self.host.send(*frames)
        assert time.time() - start < LAST_MEMBER_INTERVAL
        self.lan.wait({})
        assert time.time() - start < 3 * LAST_MEMBER_INTERVAL + 1
        time.sleep(LAST_MEMBER_INTERVAL)
        return [frame.time for frame in self.wire.frames() if frame.is_igmp(packets.QUERY) and not frame.is_query()]


@pytest.mark.parametrize("version", [2, 3])
def test_a_flood_of_forged_leaves_makes_two_queries(lab, version):
    """1000 of them at once. (IGMP-X-17, IGMP-M-08)"""
    forger = Forger(lab, version)
    assert len(forger.flood(*[forger.leave] * 1000)) == 2


@pytest.mark.parametrize("version", [2, 3])
def test_a_flood_of_joins_and_leaves_does_not_hasten_the_queries(lab, version):
    """100 of each, in turn, which is what a socket takes in at once: there is one query per last member query interval
    all the same. (IGMP-X-17)"""
    forger = Forger(lab, version)
    times = forger.flood(*[forger.join, forger.leave] * 100)
    assert 2 <= len(times) <= 3
    assert all(after - before > LAST_MEMBER_INTERVAL - 0.05 for before, after in zip(times, times[1:])), times
