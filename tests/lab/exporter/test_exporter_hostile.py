"""An exporter among hostile clients: others are answered, memory stays bounded, and the daemon notices nothing."""

import collections
import concurrent.futures
import contextlib
import pathlib
import re
import socket
import subprocess
import time

import pytest

from harness import fake_api, packets
from harness.api import Answer, is_closed, read_all
from harness.busy_lan import BUSY, MOST_CONNECTIONS, MOST_FOLLOWERS, MOST_REFUSED, BusyLan
from harness.exporter import Exporter, request
from harness.fake_api import FakeApi
from harness.lab import wait
from harness.lan import ONCE
from harness.memory import MEBIBYTE, resident
from harness.packets import IS_EX, address, record, report_v3

pytestmark = pytest.mark.heavy

HALF = request()[:-2]
BOUND = 16 * MEBIBYTE  # for what is under way for 64 clients, and for a flood of events


class Crowd:
    """Clients of an exporter, and what they may cost it."""

    def __init__(self, lab, host, api_socket):
        self.exporter, self.clients = Exporter(host, api_socket), []
        lab.cleanup.callback(self.leave)
        for target in "/v1/state", "/metrics", "/":
            self.exporter.ask(target)
        self.follower = self.exporter.follow()
        self.follower.wait("state")
        time.sleep(0.2)  # those clients are forgotten
        self.before, self.descriptors = resident(self.exporter.process), self.count()

    def count(self):
        """What it has open, but for its questions to the daemon, which come and go: at most two."""
        return self.exporter.descriptors()

    def connect(self, first=b"", **options):
        self.clients.append(self.exporter.connect(first, **options))
        return self.clients[-1]

    def leave(self):
        while self.clients:
            self.clients.pop().close()

    def judge(self):
        """What must hold after whatever has been done: nothing is left of it, and the follower goes on."""
        exporter = self.exporter
        assert resident(exporter.process) - self.before < BOUND
        assert self.count() <= self.descriptors + MOST_CONNECTIONS + MOST_REFUSED + 2
        self.leave()
        wait(lambda: self.count() <= self.descriptors, 8, "all descriptors given back")
        assert exporter.metrics().value("igmp_querier_up") == 1
        seen = len(self.follower.read())
        self.follower.wait("state", since=seen)
        self.follower.close()
        assert exporter.stop() == 0


class Besieged(Crowd):
    """The same beside a real daemon that is busy, whose queries must keep their beat."""

    def __init__(self, lab, pace=BUSY):
        self.scene = BusyLan(lab, pace)
        super().__init__(lab, self.scene.lan.host, self.scene.api.path)
        self.start, self.cpu = time.time(), self.scene.lan.querier.cpu_seconds()

    def judge(self):
        used, took = self.scene.lan.querier.cpu_seconds() - self.cpu, time.time() - self.start
        assert used < 0.1 + took / 10, f"{used:.2f} s of processor time in {took:.1f} s"
        super().judge()
        self.scene.judge(self.start)


@pytest.fixture
def fake(lab, tmp_path):
    with FakeApi(tmp_path / "api.sock") as made:
        yield made


@pytest.fixture
def crowd(lab, fake):
    return Crowd(lab, lab.namespace("host"), fake.path)


def test_half_a_request_is_waited_for_five_seconds(lab):
    crowd = Besieged(lab)
    clients = [crowd.connect(data) for data in (b"", b"G", HALF) * 10]
    assert not is_closed(clients[0], 3.5)
    assert crowd.exporter.get().status == 200
    assert is_closed(clients[0], 3)
    assert all(is_closed(client, 1) for client in clients)
    crowd.judge()


def test_a_request_that_trickles_in_has_no_more_time(lab):
    crowd = Besieged(lab)
    begun, client = time.time(), crowd.connect()
    with pytest.raises(OSError):
        for byte in HALF + b"X: " + b"y" * 1000:
            client.sendall(bytes([byte]))
            time.sleep(0.05)
    assert 4 < time.time() - begun < 7
    crowd.judge()


