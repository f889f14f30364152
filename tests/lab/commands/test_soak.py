"""`igmp-querier soak`: the aging of real switches, whole streams, and what disturbs a measurement."""

import json
import pathlib
import re
import select
import signal
import socket
import subprocess
import time
import xml.etree.ElementTree

import pytest

from harness import mld, packets
from harness.lab import FAST, IGMP_QUERIER, wait
from harness.switches import AGING, LinuxBridge, OpenVSwitch, TrackingBridge
from harness.terminal import Terminal

GROUP = "239.255.77.77"
SWITCHES = pytest.mark.parametrize("make_switch", [OpenVSwitch, LinuxBridge])


def soak(host, *options):
    return host.start(IGMP_QUERIER, "soak", *[word for option in options for word in str(option).split()])


def told(process, status, timeout=10):
    """What a receiver prints as JSON."""
    assert process.finish(timeout) == status, process.describe()
    return json.loads(process.stdout.read_text())


def users(host):
    """How many sockets have joined the group."""
    with host.entered():
        table = pathlib.Path("/proc/thread-self/net/igmp").read_text()
    return sum(int(count) for count in re.findall(r"^\s+4D4DFFEF\s+(\d+)", table, re.MULTILINE))


def receive(host, *options, among=1):
    """A receiver that has joined, as one of so many."""
    started = soak(host, "receive -i eth0", *options)
    wait(lambda: users(host) == among, what=lambda: f"the join of {started.describe()}")
    return started


class Lan:
    """A switch that has received a query, so that it filters, with a sender and a receiver."""

    def __init__(self, lab, switch):
        self.switch = switch
        self.sender = lab.host(switch, "sender", "192.0.2.30/24")
        self.receiver = lab.host(switch, "receiver", "192.0.2.20/24")
        former = lab.host(switch, "former", "192.0.2.9/24")
        former.send(packets.ethernet(packets.ipv4("192.0.2.9", packets.query(3, response=5))))
        former.ip("link set eth0 down")
        self.igmp = self.receiver.capture(protocol=packets.IGMP)

    def joined(self):
        return wait(lambda: [frame for frame in self.igmp.frames() if frame.outgoing], what="the join")

    def receive(self, *options):
        return receive(self.receiver, *options)


def measure_aging(lab, make_switch, aging):
    """The stream dies, and the memory that is told is the time from the last report until the switch forgot it."""
    lan = Lan(lab, make_switch(lab, aging))
    sender = soak(lan.sender, f"send -i eth0 --duration {aging + 15}")
    receiver = lan.receive("--json")
    wait(lambda: lan.switch.members(GROUP), what="the membership")
    wait(lambda: not lan.switch.members(GROUP), aging * 9 / 8 + 2, "a switch that has forgotten", pause=0.1)
    memory = time.time() - lan.joined()[-1].time
    # A timer of the kernel's bridge may be late by an eighth.
    assert aging - 1 < memory < (aging * 9 / 8 if make_switch is LinuxBridge else aging) + 1
    result = told(receiver, 1, 30)
    assert result["outcome"] == "died" and result["lost"] == 0
    assert result["memory"]["at-least"] == result["memory"]["at-most"] == pytest.approx(memory, abs=1)
    assert result["query-interval"] == int(result["memory"]["at-least"] / 3)
    assert result["back-after-rejoin"] < 1
    assert result["sees-reports"] and result["queries"] == 0 and result["sender"] == "192.0.2.30"
    assert any("joined again" in sentence for sentence in result["verdict"])
    assert sender.finish() == 0 and f"sent {50 * (aging + 15)} packets" in sender.output()[-1]


@SWITCHES
def test_memory_of_a_switch(lab, make_switch):
    measure_aging(lab, make_switch, AGING)


@pytest.mark.long
@SWITCHES
def test_longer_memory_of_a_switch(lab, make_switch):
    measure_aging(lab, make_switch, 40)


