"""Journal, service manager and log that hang, or that are flooded: the loop goes on turning, and what is lost is told."""

import contextlib
import itertools
import os
import re
import signal
import socket
import threading
import time

import pytest

from harness import packets
from harness.api import Api
from harness.exporter import Exporter, request
from harness.lab import BRISK, FAST, wait
from harness.systemd import Pulse, Systemd

LONGEST_TURN = 0.05  # seconds
KEPT = 1 << 20  # bytes of lines that wait
OURS, FORGED = "192.0.2.10", ("192.0.2.5", "192.0.2.6")


@contextlib.contextmanager
def flood(namespace, frames, rate):
    """Sends frames in turn, so many a second, until the block is left."""
    over = threading.Event()
    with namespace.entered():
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sender.bind(("eth0", 0))

    def send():
        start = time.monotonic()
        for number, frame in enumerate(itertools.cycle(frames)):
            if over.wait(max(0.0, start + number / rate - time.monotonic())):
                return
            with contextlib.suppress(BlockingIOError, OSError):
                sender.send(frame)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        sender.close()


def forged_queries():
    return [packets.general_query(source) for source in FORGED]


def joins(groups):
    return [packets.ethernet(packets.ipv4("192.0.2.20", packets.report(group), group)) for group in groups]


def service(lab, options):
    host, peer = lab.pair(f"{OURS}/24")
    wire = peer.capture(protocol=packets.IGMP)
    return host, peer, wire, Systemd(lab), Api(lab), f"run -i eth0 {options}"


def turns(api, seconds, attempts=3):
    """The longest turn of the loop; of several attempts the best, for the machine has other work, too."""
    def longest():
        pulse = Pulse(lambda: api.get("/v1/status"))
        found = pulse.feel(seconds)
        print(f"longest of {pulse.answers} answers: {found * 1000:.1f} ms")
        return found
    return next((found for found in (longest() for _ in range(attempts)) if found < LONGEST_TURN), None)


def test_a_flood_makes_one_status_line_a_second(lab):
    """Two forged lower addresses in turn: each query changes who the elected querier is."""
    host, peer, wire, systemd, api, options = service(lab, BRISK)
    systemd.start(host, options + f" {api.option}")
    wire.wait_queries(1)
    messages = []
    with flood(peer, forged_queries(), 800):
        for _ in range(40):
            time.sleep(0.1)
            messages += systemd.manager.read()
    time.sleep(1.5)
    messages += systemd.manager.read()
    lines = [(when, text) for when, text in messages if "STATUS=" in text]
    gaps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(lines)]
    print(f"status lines: {len(lines)} in {lines[-1][0] - lines[0][0]:.1f} s; the closest {min(gaps):.3f} s apart")
    assert len(lines) >= 4 and min(gaps) > 0.99
    elected = api.get("/v1/status")["interfaces"][0]["querier"]
    assert elected in FORGED and elected in lines[-1][1]


def test_a_service_manager_that_hangs_delays_nothing(lab):
    """Also under the flood; what it has to know it is told once it reads again."""
    host, peer, wire, systemd, api, options = service(lab, BRISK)
    systemd.manager.fill()
    lab.environment["WATCHDOG_USEC"] = "1000000"
    querier = systemd.start(host, options + f" {api.option}")
    wire.wait_queries(3)
    api.ready()
    with flood(peer, forged_queries(), 800):
        assert turns(api, 3) is not None
    told = wait(systemd.manager.texts, what="messages to the service manager")
    assert "READY=1" in told[0].splitlines()
    wait(lambda: any("WATCHDOG=1" in text for text in systemd.manager.texts()), what="a sign of life")
    querier.popen.send_signal(signal.SIGHUP)
    told = wait(lambda: [text for text in systemd.manager.texts() if "=1" in text and "WATCHDOG" not in text])
    assert told == ["RELOADING=1", "READY=1"]
    assert querier.stop() == 0


def test_a_journal_that_hangs_delays_nothing(lab):
    """Neither the start, nor queries, nor the end of what was started; all lines arrive when it reads again."""
    host, peer, wire, systemd, api, options = service(lab, FAST)
    systemd.journal.fill()
    start = time.monotonic()
    querier = systemd.start(host, options + f" -v {api.option}")
    wait(lambda: "READY=1" in systemd.manager.texts(), what="that it is ready")
    print(f"ready after {time.monotonic() - start:.2f} s")
    wire.wait_queries(3)
    api.ready()
    groups = [f"239.1.{number // 250}.{number % 250}" for number in range(500)]
    with flood(peer, joins(groups), 800):
        assert turns(api, 2) is not None
    lines = []
    deadline = time.monotonic() + 10
    while len([line for line, _ in lines if "joined" in line]) < len(groups) and time.monotonic() < deadline:
        lines += systemd.entries()
        time.sleep(0.01)
    messages = [line for line, _ in lines]
    assert "Starting IGMP Querier" in " ".join(messages[:4])
    assert not [line for line in messages if "lost" in line]
    assert all(any(f" {group} " in line + " " for line in messages) for group in groups)
    systemd.journal.fill()
    assert querier.stop() == 0


