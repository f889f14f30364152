"""Somebody on the LAN means harm: whom the querier yields to, what it is made to send, and docs/security.md."""

import re
import signal
import socket
import struct
import time

import pytest

from harness import packets
from harness.api import Api
from harness.hosts import exclude
from harness.lab import BRISK, REPOSITORY, link_json, wait
from harness.lan import IGMP, LAST_MEMBER_INTERVAL, Lan
from harness.packets import TO_EX, TO_IN, ethernet, general_query, ipv4, mld_general_query, record, report_v3

TRUSTED, ROGUE, OURS = 5, 6, 10
HOURS = 7 * 31744


class Scene:
    """A daemon that asks five times a second, as the file has it, and a forger beside it."""

    def __init__(self, lab, protocol, settings="", pace=BRISK):
        self.family = {"IGMP": "ipv4", "MLD": "ipv6"}[protocol]
        self.is_igmp = protocol == "IGMP"
        self.host, self.forger = lab.pair(f"192.0.2.{OURS}/24")
        if not self.is_igmp:
            self.host.enable_ipv6(f"{self.address(OURS)}/64")
        self.file = lab.directory / "querier.toml"
        self.configure(settings)
        self.wire = self.forger.capture()
        self.api = Api(lab)
        self.daemon = self.host.querier(f"-c {self.file} -i eth0", pace, self.api.option)
        self.api.ready()
        self.follower = self.api.follow("?since=0")
        self.ask()

    def configure(self, settings):
        """Of the one protocol; {5} in a setting is the address of host 5."""
        settings = re.sub(r"\{(\d+)\}", lambda number: self.address(int(number[1])), settings)
        table = "igmp" if self.is_igmp else "mld"
        off = "" if self.is_igmp else "[defaults.igmp]\nenabled = false\n"
        self.file.write_text(f"[defaults.{table}]\n{settings}\n{off}")

    def reload(self, settings):
        self.configure(settings)
        self.daemon.popen.send_signal(signal.SIGHUP)
        self.follower.wait(event="reloaded")

    def address(self, number):
        return f"192.0.2.{number}" if self.is_igmp else f"fe80::{number}"

    def forge(self, number, version=2):
        make = general_query if self.is_igmp else mld_general_query
        self.forger.send(make(self.address(number), version))

    def own_queries(self, since):
        if self.is_igmp:
            return self.wire.queries(self.address(OURS), since)
        return [message for message in packets.mld_messages(self.wire.frames(), packets.MLD_QUERY)
                if message.source == self.address(OURS) and message.frame.time > since]

    def ask(self):
        """Two queries from now on show that it goes on asking."""
        since = time.time()
        wait(lambda: len(self.own_queries(since)) >= 2, what="two queries")

    def keep_quiet(self):
        time.sleep(0.05)  # one may be under way
        since = time.time()
        time.sleep(0.6)
        assert not self.own_queries(since)

    def drawn(self):
        """The specific queries that it was made to send."""
        return [frame for frame in self.wire.frames() if frame.is_igmp(packets.QUERY) and not frame.is_query()]

    def status(self):
        return self.api.interface(self.family)

    def counted(self, reason):
        statistics = self.status()["statistics"]
        return {**statistics["dropped"]["reasons"], **statistics["noticed"]}.get(reason, 0)


protocols = pytest.mark.parametrize("protocol", ["IGMP", "MLD"])


@protocols
def test_a_rogue_is_yielded_to_and_told(lab, protocol):
    """With its address, in the log, the status, the counters and as an event; a trusted one without a word."""
    scene = Scene(lab, protocol, 'trusted-queriers = ["{5}"]')
    scene.forge(ROGUE)
    scene.keep_quiet()
    event = scene.follower.wait(event="noticed", reason="rogue querier", address=scene.address(ROGUE))
    assert event["mac-address"] == "02:00:00:00:00:99" and event["priority"] == "warning"
    assert len(scene.daemon.logged("rogue.*we yield to it")) == 1
    status = scene.status()
    assert status["querier"] == scene.address(ROGUE) and not status["healthy"] and "rogue" in status["verdict"]
    assert scene.counted("rogue querier") == 1
    scene.forge(TRUSTED)
    wait(lambda: scene.status()["querier"] == scene.address(TRUSTED), what="the trusted one")
    assert scene.counted("rogue querier") == 1


