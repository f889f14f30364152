"""status, groups, hosts and events as their user meets them, with a real daemon."""

import json
import re
import signal
import subprocess
import time

import pytest

from harness import packets
from harness.api import DOCUMENT, Api, problems
from harness.lab import BRISK, IGMP_QUERIER, wait

MAC = ":".join(f"{byte:02x}" for byte in packets.STRANGER_MAC)
# Asks every three seconds, and hosts have half a second to answer: what comes 1.5 s after a query answers none.
UNHURRIED = "-q 3 --max-response 0.5 --startup-count 1 --jitter 0"
SLOW = "-q 60 --startup-count 1"


class Scene:
    """A querier at 192.0.2.10, and whoever a test wants to be at the other end of its cable."""

    def __init__(self, lab, options=BRISK):
        self.host, self.peer = lab.pair("192.0.2.10/24")
        self.api = Api(lab)
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.querier = self.host.querier("-i eth0", options, self.api.option)
        self.api.ready()

    def ask(self, *command):
        return ask(*command, "--api-socket", self.api.path)

    def send(self, source, message, destination=packets.ALL_HOSTS):
        self.peer.send(packets.ethernet(packets.ipv4(source, message, destination)))

    def report(self, source, group):
        self.send(source, packets.report(group), group)

    def report_unasked(self, *hosts):
        """So long after a query that it is no answer."""
        self._wait_last_query(lambda ago: 1.7 < ago < 2.5)
        for host in hosts:
            self.report(host, "239.1.2.3")

    def report_to_a_query(self, host):
        self._wait_last_query(lambda ago: ago < 1)
        self.report(host, "239.7.7.7")

    def _wait_last_query(self, condition):
        self.api.wait_interface(lambda seen: condition((seen["last-general-query"] or {"ago": 0})["ago"]), "its time")

    def wait_status(self, words, status, seconds=8):
        def said():
            done = self.ask("status")
            return words in done.stdout.splitlines()[0] and done
        done = wait(said, seconds, lambda: f"'{words}'; it says {self.ask('status').stdout}", pause=0.1)
        assert (done.returncode, done.stderr) == (status, ""), done
        return done.stdout


def ask(*command):
    return subprocess.run([IGMP_QUERIER, *map(str, command)], capture_output=True, text=True, timeout=30)


def test_all_is_well(lab):
    scene = Scene(lab)
    said = scene.wait_status("eth0: we are the querier; no group has a member yet; all is well", 0)
    assert re.search(r"^  address +192\.0\.2\.10$", said, re.MULTILINE)
    assert re.search(r"^  role +querier for ", said, re.MULTILINE)
    scene.report("192.0.2.20", "239.1.2.3")
    scene.report("192.0.2.21", "239.1.2.3")
    scene.wait_status("eth0: we are the querier; 2 hosts keep 1 group alive; all is well", 0)


def test_the_one_we_stand_by_for_is_named(lab):
    scene = Scene(lab)
    scene.wire.wait_queries(1)
    scene.send("192.0.2.5", packets.query(3))
    said = scene.wait_status("eth0: 192.0.2.5 is the querier, we stand by", 0)
    assert re.search(rf"^  querier +192\.0\.2\.5, {MAC} .*IGMPv3$", said, re.MULTILINE)


def test_without_a_link_it_is_not_well(lab):
    scene = Scene(lab)
    scene.wire.wait_queries(1)
    scene.peer.ip("link set eth0 down")
    scene.wait_status("eth0: no link: check cable and switch port", 1)
    scene.peer.ip("link set eth0 up")
    scene.wait_status("all is well", 0)


def test_another_host_with_our_address_is_named(lab):
    scene = Scene(lab)
    scene.wire.wait_queries(1)
    scene.send("192.0.2.10", packets.query(2))
    scene.wait_status(f"eth0: {MAC} uses our address 192.0.2.10 as well", 1)


def test_a_querier_that_does_not_yield_is_named(lab):
    """The second query that it sends after it must have received one of ours."""
    scene = Scene(lab, "-q 2 --startup-count 1 --jitter 0")

    def is_named():
        scene.send("192.0.2.20", packets.query(2))
        return "192.0.2.20" in scene.ask("status").stdout.splitlines()[0]

    wait(is_named, 15, "that it is named", pause=1.5)
    scene.wait_status(f"eth0: 192.0.2.20 ({MAC}) queries although our address 192.0.2.10 is lower", 1)
    assert scene.querier.logged(r"192\.0\.2\.20 .* keeps sending queries although our address is lower")


