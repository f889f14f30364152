"""What the journal has of the service: lines at their priority, with fields to look for."""

import contextlib
import json
import os
import signal
import time

from harness.systemd import fill
from machine import ADDRESS, wait_until
from test_install import INSTALL, clean, hears_query, main_pid  # noqa: F401 (clean: after each test)


def entries(machine, *matches):
    """Of the service as it runs now."""
    machine.sh("journalctl --sync")
    said = machine.sh("journalctl --output=json _SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value "
                      f"igmp-querier) {' '.join(matches)}").stdout
    return [json.loads(line) for line in said.splitlines()]


def test_a_role_change_can_be_looked_for(machine):
    machine.sh(INSTALL)
    hears_query(machine)
    [change] = entries(machine, "IGMP_QUERIER_EVENT=role-changed")
    assert change["MESSAGE"].startswith("eth0: [Election] Asking as " + ADDRESS)
    assert (change["PRIORITY"], change["SYSLOG_IDENTIFIER"]) == ("6", "igmp-querier")
    assert change["IGMP_QUERIER_INTERFACE_NAME"] == "eth0" and change["IGMP_QUERIER_FAMILY"] == "ipv4"
    assert change["IGMP_QUERIER_ROLE"] == "querier" and change["IGMP_QUERIER_QUERIER"] == ADDRESS
    assert not entries(machine, "IGMP_QUERIER_EVENT=role-changed", "IGMP_QUERIER_ROLE=non-querier")


def test_what_fails_has_the_priority_of_an_error(machine):
    machine.sh(INSTALL)
    hears_query(machine)
    assert not entries(machine, "PRIORITY=3")
    machine.sh("echo 'frob = 1' >> /etc/igmp-querier/igmp-querier.toml; systemctl reload igmp-querier")
    [failure] = entries(machine, "PRIORITY=3")
    assert failure["IGMP_QUERIER_EVENT"] == "failed"
    assert "configuration not reloaded" in failure["MESSAGE"]


@contextlib.contextmanager
def stopped_journal(machine):
    pid = machine.sh("systemctl show --property=MainPID --value systemd-journald").stdout.strip()
    machine.sh(f"kill -STOP {pid}")
    try:
        fill(f"/proc/{machine.leader}/root/run/systemd/journal/socket")
        yield
    finally:
        machine.sh(f"kill -CONT {pid}")


@contextlib.contextmanager
def stopped_systemd(machine):
    os.kill(machine.leader, signal.SIGSTOP)
    try:
        fill(f"/proc/{machine.leader}/root/run/systemd/notify")
        yield
    finally:
        os.kill(machine.leader, signal.SIGCONT)


def beats(machine, seconds):
    """The longest time between two queries; the installed configuration is made to ask every second."""
    machine.wire.forget()
    moments = [time.monotonic()]
    while moments[-1] < moments[0] + seconds:
        hears_query_quietly(machine)
        moments.append(time.monotonic())
    return max(later - earlier for earlier, later in zip(moments, moments[1:]))


def hears_query_quietly(machine):
    """Asks nothing of the machine, which may stand still."""
    assert machine.wire.query(10), "no query within 10 s"


FAST = "sed -i -e '0,/^#query-interval/s//query-interval = 1 #/' "
FAST += "-e '0,/^#query-max-response-time/s//query-max-response-time = 0.5 #/' /etc/igmp-querier/igmp-querier.toml; "


def test_a_journal_that_stands_still_stops_nothing(machine):
    """Not a running daemon, and not one that starts meanwhile; what they said is there afterwards."""
    machine.sh(f"{INSTALL}; {FAST} systemctl restart igmp-querier")
    with stopped_journal(machine):
        machine.sh("echo '#' >>/etc/igmp-querier/igmp-querier.toml; systemctl reload igmp-querier")
        assert beats(machine, 4) < 2
        before = main_pid(machine)
        machine.sh("timeout 8 systemctl restart igmp-querier")
        assert main_pid(machine) not in (0, before)
        assert beats(machine, 3) < 2
    [change] = wait_until(lambda: entries(machine, "IGMP_QUERIER_EVENT=role-changed"), "the lines")
    assert change["MESSAGE"].startswith("eth0: [Election] Asking as " + ADDRESS)
    assert not [entry for entry in entries(machine) if "of the log were lost" in entry["MESSAGE"]]


def test_a_systemd_that_stands_still_stops_nothing(machine):
    machine.sh(f"{INSTALL}; {FAST} systemctl restart igmp-querier")
    pid = main_pid(machine)
    with stopped_systemd(machine):
        assert beats(machine, 20) < 2  # a sign of life for the watchdog falls due every 15 s
    assert main_pid(machine) == pid
    assert machine.sh("systemctl is-active igmp-querier").stdout == "active\n"