@protocols
def test_a_trusted_querier_wins_without_a_word(lab, protocol):
    scene = Scene(lab, protocol, 'trusted-queriers = ["{5}"]\non-rogue-querier = "ignore"')
    scene.forge(TRUSTED)
    scene.keep_quiet()
    status = scene.status()
    assert status["querier"] == scene.address(TRUSTED) and status["healthy"], status["verdict"]
    assert not scene.daemon.logged("rogue")


@protocols
def test_a_rogue_that_is_to_be_ignored_silences_nobody(lab, protocol):
    """However often it asks; it is told of once, and counted."""
    scene = Scene(lab, protocol, 'trusted-queriers = ["{5}"]\non-rogue-querier = "ignore"')
    for _ in range(50):
        scene.forge(ROGUE)
    scene.ask()
    status = scene.status()
    assert status["role"] == "querier" and not status["healthy"] and "rogue" in status["verdict"]
    assert scene.counted("rogue querier refused") == 50
    assert len(scene.daemon.logged("rogue")) == 1 and not scene.daemon.logged("LOST")
    scene.follower.wait(event="dropped", reason="rogue querier refused", address=scene.address(ROGUE))


@protocols
def test_an_ignored_querier_has_never_asked(lab, protocol):
    """And nobody else is affected."""
    scene = Scene(lab, protocol, 'ignore-queriers = ["{6}"]')
    scene.forge(ROGUE, version=1)
    scene.ask()
    assert scene.counted("ignored querier") == 1 and scene.counted("other version") == 0
    assert scene.follower.wait(event="dropped", reason="ignored querier")["priority"] == "info"
    assert scene.status()["healthy"]
    scene.forge(TRUSTED)
    scene.keep_quiet()


def announcing(address, robustness=7, interval_code=0xFF, response_code=10):
    """An IGMPv3 query from there that says how long its sender may be silent: 62 hours."""
    body = struct.pack("!BBH4sBBH", packets.QUERY, response_code, 0, bytes(4), robustness, interval_code, 0)
    return ethernet(ipv4(address, packets.igmp(body)))


def announcing_mld(address, robustness, interval_code, response_code=1000):
    """The same in MLDv2."""
    body = packets.mld_query(1, response=response_code) + struct.pack("!BBH", robustness, interval_code, 0)
    return packets.mld_frame(address, body)


def test_nobody_announces_hours_of_silence(lab):
    """What a forger announces is not believed; what the trusted one does, is."""
    scene = Scene(lab, "IGMP")
    scene.forger.send(announcing(scene.address(ROGUE)))
    scene.follower.wait(event="noticed", reason="rogue querier")
    status = scene.status()
    assert status["role"] == "non-querier" and 250 < status["other-querier"]["expire"] <= 255
    assert status["membership-interval"] < 300
    scene.reload('trusted-queriers = ["{6}"]')
    scene.forger.send(announcing(scene.address(ROGUE)))
    wait(lambda: scene.status()["other-querier"]["expire"] > HOURS - 5, what="62 hours")
    assert scene.counted("rogue querier") == 1


@protocols
@pytest.mark.parametrize("settings", ["", 'trusted-queriers = ["{5}"]'])
def test_a_long_silence_is_cut_and_told(lab, protocol, settings):
    """However it comes about: by its robustness, or by the longest response time of all and no interval."""
    scene = Scene(lab, protocol, settings)
    announce = announcing if scene.is_igmp else announcing_mld
    scene.forger.send(announce(scene.address(ROGUE), 7, 125))
    if settings:
        scene.follower.wait(event="noticed", reason="rogue querier")
    else:
        event = scene.follower.wait(event="noticed", reason="long silence", address=scene.address(ROGUE))
        assert "silent for 875.5s" in event["message"] and event["priority"] == "info"
        assert scene.status()["healthy"]
    status = scene.status()
    assert status["role"] == "non-querier" and 250 < status["other-querier"]["expire"] <= 255
    scene.forger.send(announce(scene.address(ROGUE), 7, 0, 0xFF if scene.is_igmp else 0xFFFF))
    time.sleep(0.2)
    status = scene.status()
    assert 250 < status["other-querier"]["expire"] <= 255 and status["membership-interval"] == 270
    scene.forger.send(announce(scene.address(TRUSTED), 7, 125))
    if settings:
        wait(lambda: 870 < scene.status()["other-querier"]["expire"] <= 880, what="what the trusted one announces")


