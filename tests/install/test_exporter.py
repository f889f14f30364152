"""install.sh --exporter and its service: what it serves, to whom, and what it cannot do."""

import contextlib
import http.client
import re
import socket
import subprocess

import pytest
from machine import ADDRESS, PEER, inside, wait_until
from test_install import EXPORTER_UNIT as UNIT
from test_install import INSTALL, clean, everything, exists, refused  # noqa: F401 (clean: after each test)

NAME = "igmp-querier-exporter"
LISTEN_CONFIG = f"{UNIT}.d/listen.conf"
EXPORTER = f"{INSTALL} --exporter"
USUAL = ("127.0.0.1", 9788)


def get(namespace, where, path="/metrics"):
    """Status, type and text of what is answered there to a client of that namespace."""
    with inside(namespace):
        connection = http.client.HTTPConnection(*where, timeout=5)
        connection.connect()
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()


def up(machine, where=USUAL):
    """What the exporter says of the daemon; None while it says nothing."""
    try:
        text = get(machine.net, where)[2]
    except OSError:
        return None
    return re.search(r"^igmp_querier_up (\d)$", text, re.M)[1]


def wait_up(machine, value, where=USUAL):
    wait_until(lambda: up(machine, where) == value, f"igmp_querier_up {value}")


def main_pid(machine):
    return int(machine.sh(f"systemctl show --property=MainPID --value {NAME}").stdout)


def show(machine, name):
    return machine.sh(f"systemctl show --property={name} --value {NAME}").stdout.strip()


def listeners(machine):
    """Where programs of the machine take connections or datagrams of the Internet families."""
    found = machine.sh("ss --no-header --numeric --listening --tcp --udp --processes").stdout.splitlines()
    return [line.split()[4] for line in found if "igmp-querier" in line]


def test_serves_metrics_and_the_page_to_this_host_alone(machine):
    said = machine.sh(EXPORTER).stdout
    wait_up(machine, "1")
    status, kind, text = get(machine.net, USUAL)
    assert status == 200 and kind.startswith("text/plain; version=0.0.4")
    assert re.search(r'^igmp_querier_role\{.*interface="eth0".*role="querier".*\} 1$', text, re.M)
    status, kind, text = get(machine.net, USUAL, "/")
    assert status == 200 and kind.startswith("text/html") and "<title>" in text
    assert get(machine.net, USUAL, "/none")[0] == 404
    assert listeners(machine) == ["127.0.0.1:9788"]
    with pytest.raises(ConnectionRefusedError):
        get(machine.lan, (ADDRESS, 9788))
    assert "http://127.0.0.1:9788/\n" in said and "http://127.0.0.1:9788/metrics" in said and "NOTE" not in said
    assert machine.sh(f"systemctl is-active {NAME}; systemctl is-enabled {NAME}").stdout == "active\nenabled\n"
    said = machine.sh(f"journalctl --sync; journalctl --unit={NAME} --output=cat").stdout
    assert "Serving metrics and the web page at http://127.0.0.1:9788/" in said


def test_without_the_option_there_is_no_exporter(machine):
    assert "web page" not in machine.sh(INSTALL).stdout
    assert not exists(machine, UNIT) and listeners(machine) == []


def test_runs_as_a_user_of_its_own_without_any_capability(machine):
    machine.sh(EXPORTER)
    pid = main_pid(machine)
    status = dict(re.findall(r"^(\w+):\s*(.*)$", machine.sh(f"cat /proc/{pid}/status").stdout, re.M))
    assert "0" not in status["Uid"].split() + status["Gid"].split()
    assert machine.sh(f"stat --format=%U /proc/{pid}").stdout.strip() == NAME
    group = machine.sh("getent group igmp-querier").stdout.split(":")[2]
    assert set(status["Groups"].split()) == {group, status["Gid"].split()[0]}
    for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb", "CapInh"):
        assert int(status[name], 16) == 0, name
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "not filtered" not in machine.sh(f"journalctl _PID={pid}").stdout  # its own list, besides the unit's
    files = machine.sh(f"ls -l /proc/{pid}/fd").stdout
    assert not re.search(r" (/(?!dev/null|proc)\S+)$", files, re.M), files  # no file stays open


