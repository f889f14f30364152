"""What leaves the host: every byte, how often, and nothing else."""

import json
import re
import time

import pytest

from harness import packets
from harness.lab import FAST, Hub, expect_silence, link_json, run, wait

HEADER = {8: "46 c0 00 20 00 00 40 00 01 02 42 15 c0 00 02 01 e0 00 00 01 94 04 00 00",
          12: "46 c0 00 24 00 00 40 00 01 02 42 11 c0 00 02 01 e0 00 00 01 94 04 00 00"}
MESSAGE = {1: "11 00 ee ff 00 00 00 00",
           2: "11 64 ee 9b 00 00 00 00",
           3: "11 64 ec 1e 00 00 00 00 02 7d 00 00"}


@pytest.mark.parametrize("version", MESSAGE)
def test_query_is_byte_for_byte_the_golden_vector(lab, version):
    """IGMP-F-01, IGMP-F-02, IGMP-F-03, IGMP-F-04, IGMP-F-05, IGMP-F-07, IGMP-F-08, IGMP-F-09, IGMP-F-13,
    IGMP-F-17, IGMP-F-18, IGMP-F-19, IGMP-F-20, IGMP-F-21, IGMP-F-23, IGMP-F-26, RA-01"""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture()
    host.querier(f"-i eth0 -q 125 --max-response 10 --robustness 2 --igmp-version {version}")
    frame = wire.wait_queries(1)[0]
    message = bytes.fromhex(MESSAGE[version])
    assert frame.payload.hex(" ") == message.hex(" ")
    assert frame.header.hex(" ") == HEADER[len(message)]
    assert frame.destination_mac == bytes.fromhex("01005e000001")
    assert frame.data[6:12].hex(":") == link_json(host, "link show eth0")[0]["address"]
    assert frame.data[12:14] == b"\x08\x00"


def test_tshark_reads_every_query_without_a_complaint(lab):
    """Every version, from a real address and as a proxy: no expert information, nothing malformed."""
    frames = []
    for options in "--igmp-version 1", "--igmp-version 2", "--igmp-version 3", "--igmp-version 3 --proxy":
        host, peer = lab.pair("192.0.2.1/24")
        wire = peer.capture()
        host.querier("-i eth0", options)
        frames.append(wire.wait_queries(1)[0])
    rows = lab.decode(frames, "ip.src", "igmp.version", "igmp.type", "igmp.maddr", "_ws.expert", "_ws.malformed")
    assert rows == [["192.0.2.1", "1", "0x11", "0.0.0.0", "", ""],
                    ["192.0.2.1", "2", "0x11", "0.0.0.0", "", ""],
                    ["192.0.2.1", "3", "0x11", "0.0.0.0", "", ""],
                    ["0.0.0.0", "3", "0x11", "0.0.0.0", "", ""]]


def test_a_knob_leaves_router_alert_out(lab):
    """The header has 20 bytes, on the wire and for this host's own programs; what a switch reads is as ever."""
    file = lab.directory / "plain.toml"
    file.write_text("[interface.eth0.igmp]\nsend-router-alert = false\n")
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture()
    querier = host.querier("-c", file)
    frame = wire.wait_queries(1)[0]
    assert frame.header.hex(" ") == "45 c0 00 1c 00 00 40 00 01 02 d7 1d c0 00 02 01 e0 00 00 01"
    assert lab.decode([frame], "igmp.type", "_ws.malformed") == [["0x11", ""]]
    querier.wait_log("send-router-alert is false")


def gaps(frames):
    return [after.time - before.time for before, after in zip(frames, frames[1:])]


