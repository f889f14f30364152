"""After a change of the topology a querier asks at once: switches forget members, and learn them from the answers."""

import socket
import struct
import time

import pytest

from harness import packets
from harness.api import Api
from harness.hosts import Member
from harness.lab import wait
from harness.packets import ethernet, igmp, ipv4
from harness.trees import BridgeTree, OvsTree

OURS = "192.0.2.1"
GROUPS = ["239.1.2.3", "239.1.2.4"]  # one for each member: of one group only one would answer in IGMPv2
CALM = "-q 60 --startup-count 1 --jitter 0"  # one query at the start, none in the next minute
STRANGER = packets.STRANGER_MAC
BEHIND_FLAGS = bytes.fromhex("8000020000000001 00000000 8000020000000001 8001 0000 1400 0200 0f00")


def solicitation(destination="224.0.0.2", source="192.0.2.9"):
    """A leave for 0.0.0.0."""
    mac = bytes.fromhex("01005e") + socket.inet_aton(destination)[1:]
    return ethernet(ipv4(source, igmp(bytes([0x17, 0, 0, 0]) + bytes(4)), destination), mac)


def bpdu(content, destination="0180c2000000", llc="424203"):
    """A frame of a bridge (IEEE 802.1D-2004 section 9.3)."""
    body = bytes.fromhex(llc) + content
    return (bytes.fromhex(destination) + STRANGER + struct.pack("!H", len(body)) + body).ljust(60, b"\0")


def configuration(flags):
    return bpdu(bytes.fromhex("00000000") + bytes([flags]) + BEHIND_FLAGS)


def rapid(flags):
    return bpdu(bytes.fromhex("00000202") + bytes([flags]) + BEHIND_FLAGS + b"\0")


def pvst(flags):
    return bpdu(bytes.fromhex("00000202") + bytes([flags]) + BEHIND_FLAGS + bytes.fromhex("00 00000002 0014"),
                "01000ccccccd", "aaaa0300000c010b")


NOTIFICATION = bpdu(bytes.fromhex("00000080"))
CHANGES = {
    "solicitation to routers": (solicitation(), "solicitation"),
    "solicitation to all": (solicitation("224.0.0.1"), "solicitation"),
    "STP": (configuration(0x01), "bpdu"),
    "STP notification": (NOTIFICATION, "bpdu"),
    "RSTP": (rapid(0x7d), "bpdu"),
    "PVST": (pvst(0x01), "bpdu"),
}
NO_CHANGES = {
    "solicitation to a group": solicitation("224.0.0.22"),
    "STP": configuration(0x80),
    "RSTP": rapid(0x7c),
    "PVST": pvst(0x00),
    "STP cut short": bpdu(bytes.fromhex("00000000 01")),
    "RSTP cut short": bpdu(bytes.fromhex("00000202 01") + BEHIND_FLAGS),
}


class Scene:
    """A querier that has sent its first query, and a peer."""

    def __init__(self, lab, *options, config=None):
        self.lab = lab
        self.host, self.peer = lab.pair(f"{OURS}/24")
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.api = Api(lab)
        words = ["-i eth0", CALM, *options, self.api.option]
        if config:
            file = lab.directory / "igmp-querier.toml"
            file.write_text(config)
            words += ["-c", str(file)]
        self.daemon = self.host.querier(*words)
        self.wire.wait_queries(1)
        self.api.ready()  # the socket for BPDUs is open by then
        self.begin = time.time()

    def queries(self):
        return self.wire.queries(since=self.begin)

    def changes(self):
        return self.api.interface()["statistics"]["topology-changes"]


@pytest.mark.parametrize("frame,sign", CHANGES.values(), ids=CHANGES)
def test_a_sign_draws_a_pair_of_queries(lab, frame, sign):
    """The first at once, the second a second later, both with half a startup interval to answer. (SNP-08, SNP-09)"""
    scene = Scene(lab)
    sent = time.time()
    scene.peer.send(frame)
    first, second = scene.wire.wait_queries(2, since=scene.begin)
    assert first.time - sent < 0.5 and 0.9 < second.time - first.time < 1.5
    assert {frame.payload[1] for frame in (first, second)} == {25}
    assert scene.changes() == {"solicitation": 0, "bpdu": 0, "rejoin": 0} | {sign: 1}
    event = scene.api.follow("?since=0").wait(event="topology-changed")
    assert event["reason"] == sign and event["mac-address"] == "02:00:00:00:00:99"


def test_no_sign_draws_none(lab):
    """BPDUs without the flag or cut short, and a leave for 0.0.0.0 to another group; the last sign shows that the
    querier lives. (SNP-08, SNP-09)"""
    scene = Scene(lab)
    for frame in NO_CHANGES.values():
        scene.peer.send(frame)
    time.sleep(0.5)
    assert not scene.queries()
    dropped = scene.api.interface()["statistics"]["dropped"]["reasons"]
    assert dropped == {"bad group": 1, "malformed BPDU": 2}
    scene.peer.send(solicitation())
    scene.wire.wait_queries(1, since=scene.begin)


def test_signs_at_full_rate_draw_one_pair(lab):
    """A thousand of each within a few seconds; BPDUs wake the daemon a few times. (SNP-11)"""
    scene = Scene(lab)
    scene.peer.send(configuration(1))
    scene.wire.wait_queries(2, since=scene.begin)
    before, start = scene.daemon.wakeups(), time.time()
    for _ in range(50):
        scene.peer.send(*[frame for frame, sign in CHANGES.values() if sign == "bpdu"] * 5)
        time.sleep(0.04)
    passed = time.time() - start
    assert scene.daemon.wakeups() - before <= 2 + passed, "BPDUs wake at most once in two seconds"
    scene.peer.send(*[solicitation()] * 1000)
    time.sleep(0.5)
    assert len(scene.queries()) == 2
    assert scene.changes() == {"solicitation": 0, "bpdu": 1, "rejoin": 0}


