"""The metrics as promtool, a real Prometheus and the shipped dashboard see them."""

import contextlib
import json
import re
import subprocess
import time

import pytest

from harness import fake_api
from harness.exporter import DEFAULT, Exporter
from harness.fake_api import FakeApi
from harness.lab import REPOSITORY, wait
from harness.lan import IGMP, MLD, ONCE, Lan
from harness.prometheus import Prometheus

pytestmark = pytest.mark.heavy

SHIPPED = REPOSITORY / "packaging"
DASHBOARD = json.loads((SHIPPED / "grafana/igmp-querier.json").read_text())
RIVAL = {"address": "192.0.2.99", "mac-address": "02:00:00:00:00:63", "version": 2, "last-query": 3.0, "queries": 5}
# What somebody on the network, or the name of an interface, could try.
EVIL = 'eth0",family="ipv6"} 7\nigmp_querier_up 7\n# TYPE evil counter\nevil{x="\\'


def promtool(*command, stdin=None):
    return subprocess.run(["promtool", *map(str, command)], input=stdin, capture_output=True, text=True, timeout=30)


def accepted(metrics):
    """The text of these metrics, once promtool has nothing to say against it."""
    done = promtool("check", "metrics", stdin=metrics)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), (done, metrics)
    return metrics


def metrics_of(exporter):
    return exporter.get("/metrics").body.decode()


def statistics_with(**reasons):
    made = fake_api.interface()["statistics"]
    return {**made, "noticed": reasons, "dropped": {"total": sum(reasons.values()), "reasons": reasons},
            "received": {**made["received"], "report-v2": 9}}


@contextlib.contextmanager
def everything(lab, name="eth0"):
    """An exporter whose daemon has something of everything to say, about an interface of that name."""
    interface = fake_api.interface(
        interface_name=name, querier=name, rival={**RIVAL, "address": name, "mac-address": name},
        statistics=statistics_with(**{name: 3}), silent_hosts_count=1,
        findings=[{"id": name, "severity": "risk", "subject": name, "what": name, "fix": name}],
        last_general_query={"ago": 30.0, "answered": 3, "complete": True, "answered-before": 3},
        router_discovery={"interval": 20.0, "next-advertisement": 5.0, **{direction: dict.fromkeys(
            ("advertisement", "solicitation", "termination"), 3) for direction in ("sent", "received")}})
    group = fake_api.group("239.1.2.3" if name == "eth0" else name, interface_name=name)
    with FakeApi(lab.directory / "api.sock", groups=[group]) as fake:
        fake.answers["/v1/status"] = fake_api.status(interface, version=name)
        yield Exporter(lab.namespace("host"), fake.path)


def test_promtool_accepts_what_there_is_at_most(lab):
    with everything(lab) as exporter:
        assert "\nigmp_querier_rival_info{" in accepted(metrics_of(exporter))


def test_promtool_accepts_that_there_is_no_daemon(lab):
    exporter = Exporter(lab.namespace("host"), lab.directory / "none.sock")
    assert "\nigmp_querier_up 0\n" in accepted(metrics_of(exporter))


@pytest.mark.parametrize("dialect", [IGMP[2], MLD[1]], ids=str)
def test_promtool_accepts_a_real_daemon(lab, dialect):
    lan = Lan(lab, dialect, versions=(0,))
    lan.members[0].join(dialect.group(3))
    lan.wait_expected()
    text = accepted(metrics_of(Exporter(lan.host, lan.api.path)))
    family = "ipv4" if dialect.protocol == "IGMP" else "ipv6"
    assert f'\nigmp_querier_groups{{interface="eth0",family="{family}"}} ' in text
    members = rf'^igmp_querier_group_members\{{.*,group="{re.escape(dialect.group(3))}",.*\}} 1$'
    assert re.search(members, text, re.MULTILINE)


def test_hostile_names_are_labels_to_a_prometheus(lab):
    """They get no line and no label of their own, and the scrape succeeds."""
    with everything(lab, EVIL) as exporter:
        accepted(metrics_of(exporter))
        prometheus = Prometheus.scraping(exporter.host, DEFAULT)
        prometheus.wait_value("up", 1)
        assert prometheus.value("igmp_querier_up") == 1 and not prometheus.query("evil")
        harmless = EVIL.replace("\n", "?")
        names = prometheus.ask("label/__name__/values")
        assert set(names) - {name for name in names if name.startswith(("igmp_querier_", "scrape_"))} == {"up"}
        assert prometheus.ask("label/interface/values") == [harmless]
        assert prometheus.ask("label/family/values") == ["ipv4"]
        for name, label in ("elected_info", "address"), ("rival_info", "mac_address"), ("build_info", "version"), (
                "anomalies_total", "reason"), ("group_members", "group"), ("finding", "id"):
            assert [dict(labels)[label] for labels in prometheus.query(f"igmp_querier_{name}")] == [harmless]


