"""Held groups: the host joins for a device that cannot ask, and its switch port gets the stream."""

import re
import signal
import time

import pytest

from harness import packets
from harness.api import Api
from harness.lab import FAST, Hub, Namespace, run, wait
from harness.switches import AGING, OpenVSwitch

GROUP, OTHER = "239.1.2.3", "239.4.5.6"
STANDBY = "-q 60 -t 600"


def joined(namespace, interface="eth0"):
    """The groups that programs have joined there, as the kernel lists them."""
    lines = re.findall(r"inet6? +(\S+)", namespace.ip(f"maddress show dev {interface}"))
    return {line for line in lines if not line.startswith(("224.0.0.", "ff02:", "ff01:"))}


class Daemon:
    """A daemon with a configuration file of its own."""

    def __init__(self, lab, namespace, label, settings, options=STANDBY):
        self.api, self.file = Api(lab), lab.directory / f"{label}.toml"
        self.file.write_text(settings)
        self.process = namespace.querier(f"--config {self.file} --wait", options, self.api.option)
        self.api.ready()

    def reload(self, settings):
        self.file.write_text(settings)
        self.process.popen.send_signal(signal.SIGHUP)
        self.process.wait_log("configuration reloaded")

    def held(self, family="ipv4"):
        return {one["group-address"]: one["joined"] for one in self.api.interface(family)["held-groups"]}


def hold(*groups, mld=()):
    lists = [", ".join(f'"{group}"' for group in family) for family in (groups, mld)]
    return f"[interface.eth0.igmp]\nhold = [{lists[0]}]\n" + (f"[interface.eth0.mld]\nhold = [{lists[1]}]\n" if mld else "")


def test_a_held_group_keeps_a_stream_alive_for_a_mute_device(lab):
    """Two ports of a switch, with a hub, a standby and a mute device behind each; one of the standbys holds the group. The querier
    is behind a third port, so that neither of theirs is a router port, which gets every stream."""
    switch = OpenVSwitch(lab)
    querier = lab.host(switch, "querier", "192.0.2.1/24")
    querier.querier("-i eth0", FAST)
    devices, daemons = [], []
    for number, settings in enumerate([hold(GROUP), hold()], 1):
        hub = Hub(lab, f"hub{number}")
        lab.link(hub.namespace, "uplink", switch.namespace, f"port{number}")
        hub.attach("uplink")
        switch.attach(f"port{number}")
        host = lab.host(hub, f"host{number}", f"192.0.2.1{number}/24")
        devices.append(lab.host(hub, f"mute{number}").capture(protocol=packets.UDP))
        daemons.append(Daemon(lab, host, f"host{number}", settings))
        daemons[-1].api.wait_interface(lambda seen: seen["role"] == "non-querier", "a standby")
    run("ovs-appctl", "-t", switch.control, "mdb/flush", "br0")  # they have queried at their start: no router ports any more
    wait(lambda: switch.members(GROUP) == {"port1"}, 8, lambda: switch.members(GROUP))
    lab.host(switch, "sender", "192.0.2.30/24").stream("send", GROUP)

    def arrived(device, since):
        return [frame for frame in device.frames() if frame.time > since and frame.destination == GROUP]
    wait(lambda: arrived(devices[0], 0), 8, "the stream")
    time.sleep(AGING + 1)
    now = time.time()
    wait(lambda: arrived(devices[0], now), what="the stream, longer than the switch remembers")
    assert not arrived(devices[1], 0), "a stream where nobody holds it"
    daemons[0].reload(hold())
    wait(lambda: switch.members(GROUP) == set(), 8, "a switch that was told of the end")
    now = time.time()
    time.sleep(0.5)
    assert not arrived(devices[0], now + 0.2)


