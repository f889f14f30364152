"""Interfaces and addresses that come, change and go: the daemon follows at once and waits for ever."""

import os
import pathlib
import signal
import socket
import struct
import time

import pytest

from harness import packets
from harness.lab import BRISK, FAST, Hub, expect_silence, link_json

BURST = r"eth0: \[Startup\] Sending 3 rapid queries\.\.\."
WAITING = r"eth0: waiting for {}"
PROMPT = 2.0  # seconds, for a loaded machine; the benchmark measures it


def expect_burst(wire, since, source=None):
    """Three queries in quick succession, the first one promptly."""
    frames = wire.wait_queries(3, source=source, since=since)
    assert frames[0].time - since < PROMPT
    assert frames[2].time - frames[0].time == pytest.approx(0.4, abs=0.25)


def readdress(host, old, new):
    host.ip(f"address del {old}/24 dev eth0")
    host.ip(f"address add {new}/24 dev eth0")


def start(lab, address="192.0.2.20/24", options="-i eth0 -q 30 --startup-interval 0.2"):
    host, peer = lab.pair(address)
    wire = peer.capture(protocol=packets.IGMP)
    return host, peer, wire, host.querier(options)


def test_a_new_address_is_used_at_once(lab):
    """From the command that changes it, no query leaves from the old one, and a burst from the new one. (IGMP-F-04)"""
    host, _, wire, _ = start(lab)
    wire.wait_queries(3, source="192.0.2.20")
    since = time.time()
    readdress(host, "192.0.2.20", "192.0.2.30")
    expect_burst(wire, since, "192.0.2.30")
    assert not wire.queries("192.0.2.20", since)


def test_a_lower_address_than_the_masters_takes_the_role(lab):
    """.10 asks, we move from .20 to .5, and need not wait for anybody's silence. (IGMP-Q-24)"""
    host, peer, wire, querier = start(lab)
    wire.wait_queries(1, source="192.0.2.20")
    peer.send(packets.general_query("192.0.2.10"))
    querier.wait_log("LOST to lower IP 192.0.2.10")
    since = time.time()
    readdress(host, "192.0.2.20", "192.0.2.5")
    expect_burst(wire, since, "192.0.2.5")


def test_a_higher_address_that_still_loses_stays_quiet(lab):
    """.10 asks, we move from .20 to .30 and go on listening. (IGMP-Q-24, IGMP-Q-10)"""
    host, peer, wire, querier = start(lab, options=f"-i eth0 {BRISK} -t 60")
    wire.wait_queries(1, source="192.0.2.20")
    peer.send(packets.general_query("192.0.2.10"))
    querier.wait_log("LOST to lower IP 192.0.2.10")
    since = time.time()
    readdress(host, "192.0.2.20", "192.0.2.30")
    expect_silence(0.6, wire)
    assert not wire.queries(since=since)
    peer.send(packets.general_query("192.0.2.25"))  # lower now, though it was not before
    expect_silence(0.3, wire, source="192.0.2.30")
    assert len(querier.logged("LOST")) == 1


def test_without_an_address_it_is_silent_until_one_comes(lab):
    """IGMP-Q-26"""
    host, _, wire, querier = start(lab, options=f"-i eth0 {BRISK}")
    wire.wait_queries(1)
    host.ip("address flush dev eth0")
    querier.wait_log(WAITING.format("an IPv4 address"))
    expect_silence(0.6, wire)
    since = time.time()
    host.ip("address add 192.0.2.40/24 dev eth0")
    assert wire.wait_queries(1, source="192.0.2.40", since=since)[0].time - since < PROMPT


def test_an_address_that_comes_late_starts_the_burst(lab):
    """IGMP-Q-26, IGMP-Q-02"""
    host, _, wire, querier = start(lab, address=None)
    querier.wait_log(WAITING.format("an IPv4 address"))
    since = time.time()
    host.ip("address add 192.0.2.40/24 dev eth0")
    expect_burst(wire, since, "192.0.2.40")
    assert len(querier.logged(BURST)) == 1


