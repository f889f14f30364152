"""A stand-in for systemd: the sockets of its journal and of its service manager, read only when a test says so."""

import contextlib
import pathlib
import re
import socket
import struct
import time

from harness.lab import IGMP_QUERIER

SO_TIMESTAMPNS = 35


FILLER = b"X=filler"  # an entry of a journal, and words that mean nothing to a service manager


def fill(path):
    """Leaves no room in the queue of the datagram socket at `path`."""
    sent = True
    while sent:  # one sender alone may have a buffer that is smaller than the queue
        sent = 0
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, contextlib.suppress(BlockingIOError):
            other.setblocking(False)
            while True:
                other.sendto(FILLER, str(path))
                sent += 1


class Socket:
    """Takes datagrams as long as its queue has room."""

    def __init__(self, path):
        self.path = path
        self.open()

    def open(self):
        """Makes it, or makes it anew: what was not read is gone."""
        with contextlib.suppress(FileNotFoundError):
            self.close()
            self.path.unlink()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind(str(self.path))
        self.path.chmod(0o666)
        self._socket.setblocking(False)

    def close(self):
        if hasattr(self, "_socket"):
            self._socket.close()

    def fill(self):
        """From now on whoever waits for room waits until read()."""
        fill(self.path)

    def read(self):
        """What has arrived since the last time, as (the time of day when it was sent, text)."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data, control, _, _ = self._socket.recvmsg(1 << 16, 256)
                seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
                if data != FILLER:
                    found.append((seconds + nanoseconds / 1e9, data.decode()))
        return found

    def texts(self):
        return [text for _, text in self.read()]


class Systemd:
    """Starts programs as services whose journal and service manager are sockets of the test."""

    def __init__(self, lab):
        pathlib.Path("/proc/sys/net/unix/max_dgram_qlen").write_text("512")  # as systemd does when it boots
        self.journal = Socket(lab.directory / "journal")
        self.manager = Socket(lab.directory / "notify")
        for made in self.journal, self.manager:
            lab.cleanup.callback(made.close)

    def start(self, host, options):
        """Starts igmp-querier in a host. A link leads to the journal, so that open() replaces what it leads to."""
        return host.start("unshare", "--mount", "sh", "-c", "mount -t tmpfs -o mode=755 tmpfs /run && "
                          f"mkdir -p /run/systemd/journal && ln -s {self.journal.path} /run/systemd/journal/socket && "
                          "export JOURNAL_STREAM=$(stat --dereference --format=%d:%i /proc/self/fd/2) && "
                          f"NOTIFY_SOCKET={self.manager.path} exec {IGMP_QUERIER} {options}")

    def entries(self):
        """The messages of the journal's new entries, with their priority."""
        found = [dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.M)) for text in self.journal.texts()]
        return [(entry["MESSAGE"], entry["PRIORITY"]) for entry in found]


class Pulse:
    """Asks a program again and again: whatever keeps its loop from turning shows as an answer that takes long."""

    def __init__(self, ask):
        self.ask, self.longest, self.answers = ask, 0.0, 0

    def feel(self, seconds):
        """Returns the longest time of an answer."""
        end = time.monotonic() + seconds
        while (start := time.monotonic()) < end:
            self.ask()
            self.longest = max(self.longest, time.monotonic() - start)
            self.answers += 1
            time.sleep(0.002)
        return self.longest
