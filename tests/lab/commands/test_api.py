"""What the daemon answers over its Unix socket: every answer is just what docs/openapi.yaml says."""

import contextlib
import json
import os
import signal
import stat
import time

import pytest

from harness import packets
from harness.api import DOCUMENT, Api, credentials, problems, resolve
from harness.hosts import Member
from harness.lab import BRISK, FAST, wait
from harness.lan import IGMP, MEMBERSHIP_INTERVAL, MLD, ONCE, Lan
from harness.mld import pair
from harness.mld import queries as mld_queries
from harness.packets import IS_EX, record, report, report_v3

BOTH = {"ipv4": "--igmp-version 3", "ipv6": "--mld 2"}
GENERAL_QUERY = {"ipv4": packets.general_query("192.0.2.1", 3), "ipv6": packets.mld_general_query("fe80::1", 2)}
LOWER = {"ipv4": "192.0.2.1", "ipv6": "fe80::1"}
OURS = {"ipv4": "192.0.2.10", "ipv6": "fe80::10"}
PEER = {"ipv4": "192.0.2.99", "ipv6": "fe80::99"}
MAC = ":".join(f"{byte:02x}" for byte in packets.STRANGER_MAC)
families = pytest.mark.parametrize("family", ["ipv4", "ipv6"])


class Scene:
    """A querier of both families with its API, and a peer that sends what it likes."""

    def __init__(self, lab, options=FAST, addresses=True):
        self.host, self.peer = pair(lab, "fe80::10/64", "192.0.2.10/24") if addresses else lab.pair(None)
        self.peer.ip("address add 192.0.2.99/24 dev eth0")
        self.api = Api(lab)
        self.wire = self.peer.capture()
        self.querier = self.host.querier("-i eth0", options, *BOTH.values(), self.api.option)
        self.api.ready()

    def queries(self, family):
        return mld_queries(self.wire) if family == "ipv6" else self.wire.queries()


@families
def test_the_querier(lab, family):
    scene = Scene(lab)
    seen = scene.api.wait_interface(lambda seen: seen["next-query"] is not None and seen["last-general-query"],
                                    "a query", family)
    assert seen["role"] == "querier" and seen["reason"] and seen["oper-status"] == "up"
    assert seen["address"] == seen["querier"] == OURS[family]
    assert seen["other-querier"] is None and seen["rival"] is None
    assert 0 <= seen["next-query"] <= 1 and seen["settings"]["query-interval"] == 1
    assert seen["settings"]["version"] == (3 if family == "ipv4" else 2)
    before = seen["statistics"]["sent"]["general-query"]
    scene.api.wait_interface(lambda seen: seen["statistics"]["sent"]["general-query"] > before, "more", family)


@families
def test_the_non_querier(lab, family):
    scene = Scene(lab, "-q 60 --jitter 0")
    wait(lambda: scene.queries(family), what="a query")
    scene.peer.send(GENERAL_QUERY[family])
    seen = scene.api.wait_interface(lambda seen: seen["role"] == "non-querier", "a lost election", family)
    assert seen["querier"] == LOWER[family] and seen["address"] == OURS[family] and seen["next-query"] is None
    other = seen["other-querier"]
    assert (other["address"], other["mac-address"]) == (LOWER[family], MAC)
    assert other["version"] == seen["settings"]["version"] and 0 < other["expire"] <= 300
    assert seen["statistics"]["elections-lost"] == 1 and seen["statistics"]["received"]["query"] >= 1
    time.sleep(0.1)
    scene.peer.send(GENERAL_QUERY[family])
    scene.api.wait_interface(lambda seen: (seen["other-querier"]["measured-query-interval"] or 0) >= 0.1,
                             "its interval", family)


@families
def test_a_querier_that_waits(lab, family):
    scene = Scene(lab, addresses=False)
    seen = scene.api.wait_interface(lambda seen: seen["role"] == "waiting", "it waits", family)
    assert seen["address"] is None and seen["querier"] is None and seen["next-query"] is None
    assert "address" in seen["reason"] and not seen["healthy"]
    status = scene.api.get("/v1/status")
    assert not status["healthy"] and status["pid"] == scene.querier.popen.pid
    assert {one["family"] for one in status["interfaces"]} == set(BOTH)


