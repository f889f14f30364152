"""Tables on terminals of any width, with colours and names, before a stand-in for the daemon."""

import re
import subprocess
import time

import pytest

from harness.fake_api import FakeApi, group, host, interface, status
from harness.lab import IGMP_QUERIER, wait
from harness.terminal import Terminal

LONG6 = "fe80:1234:5678:9abc:def0:1234:5678:9abc"
GROUPS = [group("239.255.255.250"), group("239.128.0.7", 5.0, last_reporter="192.0.2.3"),
          group("ff18:1234:5678:9abc:def0:1234:5678:9abc", interface_name="enp0s31f6.2000", family="ipv6", last_reporter=LONG6)]
HOSTS = [host("192.0.2.20"), host("192.0.2.3", silent=True), host(LONG6, interface_name="enp0s31f6.2000")]
CODES = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture
def api(isolated, tmp_path):
    with FakeApi(tmp_path / "api.sock", GROUPS) as made:
        made.answers["/v1/hosts"]["hosts"] = HOSTS
        yield made


def on_terminal(api, *command, columns=80, before=(), **environment):
    """What the command writes to a terminal, with its codes of colours."""
    with Terminal([*before, IGMP_QUERIER, *command, "--api-socket", api.path], columns=columns, **environment) as terminal:
        assert terminal.finish(10) == 0, terminal.written
        return terminal.written


def widths(written):
    return [len(line) for line in CODES.sub(b"", written).decode().splitlines()]


def piped(api, *command, **environment):
    done = subprocess.run([IGMP_QUERIER, *command, "--api-socket", api.path], capture_output=True, text=True, timeout=20,
                          env={"LC_ALL": "C.UTF-8", **environment})
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("command", ["groups", "groups --long", "hosts", "hosts --long"])
def test_no_row_is_wrapped(api, command, columns):
    written = on_terminal(api, *command.split(), "-n", columns=columns)
    assert len(widths(written)) > 3 and max(widths(written)) <= columns


def test_columns_is_obeyed_unless_it_is_no_width(api):
    usual = on_terminal(api, "groups", "-n", COLUMNS="")
    assert max(widths(on_terminal(api, "groups", "-n", COLUMNS="50"))) <= 50
    everything = on_terminal(api, "groups", "-n", "--wide")
    assert on_terminal(api, "groups", "-n", COLUMNS="9999") == everything and b"Last reporter" in everything
    assert max(widths(everything)) > 80
    for value in "0", "-5", "wide", "80x":
        assert on_terminal(api, "groups", "-n", COLUMNS=value) == usual


def test_a_pipe_has_every_column_unless_columns_says_less(api):
    text = piped(api, "groups", "-n")
    assert all(word in text.splitlines()[0] for word in ("Group", "Mode", "Ver", "Last reporter", "Uptime", "Interface"))
    assert "\x1b" not in text
    assert max(map(len, piped(api, "groups", "-n", COLUMNS="60").splitlines())) <= 60


def test_colours_are_for_terminals_and_can_be_turned_off(api):
    coloured = on_terminal(api, "groups", "-n", COLUMNS="200")
    assert b"\x1b[33m   0:05\x1b[0m" in coloured, "it expires soon"
    assert b"\x1b[33m192.0.2.3 ? " in on_terminal(api, "hosts", "-n")
    for options, environment in (("", {"NO_COLOR": "1"}), ("", {"TERM": "dumb"}), ("--color never", {})):
        for command in "groups", "hosts", "status":
            assert b"\x1b" not in on_terminal(api, command, *options.split(), **environment)
    assert "\x1b[33m" in piped(api, "hosts", "-n", "--color", "always")


def test_a_verdict_has_a_colour(api):
    assert on_terminal(api, "status").startswith(b"\x1b[32meth0: we are the querier")
    api.answers["/v1/status"] = status(interface(healthy=False, verdict="eth0: no link"), healthy=False)
    with Terminal([IGMP_QUERIER, "status", "--api-socket", api.path]) as terminal:
        assert terminal.finish() == 1 and terminal.written.startswith(b"\x1b[1;31meth0: no link")


