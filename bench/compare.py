#!/usr/bin/env python3
"""Measures the daemon against programs that only count what it receives, and against FRR's pimd; prints Markdown.

In one run and in turn: the sender has one processor, the receiver another. The kernel's work of delivering a packet is
the sender's there; what is counted is the processor time of the receiver. Everything happens between network namespaces
that vanish with this process; it needs root. Every figure is the median of the repetitions; --json keeps them all.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import signal
import statistics
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from chart import Chart, Panel  # noqa: E402
from harness import lab as laboratory  # noqa: E402
from manners import Manners  # noqa: E402
from processes import temporary_lab  # noqa: E402
from receivers import (Null, Ours, OursUntracked, Pimd, PlainNull, RECEIVER, SENDER, obstacle, storm)  # noqa: E402

SIZES = 1000, 10_000, 100_000
VERSIONS = 2, 3
REFRESHES = 100_000  # packets of a storm of refreshes, at least
PACE, PACED = 20_000, 20_000  # packets a second, and how many
WARMING = 5000  # packets: more than a buffer holds
FILL_PACE, FILLS = 10_000, 2  # at which nobody loses any, and how often it is tried
RESULTS = REPOSITORY / "build/bench/compare.json"


@dataclasses.dataclass
class Sample:
    """What one receiver made of one load."""

    receiver: str
    version: int
    groups: int
    load: str
    sent: int
    received: int
    known: int
    rate: float  # packets a second that the sender reached
    cpu: float
    switches: list

    def per_report(self):
        """Microseconds of its processor time for each report that it got."""
        return 1e6 * self.cpu / max(1, self.received)

    def lost(self):
        return 100 * max(0, self.sent - self.received) / self.sent


def measure(receiver, version, groups, load, packets, rate="max"):
    cpu, before, (received, _) = receiver.settle(), receiver.account.switches(), receiver.counts()
    cpu = receiver.settle()  # what the question cost is not what the answer is about
    sent = storm(receiver.peer, f"--version {version} --groups {groups} --packets {packets} --rate {rate}")
    used, after = receiver.settle() - cpu, receiver.account.switches()
    now, known = receiver.counts()
    return Sample(receiver.name, version, groups, load, sent["packets"], now - received, known, sent["rate"], used,
                  [late - early for late, early in zip(after, before)])


def measure_all(receiver, version, groups):
    """Joins, refreshes at full speed, refreshes at a steady pace; and the memory of a group, in bytes."""
    samples, memory = [], None
    with receiver.running(version):
        # All memory through which packets pass is there before the first that counts.
        storm(receiver.peer, f"--version {version} --groups 1 --packets {WARMING} --rate {PACE}")
        receiver.settle()
        empty = receiver.account.memory()[1]
        samples.append(measure(receiver, version, groups, "joins", groups))
        if receiver.has_table:
            for _ in range(FILLS):  # a refresh is one only if the group is known
                if samples[-1].received >= groups:
                    break
                samples.append(measure(receiver, version, groups, "fill", groups, FILL_PACE))
            memory = (receiver.account.memory()[1] - empty) / max(1, samples[-1].known)
        samples.append(measure(receiver, version, groups, "refreshes", max(groups, REFRESHES)))
        samples.append(measure(receiver, version, groups, "paced", PACED, PACE))
    return samples, memory


class Comparison:
    def __init__(self, lab, options):
        self.options = options
        self.receivers = [kind(lab) for kind in (Ours, Null, PlainNull, Pimd)]
        self.untracked = OursUntracked(lab)
        self.samples, self.memory = [], {}

    def run(self):
        for number in range(self.options.repeat):
            for version in VERSIONS:
                for groups in self.options.sizes:
                    for receiver in self.receivers:
                        self._add(receiver, version, groups, number)
                self._add(self.untracked, version, max(self.options.sizes), number)

    def _add(self, receiver, version, groups, number):
        print(f"{number + 1}/{self.options.repeat} IGMPv{version} {groups:>7} groups: {receiver.name}", file=sys.stderr)
        samples, memory = measure_all(receiver, version, groups)
        self.samples += samples
        if memory is not None:
            self.memory.setdefault((receiver.name, version, groups), []).append(memory)

    def median(self, value, receiver, version, groups, load):
        return statistics.median(value(sample) for sample in self.samples
                                 if (sample.receiver, sample.version, sample.groups, sample.load)
                                 == (receiver.name, version, groups, load))

    def table(self, title, value, loads, digits, ratios=False):
        """One column a receiver; smaller is better."""
        names = [receiver.name for receiver in self.receivers]
        head = ["", *names] + ["ours / null", "ours / plain null", "pimd / ours"] * ratios
        lines = [f"\n{title}\n", row(head), rule(len(head) - 1)]
        for load in loads:
            for version in VERSIONS:
                for groups in self.options.sizes:
                    values = [self.median(value, receiver, version, groups, load) for receiver in self.receivers]
                    cells = [f"{load}, IGMPv{version}, {groups:,} groups", *(f"{v:.{digits}f}" for v in values)]
                    if ratios:
                        ours, null, plain, pimd = (max(v, 1e-9) for v in values)
                        cells += [f"{ours / null:.2f}", f"{ours / plain:.2f}", f"{pimd / ours:.1f}"]
                    lines.append(row(cells))
        return lines

    def memory_table(self):
        having = [receiver for receiver in self.receivers if receiver.has_table] + [self.untracked]
        lines = ["\n### Bytes of memory for each group, with one host\n", row(["", *(r.name for r in having)]),
                 rule(len(having))]
        for version in VERSIONS:
            for groups in self.options.sizes:
                found = [self.memory.get((receiver.name, version, groups)) for receiver in having]
                lines.append(row([f"IGMPv{version}, {groups:,} groups",
                                  *(f"{statistics.median(f):.0f}" if f else "-" for f in found)]))
        return lines

    def markdown(self):
        lines = self.table("### Processor time per report received, µs, the sender at full speed",
                           Sample.per_report, ("joins", "refreshes"), 2, ratios=True)
        rates = [s.rate / 1000 for s in self.samples if s.load == "refreshes"]
        lines.append(f"\nThe sender reached {min(rates):.0f} to {max(rates):.0f} thousand packets a second.")
        lines += self.table("### Packets lost, %, the sender at full speed", Sample.lost, ("joins", "refreshes"), 1)
        lines += self.table(f"### Processor time per report, µs, at {PACE:,} packets a second", Sample.per_report,
                            ("paced",), 2, ratios=True)
        lines += self.table(f"### Times that it went to sleep, per 1,000 packets, at {PACE:,} packets a second",
                            lambda s: 1000 * s.switches[0] / s.sent, ("paced",), 0)
        return lines + self.memory_table()

    def chart(self):
        panels = []
        for version in VERSIONS:
            curves = {receiver.name: [(groups, self.median(Sample.per_report, receiver, version, groups, "refreshes"))
                                      for groups in self.options.sizes] for receiver in self.receivers}
            panels.append(Panel(f"IGMPv{version}: a refresh at full speed", "groups", "µs of processor time", curves))
        having = [receiver for receiver in self.receivers if receiver.has_table]
        curves = {receiver.name: [(groups, max(1, statistics.median(self.memory[receiver.name, 2, groups])))
                                  for groups in self.options.sizes] for receiver in having}
        panels.append(Panel("IGMPv2: memory of a group", "groups", "bytes", curves))
        return Chart(panels, [receiver.name for receiver in self.receivers])


def row(cells):
    return "| " + " | ".join(cells) + " |"


def rule(columns):
    return "|---|" + "---:|" * columns


def describe_machine():
    place = "one processor for both" if SENDER == RECEIVER else "sender and receiver each on one of them"
    return (f"{os.cpu_count()} processors ({place}), Linux {os.uname().release.split('-')[0]}, "
            f"load average {os.getloadavg()[0]:.1f} at the start.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="default %(default)s")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="GROUPS")
    parser.add_argument("--seconds", type=int, default=30, metavar="S", help="length of the idle period")
    parser.add_argument("--json", type=pathlib.Path, default=RESULTS, metavar="FILE", help="default %(default)s")
    parser.add_argument("--svg", type=pathlib.Path, default=RESULTS.with_suffix(".svg"), metavar="FILE",
                        help="default %(default)s")
    options = parser.parse_args()
    if reason := obstacle():
        parser.error(reason)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    machine = describe_machine()
    laboratory.isolate()
    with temporary_lab() as lab:
        manners = Manners(lab, options)
        manners.run()
        comparison = Comparison(lab, options)
        comparison.run()
        lab.processes.clear()
    print(machine)
    print(*manners.markdown(), *comparison.markdown(), sep="\n")
    options.json.write_text(json.dumps(
        {"machine": machine, "samples": [dataclasses.asdict(sample) for sample in comparison.samples],
         "bytes per group": [[*key, values] for key, values in comparison.memory.items()],
         "manners": manners.figures}, indent=1) + "\n")
    options.svg.write_text(comparison.chart().svg())


if __name__ == "__main__":
    main()