def test_dropped_packets_are_counted_by_reason(lab):
    scene = Scene(lab)
    good = packets.ipv4("192.0.2.99", report("239.1.1.1"))
    scene.peer.send(packets.ethernet(good), *[packets.ethernet(good[:-1] + b"\7")] * 3)
    seen = scene.api.wait_interface(lambda seen: seen["statistics"]["dropped"]["total"] == 3, "drops")
    assert list(seen["statistics"]["dropped"]["reasons"].values()) == [3]
    assert seen["statistics"]["received"]["report"] >= 1


@pytest.mark.parametrize("dialect", [*IGMP, *MLD], ids=str)
def test_groups_and_hosts(lab, dialect):
    """In every version, from what a real host joins."""
    lan = Lan(lab, dialect, versions=[dialect.version])
    api = lan.api
    family = "ipv4" if dialect.protocol == "IGMP" else "ipv6"
    [member] = lan.members
    there = {"interface-name": "eth0", "family": family}
    member.join(dialect.group(1))
    if dialect.knows_sources:
        member.join_source(dialect.group(2), dialect.source(1))

    def groups():
        answer = api.get(f"/v1/groups?family={family}")["groups"]
        known = {group["group-address"]: group for group in answer if group["host"]}
        return known if set(member.filters) <= set(known) else None
    seen = wait(groups, 8, "groups", pause=0.05)
    everything = seen[dialect.group(1)]
    assert there.items() <= everything.items() and everything["filter-mode"] == "exclude" and not everything["source"]
    assert everything["version"] == dialect.version and everything["last-reporter"] == dialect.address(5)
    assert [host["host-address"] for host in everything["host"]] == [dialect.address(5)]
    assert 0 < everything["expire"] <= MEMBERSHIP_INTERVAL
    if dialect.knows_sources:
        some = seen[dialect.group(2)]
        assert some["filter-mode"] == "include"
        assert [(one["source-address"], one["forwarded"]) for one in some["source"]] == [(dialect.source(1), True)]
        assert len(api.get("/v1/groups?limit=1")["groups"]) == 1
    [one] = api.get(f"/v1/groups?group={dialect.group(1)}&interface=eth0")["groups"]
    assert one["group-address"] == dialect.group(1)
    [known] = [host for host in api.get(f"/v1/hosts?family={family}")["hosts"]
               if host["host-address"] == dialect.address(5)]
    assert there.items() <= known.items() and known["version"] == dialect.version
    assert api.interface(family)["groups-count"] >= len(member.filters)
    # A member that answers is counted: of the last query, and of the one before it. Hosts of IGMPv1 take up to 10 s,
    # and are joined anew here when they answer.
    if not dialect.knows_leaves:
        return
    api.wait_interface(lambda seen: seen["last-general-query"]["answered-before"], "an answer", family)


def test_a_long_answer_comes_whole(lab):
    """Thousands of groups, none of them twice, while more of them come."""
    lan = Lan(lab, IGMP[2], versions=[], pace=ONCE)
    api, peer = lan.api, lan.attach("peer", 99)
    names = [f"239.{n >> 8}.{n & 255}.1" for n in range(5000)]
    for start in range(0, len(names), 100):
        records = [record(IS_EX, name) for name in names[start:start + 100]]
        peer.send(packets.ethernet(packets.ipv4("192.0.2.99", report_v3(*records))))
    wait(lambda: api.interface()["groups-count"] == len(names), what="all groups")
    seen = [group["group-address"] for group in api.get("/v1/groups")["groups"]]
    assert sorted(seen) == sorted(names)
    assert len(api.get("/v1/groups?limit=4999")["groups"]) == 4999


