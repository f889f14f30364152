"""An exporter whose daemon hangs, talks nonsense or too much, or has hostile words in what it says."""

import contextlib
import copy
import json
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

from harness import fake_api
from harness.exporter import Exporter, Metrics
from harness.fake_api import FakeApi
from harness.lab import wait
from harness.memory import MEBIBYTE, resident

SCRAPE_TIMEOUT = 10  # what Prometheus gives a scrape unless it is told otherwise
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


def whole(body, kind=b"application/json"):
    return HEAD.replace(b"application/json", kind) + b"Content-Length: %d\r\n\r\n" % len(body) + body


class BadDaemon:
    """Whoever asks at its socket gets these bytes; `pour` is repeated until nobody takes it any more."""

    def __init__(self, path, say=b"", pour=b"", hang=False):
        self.say, self.pour, self.hang, self.asked, self.poured = say, pour, hang, 0, 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        path.chmod(0o666)
        self.listener.listen(64)
        self.path, self.clients = path, []

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.path.unlink()
        for client in self.clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.asked += 1
                self.clients.append(client)
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError):
            client.recv(65536)
            client.sendall(self.say)
            while self.pour:
                client.sendall(self.pour)
                self.poured += len(self.pour)
            if self.hang:
                client.recv(1)
            client.close()