def test_outlives_the_daemon_and_waits_for_it(machine):
    machine.sh(EXPORTER)
    wait_up(machine, "1")
    pid = main_pid(machine)
    machine.sh("systemctl restart igmp-querier")
    wait_up(machine, "1")
    machine.sh("systemctl stop igmp-querier")
    wait_up(machine, "0")
    machine.sh("systemctl start igmp-querier")
    wait_up(machine, "1")
    machine.sh("systemctl kill --signal=KILL igmp-querier")
    wait_until(lambda: machine.sh("systemctl is-active igmp-querier", check=False).stdout == "active\n", "a new daemon")
    wait_up(machine, "1")
    assert main_pid(machine) == pid


def test_starts_without_a_daemon_and_starts_none(machine):
    machine.sh(f"{EXPORTER}; systemctl stop {NAME} igmp-querier; systemctl start {NAME}")
    wait_up(machine, "0")
    assert machine.sh("systemctl is-active igmp-querier", check=False).stdout == "inactive\n"
    machine.sh("systemctl start igmp-querier")
    wait_up(machine, "1")


def test_a_disabled_one_stays_off_until_it_is_asked_for_again(machine):
    machine.sh(f"{EXPORTER}; systemctl disable --now {NAME}")
    assert "web page" not in machine.sh(INSTALL).stdout
    state = f"systemctl is-active {NAME}; systemctl is-enabled {NAME}"
    assert machine.sh(state, check=False).stdout == "inactive\ndisabled\n"
    assert listeners(machine) == []
    assert "web page" in machine.sh(EXPORTER).stdout
    assert machine.sh(state).stdout == "active\nenabled\n"
    wait_up(machine, "1")


def test_disabled_and_without_its_files_it_has_left_nothing(machine):
    found = f"find /etc /run /usr/local /var -path /var/log/journal -prune -o -name '*{NAME}*' -print"
    machine.sh(f"{EXPORTER}={ADDRESS}:9999")
    assert {UNIT, f"{UNIT}.d"} < set(machine.sh(found).stdout.split())
    machine.sh(f"systemctl disable --now {NAME}; rm -r {UNIT}*")
    assert machine.sh(found).stdout == ""
    assert "127.0.0.1:9788" in machine.sh(EXPORTER).stdout
    assert listeners(machine) == ["127.0.0.1:9788"]


def test_a_killed_exporter_is_back_within_seconds(machine):
    machine.sh(EXPORTER)
    pid = main_pid(machine)
    machine.sh(f"kill -9 {pid}")
    wait_until(lambda: main_pid(machine) not in (0, pid), "another exporter", 6)
    wait_up(machine, "1")


def test_stops_at_once(machine):
    machine.sh(EXPORTER)
    wait_up(machine, "1")
    machine.sh(f"timeout 2 systemctl stop {NAME}")
    assert show(machine, "Result") == "success"
    assert up(machine) is None


# With nothing but bash and the program, as in its sandbox nothing else runs. Each: a command, whether it works there.
PROBES = [
    ("true", True),
    ("igmp-querier status", True),
    ("[[ $(</usr/share/ieee-data/oui.csv) == maker ]]", True),
    (": </dev/tcp/127.0.0.1/9788", True),
    (f": </dev/tcp/{PEER}/7777", False),
    (f"echo >/dev/udp/{PEER}/7777", False),
    ("/bin/true", False),
    (": </etc/passwd", False),
    (": </usr/share/dbus-1/system.conf", False),
    ("compgen -G '/var/*' >/dev/null", False),
    ("compgen -G '/sys/*' >/dev/null", False),
    ("compgen -G '/run/dbus/*' >/dev/null", False),
    (": </proc/1/status", False),
    (": </proc/meminfo", False),
    (": >/tmp/probe", False),
    (": >/var/tmp/probe", False),
    (": >/dev/shm/probe", False),
    (": >/run/lock/probe", False),
]


@pytest.fixture
def peer(machine):
    """Somebody on the LAN who takes connections."""
    with inside(machine.lan), socket.create_server((PEER, 7777)) as server:
        yield server


