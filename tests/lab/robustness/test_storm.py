"""Reports as fast as a processor can send them: each is received or counted as lost, and queries keep their beat."""

import itertools
import json
import signal
import socket
import struct
import time

import pytest

from harness import mld
from harness.api import Api
from harness.hosts import speak
from harness.lab import MCAST_STORM, wait
from harness.lan import IGMP, MLD
from harness.packets import general_query, mld_general_query

pytestmark = pytest.mark.heavy

GROUPS = 100_000
STEADY = 50_000  # reports a second; so the buffer holds what comes in 65 ms
BUFFER, BUFFER_MLD = 3272, 2048  # reports
SECONDS = 4
BEAT, LATE = 0.5, 0.25  # generous: storms and tests have two processors, or one, between them
# A beat of half a second for fifty seconds. Groups live for 121 seconds.
LASTING = f"-q 60 --startup-count 100 --startup-interval {BEAT} --max-response 0.5 --jitter 0"
FULL = "receive buffer full"
DIALECTS = [IGMP[1], IGMP[2], MLD[1]]


class Cable:
    """A querier, and somebody who storms at the other end of the cable."""

    def __init__(self, lab, dialect, pace=LASTING):
        self.dialect = dialect
        self.family = "ipv4" if dialect.protocol == "IGMP" else "ipv6"
        self.host, self.peer = lab.pair("192.0.2.10/24")
        # What this host says of itself is of another version, so that it is not taken for part of the storm.
        speak(self.host, "MLD", 1)
        self.host.enable_ipv6("fe80::10/64")
        self.wire = self.peer.capture()
        self.api = Api(lab)
        self.querier = self.host.querier("-i eth0", pace, dialect.option(), self.api.option)
        self.api.ready()
        self.api.wait_interface(lambda seen: seen["role"] == "querier", "the role", self.family)

    def begin(self, *options):
        """A storm of all groups, unless the options say otherwise."""
        version = self.dialect.version if self.dialect.protocol == "IGMP" else f"mld{self.dialect.version}"
        words = " ".join(map(str, (f"--groups {GROUPS} --version {version}", *options))).split()
        self.began, self.unsent = time.time(), self.peer.unsent()
        return self.peer.start(MCAST_STORM, *words)

    def end(self, storm):
        """Waits for its end, and returns how many reports have come to the end of the cable."""
        assert storm.finish(60) == 0
        self.ended = time.time()
        told = json.loads(storm.output()[0])
        print(f"{told['rate']:.0f} packets a second")
        return told["packets"] - (self.peer.unsent() - self.unsent)

    def storm(self, *options):
        return self.end(self.begin(*options))

    def counts(self):
        """Reports received, and dropped ones, by reason."""
        statistics = self.api.interface(self.family)["statistics"]
        return statistics["received"][f"report-v{self.dialect.version}"], statistics["dropped"]["reasons"]

    def lost(self, sent):
        """How many of all that were ever sent are counted as lost; all others were received."""
        def all_told():
            received, dropped = self.counts()
            return received + sum(dropped.values()) >= sent
        wait(all_told, 10, lambda: f"{sent} reports, of which {self.counts()}", pause=0.05)
        received, dropped = self.counts()
        assert received + sum(dropped.values()) == sent and dropped.keys() <= {FULL}, dropped
        return sent - received

    def table(self):
        """The groups, but for those of IPv6 itself."""
        groups = [group["group-address"] for group in self.api.ask(f"/v1/groups?family={self.family}").json()["groups"]]
        return sorted(group for group in groups if not group.startswith("ff02:"))

    def groups(self):
        if self.dialect.protocol == "IGMP":
            return sorted(socket.inet_ntoa(struct.pack("!I", 0xE1000000 + n)) for n in range(GROUPS))
        return sorted(socket.inet_ntop(socket.AF_INET6, struct.pack("!HxxQI", 0xFF15, 0, n)) for n in range(GROUPS))

    def queries(self, since):
        """When General Queries came to the other end of the cable."""
        if self.dialect.protocol == "IGMP":
            return [frame.time for frame in self.wire.queries(since=since)]
        return [message.frame.time for message in mld.queries(self.wire, since=since)]

    def gaps(self):
        """Between two General Queries, from the storm's beginning to a second after its end."""
        wait(lambda: time.time() > self.ended + 1, what="another second")
        times = self.queries(self.began - 2 * BEAT)
        assert times[0] < self.began and times[-1] > self.ended
        return [after - before for before, after in itertools.pairwise(times)]

    def assert_on_time(self, shortest=BEAT, longest=BEAT):
        gaps = self.gaps()
        print(f"{len(gaps)} queries, after {min(gaps):.3f} to {max(gaps):.3f} s")
        assert min(gaps) > shortest - LATE and max(gaps) < longest + LATE, gaps


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_steady_storm_loses_nothing(lab, dialect):
    """Joins, then refreshes."""
    cable = Cable(lab, dialect)
    for sent in GROUPS, 2 * GROUPS:
        assert cable.storm(f"--rate {STEADY}") == GROUPS
        assert cable.lost(sent) == 0
        cable.assert_on_time()
    assert cable.table() == cable.groups()


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_at_full_speed_each_report_is_received_or_counted(lab, dialect):
    """Joins and refreshes; those that were lost are made up for by the next."""
    cable = Cable(lab, dialect)
    joins = cable.storm("--rate max")
    lost = cable.lost(joins)
    assert GROUPS - lost <= len(cable.table()) <= GROUPS
    sent = joins + cable.storm("--rate max", f"--seconds {SECONDS}")
    assert sent > (SECONDS + 1) * STEADY
    cable.lost(sent)
    cable.assert_on_time()
    cable.lost(sent + cable.storm(f"--rate {STEADY}"))
    assert cable.table() == cable.groups()


