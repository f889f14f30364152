"""A link of the soak: its hosts, and when the next query has to be there, whoever sends it."""

import math
import sys
import time

from harness import filters, packets
from harness.delays import BUSY
from harness.hosts import Member
from harness.lab import Hub

HOSTS = 3
INTERVAL, TIMEOUT = 2, 5  # seconds between queries; and until another querier that is silent is gone
CARRIER = 5  # seconds in which the kernel tells of a carrier, or never does: it was not away for long
LATE = 1  # second; packets are read as late as queries are sent
PACE = 0.1  # seconds between two actions
OURS, RIVAL, ROGUE, SECOND = 10, 2, 3, 9  # the daemon's address, two lower queriers, and the daemon's other address


class Schedule:
    """When the next query is due: the daemon's interval after its own, the timeout after that of a lower querier; also
    when its own crossed that one, which it had not read yet: it may have waited for a processor meanwhile. As it reads
    that one after its own query, the timeout begins there."""

    def __init__(self, waited):
        self._waited = waited  # seconds without a processor between two moments
        self._lower = -math.inf  # when the last query of a lower querier came

    def heard(self, moment, is_lower):
        if is_lower:
            self._lower = moment
            return moment + TIMEOUT
        crossed = moment - self._lower < LATE + self._waited(self._lower, moment)
        return moment + (TIMEOUT if crossed else INTERVAL)


class Link:
    """`refuses` says that the daemon ignores the query of the rogue: its settings do not trust it."""

    def __init__(self, lab, querier, number, delays, refuses=False):
        self.lab, self.number, self.port, self.delays = lab, number, f"lan{number}", delays
        self.hub = Hub(lab, f"hub{number}")
        lab.link(querier, self.port, self.hub.namespace, self.port)
        self.hub.attach(self.port)
        querier.ip(f"address add {self.address(OURS)}/24 dev {self.port}")
        querier.enable_ipv6(f"fe80::{OURS}/64", self.port)
        self.querier, self.rival = querier, None
        self.hosts = [self._host(f"host{n}", n) for n in range(20, 20 + HOSTS)]
        self.members = [Member(host) for host in self.hosts]
        self.stranger, self.other = self._host("stranger", 99), self._host("rival", RIVAL)
        lower = [RIVAL] if refuses else [RIVAL, ROGUE]
        self.lower = {self.address(n) for n in lower} | {f"fe80::{n}" for n in lower}
        self.wire = self.hub.namespace.capture(self.port, program=filters.queries_towards_or_of(self.lower))
        self.index = querier.interface_index(self.port)
        self.schedules = {six: Schedule(lambda *times: delays.processor.waited(*times)) for six in (False, True)}  # IGMP, MLD
        self.seen, self.late, self.due = 0, 0.0, {}  # late: but for waits for a processor
        self.is_cut, self.is_renumbered = False, False
        self.carrier = True  # as the kernel has announced it
        self.notes = []  # of what was late

    def _host(self, label, number):
        host = self.lab.host(self.hub, f"{label}-{self.number}"[:15], f"{self.address(number)}/24")
        host.enable_ipv6(f"fe80::{number}/64")
        return host

    def address(self, last):
        return f"198.18.{self.number}.{last}"

    def look(self):
        """Each query says when the next has to come, whoever sends it."""
        frames = self.wire.frames()
        for frame in frames[self.seen:]:
            six = frame.data[12:14] == b"\x86\xdd"
            if six:
                message, = packets.mld_messages([frame])
                is_query, source = message.is_general_query(), message.source
            else:
                is_query, source = frame.is_query(), frame.source
            if is_query and (not frame.outgoing or source in self.lower):
                self._judge(six, frame.time, source)
                self.due[six] = self.schedules[six].heard(frame.time, is_lower=frame.outgoing)
        self.seen = len(frames)
        for six in list(self.due):
            self._judge(six, time.time() - PACE, None)  # what has come since is seen next time

    def _judge(self, six, moment, source):
        due = self.due.get(six, moment)
        late = moment - due
        if late < self.delays.least:
            self.late = max(self.late, late)
            return
        cause = self.delays.note(due, moment, self.port) if source else self.delays.cause(due, moment, self.port)
        waited = self.delays.processor.waited(due, moment)
        own = 0 if cause == BUSY else late - waited
        self.late = max(self.late, own)
        if late > LATE:
            note = (f"{time.strftime('%T', time.localtime(moment))} {self.port} {'MLD' if six else 'IGMP'}: "
                    f"a query {late:.2f} s late from {source or 'nobody yet'}, {cause}; "
                    f"the daemon was without a processor for {waited:.2f} s")
            print(note, file=sys.stderr, flush=True)
            (self.notes if own > LATE else self.delays.others).append(note)

    def cut(self):
        """The switch pulls the cable."""
        self.hub.namespace.ip(f"link set {self.port} down")
        self.is_cut = True
        self.delays.events.note("flap", self.port)
        self.look()
        self.due.clear()

    def mend(self):
        self.hub.namespace.ip(f"link set {self.port} up")
        self.is_cut = False
        self.delays.events.note("flap", self.port)
        self.due = dict.fromkeys((False, True), time.time() + CARRIER)

    def told_of_carrier(self, carrier):
        """A query is due at once when a carrier is announced that was announced to be gone. After a shorter flap the
        daemon goes on as before."""
        if carrier and not self.carrier and not self.is_cut:
            self.due = {six: min(due, time.time()) for six, due in self.due.items()}
        self.carrier = carrier

    def renumber(self):
        """A lower address comes, or goes again."""
        self.is_renumbered = not self.is_renumbered
        verb = "add" if self.is_renumbered else "del"
        self.querier.ip(f"address {verb} {self.address(SECOND)}/24 dev {self.port}")
        self.delays.events.note("address", self.port)
