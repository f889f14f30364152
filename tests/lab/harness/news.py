"""What the kernel tells of the links of a namespace."""

import contextlib
import socket
import struct

from harness.lab import SO_RCVBUFFORCE, run

RTMGRP_LINK, RTM_NEWLINK, IFF_RUNNING = 1, 16, 0x40
HEADER, LINK = struct.Struct("=IHHII"), struct.Struct("=BxHiII")  # nlmsghdr, ifinfomsg


class News:
    """Changes of links as they are told: this may be a second after they came about, or longer where there are many."""

    def __init__(self, namespace):
        with namespace.entered():
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self._socket.bind((0, RTMGRP_LINK))
        namespace.lab.cleanup.callback(self._socket.close)

    def read(self):
        """Since the last time: of each change, the index of the link and whether it can carry packets now."""
        changes = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data = self._socket.recv(1 << 16)
                kind = HEADER.unpack_from(data)[1]
                _, _, index, flags, _ = LINK.unpack_from(data, HEADER.size)
                changes.append((index, kind == RTM_NEWLINK and bool(flags & IFF_RUNNING)))
        return changes


def overwhelm(host):
    """More changes of an interface than the kernel keeps for a process that does not read them."""
    host.ip("link add noise0 type veth peer name noise1")
    script = "link set noise0 up\nlink set noise0 down\n" * 400
    path = host.lab.directory / "noise.batch"
    path.write_text(script)
    run("ip", "-n", host.name, "-batch", path)
