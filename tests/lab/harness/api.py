"""A client of the API that can also behave badly, and docs/openapi.yaml as the judge of what it is told."""

import collections
import contextlib
import json
import pathlib
import re
import select
import shutil
import socket
import struct
import tempfile
import time

import jsonschema
import yaml

from harness.lab import REPOSITORY, wait

DOCUMENT = yaml.safe_load((REPOSITORY / "docs/openapi.yaml").read_text())
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
HALF = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n"
REQUEST = HALF + b"Connection: close\r\n\r\n"
FOLLOW = REQUEST.replace(b"status", b"events")


def resolve(node):
    """What a node of the document is, once its reference is followed."""
    while "$ref" in node:
        found = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def problems(schema, value):
    """How a value differs from a schema of the document, in words."""
    judge = jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    found = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in judge.iter_errors(value)]
    if "time" in value and not DATE_TIME.fullmatch(value["time"]):
        found.append(f"time: {value['time']}")
    return found


class Answer:
    """A whole answer, taken apart."""

    def __init__(self, data, method="GET"):
        head, separator, body = data.partition(b"\r\n\r\n")
        assert separator, f"no whole answer: {data[:200]!r}"
        line, *headers = head.decode().split("\r\n")
        self.status = int(re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", line)[1])
        self.headers = dict(header.split(": ", 1) for header in headers)
        self.body = join_chunks(body) if self.headers.get("Transfer-Encoding") == "chunked" else body
        if "Content-Length" in self.headers:
            assert len(body) == (0 if method == "HEAD" else int(self.headers["Content-Length"]))

    def json(self):
        return json.loads(self.body)

    def error(self, status):
        """The words of an error of that status."""
        assert (self.status, self.headers["Content-Type"]) == (status, "application/json"), (self.status, self.body)
        assert not problems({"$ref": "#/components/schemas/Error"}, self.json())
        return self.json()["error"]


def join_chunks(data):
    pieces, at = [], 0
    while True:
        end = data.index(b"\r\n", at)
        size, at = int(data[at:end], 16), end + 2
        pieces.append(data[at:at + size])
        at += size + 2
        assert data[at - 2:at] == b"\r\n"
        if not size:
            assert at == len(data)
            return b"".join(pieces)


class Api:
    """The API of a daemon, in a folder like /tmp: whoever the daemon becomes may remove its socket."""

    def __init__(self, lab):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="iq-"))
        self.directory.chmod(0o1777)
        lab.cleanup.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.path = self.directory / "api.sock"
        self.option = f"--api-socket {self.path}"

    def ready(self):
        wait(self.answers, what=f"a daemon that listens at {self.path}")
        return self

    def answers(self):
        """Whether the daemon answers: it hears its links by then. The socket is there earlier."""
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
            return bool(self.get("/v1/status"))
        return False

    def connect(self, first=b""):
        """A connection on which that much has been sent."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(str(self.path))
        client.settimeout(10)
        with contextlib.suppress(BrokenPipeError):  # whoever is refused may be so before
            client.sendall(first)
        return client

    def raw(self, request):
        """All that is answered to it."""
        with self.connect(request) as client:
            return read_all(client)

    def ask(self, target, method="GET"):
        return Answer(self.raw(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()), method)

    def get(self, target, method="GET"):
        """The answer, which is just what docs/openapi.yaml says of it."""
        answer = self.ask(target, method)
        assert answer.status == 200, (target, answer.status, answer.body)
        content = DOCUMENT["paths"][target.split("?")[0]][method.lower()]["responses"]["200"]["content"]
        assert list(content) == [answer.headers["Content-Type"]]
        assert not problems(content["application/json"]["schema"], answer.json()), answer.body
        return answer.json()

    def interface(self, family="ipv4"):
        """What the status says of the one interface that is served."""
        [found] = self.get(f"/v1/status?family={family}")["interfaces"]
        return found

    def wait_interface(self, condition, what, family="ipv4"):
        def found():
            seen = self.get(f"/v1/status?family={family}")["interfaces"]
            return seen and condition(seen[0]) and seen[0]
        return wait(found, 8, what, pause=0.05)

    def follow(self, query=""):
        return Follower(self.connect(FOLLOW.replace(b"events", b"events" + query.encode())))


class Follower:
    """Reads the event stream."""

    def __init__(self, client):
        self.client, self.text, self.events, self.judged = client, "", [], collections.Counter()
        while "\r\n\r\n" not in self.text:
            self.text += client.recv(1).decode()
        assert "200 OK" in self.text and "Content-Type: text/event-stream\r\n" in self.text
        self.text = ""

    def read(self):
        """All events so far, each of them just as docs/openapi.yaml says."""
        while select.select([self.client], [], [], 0)[0]:
            data = self.client.recv(1 << 16)
            assert data, "the daemon has closed the stream of events"
            self.text += data.decode()
        *events, self.text = self.text.split("\n\n")
        for event in events:
            number, kind, data = re.fullmatch(r"id: (\d+)\nevent: (\S+)\ndata: (.*)", event).groups()
            value = json.loads(data)
            self.judged[kind, *value] += 1
            if self.judged[kind, *value] <= 20:  # a flood of the same would take too long
                assert not problems({"$ref": "#/components/schemas/Event"}, value), value
            assert (value["id"], value["event"]) == (int(number), kind)
            self.events.append(value)
        return self.events

    def wait(self, **members):
        """The first event with those members; underscores stand for hyphens."""
        wanted = {name.replace("_", "-"): value for name, value in members.items()}

        def found():
            return next((event for event in self.read() if wanted.items() <= event.items()), None)
        return wait(found, 8, lambda: f"{wanted} among {self.events}")


def read_all(client):
    """What comes until the other end closes; a reset is an end too."""
    pieces = []
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(1 << 16):
            pieces.append(piece)
    return b"".join(pieces)


def credentials(client):
    """Process, user and group at the other end."""
    return struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))


def is_closed(client, seconds):
    """Whether the other end closes within that time; what it says before is dropped."""
    deadline = time.monotonic() + seconds
    while select.select([client], [], [], max(0, deadline - time.monotonic()))[0]:
        try:
            if not client.recv(1 << 16):
                return True
        except ConnectionResetError:
            return True
    return False
