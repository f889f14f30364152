"""The Linux bridge as a judge of what we send and of what we know: it tracks every version, sources included."""

import socket
import time

import pytest

from harness import mld
from harness.hosts import exclude, expected, include
from harness.lab import FAST, Hub, wait
from harness.lan import IGMP, MLD, Lan
from harness.switches import TrackingBridge, longest_pause

EVERY = [*IGMP, *MLD]


@pytest.mark.parametrize("dialect", [IGMP[1], IGMP[2], *MLD], ids=str)
def test_the_bridge_forwards_what_the_table_holds(lab, dialect):
    """Two hosts behind two ports: what each wants is forwarded to its port, and both together are the table; after
    joining, after second thoughts, and after one of them left."""
    bridge = TrackingBridge(lab)
    lan = Lan(lab, dialect, switch=bridge, versions=[dialect.version] * 2)
    one, other = lan.members
    groups, sources = ([name(number) for number in range(4)] for name in (dialect.group, dialect.source))
    for member, group, wanted in ((one, 1, exclude(sources[1])), (one, 2, include(sources[1], sources[2])),
                                  (other, 1, exclude(sources[1], sources[2])), (other, 3, include(sources[3]))):
        member.join(groups[group])
        member.set_filter(groups[group], wanted)

    def agree():
        lan.wait_expected()
        for host, member in zip(lan.hosts, lan.members):
            wait(lambda: bridge.filters(host.label) == dialect.seen(expected(member)), 8,
                 lambda: f"{expected(member)} at {host.label}; the bridge has {bridge.filters(host.label)}", pause=0.05)
        lan.wait_expected()

    agree()
    one.set_filter(groups[1], include(sources[3]))
    one.set_filter(groups[2], exclude())
    other.leave(groups[3])
    agree()
    other.close()
    agree()
    one.close()
    agree()


@pytest.mark.parametrize("dialect", EVERY, ids=str)
def test_the_bridge_counts_every_query_and_finds_no_fault(lab, dialect):
    """General Queries, and the specific ones that follow the end of a source and of a group. (SNP-01)"""
    bridge = TrackingBridge(lab)
    lan = Lan(lab, dialect, switch=bridge)
    wire = lan.host.capture()
    member, group = lan.members[0], dialect.group(1)
    member.join(group)
    lan.wait_expected()
    if dialect.knows_sources:
        for wanted in include(dialect.source(1), dialect.source(2)), include(dialect.source(2)), exclude():
            member.set_filter(group, wanted)
            lan.wait_expected()
    member.leave(group)
    lan.wait({})
    assert lan.querier.stop() == 0
    kind, message = {"IGMP": ("igmp", "igmp.type"), "MLD": ("mld", "icmpv6.type")}[dialect.protocol]
    sent = [row for row in lab.decode([frame for frame in wire.frames() if frame.outgoing], message)
            if row[0] in ("0x11", "130")]
    counted = bridge.statistics("querier")
    assert counted["igmp_parse_errors"] == counted["mld_parse_errors"] == 0
    # The capture began during the burst.
    assert 0 <= counted[f"{kind}_queries"][f"rx_v{dialect.version}"] - len(sent) <= 3
    assert len(sent) >= (2 if dialect.knows_leaves else 1)
    assert sum(counted[f"{kind}_queries"][f"rx_v{version}"] for version in range(1, dialect.newest + 1)
               if version != dialect.version) == 0


class Rival:
    """A bridge that is an MLD querier itself, with a host in one of its ports."""

    def __init__(self, lab, address, version):
        self.bridge = Hub(lab, "bridge", f"mcast_snooping 1 mcast_mld_version {version} mcast_querier_interval 250"
                          " mcast_query_interval 100 mcast_startup_query_interval 100 mcast_query_response_interval 50")
        self.bridge.namespace.enable_ipv6(f"{address}/64", "br0")
        self.host = lab.host(self.bridge, "host", "192.0.2.10/24")
        self.host.enable_ipv6("fe80::10/64")
        self.wire = self.host.capture()
        self.ask(True)
        self.wait_queries(address)

    def ask(self, whether):
        self.bridge.namespace.ip(f"link set br0 type bridge mcast_querier {whether:d}")

    def wait_queries(self, source):
        mld.wait_queries(self.wire, 2, 8, source, time.time())

    def only_asks(self, source, seconds=2.2):
        since = time.time()
        time.sleep(seconds)
        assert {query.source for query in mld.queries(self.wire, since=since)} == {source}