def test_of_several_addresses_the_lowest_of_the_widest_scope_asks(lab):
    """One query per period, not one per address. (IGMP-F-04, IGMP-Q-25)"""
    host, peer = lab.pair("169.254.1.1/16")
    for address in "192.0.2.9/24", "192.0.2.7/24", "192.0.2.8/24":
        host.ip(f"address add {address} dev eth0")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", FAST)
    frames = wire.wait_queries(5)
    assert {frame.source for frame in frames} == {"192.0.2.7"}
    assert frames[4].time - frames[3].time > 0.7
    assert querier.logged(r"Starting IGMP Querier on eth0 \(192\.0\.2\.7\)")


def test_an_address_of_no_subnet_that_comes_and_goes_moves_nothing(lab):
    """keepalived adds a /32 to its master, here a lower one: we go on asking from the address that has a subnet, in the same
    beat. Where there is nothing else it is used. (IGMP-F-04)"""
    host, _, wire, querier = start(lab, options=f"-i eth0 {BRISK}")
    wire.wait_queries(2, source="192.0.2.20")
    since = time.time()
    for _ in range(3):
        host.ip("address add 192.0.2.5/32 dev eth0")
        time.sleep(0.3)
        host.ip("address del 192.0.2.5/32 dev eth0")
        time.sleep(0.3)
    frames = wire.queries(since=since)
    assert len(frames) >= 5 and {frame.source for frame in frames} == {"192.0.2.20"}
    assert not querier.logged("our address is") and len(querier.logged(r"\[Election\]")) == 1
    host.ip("address add 192.0.2.5/32 dev eth0")
    host.ip("address del 192.0.2.20/24 dev eth0")
    wire.wait_queries(1, source="192.0.2.5", since=since)


def test_a_chosen_address_is_used_and_waited_for(lab):
    """A lower address does not matter; without the chosen one it says so, is silent, and begins again when it is there."""
    file = lab.directory / "source.toml"
    file.write_text('[interface.eth0.igmp]\nsource-address = "192.0.2.30"\n[interface.eth0.mld]\nsource-address = "fe80::30"\n')
    host, peer = lab.pair("192.0.2.20/24")
    for address in "fe80::20/64", "fe80::30/64":
        host.enable_ipv6(address)
    wire = peer.capture()
    querier = host.querier("-c", file, BRISK)
    querier.wait_log(WAITING.format("its source-address"))
    host.ip("address add 192.0.2.30/24 dev eth0")
    wire.wait_queries(2, source="192.0.2.30")
    host.ip("address del 192.0.2.30/24 dev eth0")
    querier.wait_log(WAITING.format("its source-address"), count=2)
    expect_silence(0.5, wire)
    host.ip("address add 192.0.2.30/24 dev eth0")
    wire.wait_queries(2, source="192.0.2.30", since=time.time())
    assert not wire.queries("192.0.2.20")
    assert {message.source for message in packets.mld_messages(wire.frames(), packets.MLD_QUERY)} == {"fe80::30"}


def test_losing_one_of_two_addresses_moves_to_the_other(lab):
    """The higher one of two goes: nothing happens. The lower one goes: the higher one asks. (IGMP-Q-24)"""
    host, _, wire, querier = start(lab, address="192.0.2.20/24")
    host.ip("address add 192.0.2.30/25 dev eth0")
    host.ip("address add 192.0.2.40/26 dev eth0")
    wire.wait_queries(3, source="192.0.2.20")
    host.ip("address del 192.0.2.40/26 dev eth0")
    expect_silence(0.5, wire)
    since = time.time()
    host.ip("address del 192.0.2.20/24 dev eth0")
    expect_burst(wire, since, "192.0.2.30")
    assert not wire.queries("192.0.2.20", since)


def test_a_link_local_address_is_better_than_none(lab):
    """Until a real one comes."""
    host, _, wire, _ = start(lab, address="169.254.1.1/16")
    wire.wait_queries(1, source="169.254.1.1")
    since = time.time()
    host.ip("address add 192.0.2.9/24 dev eth0")
    expect_burst(wire, since, "192.0.2.9")


def test_setting_the_interface_down_and_up_repeats_the_burst(lab):
    """IGMP-Q-23, SNP-06"""
    host, _, wire, querier = start(lab)
    wire.wait_queries(3)
    host.ip("link set eth0 down")
    querier.wait_log(WAITING.format("link"))
    since = time.time()
    host.ip("link set eth0 up")
    expect_burst(wire, since, "192.0.2.20")
    assert len(querier.logged(BURST)) == 2


