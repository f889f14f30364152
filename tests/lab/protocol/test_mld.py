"""MLD beside IGMP: what leaves, from which address, who asks, and what the program says."""

import re
import signal
import sys
import time

import pytest

from harness import packets
from harness.hosts import Member
from harness.lab import BRISK, FAST, IGMP_QUERIER, Hub, link_json, wait
from harness.mld import expect_silence, lost_to, pair, queries, wait_queries

GOLDEN = {1: "82 00 59 17 27 10 00 00" + 16 * " 00",
          2: "82 00 56 96 27 10 00 00" + 16 * " 00" + " 02 7d 00 00"}
HOP_BY_HOP = "3a 00 05 02 00 00 01 00"
WAITING = r"eth0 \(MLD\): waiting for an IPv6 link-local address"
UNHEARD = r"eth0 \(MLD\): programs on this host do not receive our query: "


@pytest.mark.parametrize("version", GOLDEN)
def test_query_is_byte_for_byte_the_golden_vector(lab, version):
    """MLD-F-01, MLD-F-02, MLD-F-03, MLD-F-04, MLD-F-05, MLD-F-06, MLD-F-08, MLD-F-12, MLD-F-13, MLD-F-14, MLD-F-16,
    MLD-C-01, RA-02"""
    host, peer = pair(lab)
    host.ip("address add 2001:db8::1/64 dev eth0 nodad")
    wire = peer.capture()
    host.querier(f"-i eth0 -q 125 --max-response 10 --robustness 2 --mld {version}")
    frame = wait_queries(wire, 1)[0].frame
    message = bytes.fromhex(GOLDEN[version])
    header = bytes.fromhex(f"60000000 00{8 + len(message):02x} 00 01") + packets.ip6("fe80::1") + packets.ip6("ff02::1")
    assert frame.data[:6].hex(":") == "33:33:00:00:00:01"
    assert frame.data[6:12].hex(":") == link_json(host, "link show eth0")[0]["address"]
    assert frame.data[12:].hex(" ") == (b"\x86\xdd" + header + bytes.fromhex(HOP_BY_HOP) + message).hex(" ")


def test_tshark_reads_every_query_without_a_complaint(lab):
    frames = []
    for version in GOLDEN:
        host, peer = pair(lab)
        wire = peer.capture()
        host.querier(f"-i eth0 --mld {version}")
        frames.append(wait_queries(wire, 1)[0].frame)
    rows = lab.decode(frames, "ipv6.src", "icmpv6.type", "icmpv6.checksum.status", "_ws.expert", "_ws.malformed")
    assert rows == [["fe80::1", "130", "1", "", ""]] * 2


def test_each_query_leaves_once_and_counts_once(lab):
    """Through the raw socket, which the kernel hears as well: one packet each, all alike."""
    host, peer = pair(lab)
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld", FAST)
    wait_queries(wire, 4)
    assert querier.stop() == 0
    sent = int(re.search(r"Final stats: (\d+) queries sent, 0 elections lost", querier.log()[-1])[1])
    mld = queries(wire)
    assert sent == len(mld) + len(wire.queries())
    assert len({message.frame.data for message in mld}) == 1
    assert not querier.logged("do not receive")


def test_without_the_option_there_is_no_mld(lab):
    host, peer = pair(lab)
    wire = peer.capture()
    querier = host.querier("-i eth0", FAST)
    wire.wait_queries(4)
    assert not queries(wire) and not querier.logged("MLD")


def test_it_waits_for_duplicate_address_detection(lab):
    """While the kernel still asks whether another host has the address, nothing is sent from it. (MLD-F-02)"""
    host, peer = lab.pair()
    host.sysctl("net/ipv6/conf/eth0/addr_gen_mode", 1)
    host.sysctl("net/ipv6/conf/eth0/dad_transmits", 3)
    host.sysctl("net/ipv6/conf/eth0/disable_ipv6", 0)
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld", FAST)
    querier.wait_log(WAITING)
    added = time.time()
    host.ip("address add fe80::1/64 dev eth0")
    first = wait_queries(wire, 1, timeout=10)[0]
    assert first.source == "fe80::1" and first.frame.time - added > 2
    assert querier.logged(r"Starting MLD Querier on eth0 \(fe80::1\)")


