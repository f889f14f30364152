"""The daemon of the soak on its links: what happens, one thing at a time, as chance has it, and what it costs."""

import collections
import heapq
import itertools
import math
import os
import re
import signal
import time

from harness.api import Api
from harness.delays import Delays, Processor
from harness.hosts import expected
from harness.lab import IGMP_QUERIER, wait
from harness.memory import burden, resident
from harness.news import News
from harness.soak_link import INTERVAL, PACE, RIVAL, TIMEOUT, Link

LINKS = 3
OPTIONS = f"-q {INTERVAL} -t {TIMEOUT} --startup-interval 0.5 --max-response 0.5 --igmp-version 3 --mld 2"
DELAYED = 0.1  # seconds after which a delay is counted by its cause
SETTINGS = ("[defaults.igmp]\nrobustness-variable = {{}}\nlast-member-query-interval = 0.2\n{limits}"
            "[defaults.mld]\nlast-member-query-interval = 0.2\n{limits}")
SMALL = "max-groups = 300\nmax-sources-per-group = 8\nmax-hosts-per-group = 8\n"
# On one link a rogue is refused, on another it is yielded to and told, on the third nobody is a rogue.
TRUST = "".join(f"[interface.lan{number}.{protocol}]\ntrusted-queriers = ['{address}']\non-rogue-querier = '{act}'\n"
                for number, act in ((1, "ignore"), (2, "warn"))
                for protocol, address in (("igmp", f"198.18.{number}.{RIVAL}"), ("mld", f"fe80::{RIVAL}")))


