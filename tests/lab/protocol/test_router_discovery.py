"""Multicast Router Discovery: what is sent and answered, what is refused, and what a switch makes of it."""

import json

import pytest

from harness import packets
from harness.api import Api
from harness.lab import BRISK, FAST, Hub, run, wait

ON = "router-discovery = true\nrouter-advertisement-interval = 4\n"
SNOOPERS, ROUTERS, SNOOPERS6, ROUTERS6 = "224.0.0.106", "224.0.0.2", "ff02::6a", "ff02::2"
ADVERTISEMENT, SOLICITATION, TERMINATION = 0x30, 0x31, 0x32
PEER, PEER6 = "192.0.2.5", "fe80::5"


def config(lab, settings, name="on"):
    file = lab.directory / f"{name}.toml"
    file.write_text(f"[interface.eth0.igmp]\n{settings}[interface.eth0.mld]\n{settings}")
    return f"-c {file}"


def ipv4(body, source=PEER, destination=ROUTERS, summed=True, **header):
    group = b"\x01\x00\x5e" + bytes(map(int, destination.split(".")))[1:]
    return packets.ethernet(packets.ipv4(source, packets.igmp(body) if summed else body, destination, **header), group)


def kind_of(frame):
    """The type as that of IGMP, or None for any other packet."""
    if frame.is_ipv4(packets.IGMP):
        return frame.payload[0]
    found = packets.mld_messages([frame])
    return found[0].kind - 151 + ADVERTISEMENT if found else None


def test_every_message_is_sent_read_and_counted(lab):
    """Three advertisements at first, an answer to a solicitation, a termination at the end; tshark reads each without a
    complaint. (MRD-01, MRD-08, MRD-09, MRD-11, MRD-17, MRD-22, MRD-25)"""
    api = Api(lab)
    host, peer = lab.pair("192.0.2.10/24")
    host.enable_ipv6("fe80::10/64")
    wire = peer.capture()
    querier = host.querier(config(lab, ON.replace("4", "180")), api.option, FAST)

    def sent(kind, family):
        return [frame for frame in wire.frames() if not frame.outgoing and kind_of(frame) == kind
                and (frame.data[12:14] == b"\x86\xdd") == (family == "ipv6")]
    for family in "ipv4", "ipv6":
        wait(lambda: len(sent(ADVERTISEMENT, family)) == 3, 8, f"three advertisements of {family}", pause=0.05)
    peer.send(ipv4(bytes([SOLICITATION, 0, 0, 0])), packets.mld_frame(PEER6, bytes([152, 0, 0, 0]), ROUTERS6))
    for family in "ipv4", "ipv6":
        wait(lambda: len(sent(ADVERTISEMENT, family)) == 4, 3, f"an answer of {family}", pause=0.05)
        seen = api.interface(family)["router-discovery"]
        assert seen["interval"] == 180 and 170 < seen["next-advertisement"] < 185
        assert seen["sent"] == {"advertisement": 4, "solicitation": 0, "termination": 0}
        assert seen["received"] == {"advertisement": 0, "solicitation": 1, "termination": 0}
    assert querier.stop() == 0
    frames = {family: wait(lambda: sent(TERMINATION, family), what=f"a termination of {family}") for family in ("ipv4", "ipv6")}
    assert all(len(found) == 1 for found in frames.values())
    advertised, advertised6 = (sent(ADVERTISEMENT, family)[0] for family in ("ipv4", "ipv6"))
    # 180 s; every second, robustness 2.
    assert advertised.payload[1] == 180 and advertised.payload[4:] == bytes([0, 1, 0, 2])
    assert advertised.destination == SNOOPERS and advertised.ttl == 1 and advertised.header[20:24] == packets.ROUTER_ALERT
    assert packets.mld_messages([advertised6])[0].payload[4:] == bytes([0, 1, 0, 2])
    fields = "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ipv6.hlim", "igmp.type", "icmpv6.type", "_ws.expert", "_ws.malformed"
    assert lab.decode([advertised, *frames["ipv4"], advertised6, *frames["ipv6"]], *fields) == [
        ["192.0.2.10", SNOOPERS, "", "", "", "0x30", "", "", ""],
        ["192.0.2.10", SNOOPERS, "", "", "", "0x32", "", "", ""],
        ["", "", "fe80::10", SNOOPERS6, "1", "", "151", "", ""],
        ["", "", "fe80::10", SNOOPERS6, "1", "", "153", "", ""]]


