"""A flood of reports that say something new every time takes the memory that the limits allow, and no more."""

import time

import pytest

from harness import floods, packets
from harness.floods import FLOODS
from harness.lan import IGMP, ONCE, Lan
from harness.memory import MEBIBYTE, TABLE_BOUND, resident
from harness.packets import report

pytestmark = pytest.mark.heavy

MOST_GROUPS = 131072
BATCH, PAUSE = 40, 0.004  # what a socket takes in at once, and the time to handle it


def sizes(api):
    """Groups, how many there may be, sources, and hosts of all groups together."""
    seen = api.interface()
    listed = api.ask("/v1/groups").json()["groups"]
    assert len(listed) == seen["groups-count"]
    assert sum(len(group["source"]) for group in listed) == seen["sources-count"]
    return (len(listed), seen["settings"]["max-groups"], seen["sources-count"],
            sum(len(group["host"]) for group in listed))


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
def test_a_flood_stays_within_the_limits(lab, flood):
    """IGMP-R-32"""
    lan = Lan(lab, IGMP[2], versions=[], pace=ONCE)
    forger = lan.attach("forger", 99)
    forger.send(packets.ethernet(packets.ipv4("192.0.2.99", report("239.255.0.1"))))
    lan.wait_table(lambda seen: "239.255.0.1" in seen.groups, "the first member")
    before = resident(lan.querier)
    frames = floods.frames(flood)
    for start in range(0, len(frames), BATCH):
        forger.send(*frames[start:start + BATCH])
        time.sleep(PAUSE)
    known, limit, named_sources, named_hosts = sizes(lan.api)
    assert limit == MOST_GROUPS and known <= MOST_GROUPS
    assert named_sources <= 4 * MOST_GROUPS + 1024 and named_hosts <= 4 * MOST_GROUPS + 1024
    # It reached the limit that it was to reach: otherwise this shows nothing.
    assert {"groups": known == MOST_GROUPS, "sources": named_sources > 4 * MOST_GROUPS,
            "passing_sources": known > 1 << 11 and named_sources == 0,
            "hosts": named_hosts == 180 * 1024 + 1}[flood.__name__], (known, named_sources, named_hosts)
    # What is not known any more takes no memory: 2048 groups of 354 sources would take 11 MiB.
    assert resident(lan.querier) - before < (4 * MEBIBYTE if flood is floods.passing_sources else TABLE_BOUND)
    assert len(lan.querier.logged(r"too many|as may be|is full|its maximum of")) <= 2
    assert lan.querier.stop() == 0
