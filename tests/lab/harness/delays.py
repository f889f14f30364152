"""Why a query was late: what had happened on its link, or a processor that others had."""

import collections
import pathlib
import threading
import time

SAMPLE = 0.02  # seconds between two looks at the kernel's counter
KEPT = 60  # seconds that samples and events are kept
BEFORE = 1  # second before a query was due in which an event may have delayed it
BUSY = "processor busy"
TOLD = 6  # causes at most by name


class Processor:
    """How long a process has been ready to run without a processor, as the kernel counts it."""

    def __init__(self, process):
        self._file = pathlib.Path(f"/proc/{process.popen.pid}/schedstat")
        self._samples = collections.deque(maxlen=round(KEPT / SAMPLE))
        self._sample()
        threading.Thread(target=self._watch, daemon=True).start()

    def _sample(self):
        self._samples.append((time.time(), int(self._file.read_text().split()[1]) / 1e9))

    def _watch(self):
        try:
            while True:
                time.sleep(SAMPLE)
                self._sample()
        except (FileNotFoundError, ProcessLookupError):  # the process has ended
            pass

    def waited(self, start=0, end=float("inf")):
        """Seconds of waiting between two moments, and at most a sample before and after; in all, if none are given."""
        samples = list(self._samples)
        before = [total for moment, total in samples if moment <= start] or [samples[0][1] if start else 0]
        after = [total for moment, total in samples if moment >= end] or [samples[-1][1]]
        return after[0] - before[-1]


class Events:
    """What has happened lately, by link; None is all of them."""

    def __init__(self):
        self._events = collections.deque(maxlen=1000)

    def add(self, moment, what, link=None):
        self._events.append((moment, what, link))

    def note(self, what, link=None):
        self.add(time.time(), what, link)

    def between(self, start, end, link):
        """What has happened there, each kind once."""
        return sorted({what for moment, what, where in self._events if start <= moment <= end and where in (None, link)})


class Delays:
    """Queries that came later than `least` after they were due, by cause."""

    def __init__(self, least):
        self.least = least
        self.processor, self.events = None, Events()
        self.counts, self.worst = collections.Counter(), {}
        self.others = []  # what to tell of delays that are none of the program's

    def cause(self, due, moment, link):
        """Events within a second before it was due and until it came, unless half of the delay was a wait for a processor."""
        if self.processor and self.processor.waited(due, moment) >= (moment - due) / 2:
            return BUSY
        return " + ".join(self.events.between(due - BEFORE, moment, link)) or "nothing"

    def note(self, due, moment, link):
        """A query that has come; returns the cause if it was late."""
        late = moment - due
        if late < self.least:
            return None
        cause = self.cause(due, moment, link)
        self.counts[cause] += 1
        self.worst[cause] = max(self.worst.get(cause, 0), late)
        return cause

    def __str__(self):
        told = [(cause, count, self.worst[cause]) for cause, count in self.counts.most_common()]
        if len(told) > TOLD:
            rest = told[TOLD:]
            told[TOLD:] = [("other causes", sum(count for _, count, _ in rest), max(worst for *_, worst in rest))]
        return ", ".join(f"{cause} {count} ({worst:.2f} s)" for cause, count, worst in told) or "none"
