"""install.sh and uninstall.sh in a booted machine on a virtual LAN."""

import contextlib
import os
import pathlib
import pty
import re
import socket
import subprocess
import time

import pytest
from machine import ADDRESS, Wire, inside, run, wait_until

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CONFIG_DIR = "/etc/igmp-querier"
CONFIG = f"{CONFIG_DIR}/igmp-querier.toml"
UNIT = "/etc/systemd/system/igmp-querier.service"
EXPORTER_UNIT = "/etc/systemd/system/igmp-querier-exporter.service"
PROGRAM = "/usr/local/bin/igmp-querier"
# What is installed as it is in the source.
COPIES = {
    place: source
    for source, place in map(str.split, run(REPOSITORY / "tools/list-files", "unit", "file").splitlines())
}
INSTALL = "/src/install.sh --binary /opt/igmp-querier"
CAP_NET_RAW = 1 << 13


@pytest.fixture(autouse=True)
def clean(machine):
    yield
    machine.sh("systemctl stop igmp-querier-exporter igmp-querier", check=False)
    machine.sh(f"rm -rf {PROGRAM} {' '.join(COPIES)} {CONFIG_DIR} {EXPORTER_UNIT}*")
    machine.sh("find /usr/local -mindepth 2 -depth -type d -empty ! -path /usr/local/share/man -delete")
    machine.sh("userdel igmp-querier; groupdel igmp-querier", check=False)
    machine.sh("rm -f /etc/systemd/system/multi-user.target.wants/igmp-querier*; systemctl daemon-reload")
    machine.wire.forget()


@pytest.fixture
def second_link(machine):
    """Another interface of the machine, in another subnet."""
    machine.add_link("eth1", "192.168.88.10/24", "lan1", "192.168.88.20/24")
    yield "eth1"
    run("ip", "-n", machine.net, "link", "del", "eth1")


def refused(machine, command, *words, status=1):
    """The command fails with one line that has these words, and leaves nothing behind."""
    done = machine.sh(command, check=False)
    assert done.returncode == status, done.stdout
    assert len(done.stdout.splitlines()) == 1, done.stdout
    for word in words:
        assert word in done.stdout
    assert not exists(machine, UNIT) and not exists(machine, PROGRAM)


def exists(machine, path):
    return machine.sh(f"test -e {path}", check=False).returncode == 0


def main_pid(machine):
    return int(machine.sh("systemctl show --property=MainPID --value igmp-querier").stdout)


def journal(machine, since=""):
    machine.sh("journalctl --sync", check=False)
    return machine.sh(f"journalctl --unit=igmp-querier --output=cat --no-pager {since}").stdout


def tables(machine):
    return re.findall(r"^\[interface.*", machine.sh(f"cat {CONFIG}").stdout, re.M)


def hears_query(machine, seconds=10, wanted=lambda igmp: True):
    found = machine.wire.query(seconds, wanted)
    assert found, f"no query within {seconds} s; the journal says:\n{journal(machine)}"
    return found


def test_installs_and_queries_reach_the_lan(machine):
    machine.wire.forget()
    said = machine.sh(INSTALL).stdout
    source, header, igmp = hears_query(machine)
    assert source == ADDRESS
    assert (len(header), header[1], header[8], header[16:20]) == (24, 0xC0, 1, bytes([224, 0, 0, 1]))
    assert igmp[4:8] == bytes(4)  # a General Query
    assert machine.sh("systemctl is-active igmp-querier").stdout.strip() == "active"
    assert machine.sh("systemctl is-enabled igmp-querier").stdout.strip() == "enabled"
    assert tables(machine) == ['[interface."eth0"]']
    for word in ("eth0", PROGRAM, UNIT, CONFIG, "journalctl -fu igmp-querier", "igmp-querier status",
                 "sudo usermod -aG igmp-querier $USER"):
        assert word in said
    assert f"Starting IGMP Querier on eth0 ({ADDRESS})" in journal(machine)