def test_an_address_that_another_host_has_is_not_used(lab):
    """Duplicate address detection fails: it goes on waiting, and IGMP is not held up."""
    host, peer = lab.pair()
    peer.enable_ipv6("fe80::1/64")
    host.sysctl("net/ipv6/conf/eth0/addr_gen_mode", 1)
    host.sysctl("net/ipv6/conf/eth0/disable_ipv6", 0)
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld", FAST)
    host.ip("address add fe80::1/64 dev eth0")
    wait(lambda: "dadfailed" in host.ip("address show dev eth0"), what="a duplicate address")
    expect_silence(1.5, wire)
    wire.wait_queries(2)
    assert querier.logged(WAITING) and not querier.logged("Starting MLD")
    host.ip("address add fe80::2/64 dev eth0 nodad")
    wait_queries(wire, 1, source="fe80::2")


def test_addresses_that_change_and_go(lab):
    """A lower address is used at once and with a burst; without one it is silent. (MLD-Q-10)"""
    host, peer = pair(lab, "fe80::20/64")
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld -q 30 --startup-interval 0.2")
    wait_queries(wire, 3, source="fe80::20")
    since = time.time()
    host.ip("address add fe80::10/64 dev eth0 nodad")
    burst = wait_queries(wire, 3, source="fe80::10", since=since)
    assert burst[2].frame.time - burst[0].frame.time == pytest.approx(0.4, abs=0.25)
    assert not queries(wire, "fe80::20", since)
    host.ip("address flush dev eth0 scope link")
    querier.wait_log(WAITING)
    expect_silence(0.5, wire)
    querier.wait_log(r"eth0: \[Startup\]")  # IGMP asks as ever


def test_without_ipv6_on_the_interface_igmp_works(lab):
    """The kernel has IPv6, the interface has not: only MLD waits."""
    host, peer = lab.pair()
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld", FAST)
    wire.wait_queries(3)
    assert len(querier.logged(WAITING)) == 1 and not queries(wire)


WITHOUT_IPV6 = """
import ctypes, os, socket, struct, sys
step = lambda code, true, false, value: struct.pack("HBBI", code, true, false, value)
load = lambda offset: step(0x20, 0, 0, offset)
# socket(AF_INET6, ...) fails with EAFNOSUPPORT; all else passes.
number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
program = load(0) + step(0x15, 0, 3, number) + load(16) + step(0x15, 0, 1, 10) + step(6, 0, 0, 0x50000 | 97)
program += step(6, 0, 0, 0x7fff0000)
code = ctypes.create_string_buffer(program)
filter = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, filter) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_without_ipv6_sockets_everything_else_works(lab):
    """It says once that this host's programs are not reached; the queries of both protocols leave."""
    host, peer = pair(lab)
    wire = peer.capture()
    querier = host.start(sys.executable, "-c", WITHOUT_IPV6, IGMP_QUERIER, "-i", "eth0", "--mld", *FAST.split())
    wire.wait_queries(4)
    frame = wait_queries(wire, 4)[0].frame
    assert frame.data[14:].hex().startswith("60000000 0024 0001".replace(" ", ""))
    assert len(querier.logged(r"eth0 \(MLD\): .*programs on this host do not receive our queries")) == 1
    assert not querier.logged("do not receive our query:")
    assert querier.stop() == 0


def test_what_the_raw_socket_refuses_leaves_as_a_frame(lab):
    """No route for multicast, as no way out of a firewall: the bytes are the same, and the log says what is missing.
    With the route again, nothing is missing any more."""
    host, peer = pair(lab)
    wire = peer.capture()
    host.querier("-i eth0 --mld", FAST)
    usual = wait_queries(wire, 1)[0].frame.data
    other, other_peer = pair(lab)
    other.ip("-6 route del ff00::/8 dev eth0 table local")
    other_wire = other_peer.capture()
    querier = other.querier("-i eth0 --mld", FAST)
    found = wait_queries(other_wire, 4)
    assert {message.frame.data[14:] for message in found} == {usual[14:]}
    assert found[0].frame.data[:6] == usual[:6]
    assert len(querier.wait_log(UNHEARD)) == 1
    gaps = [after.frame.time - before.frame.time for before, after in zip(found, found[1:])]
    assert min(gaps) > 0.05, "a query that left twice"


MLD_ALONE = "[defaults.igmp]\nenabled = false\n[defaults.mld]\n"


