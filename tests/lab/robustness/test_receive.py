"""What the buffers that packets come through must not get wrong: long packets, losses, links that share one."""

import signal
import time

import pytest

from harness import packets
from harness.api import Api
from harness.lab import BRISK, link_json, wait
from harness.members import wait_table
from harness.news import overwhelm

SLOW = "-q 60 --startup-count 1 --igmp-version 3"
MEMBER = "192.0.2.50"
SHARING = 17  # one more interface than have a receiver of their own


def long_report(first):
    """A report of ten groups from 239.1.`first`.0 on: longer than a frame of the ring."""
    records = [packets.record(packets.IS_EX, f"239.1.{first}.{group}") for group in range(10)]
    return packets.ethernet(packets.ipv4(MEMBER, packets.report_v3(*records), "224.0.0.22"))


def test_long_packets_that_wait_while_the_link_goes_down_stay_with_their_frames(lab):
    """The kernel reports the link first, and the packet when it is asked again. If that packet stayed behind, each
    later one would be taken for the one before, and the daemon would be woken for ever."""
    host, peer = lab.pair()
    api = Api(lab)
    querier = host.querier("-i eth0", SLOW, api.option)
    api.ready()
    querier.wait_log("Startup|Listener")
    querier.popen.send_signal(signal.SIGSTOP)
    peer.send(long_report(1), long_report(2))
    host.ip("link set eth0 down")
    host.ip("link set eth0 up")
    querier.popen.send_signal(signal.SIGCONT)
    wait(lambda: api.interface()["role"] == "querier", what="the link")
    time.sleep(0.3)
    before = querier.wakeups()
    time.sleep(0.5)
    assert querier.wakeups() - before < 20
    peer.send(long_report(3))
    wait_table(api, lambda seen: "239.1.3.0" in seen.groups, "the groups of the last report")


class Links:
    """A querier of so many links that the last ones share a receiver."""

    def __init__(self, lab, count):
        self.host, self.peer = lab.namespace("host"), lab.namespace("peer")
        self.names = [f"lan{number:02}" for number in range(count)]
        for number in range(count):
            self.make(number)
        self.api = Api(lab)
        self.querier = self.host.querier(*[f"-i {name}" for name in self.names], BRISK, self.api.option)
        self.querier.wait_log("Startup", count=count)

    def make(self, number):
        name = self.names[number]
        self.host.ip(f"link add {name} index {100 + number} type veth peer name {name} netns {self.peer.name}")
        self.host.ip(f"address add 192.0.{number}.20/24 dev {name}")
        self.host.ip(f"link set {name} up")
        self.peer.ip(f"link set {name} up")

    def is_allmulti(self, name):
        return link_json(self.host, f"-d link show {name}")[0]["allmulti"] == 1

    def dropped(self, reason):
        """How many packets, on all links together."""
        interfaces = self.api.get("/v1/status")["interfaces"]
        return sum(seen["statistics"]["dropped"]["reasons"].get(reason, 0) for seen in interfaces)


def test_a_link_made_anew_unseen_is_joined_again_where_links_share(lab):
    """Name and index are as before, and the kernel has lost the notification. Its membership went with the former one:
    real hardware would hand up no group that the host has not joined."""
    links = Links(lab, SHARING)
    last = links.names[-1]
    assert links.is_allmulti(last)
    links.querier.popen.send_signal(signal.SIGSTOP)
    links.host.ip(f"link del {last}")
    overwhelm(links.host)
    links.make(SHARING - 1)
    assert not links.is_allmulti(last)
    links.querier.popen.send_signal(signal.SIGCONT)
    wait(lambda: links.is_allmulti(last), what="all multicast")
    assert links.querier.stop() == 0
    assert not links.is_allmulti(last)


def test_links_that_swap_names_unseen_both_receive(lab):
    """Neither may end what the other has begun, and neither is another process."""
    links = Links(lab, SHARING + 1)
    one, other = links.names[-2:]
    links.querier.popen.send_signal(signal.SIGSTOP)
    overwhelm(links.host)
    for name in one, other:
        links.host.ip(f"link set {name} down")
    for name, renamed in (one, "aside"), (other, one), ("aside", other):
        links.host.ip(f"link set {name} name {renamed}")
    for name in one, other:
        links.host.ip(f"link set {name} up")
    links.querier.popen.send_signal(signal.SIGCONT)
    links.querier.wait_log(rf"{other}: .*our address is|{other}.*Asking as 192\.0\.{SHARING - 1}\.20")
    for number in SHARING - 1, SHARING:
        links.peer.send(packets.general_query(f"192.0.{number}.10"), interface=links.names[number])
    for name, number in (one, SHARING), (other, SHARING - 1):
        links.querier.wait_log(rf"{name}: \[Election\] LOST to lower IP 192\.0\.{number}\.10")
    assert not links.querier.logged("another igmp-querier")


def test_what_a_shared_buffer_loses_is_counted_whoever_filled_it(lab):
    """Here an interface that nobody serves, before a packet was received from one that is."""
    links = Links(lab, SHARING)
    lab.link(links.host, "other", links.peer, "other")
    links.querier.popen.send_signal(signal.SIGSTOP)
    report = packets.ethernet(packets.ipv4(MEMBER, packets.report("239.1.1.1"), "239.1.1.1"))
    links.peer.send(*[report] * 5000, interface="other")
    links.querier.popen.send_signal(signal.SIGCONT)

    def lost():
        links.peer.send(report, interface="other")
        return links.dropped("receive buffer full")

    assert wait(lost, what="the loss") > 1000


@pytest.mark.heavy
def test_packets_that_cost_a_thousand_times_more_delay_no_query(lab):
    """Each has 122 records about one source of a group with thousands, all of which are looked at for each record. What
    is taken in without a break must be bounded by time, not only by the number of packets."""
    file = lab.directory / "querier.toml"
    file.write_text("[defaults.igmp]\nmax-sources-per-group = 8192\n")
    host, peer = lab.pair()
    api = Api(lab)
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier(f"-i eth0 -c {file} --igmp-version 3", BRISK, api.option)
    wire.wait_queries(1)

    def report(kind, lists):
        records = [packets.record(kind, "239.1.1.1", sources) for sources in lists]
        return packets.ethernet(packets.ipv4(MEMBER, packets.report_v3(*records), "224.0.0.22"))

    sources = [f"203.0.{number >> 8}.{number & 255}" for number in range(8192)]
    peer.send(*[report(packets.ALLOW, [sources[first:first + 360]]) for first in range(0, 8192, 360)])
    wait_table(api, lambda seen: len(seen.groups["239.1.1.1"].sources) == 8192, "all sources")
    cost, since = querier.cpu_seconds(), time.time()
    peer.send(*[report(packets.BLOCK, [["203.0.113.255"]] * 122)] * 256)
    wait(lambda: querier.cpu_seconds() - cost > 0.5, 30, "packets that cost something")
    wire.wait_queries(len(wire.queries()) + 1)
    times = [since, *[query.time for query in wire.queries(since=since)]]
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < 0.2 + 0.5