def test_runs_unprivileged_with_one_capability(machine):
    machine.sh(INSTALL)
    pid = main_pid(machine)
    status = dict(re.findall(r"^(\w+):\s*(.*)$", machine.sh(f"cat /proc/{pid}/status").stdout, re.M))
    assert "0" not in status["Uid"].split() + status["Gid"].split()
    assert machine.sh(f"stat --format=%U /proc/{pid}").stdout.strip() == "igmp-querier"
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert int(status[name], 16) == CAP_NET_RAW, name
    assert int(status["CapAmb"], 16) == 0  # no other program would get it
    # The last filter is its own, and it has room for it among those of the unit.
    assert "system calls are not filtered" not in journal(machine)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert status["Threads"] == "1"
    files = machine.sh(f"ls -l /proc/{pid}/fd").stdout
    assert not re.search(r" (/(?!dev/null|proc)\S+)$", files, re.M), files  # no file stays open


def test_what_goes_with_the_program_is_installed(machine):
    machine.sh(INSTALL)
    for path, source in COPIES.items():
        machine.sh(f"cmp {path} /src/{source}")
        assert machine.sh(f"stat --format='%a %U' {path}").stdout == "644 root\n"


def test_the_hosts_own_receivers_hear_the_queries(machine):
    """The sandbox, its address filter among it, lets the copy for the querier's own host pass."""
    machine.sh(INSTALL)
    machine.sh(f"printf '[defaults.igmp]\\nquery-interval = 1\\njitter = 0\\n[interface.eth0]\\n' >{CONFIG}")
    with inside(machine.net), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        membership = socket.inet_aton("239.1.2.3") + socket.inet_aton(ADDRESS)
        receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        # What joining alone sends is over within the first two seconds.
        machine.sh("systemctl stop igmp-querier; sleep 2; systemctl start igmp-querier")
        machine.wire.forget()
        assert machine.wire.reports(3, seconds=10) == 3
        # The socket they take is opened anew for the next daemon. Answers still due are over within a second.
        machine.sh(f"kill -9 {main_pid(machine)}; sleep 1")
        machine.wire.forget()
        assert machine.wire.reports(3, seconds=15) == 3


def test_a_killed_daemon_is_back_within_seconds(machine):
    machine.sh(INSTALL)
    hears_query(machine)
    for _ in range(2):
        pid = main_pid(machine)
        machine.sh(f"kill -9 {pid}")
        machine.wire.forget()
        killed = time.monotonic()
        hears_query(machine, 10)
        assert time.monotonic() - killed < 6
        assert main_pid(machine) not in (0, pid)


def test_a_hung_daemon_is_restarted(machine):
    machine.sh(INSTALL)
    machine.sh(f"sed -i 's/^WatchdogSec=.*/WatchdogSec=1/' {UNIT}; systemctl daemon-reload")
    machine.sh("systemctl restart igmp-querier")
    pid = main_pid(machine)
    time.sleep(3)
    assert main_pid(machine) == pid, "a daemon that is well feeds the watchdog"
    machine.sh(f"kill -STOP {pid}")
    wait_until(lambda: main_pid(machine) not in (0, pid), "a new daemon in place of the one that hangs")
    assert "Watchdog timeout" in journal(machine)


def test_reload_reads_the_configuration_again(machine):
    machine.sh(INSTALL)
    pid = main_pid(machine)
    machine.sh(f"printf '[defaults.igmp]\\nquery-interval = 1\\nversion = 3\\n[interface.eth0]\\n' >{CONFIG}")
    machine.sh("systemctl reload igmp-querier")
    hears_query(machine, 20, lambda igmp: len(igmp) == 12)
    assert main_pid(machine) == pid


def test_waits_for_an_interface_that_comes_later(machine, request):
    machine.sh(INSTALL)
    machine.sh(f"echo '[interface.eth1]' >{CONFIG}; systemctl restart igmp-querier")
    assert machine.sh("systemctl is-active igmp-querier").stdout.strip() == "active"
    pid = main_pid(machine)
    request.getfixturevalue("second_link")
    with contextlib.closing(Wire(machine.lan, "lan1")) as wire:
        found = wire.query(10)
    assert found and found[0] == "192.168.88.10"
    assert main_pid(machine) == pid


def test_stops_at_once_with_final_statistics(machine):
    machine.sh(INSTALL)
    hears_query(machine)
    started = time.monotonic()
    machine.sh("systemctl stop igmp-querier")
    assert time.monotonic() - started < 2
    assert re.search(r"Final stats: [1-9]\d* queries sent, 0 elections lost", journal(machine, "--lines=8"))
    assert machine.sh("systemctl show --property=Result --value igmp-querier").stdout.strip() == "success"