def test_hosts_that_do_not_answer_are_a_trouble(lab):
    """Both joined, and neither answers a query: something between us and them drops queries. That stays so when their
    group has ended, of which the log has a line; a bridge that reports for itself is nobody who answers."""
    scene = Scene(lab, UNHURRIED)
    scene.wait_status("all is well", 0)
    scene.report_unasked("192.0.2.20", "192.0.2.21")
    words = "eth0: no host has answered the last two queries, and 2 hosts have not left (192.0.2.20, 192.0.2.21)"
    said = scene.wait_status(words, 1, 15)
    assert "silent 2 hosts that have not left but answer no query: 192.0.2.20, 192.0.2.21" in " ".join(said.split())
    assert scene.querier.logged(r"239\.1\.2\.3 ended without a leave: 192\.0\.2\.2[01] reported it last")
    end = time.monotonic() + 8
    while time.monotonic() < end:
        scene.send("0.0.0.0", packets.report("224.0.0.106"), "224.0.0.106")
        done = scene.ask("status")
        assert done.returncode == 1 and words in done.stdout, done
        assert scene.api.interface()["last-general-query"]["answered"] == 0
        time.sleep(0.2)
    assert len(re.findall(r"^192\.0\.2\.2[01] \?", scene.ask("hosts").stdout, re.MULTILINE)) == 2


def test_one_silent_host_among_others_is_shown_and_no_trouble(lab):
    scene = Scene(lab, UNHURRIED)
    scene.report_unasked("192.0.2.20")
    scene.report("192.0.2.21", "239.7.7.7")
    scene.report_to_a_query("192.0.2.21")

    def silent():
        scene.report("192.0.2.21", "239.7.7.7")  # now and then in time
        return "1 host is silent (192.0.2.20); all is well" in scene.ask("status").stdout
    wait(silent, 20, lambda: scene.ask("status").stdout, pause=0.3)
    scene.wait_status("1 host is silent (192.0.2.20); all is well", 0)


def test_a_host_that_leaves_is_not_silent(lab):
    scene = Scene(lab, UNHURRIED)
    scene.report_unasked("192.0.2.20")
    scene.send("192.0.2.20", packets.report("239.1.2.3", packets.LEAVE), "224.0.0.2")
    time.sleep(12)
    scene.wait_status("eth0: we are the querier; no group has a member yet; all is well", 0)
    assert not scene.querier.logged("ended without a leave")


def test_a_join_in_the_time_to_answer_is_no_answer(lab):
    scene = Scene(lab, UNHURRIED)
    scene.report_to_a_query("192.0.2.20")

    def answered():
        return [host["answered-queries"] for host in scene.api.get("/v1/hosts")["hosts"]]
    wait(answered, what="the host")
    assert answered() == [0]
    wait(lambda: (scene.report_to_a_query("192.0.2.20"), answered())[1] == [1], 12, "its answer", pause=1)


def test_a_querier_that_asks_no_more_is_told_of(lab):
    """It says that it asks every 2 s, with 0.5 s to answer, and may be silent for 14 s (robustness 7)."""
    scene = Scene(lab, "-q 2 --startup-count 1 --jitter 0")
    scene.wire.wait_queries(1)
    scene.send("192.0.2.5", packets.igmp(bytes([packets.QUERY, 5, 0, 0, 0, 0, 0, 0, 7, 2, 0, 0])))
    scene.wait_status("eth0: 192.0.2.5 is the querier, we stand by", 0)
    said = scene.wait_status("eth0: 192.0.2.5 is the querier but has not queried for", 0, 12)
    assert re.search(r"has not queried for \d+ s; we take over in \d+ s; .*; all is well so far$", said.splitlines()[0])
    scene.wait_status("eth0: we are the querier", 0, 20)


def test_without_a_daemon_it_says_where_it_looked(lab):
    api = Api(lab)
    for command in "status", "groups", "hosts", "events", "watch --once":
        done = ask(*command.split(), "--api-socket", api.path)
        assert (done.returncode, done.stdout) == (2, ""), done
        [line] = done.stderr.splitlines()
        assert str(api.path) in line and "systemctl start igmp-querier" in line


def test_json_is_what_the_api_says(lab):
    scene = Scene(lab, SLOW)
    scene.report("192.0.2.20", "239.1.2.3")
    wait(lambda: scene.api.get("/v1/groups")["groups"], what="the group")
    for command in "status", "groups", "hosts":
        done = scene.ask(command, "--json")
        assert done.returncode == 0, done
        content = DOCUMENT["paths"][f"/v1/{command}"]["get"]["responses"]["200"]["content"]
        assert not problems(content["application/json"]["schema"], json.loads(done.stdout))


def rows(done):
    """The lines of a table below its head, by their first word."""
    assert (done.returncode, done.stderr) == (0, ""), done
    return {line.split()[0]: line for line in done.stdout.splitlines()[1:] if re.match(r"[\d.]+ ", line)}