def test_a_pulled_cable_is_waited_for(lab):
    """The peer's end goes down: the carrier is lost, nothing is sent or said, no time is burnt. Then comes the burst,
    and what was known of another querier is forgotten. (IGMP-Q-23)"""
    host, peer, wire, querier = start(lab, options=f"-i eth0 {BRISK} -t 60")
    wire.wait_queries(1)
    peer.send(packets.general_query("192.0.2.5"))
    querier.wait_log("LOST")
    inside = host.capture(protocol=packets.IGMP)
    peer.ip("link set eth0 down")
    querier.wait_log(WAITING.format("link"))
    before, used = len(querier.log()), querier.cpu_seconds()
    expect_silence(0.6, inside)
    assert len(querier.log()) == before
    assert querier.cpu_seconds() - used < 0.1
    since = time.time()
    peer.ip("link set eth0 up")
    assert wire.wait_queries(1, source="192.0.2.20", since=since)[0].time - since < PROMPT


@pytest.mark.parametrize("way", ["--wait", "configuration file"])
def test_a_late_interface_is_waited_for(lab, way):
    """It does not exist at the start; once it is there with an address, the burst begins."""
    host, peer = lab.namespace("host"), lab.namespace("peer")
    file = lab.directory / "querier.toml"
    file.write_text("[interface.eth0.igmp]\nquery-interval = 30\nquery-max-response-time = 5\n"
                    "startup-query-interval = 0.2\n")
    querier = host.querier("-i eth0 --wait -q 30 --startup-interval 0.2" if way == "--wait" else f"-c {file}")
    querier.wait_log(WAITING.format("the interface to appear"))
    lab.link(host, "eth0", peer, "eth0")
    wire = peer.capture(protocol=packets.IGMP)
    since = time.time()
    host.ip("address add 192.0.2.1/24 dev eth0")
    expect_burst(wire, since, "192.0.2.1")


def test_a_deleted_interface_may_return(lab):
    """Deleted and made again with the same name: another index, another link, and the querier is back."""
    host, peer, wire, querier = start(lab)
    wire.wait_queries(3)
    for _ in range(2):
        before = len(querier.logged(WAITING.format("the interface to appear")))
        host.ip("link del eth0")
        querier.wait_log(WAITING.format("the interface to appear"), count=before + 1)
        lab.link(host, "eth0", peer, "eth0")
        wire = peer.capture(protocol=packets.IGMP)
        since = time.time()
        host.ip("address add 192.0.2.20/24 dev eth0")
        expect_burst(wire, since, "192.0.2.20")
    assert querier.stop() == 0


def test_a_renamed_interface_is_left_and_its_successor_taken(lab):
    """A name is what the user gave: eth0 renamed is no longer asked on, another one renamed to eth0 is."""
    host, peer, wire, querier = start(lab, options=f"-i eth0 {BRISK}")
    wire.wait_queries(1)
    host.ip("link set eth0 down")
    host.ip("link set eth0 name old0")
    host.ip("link set old0 up")
    querier.wait_log(WAITING.format("the interface to appear"))
    expect_silence(0.6, wire)
    lab.link(host, "new0", peer, "eth1")
    other = peer.capture("eth1", protocol=packets.IGMP)
    host.ip("link set new0 down")
    host.ip("link set new0 name eth0")
    host.ip("address add 192.0.2.21/24 dev eth0")
    host.ip("link set eth0 up")
    other.wait_queries(2, source="192.0.2.21")
    expect_silence(0.3, wire)


