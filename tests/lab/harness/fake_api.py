"""A stand-in for the daemon's API that says what a test wants."""

import contextlib
import copy
import http.server
import json
import os
import re
import socketserver
import threading
import time

INTERFACE = {
    "interface-name": "eth0", "family": "ipv4", "protocol": "IGMP", "healthy": True,
    "verdict": "eth0: we are the querier; all is well", "findings": [], "oper-status": "up", "mac-address": "02:00:00:00:00:0a",
    "address": "192.0.2.10", "role": "querier", "reason": "nobody else asks", "role-up-time": 60.0,
    "querier": "192.0.2.10", "other-querier": None, "rival": None, "next-query": 42.4, "groups-count": 2,
    "sources-count": 0, "hosts-count": 3, "silent-hosts-count": 0, "silent-hosts": [],
    "membership-interval": 140.0, "last-general-query": None, "held-groups": [], "bridge": None, "router-discovery": None,
    "settings": {"version": 2, "query-interval": 60.0, "query-max-response-time": 10.0, "robustness-variable": 2,
                 "other-querier-present-interval": 255.0, "proxy": False, "explicit-tracking": True,
                 "max-groups": 131072},
    "statistics": {"up-time": 60.0, "sent": {"query": 4, "general-query": 4, "specific-query": 0},
                   "received": {"total": 9, "query": 0, "report": 9, "leave": 0},
                   "dropped": {"total": 0, "reasons": {}}, "noticed": {}, "elections-lost": 0, "role-changes": 1,
                   "topology-changes": {"solicitation": 0, "bpdu": 0, "rejoin": 0}},
}
STATUS = {
    "program": "igmp-querier", "version": "1.0.0", "pid": 77, "time": "2026-01-15T20:14:03.118Z", "up-time": 3660.0,
    "healthy": True, "verdict": "eth0: we are the querier; 3 hosts keep 2 groups alive; all is well",
    "log-lines-lost": 0, "interfaces": [INTERFACE],
}


def interface(**changes):
    return {**copy.deepcopy(INTERFACE), **{name.replace("_", "-"): value for name, value in changes.items()}}


def status(*interfaces, **changes):
    made = {**copy.deepcopy(STATUS), **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {**made, "interfaces": list(interfaces) or made["interfaces"]}


def group(address, expire=140.0, hosts=1, last_reporter="192.0.2.20", interface_name="eth0", family="ipv4"):
    host = {"host-address": "192.0.2.20", "version": 2, "last-report": 3.0}
    return {"interface-name": interface_name, "family": family, "group-address": address, "filter-mode": "exclude",
            "version": 2, "up-time": 300.0, "expire": expire, "last-reporter": last_reporter, "held": False, "source": [],
            "host": [host] * hosts}


def host(address, silent=False, interface_name="eth0", mac="02:00:00:00:00:14"):
    return {"interface-name": interface_name, "family": "ipv6" if ":" in address else "ipv4", "host-address": address,
            "mac-address": mac, "version": 2, "up-time": 3725.0, "last-report": 12.5, "answered-queries": 3,
            "missed-queries": 2 if silent else 0, "awaited": True, "silent": silent}


def limited(answer, path):
    """The answer with no more groups or hosts than the path asks for."""
    limit = re.search(r"[?&]limit=(\d+)", path)
    if not limit or not isinstance(answer, dict):
        return answer
    return {name: value[:int(limit[1])] if isinstance(value, list) else value for name, value in answer.items()}


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class _Handler(http.server.BaseHTTPRequestHandler):
    def address_string(self):
        return "a Unix socket"

    def log_message(self, *_):
        pass

    def do_GET(self):
        api = self.server.api
        api.asked.append(self.path)
        api.may_answer.wait()
        if self.path.split("?")[0] == "/v1/events":
            return self.follow(api)
        answer = json.dumps(limited(api.answers[self.path.split("?")[0]], self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # it has ended meanwhile
            self.wfile.write(answer)

    def follow(self, api):
        """Sends what happens, until the API or the client goes; only what has happened if that is asked for."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        since = re.search(r"[?&]since=(\d+)", self.path)
        sent = int(since[1]) if since else len(api.events)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while api.server is self.server:
                for event in api.events[sent:]:
                    sent += 1
                    text = f"id: {sent}\nevent: {event['event']}\ndata: {json.dumps({'id': sent, **event})}\n\n"
                    self.wfile.write(text.encode())
                if "follow=false" in self.path:
                    return
                time.sleep(0.01)


class FakeApi:
    """Answers at a socket, while it is open, with the `answers` by path. `asked` is what was asked for, and whoever
    follows events is told what is added to `events`."""

    def __init__(self, path, groups=(), **changes):
        self.path, self.asked, self.events, self.server = str(path), [], [], None
        self.answers = {"/v1/status": status(**changes), "/v1/groups": {"groups": list(groups)},
                        "/v1/hosts": {"hosts": []}}
        self.may_answer = threading.Event()
        self.may_answer.set()

    def open(self):
        self.server = _Server(self.path, _Handler)
        os.chmod(self.path, 0o666)
        self.server.api = self
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        self.may_answer.set()
        self.close()