def test_groups_and_hosts_are_listed_sorted_and_filtered(lab):
    scene = Scene(lab, SLOW)
    for host, group in (("192.0.2.20", "239.255.255.250"), ("192.0.2.20", "239.1.2.3"), ("192.0.2.3", "239.1.2.3"),
                        ("192.0.2.3", "239.128.0.7")):
        scene.report(host, group)
    wait(lambda: scene.api.interface()["groups-count"] == 3, what="three groups")
    groups = rows(scene.ask("groups"))
    assert list(groups) == ["239.1.2.3", "239.128.0.7", "239.255.255.250"]
    assert "SSDP" in groups["239.255.255.250"] and "192.0.2.3" in groups["239.1.2.3"]
    assert [group for group, line in groups.items() if " ! " in line] == ["239.128.0.7"]
    assert next(iter(rows(scene.ask("groups", "--sort", "hosts", "-r")))) == "239.1.2.3"
    assert list(rows(scene.ask("groups", "--host", "192.0.2.20"))) == ["239.1.2.3", "239.255.255.250"]
    assert list(rows(scene.ask("groups", "239.1.2.3"))) == ["239.1.2.3"]
    assert not rows(scene.ask("groups", "239.9.9.9"))
    hosts = rows(scene.ask("hosts"))
    assert list(hosts) == ["192.0.2.3", "192.0.2.20"] and MAC in hosts["192.0.2.3"]
    assert list(rows(scene.ask("hosts", "--group", "239.255.255.250"))) == ["192.0.2.20"]


def test_a_host_that_joined_once_and_never_answered_is_marked(lab):
    scene = Scene(lab, UNHURRIED)
    scene.report_unasked("192.0.2.20")

    def marked():
        return re.findall(r"^(192\.0\.2\.\d+) \? ", scene.ask("hosts").stdout, re.MULTILINE)

    scene.report_to_a_query("192.0.2.21")
    assert not marked()
    assert wait(marked, 12, "the mark", pause=0.2) == ["192.0.2.20"]


@pytest.mark.parametrize("command,words", [
    ("status -i eth9", "eth9"), ("events -i eth9", "eth9"), ("groups 10.0.0.1", "10.0.0.1"), ("groups --sort colour", "colour"),
    ("hosts --group banana", "banana"), ("events --since -1", "-1"), ("events --kind joy", "joy")])
def test_what_is_wrong_is_named_in_one_line(lab, command, words):
    done = Scene(lab, SLOW).ask(*command.split())
    assert (done.returncode, done.stdout) == (2, ""), done
    [line] = done.stderr.splitlines()
    assert words in line


def test_events_are_lines_as_they_happen(lab):
    """With the words of the log, and in JSON with the address and the MAC address of the winner."""
    scene = Scene(lab, SLOW)
    text = scene.peer.start(IGMP_QUERIER, "events", *scene.api.option.split())
    lines = scene.peer.start(IGMP_QUERIER, "events", "--json", "--since", "0", *scene.api.option.split())
    wait(lines.output, what="the first event")
    wait(lambda: scene.api.ask("/v1/status") and len(scene.api.get("/v1/status")["interfaces"]) == 1, what="status")
    scene.report("192.0.2.20", "239.1.2.3")

    def shown(words):
        return lambda: next((line for line in text.output() if words in line), None)

    # Whoever follows a moment too late has not missed the next report.
    def joined():
        scene.report("192.0.2.20", "239.1.2.4")
        scene.send("192.0.2.20", packets.igmp(bytes([0x17, 0, 0, 0, 239, 1, 2, 4])), "224.0.0.2")
        return shown("239.1.2.4 joined")()
    wait(joined, 8, "a join", pause=0.3)
    scene.send("192.0.2.5", packets.query(2))
    line = wait(shown("LOST"), what="the lost election")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} info eth0: \[Election\] LOST to lower IP 192\.0\.2\.5\. "
                        r"Backing off\.\n", line)
    assert scene.querier.logged(re.escape(line.split(" info ")[1].strip()))

    def lost():
        return [event for event in map(json.loads, lines.output()) if event.get("role") == "non-querier"]
    [event] = wait(lost, what="the event")
    assert (event["querier"], event["mac-address"]) == ("192.0.2.5", MAC)
    for event in map(json.loads, lines.output()):
        assert not problems({"$ref": "#/components/schemas/Event"}, event)
    assert scene.querier.stop() == 0
    assert (text.finish(), lines.finish()) == (2, 2)
    assert len(text.log()) == len(lines.log()) == 1


def test_events_end_with_an_interrupt(lab):
    scene = Scene(lab, SLOW)
    follower = scene.peer.start(IGMP_QUERIER, "events", "--since", "0", *scene.api.option.split())
    wait(follower.output, what="an event")
    assert follower.stop(signal.SIGINT) in (0, -signal.SIGINT) and not follower.log()
