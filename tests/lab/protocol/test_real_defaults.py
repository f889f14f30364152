"""Nothing shortened: the intervals that users run with, and switches that remember for as long as those on sale do."""

import json
import time

import pytest

from harness import packets
from harness.lab import wait
from harness.switches import LinuxBridge, OpenVSwitch

AGING, INTERVAL, TIMEOUT, RESPONSE = 260, 60, 255, 10  # seconds; RFC 2236 section 8 and docs/configuration.md
LATE = 17  # seconds that a timer of the kernel's bridge may be late by: it is set four minutes ahead, at 250 Hz
QUICK = 2.5  # seconds within which receivers answer a querier that takes over
STREAM, FAILURE, RATE = 20 * 60, 8 * 60, 50  # seconds, seconds and packets per second
GROUP = "239.1.2.3"


class Network:
    """A switch, two queriers, a stream of 20 minutes and two hosts that receive it."""

    def __init__(self, lab, make_switch, queriers=2):
        self.switch = make_switch(lab, AGING)
        hosts = [lab.host(self.switch, f"q{n}", f"192.0.2.{n}/24") for n in range(1, queriers + 1)]
        players = [lab.host(self.switch, f"player{n}", f"192.0.2.{40 + n}/24") for n in range(2)]
        sender = lab.host(self.switch, "sender", "192.0.2.50/24")
        self.wires = [host.capture(protocol=packets.IGMP) for host in players]
        self.queriers = [host.querier("-i eth0 -t", TIMEOUT) for host in hosts]
        self.queriers[0].wait_log("Startup|WON", 10)
        for standby in self.queriers[1:]:
            standby.wait_log("LOST", 10)
        self.receivers = [host.stream("receive", GROUP, "--json --duration 30m") for host in players]
        wait(lambda: self.switch.members(GROUP) == {host.label for host in players}, 2 * RESPONSE, "both members", pause=0.1)
        self.sender = sender.stream("send", GROUP, "--duration 20m --rate", RATE)
        self.began = time.time()

    def queries(self, number, since):
        return self.wires[0].queries(f"192.0.2.{number}", since)

    def answers(self, since):
        """When each receiver has answered first."""
        times = [[frame.time for frame in wire.frames()
                  if frame.time > since and frame.outgoing and frame.destination == GROUP] for wire in self.wires]
        return [found[0] for found in times if found]

    def kill_the_querier(self):
        """In the ninth minute of the stream, just after both receivers have answered a query; returns when that was sent."""
        time.sleep(FAILURE)
        start = time.time()
        asked = wait(lambda: self.queries(1, start), INTERVAL + 5, "a query of the first querier", pause=0.1)[0].time
        wait(lambda: len(self.answers(asked)) == 2, RESPONSE + 1, "both answers", pause=0.1)
        self.queriers[0].kill()
        self.killed = time.time()
        return asked

    def results(self):
        """What the receivers say at the end."""
        left = self.began + STREAM + 60 - time.time()
        for receiver in self.receivers:
            receiver.finish(left)
        return [json.loads(receiver.stdout.read_text()) for receiver in self.receivers]


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("make_switch", [OpenVSwitch, LinuxBridge])
def test_a_stream_of_twenty_minutes_outlives_the_querier(lab, make_switch):
    """It is killed after eight minutes; its standby asks 255 s after its last query, and not one packet is lost."""
    network = Network(lab, make_switch)
    last = network.kill_the_querier()
    taken = wait(lambda: network.queries(2, last), TIMEOUT + 5, "the standby", pause=0.1)[0].time
    assert TIMEOUT - 0.1 < taken - last < TIMEOUT + 1
    wait(lambda: len(network.answers(taken)) == 2, QUICK + 1, "both answers to it")
    results = network.results()
    for result in results:
        assert (result["outcome"], result["lost"], result["duplicates"]) == ("whole", 0, 0), result["verdict"]
        assert result["received"] >= (STREAM - 1) * RATE and result["querier"] == "192.0.2.2"
    lost = ", ".join(f"{result['lost']} of {result['received']}" for result in results)
    print(f"| {make_switch.__name__} | killed {network.killed - network.began:.0f} s after its begin | taken over "
          f"{taken - last:.1f} s after the last query | lost {lost} | longest gap "
          f"{max(result['longest-gap'] for result in results):.2f} s |")


@pytest.mark.slow
@pytest.mark.long
def test_it_dies_where_nobody_stands_by(lab):
    """The twin: both receivers lose it when the switch forgets them, 260 s after their last reports."""
    network = Network(lab, LinuxBridge, queriers=1)
    network.kill_the_querier()
    for result in network.results():
        assert result["outcome"] == "died", result["verdict"]
        assert AGING - 2 < result["memory"]["at-most"] < AGING + LATE
        assert FAILURE + AGING - 5 < result["died-at"] < FAILURE + INTERVAL + AGING + RESPONSE + LATE