WRONG = {
    "GET /": (404, "/"), "GET /v1/nothing": (404, "/v1/nothing"), "GET /v1/status/": (404, "/v1/status/"),
    "POST /v1/status": (405, "GET"), "DELETE /v1/groups": (405, "GET"), "HEAD /v1/hosts": (405, "GET"),
    "GET /v1/query": (405, "POST"), "PUT /v1/events": (405, "GET"),
    "GET /v1/status?family=ipv5": (400, "family"), "GET /v1/status?famly=ipv4": (400, "famly"),
    "GET /v1/groups?limit=0": (400, "limit"), "GET /v1/groups?limit=-1": (400, "limit"),
    "GET /v1/groups?limit=16777217": (400, "limit"), "GET /v1/groups?limit=1x": (400, "limit"),
    "GET /v1/groups?limit=99999999999999999999": (400, "limit"), "GET /v1/hosts?limit=": (400, "limit"),
    "GET /v1/groups?group=10.0.0.1.2": (400, "group"), "GET /v1/hosts?group=239.1.1.1": (400, "group"),
    "GET /v1/events?since=-1": (400, "since"), "GET /v1/events?since=now": (400, "since"),
    "GET /v1/status?group=239.1.2.3": (400, "group"), "POST /v1/query?family=both": (400, "family"),
    "POST /v1/pause": (400, "seconds"), "POST /v1/pause?seconds=0": (400, "seconds"),
    "POST /v1/pause?seconds=3601": (400, "3600"), "POST /v1/pause?seconds=5&interface=eth9": (400, "eth9"),
    "GET /v1/pause": (405, "POST"),
}


def test_what_is_wrong_is_named(lab):
    """Unknown paths, methods and parameters, and values out of range."""
    scene = Scene(lab)
    for request, (status, named) in WRONG.items():
        method, target = request.split()
        answer = scene.api.ask(target, method)
        if method != "HEAD":
            assert named in answer.error(status), (request, answer.body)
        assert answer.status == status, request
        assert answer.headers.get("Allow") == (named if status == 405 else None), request
    assert scene.api.get("/v1/status")["interfaces"]


@pytest.mark.parametrize("request_line", ["hello", "GET /v1/status", "GET /v1/status HTTP/9.9", "\x16\x03\x01"])
def test_what_is_no_request_is_told_so(lab, request_line):
    scene = Scene(lab)
    data = scene.api.raw(request_line.encode() + b"\r\n\r\n")
    assert data.startswith(b"HTTP/1.1 400 ") and b'{"error":"' in data


def test_every_path_is_tested():
    """And has an answer to a bad parameter."""
    assert set(DOCUMENT["paths"]) == {"/v1/status", "/v1/groups", "/v1/hosts", "/v1/bridge-table", "/v1/events", "/v1/query",
                                      "/v1/pause"}
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            assert "error" in resolve(resolve(operation["responses"]["400"])
                                      ["content"]["application/json"]["schema"])["properties"]


def test_the_judge_is_strict():
    """It finds an undocumented member, a missing one and a wrong type."""
    schema = {"$ref": "#/components/schemas/QueriesSent"}
    assert not problems(schema, {"queries-sent": 1})
    for value in {"queries-sent": 1, "more": 1}, {}, {"queries-sent": "1"}, {"queries-sent": 0}:
        assert problems(schema, value), value


@families
def test_root_has_a_query_sent(lab, family):
    """At once; the next one is counted from it."""
    scene = Scene(lab, "-q 5 --jitter 0 --startup-count 1")
    wait(lambda: scene.queries(family), what="the first query")
    time.sleep(0.5)
    count = len(scene.queries(family))
    assert scene.api.get(f"/v1/query?family={family}", "POST") == {"queries-sent": 1}
    wait(lambda: len(scene.queries(family)) == count + 1, 1, "one query more")
    assert 4.5 < scene.api.interface(family)["next-query"] <= 5


def test_root_has_a_query_sent_for_each_family(lab):
    scene = Scene(lab, "-q 60 --startup-count 1")
    wait(lambda: scene.queries("ipv4") and scene.queries("ipv6"), what="queries")
    assert scene.api.get("/v1/query", "POST") == {"queries-sent": 2}


def test_only_the_querier_sends_one(lab):
    scene = Scene(lab, "-q 60 --startup-count 1")
    wait(lambda: scene.queries("ipv4") and scene.queries("ipv6"), what="queries")
    scene.peer.send(*GENERAL_QUERY.values())
    for family in BOTH:
        scene.api.wait_interface(lambda seen: seen["role"] == "non-querier", "a lost election", family)
    count = len(scene.wire.queries(OURS["ipv4"]))
    assert "querier" in scene.api.ask("/v1/query", "POST").error(409)
    time.sleep(0.3)
    assert len(scene.wire.queries(OURS["ipv4"])) == count