def samples_of(interface):
    """What Prometheus is to know of an interface, from what the API says of it."""
    statistics = interface["statistics"]
    yield from {"healthy": interface["healthy"], "link_up": interface["oper-status"] == "up",
                "groups": interface["groups-count"], "sources": interface["sources-count"],
                "hosts": interface["hosts-count"], "silent_hosts": interface["silent-hosts-count"],
                "query_interval_seconds": interface["settings"]["query-interval"],
                "membership_interval_seconds": interface["membership-interval"],
                "role_changes_total": statistics["role-changes"],
                "elections_lost_total": statistics["elections-lost"],
                **{f'finding{{id="{found["id"]}",severity="{found["severity"]}"}}': 1 for found in interface["findings"]},
                f'elected_info{{address="{interface["querier"]}"}}': 1}.items()
    for role in "querier", "non-querier", "waiting":
        yield f'role{{role="{role}"}}', interface["role"] == role
    for kind in "general", "specific":
        yield f'queries_sent_total{{type="{kind}"}}', statistics["sent"][f"{kind}-query"]
    for name, count in statistics["received"].items():
        if kind := re.fullmatch(r"(query|report)-v(\d)", name):
            yield f'messages_received_total{{type="{kind[1]}",version="{kind[2]}"}}', count
    yield 'messages_received_total{type="leave"}', statistics["received"]["leave"]
    for reason, count in statistics["dropped"]["reasons"].items():
        yield f'packets_dropped_total{{reason="{reason}"}}', count


def test_a_prometheus_knows_what_the_daemon_says(lab):
    """The daemon asks once and then no more, so that what is compared stands still."""
    lan = Lan(lab, IGMP[2], versions=(0, 0), pace=ONCE)
    for member in lan.members:
        member.join("239.1.2.3")
    lan.members[0].join_source("239.1.2.4", "203.0.113.1")
    lan.wait_expected()
    exporter = Exporter(lan.host, lan.api.path)
    prometheus = Prometheus.scraping(lan.host, DEFAULT)
    prometheus.wait_value("igmp_querier_groups", 2)
    # Hosts repeat their reports after a moment, and the querier has answers to wait for.
    def same():
        before = lan.api.interface()["statistics"]
        time.sleep(2.5)  # a scrape, of a state that is a second old at most
        return before["received"] == lan.api.interface()["statistics"]["received"]
    wait(same, 15, "reports to cease")
    for name, value in samples_of(lan.api.interface()):
        assert prometheus.value(f"igmp_querier_{name}") == value, name
    status = lan.api.get("/v1/status")
    assert prometheus.value(f'igmp_querier_build_info{{version="{status["version"]}"}}') == 1
    assert abs(time.time() - status["up-time"] - prometheus.value("igmp_querier_start_time_seconds")) < 2
    assert prometheus.value('igmp_querier_group_members{group="239.1.2.3"}') == 2
    assert prometheus.value('igmp_querier_group_members{group="239.1.2.4"}') == 1
    assert prometheus.value("igmp_querier_groups_listed") == 2

    lan.members[1].join("239.255.255.250")
    prometheus.wait_value("igmp_querier_groups", 3)
    prometheus.wait_value('igmp_querier_group_members{name="SSDP (UPnP) or WS-Discovery"}', 1)
    assert lan.querier.stop() == 0
    prometheus.wait_value("igmp_querier_up", 0)
    assert prometheus.value("igmp_querier_groups") is None  # it is not known, and so it is not said
    assert exporter.process.alive()


def all_targets(panels):
    for panel in panels:
        yield from ((panel["title"], target) for target in panel.get("targets", []))
        yield from all_targets(panel.get("panels", []))


def filled(expression):
    """A query of the dashboard, as Grafana asks it when all is chosen."""
    for name, value in ("$instance", ".*"), ("$interface", ".*"), ("$family", ".*"), ("$__rate_interval", "10s"), (
            "$__interval", "5s"):
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression


# What is empty where all is well.
MAY_BE_EMPTY = {"Queriers that do not yield", "Anomalies, by reason"}


