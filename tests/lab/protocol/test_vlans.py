"""VLANs of a trunk without interfaces of their own: each a LAN with a querier, a table and an election of its own."""

import re
import time

import pytest

from harness import packets
from harness.api import Api
from harness.lab import FAST, wait
from harness.packets import LEAVE, REPORT_V2, ethernet, ipv4, query, report
from harness.switches import AGING, OpenVSwitch, longest_pause

UNTAGGED = "192.0.2.1/24"
TABLES = """
[defaults.mld]
[interface.eth0.igmp]
[interface.eth0.vlan.20]
address = "192.168.20.2/24"
[interface.eth0.vlan.30.igmp]
proxy = true
"""


class Trunk:
    """A host whose eth0 carries an untagged LAN and two VLANs, and a peer at the other end of it."""

    def __init__(self, lab, tables=TABLES, options=FAST):
        self.host, self.peer = lab.pair(UNTAGGED)
        self.host.enable_ipv6("fe80::1/64")
        self.wire = self.peer.capture()
        file = lab.directory / "trunk.toml"
        file.write_text(tables)
        self.api = Api(lab)
        self.querier = self.host.querier(f"-c {file}", options, self.api.option)
        self.querier.wait_log("Starting IGMP Querier on eth0.30")
        self.api.ready()

    def report(self, group, vlan, source="192.168.20.7", kind=REPORT_V2, **tag):
        destination = bytes.fromhex("01005e") + bytes([int(part) for part in group.split(".")[1:]])
        return ethernet(ipv4(source, report(group, kind), group), destination, vlan=vlan, **tag)

    def groups(self):
        """The groups of each link."""
        found = {}
        for entry in self.api.get("/v1/groups?family=ipv4")["groups"]:
            found.setdefault(entry["interface-name"], set()).add(entry["group-address"])
        return found

    def status(self, family="ipv4"):
        return {entry["interface-name"]: entry for entry in self.api.get("/v1/status")["interfaces"]
                if entry["family"] == family}


def test_queries_have_a_tag_and_priority_6(lab):
    """Each link gets queries of both families, from its own address; tshark finds no fault in any. (VLAN-02, VLAN-03,
    VLAN-04)"""
    trunk = Trunk(lab)

    def seen():
        frames = trunk.wire.frames()
        igmp = {(frame.vlan, frame.source) for frame in frames if frame.is_query()}
        mld = {(message.frame.vlan, message.source) for message in packets.mld_messages(frames, packets.MLD_QUERY)}
        return igmp, mld

    links = [(None, "192.0.2.1"), (20, "192.168.20.2"), (30, "0.0.0.0")]
    wait(lambda: seen() == (set(links), {(vlan, "fe80::1") for vlan, _ in links}), what=lambda: f"queries: {seen()}")
    tagged = [frame for frame in trunk.wire.frames() if frame.tag]
    decoded = lab.decode(tagged, "vlan.id", "vlan.priority", "vlan.dei", "eth.type", "_ws.expert.message")
    assert {tuple(line) for line in decoded} == {(vlan, "6", dei, "0x8100", "") for vlan in ("20", "30")
                                                for dei in {line[2] for line in decoded}}
    assert {line[2] for line in decoded} <= {"0", "False"}
    macs = {frame.data[6:12] for frame in trunk.wire.frames() if frame.is_query()}
    assert len(macs) == 1


def test_each_vlan_has_its_own_table(lab):
    """A report counts in the VLAN of its tag and nowhere else; that of a VLAN that is not served, of 802.1ad, and with
    two tags, nowhere at all. A tag of a priority alone is none. (VLAN-01, VLAN-05, VLAN-07)"""
    trunk = Trunk(lab, options="-q 20 --startup-interval 0.2 --jitter 0")
    double = trunk.report("239.1.1.9", vlan=20)
    trunk.peer.send(trunk.report("239.1.1.40", vlan=40),
                    trunk.report("239.1.1.88", vlan=20, tag_type=0x88A8),
                    double[:12] + bytes.fromhex("8100001e") + double[12:],
                    trunk.report("239.1.1.0", None, "192.0.2.7"),
                    trunk.report("239.1.1.1", 0xE000, "192.0.2.8"),
                    trunk.report("239.1.1.20", 0xE000 | 20),
                    trunk.report("239.1.1.30", 30))
    expected = {"eth0": {"239.1.1.0", "239.1.1.1"}, "eth0.20": {"239.1.1.20"}, "eth0.30": {"239.1.1.30"}}
    wait(lambda: trunk.groups() == expected, what=lambda: f"groups: {trunk.groups()}")
    drops = {name: status["statistics"]["dropped"]["reasons"] for name, status in trunk.status().items()}
    assert drops == {"eth0": {}, "eth0.20": {"tag of 802.1ad": 1}, "eth0.30": {}}
    trunk.peer.send(trunk.report("239.1.1.30", 20, kind=LEAVE), trunk.report("239.1.1.20", 20, kind=LEAVE))
    wait(lambda: "eth0.20" not in trunk.groups(), what="the end of the group in VLAN 20")
    assert trunk.groups()["eth0.30"] == {"239.1.1.30"}
    specific = [(frame.vlan, frame.payload[7]) for frame in trunk.wire.frames()
                if frame.is_igmp(packets.QUERY) and any(frame.payload[4:8])]
    assert set(specific) == {(20, 20)}


