"""`igmp-querier watch` on a terminal, before a stand-in for the daemon."""

import pathlib
import signal
import subprocess
import termios

import pytest

from harness import packets
from harness.fake_api import FakeApi, group, host, interface, status
from harness.lab import FAST, IGMP_QUERIER, wait
from harness.terminal import DOWN, END, ENTER_ALTERNATE, HOME, PAGE_DOWN, PAGE_UP, UP, Terminal

MANY = [group(f"239.1.2.{number}", hosts=number) for number in range(1, 31)]
FINE = "all is well"


@pytest.fixture
def api(isolated, tmp_path):
    with FakeApi(tmp_path / "api.sock", [group("239.1.2.3", 70.0, 2), group("224.0.1.129")]) as made:
        yield made


@pytest.fixture
def watch(isolated, tmp_path):
    """Starts it on a terminal, with a look at the daemon five times a second."""
    started = []

    def start(*options, **terminal):
        command = [IGMP_QUERIER, "watch", "--api-socket", tmp_path / "api.sock", "--interval", "0.2", *options]
        started.append(Terminal(command, **terminal))
        return started[-1]

    yield start
    for terminal in started:
        terminal.__exit__()


def once(api, *options, **environment):
    return subprocess.run([IGMP_QUERIER, "watch", "--once", "--api-socket", api.path, *options], capture_output=True,
                          text=True, timeout=20, env={"LC_ALL": "C.UTF-8", **environment})


def shown_groups(lines):
    return [line.split()[0] for line in lines if line.startswith(("239.", "224."))]


def test_a_frame_on_a_terminal_of_the_usual_size(api, watch):
    lines = watch().wait_for(FINE)
    assert lines[0] == "igmp-querier 1.0.0, up 1:01:00" and len(lines) == 24 and lines[-1].startswith("q quit  Tab hosts")
    assert lines[1] == "eth0: we are the querier; 3 hosts keep 2 groups alive; all is well"
    rows = [line.split() for line in lines]
    assert ["eth0", "IGMPv2", "querier", "192.0.2.10", "0:42", "3", "2"] in rows
    # Of the 140 s that a report gives a group, 70 are half; and 224 sorts before 239.
    assert rows[9] == ["224.0.1.129", "█" * 10, "2:20", "1", "2", "192.0.2.20", "PTP"]
    assert rows[10][:6] == ["239.1.2.3", "█" * 5 + "░" * 5, "1:10", "2", "2", "192.0.2.20"]


def test_the_rate_of_reports_grows_a_curve(api, watch):
    terminal = watch()
    terminal.wait_for(FINE)
    assert not any(mark in "\n".join(terminal.lines()) for mark in "▂▃▄▅▆▇")
    received = api.answers["/v1/status"]["interfaces"][0]["statistics"]["received"]
    for looks in range(1, 5):
        received["report"] += 10 * looks
        asked = len(api.asked)
        wait(lambda: len(api.asked) >= asked + 4, what="two looks")
    lines = terminal.wait(lambda lines: any(mark in "\n".join(lines) for mark in "▂▃▄▅▆▇"), "a curve")
    assert sum(line.startswith("Reports/s  ") and "at most" in line for line in lines) == 1


def test_it_asks_about_one_interface_alone(api, watch):
    watch("-i", "eth0.20").wait_for(FINE)
    assert {path.split("?")[1] for path in api.asked} == {"interface=eth0.20", "limit=1000&interface=eth0.20"}


def test_keys_scroll_and_stop_at_both_ends(api, watch):
    api.answers["/v1/groups"]["groups"] = MANY
    terminal = watch()
    first = "239.1.2.1"
    terminal.wait(lambda lines: shown_groups(lines)[:1] == [first], "the first group")
    page = len(shown_groups(terminal.lines()))
    assert 10 < page < 30

    def after(keys, group_on_top):
        terminal.type(keys)
        terminal.wait(lambda lines: shown_groups(lines)[:1] == [group_on_top], f"{group_on_top} on top")

    after(DOWN * 2, "239.1.2.3")
    after(UP, "239.1.2.2")
    after(PAGE_UP, first)
    after(PAGE_DOWN, f"239.1.2.{page + 1}" if 2 * page <= 30 else f"239.1.2.{31 - page}")
    after(END + DOWN, f"239.1.2.{31 - page}")
    assert shown_groups(terminal.lines())[-1] == "239.1.2.30"
    after(HOME + UP, first)


