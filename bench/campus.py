#!/usr/bin/env python3
"""Measures queriers of a campus: each serves every VLAN of a trunk, and hosts in each VLAN answer; prints Markdown.

One of the queriers is elected in all VLANs. The first row is of LANs without hosts, the second of the same with hosts.
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

    def __init__(self, namespace, count, version):
        self.capture = namespace.capture(program=filters.QUERIES)
        with namespace.entered():
            self.sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sender.bind(("eth0", 0))
        self.chance = random.Random(1)
        self.due, self.number = [], 0
        self.queries = self.reports = 0
        self.answers = {}
        self.count, self.version = count, version

    def close(self):
        self.sender.close()

    def of(self, vlan):
        """The frames with which each host of a VLAN answers."""
        if vlan not in self.answers:
            self.answers[vlan] = [self.answer(vlan, 10 + host) for host in range(self.count)]
        return self.answers[vlan]

    def answer(self, vlan, host):
        source, groups = f"{subnet(vlan)}.{host}", [COMMON, f"239.1.{host}.1"]
        if self.version == 3:
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

    def __init__(self, lab, hub, number, vlans, version):
        self.lab = lab
        self.host = lab.host(hub, f"querier{number}")
        file, self.api = lab.directory / f"campus{number}.toml", lab.directory / f"campus{number}.sock"
        tables = (f'[interface.eth0.vlan.{vlan}]\naddress = "{subnet(vlan)}.{number}/24"\n'
                  for vlan in range(1, vlans + 1))
        file.write_text("".join(tables))
        self.program = Program(self.host, laboratory.IGMP_QUERIER,
                               f"-c {file} --api-socket {self.api} --igmp-version {version}")
        laboratory.wait(self.api.is_socket, 60, "the API")
        self.account = Account(self.program.pid)
        self.mark()

    def mark(self):
        self.cpu, self.wakeups, self.since = self.account.cpu_seconds(), self.account.switches()[0], time.monotonic()

    def used(self):
        """Processor seconds and times that it woke, each for a second."""
        seconds = time.monotonic() - self.since
        return ((self.account.cpu_seconds() - self.cpu) / seconds, (self.account.switches()[0] - self.wakeups) / seconds)


HEAD = ("| VLANs | hosts | IGMP | queries per s | reports per s | elected: processor, % | wakeups per s | private memory, MiB "
        "| standby: processor, % | wakeups per s | private memory, MiB |\n|" + "---:|" * 11)


def row(vlans, population, version, hosts, queriers, seconds):
    """What has passed, and what the elected querier and the first standby used for it."""
    cells = [f"{vlans:,}", f"{population:,}", f"v{version}", f"{hosts.queries / seconds:.1f}", f"{hosts.reports / seconds:,.0f}"]
    for querier in queriers[:2]:
        share, wakeups = querier.used()
        cells += [f"{100 * share:.2f}", f"{wakeups:.0f}", f"{querier.account.memory()[1] / (1 << 20):.1f}"]
    return "| " + " | ".join(cells) + " |"


def measure(lab, options, vlans, version):
    """The rows of LANs without hosts, and with."""
    hub = laboratory.Hub(lab)
    hosts = Hosts(lab.host(hub, "hosts"), options.hosts, version)
    lab.cleanup.callback(hosts.close)
    queriers = [Querier(lab, hub, number, vlans, version) for number in range(1, options.queriers + 1)]
    for answering in False, True:
        hosts.live(BEFORE, answering)
        hosts.queries = hosts.reports = 0
        for querier in queriers:
            querier.mark()
        hosts.live(options.seconds, answering)
        yield row(vlans, vlans * options.hosts * answering, version, hosts, queriers, options.seconds)
    known, expected = (sum(entry["groups-count"] for entry in interfaces(queriers[0].api)), vlans * (options.hosts + 1))
    if known != expected:
        raise RuntimeError(f"the querier knows {known} groups of {expected}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vlans", type=int, nargs="+", default=[4000], metavar="N", help="default 4000")
    parser.add_argument("--hosts", type=int, default=25, metavar="N", help="in each VLAN; default %(default)s")
    parser.add_argument("--queriers", type=int, default=3, metavar="N", help="default %(default)s")
    parser.add_argument("--igmp-version", type=int, choices=[2, 3], nargs="+", default=[2], help="default 2")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="of each measurement; default %(default)s")
    options = parser.parse_args()
    if reason := laboratory.obstacle():
        parser.error(reason)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    print(HEAD)
    for version in options.igmp_version:
        for vlans in options.vlans:
            with temporary_lab() as lab:
                for line in measure(lab, options, vlans, version):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