@pytest.mark.parametrize("version", [1, 2])
def test_we_yield_to_a_lower_bridge_in_mld_and_return(lab, version):
    """MLD-Q-02, MLD-Q-04"""
    rival = Rival(lab, "fe80::5", version)
    querier = rival.host.querier(f"-i eth0 -t 2 --mld {version}", FAST)
    querier.wait_log(mld.lost_to("fe80::5"))
    rival.only_asks("fe80::5")
    rival.ask(False)
    querier.wait_log(r"\(MLD\).*Taking over as Master")
    rival.wait_queries("fe80::10")


@pytest.mark.parametrize("version", [1, 2])
def test_a_higher_bridge_yields_to_us_in_mld_and_returns(lab, version):
    rival = Rival(lab, "fe80::20", version)
    querier = rival.host.querier(f"-i eth0 --mld {version}", FAST)
    rival.wait_queries("fe80::10")
    rival.only_asks("fe80::10")
    assert not querier.logged("LOST")
    querier.kill()
    rival.wait_queries("fe80::20")


AGING = 4  # seconds after which this bridge forgets a member


class Streams:
    """Two IPv6 streams through a bridge that filters: one to the host where the querier will run, one to another."""

    def __init__(self, lab, version):
        self.bridge = TrackingBridge(lab, membership=AGING)
        self.own, self.remote, self.quiet, sender, former = [
            self._host(lab, label, number)
            for number, label in enumerate(("own", "remote", "quiet", "sender", "former"), 1)]
        self.bridge.namespace.ip("link set own type bridge_slave mcast_router 0")
        self.groups = {self.own: "ff15::1", self.remote: "ff15::2"}
        self.wires = {host: host.capture() for host in (self.own, self.remote, self.quiet)}
        for group in self.groups.values():
            sender.stream("send", group, "--rate 50")
        wire = former.capture()
        querier = former.querier("-i eth0", FAST, f"--mld {version}")  # it has the bridge filter, and is gone
        mld.wait_queries(wire, 1)
        querier.kill()
        former.ip("link set eth0 down")
        start = time.time()
        wait(lambda: time.time() > start + 0.5
             and not any(self.carried(host, time.time() - 0.5) for host in self.wires), what="a bridge that filters")
        self.filtering = time.time()

    def _host(self, lab, label, number):
        host = lab.host(self.bridge, label, f"192.0.2.{number}/24")
        host.enable_ipv6(f"fe80::{number}/64")
        host.sysctl("net/ipv6/conf/eth0/mldv1_unsolicited_report_interval", 1000)  # else it says twice within 10 s
        return host

    def carried(self, host, since):
        return [frame for frame in self.wires[host].frames() if frame.time > since and frame.is_stream()]

    def alive(self, since):
        return [host for host in self.groups if self.carried(host, since)]


@pytest.mark.parametrize("version", [1, 2])
def test_an_ipv6_stream_dies_without_a_querier_and_lives_with_ours(lab, version):
    """Both receivers lose theirs when the bridge has forgotten them. Then igmp-querier starts; both come back without
    anybody touching the receivers, and live for three aging times without a lost packet. The host that joined nothing
    gets nothing."""
    streams = Streams(lab, version)
    players = [host.stream("receive", group, "--every 0.2") for host, group in streams.groups.items()]
    wait(lambda: len(streams.alive(streams.filtering)) == 2, what="both streams")
    wait(lambda: not streams.alive(time.time() - 1), AGING + 8, "the death of both streams")
    died = time.time()
    querier = streams.own.querier("-i eth0", FAST, f"--mld {version}")
    wait(lambda: len(streams.alive(died)) == 2, what="both streams")
    time.sleep(3 * AGING)
    for host, group in streams.groups.items():
        frames = streams.carried(host, died)
        assert {frame.data[38:54] for frame in frames} == {socket.inet_pton(socket.AF_INET6, group)}
        assert frames[-1].time - frames[0].time > 3 * AGING - 1
        numbers = [frame.sequence() for frame in frames]
        assert all((after - before) % 65536 == 1 for before, after in zip(numbers, numbers[1:]))
    assert all(longest_pause(player, AGING) < 1 for player in players)
    assert not streams.carried(streams.quiet, streams.filtering)
    assert querier.stop() == 0