@pytest.mark.parametrize("first", ["low", "high"])
def test_the_lower_link_local_address_asks(lab, first):
    """Whoever was there before. The other keeps quiet until the master is gone. (MLD-Q-02, MLD-Q-03, MLD-Q-04)"""
    hub = Hub(lab)
    addresses = {"low": "fe80::9", "high": "fe80::10"}
    hosts = {label: lab.host(hub, label) for label in addresses}
    for label, address in addresses.items():
        hosts[label].enable_ipv6(f"{address}/64")
    file = lab.directory / "querier.toml"
    file.write_text(MLD_ALONE)
    wire = hosts["low"].capture()
    daemons = {}
    for label in sorted(addresses, key=lambda one: one != first):
        daemons[label] = hosts[label].querier(f"-c {file} -i eth0 -t 2", FAST)
        if label == first:
            wait_queries(wire, 2, source=addresses[label])
    daemons["high"].wait_log(lost_to("fe80::9"))
    expect_silence(1.6, wire, source="fe80::10")
    assert not daemons["low"].logged("LOST")
    daemons["low"].kill()
    daemons["high"].wait_log(r"eth0 \(MLD\): \[Election\] Competitor timeout\. Taking over as Master\.")
    wait_queries(wire, 2, source="fe80::10", since=time.time())
    assert not wire.queries(), "IGMP was turned off"
    assert daemons["high"].stop() == 0
    assert "1 elections lost" in daemons["high"].log()[-1]


@pytest.mark.parametrize("lost", ["IGMP", "MLD"])
def test_the_roles_of_igmp_and_mld_are_independent(lab, lost):
    """Losing one leaves the other asking. (MLD-Q-15)"""
    host, peer = pair(lab, "fe80::20/64", "192.0.2.20/24")
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld -t 60", BRISK)
    wire.wait_queries(1, source="192.0.2.20")
    wait_queries(wire, 1, source="fe80::20")
    if lost == "IGMP":
        peer.send(packets.general_query("192.0.2.5"))
        querier.wait_log(r"eth0: \[Election\] LOST to lower IP 192\.0\.2\.5")
        since = time.time() + 0.1
        wait_queries(wire, 3, since=since)
        assert not wire.queries("192.0.2.20", since) and not querier.logged(lost_to(".*"))
    else:
        peer.send(packets.mld_general_query("fe80::5"))
        querier.wait_log(lost_to("fe80::5"))
        since = time.time() + 0.1
        wire.wait_queries(3, since=since)
        assert not queries(wire, "fe80::20", since) and not querier.logged(r"eth0: \[Election\] LOST")


def test_a_reload_turns_mld_on_and_off(lab):
    host, peer = pair(lab)
    wire = peer.capture()
    file = lab.directory / "querier.toml"
    file.write_text("")
    querier = host.querier(f"-i eth0 -c {file}", BRISK)
    wire.wait_queries(2)
    assert not queries(wire)

    def reload(text):
        since = time.time()
        count = len(querier.logged("configuration reloaded"))
        file.write_text(text)
        querier.popen.send_signal(signal.SIGHUP)
        querier.wait_log("configuration reloaded", count=count + 1)
        return since

    wait_queries(wire, 2, since=reload("[defaults.mld]\nversion = 1\n"))
    assert {len(message.payload) for message in queries(wire)} == {24}
    since = reload(MLD_ALONE)
    assert {len(m.payload) for m in wait_queries(wire, 2, since=since + 0.3) if m.frame.time > since + 0.3} == {28}
    assert querier.logged("eth0: no longer served")
    reload("[defaults.mld]\nenabled = false\n")
    querier.wait_log(r"eth0 \(MLD\): no longer served")
    since = time.time()
    expect_silence(0.5, wire)
    wire.wait_queries(2, since=since)
    file.write_text("[defaults.igmp]\nenabled = false\n")
    querier.popen.send_signal(signal.SIGHUP)
    querier.wait_log("nothing has changed: .*neither IGMP nor MLD is enabled")
    wire.wait_queries(2, since=time.time())
    total = len(wire.queries()) + len(queries(wire))
    assert querier.stop() == 0
    assert abs(int(re.search(r"Final stats: (\d+)", querier.log()[-1])[1]) - total) <= 1


def test_verbosity_tells_of_members(lab):
    host, peer = pair(lab)
    querier = host.querier("-i eth0 --mld -v", FAST)
    member, group = Member(peer), "ff15::1"
    querier.wait_log(r"debug eth0 \(MLD\): sent MLDv2 General Query from fe80::1, next in ")
    member.join(group)
    querier.wait_log(rf"debug eth0 \(MLD\): {group} joined, last reporter fe80::99")
    member.leave(group)
    querier.wait_log(rf"debug eth0 \(MLD\): sent MLDv2 query for {group} from fe80::1$")
    querier.wait_log(rf"debug eth0 \(MLD\): {group} left")
    assert not [line for line in querier.logged(group) if " debug " not in line]