def test_queries_keep_within_their_jitter(lab):
    cable = Cable(lab, IGMP[2], f"-q {2 * BEAT} --startup-count 1 --jitter 50 --max-response 0.5")
    cable.wire.wait_queries(2)
    sent = cable.storm("--rate max", "--seconds 8")
    cable.assert_on_time(BEAT, 2 * BEAT)
    cable.lost(sent)


def test_the_election_goes_on_during_a_storm(lab):
    """Neither a query from above nor the storm itself changes the role; a query from below does so within a second."""
    cable = Cable(lab, IGMP[1])
    storm = cable.begin("--rate max", f"--seconds {SECONDS}")
    time.sleep(1)
    cable.peer.send(general_query("192.0.2.99"))
    time.sleep(1)
    assert cable.api.interface()["role"] == "querier"
    cable.peer.send(general_query("192.0.2.5"))
    cable.querier.wait_log("LOST", timeout=1)
    assert storm.alive() and cable.api.interface()["querier"] == "192.0.2.5"
    cable.lost(cable.end(storm))


@pytest.mark.parametrize("dialect", [IGMP[2], MLD[1]], ids=str)
def test_what_comes_while_nobody_reads(lab, dialect):
    """Reports are shed, and counted without another packet; the schedule goes on, and the election with it."""
    cable = Cable(lab, dialect)
    storm = cable.begin("--rate max", f"--seconds {SECONDS}")
    time.sleep(1)
    cable.querier.popen.send_signal(signal.SIGSTOP)
    time.sleep(1)
    resumed = time.time()
    cable.querier.popen.send_signal(signal.SIGCONT)
    sent = cable.end(storm)
    lost = cable.lost(sent)
    assert lost > STEADY - BUFFER
    stopped, late = sorted(cable.gaps())[:-3:-1]
    assert stopped > 1 and late < BEAT + LATE and cable.queries(resumed)[0] < resumed + LATE

    cable.querier.popen.send_signal(signal.SIGSTOP)
    more = cable.storm(f"--packets {2 * BUFFER}")
    cable.peer.send(general_query("192.0.2.5") if dialect in IGMP else mld_general_query("fe80::5"))
    assert not cable.querier.logged("LOST")
    cable.querier.popen.send_signal(signal.SIGCONT)
    cable.querier.wait_log("LOST", timeout=1)
    assert cable.lost(sent + more) == lost + more - (BUFFER if dialect in IGMP else BUFFER_MLD)


def test_links_that_share_a_buffer_lose_together(lab):
    """Each of sixteen links has room for its own; four others share what all interfaces carry, and tell what is lost."""
    links, each = 20, BUFFER // 2
    host, peer = lab.namespace("host"), lab.namespace("peer")
    for number in range(links):
        lab.link(host, f"v{number}", peer, f"v{number}")
        host.ip(f"address add 10.0.{number}.1/24 dev v{number}")
    api = Api(lab)
    querier = host.querier(*(f"-i v{number}" for number in range(links)), LASTING, api.option)
    api.ready()

    def counts():
        """Links that received all reports, and the number that all links together lost."""
        seen = [interface["statistics"] for interface in api.get("/v1/status?family=ipv4")["interfaces"]]
        return ([told["received"]["report"] for told in seen].count(each),
                sum(told["dropped"]["reasons"].get(FULL, 0) for told in seen))

    querier.popen.send_signal(signal.SIGSTOP)
    for number in range(links):
        storm = peer.start(MCAST_STORM, "--interface", f"v{number}", "--groups", each)
        assert storm.finish() == 0
    querier.popen.send_signal(signal.SIGCONT)
    wait(lambda: counts() == (16, links * each - BUFFER), what=lambda: f"received and lost: {counts()}")
    # At a pace that leaves room, all are received.
    for number in range(links):
        storm = peer.start(MCAST_STORM, "--interface", f"v{number}", "--groups", each, "--rate", STEADY)
        assert storm.finish() == 0
    wait(lambda: {seen["groups-count"] for seen in api.get("/v1/status?family=ipv4")["interfaces"]} == {each},
         what="all groups")
