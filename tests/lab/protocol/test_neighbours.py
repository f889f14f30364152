"""Multicast routing daemons on the LAN and on our host: pimd, igmpproxy, smcroute. Whoever asks, somebody does."""

import os
import time

import pytest

from harness import neighbours, packets
from harness.api import Api
from harness.hosts import Member
from harness.lab import FAST, Hub, expect_silence, wait
from harness.members import table
from harness.neighbours import IgmpProxy, Pimd, Smcroute
from harness.switches import LinuxBridge

GROUP, MEMBER = "239.1.2.3", "192.0.2.30"
OURS, LOWER, HIGHER = "192.0.2.10", "192.0.2.5", "192.0.2.20"
LOST = r"\[Election\] LOST to lower IP 192\.0\.2\.5\."
TAKEOVER = r"\[Election\] Competitor timeout\. Taking over as Master"
VERSIONS = pytest.mark.parametrize("ours, theirs", [(2, 2), (2, 3), (3, 2)])
BESIDE = ("problem", "asked-beside", "IGMP")


@pytest.fixture(autouse=True)
def installed(isolated):
    if reason := neighbours.obstacle():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


class Scene:
    """A snooping switch, our host, a receiver, and a router that has a second LAN on eth1."""

    def __init__(self, lab, router=None):
        self.lab, self.switch, self.api = lab, LinuxBridge(lab), Api(lab)
        self.host = lab.host(self.switch, "host", f"{OURS}/24")
        self.wire = self.host.capture(protocol=packets.IGMP)
        self.member = Member(lab.host(self.switch, "member", f"{MEMBER}/24"))
        self.router = lab.host(self.switch, "router", f"{router}/24") if router else self.host
        self.far = Hub(lab, "far")
        lab.link(self.router, "eth1", self.far.namespace, "router")
        self.far.attach("router")
        self.router.ip("address add 198.51.100.1/24 dev eth1")

    def querier(self, options, pace=FAST):
        daemon = self.host.querier("-i eth0", pace, options, self.api.option)
        self.api.ready()
        return daemon

    def findings(self):
        """Problems and risks."""
        found = {(one["severity"], one["id"], one["subject"]) for one in self.api.interface()["findings"]}
        return {one for one in found if one[0] != "note"}

    def wait_member(self, host, address):
        """The host answers queries from now on, the switch and we know it as the only member."""
        asked = self.wire.wait_queries(1, since=time.time())[-1].time
        self.wire.wait_queries(3, since=asked)
        assert [frame for frame in self.wire.frames() if frame.source == address and frame.destination == GROUP
                and frame.time > asked]
        assert self.switch.members(GROUP) == {host.label}
        assert set(table(self.api).groups[GROUP].hosts) == {address}

    def wait_remembered(self):
        """The switch knows where the receiver is."""
        wait(lambda: self.switch.members(GROUP) == {"member"}, what="the receiver in the switch")


@VERSIONS
def test_we_yield_to_a_lower_pimd_and_take_over_when_it_dies(lab, ours, theirs):
    """IGMP-Q-05, IGMP-Q-09"""
    scene = Scene(lab, LOWER)
    scene.member.join(GROUP)
    querier = scene.querier(f"-t 8 --igmp-version {ours}")
    scene.wire.wait_queries(2, source=OURS)
    pimd = Pimd(scene.router, theirs)
    querier.wait_log(LOST, 8)
    expect_silence(6, scene.wire, source=OURS)
    assert pimd.asked() >= 2 and not scene.findings()
    scene.wait_remembered()
    pimd.process.kill()
    querier.wait_log(TAKEOVER, 10)
    scene.wire.wait_queries(2, source=OURS, since=time.time())
    scene.wait_remembered()


@VERSIONS
def test_a_higher_pimd_yields_to_us_and_takes_over_when_we_die(lab, ours, theirs):
    """IGMP-Q-06"""
    scene = Scene(lab, HIGHER)
    pimd = Pimd(scene.router, theirs)
    scene.wire.wait_queries(1, source=HIGHER, timeout=8)
    querier = scene.querier(f"--igmp-version {ours}")
    scene.wire.wait_queries(1, source=OURS)
    asked = pimd.asked()
    expect_silence(11, scene.wire, source=HIGHER)
    assert pimd.asked() == asked and not querier.logged("LOST") and not scene.findings()
    querier.kill()
    pimd.wait_takeover(OURS)
    scene.wire.wait_queries(1, source=HIGHER, since=time.time(), timeout=8)


