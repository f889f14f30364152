"""What `igmp-querier explain` tells of captures, compared with tshark's reading of the same files."""

import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import termios

import pytest

from harness import packets
from harness.hosts import Member
from harness.lab import FAST, IGMP_QUERIER, wait
from harness.mld import pair
from harness.packets import Frame, ethernet, general_query, ipv4, record, report, report_v3, write_pcap

GROUP = "239.1.2.3"
HOST, SECOND_HOST = "192.0.2.20", "192.0.2.21"
QUERIER, SECOND_QUERIER = "192.0.2.1", "192.0.2.2"


def explain(*arguments, **options):
    return subprocess.run([IGMP_QUERIER, "explain", *map(str, arguments)], capture_output=True, timeout=20,
                          **{"text": True, **options})


def explained(file, status=0):
    done = explain("--json", file)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def tshark(file, *arguments):
    environment = {**os.environ, "HOME": str(file.parent), "XDG_CONFIG_HOME": str(file.parent)}
    return subprocess.run(["tshark", "-n", "-r", file, *arguments], capture_output=True, text=True, check=True,
                          timeout=20, env=environment).stdout


def numbers(file, wanted):
    """Numbers of the frames that tshark finds."""
    return [int(line) for line in tshark(file, "-Y", wanted, "-T", "fields", "-e", "frame.number").split()]


def joins(host, group=GROUP):
    return ethernet(ipv4(host, report(group), destination=group))


def answers(host, group=GROUP, kind=packets.IS_EX):
    return ethernet(ipv4(host, report_v3(record(kind, group)), destination="224.0.0.22"))