def test_memory_of_a_switch_in_ipv6(lab):
    """The same with MLD; a querier that has ended made the bridge filter."""
    bridge = TrackingBridge(lab, membership=5)
    sender, receiver, former = (lab.host(bridge, label) for label in ("sender", "receiver", "former"))
    for number, host in enumerate((sender, receiver, former), 1):
        host.enable_ipv6(f"fe80::{number}/64")
    wire = receiver.capture()
    querier = former.querier("-i eth0 --mld", FAST)
    mld.wait_queries(wire, 1)
    querier.kill()
    former.ip("link set eth0 down")
    soak(sender, "send -i eth0 -g ff15::4d4d --duration 14")
    result = told(soak(receiver, "receive -i eth0 -g ff15::4d4d --json"), 1, 20)
    assert result["outcome"] == "died" and result["sender"] == "fe80::1" and result["lost"] == 0
    assert result["memory"]["at-least"] == pytest.approx(5, abs=1) and result["back-after-rejoin"] < 1


@pytest.mark.slow
@SWITCHES
def test_a_stream_is_whole_where_a_querier_asks(lab, make_switch):
    """For four times as long as the switch remembers."""
    lan = Lan(lab, make_switch(lab))
    querier = lab.host(lan.switch, "querier", "192.0.2.1/24").querier(
        f"-i eth0 -q {AGING // 3} --max-response 1 --startup-interval 1 --jitter 0")
    querier.wait_log("Startup")
    receiver = lan.receive("--json")
    wait(lambda: lan.switch.members(GROUP), what="the membership")
    sender = soak(lan.sender, f"send -i eth0 --duration {4 * AGING}")
    result = told(receiver, 0, 4 * AGING + 10)
    assert (result["outcome"], result["lost"], result["received"]) == ("whole", 0, 50 * 4 * AGING)
    assert result["querier"] == "192.0.2.1" and result["queries"] >= 9 and result["reports"] >= 9
    assert result["outages"] == [] and result["memory"] is None and result["longest-gap"] < 1
    assert sender.finish() == 0


def test_a_stream_that_a_query_brings_back(lab):
    """The memory is told all the same, and what the query did."""
    lan = Lan(lab, OpenVSwitch(lab))
    soak(lan.sender, f"send -i eth0 --duration {AGING + 20}")
    receiver = lan.receive("--json")
    wait(lambda: lan.switch.members(GROUP), what="the membership")
    wait(lambda: not lan.switch.members(GROUP), AGING + 5, "a switch that has forgotten")
    died = lan.receiver.capture(protocol=packets.UDP)
    wait(lambda: not died.frames(), what="silence")
    querier = lab.host(lan.switch, "querier", "192.0.2.1/24")
    time.sleep(4)
    querier.send(packets.ethernet(packets.ipv4("192.0.2.1", packets.query(2, response=5))))
    result = told(receiver, 1, 40)
    assert result["outcome"] == "came-back"
    (outage,) = result["outages"]
    assert outage["query"] <= outage["report"] <= outage["end"]
    assert result["memory"]["at-most"] == pytest.approx(AGING, abs=1)


def two_hosts(lab):
    sender, receiver = lab.pair("192.0.2.30/24")
    receiver.ip("address add 192.0.2.20/24 dev eth0")
    return sender, receiver