def test_each_vlan_has_its_own_election(lab):
    """A lower address wins in its VLAN alone; a proxy yields in its own. All lose the link with their trunk. (VLAN-08)"""
    trunk = Trunk(lab)

    def roles():
        return {name: status["role"] for name, status in trunk.status().items()}

    def mine():
        return {frame.vlan for frame in trunk.wire.queries(since=time.time() - 1.5)}

    wait(lambda: roles() == dict.fromkeys(("eth0", "eth0.20", "eth0.30"), "querier"), what=roles)
    trunk.peer.send(ethernet(ipv4("192.168.20.1", query()), vlan=20))
    wait(lambda: roles()["eth0.20"] == "non-querier", what=roles)
    assert roles()["eth0"] == roles()["eth0.30"] == "querier"
    wait(lambda: mine() == {None, 30}, what=lambda: f"VLANs with queries: {mine()}")
    trunk.peer.send(ethernet(ipv4("192.168.30.9", query()), vlan=30))
    wait(lambda: roles()["eth0.30"] == "non-querier", what=roles)
    assert roles()["eth0"] == "querier"
    trunk.peer.ip("link set eth0 down")
    wait(lambda: set(roles().values()) == {"waiting"}, what=roles)
    trunk.peer.ip("link set eth0 up")
    wait(lambda: set(roles().values()) == {"querier"}, what=roles)


def test_a_table_of_vlans_alone_serves_no_untagged_lan(lab):
    """A reload takes VLANs away and adds others. (VLAN-09)"""
    trunk = Trunk(lab, '[defaults.igmp]\nproxy = true\n[interface.eth0]\nvlans = "20,30-31"\n')
    assert set(trunk.status()) == {"eth0.20", "eth0.30", "eth0.31"}
    file = lab.directory / "trunk.toml"
    file.write_text('[interface.eth0.vlan.20]\naddress = "192.168.20.2/24"\n[interface.eth0.vlan.4094]\n'
                    'address = "192.168.94.2"\nprefix = 24\n')
    trunk.querier.popen.send_signal(1)
    wait(lambda: set(trunk.status()) == {"eth0.20", "eth0.4094"}, what=lambda: set(trunk.status()))
    start = time.time()
    wait(lambda: {(frame.vlan, frame.source) for frame in trunk.wire.queries(since=start)}
         == {(20, "192.168.20.2"), (4094, "192.168.94.2")}, what="queries of both")


@pytest.mark.slow
def test_streams_live_in_two_vlans_of_a_snooping_switch(lab):
    """A trunk port for the querier, and access ports in two VLANs: a stream of the same group lives in each for longer
    than the switch remembers a member, no stream reaches the other VLAN or a port without a member, and a second
    querier in one VLAN is elected there alone. (VLAN-10)"""
    group, switch = "239.1.2.3", OpenVSwitch(lab)
    own = lab.host(switch, "own")
    hosts = {}
    for vlan in 20, 30:
        for number, role in enumerate(("receiver", "quiet", "sender"), 10):
            label = f"{role}{vlan}"
            hosts[label] = lab.host(switch, label, f"192.168.{vlan}.{number}/24")
            switch.make_access_port(label, vlan)
    streams = {label: host.capture(protocol=packets.UDP) for label, host in hosts.items()}
    file = lab.directory / "trunk.toml"
    file.write_text('[interface.eth0.vlan.20]\naddress = "192.168.20.2/24"\n'
                    '[interface.eth0.vlan.30]\naddress = "192.168.30.2/24"\n')
    api = Api(lab)
    own.querier(f"-c {file} -q 5 --max-response 1 --startup-interval 1 --jitter 0", api.option)
    for vlan in 20, 30:
        hosts[f"receiver{vlan}"].capture(protocol=packets.IGMP).wait_queries(1, source=f"192.168.{vlan}.2")
    players = [hosts[f"receiver{vlan}"].stream("receive", group, "--every 0.2") for vlan in (20, 30)]
    for vlan in 20, 30:
        wait(lambda v=vlan: switch.members(group, v) == {f"receiver{v}"}, what=f"the member in VLAN {vlan}")
    start = time.time()
    for vlan in 20, 30:
        hosts[f"sender{vlan}"].stream("send", group, "--rate 50")

    rival = lab.host(switch, "rival20", "192.168.20.1/24")
    switch.make_access_port("rival20", 20)
    rival.querier(f"-i eth0 {FAST}")

    def roles():
        return {entry["interface-name"]: entry["role"] for entry in api.get("/v1/status")["interfaces"]}

    wait(lambda: roles() == {"eth0.20": "non-querier", "eth0.30": "querier"}, what=roles)
    lasts = AGING + 4
    while time.time() < start + lasts:
        assert switch.members(group, 20) == {"receiver20"} and switch.members(group, 30) == {"receiver30"}
        time.sleep(0.5)
    for vlan in 20, 30:
        frames = [frame for frame in streams[f"receiver{vlan}"].frames() if frame.is_stream()]
        assert {frame.source for frame in frames} == {f"192.168.{vlan}.12"}
        assert not [frame for frame in streams[f"quiet{vlan}"].frames() if frame.time > start]
    for player in players:
        assert longest_pause(player, AGING) < 1
        assert re.search("packets", player.output()[-1])
