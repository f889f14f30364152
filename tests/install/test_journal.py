"""What the journal has of the service: lines at their priority, with fields to look for."""

import json

from machine import ADDRESS
from test_install import INSTALL, clean, hears_query  # noqa: F401 (clean: after each test)


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