def test_text_and_json_for_people_and_programs(lab):
    """IPv6 as well; a second receiver without privileges cannot see reports and says so."""
    sender, receiver = two_hosts(lab)
    sender.enable_ipv6("fe80::30/64")
    receiver.enable_ipv6("fe80::20/64")
    stream = receiver.capture(protocol=packets.UDP)
    receivers = [receive(receiver, "--every 0.5"), soak(receiver, "receive -i eth0 -g ff15::4d4d --json"),
                 receiver.start("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", IGMP_QUERIER,
                                "soak", "receive", "-i", "eth0", "--json")]
    wait(lambda: users(receiver) == 2 and "ff15" in receiver.ip("maddress show dev eth0"), what="all joins")
    senders = [soak(sender, f"send -i eth0 --duration 2 --rate 100 {more}") for more in ("", "-g ff15::4d4d --json")]
    for one in senders:
        assert one.finish() == 0, one.describe()
    assert senders[0].output() == ["sent 200 packets in 2.0 s\n"]
    assert json.loads(senders[1].stdout.read_text())["sent"] == 200
    assert receivers[0].finish() == 0, receivers[0].describe()
    text = receivers[0].stdout.read_text()
    assert "in total, 0 lost" in text and "the stream was whole for 0:02: 200 packets, none lost\n" in text
    assert "lost         0 of 200 (0 %)\n" in text
    seen, blind = told(receivers[1], 0), told(receivers[2], 0)
    assert seen["sender"] == "fe80::30" and seen["received"] == 200 and seen["sees-reports"]
    assert not blind["sees-reports"] and "queries and reports cannot be seen without root" in blind["verdict"]
    assert {frame.ttl for frame in stream.frames() if frame.destination == GROUP} == {1}


def test_a_receiver_without_a_sender(lab):
    _, receiver = two_hosts(lab)
    one = soak(receiver, "receive -i eth0 --duration 6 --json")
    result = told(one, 2)
    assert result["outcome"] == "nothing-came" and result["received"] == 0
    assert len(one.log()) == 1 and "nothing came in 5 s, still waiting" in one.log()[0]


def test_a_sender_that_stops_says_so(lab, tmp_path):
    """The receiver tells it from a switch that forgets; a signal ends both with what is known so far, report included."""
    sender, receiver = two_hosts(lab)
    first = receive(receiver, "--json")
    stream = receiver.capture(protocol=packets.UDP)
    one = soak(sender, "send -i eth0 --duration 1h")
    wait(lambda: len(stream.frames()) > 25, what="the stream")
    second = soak(receiver, f"receive -i eth0 --json --report {tmp_path}/soak.html")
    third = soak(receiver, "receive -i eth0 --every 0.1")
    wait(lambda: len(third.output()) > 3, what="the stream")
    assert second.stop(signal.SIGINT) == 130
    result = json.loads(second.stdout.read_text())
    assert "interrupted: this is the result so far" in Page(tmp_path / "soak.html").text
    assert result["interrupted"] and result["lost"] == 0 and result["received"] > 5
    assert third.stop(signal.SIGTERM) == 143
    assert "interrupted: this is the result so far\n" in third.stdout.read_text()
    assert one.stop(signal.SIGINT) == 130 and "; interrupted" in one.output()[-1]
    result = told(first, 0)
    assert result["lost"] == 0 and any("the sender ended before its 1:00:00" in line for line in result["verdict"])


def test_a_sender_that_is_cut_off_is_not_the_switch(lab):
    sender, receiver = two_hosts(lab)
    one = receive(receiver, "--json")
    stream = receiver.capture(protocol=packets.UDP)
    cut = soak(sender, "send -i eth0 --duration 9")
    wait(lambda: len(stream.frames()) > 25, what="the stream")
    cut.kill()
    result = told(one, 1, 15)
    assert result["outcome"] == "died" and result["memory"] is None and result["query-interval"] is None
    assert any("the sender or a link on the way had stopped" in sentence for sentence in result["verdict"])


def test_a_host_that_is_too_busy_to_read(lab):
    """The receiver stands still for a while, at a rate that overflows its buffer: the loss is its own host's."""
    sender, receiver = two_hosts(lab)
    one = receive(receiver, "--json")
    stream = receiver.capture(protocol=packets.UDP)
    soak(sender, "send -i eth0 --duration 4 --rate 20000")
    wait(stream.frames, what="the stream")
    one.popen.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    one.popen.send_signal(signal.SIGCONT)
    result = told(one, 1)
    assert result["outcome"] == "lossy" and 0 < result["dropped-here"] <= result["lost"]
    assert any("too busy to read" in sentence for sentence in result["verdict"])