def test_every_query_of_the_dashboard_has_an_answer(lab):
    lan = Lan(lab, IGMP[2], versions=(0,))
    lan.members[0].join("239.1.2.3")
    lan.wait_expected()
    Exporter(lan.host, lan.api.path)
    prometheus = Prometheus.scraping(lan.host, DEFAULT)
    prometheus.wait_value("igmp_querier_groups", 1)
    prometheus.wait_value("count(rate(igmp_querier_elections_lost_total[10s]))", 1)
    now = time.time()
    for title, target in all_targets(DASHBOARD["panels"]):
        expression = filled(target["expr"])
        if target.get("instant"):
            found = prometheus.ask("query", query=expression)["result"]
        else:
            found = prometheus.ask("query_range", query=expression, start=now - 2, end=now, step=1)["result"]
        assert found or title in MAY_BE_EMPTY, (title, expression)
    for annotation in DASHBOARD["annotations"]["list"]:
        prometheus.ask("query_range", query=filled(annotation["expr"]), start=now - 2, end=now, step=1)
    chosen = {}
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] != "query":
            continue
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
        chosen[variable["name"]] = prometheus.ask(f"label/{label}/values", **{"match[]": filled(series)})
    assert chosen == {"instance": [DEFAULT], "interface": ["eth0"], "family": ["ipv4"]}


def panel(title):
    return next(panel for panel in DASHBOARD["panels"] if panel["title"] == title)


def test_the_dashboard_counts_hosts_that_are_dead(lab):
    """One exporter is not there from the beginning, the other ends."""
    dead = "127.0.0.1:1"

    def shown(title):
        """What its queries show now, by the host that each legend names."""
        found = [prometheus.query(filled(target["expr"])) for target in panel(title)["targets"]]
        return [{dict(labels).get("instance"): value for labels, value in samples.items()} for samples in found]
    with everything(lab) as exporter:
        prometheus = Prometheus.scraping(exporter.host, DEFAULT, dead)
        prometheus.wait_value("count(up)", 2)
        prometheus.wait_value("igmp_querier_up", 1)
        assert shown("Hosts that answer") == [{None: 1}, {None: 2}]
        assert shown("Health")[0] == {DEFAULT: 1, dead: 0}
        assert exporter.stop() == 0
        prometheus.wait_value("sum(up)", 0)
        assert shown("Hosts that answer") == [{None: 0}, {None: 2}]
        assert shown("Health")[0] == {DEFAULT: 0, dead: 0}
    [choice] = [variable for variable in DASHBOARD["templating"]["list"] if variable["name"] == "instance"]
    series = re.search(r"\((.*),", choice["query"]["query"])[1]
    assert set(prometheus.ask("label/instance/values", **{"match[]": series})) == {dead, DEFAULT}


def test_the_dashboard_tells_the_version_of_each_program_in_one_table(lab):
    with everything(lab) as exporter:
        prometheus = Prometheus.scraping(exporter.host, DEFAULT)
        prometheus.wait_value("igmp_querier_up", 1)
        [target] = panel("Versions")["targets"]
        rows = {dict(labels)["program"]: dict(labels)["version"] for labels in prometheus.query(filled(target["expr"]))}
    assert rows.keys() == {"daemon", "exporter"} and rows["daemon"] == "eth0" != rows["exporter"]


def test_a_number_of_the_dashboard_is_red_only_where_it_is_said_when():
    """Without a word, Grafana paints all from 80 on red."""
    for numbers in (panel for panel in DASHBOARD["panels"] if panel["type"] == "stat"):
        defaults = numbers["fieldConfig"]["defaults"]
        assert "thresholds" in defaults or defaults["color"]["mode"] == "fixed", numbers["title"]


def test_the_dashboard_hangs_together():
    """Panels have numbers of their own, do not overlap, and ask the data source that is chosen above."""
    targets = list(all_targets(DASHBOARD["panels"]))
    assert targets and all(target["datasource"]["uid"] == "${datasource}" for _, target in targets)
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    covered = [(panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y) for panel in DASHBOARD["panels"]
               for x in range(panel["gridPos"]["w"]) for y in range(panel["gridPos"]["h"])]
    assert len(covered) == len(set(covered)) and max(x for x, _ in covered) < 24
    used = set(re.findall(r"\bigmp_querier_\w+", json.dumps(DASHBOARD)))
    assert used <= set(documented()), used - set(documented())


def documented():
    """Type and labels by name, as docs/metrics.md has them."""
    text = (REPOSITORY / "docs/metrics.md").read_text()
    rows = re.findall(r"^\| `(igmp_querier_\w+)` \| (\w+) \| ([\w, ]*)\| \S", text, re.MULTILINE)
    found = {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}
    assert len(found) == len(rows) > 10
    return found


def test_the_documentation_has_every_metric_and_no_other(lab):
    with everything(lab) as exporter:
        metrics = exporter.metrics()
    labels = {}
    for name, pairs in metrics.samples:
        labels.setdefault(name, set()).update(label for label, _ in pairs)
    assert documented() == {name: (kind, labels[name]) for name, kind in metrics.types.items()}


def test_the_shipped_configuration_is_valid():
    done = promtool("check", "config", SHIPPED / "prometheus/prometheus.yml")
    assert done.returncode == 0 and "1 rule files found" in done.stdout, done
