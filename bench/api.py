#!/usr/bin/env python3
"""Measures what clients of the API cost the daemon, and whether queries wait for them; prints a Markdown table.

Everything happens between network namespaces that vanish with this process; it needs root. Processor time is the
kernel's account of the daemon. Each ratio compares two measurements of the same run, taken in turn. Where queries are
timed, the daemon has the highest priority and the load the lowest: what queries wait for then is the daemon's event
loop, and not a processor that another program has.
"""

import argparse
import contextlib
import os
import pathlib
import select
import signal
import socket
import statistics
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))
sys.dont_write_bytecode = True
from harness import lab as laboratory  # noqa: E402
from harness import packets  # noqa: E402
from harness.api import FOLLOW, REQUEST, Answer, read_all  # noqa: E402
from processes import Program, become_child, join, queued, temporary_lab  # noqa: E402

FOLLOWERS, GROUPS, HOSTS = 10, 100, 1000  # each host joins each group: a storm of 100,000 reports
QUEUE_LENGTH = 100  # a socket's queue holds some 200 small packets
BEAT = 0.1
BURST = f"-q 60 --startup-count 100 --startup-interval {BEAT}"


class Daemon:
    """A querier with its API."""

    def __init__(self, bench, options, settings=""):
        self.bench = bench
        self.path = bench.directory / "api.sock"
        file = bench.directory / "querier.toml"
        file.write_text(f"[defaults.igmp]\nrequire-same-subnet = false\n{settings}")
        self.program = Program(bench.host, laboratory.IGMP_QUERIER, "-i eth0 --jitter 0", options,
                               f"-c {file} --api-socket {self.path}")
        bench.wire.wait_queries(1, since=self.program.started)
        laboratory.wait(self.path.is_socket, what="the API")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.stop()

    def connect(self, request):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(self.path))
        client.sendall(request)
        return client

    def ask(self, what):
        with self.connect(REQUEST.replace(b"status", what)) as client:
            return Answer(read_all(client))

    def received(self):
        [interface] = self.ask(b"status").json()["interfaces"]
        return interface["statistics"]["received"]["report"]

    def send(self, frames):
        """As fast as it takes them, and none is lost."""
        for start in range(0, len(frames), QUEUE_LENGTH):
            self.bench.peer.send(*frames[start:start + QUEUE_LENGTH])
            laboratory.wait(lambda: not queued(self.program), pause=0.0005, what="an empty queue")

    def storm(self, frames):
        """Processor seconds for these reports, each of which it gets."""
        before = self.received()
        cpu = self.program.cpu_seconds()
        self.send(frames)
        time.sleep(0.2)  # until the followers have been told
        cpu = self.program.cpu_seconds() - cpu
        if self.received() - before != len(frames):
            raise RuntimeError(f"{self.received() - before} reports arrived of {len(frames)}")
        return cpu

    @contextlib.contextmanager
    def followers(self, count):
        """A process that follows the events that often; yields a dictionary that has their number in the end."""
        result, end = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                become_child()
                os.nice(19)
                os.write(end, b"%d %d" % self.follow(count, lambda: os.write(end, b"ready\n")))
            finally:
                os._exit(0)
        os.close(end)
        seen = {}
        with open(result) as pipe:
            pipe.readline()
            try:
                yield seen
            finally:
                os.kill(child, signal.SIGUSR1)
                seen["events"], seen["lost"] = map(int, pipe.read().split())
                os.waitpid(child, 0)

    def follow(self, count, ready_to_hear):
        """How many joins all followers together are told of until a signal comes, and how often some were lost."""
        reader, writer = os.pipe()
        signal.signal(signal.SIGUSR1, lambda *_: os.write(writer, b"."))
        clients = [self.connect(FOLLOW) for _ in range(count)]
        for client in clients:
            client.recv(1)  # it has been answered
        ready_to_hear()
        events = lost = 0
        while True:
            ready = select.select([reader, *clients], [], [])[0]
            for client in set(ready) - {reader}:
                # An event that is cut in two counts where its name ends; so few are that it does not matter.
                data = client.recv(1 << 20)
                events, lost = events + data.count(b"\nevent: host-joined"), lost + data.count(b"\nevent: lost")
            if ready == [reader]:
                return events, lost