def test_others_on_the_group_are_named_once(lab):
    """A second test stream and another program's packets: the first stream is measured."""
    sender, receiver = two_hosts(lab)
    one = receive(receiver, "--json")
    stream = receiver.capture(protocol=packets.UDP)
    soak(sender, "send -i eth0 --duration 2")
    wait(lambda: len(stream.frames()) > 5, what="the stream")
    sender.ip("address add 192.0.2.31/24 dev eth0")
    program = ("import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('192.0.2.31', 0))\n"
               f"for data in (sys.argv[1], sys.argv[1]): s.sendto(data.encode(), ('{GROUP}', 5004))")
    sender.start("python3", "-c", program, "hello")
    second = soak(sender, "send -i eth0 --duration 1")
    result = told(one, 0)
    assert result["received"] == 100 and result["foreign-packets"] == 2
    assert result["other-senders"] == ["192.0.2.30"]
    assert len([line for line in one.log() if "sends a test stream" in line]) == 1
    assert len([line for line in one.log() if "another program come from 192.0.2.31" in line]) == 1
    assert second.finish() == 0


class Paused:
    """A receiver's host whose own daemon queries, until soak pauses it."""

    def __init__(self, lab, directory):
        self.lan = Lan(lab, LinuxBridge(lab, 5))
        self.host, self.socket = self.lan.receiver, directory / "api.sock"
        self.querier = self.host.querier("-i eth0 --igmp-version 3", FAST, f"--api-socket {self.socket}")
        self.querier.wait_log("Startup")
        self.wire = self.lan.sender.capture(protocol=packets.IGMP)
        self.options = f"-i eth0 --without-querier --api-socket {self.socket}"

    def verdict(self):
        done = subprocess.run([IGMP_QUERIER, "status", "--api-socket", self.socket], capture_output=True, text=True,
                              timeout=10)
        return done.stdout.splitlines()[0]

    def wait_paused(self):
        wait(lambda: "waiting for soak to end its measurement" in self.verdict(), what=self.verdict)

    def wait_queries(self):
        """The burst begins within a second or so."""
        self.wire.wait_queries(2, 3, since=time.time())


def test_the_daemon_pauses_for_a_measurement(lab, tmp_path):
    """It sends nothing meanwhile, says so, and begins again."""
    scene = Paused(lab, tmp_path)
    scene.wait_queries()
    soak(scene.lan.sender, "send -i eth0 --duration 14")
    one = soak(scene.host, f"receive {scene.options} --yes --json")
    scene.wait_paused()
    begun = time.time()
    second = soak(scene.host, f"receive {scene.options} --yes")
    assert second.finish() == 2 and "paused already" in second.log()[0]
    result = told(one, 1, 20)
    assert result["outcome"] == "died" and result["queries"] == 0
    assert result["memory"]["at-most"] == pytest.approx(5, abs=1.5)
    scene.wait_queries()
    assert scene.wire.queries(since=begun)[0].time > begun + 12
    assert scene.querier.logged("waiting for soak to end its measurement") and "waiting" not in scene.verdict()


def test_the_daemon_begins_again_when_soak_is_killed(lab, tmp_path):
    """Beside the time that a client may ask for, which ends by itself."""
    scene = Paused(lab, tmp_path)
    one = soak(scene.host, f"receive {scene.options} --yes")
    scene.wait_paused()
    one.kill()
    scene.wait_queries()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(scene.socket))
        client.sendall(b"POST /v1/pause?seconds=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")
        scene.wait_paused()
        scene.wait_queries()
        client.sendall(b"x")  # a follower that speaks is let go
        assert select.select([client], [], [], 5)[0]


