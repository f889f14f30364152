"""A querier with much to do, judged after clients have done their worst."""

import os
import time

from harness import packets
from harness.lab import Hub, wait
from harness.lan import IGMP, Lan
from harness.memory import MEBIBYTE, resident
from harness.packets import IS_EX, address, record, report_v3

# A hundred queries, a tenth of a second apart, and then one a second. Groups live for eight.
BURST, BURST_BEAT, BEAT = 100, 0.1, 1
BUSY = (f"-q {BEAT} --jitter 0 --startup-count {BURST} --startup-interval {BURST_BEAT} --max-response 0.5 "
        "--robustness 7")
# Generous, for other tests run beside this one; a query that waits for a client would be late by seconds.
LATE = 0.15
MOST_CONNECTIONS, MOST_FOLLOWERS, MOST_REFUSED = 64, 32, 16
BOUND = 8 * MEBIBYTE  # for the events, and for what is under way for 64 clients
JOINS = 180  # in a packet


class BusyLan:
    """A busy querier, and its neighbour, who has seen every query."""

    def __init__(self, lab, pace=BUSY):
        hub = Hub(lab)
        self.peer = lab.host(hub, "peer", "192.0.2.99/24")
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.lan = Lan(lab, IGMP[2], versions=[], switch=hub, pace=pace)
        self.api = self.lan.api
        self.api.get("/v1/status")
        time.sleep(0.2)  # that client is forgotten
        self.before = resident(self.lan.querier)
        self.descriptors = self.count_descriptors()
        self.clients, self.hosts = [], 0
        lab.cleanup.callback(self.leave)

    def count_descriptors(self):
        return len(os.listdir(f"/proc/{self.lan.querier.popen.pid}/fd"))

    def connect(self, first=b""):
        self.clients.append(self.api.connect(first))
        return self.clients[-1]

    def leave(self):
        while self.clients:
            self.clients.pop().close()

    def flood(self, count):
        """A packet from each of so many hosts that were not here before: news with every record."""
        records = [record(IS_EX, address(0xEF000000 + n)) for n in range(JOINS)]
        for _ in range(count):
            self.hosts += 1
            self.peer.send(packets.ethernet(packets.ipv4(address(0x0A000000 + self.hosts), report_v3(*records))))
            time.sleep(0.002)

    def judge(self, start):
        """What must hold after whatever has been done since then."""
        self.wire.wait_queries(3, since=time.time())
        queries = self.wire.queries()
        late = max(after.time - before.time - (BURST_BEAT if number < BURST else BEAT)
                   for number, (before, after) in enumerate(zip(queries, queries[1:]), 1) if after.time > start)
        assert late < LATE, f"{late:.3f} s late"
        assert resident(self.lan.querier) - self.before < BOUND
        assert self.count_descriptors() <= self.descriptors + MOST_CONNECTIONS + MOST_REFUSED
        self.leave()
        wait(lambda: self.count_descriptors() == self.descriptors, 8, "all descriptors given back")
        assert self.api.interface()["role"] == "querier"
        assert self.lan.querier.stop() == 0