def test_replaces_a_running_installation(machine):
    machine.sh(INSTALL)
    pid = main_pid(machine)
    before = "# mine\n[defaults.igmp]\nquery-interval = 7\n[interface.eth0]\n"
    machine.sh(f"printf '{before}' >{CONFIG}")
    machine.wire.forget()
    said = machine.sh(INSTALL).stdout
    assert main_pid(machine) not in (0, pid)
    assert machine.sh(f"cat {CONFIG}").stdout == before
    assert "kept as it was" in said
    assert machine.sh("pgrep --count igmp-querier").stdout.strip() == "1"
    hears_query(machine)


def test_another_interface_is_put_into_a_configuration_that_stays(machine, second_link):
    machine.sh(f"IGMP_INTERFACE=eth0 {INSTALL}")
    text = "# mine\n[defaults.igmp]\nquery-interval = 7\n[interface.eth0]\n[interface.eth0.igmp]\nversion = 3\n"
    machine.sh(f"cat >{CONFIG} <<'END'\n{text}END")
    said = machine.sh(f"IGMP_INTERFACE={second_link} {INSTALL}").stdout
    assert machine.sh(f"cat {CONFIG}").stdout == text.replace("interface.eth0", 'interface."eth1"')
    assert machine.sh(f"cat {CONFIG}.before").stdout == text
    assert f"{CONFIG}.before" in said
    assert "Starting IGMP Querier on eth1 (192.168.88.10)" in journal(machine)


def test_a_pattern_that_fits_the_named_interface_stays(machine):
    machine.sh(f"mkdir -p {CONFIG_DIR}; echo '[interface.\"eth*\"]' >{CONFIG}")
    machine.sh(f"IGMP_INTERFACE=eth0 {INSTALL}")
    assert tables(machine) == ['[interface."eth*"]']


def test_a_configuration_without_an_interface_gets_the_named_one(machine):
    text = "[defaults.igmp]\nquery-interval = 7\n"
    machine.sh(f"mkdir -p {CONFIG_DIR}; printf '{text}' >{CONFIG}")
    assert "default route" in machine.sh(INSTALL).stdout
    assert machine.sh(f"cat {CONFIG}").stdout == text
    machine.sh(f"IGMP_INTERFACE=eth0 {INSTALL}")
    assert machine.sh(f"cat {CONFIG}").stdout == f'{text}\n[interface."eth0"]\n'


@pytest.mark.parametrize("text", ["[interface.lan1]\n[interface.lan2]\n", "[interface]\nlan1 = {}\n"])
def test_it_does_not_guess_how_to_edit_a_configuration(machine, text):
    machine.sh(f"mkdir -p {CONFIG_DIR}; printf '{text}' >{CONFIG}")
    refused(machine, f"IGMP_INTERFACE=eth0 {INSTALL}", CONFIG, "eth0", "yourself")
    assert machine.sh(f"cat {CONFIG}").stdout == text


def test_a_broken_configuration_stops_it_before_anything_changes(machine):
    machine.sh(f"mkdir -p {CONFIG_DIR}; echo 'no such key' >{CONFIG}")
    done = machine.sh(INSTALL, check=False)
    assert done.returncode == 1
    assert CONFIG in done.stdout and "nothing was installed" in done.stdout
    assert not exists(machine, UNIT) and not exists(machine, PROGRAM)


def test_a_missing_interface_is_refused_with_the_ones_there_are(machine):
    refused(machine, f"IGMP_INTERFACE=lan9 {INSTALL}", "'lan9'", f"eth0 ({ADDRESS}/24)")
    refused(machine, f"IGMP_INTERFACE=lo {INSTALL}", "loopback", "eth0")


def test_several_interfaces_are_refused_without_an_answer(machine, second_link):
    refused(machine, INSTALL, "eth0, eth1", "IGMP_INTERFACE", "--yes")