def test_a_non_querier_stays_silent(lab):
    """(SNP-08, SNP-09)"""
    scene = Scene(lab)
    scene.peer.send(packets.general_query("192.0.2.0"))
    wait(lambda: scene.api.interface()["role"] == "non-querier", what="the lost election")
    for frame, _ in CHANGES.values():
        scene.peer.send(frame)
    time.sleep(0.5)
    assert not [query for query in scene.queries() if query.source == OURS]
    assert scene.changes() == {"solicitation": 0, "bpdu": 0, "rejoin": 0}


def test_each_sign_can_be_switched_off(lab):
    """And a daemon that heeds no BPDU opens no socket for them."""
    scene = Scene(lab, config="[defaults.igmp]\nquery-on-solicitation = false\nquery-on-bpdu = false\n")
    for frame, _ in CHANGES.values():
        scene.peer.send(frame)
    time.sleep(0.5)
    assert not scene.queries()


def wait_stream(capture, group, since, seconds):
    """Seconds from a moment until the group's stream is there, at most so many; none if it is not."""
    deadline = since + seconds
    while time.time() < deadline:
        arrived = [frame.time for frame in capture.frames() if frame.time > since and frame.destination == group]
        if arrived:
            return arrived[0] - since
        time.sleep(0.02)
    return None


class Plant:
    """Two switches. The querier and a sender are at the first, two members of the group at the second."""

    def __init__(self, lab, tree, heeds, pace=CALM):
        self.tree = tree
        querier = tree.host("querier", f"{OURS}/24")
        sender = tree.host("sender", "192.0.2.30/24")
        self.members = [tree.host(label, address, far=True)
                        for label, address in (("one", "192.0.2.40/24"), ("two", "192.0.2.41/24"))]
        self.streams = [member.capture(protocol=packets.UDP) for member in self.members]
        self.wire = querier.capture(protocol=packets.IGMP)
        value = "true" if heeds else "false"
        file = lab.directory / "igmp-querier.toml"
        file.write_text("[defaults.igmp]\n" + "".join(
            f"query-on-{sign} = {value}\n" for sign in ("solicitation", "bpdu", "rejoin")))
        tree.wait_ready()
        # A Linux bridge filters when the time to answer the first query is over: this one is short.
        sender.send(ethernet(ipv4("192.0.2.30", packets.query(2, response=1))))
        querier.querier("-i eth0", pace, "-c", file)
        self.wire.wait_queries(1)
        self.joined = time.time()
        for member, group in zip(self.members, GROUPS):
            Member(member).join(group)
            sender.stream("send", group, "--rate 50")
        for stream, group in zip(self.streams, GROUPS):
            assert wait_stream(stream, group, self.joined, 10) is not None

    def wait_joined(self, seconds):
        """Until so long after the joins: members repeat them for ten seconds."""
        time.sleep(max(0.0, self.joined + seconds - time.time()))

    def restored(self, since, seconds=6.0):
        """Seconds until the stream is at each member again."""
        return [wait_stream(stream, group, since, seconds) for stream, group in zip(self.streams, GROUPS)]


HEEDS = pytest.mark.parametrize("heeds", [True, False], ids=["with", "without"])
TREES = pytest.mark.parametrize("make_tree", [OvsTree, BridgeTree])


def expect(heeds, restored, delay=0):
    """Within the time that hosts have to answer, 2.5 s, after the sign, or not in the time that the test watches."""
    if heeds:
        assert all(time is not None and time < 3 + delay for time in restored), restored
    else:
        assert not any(restored), restored


@HEEDS
@TREES
def test_a_solicitation_restores_streams(lab, make_tree, heeds):
    """The far switch forgets its members, and solicits a query. (SNP-08)"""
    plant = Plant(lab, make_tree(lab), heeds)
    stranger = plant.tree.host("stranger", "192.0.2.9/24", far=True)
    plant.wait_joined(11)
    plant.tree.forget_members()
    since = time.time() + 0.1  # what was under way has arrived
    stranger.send(solicitation())
    expect(heeds, plant.restored(since))


@pytest.mark.slow
@HEEDS
@TREES
def test_a_rejoin_restores_the_streams_of_all(lab, make_tree, heeds):
    """The far switch forgets its members; the link of one of them goes down and comes back, the other one notices
    nothing. (SNP-10)"""
    plant = Plant(lab, make_tree(lab), heeds)
    plant.wait_joined(33)  # no retransmission, and no answer to a query
    plant.members[0].ip("link set eth0 down")
    plant.tree.forget_members()
    time.sleep(0.5)
    plant.members[0].ip("link set eth0 up")
    since = time.time() + 0.1
    one, two = plant.restored(since)
    assert one is not None, "its own report opens its port"
    expect(heeds, [two])


@pytest.mark.slow
@HEEDS
@TREES
def test_the_spanning_tree_restores_streams(lab, make_tree, heeds):
    """The link between the switches is cut, and a second one takes its place. With RSTP that takes a moment; with STP
    twice the forward delay, and only what follows is counted. (SNP-09)"""
    tree = make_tree(lab, spanning=True)
    plant = Plant(lab, tree, heeds, CALM if tree.is_rapid else "-q 60 --startup-count 4 --startup-interval 2 --jitter 0")
    plant.wait_joined(11)
    tree.cut()
    since = tree.wait_second_link() + 0.1
    expect(heeds, plant.restored(since, 8), tree.hello)  # a bridge may announce it with its next BPDU
