"""What `status` finds of each fault of a LAN, beside what it finds before: nothing."""

import errno
import time

import pytest

from harness.api import Api
from harness.hosts import Member
from harness.lab import IGMP_QUERIER, run, wait
from harness.switches import LinuxBridge, OpenVSwitch

PACE = "-q 1 --startup-interval 0.3 --max-response 0.4 --jitter 0"
QUERIES = "ip protocol igmp igmp type membership-query"
GROUPS = {"192.0.2.20": "239.1.2.3", "192.0.2.21": "239.1.2.4"}
MUTE = ("risk", "mute-host", "192.0.2.20")
NOBODY = ("problem", "nobody-answers", "IGMP")
OWN = ("problem", "own-host-unreachable", "IGMP")


class Scene:
    """A switch, the querier and two receivers of a group each, which answer."""

    def __init__(self, lab, switch, options):
        self.lab, self.switch = lab, switch
        self.querier = lab.host(switch, "querier", "192.0.2.10/24")
        self.receivers = {address: lab.host(switch, f"receiver{i}", f"{address}/24") for i, address in enumerate(GROUPS)}
        for host in (self.querier, *self.receivers.values()):  # each join is reported twice, within this time
            host.sysctl("net/ipv4/conf/eth0/igmpv2_unsolicited_report_interval", 300)
        self.members = {address: Member(host) for address, host in self.receivers.items()}
        self.api = Api(lab)
        self.querier.querier("-i eth0", PACE, options, self.api.option)
        self.api.ready()
        for address, member in self.members.items():
            member.join(GROUPS[address])
        wait(lambda: all(host["answered-queries"] for host in self.hosts().values()) and set(self.hosts()) >= set(GROUPS), 8,
             "answers of both receivers", pause=0.1)

    def hosts(self):
        return {host["host-address"]: host for host in self.api.get("/v1/hosts")["hosts"]}

    def findings(self):
        return {(found["severity"], found["id"], found["subject"]) for found in self.api.interface()["findings"]}

    def verdict(self):
        """The first line of `status`, and its exit status."""
        done = self.querier.start(IGMP_QUERIER, "status", *self.api.option.split())
        status = done.finish()
        return status, done.output()[0]

    def expect(self, *wanted, also=()):
        """Waits for these findings, and lets three more queries pass: no other appears but the ones that may."""
        wait(lambda: set(wanted) <= self.findings(), 12, lambda: f"{wanted}; there are {self.findings()}", pause=0.1)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            assert set(wanted) <= self.findings() <= {*wanted, *also}
            time.sleep(0.2)
        worst = any(severity == "problem" for severity, *_ in wanted)
        status, line = self.verdict()
        assert status == (1 if worst else 0)
        assert ("all is well" in line) == (not worst and all(name != "nobody-answers" for _, name, _ in wanted)), line


def drop_at_port(scene, *addresses):
    """The switch sends these receivers no query any more."""
    for port in (scene.receivers[address].label for address in addresses):
        nft(scene.switch.namespace, f"table netdev {port}",
            f'chain netdev {port} out {{ type filter hook egress device "{port}" priority 0; }}',
            rule=f"netdev {port} out {QUERIES} drop")


def nft(namespace, *objects, rule):
    for one in objects:
        run("ip", "netns", "exec", namespace.name, "nft", "add " + one)
    run("ip", "netns", "exec", namespace.name, "nft", "add rule " + rule)


def drop_at_host(namespace, hook="input"):
    """Its firewall drops IGMP."""
    nft(namespace, "table inet f", f"chain inet f {hook} {{ type filter hook {hook} priority 0; }}",
        rule=f"inet f {hook} ip protocol igmp drop")


def firewall_of_a_receiver(scene):
    drop_at_host(scene.receivers["192.0.2.20"])


def firewall_of_the_only_receiver(scene):
    scene.members["192.0.2.21"].leave(GROUPS["192.0.2.21"])
    drop_at_host(scene.receivers["192.0.2.20"])


def one_port(scene):
    drop_at_port(scene, "192.0.2.20")


def all_ports(scene):
    drop_at_port(scene, *GROUPS)


def all_ports_of_a_bridge_that_reports(scene):
    scene.switch.namespace.ip("address add 192.0.2.3/24 dev br0")
    wait(lambda: scene.hosts().get("192.0.2.3", {}).get("answered-queries"), 8, "the bridge's own answer", pause=0.1)
    drop_at_port(scene, *GROUPS)


