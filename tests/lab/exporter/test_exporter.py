"""`igmp-querier exporter`: what it serves, where, and how it lives beside a daemon that comes and goes."""

import signal
import time

import pytest

from harness import api as judge
from harness import fake_api
from harness.exporter import DEFAULT, Exporter
from harness.fake_api import FakeApi
from harness.lab import wait
from harness.lan import FAST, IGMP, Lan

CHANGE = {"event": "role-changed", "priority": "info", "message": "eth0: x", "time": fake_api.STATUS["time"]}


def test_serves_what_the_daemon_says(lab):
    lan = Lan(lab, IGMP[2])
    exporter = Exporter(lan.host, lan.api.path)
    lan.members[0].join("239.1.2.3")
    state = wait(lambda: (found := exporter.json("/v1/state"))["groups"] and found, what="a group")
    assert set(state) == {"id", "time", "exporter", "reachable", "since", "problem", "status", "groups", "hosts"}
    assert state["reachable"] is True and state["problem"] is None
    assert not judge.problems({"$ref": "#/components/schemas/Status"}, state["status"])
    [group], [found] = state["groups"], state["hosts"]
    assert (group.pop("name"), group.pop("hosts-count"), group.pop("sources-count")) == ("ka9q-radio or private", 1, 0)
    assert group["group-address"] == "239.1.2.3" and (found.pop("vendor"), found.pop("name")) == ("(private)", "")
    assert not judge.problems({"$ref": "#/components/schemas/Group"}, group)
    assert not judge.problems({"$ref": "#/components/schemas/Host"}, found)
    assert state["exporter"]["version"] == state["status"]["version"] and state["exporter"]["up-time"] < 60
    assert judge.DATE_TIME.fullmatch(state["time"])
    labels = {"interface": "eth0", "family": "ipv4"}
    metrics = exporter.metrics()
    assert metrics.value("igmp_querier_up") == 1
    assert metrics.value("igmp_querier_role", **labels, role="querier") == 1
    assert metrics.value("igmp_querier_role", **labels, role="non-querier") == 0
    assert metrics.value("igmp_querier_groups", **labels) == metrics.value("igmp_querier_hosts", **labels) == 1
    assert metrics.value("igmp_querier_groups", interface="eth0", family="ipv6") is None
    history = exporter.json("/v1/history")
    assert history["interval"] == 30 and [series["interface-name"] for series in history["series"]] == ["eth0"]
    assert exporter.stop() == 0


def test_a_join_reaches_the_stream_within_a_second(lab):
    lan = Lan(lab, IGMP[2])
    exporter = Exporter(lan.host, lan.api.path)
    stream = exporter.follow()
    stream.wait("state")
    time.sleep(1)
    seen, start = len(stream.read()), time.monotonic()
    lan.members[0].join("239.1.2.3")

    def shown():
        return len(stream.read()) > seen and any(
            group["group-address"] == "239.1.2.3" for group in exporter.json("/v1/state")["groups"])
    wait(shown, 3, "the group in the state")
    assert time.monotonic() - start < 1
    number = stream.read()[-1][1]["id"]
    assert exporter.json("/v1/state")["id"] >= number


def test_states_of_the_stream_keep_a_distance(host, fake):
    """A joins' storm is not passed on: at most two a second. Without one there is a state every ten seconds."""
    exporter = Exporter(host, fake.path)
    stream = exporter.follow()
    stream.wait("state")
    seen, start = len(stream.read()), time.monotonic()
    while time.monotonic() < start + 4:
        fake.events.append({**CHANGE, "event": "host-joined", "priority": "debug"})
        time.sleep(0.01)
    states = [kind for kind, _ in stream.read()[seen:] if kind == "state"]
    assert 4 <= len(states) <= 10
    assert not [kind for kind, _ in stream.read() if kind == "happening"]
    seen = len(stream.read()) + 1  # one may be due
    stream.wait("state", 13, since=seen)


def test_what_happens_is_told_but_not_every_join(host, fake):
    exporter = Exporter(host, fake.path)
    stream = exporter.follow()
    fake.events += [{**CHANGE, "event": "host-joined", "priority": "debug"}, CHANGE]
    assert stream.wait("happening") == {"id": 2, **CHANGE}
    assert exporter.json("/v1/history")["events"] == [{"id": 2, **CHANGE}]


def test_lists_are_shortened_and_counted(host, fake):
    fake.answers["/v1/groups"]["groups"] = [
        fake_api.group("239.1.2.3", hosts=65), fake_api.group("239.1.2.4", hosts=64)]
    exporter = Exporter(host, fake.path)
    long, short = exporter.json("/v1/state")["groups"]
    assert (long["hosts-count"], len(long["host"])) == (65, 64)
    assert (short["hosts-count"], len(short["host"])) == (64, 64)
    members = exporter.metrics().all("igmp_querier_group_members")
    assert sorted(value for _, value in members) == [64, 65]
    lists = [asked for asked in fake.asked if asked.startswith(("/v1/groups", "/v1/hosts"))]
    assert set(lists) == {"/v1/groups?limit=8192", "/v1/hosts?limit=1000"}


