"""Streams that arrive on the interface wake nobody: the filter in the kernel keeps them out."""

import time

import pytest

from harness import packets
from harness.lab import link_json

pytestmark = pytest.mark.heavy

GROUP, FAR, RATE, SECONDS = "239.1.2.3", "239.9.9.9", 5000, 4
QUIET = "-i eth0 -q 3600 --startup-count 1"


def arrived(host):
    return link_json(host, "-s link show eth0")[0]["stats64"]["rx"]["packets"]


@pytest.fixture
def lan(lab):
    """A querier that has nothing to do, and a peer that sends what it likes."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier(QUIET)
    wire.wait_queries(1)
    time.sleep(0.5)  # what a start sets off is over
    return host, peer, querier


def test_a_stream_wakes_nobody(lan):
    """Not a single time, for many thousand packets of groups that have members and of those that have none."""
    host, peer, querier = lan
    peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report(GROUP))))
    time.sleep(0.5)
    before, cpu, packets_before = querier.wakeups(), querier.cpu_seconds(), arrived(host)
    streams = [peer.stream("send", group, f"--rate {RATE} --duration {SECONDS}") for group in (GROUP, FAR)]
    for stream in streams:
        assert stream.finish(SECONDS + 10) == 0
    assert arrived(host) - packets_before >= RATE * SECONDS
    assert querier.wakeups() == before
    assert querier.cpu_seconds() == cpu


def test_reports_wake_it(lan):
    """What the wakeups above would show if there were any."""
    _, peer, querier = lan
    before = querier.wakeups()
    for _ in range(10):
        peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report(GROUP))))
        time.sleep(0.05)
    assert querier.wakeups() - before >= 5  # how many share a wakeup is the kernel's choice
