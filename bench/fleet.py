#!/usr/bin/env python3
"""Measures what a Prometheus uses that scrapes many exporters, with the alerts that are shipped; prints Markdown.

Scrapes and evaluates each second what the shipped configuration does each 15 s, with some hosts, more, and all; the last
row is a line through these, for a thousand hosts. Everything happens between network namespaces that vanish with this
process; it needs root.
"""

import argparse
import json
import pathlib
import signal
import statistics
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from harness import lab as laboratory  # noqa: E402
from harness.api import Api  # noqa: E402
from harness.exporter import PORT, Exporter  # noqa: E402
from harness.prometheus import SHIPPED, Prometheus  # noqa: E402
from processes import Account, join, temporary_lab  # noqa: E402

SHIPPED_INTERVAL, INTERVAL = 15, 1  # seconds between scrapes: as shipped, and here
WARM = 10  # seconds until a Prometheus has every series
FLEET = 1000
MEBIBYTE = 1 << 20


class Station:
    """A host with a daemon on a LAN of its own, where members are, and an exporter that the fleet's Prometheus reaches."""

    def __init__(self, lab, hub, members, number, options):
        self.target = f"10.9.{number >> 8}.{number & 255}:{PORT}"
        self.host = lab.host(hub, f"station{number}", f"{self.target.split(':')[0]}/16")
        lab.link(self.host, "lan", members, f"lan{number}")
        self.host.ip("address add 10.0.255.1/16 dev lan")
        file, self.api = lab.directory / f"station{number}.toml", Api(lab)
        file.write_text("")
        self.daemon = self.host.querier(f"-i lan -q 3600 --startup-count 1 -c {file}", self.api.option)
        laboratory.wait(lambda: self.api.answers() and self.api.interface()["role"] == "querier", 20, "a querier", pause=0.02)
        members.send(*(join(host, group) for group in range(options.groups) for host in range(options.hosts)),
                     interface=f"lan{number}")
        laboratory.wait(lambda: self.api.interface()["groups-count"] == options.groups, 20, "the groups", pause=0.1)
        self.exporter = Exporter(self.host, self.api.path, self.target, "--allow-remote")

    def cpu_seconds(self):
        return [Account(process.popen.pid).cpu_seconds() for process in (self.daemon, self.exporter.process)]


def scraper(namespace, stations):
    job = {"job_name": "igmp-querier", "static_configs": [{"targets": [station.target for station in stations]}]}
    every = {"scrape_interval": f"{INTERVAL}s", "evaluation_interval": f"{INTERVAL}s"}
    rules = "igmp-querier.rules.yml"
    return Prometheus(namespace, json.dumps({"global": every, "rule_files": [rules], "scrape_configs": [job]}),
                      **{rules: (SHIPPED / rules).read_text()})


def measure(namespace, stations, seconds):
    """Processor time of Prometheus for a host and round, its memory, and what a scrape has."""
    prometheus = scraper(namespace, stations)
    prometheus.wait_value("sum(igmp_querier_up)", len(stations), 30)
    time.sleep(WARM)
    account = Account(prometheus.process.popen.pid)
    before, used = account.cpu_seconds(), [station.cpu_seconds() for station in stations]
    start = time.monotonic()
    time.sleep(seconds)
    rounds = (time.monotonic() - start) / INTERVAL
    cpu = account.cpu_seconds() - before
    costs = [[after - was for after, was in zip(station.cpu_seconds(), earlier)] for station, earlier in zip(stations, used)]
    daemon, exporter = (statistics.mean(cost[kind] for cost in costs) / rounds for kind in (0, 1))
    down = len(stations) - prometheus.value("sum(up)")
    if down:
        raise RuntimeError(f"{down:g} hosts are not scraped")
    samples = prometheus.value("avg(scrape_samples_scraped)")
    resident = account.memory()[0]
    prometheus.process.stop(timeout=20)
    return {"hosts": len(stations), "cpu": cpu / rounds, "memory": resident, "samples": samples,
            "daemon": daemon, "exporter": exporter}


def extrapolated(rows):
    """The same for the whole fleet, by a line through the measurements."""
    hosts = [row["hosts"] for row in rows]
    far = {"hosts": FLEET}
    for name in "cpu", "memory":
        slope, intercept = statistics.linear_regression(hosts, [row[name] for row in rows])
        far[name] = intercept + slope * FLEET
    return {**rows[-1], **far}


def row(figures, what):
    return (f"| {figures['hosts']:,}, {what} | {figures['samples']:.0f} | {100 * figures['cpu'] / SHIPPED_INTERVAL:.2f} "
            f"| {figures['memory'] / MEBIBYTE:.0f} | {1e3 * figures['exporter']:.2f} | {1e3 * figures['daemon']:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--exporters", type=int, default=50, metavar="N", help="default %(default)s")
    parser.add_argument("--groups", type=int, default=50, metavar="N", help="of each; default %(default)s")
    parser.add_argument("--hosts", type=int, default=3, metavar="N", help="of each group; default %(default)s")
    parser.add_argument("--seconds", type=int, default=30, metavar="N", help="of each measurement; default %(default)s")
    options = parser.parse_args()
    if reason := laboratory.obstacle():
        parser.error(reason)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    with temporary_lab() as lab:
        hub, members = laboratory.Hub(lab), lab.namespace("members")
        monitor = lab.host(hub, "monitor", "10.9.255.1/16")
        stations = [Station(lab, hub, members, number, options) for number in range(1, options.exporters + 1)]
        counts = sorted({max(1, options.exporters // 4), max(1, options.exporters // 2), options.exporters})
        rows = [measure(monitor, stations[:count], options.seconds) for count in counts]
        lab.processes.clear()
    print(f"{options.groups} groups with {options.hosts} hosts on each; scraped every {SHIPPED_INTERVAL} s.\n")
    print("| hosts | samples of each | Prometheus: processor, % | Prometheus: memory, MiB | exporter: processor for a scrape, ms "
          "| daemon: processor for it, ms |\n|---|---:|---:|---:|---:|---:|")
    print(*(row(figures, "measured") for figures in rows), sep="\n")
    if len(rows) > 1:
        print(row(extrapolated(rows), "extrapolated"))


if __name__ == "__main__":
    sys.exit(main())