def test_yes_takes_the_interface_of_the_best_default_route(machine, second_link):
    refused(machine, f"{INSTALL} --yes", "default route", "IGMP_INTERFACE")
    machine.sh("ip route add default via 192.168.77.20 dev eth0 metric 200")
    machine.sh("ip route add default via 192.168.88.20 dev eth1 metric 100")
    try:
        machine.sh(f"{INSTALL} --yes")
    finally:
        machine.sh("ip route flush exact default")
    assert tables(machine) == ['[interface."eth1"]']


@contextlib.contextmanager
def extra(machine, add, name, address):
    run("ip", "-n", machine.net, *add)
    try:
        run("ip", "-n", machine.net, "address", "add", address, "dev", name)
        yield
    finally:
        run("ip", "-n", machine.net, "link", "del", name)


def test_tunnels_and_container_bridges_are_never_chosen_but_may_be_named(machine):
    with contextlib.ExitStack() as stack:
        for number, (name, *add) in enumerate(
            [
                ("tun7", "tuntap", "add", "tun7", "mode", "tun"),
                ("office", "tuntap", "add", "office", "mode", "tap"),
                ("docker0", "link", "add", "docker0", "type", "bridge"),
                ("br-0123456789ab", "link", "add", "br-0123456789ab", "type", "bridge"),
                ("virbr0", "link", "add", "virbr0", "type", "bridge"),
            ]
        ):
            stack.enter_context(extra(machine, add, name, f"10.9.{number}.1/24"))
        machine.sh(INSTALL)
        assert tables(machine) == ['[interface."eth0"]']
        machine.sh(f"rm {CONFIG}; IGMP_INTERFACE=docker0 {INSTALL}")
        assert tables(machine) == ['[interface."docker0"]']


def test_a_bridge_that_is_a_lan_may_be_chosen(machine):
    with extra(machine, ["link", "add", "br-lan", "type", "bridge"], "br-lan", "10.9.9.1/24"):
        refused(machine, INSTALL, "br-lan", "eth0")


def on_a_terminal(machine, command, *answers):
    """Runs the command on a terminal and gives an answer whenever it asks: (exit status, what was shown)."""
    ours, theirs = pty.openpty()
    terminal = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = subprocess.Popen(machine.enter(command), start_new_session=True, **terminal)
    os.close(theirs)
    shown, answers = "", list(answers)
    deadline = time.monotonic() + 30
    with contextlib.suppress(OSError):  # EIO: the last writer is gone
        while chunk := os.read(ours, 4096):
            shown += chunk.decode(errors="replace")
            assert time.monotonic() < deadline, shown
            if answers and shown.rstrip().endswith(":") and "Number or name" in shown.splitlines()[-1]:
                os.write(ours, answers.pop(0).encode())
    os.close(ours)
    return process.wait(30), shown


@pytest.mark.parametrize(
    ("answers", "chosen"), [(["2\n"], "eth1"), (["eth0\n"], "eth0"), (["\n"], "eth1"), (["7\n", "1\n"], "eth0")]
)
def test_asks_on_a_terminal(machine, second_link, answers, chosen):
    machine.sh("ip route add default via 192.168.88.20 dev eth1")
    try:
        status, shown = on_a_terminal(machine, INSTALL, *answers)
    finally:
        machine.sh("ip route flush exact default")
    assert status == 0, shown
    assert f"{ADDRESS}/24" in shown and "192.168.88.10/24" in shown
    assert tables(machine) == [f'[interface."{chosen}"]']


def test_no_answer_installs_nothing(machine, second_link):
    status, shown = on_a_terminal(machine, INSTALL, "\x04")
    assert status == 1 and "nothing was installed" in shown
    assert not exists(machine, UNIT) and not exists(machine, PROGRAM)


def test_wrong_usage_is_refused(machine):
    refused(machine, "/src/install.sh --fast", "'--fast'", "--help", status=2)
    refused(machine, "/src/install.sh --binary", "--help", status=2)
    refused(machine, "/src/install.sh --binary /nowhere", "'/nowhere'")
    refused(machine, "/src/uninstall.sh --fast", "'--fast'", "--help", status=2)
    for script in ("install", "uninstall"):
        assert machine.sh(f"/src/{script}.sh --help").stdout.startswith(f"usage: sudo ./{script}.sh")
        refused(machine, f"setpriv --reuid=65534 --clear-groups /src/{script}.sh", "sudo")


