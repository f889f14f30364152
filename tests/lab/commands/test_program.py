"""The program as its user meets it: signals, the configuration file, what it says and how it ends."""

import re
import signal
import time

import pytest

from harness import packets
from harness.lab import BRISK, FAST, IGMP_QUERIER, expect_silence, wait


def only_line(process):
    """The one line that a failed start says."""
    lines = process.stderr.read_text().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def refused(process, status):
    """Ends with a status, promptly and in one line, which is returned."""
    assert process.finish(3) == status, process.describe()
    return only_line(process)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_statistics(lab, how):
    """Exit status 0, nothing more on the wire, and the last line sums up. (IGMP-Q-29)"""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", FAST)
    wire.wait_queries(3)
    peer.send(packets.general_query("192.0.2.5"))
    querier.wait_log("LOST")
    asked = time.monotonic()
    assert querier.stop(how) == 0
    assert time.monotonic() - asked < 1
    count = len(wire.queries("192.0.2.10"))
    assert re.search(rf"Final stats: {count} queries sent, 1 elections lost$", querier.log()[-1].strip())
    expect_silence(0.3, wire, source="192.0.2.10")


def test_it_stops_while_it_waits(lab):
    """An interface that never comes does not hold it."""
    querier = lab.namespace("host").querier("-i eth0 --wait")
    querier.wait_log("eth0: waiting for the interface to appear")
    assert querier.stop() == 0
    assert "Final stats: 0 queries sent, 0 elections lost" in querier.log()[-1]


def test_the_log_says_what_its_users_search_for(lab):
    """Every line has a date, a time with milliseconds, and a level."""
    host, peer = lab.pair("192.168.1.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 -q 60 -t 255 -v")
    wire.wait_queries(1)
    for text in ("Starting IGMP Querier on eth0 (192.168.1.10)", "Query interval: 60s, Competitor timeout: 255s",
                 "[Listener] Election listener started.", "[Startup] Sending 3 rapid queries...",
                 "eth0: sent IGMPv2 General Query from 192.168.1.10, next in 5"):
        querier.wait_log(re.escape(text))
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [a-z]+ \S", line) for line in querier.log())


def test_without_verbosity_queries_are_not_logged(lab):
    host, peer = lab.pair()
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", BRISK)
    wire.wait_queries(2)
    before = len(querier.log())
    wire.wait_queries(5)
    assert len(querier.log()) == before


def test_without_the_capability_it_says_what_to_do(lab):
    """Not root, or root without CAP_NET_RAW."""
    host, _ = lab.pair()
    process = host.start("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", IGMP_QUERIER, "-i", "eth0")
    line = refused(process, 1)
    assert "CAP_NET_RAW" in line and "sudo" in line


def test_an_unknown_interface_is_answered_with_the_known_ones(lab):
    """Names and addresses, so that the user can choose."""
    host, peer = lab.pair("192.0.2.1/24")
    lab.link(host, "wlan7", peer, "eth1")
    line = refused(host.querier("-i eth9"), 1)
    assert "eth9" in line and "eth0" in line and "192.0.2.1" in line and "wlan7" in line


@pytest.mark.parametrize("value, status, said", [
    ("eth9", 1, "IGMP_INTERFACE: no interface 'eth9'"), ("eth0,,eth1", 2, "IGMP_INTERFACE: '' is not"),
    ("eth0,", 2, "IGMP_INTERFACE: '' is not"), ("eth0, eth1", 2, "IGMP_INTERFACE: ' eth1' is not")])
def test_an_interface_of_the_environment_that_cannot_be(lab, value, status, said):
    """The message names the variable."""
    lab.environment["IGMP_INTERFACE"] = value
    host, _ = lab.pair("192.0.2.1/24")
    assert said in refused(host.querier("run"), status)


