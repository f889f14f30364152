"""What can stand at the end of a cable and receive reports: the daemon, receivers that only count, FRR's pimd."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time

from harness import lab as laboratory
from harness import packets
from harness.api import Answer, read_all
from harness.frr import PROGRAMS, Router
from processes import Account, Program

BENCH = laboratory.REPOSITORY / "build/bench/bench"
NULL_RECEIVER = BENCH / "null_receiver"
ADDRESS = "192.0.2.200"
PROCESSORS = sorted(os.sched_getaffinity(0))
SENDER, RECEIVER = PROCESSORS[0], PROCESSORS[-1]  # the same one where there is but one
STILL, PAUSE = 0.0005, 0.1  # processor seconds in a pause of so many seconds that are nothing


def storm(namespace, *options):
    """Sends what the options say, and returns what the sender prints; whatever it says it has sent has arrived."""
    words = [str(word) for option in options for word in str(option).split()]
    before = namespace.unsent()
    with namespace.entered():
        done = subprocess.run(["taskset", "-c", str(SENDER), laboratory.MCAST_STORM, *words],
                              stdout=subprocess.PIPE, check=True)
    sent = json.loads(done.stdout)
    sent["packets"] -= namespace.unsent() - before
    return sent


class Receiver:
    """One kind of program on a host of its own, with a peer that sends; started anew for each measurement."""

    has_table = True  # it keeps groups, and asks for them
    name = ""

    def __init__(self, lab):
        self.lab = lab
        self.host, self.peer = lab.pair(f"{ADDRESS}/24")
        self.account = None  # of the program that receives the reports

    @contextlib.contextmanager
    def running(self, version, **settings):
        self.start(version, **settings)
        try:
            self.settle()
            yield self
        finally:
            self.stop()

    def settle(self, limit=30):
        """Waits until it has done all it has to do, and returns its processor time."""
        deadline = time.monotonic() + limit
        last = self.account.cpu_seconds()
        while True:
            time.sleep(PAUSE)
            used = self.account.cpu_seconds()
            if used - last < STILL:
                return used
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is still busy after {limit} s")
            last = used

    def accounts(self):
        """Of every program that it takes."""
        return [self.account]

    def wrapper(self):
        return f"/usr/bin/taskset -c {RECEIVER}"


class Ours(Receiver):
    name = "igmp-querier"
    tracking = True

    def start(self, version, interval=60, response=10, lifetime=None, startup="--startup-count 1"):
        directory = self.lab.directory
        self._api, settings = directory / f"api-{self.host.name}.sock", directory / f"{self.host.name}.toml"
        settings.write_text(f"[defaults.igmp]\nexplicit-tracking = {str(self.tracking).lower()}\nmax-groups = 2000000\n")
        self.program = Program(
            self.host, self.wrapper(), laboratory.IGMP_QUERIER, f"-i eth0 --igmp-version {version} --jitter 0 {startup}",
            f"-q {interval} --max-response {response} -c {settings} --api-socket {self._api}",
            f"-t {lifetime}" if lifetime else "")
        self.account = Account(self.program.pid)

    def started(self):
        return self.program.started

    def stop(self):
        return self.program.stop()

    def settle(self, limit=30):
        laboratory.wait(self._api.is_socket, what="the API")
        return super().settle(limit)

    def status(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self._api))
            client.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            [interface] = Answer(read_all(client)).json()["interfaces"]
        return interface

    def counts(self):
        """Reports received, and groups known."""
        status = self.status()
        return status["statistics"]["received"]["report"], status["groups-count"]


class OursUntracked(Ours):
    name = "igmp-querier, explicit-tracking = false"
    tracking = False


class Null(Receiver):
    name = "null receiver"
    has_table = False
    options = ""

    def start(self, version):
        self.program = Program(self.host, self.wrapper(), NULL_RECEIVER, self.options)
        self.account = Account(self.program.pid)
        laboratory.wait(self._lines, what="a null receiver that is ready")

    def stop(self):
        return self.program.stop()

    def _lines(self):
        return self.program.output.read_text().splitlines()

    def counts(self):
        told = len(self._lines())
        os.kill(self.program.pid, signal.SIGUSR1)
        laboratory.wait(lambda: len(self._lines()) > told, what="a count")
        return json.loads(self._lines()[told])["packets"], 0


class PlainNull(Null):
    name = "null receiver, a system call per packet"
    options = "--plain"


class Pimd(Receiver):
    """FRR's pimd, with the zebra that it needs."""

    name = "FRR pimd"

    def start(self, version, interval=60, response=10):
        options = f"query-max-response-time {10 * response:.0f}", f"query-interval {interval}"
        self.router = Router(self.host, version, options, wrapper=self.wrapper().split())
        self.zebra, self.pimd = self.router.processes
        self.account = Account(self.pimd.popen.pid)

    def settle(self, limit=30):
        laboratory.wait(self.router.querier, 15, "pimd's interface")
        return super().settle(limit)

    def started(self):
        return self.pimd.started

    def stop(self):
        start = time.monotonic()
        self.pimd.stop(timeout=60)
        elapsed = time.monotonic() - start
        self.zebra.stop(timeout=60)
        self.lab.processes.clear()  # whose logs nobody wants to read
        return elapsed

    def accounts(self):
        return [self.account, Account(self.zebra.popen.pid)]

    def counts(self):
        statistics = self.router.show("statistics")["global"]
        return sum(statistics[f"reportV{version}"] for version in (1, 2, 3)), statistics["totalGroups"]


def obstacle():
    """Why this cannot run, or None."""
    if os.geteuid() != 0:
        return "it makes network namespaces: run it as root"
    for program in laboratory.IGMP_QUERIER, laboratory.MCAST_STORM, NULL_RECEIVER:
        if not os.access(program, os.X_OK):
            return f"no program at {program}: bench/run builds it"
    for program in PROGRAMS / "pimd", PROGRAMS / "zebra":
        if not os.access(program, os.X_OK):
            return f"no program at {program}: tools/install-packages test installs it"
    return None


def queries(wire, since):
    """General Queries on the wire after a moment."""
    return [frame for frame in wire.frames() if frame.time > since and frame.is_igmp(packets.QUERY)]