class Lan:
    """`actions` are functions of a Lan and how often they come about."""

    def __init__(self, lab, chance, actions, distrustful=False):
        # A program with sanitizers, which is not optimized, takes up to fifty times as long for all it does.
        is_slow = is_sanitized(IGMP_QUERIER)
        self.most_storms, self.storm_groups, self.storm_rates, self.rate, self.most_clients, self.most_leaves = (
            (1, 2000, (500, 2000), 50, 6, 4) if is_slow else (2, 20_000, (50_000, "max"), math.inf, 100, 60))
        self.lab, self.chance, self.actions = lab, chance, actions
        self.host = lab.namespace("querier")
        self.news = News(self.host)
        self.delays = Delays(DELAYED)
        self.links = [Link(lab, self.host, number, self.delays, refuses=distrustful and number == 1)
                      for number in range(1, LINKS + 1)]
        self.file, self.api = lab.directory / "soak.toml", Api(lab)
        self.settings = SETTINGS.format(limits=SMALL if is_slow else "") + (TRUST if distrustful else "")
        self.counts, self.findings = collections.Counter(), collections.Counter()
        self.followers, self.helpers = [], []
        self.later, self.order, self.unanswered = [], itertools.count(), 0
        self.configure(2)
        self.daemon = self.host.querier(f"-c {self.file}", *(f"-i {link.port}" for link in self.links), OPTIONS,
                                        self.api.option)
        self.api.ready()
        self.delays.processor = Processor(self.daemon)

    def configure(self, robustness):
        self.put_file(lambda path: path.write_text(self.settings.format(robustness)))

    def put_file(self, make):
        """Has another configuration, or what is none, in place at once: the daemon may read it at any time."""
        new = self.file.with_suffix(".new")
        make(new)
        if self.file.is_dir():
            self.file.rmdir()
        elif new.is_dir():  # which takes the place of nothing but a folder
            self.file.unlink(missing_ok=True)
        new.rename(self.file)

    def reload(self):
        self.daemon.popen.send_signal(signal.SIGHUP)
        self.delays.events.note("reload")

    def in_a_while(self, seconds, act):
        heapq.heappush(self.later, (time.monotonic() + seconds, next(self.order), act))

    def live(self, seconds, each_turn=lambda: None):
        """Everything, for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            action, = self.chance.choices(list(self.actions), self.actions.values())
            try:
                action(self)
            except TimeoutError:  # clients that mean harm keep others waiting
                self.unanswered += 1
            self.counts[action.__name__] += 1
            self.turn()
            each_turn()

    def turn(self):
        """What is due, and what has come."""
        time.sleep(PACE)
        while self.later and self.later[0][0] < time.monotonic():
            heapq.heappop(self.later)[2]()
        links = {link.index: link for link in self.links}
        for index, carrier in self.news.read():
            if index in links:
                links[index].told_of_carrier(carrier)
        for link in self.links:
            link.look()
        for follower in list(self.followers):
            try:
                follower.read().clear()
            except (AssertionError, ConnectionResetError):
                raise
        for what, helper in self.helpers:
            self.delays.events.note(what)
        for pair in [pair for pair in self.helpers if not pair[1].alive()]:
            self.helpers.remove(pair)
            self.forget(pair[1])
        if not self.daemon.alive():
            raise RuntimeError(f"the daemon has ended with status {self.daemon.finish()}")

    def help(self, what, process):
        """A program that makes a storm for a while."""
        self.helpers.append((what, process))

    def forget(self, process):
        process.kill()
        self.lab.processes.remove(process)
        for path in process.stdout, process.stderr:
            path.unlink()

    def retire(self, link):
        rival, link.rival = link.rival, None
        if rival is not None:
            self.forget(rival)
            self.delays.events.note("rival", link.port)

    def end_storms(self):
        while self.helpers:
            self.turn()

    # What it costs

    def calm(self):
        """Nothing happens any more, and the table is that of the hosts; then nobody wants anything, and it is empty."""
        for link in self.links:
            self.retire(link)
            if link.is_renumbered:
                link.renumber()
        while self.later or self.helpers:
            self.turn()
        for follower in self.followers:
            follower.client.close()
        self.followers.clear()
        self.configure(2)
        self.reload()
        wait(lambda: self.known() < 1000, 60, "the end of what forgers have joined", pause=1)
        members = [member for link in self.links for member in link.members]
        self.expect(expected(*members))
        for member in members:
            for group in list(member.filters):
                member.leave(group)
        self.expect({})
        for _ in range(int(1 / PACE)):
            self.turn()
        return burden(self.daemon)

    def is_served(self):
        """Whether there is room for another connection: clients that mean harm may have all."""
        try:
            return self.api.ask("/v1/status").status != 503
        except TimeoutError:
            self.unanswered += 1
            return False

    def status(self):
        while not self.is_served():
            self.turn()
        return self.api.get("/v1/status")["interfaces"]

    def known(self):
        return sum(interface["groups-count"] for interface in self.status())

    def expect(self, wanted):
        """The table has just these groups soon. A host that has received a forged query of an old version names no sources."""
        def differing():
            groups = {group["group-address"] for group in self.api.get("/v1/groups")["groups"]}
            return wanted.keys() ^ {group for group in groups if not group.startswith("ff02:")}
        wait(lambda: not differing(), 60, lambda: f"what hosts have joined; there differ {differing()}", pause=0.5)

    def errors(self):
        """Lines of the log, but for what has to be there: a configuration that is refused, a query into a pulled cable."""
        return [line for line in self.daemon.logged(" error |Sanitizer|runtime error")
                if "configuration not reloaded" not in line and "cannot send a query" not in line]

    def told(self):
        """What the program has called what happened: findings, reasons of packets that it dropped or noticed, and the
        queries that it sent after leaves."""
        reasons = collections.Counter(self.findings)
        for interface in self.status():
            reasons.update(interface["statistics"]["dropped"]["reasons"])
            reasons.update(interface["statistics"]["noticed"])
            reasons["specific-query"] += interface["statistics"]["sent"]["specific-query"]
        return reasons

    def late(self):
        return max(link.late for link in self.links)

    def row(self, since):
        status = [interface["statistics"] for interface in self.status()]
        descriptors, memory = burden(self.daemon)
        cells = [f"{(time.monotonic() - since) / 60:.0f}", resident(self.daemon) >> 10, memory, descriptors, self.known(),
                 sum(told["sent"]["general-query"] for told in status),
                 sum(told["received"]["report"] for told in status),
                 sum(told["dropped"]["total"] for told in status), f"{self.late():.3f}", self.counts.total(),
                 f"{os.getloadavg()[0]:.1f}", f"{self.delays.processor.waited():.1f}", f"{self.daemon.cpu_seconds():.1f}",
                 self.delays]
        return "| " + " | ".join(map(str, cells)) + " |"


COLUMNS = ["minute", "RSS, KiB", "USS, KiB", "descriptors", "groups", "queries sent", "reports received", "packets dropped",
           "latest query, s", "actions", "load of the machine", "wait for a processor, s", "processor time, s",
           "delayed queries by cause (worst)"]
HEAD = "| " + " | ".join(COLUMNS) + " |\n|" + "---:|" * (len(COLUMNS) - 1) + "---|"


def is_sanitized(program):
    """Whether it was built with AddressSanitizer."""
    return re.search(rb"__asan_init", program.read_bytes()) is not None
