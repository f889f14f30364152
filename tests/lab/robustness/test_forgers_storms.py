"""Storms of whatever a forger can send, as fast as he can: queries keep their beat, and what it costs has an end."""

import random
import re
import signal
import time

import pytest

from harness import blast, filters, packets
from harness.api import Api
from harness.hostile import BAD_ROWS, random_report
from harness.lab import wait
from harness.memory import MEBIBYTE, TABLE_BOUND, resident
from harness.packets import ethernet, general_query, ipv4

pytestmark = pytest.mark.heavy

OURS, BEAT, SECONDS = "192.0.2.10", 0.5, 4
# A beat of half a second for fifty seconds; then one of a second, or, where groups are to live on, of a minute.
BURST = f"--startup-count 100 --startup-interval {BEAT} --max-response 0.5 --jitter 0"
IMPATIENT, PATIENT = f"-q 1 -t 2 {BURST}", f"-q 60 {BURST}"
LATE = 0.25  # generous, for the storm takes a processor of its own, and this test another
PER_PACKET = 50e-6  # seconds of processor time, generous as well


class Scene:
    """A querier, and a forger who storms."""

    def __init__(self, lab, pace=IMPATIENT):
        self.host, self.forger = lab.pair(f"{OURS}/24")
        self.directory = lab.directory
        self.wire = self.host.capture(program=filters.OUTGOING)  # and nothing of the storm
        self.api = Api(lab)
        self.daemon = self.host.querier("-i eth0", pace, self.api.option)
        self.api.ready()
        wait(lambda: self.api.interface()["role"] == "querier", what="the role")
        self.memory, self.lines = resident(self.daemon), len(self.daemon.log())

    def storm(self, frames):
        """For some seconds. What it costs the daemon has an end, and so has what it says of it."""
        path = self.directory / "storm"
        blast.write(path, frames)
        self.began, before = time.time(), self.daemon.cpu_seconds()
        storm = blast.start(self.forger, path, SECONDS)
        assert storm.finish(SECONDS + 10) == 0
        self.ended, sent = time.time(), int(storm.output()[0])
        print(f"{sent / SECONDS:.0f} packets a second")
        assert sent > 10000 * SECONDS
        wait(lambda: self.api.interface(), what="an answer")
        assert self.daemon.cpu_seconds() - before < sent * PER_PACKET + 0.2

    def longest_gap(self):
        """Between two General Queries, from the storm's beginning to a second after its end."""
        wait(lambda: time.time() > self.ended + 1, what="another second")
        times = [frame.time for frame in self.wire.queries(OURS)]
        times = [at for at in times if at > self.began - BEAT]
        assert times[-1] > self.ended
        return max(after - before for before, after in zip(times, times[1:]))

    def counts(self):
        statistics = self.api.interface()["statistics"]
        return {**statistics["dropped"]["reasons"], **statistics["noticed"]}

    def said(self):
        """Lines of the log since the storm began."""
        return self.daemon.log()[self.lines:]


def test_the_measure_of_lateness_can_fail(lab):
    """A daemon that is stopped for a second is late."""
    scene = Scene(lab)
    scene.began = time.time()
    time.sleep(1)
    scene.daemon.popen.send_signal(signal.SIGSTOP)
    time.sleep(1)
    scene.daemon.popen.send_signal(signal.SIGCONT)
    scene.ended = time.time()
    assert scene.longest_gap() > BEAT + LATE


def test_a_storm_of_queries_from_above_changes_nothing(lab):
    """Of all versions and from many addresses: we ask on, tell that it is a storm, and that in few words."""
    scene = Scene(lab)
    frames = [general_query(f"192.0.2.{number}", version) for number in range(20, 220) for version in (1, 2, 3)]
    scene.forger.send(*frames[:50])
    time.sleep(1.5)
    assert "query storm" not in scene.counts()
    scene.storm(frames)
    assert scene.longest_gap() < BEAT + LATE
    assert scene.counts()["query storm"] > 1000
    assert len(scene.said()) <= 6, scene.said()
    status = scene.api.interface()
    assert status["role"] == "querier" and status["statistics"]["role-changes"] == 1
    assert resident(scene.daemon) - scene.memory < 4 * MEBIBYTE


def test_a_storm_of_queries_from_below_ends_with_it(lab):
    """We keep quiet for as long as it goes on, and ask again when the timeout is over."""
    scene = Scene(lab)
    scene.storm([general_query(f"192.0.2.{number}", version) for number in range(1, 10) for version in (1, 2, 3)])
    assert not [frame for frame in scene.wire.queries(OURS) if scene.began + BEAT < frame.time < scene.ended]
    scene.daemon.wait_log("Taking over as Master")
    scene.wire.wait_queries(2, source=OURS, since=time.time())
    # Each querier that is elected is told of, twenty at once.
    assert len(scene.said()) <= 30, scene.said()
    assert scene.api.interface()["statistics"]["elections-lost"] == 1
    assert resident(scene.daemon) - scene.memory < 4 * MEBIBYTE


def test_malformed_packets_at_full_rate_delay_no_query(lab):
    """Each kind is counted; afterwards a correct query is still accepted."""
    scene = Scene(lab)
    scene.storm([frame for _, frame in BAD_ROWS.values()])
    assert scene.longest_gap() < BEAT + LATE
    reasons = {reason for reason, _ in BAD_ROWS.values() if reason}
    counts = scene.counts()
    assert reasons <= counts.keys() and all(counts[reason] > 10 for reason in reasons), counts
    assert len(scene.said()) <= len(counts), scene.said()
    assert not scene.daemon.logged("LOST")
    assert resident(scene.daemon) - scene.memory < 4 * MEBIBYTE
    scene.forger.send(general_query("192.0.2.5"))
    scene.daemon.wait_log("LOST")


def test_a_storm_of_random_reports_delays_no_query(lab):
    """Who was known before is known afterwards, memory is bounded, and so are the queries that leaves draw."""
    scene = Scene(lab, PATIENT)
    scene.forger.send(ethernet(ipv4("192.0.2.77", packets.report("239.200.200.200"))))
    wait(lambda: scene.api.interface()["groups-count"] == 1, what="a member")
    chance = random.Random(7)
    scene.storm([random_report(chance) for _ in range(30000)])
    assert scene.longest_gap() < BEAT + LATE
    status = scene.api.interface()
    assert 10000 < status["groups-count"] <= status["settings"]["max-groups"]
    [member] = scene.api.get("/v1/groups?group=239.200.200.200")["groups"]
    assert [host["host-address"] for host in member["host"]] == ["192.0.2.77"]
    drawn = [frame for frame in scene.wire.frames() if frame.is_igmp(packets.QUERY) and not frame.is_query()]
    assert 100 < len(drawn) < 2 * (4000 + 500 * (time.time() - scene.began))
    assert len([line for line in scene.said() if not re.search(r"\[Startup\]", line)]) <= 12, scene.said()
    assert resident(scene.daemon) - scene.memory < TABLE_BOUND
