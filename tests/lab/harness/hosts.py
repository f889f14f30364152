"""Hosts whose kernel speaks IGMP and MLD: sockets that join, filter by source and leave, and what they ask for."""

import dataclasses
import ipaddress
import socket
import struct

# <linux/in.h>: the same numbers at level IPPROTO_IP and at level IPPROTO_IPV6.
MCAST_JOIN_GROUP, MCAST_BLOCK_SOURCE, MCAST_UNBLOCK_SOURCE, MCAST_LEAVE_GROUP = 42, 43, 44, 45
MCAST_JOIN_SOURCE_GROUP, MCAST_LEAVE_SOURCE_GROUP, MCAST_MSFILTER = 46, 47, 48
FAMILIES = {4: (socket.AF_INET, socket.IPPROTO_IP), 6: (socket.AF_INET6, socket.IPPROTO_IPV6)}
EXCLUDE, INCLUDE = 0, 1


@dataclasses.dataclass(frozen=True)
class Filter:
    """What is wanted of a group: all sources but these, or these alone (RFC 9776 section 3.1)."""

    mode: str
    sources: frozenset = frozenset()


def include(*sources):
    return Filter("include", frozenset(sources))


def exclude(*sources):
    return Filter("exclude", frozenset(sources))


NOTHING = include()


def merge(filters):
    """What an interface has to receive for several sockets (RFC 9776 section 3.2)."""
    excluding = [wanted.sources for wanted in filters if wanted.mode == "exclude"]
    including = frozenset().union(*(wanted.sources for wanted in filters if wanted.mode == "include"))
    if excluding:
        return Filter("exclude", frozenset.intersection(*excluding) - including)
    return Filter("include", including)


def _sockaddr(address):
    """A sockaddr_storage."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return struct.pack("=HH4s120x", socket.AF_INET, 0, parsed.packed)
    return struct.pack("=HHI16sI100x", socket.AF_INET6, 0, 0, parsed.packed, 0)


class Member:
    """A socket in a namespace, and the filters that it has set on `interface`."""

    def __init__(self, namespace, interface="eth0"):
        self._index = namespace.interface_index(interface)
        self._namespace, self._sockets = namespace, {}
        self.filters = {}

    def _set(self, option, group, *rest):
        version = ipaddress.ip_address(group).version
        family, level = FAMILIES[version]
        if version not in self._sockets:
            with self._namespace.entered():  # a socket stays in the namespace where it was made
                self._sockets[version] = socket.socket(family, socket.SOCK_DGRAM)
            self._namespace.lab.cleanup.callback(self._sockets[version].close)
        value = struct.pack("=I4x", self._index) + _sockaddr(group) + b"".join(rest)
        self._sockets[version].setsockopt(level, option, value)

    def wants(self, group):
        return self.filters.get(group, NOTHING)

    def _want(self, group, wanted):
        self.filters[group] = wanted
        if wanted == NOTHING:
            del self.filters[group]

    def join(self, group):
        """All sources."""
        self._set(MCAST_JOIN_GROUP, group)
        self._want(group, exclude())

    def leave(self, group):
        self._set(MCAST_LEAVE_GROUP, group)
        self._want(group, NOTHING)

    def join_source(self, group, source):
        self._set(MCAST_JOIN_SOURCE_GROUP, group, _sockaddr(source))
        self._want(group, include(*self.wants(group).sources, source))

    def leave_source(self, group, source):
        self._set(MCAST_LEAVE_SOURCE_GROUP, group, _sockaddr(source))
        self._want(group, include(*self.wants(group).sources - {source}))

    def block(self, group, source):
        """One source less, of a group that was joined."""
        self._set(MCAST_BLOCK_SOURCE, group, _sockaddr(source))
        self._want(group, exclude(*self.wants(group).sources, source))

    def unblock(self, group, source):
        self._set(MCAST_UNBLOCK_SOURCE, group, _sockaddr(source))
        self._want(group, exclude(*self.wants(group).sources - {source}))

    def set_filter(self, group, wanted):
        """Everything at once, for a group of which something is wanted already."""
        mode = EXCLUDE if wanted.mode == "exclude" else INCLUDE
        self._set(MCAST_MSFILTER, group, struct.pack("=II", mode, len(wanted.sources)),
                  *map(_sockaddr, sorted(wanted.sources)))
        self._want(group, wanted)

    def close(self):
        """Leaves whatever is left."""
        for opened in self._sockets.values():
            opened.close()
        self._sockets, self.filters = {}, {}


def expected(*members):
    """What the interface of these sockets asks for, by group."""
    groups = {group for member in members for group in member.filters}
    return {group: merge([member.filters[group] for member in members if group in member.filters]) for group in groups}


def speak(namespace, protocol, version, interface="eth0"):
    """Has the kernel there speak that version of IGMP or MLD whatever it hears; 0 lets it follow the querier."""
    family, knob = {"IGMP": ("ipv4", "force_igmp_version"), "MLD": ("ipv6", "force_mld_version")}[protocol]
    namespace.sysctl(f"net/{family}/conf/{interface}/{knob}", version)