@pytest.fixture
def probe(machine):
    """Runs bash in the sandbox of the unit and says whether the command succeeds."""
    text = machine.sh(f"cat {UNIT} 2>/dev/null || cat /src/packaging/{NAME}.service").stdout

    def run(command):
        changed = re.sub(r"^ExecStart=.*", "ExecStart=/bin/bash -c '. /run/probe/command'", text, flags=re.M)
        changed = changed.replace("Type=notify", "Type=oneshot").replace("Restart=always", "Restart=no")
        changed = changed.replace("TimeoutStartSec=10", "TimeoutStartSec=2")
        changed = changed.replace("ExecPaths=/usr", "ExecPaths=/bin/bash /usr/bin/bash /usr", 1)
        machine.sh(f"cat >/run/systemd/system/{NAME}-probe.service", stdin=None, input=changed)
        machine.sh("mkdir -p /run/probe; cat >/run/probe/command", stdin=None, input=f"{command}\n")
        return machine.sh(f"systemctl daemon-reload; systemctl start {NAME}-probe", check=False).returncode == 0

    machine.sh("mkdir -p /usr/share/ieee-data; echo maker >/usr/share/ieee-data/oui.csv")
    yield run
    machine.sh(f"systemctl reset-failed {NAME}-probe; rm -r /run/probe /run/systemd/system/{NAME}-probe.service"
               " /usr/share/ieee-data; systemctl daemon-reload", check=False)


def test_what_its_sandbox_allows_and_what_not(machine, peer, probe):
    """What fails in there works for an ordinary user outside."""
    machine.sh(EXPORTER)
    wait_up(machine, "1")
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups bash -c"
    for command, works in PROBES:
        if not works:
            assert subprocess.run(machine.enter(f'{nobody} "{command}"'), timeout=10).returncode == 0, command
    machine.sh("rm -f /tmp/probe /var/tmp/probe /dev/shm/probe /run/lock/probe")
    assert [(command, probe(command)) for command, _ in PROBES] == PROBES


def test_another_address_is_served_when_asked_for(machine):
    said = machine.sh(f"{EXPORTER}={ADDRESS}:9999").stdout
    assert get(machine.lan, (ADDRESS, 9999))[0] == 200
    assert listeners(machine) == [f"{ADDRESS}:9999"]
    assert f"http://{ADDRESS}:9999/\n" in said
    assert f"NOTE: whoever can reach {ADDRESS}:9999 can read" in said and "no password" in said
    # Without the option it stays, and is told of again.
    pid = main_pid(machine)
    assert machine.sh(INSTALL).stdout.splitlines()[-3:] == said.splitlines()[-3:]
    assert main_pid(machine) not in (0, pid)
    assert get(machine.lan, (ADDRESS, 9999))[0] == 200
    machine.sh(f"{EXPORTER}=127.0.0.1:9788")
    assert not exists(machine, f"{UNIT}.d") and listeners(machine) == ["127.0.0.1:9788"]
    assert set(show(machine, "IPAddressAllow").split()) == {"127.0.0.0/8", "::1/128"}


def test_another_port_of_this_host_needs_no_permission(machine):
    said = machine.sh(f"{EXPORTER}=[::1]:9999").stdout
    assert "http://[::1]:9999/\n" in said and "NOTE" not in said
    wait_up(machine, "1", ("::1", 9999))
    assert "--allow-remote" not in machine.sh(f"cat {LISTEN_CONFIG}").stdout
    assert set(show(machine, "IPAddressAllow").split()) == {"127.0.0.0/8", "::1/128"}


def test_what_is_no_address_is_refused_before_anything_changes(machine):
    for given in ("", "9788", ":9788", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:09788",
                  "127.0.0.1:http", "127.0.0.256:9788", "127.1:9788", "localhost:9788", "::1:9788", "[::1]",
                  "[::g]:9788", "[::1/64]:9788", "[fe80::1%eth0]:9788", "[127.0.0.1]:9788", "127.0.0.1:9788 --host x"):
        refused(machine, f"{INSTALL} '--exporter={given}'", f"'{given}'", "127.0.0.1:9788", status=2)


