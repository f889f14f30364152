#!/usr/bin/env python3
"""Measures queriers of a campus: each serves every VLAN of a trunk, and hosts in each VLAN answer; prints Markdown.

One of the queriers is elected in all VLANs. The first lines are of LANs without hosts, the next of the same with hosts.
Everything happens between network namespaces that vanish with this process; it needs root. Processor time is that of each
querier alone; its packets arrive on the processor time of whoever sends them, as on any pair of virtual links.
"""

import argparse
import heapq
import pathlib
import random
import signal
import socket
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from figures import Table  # noqa: E402
from harness import filters, packets  # noqa: E402
from harness import lab as laboratory  # noqa: E402
from processes import Account, Program, interfaces, temporary_lab  # noqa: E402

BEFORE = 75  # seconds in which each LAN gets a periodic query: those of a start are over, and come apart now
TURN = 0.01  # seconds between two looks at what is due
COMMON = "239.255.255.250"  # of all hosts


def subnet(vlan):
    return f"10.{vlan >> 8}.{vlan & 255}"


class Hosts:
    """The hosts of all VLANs behind one port: each answers each query within the response time that it gives."""

    def __init__(self, namespace, options):
        self.capture = namespace.capture(program=filters.QUERIES)
        with namespace.entered():
            self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sender.bind(("eth0", 0))
        self.chance = random.Random(1)
        self.due, self.number = [], 0
        self.queries = self.reports = 0
        self.answers = {}
        self.options = options

    def close(self):
        self.sender.close()

    def of(self, vlan):
        """The frames with which each host of a VLAN answers."""
        if vlan not in self.answers:
            self.answers[vlan] = [self.answer(vlan, 10 + host) for host in range(self.options.hosts)]
        return self.answers[vlan]

    def answer(self, vlan, host):
        source, groups = f"{subnet(vlan)}.{host}", [COMMON, f"239.1.{host}.1"]
        if self.options.igmp_version == 3:
            reports = [(packets.report_v3(*(packets.record(packets.IS_EX, group) for group in groups)), "224.0.0.22")]
        else:
            reports = [(packets.report(group), group) for group in groups]
        return [packets.ethernet(packets.ipv4(source, body, destination), self.mac(destination), vlan=vlan)
                for body, destination in reports]

    @staticmethod
    def mac(group):
        parts = [int(part) for part in group.split(".")]
        return bytes([1, 0, 0x5E, parts[1] & 0x7F, *parts[2:]])

    def live(self, seconds, answering):
        """Counts queries, and has the hosts answer them."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for frame in self.capture.take():
                self.queries += 1
                if answering:
                    self.promise(frame, now)
            while self.due and self.due[0][0] <= now:
                _, _, frame = heapq.heappop(self.due)
                self.sender.send(frame)
                self.reports += 1
            time.sleep(TURN)

    def promise(self, query, now):
        longest = query.payload[1] / 10
        for frames in self.of(query.vlan):
            for frame in frames:
                self.number += 1
                heapq.heappush(self.due, (now + self.chance.uniform(0, longest), self.number, frame))


class Querier:
    """One of the queriers, and what it has used since the last look."""

    def __init__(self, lab, hub, number, options):
        self.lab = lab
        self.host = lab.host(hub, f"querier{number}")
        file, self.api = lab.directory / f"campus{number}.toml", lab.directory / f"campus{number}.sock"
        tables = (f'[interface.eth0.vlan.{vlan}]\naddress = "{subnet(vlan)}.{number}/24"\n'
                  for vlan in range(1, options.vlans + 1))
        file.write_text("".join(tables))
        self.program = Program(self.host, laboratory.IGMP_QUERIER,
                               f"-c {file} --api-socket {self.api} --igmp-version {options.igmp_version}")
        laboratory.wait(self.api.is_socket, 60, "the API")
        self.account = Account(self.program.pid)
        self.mark()

    def mark(self):
        self.cpu, self.wakeups, self.since = self.account.cpu_seconds(), self.account.switches()[0], time.monotonic()

    def used(self):
        """Processor seconds and times that it woke, each for a second."""
        seconds = time.monotonic() - self.since
        return ((self.account.cpu_seconds() - self.cpu) / seconds, (self.account.switches()[0] - self.wakeups) / seconds)


def show(table, what, queriers, hosts, seconds):
    """Adds what each querier used while the hosts lived, and returns what the elected one used for a second."""
    table.add(f"{what}: General Queries", "per s", hosts.queries / seconds)
    table.add(f"{what}: reports", "per s", hosts.reports / seconds)
    shares = []
    for number, querier in enumerate(queriers):
        role = "elected querier" if number == 0 else f"standby {number}"
        share, wakeups = querier.used()
        shares.append(share)
        table.add(f"{what}, {role}: processor", "%", 100 * share)
        table.add(f"{what}, {role}: wakeups", "per s", wakeups)
        table.add(f"{what}, {role}: private memory", "MiB", querier.account.memory()[1] / (1 << 20))
    return shares[0]


def measure(lab, options, table):
    hub = laboratory.Hub(lab)
    hosts = Hosts(lab.host(hub, "hosts"), options)
    lab.cleanup.callback(hosts.close)
    queriers = [Querier(lab, hub, number, options) for number in range(1, options.queriers + 1)]
    share = {}
    for what, answering in ("no hosts", False), (f"{options.vlans * options.hosts:,} hosts", True):
        hosts.live(BEFORE, answering)
        hosts.queries = hosts.reports = 0
        for querier in queriers:
            querier.mark()
        hosts.live(options.seconds, answering)
        share[answering] = show(table, f"{options.vlans:,} VLANs, {what}", queriers, hosts, options.seconds)
        if not answering:
            table.add("of that for a query", "µs", 1e6 * share[False] * options.seconds / hosts.queries)
    table.add("of that for a report", "µs", 1e6 * (share[True] - share[False]) * options.seconds / hosts.reports)
    known = sum(entry["groups-count"] for entry in interfaces(queriers[0].api))
    expected = options.vlans * (options.hosts + 1)
    if known != expected:
        raise RuntimeError(f"the querier knows {known} groups of {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vlans", type=int, default=4000, metavar="N", help="default %(default)s")
    parser.add_argument("--hosts", type=int, default=25, metavar="N", help="in each VLAN; default %(default)s")
    parser.add_argument("--queriers", type=int, default=3, metavar="N", help="default %(default)s")
    parser.add_argument("--igmp-version", type=int, choices=[2, 3], default=2, help="default %(default)s")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="of each measurement; default %(default)s")
    options = parser.parse_args()
    if reason := laboratory.obstacle():
        parser.error(reason)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    table = Table()
    with temporary_lab() as lab:
        try:
            measure(lab, options, table)
        finally:
            print(table)
    return table.exit_status()


if __name__ == "__main__":
    sys.exit(main())
