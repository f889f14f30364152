"""Other hosts behind our MAC address, and other queriers on our own machine: whose a packet is, the IP address says."""

import time

import pytest

from harness import packets
from harness.api import Api
from harness.frr import Router
from harness.lab import BRISK, FAST, Namespace, expect_silence, link_json, wait
from harness.members import table, wait_table
from harness.packets import ethernet, general_query, ipv4, mld_frame, mld_general_query, mld_report

OURS, LOWER, HIGHER, MEMBER = 10, 5, 20, 30
GROUP = {"IGMP": "239.1.1.2", "MLD": "ff15::2"}
BESIDE = "another querier on this machine sends queries from our address {}: stop one of the two"


class Scene:
    """A daemon that asks for one protocol at eth0, and the other end of its cable."""

    def __init__(self, lab, protocol, pace=BRISK):
        self.lab, self.is_igmp, self.protocol = lab, protocol == "IGMP", protocol
        self.host, self.peer = lab.pair(f"192.0.2.{OURS}/24" if self.is_igmp else None)
        if not self.is_igmp:
            self.host.enable_ipv6(f"{self.address(OURS)}/64")
        file = lab.directory / "querier.toml"
        file.write_text("" if self.is_igmp else "[defaults.mld]\nenabled = true\n[defaults.igmp]\nenabled = false\n")
        self.mac = bytes.fromhex(link_json(self.host, "link show eth0")[0]["address"].replace(":", ""))
        self.api = Api(lab)
        self.daemon = self.host.querier(f"-c {file} -i eth0", pace, self.api.option)
        self.api.ready()
        self.status(lambda seen: seen["role"] == "querier", "our role")

    def address(self, number):
        return f"192.0.2.{number}" if self.is_igmp else f"fe80::{number}"

    def status(self, condition, what):
        return self.api.wait_interface(condition, what, "ipv4" if self.is_igmp else "ipv6")

    def now(self):
        return self.api.interface("ipv4" if self.is_igmp else "ipv6")

    def dropped(self):
        return self.now()["statistics"]["dropped"]["reasons"]

    def ours(self, frame):
        """The frame with our MAC address as its source."""
        return frame[:6] + self.mac + frame[12:]

    def query(self, number):
        make = general_query if self.is_igmp else mld_general_query
        return self.ours(make(self.address(number)))

    def report(self, number):
        """From another MAC address."""
        source, group = self.address(number), GROUP[self.protocol]
        if self.is_igmp:
            return ethernet(ipv4(source, packets.report(group), group))
        return mld_frame(source, mld_report(group), group)

    def hosts(self):
        return {host["host-address"]: host["awaited"] for host in self.api.get("/v1/hosts")["hosts"]}

    def sender(self, place):
        """The same LAN, or this machine: where a sibling of an ipvlan interface sends."""
        return {"cable": self.peer, "this machine": self.host}[place]


PROTOCOLS = pytest.mark.parametrize("protocol", GROUP)
PLACES = pytest.mark.parametrize("place", ["cable", "this machine"])


@PROTOCOLS
@PLACES
def test_a_host_behind_our_mac_address_is_a_member_like_any_other(lab, protocol, place):
    """RFC 9776 section 4.2.14 knows IP addresses only. (IGMP-R-21)"""
    scene = Scene(lab, protocol)
    scene.sender(place).send(scene.ours(scene.report(MEMBER)))
    wait_table(scene.api, lambda seen: set(seen.groups[GROUP[protocol]].hosts) == {scene.address(MEMBER)}
               if GROUP[protocol] in seen.groups else False, "the member", protocol=protocol)
    assert scene.hosts()[scene.address(MEMBER)] is True  # unlike this host's programs


@PROTOCOLS
@PLACES
def test_a_report_with_our_mac_and_ip_address_is_our_own(lab, protocol, place):
    """From the cable it is a packet that came back; where it leaves, this host's programs are members."""
    scene = Scene(lab, protocol)
    scene.sender(place).send(scene.ours(scene.report(OURS)))
    if place == "cable":
        wait(lambda: scene.dropped() == {"our own packet came back": 1}, what="a packet of ours")
        assert GROUP[protocol] not in table(scene.api, protocol).groups
    else:
        wait(lambda: scene.hosts().get(scene.address(OURS)) is False, what="this host")


@PROTOCOLS
@PLACES
def test_a_lower_querier_behind_our_mac_address_wins(lab, protocol, place):
    """RFC 9776 section 6.6.2 knows IP addresses only. (IGMP-Q-05, MLD-Q-02)"""
    scene = Scene(lab, protocol)
    scene.sender(place).send(scene.query(LOWER))
    seen = scene.status(lambda seen: seen["role"] == "non-querier", "the lower querier")
    assert seen["querier"] == scene.address(LOWER)


