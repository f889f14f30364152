"""An exporter in a namespace, and a client of it that can also behave badly."""

import contextlib
import json
import os
import re
import select
import socket

from harness.api import Answer, read_all
from harness.lab import IGMP_QUERIER, Process, wait

PORT = 9788
DEFAULT = f"127.0.0.1:{PORT}"
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                               "require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
READY = r"Serving metrics and the web page at http://(\S+)/"


def request(target="/metrics", method="GET", **headers):
    """A request as bytes; underscores stand for hyphens, and a header that is None is left out."""
    fields = {"Host": DEFAULT, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()


class Exporter:
    """`igmp-querier exporter` in the namespace of a host, from the moment on when it serves, or one that runs there."""

    def __init__(self, host, api_socket, listen=DEFAULT, options="", process=None):
        self.host = host
        self.address, _, port = listen.rpartition(":")
        self.address, self.port = self.address.strip("[]"), int(port)
        self.url = f"http://{listen}"
        self.process = process or Process(host, [IGMP_QUERIER, "exporter", "--listen", listen, "--api-socket",
                                                 str(api_socket), *options.split()])
        if not process:
            self.process.wait_log(READY)

    def stop(self):
        """Ends it as systemd does, and returns the exit status."""
        return self.process.stop()

    def connect(self, first=b"", timeout=10, receive_buffer=None):
        """A connection on which that much has been sent."""
        with self.host.entered():
            client = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:  # before it connects, so that the other end is told
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(timeout)
        client.connect((self.address, self.port))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # whoever is refused may be so before
            client.sendall(first)
        return client

    def raw(self, data):
        """All that is answered to it."""
        with self.connect(data) as client:
            return read_all(client)

    def ask(self, target="/metrics", method="GET", **headers):
        return Answer(self.raw(request(target, method, **headers)))

    def get(self, target="/metrics", **headers):
        """The answer, which is one of success."""
        answer = self.ask(target, **headers)
        assert answer.status == 200, (target, answer.status, answer.body[:500])
        return answer

    def json(self, target="/v1/state"):
        return self.get(target).json()

    def metrics(self):
        return Metrics(self.get("/metrics").body.decode())

    def wait_metric(self, value, name, **labels):
        wait(lambda: self.metrics().value(name, **labels) == value, 8, f"{name} {labels} is {value}", pause=0.05)

    def follow(self):
        return Stream(self.connect(request("/v1/stream")))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.popen.pid}/fd"))


class Metrics:
    """The text format of Prometheus (0.0.4), read strictly: what is no sample and no comment is an error."""

    SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)')
    LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"')

    def __init__(self, text):
        assert text.endswith("\n")
        self.samples, self.types, self.helped = {}, {}, set()
        for line in text.split("\n")[:-1]:
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.types, f"a second type: {line}"
                self.types[name] = kind
            elif line.startswith("# HELP "):
                self.helped.add(line.split(" ")[2])
            else:
                self._add(line)

    def _add(self, line):
        found = self.SAMPLE.fullmatch(line)
        assert found, f"no sample: {line!r}"
        name, labels, value = found.groups()
        unescape = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
        pairs = [(key, re.sub(r"\\.", lambda escaped: unescape[escaped[0]], text))
                 for key, text in self.LABEL.findall(labels or "")]
        key = name, frozenset(pairs)
        assert key not in self.samples, f"twice: {line}"
        self.samples[key] = float(value)

    def value(self, name, **labels):
        """The value of the one sample with just these labels, or None."""
        return self.samples.get((name, frozenset(labels.items())))

    def all(self, name):
        """Every sample of that name, as (labels, value)."""
        return [(dict(labels), value) for (found, labels), value in self.samples.items() if found == name]


class Stream:
    """Reads the server-sent events of /v1/stream."""

    def __init__(self, client):
        self.client, self.text, self.events, head = client, "", [], b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(1)
            assert piece, f"no stream of events: {head}"
            head += piece
        assert b"200 OK" in head and b"Content-Type: text/event-stream\r\n" in head, head

    def read(self):
        """All events so far, as (kind, data)."""
        while select.select([self.client], [], [], 0)[0]:
            data = self.client.recv(1 << 16)
            assert data, "the exporter has closed the stream of events"
            self.text += data.decode()
        *events, self.text = self.text.split("\n\n")
        for event in events:
            fields = dict(line.split(": ", 1) for line in event.split("\n") if line and line[0] != ":")
            if "data" in fields:
                self.events.append((fields["event"], json.loads(fields["data"])))
        return self.events

    def wait(self, kind, timeout=12, since=0):
        """The data of the first event of that kind, beyond the first `since` events."""
        def found():
            return next((event for event in self.read()[since:] if event[0] == kind), None)
        return wait(found, timeout, lambda: f"'{kind}' among {self.events[since:]}")[1]

    def close(self):
        self.client.close()