def test_the_kernel_the_api_and_the_log_know_what_is_held(lab):
    host, peer = lab.pair("192.0.2.10/24")
    host.enable_ipv6("fe80::10/64")
    wire = peer.capture(protocol=packets.IGMP)
    daemon = Daemon(lab, host, "daemon", hold(GROUP, mld=["ff15::7"]), FAST)
    daemon.process.wait_log(rf"eth0: holds {GROUP}: switches send these streams to this port from now on")
    daemon.process.wait_log(r"eth0 \(MLD\): holds ff15::7: ")
    assert joined(host) == {GROUP, "ff15::7"}
    assert daemon.held() == {GROUP: True} and daemon.held("ipv6") == {"ff15::7": True}
    wait(lambda: [frame for frame in wire.frames() if not frame.is_query() and frame.destination == GROUP], what="a report")
    wait(lambda: [one["held"] for one in daemon.api.get(f"/v1/groups?group={GROUP}")["groups"]] == [True], what="the group")
    peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report(OTHER), OTHER)))
    wait(lambda: [one["held"] for one in daemon.api.get(f"/v1/groups?group={OTHER}")["groups"]] == [False], what="another")

    daemon.reload(hold(OTHER))
    wait(lambda: joined(host) == {OTHER}, what=lambda: joined(host))
    assert daemon.process.logged(f"eth0: no longer holds {GROUP}")
    host.ip("link set eth0 down")
    host.ip("link set eth0 up")
    assert joined(host) == {OTHER}
    assert daemon.process.stop() == 0
    assert joined(host) == set()


def test_it_holds_on_whatever_interface_has_the_name(lab):
    """Nothing while there is none, and again after it was replaced."""
    host, peer = Namespace(lab, "host"), Namespace(lab, "peer")
    daemon = Daemon(lab, host, "daemon", hold(GROUP), FAST)
    assert daemon.held() == {GROUP: False} and not daemon.api.interface()["statistics"]["noticed"]
    for _ in range(2):
        lab.link(host, "eth0", peer, "eth0")
        wait(lambda: joined(host) == {GROUP} and daemon.held() == {GROUP: True}, what="a held group")
        host.ip("link del eth0")
        wait(lambda: daemon.held() == {GROUP: False}, what="nothing held")


def test_more_groups_than_the_kernel_allows_are_told_and_tried_again(lab):
    host, _ = lab.pair("192.0.2.10/24")
    host.sysctl("net/ipv4/igmp_max_memberships", 2)
    groups = [f"239.1.1.{number}" for number in range(1, 4)]
    daemon = Daemon(lab, host, "daemon", hold(*groups), FAST)
    daemon.process.wait_log(r"cannot join the held groups 239\.1\.1\.3: .*net\.ipv4\.igmp_max_memberships")
    assert daemon.held() == {groups[0]: True, groups[1]: True, groups[2]: False}
    status = daemon.api.interface()
    assert not status["healthy"] and status["statistics"]["noticed"]["cannot hold a group"] == 1
    [finding] = [finding for finding in status["findings"] if finding["id"] == "cannot-hold"]
    assert finding["what"] == "239.1.1.3 is to be held, and could not be joined"
    assert finding["fix"] == "sudo sysctl net.ipv4.igmp_max_memberships=200; the log says why (journalctl -u igmp-querier)"
    host.sysctl("net/ipv4/igmp_max_memberships", 20)
    host.ip("link set eth0 mtu 1400")  # any change of the interface; else a minute later
    wait(lambda: joined(host) == set(groups), what=lambda: joined(host))
    assert "cannot-hold" not in {finding["id"] for finding in daemon.api.interface()["findings"]}


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_a_held_stream_wakes_nobody(lab, family):
    host, peer = lab.pair("192.0.2.10/24")
    group = GROUP
    if family == "ipv6":
        group = "ff15::7"
        for end, address in (host, "fe80::10/64"), (peer, "fe80::20/64"):
            end.enable_ipv6(address)
    else:
        peer.ip("address add 192.0.2.20/24 dev eth0")
    daemon = Daemon(lab, host, "daemon", hold(GROUP, mld=["ff15::7"]), "-q 60 --startup-count 1")
    wait(lambda: daemon.held(family) == {group: True}, what="a held group")
    wire = host.capture(protocol=packets.UDP if family == "ipv4" else None)
    peer.stream("send", group, "--rate 500")
    wait(lambda: len(wire.frames()) > 50, what="the stream")
    before, count = daemon.process.wakeups(), len(wire.frames())
    time.sleep(1)
    assert len(wire.frames()) - count > 200 and daemon.process.wakeups() - before < 10
