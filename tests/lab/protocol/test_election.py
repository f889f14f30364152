"""Who asks when several could: the lowest address, and the next one as soon as it is gone."""

import signal
import time

import pytest

from harness import packets
from harness.lab import BRISK, FAST, Hub, expect_silence, wait

LOST = r"eth0: \[Election\] LOST to lower IP {}\. Backing off\."
TAKEOVER = r"eth0: \[Election\] Competitor timeout\. Taking over as Master\."


def lost_to(address):
    return LOST.format(address.replace(".", r"\."))


def only_asks(wire, address, seconds=1.6):
    """Whether during the next seconds `address` asks, and nobody else does."""
    start = time.time()
    wire.wait_queries(2, timeout=seconds + 3, source=address, since=start)
    time.sleep(max(0.0, start + seconds - time.time()))
    sources = {frame.source for frame in wire.queries(since=start)}
    assert sources == {address}, sources


@pytest.mark.parametrize("low_version,high_version", [(2, 2), (1, 3), (2, 3), (3, 1), (3, 3)])
def test_higher_address_loses_whatever_the_versions(lab, low_version, high_version):
    """The higher one notices the lower one, says so, and keeps quiet; the lower one never does.
    (IGMP-Q-05, IGMP-Q-06, IGMP-Q-07, IGMP-Q-10, IGMP-Q-11, IGMP-Q-12)"""
    hub = Hub(lab)
    low, high = lab.host(hub, "low", "192.0.2.9/24"), lab.host(hub, "high", "192.0.2.10/24")
    wire = low.capture(protocol=packets.IGMP)
    loser = high.querier("-i eth0", BRISK, f"--igmp-version {high_version}")
    wire.wait_queries(2, source="192.0.2.10")
    winner = low.querier("-i eth0", FAST, f"--igmp-version {low_version}")
    loser.wait_log(lost_to("192.0.2.9"))
    only_asks(wire, "192.0.2.9")
    assert loser.stop() == 0 and winner.stop() == 0
    assert "1 elections lost" in loser.log()[-1]
    assert "0 elections lost" in winner.log()[-1] and not winner.logged("LOST")


def test_three_queriers_survive_the_death_of_the_master(lab):
    """The master is killed: the next lowest asks alone, though the highest may have taken over for a moment. The
    master comes back and wins again. (IGMP-Q-08, IGMP-Q-09, IGMP-Q-21)"""
    hub = Hub(lab)
    first, second, third = [lab.host(hub, f"h{n}", f"192.0.2.{n}/24") for n in (10, 20, 30)]
    wire = first.capture(protocol=packets.IGMP)
    patience = 2
    daemons = [host.querier(f"-i eth0 -t {patience}", FAST) for host in (first, second, third)]
    for loser in daemons[1:]:
        loser.wait_log(r"\[Election\] LOST")
    only_asks(wire, "192.0.2.10")

    daemons[0].popen.send_signal(signal.SIGKILL)
    daemons[0].finish()
    last = wire.queries(source="192.0.2.10")[-1].time
    daemons[1].wait_log(TAKEOVER)
    taken = wire.wait_queries(1, source="192.0.2.20", since=last)[0].time
    assert taken - last == pytest.approx(patience, abs=0.5)
    wire.wait_queries(2, source="192.0.2.20", since=taken)  # by now the highest has received its query
    only_asks(wire, "192.0.2.20", seconds=patience + 1.2)

    losses = len(daemons[1].logged(lost_to("192.0.2.10")))
    back = first.querier(f"-i eth0 -t {patience}", FAST)
    daemons[1].wait_log(lost_to("192.0.2.10"), count=losses + 1)
    only_asks(wire, "192.0.2.10")
    assert back.alive() and not back.logged("LOST")


def test_the_masters_pulled_cable(lab):
    """Cut off, the master waits and the other one takes over; back on the LAN, the master wins again.
    (IGMP-Q-09, IGMP-Q-23)"""
    hub = Hub(lab)
    low, high = lab.host(hub, "low", "192.0.2.10/24"), lab.host(hub, "high", "192.0.2.20/24")
    wire = high.capture(protocol=packets.IGMP)
    master, other = low.querier("-i eth0 -t 2", FAST), high.querier("-i eth0 -t 2", FAST)
    other.wait_log(lost_to("192.0.2.10"))
    hub.namespace.ip("link set low down")
    master.wait_log("eth0: waiting for link")
    other.wait_log(TAKEOVER)
    only_asks(wire, "192.0.2.20")
    hub.namespace.ip("link set low up")
    other.wait_log(lost_to("192.0.2.10"), count=2)
    only_asks(wire, "192.0.2.10")
    assert not master.logged("LOST")


def test_taking_over_begins_with_a_burst(lab):
    """One injected query silences for -t seconds; then comes the same burst as at the start. (IGMP-Q-09)"""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 -t 1.2", FAST)
    wire.wait_queries(1, source="192.0.2.10")
    peer.send(packets.general_query("192.0.2.5"))
    querier.wait_log(lost_to("192.0.2.5"))
    yielded = time.time()
    querier.wait_log(TAKEOVER)
    burst = wire.wait_queries(3, source="192.0.2.10", since=yielded)
    assert burst[0].time - yielded == pytest.approx(1.2, abs=0.3)
    assert burst[2].time - burst[0].time == pytest.approx(0.4, abs=0.2)
    assert len(querier.logged(r"\[Startup\] Sending 3 rapid queries")) == 2