STATUS = json.dumps(fake_api.STATUS).encode()
BAD = {
    "hangs": {"hang": True},
    "closes at once": {},
    "hangs in the head": {"say": HEAD, "hang": True},
    "hangs in the body": {"say": whole(STATUS)[:-10], "hang": True},
    "half an answer": {"say": whole(STATUS)[:-10]},
    "half a chunk": {"say": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1000\r\n{"},
    "no http": {"say": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"},
    "bytes": {"say": bytes(range(256)) * 100},
    "no json": {"say": whole(b"<html>")},
    "half a character": {"say": whole(STATUS.replace(b"eth0", b"\xf0\x9f"))},
    "half a pair": {"say": whole(STATUS.replace(b"eth0", b"\\ud800"))},
    "nothing": {"say": whole(b"")},
    "null": {"say": whole(b"null")},
    "a list": {"say": whole(b"[]")},
    "no status": {"say": whole(b"{}")},
    "interfaces of another kind": {"say": whole(b'{"interfaces": {"eth0": 1}}')},
    "an error": {"say": whole(b'{"error": "no"}').replace(b"200 OK", b"500 Internal Server Error")},
    "an error without words": {"say": whole(b"").replace(b"200 OK", b"503 Service Unavailable")},
    "elsewhere": {"say": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"},
    "a head without end": {"say": HEAD, "pour": b"X: " + b"y" * 65536 + b"\r\n"},
    "a number without end": {"say": HEAD + b"\r\n{\"interfaces\": ", "pour": b"1" * 65536},
    "a list without end": {"say": HEAD + b"\r\n{\"interfaces\": [1", "pour": b",1" * 32768},
    "a list in a list without end": {"say": HEAD + b"\r\n{\"interfaces\": ", "pour": b"[" * 65536},
    "100 MB of it": {"say": whole(b'{"interfaces": [' + b"1," * (50 << 20) + b"1]}")},
    "length and no content": {"say": HEAD + b"Content-Length: 18446744073709551615\r\n\r\n{", "hang": True},
}


@pytest.fixture
def host(lab):
    return lab.namespace("host")


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_daemon_is_told_of_and_done_without(host, tmp_path, kind):
    """In time for a scrape, within bounds, and the next one is welcome."""
    path = tmp_path / "api.sock"
    with BadDaemon(path, **BAD[kind]) as daemon:
        exporter = Exporter(host, path)
        before = resident(exporter.process)
        for _ in range(3):
            begun = time.monotonic()
            assert exporter.metrics().value("igmp_querier_up") == 0
            assert time.monotonic() - begun < SCRAPE_TIMEOUT
            state = exporter.json("/v1/state")
            assert state["reachable"] is False and state["status"] is None and state["problem"]
            assert not re.search(r"[\x00-\x1f\x7f]", state["problem"])
        assert resident(exporter.process) - before < 96 * MEBIBYTE
        assert exporter.process.cpu_seconds() < 5
        assert 1 <= daemon.asked < 100 and daemon.poured < 512 * MEBIBYTE
    with FakeApi(path):
        wait(lambda: exporter.metrics().value("igmp_querier_up") == 1, 30, "the good daemon", pause=0.2)
    assert exporter.stop() == 0


@pytest.mark.parametrize("path", ["/v1/groups", "/v1/hosts"])
@pytest.mark.parametrize("answer", [None, 1, {}, [], {"groups": 1, "hosts": 1}, dict.fromkeys(
    ["groups", "hosts"], [1, None, [], {}, ""])], ids=str)
def test_a_list_that_is_none_is_left_out(host, tmp_path, path, answer):
    with FakeApi(tmp_path / "api.sock") as fake:
        fake.answers[path] = answer
        exporter = Exporter(host, fake.path)
        assert exporter.metrics().value("igmp_querier_up") == 1
        state = exporter.json("/v1/state")
        assert state["reachable"] and state["status"]["program"] == "igmp-querier"


def test_a_daemon_that_falls_silent_is_noticed(host, tmp_path):
    with FakeApi(tmp_path / "api.sock") as fake:
        exporter = Exporter(host, fake.path)
        exporter.wait_metric(1, "igmp_querier_up")
        fake.may_answer.clear()
        time.sleep(1.1)  # what is known by now is fresh
        begun = time.monotonic()
        assert exporter.metrics().value("igmp_querier_up") == 0
        assert time.monotonic() - begun < SCRAPE_TIMEOUT
        fake.may_answer.set()
        wait(lambda: exporter.metrics().value("igmp_querier_up") == 1, 30, "it speaks again", pause=0.2)


# What somebody on the network, or who writes the daemon's configuration, could get into its answers.
TEXTS = [
    '"} 1\nigmp_querier_up 7\n#', "\\", '\\"', "\\n", "\n", "\r\n", "\0", "\t", "{}", "a,b=c",
    "</script><script>alert(1)", "<img src=x onerror=alert(1)>", "\u2028\u2029", "\u202e\u200b", "\x1b[2J",
    "\x7f\x80\x9f", "\u00e4\U0001f4fb", "x" * 100_000, "data: x\n\nevent: state\ndata: {}", "__proto__",
    "' OR 1=1 --", "%s%n", "$(id)", "${jndi:x}",
]


def poisoned(value, text):
    """The same with the text in place of every string, and numbers and names as they are."""
    if isinstance(value, dict):
        return {name: poisoned(member, text) for name, member in value.items()}
    if isinstance(value, list):
        return [poisoned(member, text) for member in value]
    return text if isinstance(value, str) else value


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_texts_stay_texts(host, tmp_path, text):
    with FakeApi(tmp_path / "api.sock") as fake:
        fake.answers["/v1/status"] = poisoned(fake_api.status(), text)
        fake.answers["/v1/groups"]["groups"] = [{**poisoned(fake_api.group("x"), text), "group-address": address}
                                                for address in (text, "239.1.2.3")]
        fake.answers["/v1/hosts"]["hosts"] = [{"interface-name": text, "mac-address": text, "host-address": text}]
        exporter = Exporter(host, fake.path)
        stream = exporter.follow()
        body = exporter.get("/metrics").body
        metrics = Metrics(body.decode())
        assert metrics.value("igmp_querier_up") == 1
        # What could end a line or play with a terminal is shown as a question mark.
        shown = "".join(letter if letter.isprintable() or letter == "\u200b" else "?" for letter in text)[:128]
        assert [labels for labels, _ in metrics.all("igmp_querier_groups")] == [{"interface": shown, "family": shown}]
        assert {name for name, _ in metrics.samples} <= set(metrics.types) and set(metrics.types) <= metrics.helped
        if shutil.which("promtool"):
            judged = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=20)
            assert judged.returncode == 0, judged.stderr
        state = exporter.json("/v1/state")
        assert state["reachable"] is True and len(state["groups"]) == 2
        assert state["status"]["interfaces"][0]["interface-name"] == text
        # As an event it stays one event, on one line.
        seen = len(stream.read())
        fake.events.append({"event": "role-changed", "priority": "info", "message": text, "interface-name": text,
                            "time": fake_api.STATUS["time"]})
        happened = stream.wait("happening", since=seen)
        assert happened["interface-name"] == happened["message"] and happened["id"] == 1
        assert json.loads(exporter.get("/v1/history").body)["events"] == [happened]
        # What the log shows of it does nothing to a terminal.
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", exporter.process.stderr.read_text(errors="replace"))


NUMBERS = [-1, 1e308, 2**64, -2**63, 1.5, True, None, "7", [], {}]


@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_odd_numbers_do_not_stop_it(host, tmp_path, number):
    def odd(value):
        if isinstance(value, dict):
            return {name: odd(member) for name, member in value.items()}
        if isinstance(value, list):
            return [odd(member) for member in value]
        return number if isinstance(value, (int, float)) else value

    with FakeApi(tmp_path / "api.sock") as fake:
        fake.answers["/v1/status"] = odd(copy.deepcopy(fake_api.STATUS))
        fake.answers["/v1/groups"]["groups"] = [odd(fake_api.group("239.1.2.3"))]
        exporter = Exporter(host, fake.path)
        assert exporter.metrics().value("igmp_querier_up") in (0, 1)
        assert exporter.json("/v1/state")["reachable"] in (False, True)
        assert exporter.json("/v1/history")["interval"] == 30
        fake.answers["/v1/status"] = fake_api.status()
        exporter.wait_metric(1, "igmp_querier_up")


def test_deep_nesting_does_not_stop_it(host, tmp_path):
    with FakeApi(tmp_path / "api.sock") as fake:
        exporter = Exporter(host, fake.path)
        exporter.wait_metric(1, "igmp_querier_up")
    text = json.dumps(fake_api.STATUS)[:-1] + ', "x": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}"
    with BadDaemon(tmp_path / "api.sock", whole(text.encode())):
        time.sleep(1.2)
        exporter.ask("/metrics")
        exporter.ask("/v1/state")
        assert exporter.process.alive()
    with FakeApi(tmp_path / "api.sock"):
        wait(lambda: exporter.metrics().value("igmp_querier_up") == 1, 30, "the good daemon", pause=0.2)