class Bench:
    def __init__(self, lab, directory, options):
        self.lab, self.directory, self.options = lab, directory, options
        self.host, self.peer = lab.pair("192.0.2.200/24")
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.rows = []

    def add(self, name, value, note=""):
        self.rows.append(f"| {name} | {value} | {note} |")

    def requests(self):
        """What one request costs, one at a time and nothing else going on."""
        with Daemon(self, "-q 60 --startup-count 1") as daemon:
            for groups in 0, 1000:
                daemon.send([join(0, group) for group in range(groups)])
                for what, count in (b"status", 1000), (b"groups", 1000 if groups == 0 else 200):
                    daemon.ask(what)
                    before = daemon.program.cpu_seconds()
                    for _ in range(count):
                        answer = daemon.ask(what)
                    spent = 1e6 * (daemon.program.cpu_seconds() - before) / count
                    self.add(f"processor time per request of /v1/{what.decode()}, {groups} groups, µs",
                             f"{spent:.0f}", f"{len(answer.body)} bytes; {count} requests")

    def storms(self):
        """The same reports with and without followers: first each is news, then none is."""
        frames = [join(host, group) for host in range(HOSTS) for group in range(GROUPS)]
        spent = {}
        for run in range(self.options.runs):
            for followers in (0, FOLLOWERS) if run % 2 == 0 else (FOLLOWERS, 0):
                with Daemon(self, "-q 3600 --startup-count 1", "max-hosts-per-group = 1000") as daemon:
                    with daemon.followers(followers) if followers else contextlib.nullcontext({}) as seen:
                        for kind in "new", "known":
                            spent.setdefault((kind, followers), []).append(daemon.storm(frames))
                if followers:
                    told = f"each was told of {seen['events'] / followers:.0f} joins"
                    if seen["lost"]:
                        told += f", and {seen['lost']} times that it missed some"
        for kind, words in ("new", "each a host's join"), ("known", "of known members"):
            without, with_them = (1e6 * statistics.median(spent[kind, count]) / len(frames) for count in (0, FOLLOWERS))
            ratio = statistics.median(more / less for more, less in zip(spent[kind, FOLLOWERS], spent[kind, 0]))
            self.add(f"processor time per report, storm of {len(frames)}, {words}, µs", f"{without:.2f}")
            self.add(f"the same with {FOLLOWERS} event followers, µs", f"{with_them:.2f}",
                     f"{ratio:.2f} x as much; {told if kind == 'new' else 'nothing to tell'}")

    @contextlib.contextmanager
    def load(self, daemon):
        """Ten followers, a storm of joins that never ends, and requests one after the other; yields counts."""
        children = []

        def start(work):
            child = os.fork()
            if child == 0:
                try:
                    become_child()
                    os.nice(19)
                    stopped = []
                    signal.signal(signal.SIGUSR1, lambda *_: stopped.append(1))
                    os.write(end, b"%s %d\n" % (work.__name__.encode(), work(stopped)))
                finally:
                    os._exit(0)
            children.append(child)

        def reports(stopped):
            frames = [join(host, group) for host in range(HOSTS) for group in range(GROUPS)]
            count = 0
            while not stopped:
                batch = [frames[(count + i) % len(frames)] for i in range(QUEUE_LENGTH)]
                self.peer.send(*batch)
                count += len(batch)
                time.sleep(0.005)
            return count

        def requests(stopped):
            count = 0
            while not stopped:
                daemon.ask((b"status", b"groups")[count % 2])
                count += 1
            return count

        with daemon.followers(FOLLOWERS) as seen:
            result, end = os.pipe()
            start(reports)
            start(requests)
            os.close(end)
            counts = {}
            try:
                yield counts
            finally:
                for child in children:
                    os.kill(child, signal.SIGUSR1)
                with open(result) as pipe:
                    counts.update((name, int(count)) for name, count in map(str.split, pipe))
                for child in children:
                    os.waitpid(child, 0)
        counts.update(seen)

    def lateness(self):
        """How late queries of a burst are on the wire, behind the one before them and the interval."""
        late = {False: [], True: []}
        notes = []
        for run in range(2 * self.options.bursts):
            loaded = run % 2 == 1
            with Daemon(self, BURST) as daemon:
                os.setpriority(os.PRIO_PROCESS, daemon.program.pid, -20)
                with self.load(daemon) if loaded else contextlib.nullcontext({}) as counts:
                    start = time.time()
                    time.sleep(8)
                    times = [frame.time for frame in self.wire.queries(since=start)]
                late[loaded] += [1e3 * (after - before - BEAT) for before, after in zip(times, times[1:])]
            if loaded:
                notes.append(counts)
        totals = {name: sum(count[name] for count in notes) for name in notes[0]}
        for loaded, name in (False, "without load"), (True, f"with {FOLLOWERS} followers, a storm and requests"):
            values = sorted(late[loaded])
            p99 = values[min(len(values) - 1, int(0.99 * len(values)))]
            note = f"largest {values[-1]:.2f}, {len(values)} queries"
            if loaded:
                note += "; " + ", ".join(f"{count} {name}" for name, count in totals.items())
            self.add(f"p99 lateness of queries on the wire, {name}, ms", f"{p99:.2f}", note)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="storms with and without followers")
    parser.add_argument("--bursts", type=int, default=4, metavar="N", help="bursts with and without load")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("it makes network namespaces: run it as root")
    if not os.access(laboratory.IGMP_QUERIER, os.X_OK):
        parser.error(f"no program at {laboratory.IGMP_QUERIER}: bench/run builds it")
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    laboratory.isolate()
    with temporary_lab() as lab:
        bench = Bench(lab, lab.directory, options)
        bench.requests()
        bench.storms()
        bench.lateness()
    print("| figure | median | |\n|---|---:|---|")
    print(*bench.rows, sep="\n")


if __name__ == "__main__":
    main()
