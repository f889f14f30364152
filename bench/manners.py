"""How a querier behaves when nothing happens, and how soon it acts when something does: the daemon and FRR's pimd."""

import contextlib
import statistics
import time

from harness import packets
from harness.lab import wait
from receivers import ADDRESS, Ours, Pimd, queries

LOWER, OTHER = "192.0.2.1", "192.0.2.100"
MIB = 1 << 20
PATIENCE = 40  # seconds that something may take
# What both can be set to: two intervals and half a response later the silent querier is gone (RFC 9776 section 8.5).
INTERVAL, RESPONSE, ROBUSTNESS = 2, 1, 2
GONE = ROBUSTNESS * INTERVAL + RESPONSE / 2


class Manners:
    """Figures by what they are and whose."""

    def __init__(self, lab, options):
        self.options = options
        self.kinds = Ours(lab), Pimd(lab)
        self.wires = {kind.name: kind.peer.capture(protocol=packets.IGMP) for kind in self.kinds}
        self.figures = {}

    def add(self, what, kind, value):
        self.figures.setdefault(what, {}).setdefault(kind.name, []).append(value)

    def run(self):
        for _ in range(self.options.repeat):
            for kind in self.kinds:
                self._start_and_stop(kind)
                self._address_change(kind)
                self._take_over(kind)
        self._idle()

    def _wait_query(self, kind, since, source=ADDRESS):
        """When the first query from there after that moment was on the wire; None if there was none."""
        with contextlib.suppress(AssertionError):
            return wait(lambda: [frame.time for frame in queries(self.wires[kind.name], since)
                                 if frame.source == source], PATIENCE, "a query")[0]
        return None

    def _add_time(self, what, kind, moment, since):
        self.add(what, kind, None if moment is None else 1e3 * (moment - since))

    def _start_and_stop(self, kind):
        kind.start(2)
        self._add_time("first query after exec, ms", kind, self._wait_query(kind, kind.started()), kind.started())
        time.sleep(0.3)
        self.add("end after SIGTERM, ms", kind, 1e3 * kind.stop())

    def _address_change(self, kind):
        """The address is replaced by another."""
        with kind.running(2):
            self._wait_query(kind, kind.started())
            try:
                kind.host.ip(f"address del {ADDRESS}/24 dev eth0")
                time.sleep(0.2)
                since = time.time()
                kind.host.ip(f"address add {OTHER}/24 dev eth0")
                moment = self._wait_query(kind, since, OTHER)
            finally:
                kind.host.ip("address flush dev eth0")
                kind.host.ip(f"address add {ADDRESS}/24 dev eth0")
            self._add_time("first query from a new address, ms", kind, moment, since)

    def _take_over(self, kind):
        """A lower querier asks twice and falls silent."""
        with kind.running(2, interval=INTERVAL, response=RESPONSE, **{"lifetime": GONE} if kind.name == Ours.name else {}):
            self._wait_query(kind, kind.started())
            for _ in range(2):
                kind.peer.send(packets.general_query(LOWER))
                time.sleep(0.5)
            last = [frame.time for frame in queries(self.wires[kind.name], 0) if frame.source == LOWER][-1]
            moment = self._wait_query(kind, last + 0.5)
            self._add_time(f"first query after {GONE:g} s without the other querier, ms", kind, moment, last + GONE)

    def _idle(self):
        """Both at once: neither has anything to do."""
        with contextlib.ExitStack() as stack:
            for kind in self.kinds:
                stack.enter_context(kind.running(2))
                self._wait_query(kind, kind.started())
            before = {kind.name: self._state(kind) for kind in self.kinds}
            since = time.time()
            time.sleep(self.options.seconds)
            for kind in self.kinds:
                after = self._state(kind)
                names = "cpu", "wakeups"
                cpu, wakeups = (after[name] - before[kind.name][name] for name in names)
                self.add(f"processor time in {self.options.seconds} s of nothing, ms", kind, 1e3 * cpu)
                self.add(f"times that it went to sleep in {self.options.seconds} s", kind, wakeups)
                own = [frame for frame in queries(self.wires[kind.name], since) if frame.source == ADDRESS]
                self.add("queries in that time", kind, len(own))
                for name in "private memory (USS), MiB", "resident memory (RSS), MiB", "threads", "processes":
                    self.add(name, kind, after[name])

    @staticmethod
    def _state(kind):
        accounts = kind.accounts()
        memory = [account.memory() for account in accounts]
        return {"cpu": sum(account.cpu_seconds() for account in accounts),
                "wakeups": sum(account.switches()[0] for account in accounts),
                "private memory (USS), MiB": sum(private for _, private in memory) / MIB,
                "resident memory (RSS), MiB": sum(resident for resident, _ in memory) / MIB,
                "threads": sum(account.threads() for account in accounts), "processes": len(accounts)}

    def markdown(self):
        names = [kind.name for kind in self.kinds]
        lines = ["\n### Manners\n", f"pimd with the zebra that it needs. A time is {PATIENCE} s at most.\n",
                 "| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
        for what, found in self.figures.items():
            lines.append(f"| {what} | " + " | ".join(self._text(found[name]) for name in names) + " |")
        return lines

    @staticmethod
    def _text(values):
        if any(value is None for value in values):
            return f"none in {PATIENCE} s"
        value = statistics.median(values)
        return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"