def test_heads_and_bodies_have_a_limit(crowd):
    exporter = crowd.exporter
    assert exporter.get(X="y" * 7900).status == 200
    assert "8192" in exporter.ask(X="y" * 8200).error(431)
    assert "8192" in exporter.ask("/" + "x" * 8200).error(431)
    assert exporter.raw(request(Content_Length=1024) + b"x" * 1024).startswith(b"HTTP/1.1 200")
    assert "1024" in Answer(exporter.raw(request(Content_Length=1025) + b"x" * 1025)).error(413)
    for _ in range(50):
        client = crowd.connect(HALF + b"X: " + b"y" * MEBIBYTE)
        assert "8192" in Answer(read_all(client)).error(431)
    chunks = request(Transfer_Encoding="chunked") + b"400\r\n" + b"x" * 1024 + b"\r\n"
    assert Answer(exporter.raw(chunks + b"400\r\n" + b"x" * 1024 + b"\r\n0\r\n\r\n")).status == 413
    crowd.judge()


def test_a_request_without_end_is_cut(crowd):
    client, sent = crowd.connect(HALF), 0
    with pytest.raises(OSError):
        while sent < 64 * MEBIBYTE:
            sent += client.send(b"X: " + b"y" * 65536)
    assert sent < 16 * MEBIBYTE
    crowd.judge()


GARBAGE = [
    b"\r\n\r\n\r\n", b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n",
    b"GET /metrics\r\n\r\n", b"GET /metrics HTTP/2.0\r\nHost: x\r\n\r\n", b"GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET  /metrics HTTP/1.1\r\n\r\n", b" GET /metrics HTTP/1.1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost\r\n\r\n", b"GET /metrics HTTP/1.1\r\nHo st: 127.0.0.1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\n: x\r\n\r\n", b"GET /metrics HTTP/1.1\r\nX: \0\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"G\xc3\x89T /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"\xff" * 100 + b"\r\n\r\n",
]


def test_what_is_no_request_is_refused(crowd):
    for data in GARBAGE:
        answer = crowd.exporter.raw(data)
        assert answer.startswith(b"HTTP/1.1 4") and Answer(answer).status == 400, data
    crowd.judge()


def test_only_the_first_of_many_requests_is_answered(crowd):
    answer = Answer(crowd.exporter.raw(request("/none") + request("/metrics") * 50))
    assert answer.status == 404 and b"igmp_querier" not in answer.body
    crowd.judge()


def test_of_a_thousand_silent_connections_the_last_ones_stay(lab):
    """The oldest that say nothing make room, for one that asks as well."""
    crowd = Besieged(lab)
    begun = time.time()
    clients = [crowd.connect() for _ in range(1000)]
    took = time.time() - begun
    assert crowd.exporter.ask().status == 200
    assert all(is_closed(client, 1) for client in clients[:1000 - MOST_CONNECTIONS])
    assert took < 4 and not is_closed(clients[-1], 0)
    crowd.judge()


class Remote:
    """An exporter that serves other machines, and one of those with three addresses."""

    def __init__(self, lab, fake):
        host, self.peer = lab.pair("192.0.2.1/24")
        for number in 2, 3, 4:
            self.peer.ip(f"address add 192.0.2.{number}/24 dev eth0")
        self.exporter = Exporter(host, fake.path, "192.0.2.1:9788", "--allow-remote")

    def connect(self, number, data=b""):
        with self.peer.entered():
            client = socket.create_connection(("192.0.2.1", 9788), 5, (f"192.0.2.{number}", 0))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.sendall(data)
        return client

    def ask(self, number):
        with self.connect(number, request(Host="192.0.2.1:9788")) as client:
            return Answer(read_all(client))

    def scrape(self):
        """From this machine, which reaches the exporter at the same address."""
        return self.exporter.ask(Host="192.0.2.1:9788").status


@pytest.fixture
def remote(lab, fake):
    return Remote(lab, fake)


STREAM = request("/v1/stream", Host="192.0.2.1:9788")
SCRAPE = request(Host="192.0.2.1:9788")


