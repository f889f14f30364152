"""The lab itself: it keeps to its own network, leaves nothing behind, and its judges can say no."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

import pytest

from harness import filters, members, packets
from harness.delays import BUSY, TOLD, Delays, Processor
from harness.hosts import exclude, include, merge
from harness.lab import IGMP_QUERIER, run, wait
from harness.soak_lan import COLUMNS, HEAD
from harness.soak_link import INTERVAL, LATE, TIMEOUT, Schedule

HERE = pathlib.Path(__file__).parent


def test_the_tests_see_no_network_but_their_own(isolated):
    """Where the tests run there is a loopback that is down, and nothing else."""
    links = run("ip", "-o", "link").splitlines()
    assert len(links) == 1 and "LOOPBACK" in links[0] and "UP" not in links[0]


def test_the_tests_see_nothing_of_an_installed_service(isolated):
    """Neither its socket nor its configuration, which are here made up in a mount namespace."""
    code = ("import os\n"
            "from harness import lab\n"
            "places = '/run/igmp-querier', '/etc/igmp-querier/igmp-querier.toml'\n"
            "assert all(map(os.path.exists, places))\n"
            "lab.isolate()\n"
            "assert not any(map(os.path.exists, places))\n")
    made_up = ("mount -t tmpfs none /run && mkdir /run/igmp-querier && mount -t tmpfs none /etc && "
               "mkdir /etc/igmp-querier && touch /etc/igmp-querier/igmp-querier.toml")
    command = ["unshare", "--mount", "sh", "-c", f'{made_up} && exec "$@"', "sh", sys.executable, "-B", "-c", code]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_isolation_the_lab_refuses_to_work():
    code = "from harness import lab; lab.run('ip', 'link')"
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 1 and "refusing to touch the network outside the lab" in done.stderr


def test_a_killed_lab_takes_its_programs_along(isolated, tmp_path):
    """Even SIGKILL leaves no program behind; namespaces end with the last process in them."""
    code = ("import time\n"
            "from harness import lab\n"
            "lab.isolate()\n"
            f"made = lab.Lab({str(tmp_path)!r})\n"
            "host, peer = made.pair()\n"
            "print(host.stream('receive', '239.1.2.3').popen.pid, flush=True)\n"
            "time.sleep(60)\n")
    owner = subprocess.Popen([sys.executable, "-B", "-c", code], cwd=HERE, stdout=subprocess.PIPE, text=True)
    try:
        program = pathlib.Path(f"/proc/{int(owner.stdout.readline())}/cmdline")
        # Until then it is setpriv with the same words, which may not have asked for the signal yet.
        wait(lambda: program.read_text().split("\0")[0] == str(IGMP_QUERIER), what="the program")
    finally:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        owner.stdout.close()
    wait(lambda: not program.exists() or not program.read_text(), what="the end of the program")


def test_programs_heed_signals_that_the_tests_were_started_to_ignore(isolated, tmp_path):
    """As under nohup, or in the background of a shell."""
    code = ("import signal\n"
            "from harness import lab\n"
            "numbers = signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM\n"
            "for number in numbers:\n"
            "    signal.signal(number, signal.SIG_IGN)\n"
            "lab.isolate()\n"
            f"made = lab.Lab({str(tmp_path)!r})\n"
            "host, peer = made.pair()\n"
            "for number in numbers:\n"
            "    signal.raise_signal(number)\n"  # what it was told to ignore it goes on to ignore
            "    program = lab.Process(host, ['sleep', '60'])\n"
            "    assert program.stop(number) == -number, program.describe()\n")
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=HERE, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


def test_tshark_finds_fault_with_a_spoilt_query(isolated, tmp_path):
    """What the tests call 'without a complaint' means something."""
    frame = packets.general_query("192.0.2.1")
    spoilt = [frame, frame[:40] + b"\0\0" + frame[42:], frame[:24] + b"\0\0" + frame[26:]]
    rows = packets.decode(tmp_path / "spoilt.pcap", [packets.Frame(0, data) for data in spoilt], "_ws.expert")
    assert rows[0] == [""] and all("checksum" in row[0].lower() for row in rows[1:])


def test_sockets_add_up_as_the_rfc_says():
    """The examples of RFC 9776 section 3.2, and what they leave out."""
    first, second, third = exclude("a", "b", "c", "d"), exclude("b", "c", "d", "e"), include("d", "e", "f")
    assert merge([first, second, third]) == exclude("b", "c")
    assert merge([include("a", "b", "c"), include("b", "c", "d"), include("e", "f")]) == include(*"abcdef")
    assert merge([first]) == first and merge([include("a"), exclude()]) == exclude() and merge([]) == include()


def test_a_table_is_read_as_it_is_written():
    """Modes, lists that are empty or not, timers."""
    groups = [
        {"group-address": "232.1.1.1", "filter-mode": "include", "version": 3, "up-time": 1.0, "expire": 130.0,
         "last-reporter": None, "source": [{"source-address": "10.9.9.9", "expire": 130.0}], "host": []},
        {"group-address": "239.1.2.3", "filter-mode": "exclude", "version": 2, "up-time": 12.3, "expire": 139.9,
         "last-reporter": "10.0.0.5", "source": [{"source-address": "10.9.9.8", "expire": 1.5},
                                                 {"source-address": "10.9.9.9", "expire": None}],
         "host": [{"host-address": "10.0.0.5", "version": 2, "last-report": 3.1}]}]
    seen = members.Table({group["group-address"]: members.Group.read(group) for group in groups})
    assert seen.filters() == {"232.1.1.1": include("10.9.9.9"), "239.1.2.3": exclude("10.9.9.9")}
    group = seen.groups["239.1.2.3"]
    assert (group.version, group.since, group.expires, group.last_reporter) == (2, 12.3, 139.9, "10.0.0.5")
    assert group.requested() == {"10.9.9.8"} and group.hosts == {"10.0.0.5": (2, 3.1)}


class Account:
    """A process of which the test sets what the kernel counts."""

    def __init__(self, waits):
        self._waits = waits

    def waited(self, start, end):
        return sum(seconds for moment, seconds in self._waits if start <= moment <= end)


def delays(events, waits=()):
    made = Delays(0.1)
    made.processor = Account(waits)
    for event in events:
        made.events.add(*event)
    return made


def test_a_delay_is_told_from_what_came_before_it():
    """The events of its link and of all links, from a second before it was due; older ones and those of other links are none."""
    made = delays([(98.9, "flap", "lan1"), (99.5, "reload", None), (100.5, "storm", None), (100.1, "rival", "lan2"),
                   (101.1, "address", "lan1")])
    assert made.note(100, 101, "lan1") == "reload + storm"
    assert made.note(100, 101, "lan2") == "reload + rival + storm"
    assert made.note(200, 201, "lan1") == "nothing"
    assert made.note(200, 200.05, "lan1") is None
    assert made.counts == {"reload + storm": 1, "reload + rival + storm": 1, "nothing": 1}
    assert str(made).startswith("reload + storm 1 (1.00 s), ")
    for moment in range(300, 300 + 10 * TOLD, 10):
        made.events.add(moment, f"event {moment}")
        made.note(moment, moment + 0.5, "lan1")
    assert str(made).endswith(", other causes 3 (0.50 s)") and str(delays([])) == "none"


@pytest.mark.parametrize("seconds,cause", [(0.49, "storm"), (0.51, BUSY)])
def test_a_delay_is_another_programs_if_half_of_it_was_a_wait_for_a_processor(seconds, cause):
    assert delays([(100.5, "storm", None)], [(100.2, seconds), (102, 9)]).note(100, 101, "lan1") == cause


def test_a_processor_that_a_process_waits_for_is_seen(lab):
    """One that is kept busy by others at a higher priority; and none where the process sleeps."""
    host = lab.namespace("host")
    processor = str(min(os.sched_getaffinity(0)))
    program = "import time\nwhile True: sum(range(1000))"
    loop = ["taskset", "-c", processor, sys.executable, "-c", program]
    quiet, waiting = host.start("sleep", "60"), host.start("nice", "-n", "19", *loop)
    host.start(*loop)
    wait(lambda: b"while" in pathlib.Path(f"/proc/{waiting.popen.pid}/cmdline").read_bytes(), what="the program")
    seen, nothing = Processor(waiting), Processor(quiet)
    start = time.time()
    wait(lambda: seen.waited(start) > 0.3, 20, lambda: f"a wait of 0.3 s, not {seen.waited(start)}")
    assert nothing.waited(start) < 0.1


def test_a_port_of_the_soak_shows_its_own_queries_and_those_of_lower_queriers(lab):
    """And none of a storm of others."""
    host, peer = lab.pair()
    wire = host.capture(program=filters.queries_towards_or_of({"192.0.2.2", "fe80::2"}))
    wanted = [packets.general_query("192.0.2.2"), packets.mld_general_query("fe80::2")]
    host.send(*wanted, packets.general_query("192.0.2.3"), packets.mld_general_query("fe80::3"), packets.ethernet(
        packets.ipv4("192.0.2.2", packets.report("239.1.2.3"))))
    peer.send(packets.general_query("192.0.2.9"), packets.mld_general_query("fe80::9"),
              packets.ethernet(packets.ipv4("192.0.2.9", packets.report("239.1.2.3"))))
    wait(lambda: len(wire.frames()) >= 4, what="four queries")
    assert [frame.data for frame in wire.frames()] == [*wanted, packets.general_query("192.0.2.9"),
                                                       packets.mld_general_query("fe80::9")]


@pytest.mark.parametrize("waited", [0, 0.9])
def test_the_soak_knows_when_a_query_is_due(waited):
    """Of a lower querier that the daemon reads after it has asked itself, it knows that the daemon yields then; also when
    the daemon has waited for a processor in between."""
    schedule = Schedule(lambda start, end: waited)
    assert schedule.heard(100, is_lower=False) == 100 + INTERVAL
    assert schedule.heard(101, is_lower=True) == 101 + TIMEOUT
    crossing = 101 + LATE + waited
    assert schedule.heard(crossing - 0.1, is_lower=False) == crossing - 0.1 + TIMEOUT
    assert schedule.heard(crossing + 0.1, is_lower=False) == crossing + 0.1 + INTERVAL


def test_the_report_of_a_soak_has_every_tenth_row_and_a_plot(tmp_path):
    log, plot = tmp_path / "log", tmp_path / "plot.svg"
    log.write_text("\n".join(["12 minutes, --seed 7", HEAD, *(
        f"| {minute} | {2048 + minute} | 1024 | " + " | ".join(["5"] * (len(COLUMNS) - 4)) + " | none |" for minute in range(13)),
        "", "PASSED"]))

    def report(*arguments):
        return subprocess.run([HERE / "soak-report", *map(str, arguments)], capture_output=True, text=True)
    done = report(log, "--plot", plot)
    rows = [line.split(" | ")[:2] for line in done.stdout.splitlines() if re.match(r"\| \d", line)]
    assert rows == [["| 0", "2048"], ["| 10", "2058"], ["| 12", "2060"]]
    assert "12 minutes, --seed 7" in done.stdout and done.stdout.endswith("PASSED\n")
    assert xml.etree.ElementTree.parse(plot).getroot().tag.endswith("svg")
    log.write_text("obstacle\n")
    done = report(log)
    assert done.returncode == 1 and "no row there" in done.stderr
