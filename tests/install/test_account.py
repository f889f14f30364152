"""The service's user and group: they last, and members of the group may ask the daemon."""

import pytest
from test_install import INSTALL, clean, exists, hears_query, main_pid  # noqa: F401 (clean: after each test)

SOCKET = "/run/igmp-querier/api.sock"


def account(machine, source="files"):
    """The service's user as (number, group's number, shell), or None."""
    found = machine.sh(f"getent --service={source} passwd igmp-querier", check=False).stdout.split(":")
    return (int(found[2]), int(found[3]), found[6].strip()) if len(found) > 1 else None


def owner(machine):
    return int(machine.sh(f"stat --format=%u /proc/{main_pid(machine)}").stdout)


def test_its_user_and_group_last(machine):
    machine.sh(INSTALL)
    user, group, shell = account(machine)
    assert 0 < user < 1000 and shell == "/usr/sbin/nologin"
    assert machine.sh("getent --service=files group igmp-querier").stdout == f"igmp-querier:x:{group}:\n"
    assert owner(machine) == user
    machine.sh("systemctl stop igmp-querier")
    assert account(machine) == (user, group, shell)
    machine.sh(INSTALL)
    assert owner(machine) == user


def test_an_installation_with_a_passing_user_gets_a_lasting_one(machine):
    """The name is taken while the service runs as a user that systemd has made."""
    machine.sh(INSTALL)
    machine.sh("systemctl stop igmp-querier; userdel igmp-querier; systemctl start igmp-querier")
    assert account(machine) is None and account(machine, "systemd") is not None
    passing = owner(machine)
    assert passing > 60000
    machine.sh(INSTALL)
    assert account(machine)[0] == owner(machine) < 1000


@pytest.fixture
def person(machine):
    """Somebody who is not root."""
    machine.sh("useradd alice")
    yield "runuser -u alice --"
    machine.sh("userdel alice")


def test_members_of_the_group_may_look_without_root(machine, person):
    machine.sh(INSTALL)
    hears_query(machine)
    group = account(machine)[1]
    assert machine.sh(f"stat --format='%F %a %g' {SOCKET}").stdout == f"socket 660 {group}\n"
    done = machine.sh(f"{person} igmp-querier status", check=False)
    assert done.returncode == 2
    assert len(done.stdout.splitlines()) == 1 and "sudo usermod -aG igmp-querier alice" in done.stdout
    machine.sh("usermod -aG igmp-querier alice")
    assert "eth0: we are the querier" in machine.sh(f"{person} igmp-querier status").stdout
    assert "IGMPv2" in machine.sh(f"{person} igmp-querier watch --once").stdout


def test_after_a_stop_status_says_how_to_start_it(machine):
    machine.sh(INSTALL)
    machine.sh("igmp-querier status")
    machine.sh("systemctl stop igmp-querier")
    done = machine.sh("igmp-querier status", check=False)
    assert done.returncode == 2 and "sudo systemctl start igmp-querier" in done.stdout
    assert not exists(machine, SOCKET)


def test_uninstall_removes_the_group_although_people_have_joined_it(machine, person):
    machine.sh(INSTALL)
    machine.sh("usermod -aG igmp-querier alice; /src/uninstall.sh")
    assert machine.sh("id --groups --name alice").stdout == "alice\n"
    assert machine.sh("getent group igmp-querier", check=False).returncode == 2