def test_several_interfaces_in_one_process_do_not_mix(lab):
    """Losing the election on one leaves the other asking."""
    host, peer = lab.pair("192.0.2.20/24")
    lab.link(host, "eth1", peer, "eth1")
    host.ip("address add 198.51.100.20/24 dev eth1")
    first, second = peer.capture("eth0", packets.IGMP), peer.capture("eth1", packets.IGMP)
    querier = host.querier("-i eth0 -i eth1", BRISK)
    first.wait_queries(2, source="192.0.2.20")
    second.wait_queries(2, source="198.51.100.20")
    peer.send(packets.general_query("198.51.100.5"), interface="eth1")
    querier.wait_log(r"eth1: \[Election\] LOST to lower IP 198\.51\.100\.5")
    expect_silence(0.6, second, source="198.51.100.20")
    first.wait_queries(2, since=time.time())
    host.ip("link del eth1")
    querier.wait_log("eth1: waiting for the interface to appear")
    first.wait_queries(2, since=time.time())
    assert querier.stop() == 0
    assert {frame.source for frame in first.queries()} == {"192.0.2.20"}


def test_a_glob_in_the_configuration_file_takes_every_match(lab):
    """Also one that comes later; what does not match is left alone."""
    (lab.directory / "querier.toml").write_text(
        '[defaults.igmp]\nstartup-query-interval = 0.2\n[interface."lan*".igmp]\nversion = 3\n')
    host, peer = lab.pair("192.0.2.20/24")
    lab.link(host, "lan0", peer, "lan0")
    host.ip("address add 198.51.100.1/24 dev lan0")
    captures = {name: peer.capture(name, packets.IGMP) for name in ("eth0", "lan0")}
    host.querier(f"-c {lab.directory}/querier.toml")
    captures["lan0"].wait_queries(1, source="198.51.100.1")
    lab.link(host, "lan1", peer, "lan1")
    captures["lan1"] = peer.capture("lan1", packets.IGMP)
    host.ip("address add 203.0.113.1/24 dev lan1")
    assert len(captures["lan1"].wait_queries(1, source="203.0.113.1")[0].payload) == 12
    assert not captures["eth0"].frames()


def test_without_a_choice_the_default_route_decides(lab):
    """Neither -i nor a configuration file: the interface of the default route, and no other."""
    host, peer = lab.pair("192.0.2.20/24")
    lab.link(host, "eth1", peer, "eth1")
    host.ip("address add 198.51.100.20/24 dev eth1")
    host.ip("route add default via 198.51.100.1")
    first, second = peer.capture("eth0", packets.IGMP), peer.capture("eth1", packets.IGMP)
    querier = host.querier("-c /dev/null")
    second.wait_queries(1, source="198.51.100.20")
    assert querier.logged(r"Starting IGMP Querier on eth1 \(198\.51\.100\.20\)")
    assert not first.frames()


def test_a_port_of_a_bridge_is_told_from_the_bridge(lab):
    """A port has no address: the log says to name the bridge. On the bridge it works, with snooping on: the ports hear
    the queries, and a lower querier behind a port is known."""
    bridge = Hub(lab, "bridge", "mcast_snooping 1")
    station = lab.host(bridge, "station")
    wire = station.capture(protocol=packets.IGMP)
    on_port = bridge.namespace.querier("-i station", BRISK)
    on_port.wait_log(r"station: waiting for its bridge or bond to let it go \(or name that instead\)")
    bridge.namespace.ip("address add 192.0.2.10/24 dev br0")
    on_bridge = bridge.namespace.querier("-i br0", BRISK)
    wire.wait_queries(2, source="192.0.2.10")
    station.send(packets.general_query("192.0.2.5"))
    on_bridge.wait_log(r"LOST to lower IP 192\.0\.2\.5")
    expect_silence(0.6, wire, source="192.0.2.10")


def netlink_port(process):
    """The address of a process's socket that watches the interfaces."""
    with open(f"/proc/{process.popen.pid}/net/netlink", encoding="ascii") as table:
        rows = [line.split() for line in list(table)[1:]]
    inodes = {os.readlink(path) for path in pathlib.Path(f"/proc/{process.popen.pid}/fd").iterdir()}
    [port] = [int(row[2]) for row in rows if row[1] == "0" and f"socket:[{row[9]}]" in inodes]
    return port


