#!/usr/bin/env python3
"""Measures the cost of a stream on its interface for the daemon, which must receive none of it; prints Markdown.

Exits with 1 if it wakes more often than in an idle run of the same length. Everything happens between network
namespaces that vanish with this process; it needs root. The sender has one processor, the daemon another.
"""

import argparse
import pathlib
import signal
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from harness import lab as laboratory  # noqa: E402
from harness import packets  # noqa: E402
from processes import temporary_lab  # noqa: E402
from receivers import Ours, obstacle, queries, storm  # noqa: E402

GROUPS, DATA = 100, 1316  # groups of the stream, and bytes of each packet: seven of an MPEG transport stream
FRAME = 14 + 20 + 8 + DATA
STREAM = f"--version data --groups {GROUPS} --size {DATA}"
RATE = 100_000_000 // 8 // FRAME  # packets a second that make 100 Mbit/s
TRIAL = 100_000  # packets that show how fast the sender is


def received(namespace):
    return laboratory.link_json(namespace, "-s link show eth0")[0]["stats64"]["rx"]["packets"]


class Run:
    """The daemon while something goes on."""

    def __init__(self, ours, wire, name, act):
        account = ours.account
        cpu, wakeups, arrived, since = account.cpu_seconds(), account.switches()[0], received(ours.host), time.time()
        start = time.monotonic()
        act()
        self.name, self.seconds = name, time.monotonic() - start
        self.cpu = account.cpu_seconds() - cpu
        self.wakeups = account.switches()[0] - wakeups
        self.packets = received(ours.host) - arrived
        self.queries = len(queries(wire, since))

    def undue(self):
        """Times that it woke for anything but its own queries."""
        return self.wakeups - self.queries

    def __str__(self):
        rate = self.packets / self.seconds
        return (f"| {self.name} | {self.seconds:.1f} | {self.packets:,} | {rate:,.0f} | {rate * FRAME * 8 / 1e6:,.0f} "
                f"| {self.queries} | {self.wakeups} | {1e3 * self.cpu:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=15, metavar="S", help="of each run (default %(default)s)")
    options = parser.parse_args()
    if reason := obstacle():
        parser.error(reason)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    with temporary_lab() as lab:
        ours = Ours(lab)
        wire = ours.peer.capture(protocol=packets.IGMP)
        with ours.running(2, interval=4, response=1):
            fastest = storm(ours.peer, f"{STREAM} --packets {TRIAL}")["rate"]

            def stream(rate):
                storm(ours.peer, f"{STREAM} --packets {int(rate * options.seconds)}",
                      "" if rate == fastest else f"--rate {rate}")

            runs = [Run(ours, wire, "nothing arrives", lambda: time.sleep(options.seconds)),
                    Run(ours, wire, "100 Mbit/s", lambda: stream(RATE)),
                    Run(ours, wire, "as fast as a processor sends", lambda: stream(fastest))]
    print("| | s | packets that arrived | packets/s | Mbit/s | queries sent | times it woke | processor time, ms |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    print(*runs, sep="\n")
    idle, *streams = runs
    if any(run.packets < 0.9 * RATE * options.seconds for run in streams):
        print("\nThe stream did not arrive: this shows nothing.")
        return 1
    return int(any(run.undue() > max(0, idle.undue()) for run in streams))


if __name__ == "__main__":
    sys.exit(main())
