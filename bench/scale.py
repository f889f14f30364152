#!/usr/bin/env python3
"""Measures one process that serves a thousand interfaces, all VLANs of a trunk, and one interface with a million groups;
prints Markdown.

Exits with 1 if a bound is exceeded. Everything happens between network namespaces that vanish with this process; it
needs root. Time on the wall is that until the program has nothing more to do.
"""

import argparse
import collections
import os
import pathlib
import resource
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
from harness.news import News  # noqa: E402
from processes import Account, Program, interfaces, temporary_lab  # noqa: E402
from receivers import Ours, OursUntracked, obstacle, storm  # noqa: E402

GROUPS, HOSTS = 100, 10  # on each interface, and of each group
QUIET, STEP, STILL = 1.2, 0.02, 0.0003  # seconds without work that end a step; how often to look; what is no work
LIMIT = 60  # seconds that a step may take
PACE, ROUNDS = 100_000, 4  # reports a second of the million; while some are missing, half as many in the next round


class Step:
    """What the program took for something: on the wall, on the processor, and since the kernel's last news."""

    def __init__(self, program, act, news=None):
        account = Account(program.pid)
        self.cpu = account.cpu_seconds()
        start = time.monotonic()
        act()
        busy = told = time.monotonic()
        last = account.cpu_seconds()
        while time.monotonic() < max(busy, told) + QUIET and busy < start + LIMIT:
            time.sleep(STEP)
            if news is not None and news.read():
                told = time.monotonic()
            used = account.cpu_seconds()
            if used - last > STILL:
                busy = time.monotonic()
            last = used
        self.wall, self.cpu, self.late = busy - start, last - self.cpu, max(0, busy - told)