def test_what_another_querier_announced_ends_when_we_ask(lab):
    """A member that was reported meanwhile lives as long as our own values have it: a report of version 1 as well."""
    scene = Scene(lab, "IGMP", 'trusted-queriers = ["{6}"]', pace=PATIENT)
    scene.forger.send(announcing(scene.address(ROGUE)))
    wait(lambda: scene.status()["role"] == "non-querier", what="the other one")
    scene.forger.send(ethernet(ipv4("192.0.2.99", packets.report("239.1.1.1", packets.REPORT_V1))))

    def left():
        groups = scene.api.get("/v1/groups")["groups"]
        return groups[0]["expire"] if groups else 0

    wait(lambda: left() > HOURS - 10, what="a group for 62 hours")
    scene.reload('ignore-queriers = ["{6}"]')
    scene.ask()
    assert 0 < left() <= 140


@protocols
def test_a_reload_applies_at_once(lab, protocol):
    """Who is elected and becomes ignored, or a rogue to ignore, loses in that moment; who becomes trusted wins with his
    next query."""
    scene = Scene(lab, protocol)
    scene.forge(ROGUE)
    scene.keep_quiet()
    scene.reload('ignore-queriers = ["{6}"]')
    scene.ask()
    scene.reload("")
    scene.ask()
    scene.forge(ROGUE)
    scene.keep_quiet()
    scene.reload('trusted-queriers = []\non-rogue-querier = "ignore"')
    scene.ask()
    scene.reload('trusted-queriers = ["{6}"]\non-rogue-querier = "ignore"')
    scene.ask()
    scene.forge(ROGUE)
    scene.keep_quiet()


def test_reports_from_our_own_address_are_those_of_a_host(lab):
    """Whoever claims to be us changes the table as any host may, and nothing else. With our MAC address it is dropped."""
    scene = Scene(lab, "IGMP")
    own_mac = bytes.fromhex(link_json(scene.host, "link show eth0")[0]["address"].replace(":", ""))
    first, second = [ethernet(ipv4(scene.address(OURS), packets.report(group))) for group in ("239.1.1.1", "239.1.1.2")]
    scene.forger.send(first, second[:6] + own_mac + second[12:])
    wait(lambda: scene.counted("our own packet came back") == 1, what="a packet of our own")
    groups = scene.api.get("/v1/groups")["groups"]
    assert [group["group-address"] for group in groups] == ["239.1.1.1"]
    scene.forger.send(ethernet(ipv4(scene.address(OURS), packets.report("239.1.1.1", packets.LEAVE))))
    scene.ask()
    assert scene.status()["role"] == "querier"


@pytest.mark.parametrize("settings,counts", [("", True), ("verify-source-subnet = true", False)])
def test_who_is_beyond_a_router_can_report_and_no_more(lab, settings, counts):
    """Routers do not forward to groups of the link, but to our own address they do; and whoever knows how many there are
    has the TTL arrive as 1. The standard wants such reports taken in (RFC 9776 section 4.2.14)."""
    scene = Scene(lab, "IGMP", settings)
    mac = bytes.fromhex(link_json(scene.host, "link show eth0")[0]["address"].replace(":", ""))
    for message in report_v3(record(TO_EX, "239.1.1.1")), packets.query():
        scene.forger.send(ethernet(ipv4("203.0.113.9", message, f"192.0.2.{OURS}"), mac))
    wait(lambda: scene.counted("unicast query") == 1, what="the query")
    assert scene.status()["groups-count"] == (1 if counts else 0)
    assert scene.counted("foreign report") == (0 if counts else 1)
    scene.ask()


@pytest.mark.parametrize("version", [2, 3])
def test_a_forged_leave_ends_no_membership(lab, version):
    """The member is asked, and answers; without a member the group ends."""
    lan = Lan(lab, IGMP[version - 1])
    forger = lan.attach("forger", 99)
    lan.members[0].join("239.1.2.3")
    lan.wait({"239.1.2.3": exclude()})
    leave = {2: packets.report("239.1.2.3", packets.LEAVE), 3: report_v3(record(TO_IN, "239.1.2.3"))}[version]
    for _ in range(5):
        forger.send(ethernet(ipv4("192.0.2.99", leave)))
        time.sleep(3 * LAST_MEMBER_INTERVAL)
        assert "239.1.2.3" in lan.table().groups
    lan.members[0].leave("239.1.2.3")
    lan.wait({})