def datagram(source="192.0.2.30", group=GROUP, size=32):
    """A packet of a stream, with a TTL of 5."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 5, packets.UDP, 0, socket.inet_aton(source),
                         socket.inet_aton(group))
    header = header[:10] + packets.checksum(header).to_bytes(2, "big") + header[12:]
    return ethernet(header + struct.pack("!HHHH", 5004, 5004, size - 20, 0) + bytes(size - 28))


def streams(until, source="192.0.2.30"):
    """Two packets a second from the third second on."""
    return [(at / 2, datagram(source)) for at in range(6, 2 * until)]


def healthy(until=600):
    """A querier every 60 s, and a host that answers."""
    for at in range(0, until, 60):
        yield at, general_query(QUERIER)
        yield at + 2, joins(HOST)


def plain_ipv4(source, message):
    """Without options."""
    header = bytearray(ipv4(source, message)[:20])
    header[0], header[3], header[10:12] = 0x45, 20 + len(message), b"\0\0"
    header[10:12] = packets.checksum(bytes(header)).to_bytes(2, "big")
    return bytes(header) + message


def beside(*further):
    return sorted([*healthy(), *further], key=lambda frame: frame[0])


CAPTURES = {
    "healthy": (beside(), []),
    "no querier": ([(0, joins(HOST)), (200, joins(HOST))], ["no-querier"]),
    "no multicast": ([(0, ethernet(b"\x45" + bytes(40)))], []),
    "querier gone": ([*healthy(120), (400, ethernet(bytes(40)))], ["querier-gone", "forgotten-group"]),
    "slow querier": ([(at + more, frame) for at in (0, 259, 519) for more, frame in ((0, general_query(QUERIER)),
                                                                                     (1, joins(HOST)))]
                     + [(779, general_query(QUERIER)), (780, joins(HOST))], ["slow-querier"]),
    "long interval": ([(at + more, frame) for at in (0, 200, 400) for more, frame in ((0, general_query(QUERIER)),
                                                                                      (1, joins(HOST)))],
                      ["long-interval"]),
    "two queriers": (beside(*[(at, general_query(SECOND_QUERIER)) for at in range(30, 600, 60)]), ["two-queriers"]),
    "an election": (beside((1, general_query(SECOND_QUERIER)), (6, general_query(SECOND_QUERIER))), []),
    "nobody answers": ([(0, answers(HOST, kind=packets.TO_EX)), (1, general_query(QUERIER)),
                        (61, general_query(QUERIER)), (121, general_query(QUERIER))], ["nobody-answers"]),
    "mute host": (beside((1, answers(SECOND_HOST, kind=packets.TO_EX))), ["mute-host"]),
    "left": (beside((1, answers(SECOND_HOST, kind=packets.TO_EX)), (3, answers(SECOND_HOST, kind=packets.TO_IN))), []),
    "forgotten": ([(0, joins(HOST, "239.1.2.4")), *healthy(301), (301, joins(HOST, "239.1.2.4"))], ["forgotten-group"]),
    "0.0.0.0": (beside((100, general_query("0.0.0.0")), (101, joins(HOST))), ["unspecified-querier"]),
    "no Router Alert": ([(0, ethernet(plain_ipv4(QUERIER, packets.query())))], ["no-router-alert"]),
    "colliding": (beside((5, joins(HOST, "239.128.0.5")), (65, joins(HOST, "239.128.0.5")), *[
        (at, joins(HOST, "239.128.0.5")) for at in range(125, 600, 60)]), ["colliding-group"]),
    "stream cut": ([(0, general_query(QUERIER)), (2, joins(HOST)), *streams(200), (230, ethernet(bytes(40)))],
                   ["stream-cut"]),
    "stream that ends after a leave": ([(0, general_query(QUERIER)), (2, joins(HOST)), *streams(199),
                                        (199, ethernet(ipv4(HOST, report(GROUP, packets.LEAVE)))),
                                        (230, ethernet(bytes(40)))], []),
    "stream that ends on a healthy LAN": (beside(*streams(400)), []),
    "stream that nobody joined": ([(at, frame) for at, frame in streams(200)] + [(230, ethernet(bytes(40)))], []),
    "wrong TTL": (beside((70, ethernet(ipv4(QUERIER, packets.query(), ttl=2)))), ["wrong-ttl"]),
}


@pytest.mark.parametrize("frames,findings", CAPTURES.values(), ids=CAPTURES)
def test_each_fault_is_found_and_no_other(tmp_path, frames, findings):
    file = tmp_path / "lan.pcap"
    write_pcap(file, [Frame(1_700_000_000 + at, data) for at, data in frames])
    has_problem = bool(set(findings) - {"long-interval", "unspecified-querier", "no-router-alert", "colliding-group",
                                        "malformed-message", "wrong-ttl"})
    told = explained(file, 1 if has_problem else 0)
    assert [finding["id"] for finding in told["findings"]] == findings
    assert told["frames"] == len(frames)
    assert told["igmp"] == len(numbers(file, "igmp"))
    text = explain(file)
    assert text.returncode == (1 if has_problem else 0) and text.stderr == ""
    for finding in told["findings"]:
        assert f"{finding['severity'].upper()} {finding['id']} " in text.stdout
    assert ("Nothing is wrong" in text.stdout) == (not findings)


def test_frames_have_the_numbers_of_tshark(tmp_path):
    file = tmp_path / "lan.pcap"
    frames = beside((7, ethernet(bytes(40))), (70, ethernet(ipv4(QUERIER, packets.query()[:-1] + b"\1"))))
    write_pcap(file, [Frame(1_700_000_000 + at, data) for at, data in frames])
    (link,) = explained(file)["links"]
    assert link["queriers"][0]["last"]["frame"] == numbers(file, "igmp.type == 0x11 && igmp.checksum.status == 1")[-1]
    assert link["groups"][0]["first"]["frame"] == numbers(file, "igmp.type == 0x16")[0]
    (bad,) = link["malformed"]
    assert bad == {"reason": "bad checksum", "count": 1,
                   "first-frame": numbers(file, "igmp.checksum.status == 0")[0]}


def test_real_hosts_and_the_daemon_in_every_kind_of_file(lab, tmp_path):
    """Recorded by tcpdump on the interface and on all interfaces, and as pcapng: the same members and querier."""
    host, peer = pair(lab)
    peer.ip("address add 192.0.2.20/24 dev eth0")
    files = {name: tmp_path / name for name in ("eth0.pcap", "any.pcap")}
    recorders = [peer.start("tcpdump", "-Z", "root", "-U", "-n", "-i", interface, "-w", file)
                 for interface, file in zip(("eth0", "any"), files.values(), strict=True)]
    for recorder in recorders:
        wait(lambda one=recorder: "listening on" in one.stderr.read_text(), 10, "tcpdump")
    member = Member(peer)
    member.join(GROUP)
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", FAST, "--mld")
    querier.wait_log(r"eth0 \(MLD\): \[Startup\]")
    wire.wait_queries(4)
    for recorder in recorders:
        recorder.stop()
    files["eth0.pcapng"] = tmp_path / "eth0.pcapng"
    subprocess.run(["editcap", "-F", "pcapng", files["eth0.pcap"], files["eth0.pcapng"]], check=True,
                   capture_output=True)
    for file in files.values():
        told = explained(file)
        assert told["igmp"] == len(numbers(file, "igmp")) and told["mld"] == len(
            numbers(file, "icmpv6.type == 130 || icmpv6.type == 131 || icmpv6.type == 143")), file
        links = {link["protocol"]: link for link in told["links"]}
        assert links["IGMP"]["querier"] == "192.0.2.1"
        assert links["MLD"]["querier"].startswith("fe80:")
        assert [(group["address"], group["hosts"]) for group in links["IGMP"]["groups"]] == [(GROUP, [HOST])]
        assert not told["findings"], told["findings"]


def test_streams_are_counted_as_tshark_counts_them(tmp_path):
    file = tmp_path / "lan.pcap"
    frames = sorted([*beside(*streams(100)), *[(at + 0.1, datagram("192.0.2.31", size=1000)) for at in range(100)]],
                    key=lambda frame: frame[0])
    write_pcap(file, [Frame(1_700_000_000 + at, data) for at, data in frames])
    (link,) = explained(file)["links"]
    assert [stream["source"] for stream in link["streams"]] == ["192.0.2.30", "192.0.2.31"]
    for stream in link["streams"]:
        seen = numbers(file, f"udp && ip.src == {stream['source']} && ip.dst == {stream['group']}")
        assert (stream["packets"], stream["first"]["frame"], stream["last"]["frame"]) == (len(seen), seen[0], seen[-1])
    assert [(stream["ttl"], stream["port"], stream["bytes"]) for stream in link["streams"]] == [
        (5, 5004, 194 * 32), (5, 5004, 100 * 1000)]
    assert abs(link["streams"][0]["packet-rate"] - 2) < 0.01
    assert re.search(r"^    239\.1\.2\.3 from 192\.0\.2\.30  194 packets, 2\.0 a second, 1 kbit/s, TTL 5; from 0:03 ",
                     explain(file).stdout, re.M)


def test_vlans_are_told_apart(tmp_path):
    file = tmp_path / "trunk.pcap"
    query = ipv4(QUERIER, packets.query())
    write_pcap(file, [Frame(1_700_000_000, ethernet(query, vlan=20)), Frame(1_700_000_001, ethernet(query, vlan=30))])
    assert [link["vlan"] for link in explained(file)["links"]] == [20, 30]
    assert "IGMP in VLAN 20: queries 1," in explain(file).stdout


def test_what_is_whole_of_a_truncated_capture_is_told(tmp_path):
    file = tmp_path / "cut.pcap"
    write_pcap(file, [Frame(1_700_000_000, general_query(QUERIER)), Frame(1_700_000_001, joins(HOST))])
    file.write_bytes(file.read_bytes()[:-7])
    done = explain(file)
    assert done.returncode == 2 and "192.0.2.1" in done.stdout
    assert re.fullmatch(r"igmp-querier: .*cut\.pcap is damaged behind frame 1: truncated dump file.*\n", done.stderr)
    assert explained(file, 2)["damage"].startswith("truncated dump file")


def test_standard_input_will_do(tmp_path):
    file = tmp_path / "lan.pcap"
    write_pcap(file, [Frame(1_700_000_000, general_query(QUERIER))])
    assert "192.0.2.1" in explain("-", input=file.read_bytes(), text=False).stdout.decode()


@pytest.mark.parametrize("told", [True, False], ids=["some frames", "none"])
def test_interrupt_tells_what_was_read(tmp_path, told):
    """Of a capture that somebody is still recording."""
    file = tmp_path / "lan.pcap"
    write_pcap(file, [Frame(1_700_000_000, general_query(QUERIER))] if told else [])
    reading = subprocess.Popen([IGMP_QUERIER, "explain", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    try:
        reading.stdin.write(file.read_bytes())
        reading.stdin.flush()

        def waits():
            unread = struct.unpack("i", fcntl.ioctl(reading.stdin, termios.FIONREAD, bytes(4)))[0]
            state = pathlib.Path(f"/proc/{reading.pid}/stat").read_text().rpartition(")")[2].split()[0]
            return not unread and state == "S"
        wait(waits, 10, "it waits for more")
        reading.send_signal(signal.SIGINT)
        assert reading.wait(5) == 130
        made = json.loads(reading.stdout.read())
        assert made["interrupted"] is True and made["frames"] == told and made["damage"] is None
        assert reading.stderr.read().decode() == f"igmp-querier: interrupted: - was read up to frame {int(told)}\n"
    finally:
        reading.kill()
        for pipe in reading.stdin, reading.stdout, reading.stderr:
            pipe.close()


@pytest.mark.parametrize("content,complaint", [
    (None, "No such file"), (b"", "truncated"), (b"no capture at all, but text", "unknown file format"),
    (b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(8) + b"\xff\xff\0\0\x7f\0\0\0", "IEEE802_11_RADIO")])
def test_what_is_no_capture_is_refused_in_one_line(tmp_path, content, complaint):
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    done = explain(file)
    assert done.returncode == 2 and done.stdout == ""
    assert complaint in done.stderr and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"igmp-querier: {file}") and done.stderr.count(str(file)) == 1


def test_memory_does_not_grow_with_the_file(tmp_path):
    """A hundred times as many frames need no more memory."""
    peaks = []
    for repeats in (1, 100):
        file = tmp_path / "lan.pcap"
        write_pcap(file, [Frame(1_700_000_000 + at, data) for _ in range(repeats) for at, data in healthy(6000)])
        done = subprocess.run(["/usr/bin/env", "python3", "-c", PEAK, IGMP_QUERIER, "explain", "--json", file],
                              capture_output=True, text=True, check=True, timeout=60)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 1024, peaks


PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""
