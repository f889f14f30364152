"""What the program is for: a joined stream dies on a snooping switch without a querier, and lives with one."""

import time

import pytest

from harness import packets
from harness.lab import wait
from harness.switches import AGING, LinuxBridge, OpenVSwitch, longest_pause, packets_in

QUERY_INTERVAL = 5


class Studio:
    """A switch, a sender of two streams, two hosts that may join one each, and a quiet one that joins nothing.

    Of one group only one receiver would answer to an IGMPv2 query, hence two streams.
    """

    def __init__(self, lab, switch):
        self.switch = switch
        self.own = lab.host(switch, "own", "192.0.2.1/24")
        self.remote = lab.host(switch, "remote", "192.0.2.20/24")
        self.quiet = lab.host(switch, "quiet", "192.0.2.40/24")
        self.groups = {self.own: "239.1.2.3", self.remote: "239.1.2.4"}
        switch.never_a_router_port("own")
        self.streams = {host: host.capture(protocol=packets.UDP) for host in (*self.groups, self.quiet)}
        self.igmp = {host: host.capture(protocol=packets.IGMP) for host in self.groups}
        sender = lab.host(switch, "sender", "192.0.2.30/24")
        for group in self.groups.values():
            sender.stream("send", group, "--rate 50")
        # A switch begins to filter when it has received a query: a querier that asks once, and leaves.
        former = lab.host(switch, "former", "192.0.2.9/24")
        former.send(packets.ethernet(packets.ipv4("192.0.2.9", packets.query(3, response=5))))
        former.ip("link set eth0 down")
        start = time.time()

        def flooded():
            """When a port last carried a stream that nobody had joined."""
            return max([start, *(frame.time for capture in self.streams.values() for frame in capture.frames())])

        wait(lambda: time.time() - flooded() > 0.5, what="a switch that filters")
        self.filtering = time.time()

    def join(self):
        self.players = [host.stream("receive", group, "--every 0.2") for host, group in self.groups.items()]
        self.wait_streams(self.filtering)

    def stream(self, host, since=0.0):
        """What the host's port has carried of the stream that the host joined."""
        return [frame for frame in self.streams[host].frames()
                if frame.time > since and frame.destination == self.groups[host]]

    def wait_streams(self, since):
        wait(lambda: all(self.stream(host, since) for host in self.groups), what="both streams")

    def remembered(self):
        """Whether the switch knows each member, and nobody else."""
        tracked = self.groups if self.switch.remembers_router_ports else [self.remote]
        return all(self.switch.members(self.groups[host]) == {host.label} for host in tracked)

    def watch(self, until):
        """The memberships never lapse."""
        wait(self.remembered, what="the memberships in the switch")
        while time.time() < until:
            assert self.remembered()
            time.sleep(0.5)

    def expect_whole_streams(self, since, seconds):
        """Both streams lasted that long without a lost packet, and the quiet port got nothing, ever."""
        for host in self.groups:
            frames = self.stream(host, since)
            assert frames[-1].time - frames[0].time > seconds
            numbers = [frame.sequence() for frame in frames]
            assert all((after - before) % 65536 == 1 for before, after in zip(numbers, numbers[1:]))
        for player in self.players:
            assert longest_pause(player, seconds) < 1
        assert not [frame for frame in self.streams[self.quiet].frames() if frame.time > self.filtering]


@pytest.mark.slow
@pytest.mark.parametrize("make_switch", [OpenVSwitch, LinuxBridge])
def test_joined_stream_dies_without_a_querier_and_lives_with_ours(lab, make_switch):
    """First nobody asks, and both receivers lose their stream after the aging time: the remote one, and the one on
    the host where the querier will run. Then igmp-querier starts; both streams come back without anybody touching
    the receivers, and live for four aging times without a lost packet. The switch remembers the members all the
    time, and the host that never joined gets no packet of any stream. (IGMP-F-05, IGMP-Q-03)"""
    studio = Studio(lab, make_switch(lab))
    studio.join()

    def alive():
        return any(studio.stream(host, time.time() - 1) for host in studio.groups)

    wait(lambda: not alive(), AGING + 10, "the death of the streams")
    died = time.time()
    for host in studio.groups:
        age = studio.stream(host)[-1].time - studio.igmp[host].frames()[-1].time
        assert AGING - 2 < age < AGING + 3, f"{host.label} lost its stream {age:.1f} s after its last report"
    assert not any(studio.switch.members(group) for group in studio.groups.values())
    assert all(packets_in(player.output()[-1]) == 0 for player in studio.players)

    querier = studio.own.querier(f"-i eth0 -q {QUERY_INTERVAL} --max-response 1 --startup-interval 1 --jitter 0")
    studio.wait_streams(died)
    studio.watch(until=time.time() + 4 * AGING + 1)
    studio.expect_whole_streams(died, 4 * AGING)
    for host, group in studio.groups.items():
        answers = [frame for frame in studio.igmp[host].frames()
                   if frame.outgoing and frame.time > died and frame.destination == group]
        assert len(answers) >= 4 * AGING / QUERY_INTERVAL
    assert querier.stop() == 0
