"""What reports from the network can and cannot do with the table of members."""

import re
import time

import pytest

from harness import packets
from harness.hosts import exclude, include
from harness.lan import IGMP, Lan
from harness.packets import ALLOW, IS_EX, IS_IN, TO_EX, TO_IN, record, report, report_v3

STRANGER = "192.0.2.99"


class Scene:
    """A querier of IGMPv3, and somebody who sends whatever he likes."""

    def __init__(self, lab, settings=""):
        self.lan = Lan(lab, IGMP[2], versions=[], settings=settings)
        self.stranger = self.lan.attach("stranger", 99)

    def send(self, *messages, source=STRANGER, **header):
        self.stranger.send(*[packets.ethernet(packets.ipv4(source, message, **header)) for message in messages])

    def counted(self, reason):
        """How often it dropped something for that reason, as it says in the end."""
        assert self.lan.querier.stop() == 0
        said = rf"{reason} (\d+)(?:,|$)"
        return sum(int(re.search(said, line)[1]) for line in self.lan.querier.logged(said))


@pytest.fixture
def scene(lab):
    return Scene(lab)


GOOD = record(IS_EX, "239.1.1.1")
WHOLE = record(IS_IN, "239.1.1.2", ["203.0.113.1", "203.0.113.2"])
LIES = {
    "more records than there are (IGMP-R-11)": (report_v3(GOOD, count=3), {"239.1.1.1": exclude()}),
    "65535 records (IGMP-R-11)": (report_v3(GOOD, WHOLE, count=65535),
                                  {"239.1.1.1": exclude(), "239.1.1.2": include("203.0.113.1", "203.0.113.2")}),
    "more sources than there are (IGMP-R-11)": (
        report_v3(GOOD, record(IS_IN, "239.1.1.2", ["203.0.113.1"], count=2)), {"239.1.1.1": exclude()}),
    "65535 sources (IGMP-R-11)": (
        report_v3(GOOD, record(IS_IN, "239.1.1.2", ["203.0.113.1"], count=65535), GOOD), {"239.1.1.1": exclude()}),
    "auxiliary data beyond the end (IGMP-R-12)": (
        report_v3(GOOD, b"\x04\xff" + record(IS_EX, "239.1.1.2")[2:]), {"239.1.1.1": exclude()}),
}


@pytest.mark.parametrize("message,filters", LIES.values(), ids=LIES)
def test_a_report_that_lies_counts_up_to_the_lie(scene, message, filters):
    """Records before it are kept, the rest is nothing, and each such report is counted."""
    scene.send(*[message] * 3)
    scene.lan.wait(filters)
    assert scene.counted("bad length") == 3


ODD = {
    "auxiliary data is skipped (IGMP-R-12)": (
        report_v3(b"\x04\x01" + record(IS_EX, "239.1.1.1")[2:] + bytes(4), WHOLE),
        {"239.1.1.1": exclude(), "239.1.1.2": include("203.0.113.1", "203.0.113.2")}),
    "records of unknown types are skipped (IGMP-R-13)": (
        report_v3(record(0, "239.1.1.3"), record(7, "239.1.1.4", ["203.0.113.1"]), record(255, "239.1.1.5"), GOOD),
        {"239.1.1.1": exclude()}),
    "no unicast, no multicast (IGMP-R-27)": (
        report_v3(record(ALLOW, "239.1.1.1", ["203.0.113.1", "224.1.1.1", "0.0.0.0", "203.0.113.1",
                                              "255.255.255.255"])),
        {"239.1.1.1": include("203.0.113.1")}),
    "no group (IGMP-R-25)": (report_v3(record(IS_EX, "10.0.0.1"), GOOD), {"239.1.1.1": exclude()}),
    "link scope is not tracked (IGMP-M-12, IGMP-M-13)": (
        report_v3(*[record(TO_EX, f"224.0.0.{last}") for last in (1, 5, 22, 251, 255)], record(TO_EX, "224.0.1.0")),
        {"224.0.1.0": exclude()}),
    "nothing for nobody (IGMP-S-14, IGMP-S-16)": (
        report_v3(record(TO_IN, "239.1.1.3"), record(IS_IN, "239.1.1.4"), record(ALLOW, "239.1.1.5"),
                  record(packets.BLOCK, "239.1.1.6", ["203.0.113.1"]), GOOD), {"239.1.1.1": exclude()}),
    "a longer report of version 2 (IGMP-R-09)": (
        packets.igmp(report("239.1.1.1") + bytes(4)), {"239.1.1.1": exclude()}),
}


@pytest.mark.parametrize("message,filters", ODD.values(), ids=ODD)
def test_an_odd_report_counts_for_what_it_says(scene, message, filters):
    """And for nothing else."""
    scene.send(message)
    scene.lan.wait(filters)