def test_keys_sort_reverse_and_filter(api, watch):
    terminal = watch()
    terminal.wait(lambda lines: shown_groups(lines) == ["224.0.1.129", "239.1.2.3"], "the groups")
    terminal.type(b"r")
    terminal.wait(lambda lines: shown_groups(lines) == ["239.1.2.3", "224.0.1.129"], "the other order")
    terminal.type(b"ss")  # interface, expires
    terminal.wait_for("by EXPIRES")
    assert shown_groups(terminal.lines()) == ["239.1.2.3", "224.0.1.129"]
    terminal.type(b"/q224")  # no command while it is typed
    terminal.wait_for("Filter: q224_")
    terminal.wait_for("No groups with 'q224'")
    terminal.type(b"\x7f" * 4 + b"ptp\r")
    terminal.wait(lambda lines: shown_groups(lines) == ["224.0.1.129"], "one group")
    assert terminal.lines()[-1].startswith("q quit")
    terminal.type(b"\x1b")
    terminal.wait(lambda lines: len(shown_groups(lines)) == 2, "both groups")
    terminal.type(b"q")
    assert terminal.finish() == 0 and terminal.is_as_before()


def test_hosts_are_asked_for_when_they_are_shown(api, watch):
    api.answers["/v1/hosts"]["hosts"] = [host("192.0.2.20"), host("192.0.2.3", silent=True)]
    terminal = watch("-4", "-n")
    terminal.wait_for(FINE)
    assert not any("hosts" in path for path in api.asked)
    terminal.type(b"\t")
    lines = terminal.wait_for("02:00:00:00:00:14")
    assert [line.split("  ")[0] for line in lines if line.startswith("192.")] == ["192.0.2.3 ?", "192.0.2.20"]
    assert {path for path in api.asked if "hosts" in path} == {"/v1/hosts?limit=1000&family=ipv4"}
    assert lines[-1].startswith("q quit  Tab groups")
    terminal.type(b"h")
    terminal.wait(lambda lines: len(shown_groups(lines)) == 2, "the groups")


def test_a_terminal_without_cursor_movement_is_refused(api, watch):
    terminal = watch(TERM="dumb")
    assert terminal.finish() == 2
    assert b"cannot move its cursor: use --once" in terminal.written and b"\x1b" not in terminal.written


@pytest.mark.parametrize("environment, options, is_coloured", [
    ({}, (), True), ({"NO_COLOR": "1"}, (), False), ({}, ("--color", "never"), False),
    ({"NO_COLOR": "1"}, ("--color", "always"), True)])
def test_colours_can_be_turned_off(api, watch, environment, options, is_coloured):
    terminal = watch(*options, **environment)
    terminal.wait_for(FINE)
    assert (b"\x1b[32m" in terminal.written) == is_coloured


def test_it_follows_the_size_of_the_terminal(api, watch):
    api.answers["/v1/groups"]["groups"] = MANY
    terminal = watch()
    before = len(shown_groups(terminal.wait_for(FINE)))
    terminal.resize(80, 34)
    terminal.wait(lambda lines: len(shown_groups(lines)) == before + 10, "ten groups more")
    terminal.resize(20, 34)
    lines = terminal.wait_for("eth0: we are the\nquerier;")
    assert all(len(line) <= 20 for line in lines)


def test_it_survives_the_smallest_terminals(api, watch):
    terminal = watch()
    terminal.wait_for(FINE)
    for columns, rows in ((1, 1), (2, 24), (80, 1), (3, 3), (9, 12), (1, 40)):
        terminal.resize(columns, rows)
        title = "igmp-querier"[:columns]
        terminal.wait(lambda lines: lines[0].startswith(title), f"a frame of {columns} x {rows}")
    terminal.resize(80, 24)
    terminal.wait_for(FINE)