@PROTOCOLS
@PLACES
def test_a_higher_querier_behind_our_mac_address_does_not(lab, protocol, place):
    """IGMP-Q-06"""
    scene = Scene(lab, protocol)
    scene.sender(place).send(scene.query(HIGHER), scene.report(MEMBER))
    wait(lambda: scene.address(MEMBER) in scene.hosts(), what="the report behind the query")
    assert scene.now()["role"] == "querier"
    assert scene.now()["statistics"]["received"]["query"]


@PROTOCOLS
def test_our_own_query_that_comes_back_changes_nothing(lab, protocol):
    """IGMP-R-21"""
    scene = Scene(lab, protocol)
    scene.peer.send(*[scene.query(OURS)] * 5)
    wait(lambda: scene.dropped() == {"our own packet came back": 5}, what="packets of ours")
    assert scene.now()["role"] == "querier" and scene.now()["healthy"]


@PROTOCOLS
def test_another_querier_with_our_address_on_this_machine_is_told(lab, protocol):
    """Neither can yield to the other: there is nothing lower."""
    scene = Scene(lab, protocol, FAST)
    follower = scene.api.follow("?since=0")
    words = BESIDE.format(scene.address(OURS))
    for _ in range(20):  # one that leaves beside our own is taken for ours, on a busy machine several
        scene.host.send(scene.query(OURS))
        time.sleep(0.15)
    assert words in follower.wait(event="failed")["message"]
    seen = scene.status(lambda seen: not seen["healthy"], "a verdict")
    assert words in seen["verdict"] and seen["role"] == "querier"
    assert seen["statistics"]["noticed"]["another querier on this machine"] >= 1


@PROTOCOLS
def test_what_we_ask_ourselves_is_no_other_querier(lab, protocol):
    """Neither General Queries, nor those that follow a leave, at any pace."""
    scene = Scene(lab, protocol)
    scene.peer.send(scene.report(MEMBER))
    wait(lambda: scene.address(MEMBER) in scene.hosts(), what="a member")
    group = GROUP[protocol]
    if scene.is_igmp:
        leave = ethernet(ipv4(scene.address(MEMBER), packets.report(group, packets.LEAVE), "224.0.0.2"))
    else:
        leave = mld_frame(scene.address(MEMBER), mld_report(group, packets.MLD_DONE), "ff02::2")
    scene.peer.send(leave)
    sent = scene.status(lambda seen: seen["statistics"]["sent"]["specific-query"] >= 2
                        and seen["statistics"]["sent"]["general-query"] >= 10, "queries")
    assert sent["healthy"] and sent["statistics"]["received"]["query"] == 0
    assert "another querier on this machine" not in sent["statistics"]["noticed"]


class Sibling:
    """A macvlan interface on top of our eth0, in a namespace of its own: a container that is a host of the LAN."""

    def __init__(self, scene, number):
        self.namespace = Namespace(scene.lab, "sibling")
        scene.host.ip("link add sibling link eth0 type macvlan mode bridge")
        scene.host.ip(f"link set sibling netns {self.namespace.name} name eth0")
        self.namespace.ip("link set eth0 up")
        self.namespace.ip(f"address add {scene.address(number)}/24 dev eth0")


def test_a_lower_querier_on_top_of_our_interface_wins(lab):
    """Its packets leave by our interface. (IGMP-Q-05)"""
    scene = Scene(lab, "IGMP")
    wire = scene.peer.capture(protocol=packets.IGMP)
    Sibling(scene, LOWER).namespace.querier("-i eth0", BRISK)
    scene.daemon.wait_log(r"LOST to lower IP 192\.0\.2\.5")
    expect_silence(0.6, wire, source=scene.address(OURS))
    wire.wait_queries(2, source=scene.address(LOWER), since=time.time())


def test_a_higher_querier_on_top_of_our_interface_is_told(lab):
    """The kernel hands it nothing of what we send. (IGMP-Q-06)"""
    scene = Scene(lab, "IGMP", "-q 4 --startup-interval 0.2 --jitter 0")  # it has time to hear us, if it could
    Sibling(scene, HIGHER).namespace.querier("-i eth0 -q 3 --startup-interval 0.2 --jitter 0")
    seen = wait(lambda: not scene.now()["healthy"] and scene.now(), 16, "a verdict", pause=0.05)
    assert "192.0.2.20" in seen["verdict"] and "queries although our address 192.0.2.10 is lower" in seen["verdict"]
    assert seen["role"] == "querier"


def test_frr_on_the_same_interface_is_told(lab):
    scene = Scene(lab, "IGMP")
    Router(scene.host, 2)
    seen = scene.status(lambda seen: not seen["healthy"], "a verdict")
    assert BESIDE.format("192.0.2.10") in seen["verdict"]


def test_the_first_of_two_processes_says_so_too(lab):
    """The second one finds the interface claimed; the first one hears it."""
    scene = Scene(lab, "IGMP", FAST)
    scene.host.querier("-i eth0", FAST).wait_log("another igmp-querier on this machine")
    seen = scene.status(lambda seen: not seen["healthy"], "a verdict")
    assert BESIDE.format("192.0.2.10") in seen["verdict"]
