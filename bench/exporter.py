#!/usr/bin/env python3
"""Measures what a scrape costs the exporter and the daemon; prints a Markdown table.

Everything happens between network namespaces that vanish with this process; it needs root. Processor time is the
kernel's account of each process; what both use anyway in the same time is measured first and taken off. The exporter
asks the daemon once a second at most: scrapes are measured apart from each other, and right behind each other.
"""

import argparse
import os
import pathlib
import signal
import socket
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from harness import lab as laboratory  # noqa: E402
from harness.api import Answer, read_all  # noqa: E402
from processes import Program, join, queued, temporary_lab  # noqa: E402

ADDRESS = "127.0.0.1", 9788
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9788\r\nConnection: close\r\n\r\n"
QUEUE_LENGTH = 100  # a socket's queue holds some 200 small packets
APART = 1.1  # seconds: what the exporter knows is no longer fresh


class Bench:
    """A querier that holds its peace, and an exporter beside it."""

    def __init__(self, lab, directory, options):
        self.options = options
        self.host, self.peer = lab.pair("192.0.2.200/24")
        path, file = directory / "api.sock", directory / "querier.toml"
        file.write_text("[defaults.igmp]\nrequire-same-subnet = false\n")
        self.daemon = Program(self.host, laboratory.IGMP_QUERIER, "-i eth0 -q 3600 --startup-count 1",
                              f"-c {file} --api-socket {path}")
        laboratory.wait(path.is_socket, what="the API")
        self.exporter = Program(self.host, laboratory.IGMP_QUERIER, f"exporter --api-socket {path}")
        laboratory.wait(self.is_served, what="the exporter")
        self.rows = []

    def is_served(self):
        try:
            return self.scrape().status == 200
        except ConnectionRefusedError:
            return False

    def scrape(self):
        with self.host.entered():
            client = socket.socket()
        with client:
            client.connect(ADDRESS)
            client.sendall(REQUEST)
            return Answer(read_all(client))

    def join_all(self, groups, hosts):
        frames = [join(host, group) for host in range(hosts) for group in range(groups)]
        for start in range(0, len(frames), QUEUE_LENGTH):
            self.peer.send(*frames[start:start + QUEUE_LENGTH])
            laboratory.wait(lambda: not queued(self.daemon), pause=0.0005, what="an empty queue")

    def spent(self, work):
        """Seconds, and processor seconds of exporter and daemon meanwhile."""
        programs = self.exporter, self.daemon
        start, before = time.monotonic(), [program.cpu_seconds() for program in programs]
        work()
        time.sleep(0.2)  # until what was begun is done
        return time.monotonic() - start, *(program.cpu_seconds() - cpu for program, cpu in zip(programs, before))

    def per_scrape(self, scrapes, pause, idle):
        def work():
            for _ in range(scrapes):
                self.scrape()
                time.sleep(pause)
        seconds, *used = self.spent(work)
        return [1e6 * (cpu - rate * seconds) / scrapes for cpu, rate in zip(used, idle)]

    def measure(self, groups, hosts):
        self.join_all(groups, hosts)
        time.sleep(2)  # until the exporter knows it
        seconds, *used = self.spent(lambda: time.sleep(self.options.scrapes * APART / 2))
        idle = [cpu / seconds for cpu in used]
        what = f"{groups} groups" + (f", members of each: {hosts}" if groups else "")
        answer = self.scrape()
        if answer.body.count(b"\nigmp_querier_group_members{") != groups:
            raise RuntimeError(f"not {groups} groups in {answer.body[-300:]}")
        series = sum(not line.startswith(b"#") for line in answer.body.splitlines())
        self.rows.append(f"| bytes of a scrape, {what} | {len(answer.body)} | {series} series |")
        few, many = self.options.scrapes, 10 * self.options.scrapes
        for words, scrapes, pause in ("apart", few, APART), ("at once", many, 0):
            for name, cost in zip(("exporter", "daemon"), self.per_scrape(scrapes, pause, idle)):
                self.rows.append(f"| processor time of the {name} per scrape, {what}, {words}, µs | {cost:.0f} "
                                 f"| {scrapes} scrapes |")
        resident, private = self.exporter.memory()
        self.rows.append(f"| memory of the exporter, {what}, MiB | {resident / 2**20:.1f} "
                         f"| {private / 2**20:.1f} of it private |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scrapes", type=int, default=20, metavar="N", help="how many for each figure")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("it makes network namespaces: run it as root")
    if not os.access(laboratory.IGMP_QUERIER, os.X_OK):
        parser.error(f"no program at {laboratory.IGMP_QUERIER}: bench/run builds it")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    with temporary_lab() as lab:
        bench = Bench(lab, lab.directory, options)
        for groups, hosts in (0, 0), (1000, 1), (1000, 10):
            bench.measure(groups, hosts)
    print("| figure | value | |\n|---|---:|---|")
    print(*bench.rows, sep="\n")


if __name__ == "__main__":
    main()