@pytest.mark.parametrize("size", [(1, 1), (10, 3)])
def test_it_starts_on_a_small_terminal(api, watch, size):
    terminal = watch(columns=size[0], rows=size[1])
    terminal.wait_for("i")
    assert terminal.stop() == 0


@pytest.mark.parametrize("end", ["q", "\x03", "\x1c", signal.SIGTERM, signal.SIGHUP, signal.SIGINT,
                                 signal.SIGQUIT])
def test_it_leaves_the_terminal_as_it_was(api, watch, end):
    terminal = watch()
    terminal.wait_for(FINE)
    assert ENTER_ALTERNATE in terminal.written and not terminal.is_as_before()
    if isinstance(end, str):
        terminal.type(end.encode())
    else:
        terminal.popen.send_signal(end)
    assert terminal.finish() == 0
    assert terminal.is_as_before()


def test_other_keys_do_nothing(api, watch):
    terminal = watch()
    before = terminal.wait_for("at most")
    terminal.type(b"x\x1b[24~\xc3\xa4\r")
    asked = len(api.asked)
    wait(lambda: len(api.asked) >= asked + 4, what="two looks")
    assert shown_groups(terminal.lines()) == shown_groups(before) and terminal.popen.poll() is None


def test_it_ends_with_its_terminal(api, watch):
    terminal = watch()
    terminal.wait_for(FINE)
    terminal.hang_up()
    assert terminal.finish() == 0


def test_stopped_it_gives_the_terminal_back_and_then_takes_it_again(api, watch):
    terminal = watch()
    terminal.wait_for(FINE)
    terminal.type(b"\x1a")
    state = pathlib.Path(f"/proc/{terminal.popen.pid}/stat")
    wait(lambda: state.read_text().rpartition(")")[2].split()[0] == "T", what="stopped")
    terminal.read()
    assert terminal.is_as_before()
    terminal.screen.reset()
    terminal.popen.send_signal(signal.SIGCONT)
    terminal.wait_for(FINE)
    assert terminal.stop() == 0 and terminal.is_as_before()


def test_a_daemon_that_goes_is_missed_and_one_that_comes_is_found(api, watch):
    terminal = watch()
    terminal.wait_for(FINE)
    api.close()
    lines = terminal.wait_for("no igmp-querier answers")
    assert FINE not in "\n".join(lines) and shown_groups(lines) == ["224.0.1.129", "239.1.2.3"]
    api.answers["/v1/groups"] = {"groups": []}
    api.open()
    lines = terminal.wait_for(FINE)
    assert shown_groups(lines) == [] and "No groups" in lines


def test_it_waits_for_a_daemon_that_is_not_there_yet(api, watch):
    api.close()
    terminal = watch(columns=200)
    terminal.wait_for("trying again: no igmp-querier answers at")
    api.open()
    terminal.wait_for(FINE)


def test_a_daemon_that_hangs_does_not_hold_the_keys(api, watch):
    api.may_answer.clear()
    terminal = watch()
    terminal.wait_for("Waiting for the daemon's answer")
    terminal.type(b"q")
    assert terminal.finish(3) == 0 and terminal.is_as_before()


def test_another_answer_than_expected_is_told(api, watch):
    del api.answers["/v1/status"]["interfaces"][0]["role"]
    watch(columns=200).wait_for("is it of the same version?")


def test_trouble_stands_on_top(api, watch):
    ill = interface(interface_name="eth1", healthy=False, role="waiting", querier=None, next_query=None)
    api.answers["/v1/status"] = status(interface(), ill, healthy=False, verdict="eth1: no link: plug in the cable")
    lines = watch().wait_for("plug in the cable")
    assert lines[1] == "eth1: no link: plug in the cable"
    assert ["eth1", "IGMPv2", "waiting", "-", "-", "3", "2"] in [line.split() for line in lines]
    assert any("GROUP" in line and "INTERFACE" in line and "EXPIRES" in line for line in lines), "each group says which is its own"