def test_the_environment_names_interfaces_below_options_and_above_the_file(lab):
    """A comma-separated list; an empty one counts as none."""
    host, peer = lab.pair("192.0.2.1/24")
    lab.link(host, "wlan7", peer, "eth1")
    file = lab.directory / "file.toml"
    file.write_text("[interface.wlan7.igmp]\nversion = 3\n")
    for value, options, served in (("wlan7,eth0", "", {"eth0", "wlan7"}), ("wlan7", "-i eth0", {"eth0"}),
                                   ("eth0", "", {"eth0"}), ("", "", {"wlan7"})):
        lab.environment["IGMP_INTERFACE"] = value
        querier = host.querier("run", options, "-c", file)
        wait(lambda: len({line.split(" on ")[1].split()[0] for line in querier.logged("Starting IGMP Querier on")} |
                         {"wlan7" for _ in querier.logged("wlan7: waiting for an IPv4 address")} ) >= len(served),
             what=f"{served} with {value!r}")
        seen = {name for name in ("eth0", "wlan7") if querier.logged(rf"on {name} |{name}: waiting")}
        assert seen == served, value
        assert querier.stop() == 0


@pytest.mark.parametrize("limit", range(4, 18))
def test_too_few_descriptors_are_an_error_or_enough(lab, limit):
    """Whatever cannot be opened: one line and status 1, or another attempt every second, never a crash."""
    host, peer = lab.pair()
    wire = peer.capture(protocol=packets.IGMP)
    process = host.start("prlimit", f"--nofile={limit}", IGMP_QUERIER, "-i", "eth0")
    wait(lambda: wire.queries() or process.logged("trying again") or not process.alive(), what="a query or an error")
    if not process.alive():
        assert "Too many open files" in refused(process, 1)


def test_loopback_is_refused(lab):
    line = refused(lab.namespace("host").querier("-i lo"), 1)
    assert "lo" in line and "loopback" in line


def test_an_interface_without_ethernet_is_refused(lab):
    """A point-to-point tunnel has no multicast to query."""
    host = lab.namespace("host")
    host.ip("tuntap add dev tun0 mode tun")
    host.ip("link set tun0 up")
    host.ip("address add 192.0.2.1/24 dev tun0")
    assert "tun0" in refused(host.querier("-i tun0"), 1)


def test_no_interface_and_no_default_route_is_an_error(lab):
    host, _ = lab.pair()
    assert "-i" in refused(host.querier("-c /dev/null"), 1)


WRONG_USAGE = [
    "--bogus", "-i", "surplus", "-q 0", "-q 0.5", "-q 31745", "-q sixty", "-q -1", "-q 1e9", "-t 0", "-t never",
    "--max-response 0", "--max-response 60", "-q 10 --max-response 10", "-q 10 --max-response 11",
    "--max-response 3174.5 -q 31744", "--igmp-version 2 -q 60 --max-response 26", "--robustness 0", "--robustness 8",
    "--startup-count 0", "--startup-interval 0", "--jitter -1", "--jitter 101", "--jitter many", "--igmp-version 0",
    "--igmp-version 4", "-c", "-t 60", "-q 10 --startup-interval 11", "check-config a b", "groups", "--mld 0", "--mld 3",
    "--mld two", "--mld 1 --igmp-version 3 -q 90 --max-response 66", "--mld 2 3",
]


@pytest.mark.parametrize("options", WRONG_USAGE)
def test_wrong_usage_ends_with_status_2(lab, options):
    """Unknown, out of range or contradictory: one line, and not one packet. (IGMP-F-12, IGMP-F-16, IGMP-F-24,
    IGMP-F-25)"""
    host, peer = lab.pair()
    wire = peer.capture()
    line = refused(host.querier("-i eth0" if options != "-i" else "", options), 2)
    values = [word for word in options.split() if not word.startswith("--")]
    assert not values or any(value in line for value in values), line
    assert not wire.frames()


@pytest.mark.parametrize("options", ["run", "run -c /dev/null", "-c /dev/null"])
def test_run_or_any_option_starts_it(lab, options):
    """On the interface of the default route."""
    host, peer = lab.pair()
    host.ip("route add default via 192.0.2.99")
    wire = peer.capture(protocol=packets.IGMP)
    host.querier(options)
    wire.wait_queries(1)