@pytest.mark.parametrize("data", [b"", HALF, SCRAPE, STREAM], ids=["silent", "half", "whole", "stream"])
def test_others_do_not_keep_this_machine_out(remote, data):
    """Two addresses take whatever they can get, again and again."""
    with contextlib.ExitStack() as crowd:
        for _ in range(40):
            for number in (2, 3) * 4:
                crowd.enter_context(remote.connect(number, data))
            assert remote.scrape() == 200


def test_one_address_does_not_keep_the_others_out(remote):
    """Of another machine; what comes through this one, as from a proxy, is not told apart."""
    with contextlib.ExitStack() as crowd:
        def connect(data, count):
            for _ in range(count):
                crowd.enter_context(remote.connect(2, data))
        connect(STREAM, 24)
        connect(b"", MOST_CONNECTIONS)
        assert remote.ask(2).status == 200  # in the place of a silent one of its own
        assert remote.ask(3).status == 200
        assert "24 of other machines" in Answer(read_all(remote.connect(3, STREAM))).error(503)
        with remote.exporter.connect(STREAM) as follower:
            assert follower.recv(12) == b"HTTP/1.1 200"
    wait(lambda: remote.ask(2).status == 200, 8, "room again")


def test_connections_without_end_are_answered_or_told(lab):
    """For three seconds as many as it can take, each with a request that is never completed."""
    crowd = Besieged(lab)
    begun, count = time.time(), 0
    with crowd.exporter.host.entered():
        while time.time() < begun + 3:
            with contextlib.suppress(OSError), socket.socket() as client:
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", 9788))
                client.send(HALF)
                count += 1
    assert count > 1000
    wait(lambda: crowd.exporter.ask().status == 200, 8, "room again")
    crowd.judge()


def test_connections_that_are_reset_leave_nothing(crowd):
    for data in (b"", HALF, request("/v1/state"), request("/v1/stream")) * 50:
        client = crowd.exporter.connect(data)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    wait(lambda: crowd.exporter.ask().status == 200, 8, "room again")
    crowd.judge()


def test_without_descriptors_it_waits_for_some(crowd):
    limit = crowd.descriptors + 8
    pid = crowd.exporter.process.popen.pid
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    user, group = (re.search(rf"^{name}:\s+(\d+)", status, re.M)[1] for name in ("Uid", "Gid"))
    # As the user that it has become: root without CAP_SYS_RESOURCE may not.
    subprocess.run(["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups",
                    "prlimit", "--pid", str(pid), f"--nofile={limit}:"], check=True)
    clients = [crowd.connect() for _ in range(40)]
    time.sleep(0.5)
    cpu = crowd.exporter.process.cpu_seconds()
    time.sleep(1)
    assert crowd.exporter.process.cpu_seconds() - cpu < 0.1, "it tries again and again"
    for client in clients:
        client.close()
    wait(lambda: crowd.exporter.ask().status == 200, 10, "room again")
    crowd.judge()


def test_answers_that_nobody_reads_are_given_up(lab):
    crowd = Besieged(lab, ONCE)
    for source in range(64):  # as many groups and hosts of each as are listed
        for start in range(0, 1000, 100):
            records = [record(IS_EX, address(0xEF000000 + start + n)) for n in range(100)]
            crowd.scene.peer.send(packets.ethernet(packets.ipv4(address(0x0A000001 + source), report_v3(*records))))
            time.sleep(0.002)
    # More than what the kernel takes for a client that does not read.
    wait(lambda: len(crowd.exporter.get("/v1/state").body) > 3 * MEBIBYTE, 20, "a long answer", pause=1)
    crowd.before, begun = resident(crowd.exporter.process), time.time()
    clients = [crowd.connect(request("/v1/state"), receive_buffer=1024) for _ in range(MOST_CONNECTIONS - 1)]
    wait(lambda: crowd.count() >= crowd.descriptors + MOST_CONNECTIONS - 1, what="all connections")
    time.sleep(2)
    # They have one body in common, and a few later ones; each of their own would be ten times that.
    assert resident(crowd.exporter.process) - crowd.before < 4 * BOUND
    assert "64" in crowd.exporter.ask().error(503)
    wait(lambda: crowd.count() <= crowd.descriptors, 15, "their end")
    assert 9 < time.time() - begun
    with pytest.raises((AssertionError, ValueError)):  # the answer stops somewhere
        Answer(read_all(clients[0]))
    crowd.leave()
    assert crowd.exporter.metrics().value("igmp_querier_up") == 1
    # The other one reads, however large its answer.
    assert len(crowd.exporter.json("/v1/state")["groups"]) == 1000


