"""Stand-ins for hosts whose IGMP is not Linux': each answers queries as its function says."""

import contextlib
import dataclasses
import select
import socket
import threading

from harness import packets
from harness.packets import Frame, ethernet, ipv4, record, report, report_v3

ETH_P_IP = 0x0800
GROUP = "239.1.2.3"
VERSION_3_ROUTERS, ALL_ROUTERS = "224.0.0.22", "224.0.0.2"


@dataclasses.dataclass(frozen=True)
class Asked:
    """A query that a stand-in has received; `number` counts them from 1."""

    number: int
    version: int
    group: str
    source: str
    router_alert: bool


def in_version(version, destination=None):
    """The destination and the message of a report of GROUP."""
    if version == 3:
        return destination or VERSION_3_ROUTERS, report_v3(record(packets.IS_EX, GROUP))
    return destination or GROUP, report(GROUP)


def sound(asked):
    return in_version(asked.version)


def alert_means_version_3(asked):
    return in_version(3 if asked.router_alert else asked.version)


def deaf_to_unspecified(asked):
    return sound(asked) if asked.source != "0.0.0.0" else None


def deaf_to_router_alert(asked):
    return None if asked.router_alert else sound(asked)


def to_all_routers(asked):
    return in_version(asked.version, ALL_ROUTERS if asked.version == 2 else None)


def only_first(asked):
    return sound(asked) if asked.number == 1 else None


def mute(_):
    return None


class Stack:
    """Answers from `address` on eth0 of a namespace, whose own kernel is member of no group."""

    def __init__(self, namespace, address, answer=sound):
        self._address, self._answer, self._count = address, answer, 0
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._socket.bind(("eth0", ETH_P_IP))
        self._stopped, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        namespace.lab.cleanup.callback(self.stop)

    def stop(self):
        with contextlib.suppress(OSError):
            self._stop.send(b"\0")
        self._thread.join(5)
        for one in self._socket, self._stopped, self._stop:
            one.close()

    def _run(self):
        while self._stopped not in select.select([self._socket, self._stopped], [], [])[0]:
            try:
                frame = Frame(0, self._socket.recv(65536))
            except OSError:  # the interface went down
                continue
            if frame.is_igmp(packets.QUERY):
                self._react(frame)

    def _react(self, frame):
        self._count += 1
        asked = Asked(self._count, 3 if len(frame.payload) > 8 else 2, socket.inet_ntoa(frame.payload[4:8]),
                      frame.source, packets.ROUTER_ALERT in frame.header[20:])
        if asked.group not in ("0.0.0.0", GROUP):
            return
        if (answer := self._answer(asked)) is None:
            return
        destination, message = answer
        mac = b"\x01\0\x5e" + bytes([socket.inet_aton(destination)[1] & 0x7F]) + socket.inet_aton(destination)[2:]
        with contextlib.suppress(OSError):
            self._socket.send(ethernet(ipv4(self._address, message, destination=destination), destination=mac))
