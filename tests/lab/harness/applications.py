"""Other people's programs behind a snooping switch, judged by what they print themselves.

An `Application` says what a program is and how its users know it; its `start` starts a sender and a receiver on a `Lan`
and returns a `Reader` of the receiver's words. The applications themselves are in `programs/`.
"""

import dataclasses
import ipaddress
import os
import pwd
import re
import time
import typing

from harness import packets
from harness.api import Api
from harness.lab import IGMP_QUERIER, run, wait
from harness.switches import AGING

QUERY_INTERVAL = 5
VERSIONS = {0x16: "IGMPv2", 0x17: "leave", 0x22: "IGMPv3", 131: "MLDv1", 132: "done", 143: "MLDv2"}
NOBODY = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--pdeathsig", "KILL")


@dataclasses.dataclass(frozen=True)
class Application:
    name: str
    packages: tuple
    group: str
    port: int
    called: str  # what `igmp-querier groups` calls the group; empty for none
    start: typing.Callable  # of a Lan; returns a Reader
    symptom: str = ""  # what the receiver prints when it has died, as a regular expression; empty if it says nothing
    settle: float = 15  # seconds from its start, or from the first query, to what it first receives
    silence: float = 3  # seconds in which it always receives something, while it lives
    notice: float = 15  # seconds from the last that it received to its symptom
    counts: bool = True  # whether it says that single packets are lost

    @property
    def ipv6(self):
        return ":" in self.group

    @property
    def version(self):
        """Of the reports of its host before any query of ours: that of a Linux kernel."""
        return "MLDv2" if self.ipv6 else "IGMPv3"


class Lan:
    """A switch that filters already, and three hosts: a sender, a receiver, and one for the querier."""

    def __init__(self, lab, switch, ipv6=False):
        self.lab, self.switch, self.ipv6 = lab, switch, ipv6
        self.sender = self._host("sender", 30)
        self.receiver = self._host("receiver", 20)
        self.querier = self._host("querier", 1)
        self.api = Api(lab)
        self._wire = self.receiver.capture(protocol=None if ipv6 else packets.IGMP)
        former = self._host("former", 9)  # a switch begins to filter when it has received a query
        former.send(packets.ethernet(packets.ipv4("192.0.2.9", packets.query(3, response=5))))
        if ipv6:
            former.send(packets.mld_frame("fe80::9", packets.mld_query(2, response=500)))
        former.ip("link set eth0 down")

    def _host(self, label, number):
        host = self.lab.host(self.switch, label, f"192.0.2.{number}/24")
        host.ip("route add 224.0.0.0/4 dev eth0")
        if self.ipv6:
            host.enable_ipv6(f"fe80::{number}/64")
        return host

    def folder(self, host, owner="nobody"):
        """A folder for what a program of that host writes as that user."""
        path = self.lab.directory / f"of-{host.label}"
        path.mkdir()
        os.chown(path, pwd.getpwnam(owner).pw_uid, -1)
        return path

    def start_querier(self):
        """Ours, as a user starts it, but with an interval that suits the aging of the switch."""
        family = "--mld" if self.ipv6 else ""
        started = self.querier.querier(f"-i eth0 -q {QUERY_INTERVAL} --max-response 1 {family} {self.api.option}")
        self.api.ready()
        return started

    def reports(self, group):
        """When the receiver reported that group, and in which version."""
        packed, kind = ipaddress.ip_address(group).packed, 62 if self.ipv6 else 38  # where the type is
        return [(frame.time, VERSIONS[frame.data[kind]]) for frame in self._wire.frames()
                if frame.outgoing and packed in frame.data[kind:]]

    def name(self, group):
        """What `igmp-querier groups` calls the group; None if it does not list it."""
        listed = run(IGMP_QUERIER, "groups", *self.api.option.split())
        found = re.search(rf"^{re.escape(group)} +(.*?) +\d+  (?:include|exclude) ", listed, re.MULTILINE)
        return found and found[1]