@pytest.mark.parametrize("port", [1, 80, 1023])
def test_a_port_that_takes_privileges_is_refused_before_anything_changes(machine, port):
    refused(machine, f"{EXPORTER}=127.0.0.1:{port}", f"'127.0.0.1:{port}'", "1024", status=2)


def test_the_first_port_that_takes_none_is_served(machine):
    machine.sh(f"{EXPORTER}=127.0.0.1:1024")
    wait_up(machine, "1", ("127.0.0.1", 1024))


# A neighbour's, one of a subnet of ours, the loopback in other words, one that is good with its interface only.
@pytest.mark.parametrize("address", [PEER, "192.168.77.0", "[2001:db8::1]", "[0:0::1]", "[::ffff:127.0.0.1]",
                                     f"[::ffff:{ADDRESS}]", "[::0]", "[:::]", "LINK-LOCAL"])
def test_an_address_of_somebody_else_is_refused_before_anything_changes(machine, address):
    if address == "LINK-LOCAL":
        found = machine.sh("ip -6 -oneline address show dev eth0").stdout
        address = f"[{re.search(r'inet6 (fe80:[0-9a-f:]+)/', found)[1]}]"
    refused(machine, f"{EXPORTER}={address}:9788", address, "ip -brief address")


def test_an_ipv6_address_of_this_host_is_served(machine):
    machine.sh("ip address add 2001:db8::10/64 dev eth0 nodad")
    try:
        said = machine.sh(f"{EXPORTER}=[2001:db8::10]:9788").stdout
        wait_up(machine, "1", ("2001:db8::10", 9788))
    finally:
        machine.sh("ip address del 2001:db8::10/64 dev eth0")
    assert "http://[2001:db8::10]:9788/\n" in said and "NOTE" in said


@pytest.mark.parametrize("address", ["0.0.0.0", "[::]"])
def test_where_all_addresses_are_served_the_name_of_the_host_is_told(machine, address):
    said = machine.sh(f"{EXPORTER}={address}:9788").stdout
    wait_up(machine, "1")
    assert get(machine.lan, (ADDRESS, 9788))[0] == 200
    name = machine.sh("uname -n").stdout.strip()
    assert f"http://{name}:9788/\n" in said and f"http://{name}:9788/metrics" in said
    assert f"NOTE: whoever can reach {name}:9788 can read" in said


def test_a_program_without_the_command_is_refused_before_anything_changes(machine):
    machine.sh("printf '#!/bin/sh\\n[ $1 != exporter ] && echo igmp-querier 0.9\\n' >/tmp/old; chmod 755 /tmp/old")
    refused(machine, "/src/install.sh --binary /tmp/old --exporter", "/tmp/old", "too old")
    machine.sh("rm /tmp/old")


def test_a_taken_port_is_told_and_what_was_there_runs_on(machine):
    machine.sh(INSTALL)
    with inside(machine.net), socket.create_server(USUAL):
        done = machine.sh(EXPORTER, check=False)
    assert done.returncode == 1
    assert f"{NAME}.service does not run" in done.stdout and "Address already in use" in done.stdout
    assert not exists(machine, UNIT)
    machine.sh("igmp-querier status")
    machine.sh(EXPORTER)
    wait_up(machine, "1")


def test_a_program_without_the_page_is_told(machine):
    """The negative twin: nothing is said of one that has it."""
    machine.sh("sed 's/<title>igmp-querier</<title>something-el</' /opt/igmp-querier >/tmp/plain; chmod 755 /tmp/plain")
    assert "has no web page" in machine.sh("/src/install.sh --binary /tmp/plain --exporter; rm /tmp/plain").stdout
    wait_up(machine, "1")
    assert "has no web page" not in machine.sh(EXPORTER).stdout


def test_uninstall_leaves_nothing_of_it(machine):
    before = everything(machine)
    machine.sh(f"{EXPORTER}={ADDRESS}:9999")
    assert everything(machine) != before
    said = machine.sh("/src/uninstall.sh").stdout
    assert f"Stopped {NAME}.service\n" in said and f"Removed {UNIT}\n" in said and f"Removed {UNIT}.d\n" in said
    assert everything(machine) == before
    assert listeners(machine) == []
