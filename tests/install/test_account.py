"""The service's user and group: they last, and members of the group may ask the daemon."""

import pytest
from machine import wait_until
from test_install import CONFIG_DIR, COPIES, INSTALL, PROGRAM, UNIT, exists, hears_query, main_pid
from test_install import clean  # noqa: F401 (after each test)

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


@pytest.mark.parametrize("answer, joins", [("", True), ("y", True), ("n", False)])
def test_who_ran_sudo_is_offered_the_group(machine, person, answer, joins):
    """On a terminal; the commands that it is told work at once."""
    said = machine.sh(f"echo '{answer}' | SUDO_USER=alice script --quiet --return --command '{INSTALL}' /dev/null").stdout
    assert "Add alice to the group igmp-querier" in said and "sudo igmp-querier status" in said
    assert ("igmp-querier" in machine.sh("id --groups --name alice").stdout.split()) == joins
    assert ("from the next login on" if joins else "sudo usermod -aG igmp-querier alice") in said


def test_without_a_terminal_who_ran_sudo_is_told_the_command(machine, person):
    said = machine.sh(f"SUDO_USER=alice {INSTALL}").stdout
    assert "sudo igmp-querier status" in said and "sudo usermod -aG igmp-querier alice, then log in again" in said
    assert machine.sh("id --groups --name alice").stdout == "alice\n"


def test_after_a_stop_status_says_how_to_start_it(machine):
    machine.sh(INSTALL)
    machine.sh("igmp-querier status")
    machine.sh("systemctl stop igmp-querier")
    done = machine.sh("igmp-querier status", check=False)
    assert done.returncode == 2 and "sudo systemctl start igmp-querier" in done.stdout
    assert not exists(machine, SOCKET)


@pytest.fixture
def by_hand(machine):
    """A daemon that somebody has started beside the service; the number of its process."""
    machine.sh(INSTALL)
    machine.sh("systemctl stop igmp-querier")
    pid = int(machine.sh("igmp-querier -i eth0 >/dev/null 2>&1 & echo $!").stdout)
    wait_until(lambda: f"Uid:\t{account(machine)[0]}\t" in machine.sh(f"cat /proc/{pid}/status").stdout, "its user")
    yield pid
    machine.sh(f"kill {pid}", check=False)


def test_uninstall_removes_all_but_a_user_that_a_daemon_runs_as(machine, by_hand):
    done = machine.sh("/src/uninstall.sh", check=False)
    assert done.returncode == 1
    said = [line for line in done.stdout.splitlines() if not line.startswith(("Removed", "Stopped"))]
    assert len(said) == 1 and "the user igmp-querier stays" in said[0] and f"'sudo kill {by_hand}'" in said[0]
    for path in (PROGRAM, UNIT, CONFIG_DIR, *COPIES):
        assert not exists(machine, path), path
    assert machine.sh("systemctl list-unit-files --no-legend 'igmp-querier*'", check=False).stdout == ""
    assert account(machine) is not None
    machine.sh(f"kill {by_hand}")
    wait_until(lambda: not exists(machine, f"/proc/{by_hand}"), "its end")
    assert machine.sh("/src/uninstall.sh").stdout == "Removed the user igmp-querier\n"
    assert account(machine) is None and machine.sh("getent group igmp-querier", check=False).returncode == 2


def test_uninstall_goes_on_after_what_fails(machine):
    """Here somebody has the service's group as the first of theirs, so that it cannot be removed."""
    machine.sh(INSTALL)
    machine.sh("useradd --gid igmp-querier bob")
    try:
        done = machine.sh("/src/uninstall.sh", check=False)
        assert done.returncode == 1 and "Removed the user igmp-querier" in done.stdout
        assert not exists(machine, PROGRAM) and not exists(machine, CONFIG_DIR)
    finally:
        machine.sh("userdel bob")
    assert machine.sh("/src/uninstall.sh").stdout == "Removed the group igmp-querier\n"


def test_uninstall_removes_the_group_although_people_have_joined_it(machine, person):
    machine.sh(INSTALL)
    machine.sh("usermod -aG igmp-querier alice; /src/uninstall.sh")
    assert machine.sh("id --groups --name alice").stdout == "alice\n"
    assert machine.sh("getent group igmp-querier", check=False).returncode == 2