class Interfaces:
    """A host that has many links to one peer, and the program that serves them all."""

    def __init__(self, lab, count, table):
        self.count, self.table = count, table
        self.directory = lab.directory
        self.host, self.peer = lab.namespace("host"), lab.namespace("peer")
        self.settings, self.api = self.directory / "scale.toml", self.directory / "scale.sock"
        self.news = News(self.host)
        start = time.monotonic()
        self.batch(self.host, "link add {0} type veth peer name {0} netns " + self.peer.name)
        self.batch(self.peer, "link set {0} up")
        self.batch(self.host, "link set {0} up")
        self._addresses()
        print(f"{count} links made in {time.monotonic() - start:.1f} s", file=sys.stderr)

    def batch(self, namespace, *commands):
        """Has ip do the same for each link, in one process."""
        file = self.directory / "batch"
        file.write_text("".join(command.format(f"v{n}") + "\n" for n in range(self.count) for command in commands))
        laboratory.run("ip", "-n", namespace.name, "-batch", file)

    def _addresses(self):
        file = self.directory / "batch"
        file.write_text("".join(f"address add 10.{n >> 8}.{n & 255}.1/24 dev v{n}\n" for n in range(self.count)))
        laboratory.run("ip", "-n", self.host.name, "-batch", file)

    def write_settings(self, robustness):
        self.settings.write_text(f"[defaults.igmp]\nrequire-same-subnet = false\nrobustness-variable = {robustness}\n"
                                 '[interface."v*"]\n')

    def start(self):
        self.program = Program(self.host, laboratory.IGMP_QUERIER, f"-c {self.settings} --api-socket {self.api}",
                               "-q 3600 --startup-count 1 --igmp-version 3")

    def expect(self, what, **values):
        """Every interface has these values now."""
        seen = collections.Counter(all(interface[name.replace("_", "-")] == value for name, value in values.items())
                                   for interface in interfaces(self.api))
        if seen != {True: self.count}:
            raise RuntimeError(f"after {what}: {seen[True]} interfaces of {self.count} have {values}")

    def link_step(self, what, act, cpu, role):
        """The kernel takes its time to tell of many links: what counts is how far behind it the program is."""
        done = Step(self.program, act, self.news)
        self.expect(what, role=role)
        self.table.add(f"{what}: time behind the kernel's last word of it", "s", done.late, 2,
                       f"which came after {done.wall - done.late:.1f} s")
        self.table.add(f"{what}: processor time", "s", done.cpu, cpu)

    def step(self, what, act, wall, cpu, **expected):
        done = Step(self.program, act)
        self.expect(what, **expected)
        self.table.add(f"{what}: time on the wall", "s", done.wall, wall)
        self.table.add(f"{what}: processor time", "s", done.cpu, cpu)

    def memory(self):
        return Account(self.program.pid).memory()[1]

    def join(self, hosts):
        """Each of these hosts joins every group on every link, all groups with one report."""
        records = [packets.record(packets.IS_EX, f"239.1.0.{n}") for n in range(GROUPS)]
        frames = [packets.ethernet(packets.ipv4(f"10.255.0.{host + 2}", packets.report_v3(*records),
                                                destination="224.0.0.22")) for host in hosts]
        with self.peer.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
            for n in range(self.count):
                for frame in frames:
                    sender.sendto(frame, (f"v{n}", 0x0800))
                time.sleep(0.001)

    def flap(self, *states):
        for state in states:
            self.batch(self.peer, "link set {0} " + state)

    def measure(self):
        many = f"{self.count:,} interfaces"
        self.write_settings(2)
        self.start()
        before = time.time() - self.program.started
        took = Step(self.program, lambda: laboratory.wait(self.api.is_socket, LIMIT, "the API"))
        self.table.add(f"start of {many}: time on the wall", "s", before + took.wall, 5)
        self.table.add(f"start of {many}: processor time", "s", self.program.cpu_seconds(), 3)
        self.expect("a start", role="querier")
        idle = self.memory()
        self.table.add("private memory for each idle interface", "bytes", idle / self.count, 40960,
                       note=f"{idle / (1 << 20):.1f} MiB in all, the buffers of sockets among it")
        self.table.add("descriptors for each interface", "", self.descriptors() / self.count, 4)
        self.step(f"{GROUPS} groups join on each", lambda: self.join(range(1)), 15, 5, groups_count=GROUPS)
        one = self.memory()
        pairs = self.count * GROUPS
        self.table.add("private memory for each group with one host", "bytes", (one - idle) / pairs, 320)
        self.join(range(1, HOSTS))
        Step(self.program, lambda: None)
        self.table.add("private memory for each further host of a group", "bytes",
                       (self.memory() - one) / pairs / (HOSTS - 1), 64)
        self.step("reload, nothing has changed", self.hang_up, 2, 1, role="querier", groups_count=GROUPS)
        self.write_settings(3)
        self.step("reload, a setting of all has changed", self.hang_up, 2, 1, role="querier", groups_count=GROUPS)
        if {interface["settings"]["robustness-variable"] for interface in interfaces(self.api)} != {3}:
            raise RuntimeError("the new settings are not in force")
        self.link_step("all links go down", lambda: self.flap("down"), 2, "waiting")
        self.link_step("all links come up", lambda: self.flap("up"), 2, "querier")
        self.link_step("all links flap three times", lambda: self.flap(*["down", "up"] * 3), 4, "querier")
        self.table.add("stop: time on the wall", "s", self.program.stop(), 5)

    def hang_up(self):
        os.kill(self.program.pid, signal.SIGHUP)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.program.pid}/fd"))