def own_receiver(scene):
    scene.own = Member(scene.querier)
    scene.own.join("239.1.2.5")
    wait(lambda: scene.hosts().get("192.0.2.10", {}).get("answered-queries"), 8, "this host's answer", pause=0.1)
    assert not scene.findings()


def own_input(scene):
    own_receiver(scene)
    drop_at_host(scene.querier)


def own_input_and_output(scene):
    own_receiver(scene)
    drop_at_host(scene.querier)
    drop_at_host(scene.querier, "output")


ENDED = [("risk", "ended-without-leave", group) for group in (*GROUPS.values(), "239.1.2.5")]
FAULTS = [
    (firewall_of_a_receiver, MUTE, 2, LinuxBridge),
    (firewall_of_a_receiver, MUTE, 3, LinuxBridge),
    (firewall_of_the_only_receiver, ("risk", "nobody-answers", "IGMP"), 3, LinuxBridge),
    (one_port, MUTE, 3, LinuxBridge),
    (one_port, MUTE, 3, OpenVSwitch),
    (all_ports, NOBODY, 2, LinuxBridge),
    (all_ports, NOBODY, 3, OpenVSwitch),
    (all_ports_of_a_bridge_that_reports, NOBODY, 3, LinuxBridge),
    (own_input, OWN, 2, LinuxBridge),
    (own_input, OWN, 3, LinuxBridge),
    (own_input_and_output, OWN, 3, LinuxBridge),
]


@pytest.mark.parametrize("inject, found, version, make_switch", FAULTS, ids=lambda it: getattr(it, "__name__", str(it)))
def test_the_status_finds_it(lab, inject, found, version, make_switch):
    scene = Scene(lab, make_switch(lab), f"--igmp-version {version}")
    assert not scene.findings()
    inject(scene)
    scene.expect(found, also=ENDED)
    if found == OWN:
        assert "firewall" in scene.api.interface()["findings"][0]["fix"]


def test_a_group_that_ends_without_a_leave_is_remembered_until_it_is_reported_again(lab):
    scene = Scene(lab, LinuxBridge(lab), "--igmp-version 2")
    one_port(scene)
    ended = ("risk", "ended-without-leave", "239.1.2.3")
    scene.expect(MUTE, ended)
    [words] = [found["what"] for found in scene.api.interface()["findings"] if found["id"] == "ended-without-leave"]
    assert words.startswith("ended 0:0") and words.endswith("ago: 192.0.2.20 stopped answering without leaving")
    run("ip", "netns", "exec", scene.switch.namespace.name, "nft", "flush ruleset")
    wait(lambda: not scene.findings(), 8, lambda: scene.findings(), pause=0.1)


def test_nobody_answers_until_somebody_does(lab):
    scene = Scene(lab, LinuxBridge(lab), "--igmp-version 2")
    all_ports(scene)
    scene.expect(NOBODY, also=ENDED)
    run("ip", "netns", "exec", scene.switch.namespace.name, "nft", "flush ruleset")
    wait(lambda: not scene.findings(), 8, lambda: scene.findings(), pause=0.1)


def test_on_the_wrong_interface_nobody_reports(lab):
    scene = Scene(lab, LinuxBridge(lab), "--igmp-version 3")
    other = lab.namespace("other")
    lab.link(scene.querier, "eth1", other, "eth0")
    scene.querier.ip("address add 198.51.100.10/24 dev eth1")
    scene.api = Api(lab)
    scene.querier.querier("-i eth1", PACE, scene.api.option)
    scene.api.ready()
    scene.expect(("note", "no-members", "IGMP"))


def strict_rp_filter(scene):
    scene.receivers["192.0.2.20"].sysctl("net/ipv4/conf/all/rp_filter", 1)


def too_few_memberships(scene):
    receiver = scene.receivers["192.0.2.20"]
    receiver.sysctl("net/ipv4/igmp_max_memberships", 1)
    with pytest.raises(OSError) as refused:
        scene.members["192.0.2.20"].join("239.1.2.9")
    assert refused.value.errno == errno.ENOBUFS


def silent_sender(scene):
    """None sends in this scene."""


@pytest.mark.parametrize("inject", [strict_rp_filter, too_few_memberships, silent_sender])
def test_what_a_querier_cannot_know_is_no_finding(lab, inject):
    scene = Scene(lab, LinuxBridge(lab), "--igmp-version 3")
    inject(scene)
    scene.expect()