def test_a_pause_is_confirmed(lab, tmp_path):
    """By root, with the name of the interface, or --yes: else the daemon goes on."""
    scene = Paused(lab, tmp_path)
    one = soak(scene.host, f"receive {scene.options}")
    assert one.finish() == 2 and "give --yes where there is none" in one.log()[0]
    one = scene.host.start("setpriv", "--reuid=65534", "--clear-groups", IGMP_QUERIER, "soak", "receive",
                           *scene.options.split(), "--yes")
    assert one.finish() == 2 and "needs root" in one.log()[0]
    one = soak(scene.lan.sender, f"send -i eth0 --without-querier --yes --api-socket {tmp_path}/none")
    assert one.finish() == 2 and "none" in one.log()[0]
    command = ["ip", "netns", "exec", scene.host.name, IGMP_QUERIER, "soak", "receive", *scene.options.split()]
    with Terminal(command) as terminal:
        terminal.wait_for("Type eth0 to go on:")
        terminal.type(b"y\n")
        assert terminal.finish() == 2 and "not confirmed" in "\n".join(terminal.lines())
    assert "waiting" not in scene.verdict()
    with Terminal(command) as terminal:
        terminal.wait_for("eth0 for up to 1:00:00.")
        terminal.type(b"eth0\n")
        scene.wait_paused()
        assert terminal.stop(signal.SIGINT) == 130
    scene.wait_queries()


class Page:
    """A report: a well-formed page that refers to nothing outside, and its text."""

    def __init__(self, file):
        self.source = file.read_text()
        root = xml.etree.ElementTree.fromstring(self.source.removeprefix("<!DOCTYPE html>"))
        assert not [element.tag for element in root.iter() if {"src", "href"} & set(element.attrib)]
        assert not re.search(r"https?:|url\(|@import|<script", self.source)
        self.text = "\n".join(root.itertext())
        self.headline = root.find("body/h1").text
        self.cells = {row.find("th").text: row.find("td").text for row in root.iter("tr")}
        self.shaded = root.findall(".//rect[@class='gap']")


def test_between_two_interfaces_with_a_report(lab, tmp_path):
    """One host that is its own sender: the switch forgets it, and the report tells the same as the JSON."""
    lan = Lan(lab, LinuxBridge(lab, 5))
    host = lan.receiver
    lab.link(host, "eth1", lan.switch.namespace, "second")
    lan.switch.attach("second")
    host.ip("address add 192.0.2.21/24 dev eth1")
    file = tmp_path / "soak.html"
    result = told(soak(host, f"--between eth1 eth0 --duration 16 --json --report {file}"), 1, 30)
    assert result["outcome"] == "died" and result["lost"] == 0 and result["sender"] == "192.0.2.21"
    assert result["memory"]["at-most"] == pytest.approx(5, abs=1.5) and result["back-after-rejoin"] < 1
    page = Page(file)
    assert page.headline == result["verdict"][0] and len(page.shaded) == 1
    assert all(line in page.text for line in result["verdict"] + result["advice"])
    assert page.cells["received"] == str(result["received"]) and page.cells["sender"].startswith("192.0.2.21, 50 ")
    assert page.cells["memory of the switch"] == f"{result['memory']['at-most']:.1f} s"


def test_between_without_privilege(lab, tmp_path):
    """With IPv4 it says what to do, with IPv6 it works."""
    host, peer = lab.pair("192.0.2.30/24")
    lab.link(host, "eth1", peer, "eth1")
    peer.ip("link add br0 type bridge forward_delay 0 mcast_snooping 0")
    peer.ip("link set br0 up")
    for port in "eth0", "eth1":
        peer.ip(f"link set {port} master br0")
        host.enable_ipv6(f"fe80::1{port[-1]}/64", port)
    file = tmp_path / "soak.html"
    file.touch()
    file.chmod(0o666)
    command = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", IGMP_QUERIER, "soak", "--between",
               "eth0", "eth1", "--duration", "2"]
    ipv4, ipv6 = host.start(*command), host.start(*command, "-g", "ff15::4d4d", "--json", "--report", file)
    assert ipv4.finish() == 2 and "run this with sudo, or give a group of IPv6" in ipv4.log()[0]
    result = told(ipv6, 0)
    assert result["received"] == 100 and result["sender"] == "fe80::10"
    assert "none lost" in Page(file).headline