def test_burst_then_a_steady_beat(lab):
    """Four queries 0.4 s apart at once, then one per second. (IGMP-Q-01, IGMP-Q-02, IGMP-Q-03, IGMP-Q-27)"""
    host, peer = lab.pair()
    wire = peer.capture()
    querier = host.querier("-i eth0 -q 1 --startup-count 4 --startup-interval 0.4 --jitter 0")
    frames = wire.wait_queries(7, timeout=8)
    assert frames[0].time - querier.started < 1
    assert gaps(frames) == [pytest.approx(0.4, abs=0.2)] * 3 + [pytest.approx(1.0, abs=0.25)] * 3
    assert querier.logged(r"\[Startup\] Sending 4 rapid queries\.\.\.")


def test_jitter_shortens_intervals_and_varies(lab):
    """With a jitter of 50 % every interval lies between half of the query interval and the whole of it. (IGMP-Q-27)"""
    host, peer = lab.pair()
    wire = peer.capture()
    host.querier("-i eth0 -q 1 --startup-count 1 --jitter 50")
    found = gaps(wire.wait_queries(8, timeout=12))
    assert all(0.4 < gap < 1.25 for gap in found), found
    assert max(found) - min(found) > 0.03, found


def test_nothing_but_queries_leaves_and_stopping_sends_nothing(lab):
    """From start to stop the wire carries the queries that the program counts, with TTL 1: no report, no join, no
    goodbye, and not the copy for programs on the querier's own host. (IGMP-F-01, IGMP-Q-25, IGMP-Q-29)"""
    host, peer = lab.pair()
    wire = peer.capture()
    querier = host.querier("-i eth0", FAST)
    wire.wait_queries(4)
    assert querier.stop() == 0
    expect_silence(0.4, wire)
    sent = int(re.search(r"Final stats: (\d+) queries sent, 0 elections lost", querier.log()[-1])[1])
    frames = wire.frames()
    assert sent == len(frames) == len(wire.queries())
    assert len({frame.data for frame in frames}) == 1


@pytest.mark.parametrize("version", [2, 3])
def test_receiver_on_the_queriers_own_host_answers(lab, version):
    """A program on the querier's host joined a group: its kernel answers our queries on the wire, so the switch does
    not forget the port. A first report is unsolicited and sent twice, so only later ones count."""
    host, peer = lab.pair()
    wire = peer.capture()
    host.stream("receive", "239.1.2.3")

    def answers():
        if version == 2:
            return [frame for frame in wire.frames() if frame.is_igmp(packets.REPORT_V2)
                    and frame.destination == "239.1.2.3"]
        current = bytes.fromhex("02000000ef010203")  # MODE_IS_EXCLUDE: the answer to a query, never unsolicited
        return [frame for frame in wire.frames() if frame.is_igmp(packets.REPORT_V3) and current in frame.payload]

    wait(lambda: any(frame.is_igmp(packets.REPORT_V3) for frame in wire.frames()), what="the join")
    assert not answers()
    host.querier("-i eth0", FAST, f"--igmp-version {version}")
    wait(lambda: len(answers()) >= 4, 10, "answers to our queries")


def test_linux_bridge_counts_no_query_of_ours_as_invalid(lab):
    """SNP-01: its statistics count our queries by version and no parse error, and the port becomes a router port."""
    bridge = Hub(lab, "bridge", "mcast_snooping 1 mcast_stats_enabled 1")
    host = lab.host(bridge, "host", "192.0.2.1/24")
    wire = host.capture()
    for version in 1, 2, 3:
        start = time.time()
        querier = host.querier(f"-i eth0 --igmp-version {version}")
        wire.wait_queries(1, since=start)
        querier.stop()
    sent = len([frame for frame in wire.queries() if frame.outgoing])
    statistics = link_json(bridge.namespace, "link xstats type bridge_slave dev host")
    igmp = statistics[0]["multicast"]
    queries = [igmp["igmp_queries"][f"rx_v{version}"] for version in (1, 2, 3)]
    assert sum(queries) == sent and all(queries)
    assert igmp["igmp_parse_errors"] == 0
    routers = json.loads(run("bridge", "-n", bridge.namespace.name, "-d", "-j", "mdb", "show"))[0]["router"]
    assert [router["port"] for router in routers["br0"]] == ["host"]