class Vlans:
    """A host at a trunk port, and the program that is a proxy in each of its VLANs."""

    BEFORE, QUIET = 75, 60  # seconds until the burst of a start is over and queries come apart; that are measured

    def __init__(self, lab, count, table):
        self.count, self.table = count, table
        self.host, self.peer = lab.pair(None)
        self.settings, self.api = lab.directory / "vlans.toml", lab.directory / "vlans.sock"
        self.settings.write_text(f'[defaults.igmp]\nproxy = true\n[interface.eth0]\nvlans = "1-{count}"\n')

    def measure(self):
        many = f"{self.count:,} VLANs"
        counter = self.peer.capture(program=filters.QUERIES)
        program = Program(self.host, laboratory.IGMP_QUERIER, f"-c {self.settings} --api-socket {self.api}")
        before = time.time() - program.started
        took = Step(program, lambda: laboratory.wait(self.api.is_socket, LIMIT, "the API"))
        self.table.add(f"start of {many}: time on the wall", "s", before + took.wall, 2)
        self.table.add(f"start of {many}: processor time", "s", program.cpu_seconds(), 1)
        asked = [frame.vlan for frame in counter.frames()]
        if set(asked) != set(range(1, self.count + 1)):
            raise RuntimeError(f"{len(set(asked))} of {self.count} VLANs got a query; {len(asked)} queries")
        time.sleep(self.BEFORE)
        account = Account(program.pid)
        self.table.add("private memory for each idle VLAN", "bytes", account.memory()[1] / self.count, 8192,
                       note=f"{account.memory()[1] / (1 << 20):.1f} MiB in all")
        self.table.add(f"descriptors, {many}", "", len(os.listdir(f"/proc/{program.pid}/fd")), 128)
        cpu, wakeups, sent = account.cpu_seconds(), account.switches()[0], len(counter.frames())
        time.sleep(self.QUIET)
        sent = len(counter.frames()) - sent
        self.table.add(f"{many} without hosts: wakeups a second", "", (account.switches()[0] - wakeups) / self.QUIET, 120,
                       note=f"for {sent / self.QUIET:.0f} queries a second")
        self.table.add(f"{many} without hosts: processor", "%", 100 * (account.cpu_seconds() - cpu) / self.QUIET, 2)
        start = time.monotonic()
        roles = collections.Counter(interface["role"] for interface in interfaces(self.api))
        seconds = time.monotonic() - start
        if roles != {"querier": self.count}:
            raise RuntimeError(f"{roles} of {self.count} VLANs")
        self.table.add(f"{many}: time of a status", "s", seconds, 1)
        self.table.add(f"{many}: private memory after a status", "MiB", account.memory()[1] / (1 << 20), 64)
        self.table.add(f"stop of {many}: time on the wall", "s", program.stop(), 2)


class Million:
    """One interface, and more groups than anybody has."""

    def __init__(self, lab, groups, table):
        self.lab, self.groups, self.table = lab, groups, table

    def measure(self, kind, what, max_bytes):
        ours = kind(self.lab)
        with ours.running(2):
            storm(ours.peer, "--groups 1 --packets 5000 --rate 20000")
            before, cpu = ours.account.memory()[1], ours.settle()
            sent = ours.counts()[0]
            for number in range(ROUNDS):
                sent += storm(ours.peer, f"--groups {self.groups} --rate {PACE >> number}")["packets"]
                used = ours.settle(LIMIT)
                received, known = ours.counts()
                if number == 0:
                    self.table.add(f"{self.groups:,} groups, {what}: processor time for each join", "µs",
                                   1e6 * (used - cpu) / received, 10)
                if known == self.groups:
                    break
            if known != self.groups:
                raise RuntimeError(f"{known} groups are known of {self.groups}; of {sent} reports that were sent the "
                                   f"program counts {ours.status()['statistics']}")
            self.table.add(f"{self.groups:,} groups, {what}: private memory for each", "bytes",
                           (ours.account.memory()[1] - before) / self.groups, max_bytes)
            cpu, (received, _) = ours.settle(), ours.counts()
            storm(ours.peer, f"--groups {self.groups} --rate {PACE}")
            used, (now, _) = ours.settle(LIMIT), ours.counts()
            self.table.add(f"{self.groups:,} groups, {what}: processor time for each refresh", "µs",
                           1e6 * (used - cpu) / (now - received), 10)
            start = time.monotonic()
        self.table.add(f"{self.groups:,} groups, {what}: time for a stop", "s", time.monotonic() - start, 5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--interfaces", type=int, default=1000, metavar="N", help="default %(default)s")
    parser.add_argument("--vlans", type=int, default=4094, metavar="N", help="default %(default)s")
    parser.add_argument("--only", choices=["interfaces", "vlans", "groups"], help="measure nothing else")
    parser.add_argument("--groups", type=int, default=1_000_000, metavar="N", help="default %(default)s")
    options = parser.parse_args()
    if reason := obstacle():
        parser.error(reason)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    laboratory.isolate()
    table = Table()
    with temporary_lab() as lab:
        try:
            if options.only in (None, "interfaces"):
                Interfaces(lab, options.interfaces, table).measure()
            if options.only in (None, "vlans"):
                Vlans(lab, options.vlans, table).measure()
            if options.only in (None, "groups"):
                million = Million(lab, options.groups, table)
                million.measure(Ours, "one host of each", 160)
                million.measure(OursUntracked, "hosts not tracked", 96)
        finally:
            print(table)
    return table.exit_status()


if __name__ == "__main__":
    sys.exit(main())