def test_lines_beyond_what_is_kept_are_counted(lab):
    """The journal says how many, as soon as it reads again, and so does the status."""
    host, peer, wire, systemd, api, options = service(lab, BRISK)
    systemd.start(host, options + f" -v {api.option}")
    wire.wait_queries(1)
    api.ready()
    systemd.entries()
    assert api.get("/v1/status")["log-lines-lost"] == 0
    systemd.journal.fill()
    groups = [f"239.{number // 62500}.{number // 250 % 250}.{number % 250}" for number in range(12000)]
    lab_frames = joins(groups)
    with flood(peer, lab_frames, 4000):
        lost = wait(lambda: api.get("/v1/status")["log-lines-lost"] > 100, 30, "losses", pause=0.1)
    assert lost and turns(api, 1) is not None
    lost = api.get("/v1/status")["log-lines-lost"]
    lines, size = [], 0

    def notice():
        for text in systemd.journal.texts():
            found = re.search(r"^MESSAGE=(\d+) lines of the log were lost", text, re.M)
            if found:
                assert "PRIORITY=4\n" in text
                return int(found[1])
            nonlocal size
            size += len(text)
            lines.append(text)
        return None

    told = wait(notice, 60, "how many lines were lost")
    assert lost <= told <= api.get("/v1/status")["log-lines-lost"]
    assert KEPT - 1000 < size <= KEPT


def test_a_journal_that_is_started_anew_is_found(lab):
    host, _, wire, systemd, _, options = service(lab, BRISK)
    systemd.start(host, f"{options} -v")
    wire.wait_queries(1)
    assert systemd.entries()
    systemd.journal.close()
    wire.wait_queries(3, since=time.time())
    systemd.journal.open()
    lines = wait(systemd.entries, what="lines in the new journal")
    assert any("sent IGMPv2 General Query" in line for line, _ in lines)


@pytest.mark.parametrize("kind", ["pipe", "terminal"])
def test_a_log_that_is_read_again_has_all_lines(lab, kind):
    """Standard error is kept waiting: nothing is delayed, and no line is lost or torn."""
    host, peer = lab.pair(f"{OURS}/24")
    wire = peer.capture(protocol=packets.IGMP)
    reader, writer = os.pipe() if kind == "pipe" else os.openpty()
    lab.cleanup.callback(os.close, reader)
    api = Api(lab)
    querier = host.querier("-i eth0 -v", FAST, api.option, stderr=writer)
    wire.wait_queries(1)
    api.ready()
    groups = [f"239.1.{number // 250}.{number % 250}" for number in range(2000)]
    with flood(peer, joins(groups), 1500):
        assert turns(api, 2) is not None
    os.close(writer)
    os.set_blocking(reader, False)
    said = b""

    def all_of_them():
        nonlocal said
        with contextlib.suppress(BlockingIOError, OSError):
            while piece := os.read(reader, 1 << 16):
                said += piece
        return said.count(b" joined") >= len(groups)

    wait(all_of_them, 20, lambda: f"all lines: {len(said)} bytes", pause=0.02)
    lines = said.decode().replace("\r", "").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+ ", line) for line in lines), lines
    assert querier.stop() == 0


def listens(exporter):
    try:
        exporter.connect().close()
    except ConnectionRefusedError:
        return False
    return True


def test_the_exporter_waits_for_neither(lab, fake):
    host = lab.namespace("host")
    systemd = Systemd(lab)
    systemd.journal.fill()
    systemd.manager.fill()
    process = systemd.start(host, f"exporter --api-socket {fake.path}")
    exporter = Exporter(host, fake.path, process=process)
    wait(lambda: listens(exporter), what="that it listens")
    pulse = Pulse(lambda: exporter.raw(request("/nothing")))
    assert min(pulse.feel(1) for _ in range(3)) < LONGEST_TURN
    assert "READY=1" in wait(systemd.manager.texts, what="messages to the service manager")[0]
    assert process.stop() == 0