def test_what_the_daemon_says_cannot_command_the_terminal(api):
    api.answers["/v1/groups"]["groups"] = [group("239.1.2.3", interface_name="\x1b]0;owned\x07"), group("239.1.2.4")]
    assert b"?]0;owned?" in on_terminal(api, "groups", "-n", columns=200, TERM="dumb")


class Resolver:
    """What a command is run behind, so that it has files of names of its own."""

    def __init__(self, folder, hosts, servers="nameserver 192.0.2.1\n"):
        for name, text in (("hosts", hosts), ("nsswitch.conf", "hosts: files dns\n"), ("resolv.conf", servers)):
            (folder / name).write_text(text)
        mounts = " && ".join(f"mount --bind {folder}/{name} $(readlink -f /etc/{name})"
                             for name in ("hosts", "nsswitch.conf", "resolv.conf"))
        self.command = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]


def test_hosts_have_the_names_that_the_resolver_knows(api, tmp_path):
    longest = "n" * 60 + "." + "m" * 60 + ".lan"
    resolver = Resolver(tmp_path, f"192.0.2.20 tv.lan tv\n192.0.2.3 {longest}\n")
    text = on_terminal(api, "hosts", before=resolver.command, columns=140, TERM="dumb").decode()
    assert re.search(r"^192\.0\.2\.20 +tv\.lan +02:", text, re.M) and "n" * 21 + "..." in text
    assert max(widths(text.encode())) <= 140
    assert longest in on_terminal(api, "hosts", "--wide", before=resolver.command).decode()
    assert "tv.lan" in on_terminal(api, "groups", "--wide", before=resolver.command).decode()
    assert "host 192.0.2.20 (tv.lan)" in on_terminal(api, "groups", "--long", before=resolver.command).decode()
    assert "tv.lan" not in on_terminal(api, "hosts", "-n", before=resolver.command).decode()
    order = on_terminal(api, "hosts", "--sort", "host-name", before=resolver.command, TERM="dumb").decode()
    assert re.findall(r"^192\.\S+", order, re.M) == ["192.0.2.3", "192.0.2.20"]


def test_a_resolver_that_does_not_answer_holds_nobody(lab, tmp_path):
    """Its server is there and silent; the addresses that files name are told all the same."""
    machine, _ = lab.pair("192.0.2.10/24")
    machine.ip("neighbour add 192.0.2.1 lladdr 02:00:00:00:00:99 dev eth0")
    resolver = Resolver(tmp_path, "192.0.2.20 tv.lan\n")
    with FakeApi(tmp_path / "api.sock", GROUPS) as made:
        made.answers["/v1/hosts"]["hosts"] = HOSTS
        started = time.monotonic()
        text = on_terminal(made, "hosts", before=["ip", "netns", "exec", machine.name, *resolver.command],
                           columns=140, TERM="dumb").decode()
        assert time.monotonic() - started < 3, "the resolver waits 5 s"
    assert "tv.lan" in text


def test_without_utf8_there_is_only_ascii(api, tmp_path):
    api.answers["/v1/groups"]["groups"] = [group("239.1.2.3", interface_name="söhne"), group("239.1.2.4")]
    written = on_terminal(api, "groups", "-n", columns=200, LC_ALL="C")
    assert written.isascii() and b"s?hne" in written
    assert "söhne" in on_terminal(api, "groups", "-n", columns=200).decode()