def test_reports_come_to_any_address_and_from_nobody(scene):
    """From 0.0.0.0, to the group, to all hosts, to us, to all routers, of version 1 too; but not with another TTL, and
    not with a wrong checksum. (IGMP-R-01, IGMP-R-15, IGMP-R-18, IGMP-R-29, IGMP-R-33)"""
    scene.send(report("239.1.1.1"), source="0.0.0.0", destination="239.1.1.1")
    scene.send(report_v3(record(IS_EX, "239.1.1.2")), source="0.0.0.0", destination="224.0.0.22")
    scene.send(report("239.1.1.3"), destination="224.0.0.1")
    scene.send(report("239.1.1.4"), destination="192.0.2.1")
    scene.send(report("239.1.1.5"), destination="224.0.0.2")
    scene.send(report("239.1.1.6"), destination="239.1.1.6", ttl=2)
    scene.send(report("239.1.1.7")[:2] + b"\x12\x34" + report("239.1.1.7")[4:])
    for number, destination in (9, "224.0.0.1"), (10, "192.0.2.1"):
        scene.send(report(f"239.1.1.{number}", packets.REPORT_V1), destination=destination)
    scene.send(report("239.1.1.8"), destination="239.1.1.8")
    seen = scene.lan.wait({f"239.1.1.{n}": exclude() for n in (1, 2, 3, 4, 5, 8, 9, 10)})
    assert not seen.groups["239.1.1.1"].hosts and seen.groups["239.1.1.1"].last_reporter is None
    assert set(seen.groups["239.1.1.8"].hosts) == {STRANGER}


@pytest.mark.parametrize("destination", ["224.0.0.2", "239.1.1.1"])
def test_a_leave_counts_at_both_addresses(scene, destination):
    """IGMP-R-30"""
    scene.send(report("239.1.1.1"))
    scene.lan.wait({"239.1.1.1": exclude()})
    scene.send(packets.report("239.1.1.1", packets.LEAVE), destination=destination)
    left = time.monotonic()
    scene.lan.wait({})
    assert time.monotonic() - left < 2


LIMIT = 10


def test_the_group_beyond_the_limit_is_refused_and_the_others_stay(lab):
    """IGMP-R-32"""
    scene = Scene(lab, f"max-groups = {LIMIT}")
    known = [report(f"239.1.1.{n}") for n in range(LIMIT)]
    groups = {f"239.1.1.{n}": exclude() for n in range(LIMIT)}
    scene.send(*known)
    scene.lan.wait(groups)
    for n in range(20):
        scene.send(report(f"239.9.9.{n}"), *known)
    time.sleep(0.2)
    seen = scene.lan.table()
    assert seen.filters() == groups and scene.lan.api.interface()["settings"]["max-groups"] == LIMIT
    assert min(group.since for group in seen.groups.values()) >= 0.2
    assert len(scene.lan.querier.logged(r"max-groups")) == 1
    scene.send(packets.report("239.1.1.0", packets.LEAVE))
    scene.lan.wait_table(lambda seen: "239.1.1.0" not in seen.groups, "room")
    scene.send(report("239.9.9.0"), *known[1:])
    del groups["239.1.1.0"]
    scene.lan.wait({**groups, "239.9.9.0": exclude()})
    assert scene.counted("too many groups") == 20


def test_the_source_beyond_the_limit_is_refused_and_the_others_stay(lab):
    """IGMP-R-32"""
    scene = Scene(lab, f"max-sources-per-group = {LIMIT}")
    sources = [f"203.0.113.{n}" for n in range(1, LIMIT + 1)]
    scene.send(report_v3(record(ALLOW, "239.1.1.1", sources)))
    scene.lan.wait({"239.1.1.1": include(*sources)})
    for n in range(20):
        scene.send(report_v3(record(ALLOW, "239.1.1.1", [f"198.51.100.{n + 1}"])),
                   report_v3(record(IS_IN, "239.1.1.1", sources)))
    assert scene.lan.table().filters() == {"239.1.1.1": include(*sources)}
    assert len(scene.lan.querier.logged(r"max-sources-per-group")) == 1
    assert scene.counted("too many sources") == 20


def test_the_host_beyond_the_limit_is_a_member_all_the_same(lab):
    """It keeps the group alive, though it is not named. (IGMP-R-32)"""
    scene = Scene(lab, f"max-hosts-per-group = {LIMIT}")
    hosts = [f"192.0.2.{n}" for n in range(101, 101 + LIMIT)]
    for host in [*hosts, "192.0.2.200"]:
        scene.send(report("239.1.1.1"), source=host)
    seen = scene.lan.wait_table(lambda seen: "239.1.1.1" in seen.groups and
                                seen.groups["239.1.1.1"].last_reporter == "192.0.2.200", "the last report")
    assert seen.filters() == {"239.1.1.1": exclude()} and set(seen.groups["239.1.1.1"].hosts) == set(hosts)
    assert len(scene.lan.querier.logged(r"max-hosts-per-group")) == 1
    assert scene.counted("too many hosts") == 1
