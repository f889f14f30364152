"""What the network may send us: only a correct General Query from a lower address on our subnet silences us."""

import random
import re
import time

import pytest

from harness import packets
from harness.hostile import BAD_ROWS, HIGHER, LOWER, OURS, header, plain, v3_query
from harness.lab import BRISK, expect_silence, link_json
from harness.packets import ethernet, general_query, ipv4, query

# What the log says when nothing happens.
ORDINARY = (r"Running as user|Starting IGMP Querier|Query interval|Listener|Asking as|Startup"
            r"|query-max-response-time is below")


GOOD = {
    "v1 (IGMP-R-06, IGMP-Q-12)": general_query(LOWER, 1),
    "v2 in a padded frame (IGMP-R-06)": general_query(LOWER, 2),
    "v2 in a short frame (IGMP-R-06)": ethernet(ipv4(LOWER, query()), pad=False),
    "v3 (IGMP-Q-12)": general_query(LOWER, 3),
    "trailing bytes under the checksum (IGMP-R-02, IGMP-R-03)": ethernet(ipv4(LOWER, v3_query(trailing=b"trailing"))),
    "reserved bits set (IGMP-R-14)": ethernet(ipv4(LOWER, v3_query(flags=0xF2))),
    "S flag set (IGMP-Q-14)": ethernet(ipv4(LOWER, v3_query(flags=0x0A))),
    "TOS 0 (IGMP-R-19)": ethernet(header(o1=0)),
    "TOS 255 (IGMP-R-19)": ethernet(header(o1=255)),
    "without Router Alert (RA-04)": ethernet(plain()),
    "another option than Router Alert (RA-03)": ethernet(header(o20=1, o21=1, o22=1, o23=0)),
    "priority tag of no VLAN": ethernet(ipv4(LOWER, query()), vlan=0xE000),
    "do not fragment": general_query(LOWER, fragment=0x4000),
}


class Scene:
    """A daemon that asks five times a second, and a peer that can send it anything."""

    def __init__(self, lab):
        self.host, self.peer = lab.pair(f"{OURS}/24")
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.daemon = self.host.querier("-i eth0", BRISK)
        self.wire.wait_queries(1)

    def ask(self):
        """Two queries from now on show that the daemon goes on asking."""
        self.wire.wait_queries(2, source=OURS, since=time.time())

    def remarks(self):
        return [line for line in self.daemon.log() if not re.search(ORDINARY, line)]


@pytest.fixture
def scene(lab):
    return Scene(lab)


@pytest.mark.parametrize("reason,frame", BAD_ROWS.values(), ids=BAD_ROWS)
def test_does_not_silence_us(scene, reason, frame):
    """Sent over and over, it stops no query, is logged at most once, and is counted for the right reason."""
    scene.peer.send(*[frame] * 20)
    scene.ask()
    assert not scene.daemon.logged("LOST")
    assert len(scene.remarks()) <= (1 if reason else 0), scene.remarks()
    assert scene.daemon.stop() == 0
    if reason:
        assert scene.daemon.logged(rf"eth0: {reason} 20$")


@pytest.mark.parametrize("frame", GOOD.values(), ids=GOOD)
def test_silences_us(scene, frame):
    """A correct General Query from a lower address, however unusual, wins at once. (IGMP-Q-05, IGMP-Q-11)"""
    scene.peer.send(frame)
    scene.daemon.wait_log(r"\[Election\] LOST to lower IP 192\.0\.2\.5\. Backing off\.")
    expect_silence(0.6, scene.wire, source=OURS)


def test_our_own_frame_that_comes_back_does_not_silence_us(scene):
    """A loop in the LAN returns what bears our hardware address and our own. (IGMP-R-21)"""
    own_mac = bytes.fromhex(link_json(scene.host, "link show eth0")[0]["address"].replace(":", ""))
    frame = general_query(OURS)
    scene.peer.send(*[frame[:6] + own_mac + frame[12:]] * 20)
    scene.ask()
    assert not scene.daemon.logged("LOST") and len(scene.remarks()) <= 1
    assert scene.daemon.stop() == 0
    assert scene.daemon.logged("our own packet came back 20$")


def test_a_querier_of_another_version_is_remarked_upon_once(scene):
    """IGMP-C-03"""
    scene.peer.send(*[general_query(HIGHER, 3)] * 20)
    scene.ask()
    assert scene.daemon.wait_log(r"192\.0\.2\.20 .* of another IGMP version than ours")
    assert not scene.daemon.logged("LOST")
    assert len(scene.daemon.logged("another IGMP version")) == 1


def with_knob(lab, knob):
    """A daemon whose configuration file turns one knob."""
    (lab.directory / "knob.toml").write_text(f"[interface.eth0.igmp]\n{knob}\n")
    host, peer = lab.pair(f"{OURS}/24")
    wire = peer.capture(protocol=packets.IGMP)
    daemon = host.querier(f"-c {lab.directory}/knob.toml", BRISK)
    wire.wait_queries(1)
    return host, peer, wire, daemon


def test_a_knob_admits_other_subnets(lab):
    """IGMP-R-22"""
    _, peer, wire, daemon = with_knob(lab, "require-same-subnet = false")
    peer.send(general_query("10.0.0.1"))
    daemon.wait_log("LOST")
    expect_silence(0.6, wire, source=OURS)


def test_a_knob_admits_unicast_queries(lab):
    """IGMP-R-23"""
    host, peer, wire, daemon = with_knob(lab, "accept-unicast-query = true")
    own_mac = bytes.fromhex(link_json(host, "link show eth0")[0]["address"].replace(":", ""))
    peer.send(ethernet(ipv4(LOWER, query(), destination=OURS), destination=own_mac))
    daemon.wait_log("LOST")
    expect_silence(0.6, wire, source=OURS)


def test_a_knob_makes_router_alert_a_duty(lab):
    """Without the option a query is dropped, with it it counts. (RA-04)"""
    _, peer, wire, daemon = with_knob(lab, "require-router-alert = true")
    peer.send(ethernet(plain()))
    wire.wait_queries(2, source=OURS, since=time.time())
    assert not daemon.logged("LOST")
    peer.send(general_query(LOWER))
    daemon.wait_log("LOST")


def test_random_bytes_change_nothing(lab):
    """20000 frames made by flipping bits of a correct query, except those that stay correct."""
    host, peer = lab.pair(f"{OURS}/24")
    wire = peer.capture(protocol=packets.IGMP)
    daemon = host.querier("-i eth0", BRISK)
    wire.wait_queries(1)
    chance = random.Random(2)
    frames = []
    for _ in range(20000):
        frame = bytearray(general_query(LOWER, chance.choice((1, 2, 3))))
        for _ in range(chance.randint(1, 3)):
            frame[38 + chance.randrange(8)] ^= 1 << chance.randrange(8)  # always within the IGMP message
        if packets.checksum(bytes(frame[38:46])) != 0 and packets.checksum(bytes(frame[38:50])) != 0:
            frames.append(bytes(frame))
    peer.send(*frames)
    wire.wait_queries(3, source=OURS, since=time.time())
    assert not daemon.logged("LOST")