def as_somebody(api, call):
    """What `call` returns to a member of the socket's group who is neither root nor the daemon's user."""
    group = api.path.stat().st_gid
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.setgroups([])
            os.setregid(group, group)
            os.setreuid(12345, 12345)
            os.write(writer, json.dumps(call()).encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return json.loads(said)


def test_nobody_else_has_a_query_sent(lab):
    """Who may read the status may still not send."""
    scene = Scene(lab, "-q 60 --startup-count 1")
    wait(lambda: scene.queries("ipv4") and scene.queries("ipv6"), what="queries")
    count = len(scene.wire.queries())
    assert as_somebody(scene.api, lambda: scene.api.ask("/v1/status").status) == 200
    assert "root" in as_somebody(scene.api, lambda: scene.api.ask("/v1/query", "POST").error(403))
    time.sleep(0.3)
    assert len(scene.wire.queries()) == count


@families
def test_followers_hear_what_happens(lab, family):
    scene = Scene(lab)
    group = "239.1.1.1" if family == "ipv4" else "ff15::1"
    follower = scene.api.follow()
    Member(scene.peer).join(group)
    follower.wait(event="group-added", group_address=group, host_address=PEER[family], interface_name="eth0")
    Member(scene.host).join(group)
    follower.wait(event="host-joined", group_address=group, host_address=OURS[family], family=family)
    scene.peer.send(GENERAL_QUERY[family])
    lost = follower.wait(event="role-changed", role="non-querier", family=family)
    assert (lost["querier"], lost["mac-address"]) == (LOWER[family], MAC)
    numbers = [event["id"] for event in follower.events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    # Whoever comes later, or comes back, may ask for them.
    assert scene.api.follow("?since=0").wait(event="role-changed", role="non-querier", family=family) == lost
    again = scene.api.follow(f"?since={lost['id'] - 1}")
    again.wait(event="role-changed")
    assert again.events[0] == lost


def test_a_follower_begins_with_what_comes_next(lab):
    scene = Scene(lab)
    wait(lambda: scene.queries("ipv4"), what="a query")
    assert scene.api.follow("?since=0").wait(event="burst-began")
    assert not scene.api.follow().read()


def refusal(process):
    """The one line with which it ends."""
    assert process.finish(3) == 1, process.describe()
    [line] = process.stderr.read_text().splitlines()
    return line


def test_the_socket_is_there_as_long_as_the_daemon(lab):
    """For a user and a group (test_privilege.py says whom); gone after a stop, and after a crash no hindrance."""
    scene = Scene(lab)
    assert stat.S_IMODE(scene.api.path.stat().st_mode) == 0o660
    with scene.api.connect() as client:
        assert credentials(client)[0] == scene.querier.popen.pid
    assert scene.querier.stop() == 0
    assert not scene.api.path.exists()
    crashed = scene.host.querier("-i eth0", FAST, scene.api.option)
    scene.api.ready()
    crashed.stop(signal.SIGKILL)
    assert scene.api.path.is_socket()
    scene.host.querier("-i eth0", FAST, scene.api.option)
    wait(lambda: scene.api.ask("/v1/status").status == 200 if can_connect(scene.api) else None, what="an answer")


def can_connect(api):
    with contextlib.suppress(ConnectionRefusedError):
        api.connect().close()
        return True


def test_a_second_daemon_leaves_the_first_alone(lab):
    scene = Scene(lab)
    line = refusal(scene.host.querier("-i eth0", FAST, scene.api.option))
    assert str(scene.api.path) in line and "already answers" in line and "--api-socket" in line
    assert scene.api.get("/v1/status")["pid"] == scene.querier.popen.pid


@pytest.mark.parametrize("path,words", [("none/api.sock", "No such file or directory"), ("x" * 120, "107 bytes"),
                                        ("file", "not a socket is there")])
def test_a_socket_that_cannot_be_is_an_error(lab, path, words):
    api = Api(lab)
    (api.directory / "file").write_text("precious")
    host, _ = lab.pair()
    line = refusal(host.querier("-i eth0", f"--api-socket {api.directory}/{path}"))
    assert words in line and "--api-socket" in line
    assert (api.directory / "file").read_text() == "precious"


def test_without_the_default_directory_there_is_no_api(lab):
    """And nothing else is missing."""
    host, peer = lab.pair()
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", BRISK)
    wire.wait_queries(3)
    assert querier.stop() == 0
    assert not querier.logged("error|warn|socket")
