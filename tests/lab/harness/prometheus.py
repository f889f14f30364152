"""A real Prometheus in a namespace, with what is shipped for it."""

import contextlib
import http.client
import itertools
import json
import re
import shutil
import urllib.parse

from harness.lab import REPOSITORY, wait

SHIPPED = REPOSITORY / "packaging/prometheus"
PORT = 9090
DURATION = re.compile(r"\b(\d+)([smh])\b")
_numbers = itertools.count(1)


def hurried(text):
    """A configuration or rules with every minute turned into a second."""
    def shorter(found):
        return f"{int(found[1]) * {'s': 1000, 'm': 60_000, 'h': 3_600_000}[found[2]] // 60}ms"
    return DURATION.sub(shorter, text)


class Prometheus:
    """A Prometheus that answers on loopback of its namespace. `configuration` is its file; others lie next to it."""

    def __init__(self, namespace, configuration, **files):
        self.namespace = namespace
        directory = namespace.lab.directory / f"prometheus-{next(_numbers)}"
        directory.mkdir()
        namespace.lab.cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
        for name, text in {"prometheus.yml": configuration, **files}.items():
            (directory / name).write_text(text)
        self.process = namespace.start(
            "prometheus", f"--config.file={directory}/prometheus.yml", f"--web.listen-address=127.0.0.1:{PORT}",
            f"--storage.tsdb.path={directory}/data", "--storage.tsdb.retention.size=64MB", "--log.level=warn")
        wait(self._is_ready, 20, lambda: f"a Prometheus: {self.process.describe()}", pause=0.05)

    @classmethod
    def scraping(cls, namespace, *targets, every="1s"):
        """One that does nothing but scrape."""
        job = {"job_name": "igmp-querier", "static_configs": [{"targets": targets}]}
        return cls(namespace, json.dumps({"global": {"scrape_interval": every}, "scrape_configs": [job]}))

    @classmethod
    def shipped(cls, namespace, *targets):
        """With the files that are shipped, in which only targets and times are others."""
        return cls(namespace, hurried((SHIPPED / "prometheus.yml").read_text()),
                   **{"igmp-querier.rules.yml": hurried((SHIPPED / "igmp-querier.rules.yml").read_text()),
                      "igmp-querier.targets.yml": json.dumps([{"targets": targets}])})

    def _is_ready(self):
        assert self.process.alive(), self.process.describe()
        try:
            return self._get("/-/ready")[0] == 200
        except OSError:
            return False

    def _get(self, path):
        """Status and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
        with self.namespace.entered():  # a socket stays in the namespace where it was made
            connection.connect()
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def ask(self, what, **parameters):
        """The data of its API; fails when it calls the question wrong."""
        path = f"/api/v1/{what}?" + urllib.parse.urlencode(parameters, doseq=True)
        _, body = self._get(path)
        answer = json.loads(body)
        assert answer["status"] == "success" and not answer.get("warnings"), (what, parameters, answer)
        return answer["data"]

    def query(self, expression):
        """Values by labels, which are pairs in a frozen set, without the name of the metric."""
        found = {}
        for sample in self.ask("query", query=expression)["result"]:
            labels = {name: value for name, value in sample["metric"].items() if name != "__name__"}
            found[frozenset(labels.items())] = float(sample["value"][1])
        return found

    def value(self, expression):
        """The one value of an expression; None when there is none."""
        found = self.query(expression)
        assert len(found) <= 1, (expression, found)
        return next(iter(found.values()), None)

    def wait_value(self, expression, value, timeout=10.0):
        latest = None

        def is_it():
            nonlocal latest
            latest = self.value(expression)
            return latest == value
        wait(is_it, timeout, lambda: f"{expression} == {value}; it is {latest}", pause=0.1)

    def firing(self):
        """Which alerts fire where: pairs of a name and an instance."""
        return {(alert["labels"]["alertname"], alert["labels"].get("instance"))
                for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"}

    def wait_firing(self, condition, what, timeout=15.0):
        latest = set()

        def satisfied():
            nonlocal latest
            latest = self.firing()
            return condition(latest)
        wait(satisfied, timeout, lambda: f"{what}; what fires is {latest}", pause=0.1)
        return latest