def test_without_utf8_it_draws_with_ascii(api, watch):
    terminal = watch(LC_ALL="C")
    assert "#####....." in "\n".join(terminal.wait_for(FINE))
    assert terminal.written.isascii()


def test_what_the_daemon_says_cannot_command_the_terminal(api, watch):
    api.answers["/v1/status"]["verdict"] = "\x1b]0;owned\x07 all is well"
    terminal = watch()
    assert terminal.wait_for(FINE)[1] == "?]0;owned? all is well"
    assert b"\x1b]" not in terminal.written


def test_once_prints_a_frame_and_exits_as_status_does(api):
    done = once(api)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == "igmp-querier 1.0.0, up 1:01:00" and lines[1].endswith(FINE)
    assert shown_groups(lines) == ["224.0.1.129", "239.1.2.3"] and "\x1b" not in done.stdout
    api.answers["/v1/status"] = status(healthy=False, verdict="eth0: no link")
    assert once(api).returncode == 1


def test_once_prints_all_groups_as_wide_as_is_asked(api):
    api.answers["/v1/groups"]["groups"] = MANY
    assert len(shown_groups(once(api).stdout.splitlines())) == 30
    assert max(map(len, once(api, COLUMNS="33").stdout.splitlines())) == 33
    assert {path for path in api.asked if "groups" in path} == {"/v1/groups"}, "without a limit"
    assert once(api, COLUMNS="wide").stdout == once(api).stdout
    with Terminal([IGMP_QUERIER, "watch", "--once", "--api-socket", api.path], columns=40) as terminal:
        assert terminal.finish() == 0
        assert max(map(len, terminal.written.decode().split("\r\n"))) == 40


def test_once_without_a_daemon_says_where_it_looked(api):
    api.close()
    done = once(api)
    assert (done.returncode, done.stdout) == (2, "")
    assert api.path in done.stderr and len(done.stderr.splitlines()) == 1


def test_with_the_daemon_itself(lab):
    host, peer = lab.pair("192.0.2.10/24")
    socket = lab.directory / "api.sock"

    def start():
        daemon = host.querier("-i eth0", FAST, f"--api-socket {socket}")
        daemon.wait_log("Starting IGMP Querier")
        return daemon

    daemon = start()
    command = [IGMP_QUERIER, "watch", "--api-socket", socket, "--interval", "0.2"]
    with Terminal(command, columns=160) as terminal:
        terminal.wait_for("192.0.2.10")
        peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report("239.1.2.3"), "239.1.2.3")))
        lines = terminal.wait(shown_groups, "the group")
        assert shown_groups(lines) == ["239.1.2.3"] and "eth0: " in lines[1]
        assert any(line.startswith("239.1.2.3 ") and "192.0.2.20" in line for line in lines)
        daemon.kill()
        assert shown_groups(terminal.wait_for("trying again")) == ["239.1.2.3"]
        start()
        lines = terminal.wait(lambda lines: "No groups" in lines, "the new daemon")
        assert "trying again" not in "\n".join(lines)


@pytest.mark.parametrize("options, environment, words", [
    ((), {}, "needs a terminal: --once"),
    (("--interval", "0.1"), {}, "--interval '0.1' is not allowed: it must be 0.2 to 60 seconds"),
    (("--interval", "60.5"), {}, "--interval '60.5' is not allowed"),
    (("--interval", "nan"), {}, "--interval 'nan' is not allowed"),
    (("--interval", "1s", "--once"), {}, "--interval '1s' is not allowed"),
])
def test_wrong_usage_is_refused_in_one_line(api, options, environment, words):
    done = subprocess.run([IGMP_QUERIER, "watch", "--api-socket", api.path, *options], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=5, env=environment)
    assert done.returncode == 2 and words in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_terminal_that_is_not_known_is_refused(api, watch):
    terminal = watch(TERM="no-such-terminal")
    assert terminal.finish() == 2
    assert b"does not know a terminal of type 'no-such-terminal'" in terminal.written
    assert b"\x1b" not in terminal.written and termios.tcgetattr(terminal.theirs) == terminal.modes