def test_without_any_argument_it_prints_its_usage_and_asks_nobody(lab):
    host, peer = lab.pair()
    host.ip("route add default via 192.0.2.99")
    wire = peer.capture()
    querier = host.querier()
    assert querier.finish(3) == 2, querier.describe()
    assert "Usage: igmp-querier" in querier.stderr.read_text() and not querier.output()
    assert not wire.frames()


def test_a_robustness_of_one_is_accepted_with_a_warning(lab):
    """IGMP-F-25"""
    host, peer = lab.pair()
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 --robustness 1")
    wire.wait_queries(1)
    assert querier.wait_log(r"warn\w* .*robustness")


BROKEN = {"query-interval = 0": "query-interval", "query-interval = 'often'": "query-interval",
          "query-intervall = 60": "query-intervall", "version = 4": "version", "query-interval = ": "",
          "query-interval = 10\nquery-max-response-time = 10": "query-max-response-time",
          "last-member-query-interval = 26": "last-member-query-interval", "max-groups = 0": "max-groups",
          "enabled = 'yes'": "enabled", "enabled = false": "neither IGMP nor MLD is enabled",
          "[interface.eth0.mld]\nproxy = true": "unknown key 'proxy'",
          "[interface.eth0.mld]\nversion = 3": "version '3'",
          "[interface.eth0.mld]\nversion = 1\nlast-member-query-interval = 66": "MLDv1"}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_configuration_file_is_refused_with_file_and_line(lab, text):
    """At the start and by check-config."""
    host, _ = lab.pair()
    file = lab.directory / "querier.toml"
    file.write_text(f"[interface.eth0.igmp]\n{text}\n")
    for process in host.querier(f"-c {file}"), host.querier(f"check-config {file}"):
        assert process.finish(3) in (1, 2)
        line = only_line(process)
        assert re.search(rf"{re.escape(str(file))}:\d+: ", line) and BROKEN[text] in line, line


@pytest.mark.parametrize("path", ["/nonexistent/querier.toml", "/", "/proc/self/mem", "binary.toml"])
def test_an_unreadable_configuration_file_is_an_error(lab, path):
    """Missing, a directory, a file that gives an error, bytes that are no text: one line with its name."""
    host, _ = lab.pair()
    (lab.directory / "binary.toml").write_bytes(bytes(range(256)))
    assert path in refused(host.querier(f"-i eth0 -c {path}"), 1)


def checked(lab, text):
    """What check-config prints of a correct file."""
    host, _ = lab.pair()
    file = lab.directory / "querier.toml"
    file.write_text(text)
    process = host.querier(f"check-config {file}")
    assert process.finish() == 0
    return process.stdout.read_text()


def test_check_config_prints_mld_where_it_is_on(lab):
    """Also what the wire makes of an interval. (IGMP-T-10)"""
    text = checked(lab, "[interface.eth0.igmp]\nversion = 3\nlast-member-query-interval = 13\n[interface.eth1.mld]\n")
    assert "last-member-query-interval = 12.8\n" in text
    assert '[interface."eth1".mld]' in text and '[interface."eth0".mld]' not in text


def test_check_config_prints_the_settings_in_force(lab):
    text = checked(lab, "[defaults.igmp]\nquery-interval = 90\n[interface.eth0.igmp]\nversion = 3\n")
    assert "eth0" in text and re.search(r"query-interval\D+90\b", text) and re.search(r"version\D+3\b", text)


