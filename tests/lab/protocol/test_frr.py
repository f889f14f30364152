"""FRR's pimd: another maker's querier to agree with, and a second opinion on who listens."""

import time

import pytest

from harness import packets
from harness.api import Api
from harness.frr import Frr
from harness.hosts import Filter, Member, exclude, expected, include
from harness.lab import FAST, Hub, expect_silence, wait
from harness.members import wait_filters

LOST = r"\[Election\] LOST to lower IP 192\.0\.2\.5\."
TAKEOVER = r"\[Election\] Competitor timeout\. Taking over as Master"


def believes(router, address):
    wait(lambda: router.querier() == address, 8, lambda: f"FRR to obey {address}: {router.show('interface')}", 0.05)


@pytest.mark.parametrize("version", [2, 3])
def test_we_yield_to_a_lower_frr_and_take_over_when_it_dies(lab, version):
    """And it takes the role back when it returns. (IGMP-Q-05, IGMP-Q-09)"""
    hub = Hub(lab)
    host = lab.host(hub, "host", "192.0.2.10/24")
    wire = host.capture(protocol=packets.IGMP)
    querier = host.querier(f"-i eth0 -t 2 --igmp-version {version}", FAST)
    wire.wait_queries(2)
    router = Frr(lab, hub, "frr", "192.0.2.5/24", version)
    querier.wait_log(LOST)
    expect_silence(2.5, wire, source="192.0.2.10")
    wire.wait_queries(2, source="192.0.2.5", since=time.time())
    believes(router, "192.0.2.5")
    router.kill()
    querier.wait_log(TAKEOVER)
    wire.wait_queries(3, source="192.0.2.10", since=time.time())


@pytest.mark.parametrize("version", [2, 3])
def test_a_higher_frr_yields_to_us_and_takes_over_when_we_die(lab, version):
    """IGMP-Q-06"""
    hub = Hub(lab)
    router = Frr(lab, hub, "frr", "192.0.2.20/24", version)
    host = lab.host(hub, "host", "192.0.2.10/24")
    wire = host.capture(protocol=packets.IGMP)
    wire.wait_queries(1, source="192.0.2.20")
    querier = host.querier(f"-i eth0 --igmp-version {version}", FAST)
    believes(router, "192.0.2.10")
    expect_silence(2.5, wire, source="192.0.2.20")
    assert router.show("interface")["eth0"]["querierIp"] == "192.0.2.10" and not querier.logged("LOST")
    querier.kill()
    wire.wait_queries(2, source="192.0.2.20", since=time.time(), timeout=10)
    believes(router, "192.0.2.20")


@pytest.mark.parametrize("ours,theirs", [(2, 3), (3, 2)])
def test_we_yield_to_a_lower_frr_of_another_version(lab, ours, theirs):
    """And say so. It would not yield to us: it ignores queries of another version. (IGMP-Q-12, IGMP-C-03)"""
    hub = Hub(lab)
    Frr(lab, hub, "frr", "192.0.2.5/24", theirs)
    host = lab.host(hub, "host", "192.0.2.10/24")
    wire = host.capture(protocol=packets.IGMP)
    querier = host.querier(f"-i eth0 -t 2 --igmp-version {ours}", FAST)
    querier.wait_log(LOST)
    querier.wait_log(r"192\.0\.2\.5.*of another IGMP version than ours")
    expect_silence(2.5, wire, source="192.0.2.10")


def filters_of(router):
    """The groups that FRR forwards something of; while it asks for IGMPv2 its only source is an asterisk.

    A group of mode INCLUDE without a source has no member (RFC 9776 section 4.2.14): FRR may list it until its next query.
    """
    known = router.show("sources").get("eth0", {})
    found = {}
    for group in router.show("groups").get("eth0", {}).get("groups", []):
        mode = group.get("mode", "EXCLUDE").lower()
        sources = known.get(group["group"], {"sources": []})["sources"]
        found[group["group"]] = Filter(mode, frozenset(
            source["source"] for source in sources
            if source["source"] != "*" and (source["timer"] == "--:--") == (mode == "exclude")))
    return {group: known for group, known in found.items() if known != include()}


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("asks", ["ours", "theirs"])
def test_frr_and_we_know_the_same_members(lab, version, asks):
    """Whoever asks: after joins, after second thoughts, after one host's and after all leaves."""
    hub = Hub(lab)
    router = Frr(lab, hub, "frr", "192.0.2.20/24" if asks == "ours" else "192.0.2.5/24", version)
    host = lab.host(hub, "host", "192.0.2.10/24")
    api = Api(lab)
    host.querier(f"-i eth0 --igmp-version {version}", FAST, api.option)
    api.ready()
    believes(router, "192.0.2.10" if asks == "ours" else "192.0.2.5")
    one, other = [Member(lab.host(hub, label, address)) for label, address in (("one", "192.0.2.30/24"),
                                                                             ("other", "192.0.2.31/24"))]
    # Not of 232/8, where FRR takes no members of IGMPv2.
    plain, filtered, wanted = "239.1.2.1", "239.1.2.2", "239.1.2.3"

    def agree():
        want = expected(one, other)
        if version == 2:
            want = {group: exclude() for group in want}
        wait_filters(api, want)
        wait(lambda: filters_of(router) == want, 8, lambda: f"FRR's {want}, it has {filters_of(router)}", pause=0.05)

    one.join(plain)
    other.join(plain)
    one.join(filtered)
    one.set_filter(filtered, exclude("203.0.113.1", "203.0.113.2"))
    other.join_source(wanted, "203.0.113.3")
    agree()
    one.unblock(filtered, "203.0.113.1")
    other.join_source(wanted, "203.0.113.4")
    one.set_filter(plain, include("203.0.113.5"))
    agree()
    other.close()
    agree()
    one.close()
    agree()
