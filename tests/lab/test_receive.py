"""What the buffers that packets come through must not get wrong: long packets, losses, links that share one."""

import signal
import time

import packets
from api import Api
from lab import BRISK, FAST, wait
from members import table, wait_table
from test_recovery import overwhelm

SLOW = "-q 60 --startup-count 1 --igmp-version 3"
MEMBER = "192.0.2.50"
SHARING = 17  # one more interface than have ears of their own


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
