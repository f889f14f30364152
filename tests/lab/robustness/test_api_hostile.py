"""Clients that are slow, silent or hostile: queries keep their beat, memory stays bounded, and others are answered."""

import collections
import contextlib
import pathlib
import select
import socket
import time

import pytest

from harness.api import FOLLOW, HALF, REQUEST, Answer, is_closed, read_all
from harness.busy_lan import BOUND, JOINS, MOST_CONNECTIONS, MOST_FOLLOWERS, BusyLan
from harness.lab import wait
from harness.lan import ONCE
from harness.memory import MEBIBYTE, resident

pytestmark = pytest.mark.heavy


def test_half_a_request_is_waited_for_five_seconds(lab):
    scene = BusyLan(lab)
    start = time.time()
    clients = [scene.connect(HALF) for _ in range(30)]
    assert not is_closed(clients[0], 3.5)
    assert scene.api.get("/v1/status")
    assert is_closed(clients[0], 3)
    assert all(is_closed(client, 1) for client in clients)
    scene.judge(start)


def test_a_request_that_trickles_in_has_no_more_time(lab):
    scene = BusyLan(lab)
    start, client = time.time(), scene.connect(HALF)
    with pytest.raises(OSError):
        for _ in range(100):
            client.sendall(b"X: y\r\n")
            time.sleep(0.1)
    assert 4 < time.time() - start < 7
    scene.judge(start)


def test_a_mebibyte_of_headers_is_refused(lab):
    scene = BusyLan(lab)
    start = time.time()
    for _ in range(50):
        client = scene.connect(HALF + b"X: " + b"y" * MEBIBYTE)
        assert "8192" in Answer(read_all(client)).error(431)
    scene.judge(start)


def test_of_a_thousand_silent_connections_the_last_ones_stay(lab):
    """The oldest that say nothing make room, for one that asks as well."""
    scene = BusyLan(lab)
    start = time.time()
    clients = [scene.connect() for _ in range(1000)]
    took = time.time() - start
    assert Answer(scene.api.raw(REQUEST)).status == 200
    assert all(is_closed(client, 1) for client in clients[:1000 - MOST_CONNECTIONS])
    assert took < 4 and not is_closed(clients[-1], 0)
    scene.judge(start)


def test_connections_without_end_are_answered_or_told(lab):
    """For three seconds as many as it can take, each with a request that is never completed."""
    scene = BusyLan(lab)
    start, count = time.time(), 0
    while time.time() < start + 3:
        with contextlib.suppress(BlockingIOError), socket.socket(socket.AF_UNIX) as client:
            client.setblocking(False)
            client.connect(str(scene.api.path))
            client.send(HALF)
            count += 1
    assert count > 1000
    scene.judge(start)


def test_answers_that_nobody_reads_are_given_up(lab):
    scene = BusyLan(lab, ONCE)
    scene.flood(100)
    wait(lambda: len(scene.api.ask("/v1/groups").body) > 1 << 20, what="a long answer")
    time.sleep(0.2)
    scene.before, start = resident(scene.lan.querier), time.time()
    clients = [scene.connect(REQUEST.replace(b"status", b"groups")) for _ in range(MOST_CONNECTIONS)]
    wait(lambda: scene.count_descriptors() == scene.descriptors + MOST_CONNECTIONS, what="all connections")
    assert resident(scene.lan.querier) - scene.before < BOUND
    wait(lambda: scene.count_descriptors() == scene.descriptors, 15, "their end")
    assert 9 < time.time() - start
    with pytest.raises((AssertionError, ValueError)):  # the answer stops somewhere
        Answer(read_all(clients[0]))
    assert scene.api.interface()["role"] == "querier"


def kinds(follower):
    return collections.Counter(event["event"] for event in follower.read())


def test_followers_that_never_read_lose_events(lab):
    """Who reads loses none."""
    scene = BusyLan(lab)
    start = time.time()
    late, *_ = [scene.connect(FOLLOW) for _ in range(MOST_FOLLOWERS - 1)]
    follower = scene.api.follow()
    assert "32" in Answer(scene.api.raw(FOLLOW)).error(503)
    for _ in range(300):
        scene.flood(1)
        follower.read()
    wait(lambda: kinds(follower)["host-joined"] == 299 * JOINS, 8, lambda: f"all joins, not {kinds(follower)}")
    assert not kinds(follower)["lost"]
    assert resident(scene.lan.querier) - scene.before < BOUND
    # The one that did not read has a gap, and is told how long it is.
    gone, text = time.monotonic() + 8, b""
    while b"\nevent: lost\n" not in text and time.monotonic() < gone:
        if select.select([late], [], [], 1)[0]:
            text += late.recv(1 << 16)
    assert b"\nevent: lost\n" in text and text.count(b"\nevent: host-joined\n") < 299 * JOINS
    follower.client.close()
    scene.judge(start)


@pytest.mark.slow
def test_a_follower_that_never_reads_is_cut(lab):
    """After half a minute; one that reads is not."""
    scene = BusyLan(lab)
    start = time.time()
    silent, patient = scene.connect(FOLLOW), scene.api.follow()
    for _ in range(100):
        scene.flood(3)
        patient.read()
    assert scene.count_descriptors() == scene.descriptors + 2
    wait(lambda: patient.read() and scene.count_descriptors() == scene.descriptors + 1, 40, "one follower fewer")
    assert 28 < time.time() - start
    assert is_closed(silent, 5) and not is_closed(patient.client, 0)
    patient.client.close()
    scene.judge(start)


def test_nobody_wakes_it_when_nobody_asks(lab):
    """Followers to whom nothing happens cost nothing, and neither does a client that has gone."""
    scene = BusyLan(lab, ONCE)
    followers = [scene.api.follow() for _ in range(10)]
    scene.api.get("/v1/status")
    time.sleep(0.5)
    before = scene.lan.querier.wakeups()
    time.sleep(8)  # longer than a request, a write and a farewell may take
    assert scene.lan.querier.wakeups() - before <= 2
    assert not any(is_closed(follower.client, 0) for follower in followers)


def test_memory_is_given_back(lab):
    """What was under way for many clients is not kept for none."""
    scene = BusyLan(lab)
    start = time.time()
    for _ in range(5):
        for _ in range(MOST_CONNECTIONS):
            scene.connect(HALF + b"X: " + b"y" * 8000)
        scene.leave()
        scene.api.get("/v1/status")
    assert resident(scene.lan.querier) - scene.before < 2 * MEBIBYTE
    assert pathlib.Path(scene.api.path).is_socket()
    scene.judge(start)