def test_says_as_whom_it_runs_and_where_it_serves_first(host, fake):
    exporter = Exporter(host, fake.path)
    who, where = exporter.process.log()[:2]
    assert "Running as user 'nobody', without any capability\n" in who
    assert f"Serving metrics and the web page at http://{DEFAULT}/\n" in where
    assert exporter.process.output() == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_ends_at_once_when_told(host, fake, how):
    exporter = Exporter(host, fake.path)
    stream, half = exporter.follow(), exporter.connect(b"GET / ")
    start = time.monotonic()
    assert exporter.process.stop(how) == 0
    assert time.monotonic() - start < 1
    assert judge.is_closed(stream.client, 1) and judge.is_closed(half, 1)


def test_waits_for_the_daemon_and_says_when_it_is_away(host, lab, tmp_path):
    fake = FakeApi(tmp_path / "api.sock")
    exporter = Exporter(host, fake.path)
    stream = exporter.follow()

    def expect_away():
        wait(lambda: not exporter.json("/v1/state")["reachable"], 4, "the daemon is away")
        state = exporter.json("/v1/state")
        assert state["status"] is None and state["groups"] == state["hosts"] == []
        assert "no igmp-querier answers at" in state["problem"] and str(fake.path) in state["problem"]
        metrics = exporter.metrics()
        assert metrics.value("igmp_querier_up") == 0 and not metrics.all("igmp_querier_healthy")
        assert metrics.all("igmp_querier_exporter_build_info")

    expect_away()
    for _ in range(2):
        with fake:
            seen = len(stream.read())
            wait(lambda: exporter.json("/v1/state")["reachable"], 4, "the daemon is here")
            exporter.wait_metric(1, "igmp_querier_up")
            stream.wait("state", since=seen)
        expect_away()
    assert len(exporter.process.logged("no igmp-querier answers")) == 3  # once each time


def test_follows_the_daemon_through_a_restart(lab):
    lan = Lan(lab, IGMP[2])
    exporter = Exporter(lan.host, lan.api.path)
    exporter.wait_metric(1, "igmp_querier_up")
    started = exporter.metrics().value("igmp_querier_start_time_seconds")
    stream = exporter.follow()
    assert lan.querier.stop() == 0
    exporter.wait_metric(0, "igmp_querier_up")
    time.sleep(1)
    seen = len(stream.read())
    lan.host.querier("-i eth0", FAST, lan.api.option)
    exporter.wait_metric(1, "igmp_querier_up")
    assert exporter.metrics().value("igmp_querier_start_time_seconds") > started + 0.5
    stream.wait("happening", since=seen)


def test_serves_ipv6(host, fake):
    host.sysctl("net/ipv6/conf/lo/disable_ipv6", 0)
    exporter = Exporter(host, fake.path, listen="[::1]:9788")
    assert exporter.get("/metrics", Host="[::1]:9788").status == 200
    assert "http://[::1]:9788/" in exporter.process.log()[1]


def test_serves_other_machines_when_allowed(lab, tmp_path):
    host, peer = lab.pair("192.0.2.1/24")
    peer.ip("address add 192.0.2.2/24 dev eth0")
    with FakeApi(tmp_path / "api.sock") as fake:
        exporter = Exporter(host, fake.path, "192.0.2.1:9788", "--allow-remote")
        exporter.host = peer
        assert exporter.get("/metrics", Host="192.0.2.1:9788").status == 200
        exporter.address = "127.0.0.1"
        with pytest.raises(ConnectionRefusedError):
            exporter.connect()
        assert exporter.stop() == 0
        exporter = Exporter(host, fake.path)
        exporter.host, exporter.address = peer, "192.0.2.1"
        with pytest.raises(ConnectionRefusedError):
            exporter.connect()


def test_all_addresses_of_a_family(lab, tmp_path):
    host, peer = lab.pair("192.0.2.1/24")
    peer.ip("address add 192.0.2.2/24 dev eth0")
    with FakeApi(tmp_path / "api.sock") as fake:
        exporter = Exporter(host, fake.path, "0.0.0.0:9788", "--allow-remote")
        for exporter.host, exporter.address in (peer, "192.0.2.1"), (host, "127.0.0.1"):
            assert exporter.get("/metrics").status == 200


def test_nobody_wakes_it_when_nobody_looks(host, fake):
    exporter = Exporter(host, fake.path)
    exporter.get("/v1/state")
    time.sleep(2)
    before, asked = exporter.process.wakeups(), len(fake.asked)
    time.sleep(8)
    assert exporter.process.wakeups() - before <= 8  # a sample may be due
    assert len(fake.asked) - asked <= 1
