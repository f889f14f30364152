"""A LAN with a snooping switch, a host that `doctor` examines, and others that can be made to fail."""

import json
import socket
import struct
import threading

from harness import packets
from harness.hosts import Member
from harness.lab import FAST, IGMP_QUERIER, Namespace, link_json, wait

GROUP = "239.1.2.3"


class Chatter(threading.Thread):
    """Calls a function again and again until the test ends."""

    def __init__(self, lab, function, every):
        super().__init__(daemon=True)
        self._function, self._every, self._end = function, every, threading.Event()
        lab.cleanup.callback(self.stop)
        self.start()

    def run(self):
        while not self._end.is_set():
            self._function()
            self._end.wait(self._every)

    def stop(self):
        self._end.set()
        self.join(5)


class Verdict:
    """What `doctor --json` said, and its exit status."""

    def __init__(self, process, timeout):
        self.code = process.finish(timeout)
        text = process.stdout.read_text()
        assert text, process.describe()
        self.json = json.loads(text)

    def ids(self, *severities):
        return {finding["id"] for finding in self.json["findings"] if not severities or finding["severity"] in severities}

    @property
    def problems(self):
        return self.ids("problem")

    def of(self, name):
        return next(finding for finding in self.json["findings"] if finding["id"] == name)


class Site:
    def __init__(self, lab, switch):
        self.lab, self.switch = lab, switch
        self.here = lab.host(switch, "here", "192.0.2.5/24")
        self.member = Member(self.here)
        self._others = {"here": self.here}

    def other(self, label, address):
        """Another host of the LAN."""
        if label not in self._others:
            self._others[label] = self.lab.host(self.switch, label, address)
        return self._others[label]

    def ours(self, *options, pace=FAST):
        """igmp-querier as the LAN's querier, on a host of its own."""
        host = self.other("querier", "192.0.2.1/24")
        return host.querier("-i eth0", pace, *options)

    def say(self, *frames, every=0.4, label="stranger"):
        """Another host sends these frames again and again."""
        host = self.other(label, "192.0.2.9/24")
        return Chatter(self.lab, lambda: host.send(*frames), every)

    def stream(self, group=GROUP, every=0.02, label="sender", address="192.0.2.30/24"):
        """Another host sends a stream."""
        host = self.other(label, address)
        with host.entered():
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.lab.cleanup.callback(sender.close)
        source = address.partition("/")[0]
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        return Chatter(self.lab, lambda: sender.sendto(b"x" * 100, (group, 5004)), every)

    def second_lan(self, name="eth1", address="198.51.100.5/24"):
        """Another interface of the host, with a LAN of its own."""
        far = Namespace(self.lab, f"far-{name}")
        self.lab.link(self.here, name, far, "eth0")
        self.here.ip(f"address add {address} dev {name}")
        return far

    def begin(self, *options, host=None):
        """Starts doctor, and waits until it receives."""
        host = host or self.here
        words = [word for option in options for word in str(option).split()]
        if "--api-socket" not in words:
            words += ["--api-socket", str(self.lab.directory / "none.sock")]
        interface = words[words.index("-i") + 1] if "-i" in words else "eth0"
        before = self._receivers(host, interface)
        process = host.start(IGMP_QUERIER, "doctor", "--json", *words)
        wait(lambda: not process.alive() or self._receivers(host, interface) > before, what="doctor to receive")
        return process

    @staticmethod
    def _receivers(host, interface):
        """The number of programs that receive all multicast of the interface."""
        return link_json(host, f"-d link show {interface}")[0].get("allmulti", 0)

    def doctor(self, *options, host=None, timeout=30):
        return Verdict(self.begin(*options, host=host), timeout)


def query_v3(source, interval):
    """A General Query of version 3 that advertises an interval of that many seconds (RFC 9776 section 4.1.7)."""
    exponent = max(0, interval.bit_length() - 8)
    code = interval if interval < 128 else 0x80 | exponent << 4 | (interval >> exponent + 3) & 0x0F
    body = bytes([packets.QUERY, 5, 0, 0]) + bytes(4) + struct.pack("!BBH", 2, code, 0)
    return packets.ethernet(packets.ipv4(source, packets.igmp(body)))