def test_there_are_only_so_many_streams(crowd):
    others = [crowd.connect(request("/v1/stream")) for _ in range(MOST_FOLLOWERS - 1)]
    wait(lambda: crowd.count() >= crowd.descriptors + len(others), what="all of them")
    assert "32" in crowd.exporter.ask("/v1/stream").error(503)
    assert crowd.exporter.get("/metrics").status == 200
    others.pop().close()
    wait(lambda: crowd.count() < crowd.descriptors + MOST_FOLLOWERS - 1, what="one fewer")
    crowd.exporter.follow().close()
    crowd.judge()


def happening(number):
    return {"event": "noticed", "priority": "info", "message": f"{number} " + "x" * 1000,
            "time": fake_api.STATUS["time"]}


def test_streams_that_never_read_cost_little(crowd, fake):
    """Who reads is told of the last that happens."""
    for _ in range(MOST_FOLLOWERS - 1):
        crowd.connect(request("/v1/stream"), receive_buffer=1024)
    wait(lambda: crowd.count() >= crowd.descriptors + MOST_FOLLOWERS - 1, what="all of them")
    for start in range(0, 20_000, 1000):
        fake.events += [happening(start + number) for number in range(1000)]
        time.sleep(0.05)
    wait(lambda: any(kind == "happening" and data["message"].startswith("19999 ")
                     for kind, data in crowd.follower.read()[-200:]), 20, "the last of them")
    assert resident(crowd.exporter.process) - crowd.before < BOUND
    crowd.judge()


@pytest.mark.slow
def test_a_stream_that_never_reads_is_cut(crowd, fake):
    """After half a minute; one that reads is not."""
    begun, silent = time.time(), crowd.connect(request("/v1/stream"), receive_buffer=1024)
    wait(lambda: crowd.count() > crowd.descriptors, what="it")
    fake.events += [happening(number) for number in range(10_000)]
    wait(lambda: crowd.follower.read() and crowd.count() <= crowd.descriptors, 45, "one follower fewer")
    assert 28 < time.time() - begun
    assert is_closed(silent, 5)
    crowd.judge()


def ask_often(exporter, count, targets=("/metrics",)):
    """So many answers, as fast as they come: how many of each status."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        wanted = (targets[number % len(targets)] for number in range(count))
        return collections.Counter(pool.map(lambda target: exporter.ask(target).status, wanted))


def test_a_thousand_scrapes_are_a_few_questions(crowd, fake):
    time.sleep(1.1)  # what is known by now is fresh
    begun, before = time.time(), len(fake.asked)
    assert ask_often(crowd.exporter, 1000) == {200: 1000}
    took = time.time() - begun
    asked = collections.Counter(target.split("?")[0] for target in fake.asked[before:])
    assert took < 20 and asked["/v1/status"] >= 1
    assert all(count <= 2 + took / 0.4 for count in asked.values()), (took, asked)
    crowd.judge()


def test_scrapes_do_not_disturb_the_daemon(lab):
    crowd = Besieged(lab)
    assert ask_often(crowd.exporter, 1000, ("/metrics", "/v1/state", "/v1/history", "/none")) == {200: 750, 404: 250}
    crowd.judge()


def test_memory_is_given_back(crowd):
    """What was under way for many clients is not kept for none."""
    for _ in range(10):
        for _ in range(MOST_CONNECTIONS - 1):
            crowd.connect(HALF + b"X: " + b"y" * 8000)
        crowd.leave()
        assert wait(lambda: crowd.exporter.ask().status == 200, what="room again")
    assert resident(crowd.exporter.process) - crowd.before < 4 * MEBIBYTE
    crowd.judge()
