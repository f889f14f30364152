"""What the kernel tells of the links of a namespace."""

import contextlib
import socket
import struct

from lab import SO_RCVBUFFORCE

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