def test_any_lower_querier_keeps_us_quiet(lab):
    """Queries from two lower addresses, each too seldom alone, keep the timer running. (IGMP-Q-08)"""
    host, peer = lab.pair("192.0.2.10/24")
    wire = host.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 -t 1.5", FAST)
    wire.wait_queries(1, source="192.0.2.10")
    for source in "192.0.2.5", "192.0.2.6", "192.0.2.7", "192.0.2.5":
        peer.send(packets.general_query(source))
        querier.wait_log(lost_to("192.0.2.5"))
        expect_silence(1, wire, source="192.0.2.10")
    querier.wait_log(TAKEOVER)
    assert len(querier.logged("LOST")) == 1


def test_igmpv3_querier_says_how_long_it_may_be_silent(lab):
    """Without -t, QRV 2 and QQIC 1 s of an IGMPv3 querier give 2 * 1 s + half of its 1 s response time; afterwards
    we advertise our own values again. (IGMP-Q-17, IGMP-Q-18, IGMP-Q-19, IGMP-Q-20, IGMP-Q-30)"""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 -q 90 --robustness 3 --igmp-version 3")
    wire.wait_queries(1, source="192.0.2.10")
    message = packets.igmp(bytes([packets.QUERY, 10, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0]))
    peer.send(packets.ethernet(packets.ipv4("192.0.2.5", message)))
    querier.wait_log(lost_to("192.0.2.5"))
    yielded = time.time()
    querier.wait_log(TAKEOVER)
    frame = wire.wait_queries(1, source="192.0.2.10", since=yielded)[0]
    assert frame.time - yielded == pytest.approx(2.5, abs=0.4)
    assert frame.payload[8:10] == bytes([3, 90])


def bridge_querier(lab, address):
    """A Linux bridge that is a querier itself, from its own address."""
    bridge = Hub(lab, "bridge", "mcast_snooping 1 mcast_query_use_ifaddr 1 mcast_query_interval 100"
                 " mcast_startup_query_interval 100 mcast_query_response_interval 50 mcast_querier_interval 250")
    bridge.namespace.ip(f"address add {address}/24 dev br0")
    return bridge


def test_we_yield_to_a_lower_linux_bridge_and_return(lab):
    """IGMP-Q-05, IGMP-Q-09"""
    bridge = bridge_querier(lab, "192.0.2.5")
    host = lab.host(bridge, "host", "192.0.2.10/24")
    wire = host.capture(protocol=packets.IGMP)
    bridge.namespace.ip("link set br0 type bridge mcast_querier 1")
    wire.wait_queries(1, source="192.0.2.5", timeout=8)
    querier = host.querier("-i eth0 -t 2", FAST)
    querier.wait_log(lost_to("192.0.2.5"))
    only_asks(wire, "192.0.2.5", seconds=2.2)
    bridge.namespace.ip("link set br0 type bridge mcast_querier 0")
    querier.wait_log(TAKEOVER)
    only_asks(wire, "192.0.2.10")


def test_a_higher_linux_bridge_yields_to_us(lab):
    """The bridge queries until it receives ours, and no longer. (IGMP-Q-06)"""
    bridge = bridge_querier(lab, "192.0.2.5")
    host = lab.host(bridge, "host", "192.0.2.1/24")
    wire = host.capture(protocol=packets.IGMP)
    bridge.namespace.ip("link set br0 type bridge mcast_querier 1")
    wire.wait_queries(1, source="192.0.2.5", timeout=8)
    querier = host.querier("-i eth0", FAST)
    wire.wait_queries(3, source="192.0.2.1")
    only_asks(wire, "192.0.2.1", seconds=2.2)
    assert not querier.logged("LOST")


def test_proxy_asks_from_nowhere_and_yields_to_any_real_querier(lab):
    """Without an address --proxy asks from 0.0.0.0; a higher or lower real querier silences it, another proxy does not;
    afterwards it returns. (SNP-02, SNP-03, SNP-04, IGMP-Q-26, IGMP-R-20)"""
    host, peer = lab.pair(address=None)
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 --proxy -t 2", BRISK)
    wire.wait_queries(1, source="0.0.0.0")
    peer.send(packets.general_query("0.0.0.0"))
    wire.wait_queries(2, source="0.0.0.0", since=time.time())
    assert not querier.logged("LOST")
    peer.send(packets.general_query("192.0.2.200"))
    wait(lambda: querier.logged(r"192\.0\.2\.200"), what="a word about the real querier")
    expect_silence(0.7, wire, source="0.0.0.0")
    wire.wait_queries(2, source="0.0.0.0", since=time.time())


def test_proxy_with_an_address_does_not_use_it(lab):
    """Nor does its address win: a real querier above it silences it too. (SNP-02, SNP-04)"""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0 --proxy", BRISK)
    wire.wait_queries(2, source="0.0.0.0")
    querier.wait_log("proxy mode: .*some hosts and switches ignore")
    peer.send(packets.general_query("192.0.2.200"))
    wait(lambda: querier.logged(r"192\.0\.2\.200"), what="a word about the real querier")
    expect_silence(0.7, wire, source="0.0.0.0")
    assert not wire.queries("192.0.2.10")
