#!/usr/bin/env python3
"""Measures the whole program and prints a Markdown table: how soon it acts, and what it costs.

Everything happens between network namespaces that vanish with this process; it needs root. Moments
on the wire are the kernel's, taken where a frame arrives at the other end of the cable; the moment
of exec is taken just before the system call. Files are in the page cache, as after a first start.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from figures import Table  # noqa: E402
from harness import lab as laboratory  # noqa: E402
from harness import packets  # noqa: E402
from processes import (Account, Program, ServiceManager, become_child, copy_with_libraries,  # noqa: E402
                       count_processes, temporary_lab)

NULL_RECEIVER = REPOSITORY / "build/bench/bench/null_receiver"
ADDRESS, LOWER, HIGHER = "192.0.2.200", "192.0.2.1", "192.0.2.250"
GROUP = "239.1.2.3"
REPORT = packets.ethernet(
    packets.ipv4(HIGHER, packets.igmp(bytes([packets.REPORT_V2, 0, 0, 0]) + socket.inet_aton(GROUP)), GROUP),
    bytes.fromhex("01005e010203"))
BURST = "-q 60 --startup-count 100 --startup-interval 0.1"  # ten queries a second
STREAM_RATE = 20000
LOAD_RUNS, LOAD_ROUNDS, QUEUE_LENGTH = 5, 60, 80  # the buffer for queries holds some 100
PAUSE = 0.02  # seconds in which a buffer is emptied
SETTLE = 0.3  # seconds after which whatever an event set off is over
MIB = 1 << 20


class Bench:
    """A host with the querier, a peer that sees what it sends, and the figures so far."""

    def __init__(self, lab, options):
        self.lab, self.options = lab, options
        self.host, self.peer = lab.pair(f"{ADDRESS}/24")
        self.peer.ip(f"address add {HIGHER}/24 dev eth0")
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.table = Table()
        self.add = self.table.add

    def querier(self, options, environment=None):
        return Program(self.host, laboratory.IGMP_QUERIER, "-i eth0 --jitter 0", options, environment=environment)

    def start_and_stop(self):
        first, cpu, stop = [], [], []
        for _ in range(self.options.repeat):
            querier = self.querier("-q 60")
            first.append(1e3 * (self.wire.wait_queries(1, since=querier.started)[0].time - querier.started))
            time.sleep(0.05)
            cpu.append(1e3 * querier.cpu_seconds())
            stop.append(1e3 * querier.stop())
        self.add("first query on the wire after exec", "ms", first, 8)
        self.add("processor time of a start", "ms", cpu, 15)
        self.add("end of the process after SIGTERM", "ms", stop, 3)

    def address_change(self):
        """Each lower address that is added becomes the source at once."""
        querier = self.querier("-q 60")
        self.wire.wait_queries(1, since=querier.started)
        took = []
        for last in range(199, 199 - self.options.repeat, -1):
            source = f"192.0.2.{last}"
            changed = add_address(self.host, source)
            took.append(1e3 * (self.wire.wait_queries(1, source=source)[0].time - changed))
        querier.stop()
        for last in range(199, 199 - self.options.repeat, -1):
            self.host.ip(f"address del 192.0.2.{last}/24 dev eth0")
        self.add("query from a new address after it was added", "ms", took, 50, "from the rtnetlink request")

    def idle(self, name, seconds, busy=None):
        """Lets time pass and counts what woke the program against what should have."""
        interval = max(1, seconds // 6)  # pings come at other moments, so that no wakeup serves both
        with contextlib.ExitStack() as cleanup:
            service = cleanup.enter_context(ServiceManager(self.lab, 1.4 * interval))
            # The second query is the first that a timer sends: what start-up has not used is in memory then.
            querier = self.querier(f"-q {interval} --startup-count 2 --startup-interval 0.1", service.environment)
            self.wire.wait_queries(2, since=querier.started)
            packets_sent = cleanup.enter_context(busy()) if busy else lambda: 0
            time.sleep(SETTLE)

            def now():
                return collections.Counter(
                    wakeups=querier.status("voluntary_ctxt_switches"),
                    preemptions=querier.status("nonvoluntary_ctxt_switches"),
                    queries=len(self.wire.queries(since=querier.started)),
                    pings=service.pings(), packets=packets_sent())
            before, cpu = now(), querier.cpu_seconds()
            time.sleep(seconds)
            cpu, after = querier.cpu_seconds() - cpu, now()
            querier.stop()
        counts = {kind: after[kind] - before[kind] for kind in after}
        events = counts["queries"] + counts["pings"] + counts["packets"]
        self.add(f"wakeups beyond one per event, {name}", "", [counts["wakeups"] - events], 0,
                 f"{seconds} s: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
        return cpu, counts["queries"]

    def idle_figures(self):
        seconds = self.options.seconds
        cpu, queries = self.idle("quiet link", seconds)
        self.add("processor time per query, one at a time", "µs", [1e6 * cpu / max(1, queries)],
                 note=f"watchdog pings and delivery to the peer included; {queries} queries")
        self.idle("reports arriving", seconds // 3, self.reports)
        before = self.received()
        self.idle(f"{STREAM_RATE} packets/s of multicast arriving", seconds // 3, self.stream)
        rate = (self.received() - before) / (seconds // 3 + 2 * SETTLE)
        self.table.figures[-1].note += f"; {rate:.0f} packets/s at the interface"

    @contextlib.contextmanager
    def reports(self):
        """Ten reports a second; yields how many so far."""
        sender = os.fork()
        if sender == 0:
            try:
                become_child()
                while True:
                    self.peer.send(REPORT)
                    time.sleep(0.1)
            finally:
                os._exit(1)
        try:
            yield lambda: sum(frame.is_igmp(packets.REPORT_V2) for frame in self.wire.frames())
        finally:
            os.kill(sender, signal.SIGTERM)
            os.waitpid(sender, 0)

    @contextlib.contextmanager
    def stream(self):
        sender = Program(self.peer, laboratory.IGMP_QUERIER, f"soak send -i eth0 -g {GROUP} --rate {STREAM_RATE}")
        try:
            yield lambda: 0  # none of them may reach the program
        finally:
            sender.stop()

    def received(self):
        return laboratory.link_json(self.host, "-s link show eth0")[0]["stats64"]["rx"]["packets"]

    def burst(self):
        """In a busy burst: threads, processor time and system calls per query."""
        querier = self.querier(BURST)
        self.wire.wait_queries(10, since=querier.started)
        start, cpu = time.time(), querier.cpu_seconds()
        time.sleep(5)
        queries = len(self.wire.queries(since=start))
        self.add("processor time per query, ten a second", "µs", [1e6 * (querier.cpu_seconds() - cpu) / queries],
                 note=f"delivery to the peer included; {queries} queries")
        self.system_calls(querier)
        self.add("threads", "", [querier.status("Threads")], 1)
        querier.stop()

    def memory(self):
        """How much it keeps, with its libraries shared as they happen to be on this machine, and alone."""
        querier = self.querier(BURST)
        self.wire.wait_queries(10, since=querier.started)
        resident, private = querier.memory()
        others = count_processes(laboratory.IGMP_QUERIER.name) - 1
        querier.stop()
        with tempfile.TemporaryDirectory() as directory:
            alone = Program(self.host, copy_with_libraries(laboratory.IGMP_QUERIER, directory), "-i eth0", BURST,
                            environment={"LD_LIBRARY_PATH": directory})
            self.wire.wait_queries(10, since=alone.started)
            _, private_alone = alone.memory()
            alone.stop()
        self.add("resident memory (RSS)", "MiB", [resident / MIB], 8)
        self.add("private memory (USS)", "MiB", [private / MIB], note=f"{others} other instances share its pages")
        self.add("private memory (USS) with unshared libraries", "MiB", [private_alone / MIB], 2,
                 "nobody else uses any but the C library's")

    def system_calls(self, querier):
        if not shutil.which("strace"):
            print("System calls are not counted: strace is not installed.\n")
            return
        trace = self.lab.directory / "trace"
        tracer = Program(self.host, shutil.which("strace"), f"-f -q -o {trace} -p {querier.pid}")
        laboratory.wait(lambda: querier.status("TracerPid"), what="strace attached")
        seen = len(self.wire.queries())
        self.wire.wait_queries(seen + 20)
        time.sleep(0.05)  # between two queries
        queries = len(self.wire.queries()) - seen
        with contextlib.suppress(RuntimeError):  # it ends as it was told to: by the signal
            tracer.stop(signal.SIGINT)
        calls = collections.Counter(re.findall(r"^\d+\s+(\w+)\(", trace.read_text(), re.MULTILINE))
        per_query = {name: round(count / queries) for name, count in calls.most_common()}
        self.add("system calls per query", "", [calls.total() / queries],
                 note=", ".join(f"{count} {name}" for name, count in per_query.items() if count))

    def load(self):
        """What a packet costs the program, against a program that only reads it."""
        queries, reports = "--queries", ""  # socket of the program that receives it
        kinds = {"query of the winner": (packets.general_query(LOWER), queries),
                 "query of a loser": (packets.general_query(HIGHER), queries),
                 "report": (REPORT, reports),
                 "bad checksum": (packets.ethernet(packets.ipv4(HIGHER, packets.query()[:-1] + b"\1")), queries)}
        for kind, load in kinds.items():
            ours, least = zip(*(self.load_once(*load) for _ in range(LOAD_RUNS)))
            ratio = statistics.median(our / other for our, other in zip(ours, least))
            self.add(f"processor time per packet, {kind}", "µs", ours,
                     note=f"{ratio:.1f} x a program that only reads")

    def load_once(self, frame, traffic):
        """Lets packets queue up while nobody reads, so that a wakeup is shared by many and none is lost."""
        querier = self.querier("-q 60 --startup-count 1")
        counter = Program(self.host, NULL_RECEIVER, traffic)
        self.wire.wait_queries(1, since=querier.started)
        laboratory.wait(counter.output.read_text, what="a null receiver that is ready")
        before = querier.cpu_seconds(), counter.cpu_seconds()
        for _ in range(LOAD_ROUNDS):
            for program in querier, counter:
                program.pause()
            self.peer.send(*[frame] * QUEUE_LENGTH)
            for program in querier, counter:
                os.kill(program.pid, signal.SIGCONT)
            time.sleep(PAUSE)
        time.sleep(SETTLE)
        spent = querier.cpu_seconds() - before[0], counter.cpu_seconds() - before[1]
        querier.stop()
        counter.stop()
        sent, counted = LOAD_ROUNDS * QUEUE_LENGTH, json.loads(counter.output.read_text().splitlines()[-1])["packets"]
        if counted != sent:
            raise RuntimeError(f"{counted} packets arrived of {sent}")
        return [1e6 * seconds / sent for seconds in spent]

    def idle_minute(self):
        """What a minute costs in which nobody asks anything, and what the system could not have back then."""
        querier = self.querier("-q 60 --startup-count 1")
        self.wire.wait_queries(1, since=querier.started)
        time.sleep(5)  # the first query of a minute is not at its edge
        before, cpu = querier.status("voluntary_ctxt_switches"), querier.cpu_seconds()
        time.sleep(60)
        cpu, wakeups = querier.cpu_seconds() - cpu, querier.status("voluntary_ctxt_switches") - before
        self.add("processor time of an idle minute", "ms", [1e3 * cpu], 0.6, f"{wakeups} wakeups")
        dirty = Account(querier.pid).dirty_memory()
        querier.stop()
        largest = sorted(dirty.items(), key=lambda entry: -entry[1])[:4]
        self.add("private dirty memory beyond the rings", "KiB", [sum(dirty.values()) / 1024], 400,
                 f"{len(dirty)} mappings: " + ", ".join(f"{size // 1024} {pathlib.Path(name).name}" for name, size in largest))

    def size(self):
        stripped = self.lab.directory / "stripped"
        subprocess.run(["strip", "-o", stripped, laboratory.IGMP_QUERIER], check=True)
        self.add("size of the stripped program", "MiB", [stripped.stat().st_size / MIB])

    def build(self):
        directory = self.lab.directory / "build"
        start = time.monotonic()
        for command in (["cmake", "--preset", "release", "-DIGMP_QUERIER_PAGE=OFF", "-B", directory],
                        ["cmake", "--build", directory, "-j", "2", "--target", "igmp-querier"]):
            subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        self.add("release build from scratch, two jobs", "s", [time.monotonic() - start], 120)


def add_address(namespace, address, interface="eth0"):
    """Adds an address by rtnetlink and returns the moment before the request."""
    request_and_acknowledge, new_address, universe = 0x0005, 20, 0
    data = socket.inet_aton(address)
    with namespace.entered(), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        body = struct.pack("=BBBBI", socket.AF_INET, 24, 0, universe, socket.if_nametoindex(interface))
        for attribute in 1, 2:  # IFA_ADDRESS, IFA_LOCAL
            body += struct.pack("=HH", 8, attribute) + data
        request = struct.pack("=IHHII", 16 + len(body), new_address, request_and_acknowledge, 1, 0) + body
        moment = time.time()
        netlink.send(request)
        error = struct.unpack("=i", netlink.recv(4096)[16:20])[0]
    if error:
        raise OSError(-error, os.strerror(-error))
    return moment


def describe_machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return (f"{model[1] if model else os.uname().machine}, {os.cpu_count()} processors, Linux {os.uname().release}, "
            f"load average {os.getloadavg()[0]:.1f} at the start.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=20, metavar="N",
                        help="starts, stops and changes (default %(default)s)")
    parser.add_argument("--seconds", type=int, default=60, metavar="S",
                        help="length of the idle period (default %(default)s)")
    parser.add_argument("--marks", action="store_true", help="only start, stop, an idle minute and dirty memory")
    parser.add_argument("--build", action="store_true", help="also time a release build from scratch")
    parser.add_argument("--assert", action="store_true", dest="strict", help="exit 1 if a bound is exceeded")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("it makes network namespaces: run it as root")
    needed = [laboratory.IGMP_QUERIER] + [NULL_RECEIVER] * (not options.marks)
    for program in needed:
        if not os.access(program, os.X_OK):
            parser.error(f"no program at {program}: bench/run builds it")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    print(describe_machine())
    with temporary_lab() as lab:
        bench = Bench(lab, options)
        bench.start_and_stop()
        bench.idle_minute()
        if not options.marks:
            bench.size()
            bench.address_change()
            bench.memory()
            bench.burst()
            bench.idle_figures()
            bench.load()
        if options.build:
            bench.build()
    print(bench.table)
    return bench.table.exit_status() if options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