def test_one_group_or_host_or_none(api):
    """Which groups there are is for the daemon to select; the stand-in has them all."""
    api.answers["/v1/groups"]["groups"] = []
    assert piped(api, "groups", "239.9.9.9") == "no host is a member of 239.9.9.9\n"
    assert '"groups": []' in piped(api, "groups", "239.9.9.9", "--json")
    assert piped(api, "hosts", "192.0.2.99") == "no group is reported by 192.0.2.99\n"
    assert '"hosts": []' in piped(api, "hosts", "192.0.2.99", "--json")
    assert len(piped(api, "hosts", "192.0.2.20", "-n").splitlines()) == 2


def test_orders_are_the_heads_of_columns(api):
    def order(command, *options):
        return re.findall(r"^[\da-f.:]+", piped(api, command, "-n", *options), re.M)
    assert order("groups", "--sort", "expires")[0] == "239.128.0.7"
    assert order("groups", "--sort", "expires") == order("groups", "--sort", "expire"), "as it was once called"
    assert order("hosts", "--sort", "interface")[0] == LONG6
    done = subprocess.run([IGMP_QUERIER, "hosts", "--sort", "colour"], capture_output=True, text=True, timeout=5)
    assert done.returncode == 2 and "host-name" in done.stderr and "igmp-querier hosts --help" in done.stderr


def test_events_begin_where_is_asked_and_end(api):
    def events(*options):
        done = subprocess.run([IGMP_QUERIER, "events", "--no-follow", *options, "--api-socket", api.path], capture_output=True,
                              text=True, timeout=10)
        assert (done.returncode, done.stderr) == (0, ""), done
        return re.findall(r"event (\d)", done.stdout)
    assert not events()
    for number, moment in enumerate(("2001-01-15T20:14:03.118Z", "2999-01-15T20:14:03.118Z", "2999-01-15T20:14:04.118Z"), 1):
        api.events.append({"event": "reloaded", "time": moment, "message": f"event {number}", "priority": "info"})
    assert events() == ["1", "2", "3"] and events("-n", "1") == ["3"] and events("--since", "10m") == ["2", "3"]
    assert events("--since", "2") == ["3"] and not events("-n", "0")


def test_events_go_on_after_those_that_are_kept(api):
    for number in range(1, 4):
        api.events.append({"event": "reloaded", "time": "2026-01-15T20:14:03.118Z", "message": f"event {number}"})
    with Terminal([IGMP_QUERIER, "events", "-f", "-n", "2", "--api-socket", api.path]) as terminal:
        terminal.wait_for("event 3")
        api.events.append({"event": "reloaded", "time": "2026-01-15T20:14:03.118Z", "message": "event 4"})
        lines = terminal.wait_for("event 4")
        assert [line[-1] for line in lines] == ["2", "3", "4"]
        terminal.type(b"\x03")
        wait(lambda: terminal.popen.poll() is not None, what="its end")


@pytest.mark.parametrize("given, words", [
    ("stauts", "'stauts' is not a command; did you mean status?"), ("group", "did you mean groups?"), ("frob", "'frob' is not a command; see"),
    ("help frob", "'frob' is not a command; see igmp-querier --help"), ("help stat", "did you mean status?"),
    ("status --frob", "--frob; see igmp-querier status --help"), ("-q", "see igmp-querier run --help"),
    ("groups -4 -6", "see igmp-querier groups --help"), ("watch --family ipv5", "see igmp-querier watch --help")])
def test_what_is_mistyped_is_answered_with_the_way_on(given, words):
    done = subprocess.run([IGMP_QUERIER, *given.split()], capture_output=True, text=True, timeout=5)
    assert (done.returncode, done.stdout) == (2, "") and len(done.stderr.splitlines()) == 1
    assert words in done.stderr


@pytest.mark.parametrize("given, same", [
    ("help", "--help"), ("help status", "status --help"), ("help help", "--help"), ("version", "--version"), ("-V", "--version")])
def test_help_and_version_are_words_as_well(given, same):
    def run(words):
        return subprocess.run([IGMP_QUERIER, *words.split()], capture_output=True, text=True, timeout=5)
    done = run(given)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout == run(same).stdout != ""