BAD = {"bad checksum": ipv4(bytes([SOLICITATION, 0, 1, 2]), summed=False),
       "TTL other than 1": ipv4(bytes([SOLICITATION, 0, 0, 0]), ttl=2),
       "truncated packet": ipv4(bytes([SOLICITATION, 0, 0]), summed=False),
       "bad length": ipv4(bytes([ADVERTISEMENT, 20, 0, 0, 0, 60]), destination=SNOOPERS),
       "router message refused": ipv4(bytes([SOLICITATION, 0, 0, 0]), source="10.0.0.5")}
BAD6 = {"bad checksum": packets.ethernet6(packets.ipv6(PEER6, packets.hop_by_hop() + bytes([152, 0, 1, 2]), ROUTERS6)),
        "TTL other than 1": packets.mld_frame(PEER6, bytes([152, 0, 0, 0]), ROUTERS6, hop_limit=255),
        "bad length": packets.mld_frame(PEER6, bytes([151, 20, 0, 0, 0, 60]), SNOOPERS6),
        "impossible source": packets.mld_frame("2001:db8::5", bytes([152, 0, 0, 0]), ROUTERS6),
        "router message refused": packets.mld_frame(PEER6, bytes([152, 0, 0, 0]), SNOOPERS6)}


def test_bad_messages_are_counted_by_reason_and_not_answered(lab):
    """(MRD-05, MRD-07, MRD-20, MRD-21)"""
    api = Api(lab)
    host, peer = lab.pair("192.0.2.10/24")
    host.enable_ipv6("fe80::10/64")
    host.querier(config(lab, ON.replace("4", "180")), api.option, BRISK)
    api.ready()

    def initial(family):
        return api.interface(family)["router-discovery"]["sent"]["advertisement"] == 3
    wait(lambda: initial("ipv4") and initial("ipv6"), 8, "the initial advertisements", pause=0.05)
    peer.send(*BAD.values(), *BAD6.values())
    for family, bad in ("ipv4", BAD), ("ipv6", BAD6):
        seen = api.wait_interface(lambda seen: seen["statistics"]["dropped"]["total"] >= len(bad), "all drops", family)
        assert seen["statistics"]["dropped"]["reasons"] == dict.fromkeys(bad, 1)
        assert seen["router-discovery"]["next-advertisement"] > 100 and initial(family)


def router_ports(hub):
    """The ports that the bridge takes for those of routers."""
    found = json.loads(run("bridge", "-d", "-n", hub.namespace.name, "-j", "mdb", "show"))
    return {port["port"] for table in found for ports in table.get("router", {}).values() for port in ports}


def test_the_bridge_sends_reports_to_a_standby_that_advertises(lab):
    """It forgets a router port 5 s after the last query or advertisement; a standby without them gets no report, but for
    those of IGMPv3 and MLDv2, which it floods. (MRD-13, MRD-31)"""
    hub = Hub(lab, "bridge", "mcast_snooping 1 mcast_querier_interval 500 mcast_membership_interval 6000")
    api = {}
    for label, address, settings in (("querier", 1, ""), ("with", 2, ON), ("without", 3, "")):
        host = lab.host(hub, label, f"192.0.2.{address}/24")
        host.enable_ipv6(f"fe80::{address}/64")
        api[label] = Api(lab)
        host.querier(config(lab, settings, label), api[label].option, FAST)
        api[label].ready()
    for family in "ipv4", "ipv6":
        for label in "with", "without":
            api[label].wait_interface(lambda seen: seen["role"] == "non-querier", f"{label} to stand by", family)
    wait(lambda: router_ports(hub) == {"querier", "with"}, 12, lambda: f"routers: {router_ports(hub)}", pause=0.2)
    member = lab.host(hub, "member", "192.0.2.9/24")
    member.enable_ipv6("fe80::9/64")
    member.sysctl("net/ipv4/conf/eth0/force_igmp_version", 2)
    member.sysctl("net/ipv6/conf/eth0/force_mld_version", 1)
    joined = member.start("python3", "-c", "\n".join([
        "import socket, struct, time",
        "four, six = (socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6))",
        "four.setsockopt(0, 35, socket.inet_aton('239.1.2.3') + socket.inet_aton('192.0.2.9'))",
        "six.setsockopt(41, 20, socket.inet_pton(10, 'ff15::1') + struct.pack('I', socket.if_nametoindex('eth0')))",
        "time.sleep(60)"]))

    def knows(label, family, group):
        return group in {found["group-address"] for found in api[label].get("/v1/groups")["groups"]}
    for family, group in ("ipv4", "239.1.2.3"), ("ipv6", "ff15::1"):
        for label in "querier", "with":
            wait(lambda: knows(label, family, group), 8, f"{group} at {label}", pause=0.1)
        assert not knows("without", family, group)
    assert joined.alive()