def test_we_yield_to_a_lower_igmpproxy_and_take_over_when_it_dies(lab):
    """Meanwhile it serves the receiver. (IGMP-Q-05, IGMP-Q-09)"""
    scene = Scene(lab, LOWER)
    scene.member.join(GROUP)
    querier = scene.querier("-t 4")
    scene.wire.wait_queries(2, source=OURS)
    proxy = IgmpProxy(scene.router, "eth1", "eth0")
    querier.wait_log(LOST)
    expect_silence(2.5, scene.wire, source=OURS)
    assert proxy.asked() and not scene.findings()
    wait(lambda: proxy.routes(GROUP), 10, "the receiver in igmpproxy")
    proxy.process.kill()
    querier.wait_log(TAKEOVER)
    scene.wire.wait_queries(2, source=OURS, since=time.time())


@pytest.mark.slow
def test_a_higher_igmpproxy_asks_on_and_the_verdict_names_it(lab):
    """It has no election. Both ask, both know the receiver. (IGMP-Q-06)"""
    scene = Scene(lab, HIGHER)
    scene.member.join(GROUP)
    querier = scene.querier("", "-q 6 --startup-interval 0.2 --jitter 0")
    scene.wire.wait_queries(3, source=OURS)
    proxy = IgmpProxy(scene.router, "eth1", "eth0")
    scene.wire.wait_queries(1, source=HIGHER)
    assert not scene.findings()  # it may not have heard us yet
    # A query within a second of ours does not count.
    wait(scene.findings, 200, lambda: f"a verdict; {proxy.process.describe()}", pause=0.2)
    assert scene.findings() == {("problem", "two-queriers", HIGHER)} and not querier.logged("LOST")
    assert proxy.asked() >= 2 and proxy.process.logged(rf"RECV Membership query .*{OURS}")
    wait(lambda: proxy.routes(GROUP), 12, "the receiver in igmpproxy")
    assert GROUP in table(scene.api).groups
    scene.wire.wait_queries(1, source=OURS, since=time.time(), timeout=8)


def start_igmpproxy(scene):
    return IgmpProxy(scene.host, "eth1", "eth0")


def start_pimd(scene):
    return Pimd(scene.host)


@pytest.mark.parametrize("start", [start_igmpproxy, start_pimd])
def test_a_second_querier_on_our_host_is_told(lab, start):
    """It has our address: neither can yield."""
    scene = Scene(lab)
    querier = scene.querier("")
    scene.wire.wait_queries(4)
    assert not scene.findings()
    start(scene)
    scene.api.wait_interface(lambda seen: not seen["healthy"], "a verdict")
    assert scene.findings() == {BESIDE}
    scene.wire.wait_queries(3, source=OURS, since=time.time())
    assert not querier.logged("LOST")


def test_igmpproxy_may_have_our_interface_as_its_upstream(lab):
    """It joins there what the receivers of its other LAN ask for, and our queries keep that alive."""
    scene = Scene(lab)
    scene.querier("")
    proxy = IgmpProxy(scene.host, "eth0", "eth1")
    far = Member(lab.host(scene.far, "receiver", "198.51.100.9/24"))
    wait(proxy.asked, what="a query of igmpproxy")
    far.join(GROUP)
    wait(lambda: proxy.routes(GROUP), what="the receiver in igmpproxy")
    scene.wait_member(scene.host, OURS)
    assert not scene.findings()


@pytest.mark.parametrize("router, address", [(None, OURS), (HIGHER, HIGHER)], ids=["our host", "another host"])
def test_smcroute_is_a_member(lab, router, address):
    """The switch forwards it the group, and knows that as long as we ask."""
    scene = Scene(lab, router)
    scene.querier("")
    Smcroute(scene.router, GROUP)
    scene.wait_member(scene.router, address)
    assert not scene.wire.queries(HIGHER) and not scene.findings()