def test_only_the_kernel_tells_of_interfaces(lab):
    """Whoever may administer the network can send netlink messages to anybody: such as one that says nothing of the
    bridge that a port belongs to, as events of wireless drivers do."""
    bridge = Hub(lab, "bridge", "mcast_snooping 1")
    station = lab.host(bridge, "station")
    bridge.namespace.ip("address add 192.0.2.10/24 dev station")
    wire = station.capture(protocol=packets.IGMP)
    file = lab.directory / "querier.toml"
    file.write_text('[interface."s*"]\n')
    querier = bridge.namespace.querier(f"-c {file}", BRISK)
    querier.wait_log("station: waiting for its bridge or bond to let it go")
    index, flags = bridge.namespace.interface_index("station"), 0x11043  # up, running, with multicast
    name = struct.pack("HH", 12, 3) + b"station\0"  # IFLA_IFNAME
    wireless = struct.pack("HH8s", 12, 11, b"\x08\0")  # IFLA_WIRELESS
    body = struct.pack("BBHiII", 0, 0, 1, index, flags, 0) + name + wireless
    message = struct.pack("IHHII", 16 + len(body), 16, 0, 0, 0) + body  # RTM_NEWLINK
    with bridge.namespace.entered(), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as forger:
        forger.sendto(message, (netlink_port(querier), 0))
    expect_silence(0.6, wire)
    bridge.namespace.ip("link set station nomaster")  # the kernel's word counts
    querier.wait_log(r"Starting IGMP Querier on station \(192\.0\.2\.10\)")
    wire.wait_queries(1)


def test_a_new_hardware_address_is_used(lab):
    """Frames carry the address that the interface has now."""
    host, _, wire, _ = start(lab, options=f"-i eth0 {BRISK}")
    wire.wait_queries(1)
    host.ip("link set eth0 address 02:00:00:00:00:42")
    since = time.time()
    frames = wire.wait_queries(2, since=since)
    assert frames[-1].data[6:12].hex() == "020000000042"


def test_an_avalanche_of_changes_ends_with_the_truth(lab):
    """A thousand addresses come and go faster than anybody can follow; the last one asks."""
    host, _, wire, querier = start(lab)
    wire.wait_queries(1)
    batch = lab.directory / "batch"
    batch.write_text("".join(f"address {verb} 198.18.{n // 250}.{n % 250 + 1}/32 dev eth0\n"
                             for n in range(1000) for verb in ("add", "del"))
                     + "address del 192.0.2.20/24 dev eth0\naddress add 192.0.2.77/24 dev eth0\n")
    querier.popen.send_signal(signal.SIGSTOP)  # it sees nothing until all is over
    host.ip(f"-batch {batch}")
    querier.popen.send_signal(signal.SIGCONT)
    wire.wait_queries(1, source="192.0.2.77")
    assert querier.stop() == 0


def test_all_multicast_is_wanted_only_while_it_runs(lab):
    """Reports go to any group, so the interface must take them all; stopping gives that back. (IGMP-R-28, IGMP-R-29)"""
    host, _, wire, querier = start(lab)
    wire.wait_queries(1)

    def all_multicast():
        return link_json(host, "-d link show eth0")[0]["allmulti"]
    assert all_multicast() == 1
    querier.stop()
    assert all_multicast() == 0


def test_a_point_to_point_address_asks_from_its_own_end(lab):
    """With a peer address, the kernel's idea of "the address" is the other end. (IGMP-F-04)"""
    host, peer, wire, querier = start(lab, address=None, options=f"-i eth0 {BRISK}")
    querier.wait_log(WAITING.format("an IPv4 address"))
    host.ip("address add 192.0.2.10 peer 192.0.2.200/32 dev eth0")
    wire.wait_queries(2, source="192.0.2.10")
    assert {frame.source for frame in wire.queries()} == {"192.0.2.10"}


def test_with_wait_a_default_route_may_come_late(lab):
    """As at boot: no interface is named and there is no route yet."""
    host, peer = lab.pair("192.0.2.20/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-c /dev/null --wait")
    querier.wait_log("waiting for a default route")
    assert not wire.queries()
    since = time.time()
    host.ip("route add default via 192.0.2.1")
    assert wire.wait_queries(1, source="192.0.2.20", since=since)[0].time - since < PROMPT


def test_an_interface_named_twice_is_served_once(lab):
    host, _, wire, _ = start(lab, options=f"-i eth0 -i eth0 {FAST}")
    frames = wire.wait_queries(5)
    assert frames[4].time - frames[3].time > 0.7