@pytest.mark.parametrize("path,complaint", [("/nowhere/soak.html", "No such file"), ("/", "Is a directory")])
def test_a_report_that_cannot_be_written_is_known_at_once(lab, path, complaint):
    _, receiver = two_hosts(lab)
    one = soak(receiver, f"receive -i eth0 --report {path}")
    assert one.finish() == 2 and one.output() == []
    assert len(one.log()) == 1 and f"cannot write {path}: {complaint}" in one.log()[0]


def test_a_disk_that_is_full_loses_only_the_report(lab):
    sender, receiver = two_hosts(lab)
    one = receive(receiver, "--json --report /dev/full")
    soak(sender, "send -i eth0 --duration 1")
    result = told(one, 2)
    assert result["received"] == 50 and "cannot write /dev/full: No space left" in one.log()[0]


@pytest.mark.parametrize("locale,whole,gap", [("C.UTF-8", "█", "_"), ("C", "#", "_")])
def test_bar_and_plot_on_a_terminal(lab, locale, whole, gap):
    """They are redrawn in their place; the plot stays, and the result follows."""
    sender, receiver = two_hosts(lab)
    command = ["ip", "netns", "exec", receiver.name, IGMP_QUERIER, "soak", "receive", "-i", "eth0"]
    with Terminal(command, columns=100, LC_ALL=locale) as terminal:
        terminal.wait_for("waiting for the sender")
        soak(sender, "send -i eth0 --duration 12")
        terminal.wait(lambda lines: len(lines) == 2 and lines[1] == 3 * whole, "three seconds")
        assert whole in terminal.lines()[0] and "0 lost" in terminal.lines()[0]
        sender.ip("link set eth0 down")
        terminal.wait(lambda lines: len(lines) == 2 and 3 * gap in lines[1], "a gap")
        sender.ip("link set eth0 up")
        assert terminal.finish(15) == 1
        lines = terminal.lines()
    assert gap in lines[1] and lines[2].startswith("the stream stopped after")
    assert len([line for line in lines if whole in line]) == 2


REFUSED = {
    "": "give send, receive or --between",
    "send -i nope": "no interface 'nope': there are eth0",
    "send": "no default route leads over an Ethernet interface",
    "receive -i eth0 --rate 5": "--rate is an option of send",
    "send -i eth0 -g 10.0.0.1": "the group is '10.0.0.1', but must be in 224.0.0.0/4",
    "send -i eth0 --duration 0": "--duration is '0'",
    "send -i eth0 --duration 5d": "--duration is '5d'",
    "send -i eth0 --rate 0": "--rate is 0",
    "receive -i eth0 --every 0": "--every is '0'",
    "send --between eth0 eth0": "give send, receive or --between",
    "--between eth0 eth0": "needs two interfaces",
    "--between eth0 lo -i eth0": "omit -i",
    "send -i eth0 --yes": "--yes belongs to --without-querier",
    "send -i eth0 --without-querier --duration 2h": "pauses for an hour at most",
    "listen": "MODE",
    "send -i eth0 -p 0": "--port",
}


@pytest.mark.parametrize("options,complaint", REFUSED.items())
def test_wrong_usage_is_one_line(lab, options, complaint):
    host, _ = two_hosts(lab)
    one = soak(host, options)
    assert one.finish() == 2 and one.output() == []
    assert len(one.log()) == 1 and complaint in one.log()[0], one.log()


def test_what_cannot_be_sent_or_received(lab):
    """A cable that is unplugged, an output that is refused, a port that another program holds."""
    sender, receiver = two_hosts(lab)
    holder = receiver.start("python3", "-c", "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                            "s.bind(('0.0.0.0', 5004)); print('bound', flush=True); time.sleep(60)")
    wait(lambda: holder.output(), what="the port")
    one = soak(receiver, "receive -i eth0")
    assert one.finish() == 2 and "UDP port 5004 is in use by another program" in one.log()[0]
    receiver.ip("link set eth0 down")
    wait(lambda: "NO-CARRIER" in sender.ip("link show eth0"), what="no carrier")
    one = soak(sender, "send -i eth0")
    assert one.finish() == 2 and "eth0 is down" in one.log()[0]
