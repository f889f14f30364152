"""MLD under systemd: its socket is handed in, and the address filter lets out what must leave, and no more."""

import contextlib
import re
import socket
import struct

import pytest
from machine import inside, wait_until
from test_install import CONFIG, INSTALL, UNIT, clean, journal, main_pid  # noqa: F401 (clean: after each test)

ETH_P_IPV6, SOL_PACKET = 0x86DD, 263
QUERY, REPORT_V2, IS_EX = 130, 143, 2
GROUP = "ff15::77"
UNHEARD = r"eth0 \(MLD\): programs on this host do not receive our query: Operation not permitted"


def ip6(address):
    return socket.inet_pton(socket.AF_INET6, address)


@pytest.fixture
def wire(machine):
    """Hears the MLD messages that reach the LAN."""
    with inside(machine.lan), socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IPV6)) as opened:
        opened.bind(("lan0", ETH_P_IPV6))
        opened.setsockopt(SOL_PACKET, 1, struct.pack("iHH8s", socket.if_nametoindex("lan0"), 2, 0, b""))
        opened.setblocking(False)
        yield opened


def messages(wire, kind):
    """Those of one type that have arrived since the last call, each with its whole packet."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            packet = wire.recv(2048)
            if packet[6] == 0 and packet[40] == 58 and packet[48] == kind:
                found.append(packet)
    return found


def wait_messages(wire, kind, count, having=b""):
    found = []

    def enough():
        found.extend(packet for packet in messages(wire, kind) if having in packet)
        return len(found) >= count

    wait_until(enough, f"{count} MLD messages of type {kind}")
    return found


def install(machine):
    machine.sh(INSTALL)
    machine.sh(f"printf '[defaults.mld]\\nquery-interval = 1\\njitter = 0\\n[interface.eth0]\\n' >{CONFIG}")
    machine.sh("systemctl restart igmp-querier")


def test_the_hosts_own_receivers_hear_the_queries(machine, wire):
    """The kernel answers, for the daemon that was started and for the one that takes its place."""
    with inside(machine.net), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver:
        index = socket.if_nametoindex("eth0")
        receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, ip6(GROUP) + struct.pack("I", index))
        answer = bytes([IS_EX, 0, 0, 0]) + ip6(GROUP)  # an unsolicited report says another thing
        messages(wire, REPORT_V2)
        install(machine)
        wait_messages(wire, REPORT_V2, 3, having=answer)
        machine.sh(f"kill -9 {main_pid(machine)}; sleep 1")
        messages(wire, REPORT_V2)
        wait_messages(wire, REPORT_V2, 3, having=answer)
    said = journal(machine)
    assert re.search(r"Starting MLD Querier on eth0 \(fe80::", said) and "do not receive" not in said


def test_without_the_allowed_groups_queries_leave_as_frames(machine, wire):
    """The filter is at work: take the permission away and the raw socket is refused, which the log says."""
    install(machine)
    usual = wait_messages(wire, QUERY, 1)[0]
    machine.sh(f"sed -i '/^IPAddressAllow=/d' {UNIT}; systemctl daemon-reload; systemctl restart igmp-querier")
    wait_until(lambda: re.search(UNHEARD, journal(machine)), "a word about what is missing")
    messages(wire, QUERY)
    assert set(wait_messages(wire, QUERY, 2)) == {usual}