def configured(lab, text):
    """A daemon that runs with a configuration file."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture(protocol=packets.IGMP)
    file = lab.directory / "querier.toml"
    file.write_text(text)
    querier = host.querier(f"-c {file}")
    wire.wait_queries(1)
    return wire, file, querier


COMMON = ("[interface.eth0.igmp]\nquery-interval = 1\nquery-max-response-time = 0.5\njitter = 0\n"
          "startup-query-interval = 0.2\n")


@pytest.mark.parametrize("before, after", [("version = 2", "version = 3"), ('profile = "av"', 'profile = "iptv"')])
def test_sighup_applies_a_good_file(lab, before, after):
    """Version 2 becomes version 3 without a restart."""
    wire, file, querier = configured(lab, COMMON + before + "\n")
    assert len(wire.queries()[-1].payload) == 8
    file.write_text(COMMON + after + "\n")
    querier.popen.send_signal(signal.SIGHUP)
    since = time.time() + 0.2
    frames = wire.wait_queries(2, since=since)
    assert {len(frame.payload) for frame in frames} == {12}
    assert querier.alive()


def test_sighup_with_a_broken_file_changes_nothing_and_says_so(lab):
    wire, file, querier = configured(lab, COMMON + "version = 2\n")
    file.write_text(COMMON + "version = 4\n")
    querier.popen.send_signal(signal.SIGHUP)
    querier.wait_log(rf"{re.escape(str(file))}:6\b.*version")
    frames = wire.wait_queries(2, since=time.time())
    assert {len(frame.payload) for frame in frames} == {8}
    file.unlink()
    querier.popen.send_signal(signal.SIGHUP)
    querier.wait_log(rf"{re.escape(str(file))}.*No such file")
    wire.wait_queries(2, since=time.time())
    assert querier.stop() == 0


def test_sighup_adds_and_removes_interfaces(lab):
    """A table that is new starts an interface, one that is gone ends it."""
    host, peer = lab.pair("192.0.2.1/24")
    lab.link(host, "eth1", peer, "eth1")
    host.ip("address add 198.51.100.1/24 dev eth1")
    first, second = peer.capture("eth0", packets.IGMP), peer.capture("eth1", packets.IGMP)
    file = lab.directory / "querier.toml"
    file.write_text("[interface.eth0]\n")
    querier = host.querier(f"-c {file}", BRISK)
    first.wait_queries(1)
    assert not second.frames()
    file.write_text("[interface.eth1]\n")
    querier.popen.send_signal(signal.SIGHUP)
    second.wait_queries(1, source="198.51.100.1")
    expect_silence(0.6, first)
    second.wait_queries(2, since=time.time())


def test_sighup_without_a_file_is_harmless(lab):
    host, peer = lab.pair()
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", BRISK)
    wire.wait_queries(1)
    querier.popen.send_signal(signal.SIGHUP)
    wire.wait_queries(3, since=time.time())
    assert querier.stop() == 0


@pytest.mark.parametrize("option", ["--help", "--version", "run --help"])
def test_help_and_version_succeed(lab, option):
    process = lab.namespace("host").querier(option)
    assert process.finish() == 0
    assert "igmp-querier" in process.stdout.read_text() and not process.log()


def test_a_stopped_process_sends_one_query_and_no_backlog(lab):
    """As after a suspend: four intervals are missed, one query is sent, the beat goes on from there. (IGMP-Q-28)"""
    host, peer = lab.pair()
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 --startup-count 1 -q 1 --jitter 0")
    wire.wait_queries(1)
    querier.popen.send_signal(signal.SIGSTOP)
    expect_silence(4.2, wire)
    since = time.time()
    querier.popen.send_signal(signal.SIGCONT)
    frames = wire.wait_queries(3, since=since)
    assert frames[0].time - since < 0.5
    assert [frames[1].time - frames[0].time, frames[2].time - frames[1].time] == [pytest.approx(1, abs=0.25)] * 2


def test_it_sleeps_while_streams_pass_by(lab):
    """Nothing is due and a stream reaches the interface: the kernel keeps it away from the process."""
    host, peer = lab.pair()
    peer.ip("address add 192.0.2.2/24 dev eth0")
    wire = peer.capture(protocol=packets.IGMP)
    inside = host.capture(protocol=packets.UDP)
    querier = host.querier("-i eth0 -q 60 --startup-count 1")
    wire.wait_queries(1)
    peer.stream("send", "239.1.2.3", "--rate 500")
    wait(inside.frames, what="the stream")
    before, seen = querier.wakeups(), len(inside.frames())
    wait(lambda: len(inside.frames()) - seen > 400, what="the stream")
    assert querier.wakeups() - before <= 1
