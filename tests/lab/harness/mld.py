"""MLD on a cable: what a capture shows of it."""

import time

from harness import packets
from harness.lab import wait
from harness.packets import mld_messages


def lost_to(address):
    return rf"eth0 \(MLD\): \[Election\] LOST to lower IP {address}\. Backing off\."


def pair(lab, address="fe80::1/64", address4="192.0.2.1/24"):
    """A host with an address of each family, and a peer that has IPv6 too."""
    host, peer = lab.pair(address4)
    host.enable_ipv6(address)
    peer.enable_ipv6("fe80::99/64")
    return host, peer


def queries(wire, source=None, since=0.0):
    """General Queries of MLD up to now, or those from one address, or those after a moment."""
    return [message for message in mld_messages(wire.frames(), packets.MLD_QUERY) if message.is_general_query()
            and message.frame.time > since and source in (None, message.source)]


def wait_queries(wire, count, timeout=5.0, source=None, since=0.0):
    def enough():
        found = queries(wire, source, since)
        return found if len(found) >= count else None
    return wait(enough, timeout, f"{count} MLD queries from {source or 'anybody'}")


def expect_silence(seconds, wire, source=None):
    start = time.time()
    while time.time() < start + seconds:
        assert not queries(wire, source, start)
        time.sleep(0.02)
