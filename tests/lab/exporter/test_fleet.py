"""Many hosts and one Prometheus, with the files that are shipped.

What the tests change of them is the addresses of the hosts, and every duration: minutes become seconds, to match
daemons that ask every second instead of every minute.
"""

import re
import time

import pytest

from harness import packets
from harness.api import Api
from harness.exporter import DEFAULT, PORT, Exporter
from harness.lab import FAST, IGMP_QUERIER, REPOSITORY, Hub, wait
from harness.prometheus import SHIPPED, Prometheus

pytestmark = pytest.mark.heavy


class Station:
    """A host with a daemon and an exporter that all of the LAN can reach."""

    def __init__(self, lab, hub, number):
        self.address = f"192.0.2.{number}"
        self.instance = f"{self.address}:{PORT}"
        self.host = lab.host(hub, f"station{number}", f"{self.address}/24")
        self.api = Api(lab)
        self.start()
        self.exporter = Exporter(self.host, self.api.path, self.instance, "--allow-remote")

    def start(self):
        self.daemon = self.host.querier("-i eth0 -t 3", FAST, self.api.option)
        self.api.ready()


def advised(alert):
    """The command that follows what happened, as the description of that alert and the documentation have it."""
    rules = (SHIPPED / "igmp-querier.rules.yml").read_text()
    documentation = (REPOSITORY / "docs/fleet.md").read_text()
    found = [re.search(rf"{alert}\b.*?['`]igmp-querier (events [^'`]+)['`]", text, re.DOTALL)[1].split()
             for text in (rules, documentation)]
    assert found[0] == found[1]
    return found[0]


def roles(prometheus):
    """Who has which role, and whom it takes for the querier, as (instance, role, address)."""
    expression = "(igmp_querier_role == 1) * on (instance) group_left (address) igmp_querier_elected_info"
    return {tuple(dict(labels)[name] for name in ("instance", "role", "address"))
            for labels in prometheus.query(expression)}


def wait_roles(prometheus, *expected):
    wait(lambda: roles(prometheus) == set(expected), 15, lambda: f"{expected}; it is {roles(prometheus)}", pause=0.1)


def test_two_stations_and_what_fires_when_one_dies(lab):
    hub = Hub(lab)
    low, high = Station(lab, hub, 10), Station(lab, hub, 11)
    prometheus = Prometheus.shipped(lab.host(hub, "monitor", "192.0.2.200/24"), low.instance, high.instance)
    prometheus.wait_value("sum(igmp_querier_up)", 2)
    both = (low.instance, "querier", low.address), (high.instance, "non-querier", low.address)
    wait_roles(prometheus, *both)
    prometheus.wait_value("count(igmp_querier_elected_info offset 6s)", 2)  # so that it has a past to compare with
    assert not prometheus.firing()

    low.daemon.kill()
    prometheus.wait_firing(lambda firing: ("IgmpQuerierDown", low.instance) in firing, "the alert for the dead one")
    fired = prometheus.wait_firing(lambda firing: ("IgmpQuerierChanged", high.instance) in firing, "the takeover")
    assert fired == {("IgmpQuerierDown", low.instance), ("IgmpQuerierChanged", high.instance)}
    wait_roles(prometheus, (high.instance, "querier", high.address))

    low.start()
    prometheus.wait_firing(lambda firing: ("IgmpQuerierDown", low.instance) not in firing, "its end")
    wait_roles(prometheus, *both)
    what_happened = high.host.start(IGMP_QUERIER, *advised("IgmpQuerierFlapping"), *high.api.option.split())
    wait(lambda: [line for line in what_happened.output() if "LOST" in line and f" {low.address}." in line],
         what="the command that is advised names the one who came back")


def test_an_exporter_that_cannot_be_reached_fires_as_well(lab):
    hub = Hub(lab)
    station = Station(lab, hub, 10)
    prometheus = Prometheus.shipped(lab.host(hub, "monitor", "192.0.2.200/24"), station.instance)
    prometheus.wait_value("igmp_querier_up", 1)
    assert station.exporter.stop() == 0
    assert prometheus.wait_firing(bool, "an alert") == {("IgmpQuerierDown", station.instance)}
    assert station.daemon.alive()


def test_a_receiver_that_is_switched_off_fires_nothing_but_two_at_once_do(lab):
    """Each has answered a query, and answers no more. Two more have left before, and do not count."""
    host, peer = lab.pair("192.0.2.10/24")
    api = Api(lab)
    daemon = host.querier("-i eth0", FAST, api.option)
    daemon.wait_log("Starting IGMP Querier")
    Exporter(host, api.path)
    prometheus = Prometheus.shipped(host, DEFAULT)
    prometheus.wait_value("igmp_querier_up", 1)  # from here on it sees what lasts for seconds

    def say(receiver, kind=packets.REPORT_V2):
        peer.send(packets.ethernet(packets.ipv4(receiver, packets.report("239.1.2.3", kind), "239.1.2.3")))

    def has_answered(receiver):
        return any(one["host-address"] == receiver and one["answered-queries"] > 0 for one in api.get("/v1/hosts")["hosts"])
    for receiver in "192.0.2.22", "192.0.2.23":
        say(receiver)
    prometheus.wait_value("igmp_querier_hosts", 2)
    for receiver in "192.0.2.22", "192.0.2.23":
        say(receiver, packets.LEAVE)
    for silent, receiver in enumerate(("192.0.2.20", "192.0.2.21"), 1):
        wait(lambda: (say(receiver), has_answered(receiver))[1], 8, "an answer", pause=0.1)
        prometheus.wait_value("igmp_querier_silent_hosts", silent)
        if silent == 1:
            time.sleep(9)  # longer than the alert would wait
            assert prometheus.value("igmp_querier_silent_hosts") == 1 and not prometheus.firing()
    expected = ("IgmpMembersNotAnswering", DEFAULT)
    firing = prometheus.wait_firing(lambda found: expected in found, "the alert")
    assert firing <= {expected, ("IgmpQuerierUnhealthy", DEFAULT)}


def test_every_alert_is_tested_and_described():
    shipped = re.findall(r"- alert: (\w+)", (SHIPPED / "igmp-querier.rules.yml").read_text())
    tested = re.findall(r'alertname="(\w+)"', (REPOSITORY / "tests/prometheus/rules_test.yml").read_text())
    described = re.findall(r"^\| `(Igmp\w+)` \|", (REPOSITORY / "docs/fleet.md").read_text(), re.MULTILINE)
    assert shipped == described and set(shipped) == set(tested)