def test_another_program_is_refused(machine):
    refused(machine, "/src/install.sh --binary /bin/true", "/bin/true is not igmp-querier", "coreutils")
    refused(machine, "/src/install.sh --binary /bin/false", "/bin/false does not run")


@pytest.fixture
def broken(machine):
    """A program that does all but run."""
    machine.sh("printf '#!/bin/sh\\n[ $1 != run ] || exit 1\\nexec /opt/igmp-querier \"$@\"\\n' >/tmp/broken; chmod 755 /tmp/broken")
    yield "/tmp/broken"
    machine.sh("rm /tmp/broken")


def gives_up(machine, command, *words):
    """The command fails; its last line but one has these words, the last one says that all is as before."""
    done = machine.sh(command, check=False)
    assert done.returncode == 1, done.stdout
    *_, reason, end = done.stdout.splitlines()
    assert all(word in reason for word in words), done.stdout
    assert end == "install.sh: nothing was installed; the machine is as it was before"


def test_a_program_that_does_not_come_up_leaves_nothing(machine, broken):
    before = everything(machine)
    gives_up(machine, f"/src/install.sh --binary {broken}", "igmp-querier.service does not run")
    assert everything(machine) == before


def test_a_program_that_does_not_come_up_is_replaced_by_the_one_before(machine, broken, second_link):
    machine.sh(f"IGMP_INTERFACE=eth0 {INSTALL}")
    machine.sh(f"echo '# mine' >>{CONFIG}; echo '# mine' >>{UNIT}; usermod -aG igmp-querier nobody; systemctl daemon-reload")
    before = machine.sh(f"cat {CONFIG} {UNIT}").stdout
    gives_up(machine, f"IGMP_INTERFACE=eth1 /src/install.sh --binary {broken}", "igmp-querier.service does not run")
    assert machine.sh(f"cat {CONFIG} {UNIT}").stdout == before
    machine.sh(f"cmp {PROGRAM} /opt/igmp-querier; systemctl is-enabled igmp-querier; igmp-querier status")
    assert "nobody" in machine.sh("getent group igmp-querier").stdout
    machine.wire.forget()
    assert hears_query(machine)[0] == ADDRESS


def test_a_full_disk_leaves_what_was_there(machine):
    machine.sh("mount -t tmpfs -o size=64k none /usr/local/bin")
    try:
        gives_up(machine, INSTALL, "No space left on device")
        assert machine.sh("ls -A /usr/local/bin").stdout == "" and not exists(machine, UNIT)
    finally:
        machine.sh("umount /usr/local/bin")


def test_without_systemd_it_says_so(machine):
    refused(machine, f"unshare --mount sh -c 'mount -t tmpfs none /run; {INSTALL}'", "systemd")


def test_uninstall_leaves_nothing(machine):
    before = everything(machine)
    machine.sh(INSTALL)
    assert everything(machine) != before
    said = machine.sh("/src/uninstall.sh").stdout
    for what in (PROGRAM, CONFIG_DIR, *COPIES, "the user igmp-querier"):
        assert f"Removed {what}\n" in said
    assert everything(machine) == before
    machine.wire.forget()
    assert machine.wire.query(2) is None
    assert machine.sh("/src/uninstall.sh").stdout.startswith("Nothing to remove")


def everything(machine):
    """All that the program could leave: files outside the journal, its unit, user and processes."""
    return machine.sh(
        "find /etc /usr/local /var /root /opt /tmp /run/systemd/system /run/igmp-querier"
        # Any change of users leaves a lock, and what was before it.
        " -not -path '/var/log/journal/*' -not -path '/etc/*-' -not -name .pwd.lock 2>/dev/null | sort;"
        "systemctl list-units --all --no-legend --plain 'igmp-querier*';"
        "systemctl list-unit-files --no-legend 'igmp-querier*';"
        "getent passwd igmp-querier; getent group igmp-querier; pgrep --list-full igmp-querier; true"
    ).stdout


def test_uninstall_can_keep_the_configuration(machine):
    machine.sh(INSTALL)
    said = machine.sh("/src/uninstall.sh --keep-config").stdout
    assert "Kept" in said and exists(machine, CONFIG)
    assert not exists(machine, PROGRAM) and not exists(machine, UNIT)