# As brisk, but groups live for minutes.
PATIENT = "-q 60 --startup-interval 0.2 --startup-count 100"


def pairs(first, count=91):
    """A packet that joins and leaves so many groups that nobody reported, in IGMPv3."""
    groups = [socket.inet_ntoa(struct.pack("!I", 0xEF000000 + first + n)) for n in range(count)]
    records = [record(kind, group) for group in groups for kind in (TO_EX, TO_IN)]
    return ethernet(ipv4("192.0.2.99", report_v3(*records)))


def test_invented_groups_draw_a_bounded_number_of_queries(lab):
    """10,920 groups in 120 packets would draw 21,840 queries. What is not asked about stays, and is counted; some seconds
    later a leave is followed up again."""
    scene = Scene(lab, "IGMP", pace=PATIENT)
    start = time.time()
    for number in range(120):
        scene.forger.send(pairs(91 * number))
        time.sleep(0.002)
    took = time.time() - start
    wait(lambda: scene.counted("leave not followed up") > 0, what="leaves that are not followed up")
    time.sleep(2.5)
    held_back = scene.counted("leave not followed up")
    asked = len(scene.drawn())
    assert asked <= 2 * (4000 + 500 * took) + 10, (asked, took)
    assert asked == 2 * (10920 - held_back)
    assert scene.status()["groups-count"] == held_back
    assert len(scene.daemon.logged("not followed by queries")) == 1
    scene.ask()
    time.sleep(9)
    scene.forger.send(pairs(20000, 1))
    wait(lambda: len(scene.drawn()) == asked + 2, what="two queries more")
    assert scene.counted("leave not followed up") == held_back


def test_what_a_large_lan_leaves_at_once_is_followed_up(lab):
    """2,970 groups."""
    scene = Scene(lab, "IGMP", pace=PATIENT)
    for number in range(33):
        scene.forger.send(pairs(90 * number, 90))
        time.sleep(0.01)
    wait(lambda: len(scene.drawn()) == 5940, what=lambda: f"5940 queries, not {len(scene.drawn())}")
    assert scene.counted("leave not followed up") == 0
    wait(lambda: scene.status()["groups-count"] == 0, what="no group")


def test_the_tests_of_the_threat_model_exist():
    """Each that docs/security.md names; and it names some in every row of its threats."""
    text = (REPOSITORY / "docs/security.md").read_text()
    named = set(re.findall(r"`(test_\w+\.py)::(test_\w+)`", text))
    assert len(named) > 30
    for file, function in named:
        [path] = (REPOSITORY / "tests/lab").rglob(file)
        source = path.read_text()
        assert re.search(rf"^def {function}\(", source, re.M), f"{file}::{function}"
    tables = re.findall(r"\| threat \|.*\n\|[-|]+\n((?:\|.*\n)+)", text)
    rows = "".join(tables).splitlines()
    assert len(tables) == 2 and len(rows) > 15
    for row in rows:
        assert re.search(r"\| `test_\w+\.py::test_\w+`[^|]*\|$", row), row


def test_every_reason_is_documented():
    """docs/security.md lists all that the program counts under."""
    listed = set(re.findall(r"`([^`]+)`", (REPOSITORY / "docs/security.md").read_text().replace("\n", " ")))
    reasons = set()
    for file in "core/event.hpp", "wire/parse_error.hpp":
        source = (REPOSITORY / "src" / file).read_text()
        tables = re.findall(r"string_view to_string\((?:Notice|ParseError) \w+\) \{.*?kWords\{(.*?)\}", source, re.S)
        assert len(tables) == 1, file
        reasons |= set(re.findall(r'"([^"]+)"', tables[0]))
    for file in "monitor/link_monitor.hpp", "instance/instance.cpp":
        constants = re.findall(r"constexpr std::string_view k\w+ = \"([^\"]+)\"", (REPOSITORY / "src" / file).read_text())
        reasons |= {reason for reason in constants if not reason.startswith("cannot ")}
    assert len(reasons) > 30 and reasons <= listed, reasons - listed