class Reader:
    """What a receiver's processes say: how much it has received so far, and lost, both read from their text."""

    def __init__(self, *processes, received, lost=None):
        self.processes, self._received, self._lost = processes, received, lost
        self._count, self.heard = 0, 0.0

    def text(self):
        return "".join(path.read_text(errors="replace")
                       for process in self.processes for path in (process.stdout, process.stderr))

    def describe(self):
        return "".join(process.describe() for process in self.processes)

    def look(self):
        """When it last received something, as far as it has said; 0 for never."""
        assert all(process.alive() for process in self.processes), f"it ended by itself: {self.describe()}"
        count = self._received(self.text())
        if count and count != self._count:
            self._count, self.heard = count, time.time()
        return self.heard

    def lost(self):
        """How much it says that it has lost; None if it has no words for it."""
        return self._lost and self._lost(self.text())


def count_of(pattern):
    """How many times a text has the pattern."""
    return lambda text: len(re.findall(pattern, text, re.MULTILINE))


def last_number(pattern):
    """The number in the last match of the pattern, 0 without one."""
    return lambda text: int((re.findall(pattern, text, re.MULTILINE) or ["0"])[-1])


@dataclasses.dataclass
class Result:
    """What one application did behind one switch: seconds, and what it lost, in its own units."""

    application: str
    switch: str
    dies_after: float
    lives_for: float
    lost: int

    HEAD = "| application | switch | dies, s after its last report | lives for, s | lost |\n|---|---|---|---|---|"

    def row(self):
        lost = "has no words for it" if self.lost is None else self.lost
        return f"| {self.application} | {self.switch} | {self.dies_after:.0f} | {self.lives_for:.0f} | {lost} |"


class Trial:
    """One application behind one switch."""

    def __init__(self, lab, make_switch, application):
        self.application = application
        self.switch = make_switch.__name__
        self.lan = Lan(lab, make_switch(lab), application.ipv6)
        self.reader = application.start(self.lan)

    def _wait(self, condition, seconds, what):
        wait(condition, seconds, lambda: f"{what}; {self.reader.describe()}", pause=0.1)

    def silent_for(self):
        return time.time() - self.reader.look()

    def die(self):
        """Nobody asks: it receives, and dies when the switch has forgotten it. Returns how long that took."""
        self._wait(self.reader.look, self.application.settle, "anything received")
        self._wait(lambda: self.silent_for() > self.application.silence,
                   AGING + 10 + self.application.silence, "its death")
        reported = [report for report in self.lan.reports(self.application.group) if report[0] < self.reader.heard]
        assert {version for _, version in reported} == {self.application.version}, reported
        self._wait(lambda: re.search(self.application.symptom, self.reader.text(), re.MULTILINE),
                   self.application.notice, f"/{self.application.symptom}/")
        return self.reader.heard - reported[-1][0]

    def live(self):
        """Ours asks: it receives again by itself, for four aging times. Returns for how long, and what it lost."""
        died = self.reader.heard
        querier = self.lan.start_querier()
        self._wait(lambda: self.reader.look() > died, self.application.settle + QUERY_INTERVAL, "its return")
        time.sleep(self.application.silence)  # what was lost while nobody asked has been counted by then
        start, before = time.time(), self.reader.lost()
        while time.time() - start < 4 * AGING:
            assert self.silent_for() < self.application.silence, self.reader.describe()
            time.sleep(0.2)
        name = self.lan.name(self.application.group)
        assert name == self.application.called, f"'groups' calls {self.application.group} '{name}'"
        assert querier.stop() == 0
        return time.time() - start, None if before is None else self.reader.lost() - before

    def lose(self):
        """The receiver's host drops one in twenty datagrams. Waits until the application has said so."""
        self._wait(self.reader.look, self.application.settle, "anything received")
        time.sleep(self.application.silence)
        before = self.reader.lost()
        family, header = ("ip6", "ip6 daddr") if self.lan.ipv6 else ("ip", "ip daddr")
        run("ip", "netns", "exec", self.lan.receiver.name, "nft", f"add table {family} lossy; add chain {family} lossy in "
            f"{{ type filter hook prerouting priority raw; }}; add rule {family} lossy in {header} {self.application.group} "
            "meta l4proto udp numgen inc mod 20 == 19 drop")
        self._wait(lambda: self.reader.lost() > before, 10, "a word of what was lost")

    def result(self):
        dies_after = self.die()
        lives_for, lost = self.live()
        return Result(self.application.name, self.switch, dies_after, lives_for, lost)
