#!/usr/bin/python3
"""How late queries are while other programs keep every processor busy, by how the daemon is scheduled."""

import argparse
import contextlib
import itertools
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/lab"))
from harness import lab as laboratory  # noqa: E402
from harness import packets  # noqa: E402
from processes import Account, temporary_lab  # noqa: E402

INTERVAL = 0.2  # seconds between queries; the longest burst lasts 20 s
PACE = f"-q 60 --startup-count 100 --startup-interval {INTERVAL} --jitter 0"
GROUPS = pathlib.Path("/sys/fs/cgroup/cpu")  # version 1; its 1024 shares are a weight of 100
# Whose priority the daemon has: a prefix of its command, and its weight where it has a group of its own.
OURS = {
    "nothing": ([], None),
    "Nice=-10": (["nice", "-n", "-10"], None),
    "Nice=-20": (["nice", "-n", "-20"], None),
    "CPUWeight=100": ([], 100),
    "CPUWeight=1000": ([], 1000),
    "CPUWeight=10000": ([], 10000),
    "Nice=-10, CPUWeight=100": (["nice", "-n", "-10"], 100),
    "CPUSchedulingPolicy=rr": (["chrt", "--rr", "1"], None),
}
OTHERS = {"nobody": None, "nice 0": ["nice", "-n", "0"], "nice -20": ["nice", "-n", "-20"], "rr 1": ["chrt", "--rr", "1"]}

COMPARED = {"nobody": ["nothing"], "rr 1": ["CPUWeight=100", "CPUSchedulingPolicy=rr"]}


class Groups:
    """Groups of processes: one for each, as systemd makes it for a service with a weight, or one that both share."""

    def __init__(self):
        self.root = GROUPS / f"contention-{os.getpid()}"
        self._make(self.root, 100, 900_000)

    @staticmethod
    def _make(group, weight, real_time):
        group.mkdir(exist_ok=True)
        (group / "cpu.shares").write_text(str(weight * 1024 // 100))
        limit = group / "cpu.rt_runtime_us"  # of a second; there only if the kernel shares out that as well
        if limit.exists():
            limit.write_text(str(real_time))

    def make(self, name, weight, real_time):
        self._make(self.root / name, weight, real_time)
        return self.root / name

    def remove(self):
        for group in [*self.root.iterdir(), self.root]:
            with contextlib.suppress(OSError):
                group.rmdir()


def into(group, command):
    """The command, run in a group."""
    return ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh", *map(str, command)]


@contextlib.contextmanager
def busy(group, prefix, count):
    programs = [subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *into(group, [*prefix, "sh", "-c", "while :; do :; done"])])
                for _ in range(count if prefix else 0)]
    try:
        yield
    finally:
        for program in programs:
            program.send_signal(signal.SIGKILL)
            program.wait()


def measure(groups, prefix, weight, others, options):
    """Delays in milliseconds, and the processor time that the daemon took, in milliseconds a query."""
    shared = groups.make("shared", 100, 800_000)
    own = groups.make("own", weight, 0) if weight else shared
    with temporary_lab() as lab:
        host, peer = lab.pair()
        wire = peer.capture(protocol=packets.IGMP)
        host.start(*into(own, [*prefix, laboratory.IGMP_QUERIER, "-i", "eth0", *PACE.split()]))
        wire.wait_queries(3, timeout=30)
        [pid] = [int(pid) for pid in (own / "cgroup.procs").read_text().split()]
        with busy(shared, OTHERS[others], options.busy):
            time.sleep(1)
            start, before = time.time(), Account(pid).cpu_seconds()
            time.sleep(options.seconds)
            used = Account(pid).cpu_seconds() - before
            wire.wait_queries(1, timeout=30, since=time.time() - INTERVAL)
        times = [frame.time for frame in wire.queries() if frame.time > start]
        lab.processes.clear()  # whose logs nobody wants to read
    late = sorted(1e3 * (after - before - INTERVAL) for before, after in itertools.pairwise(times))
    return late, 1e3 * used / len(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=12, help="of each measurement; default %(default)s")
    parser.add_argument("--busy", type=int, default=2 * os.cpu_count(), help="processes; default: two for each processor")
    options = parser.parse_args()
    if reason := laboratory.obstacle():
        parser.error(reason)
    if not (GROUPS / "cpu.shares").exists():
        parser.error(f"needs the cpu controller of cgroup version 1 at {GROUPS}")
    laboratory.isolate()
    groups = Groups()
    print(f"{options.busy} busy processes on {os.cpu_count()} processors, Linux {os.uname().release}, a query each "
          f"{INTERVAL:g} s for {options.seconds:g} s; load average {os.getloadavg()[0]:.1f} at the start\n")
    print("| the daemon | the others | median, ms late | 95 %, ms late | latest, ms | processor time of a query, ms |\n"
          "|---|---|---:|---:|---:|---:|")
    try:
        for others, (name, (prefix, weight)) in itertools.product(OTHERS, OURS.items()):
            if name not in COMPARED.get(others, OURS):
                continue
            late, used = measure(groups, prefix, weight, others, options)
            print(f"| {name} | {others} | {statistics.median(late):.2f} | {late[len(late) * 95 // 100]:.1f} | {late[-1]:.1f} "
                  f"| {used:.2f} |", flush=True)
    finally:
        groups.remove()


if __name__ == "__main__":
    main()
