"""The querier on a host whose own bridge is the switch: what the daemon tells of the bridge, compared with the kernel's own
tools, and what is found where the two contradict."""

import json
import os
import re
import shutil
import subprocess

import pytest

from harness import packets
from harness.api import Api
from harness.hosts import Member
from harness.lab import FAST, IGMP_QUERIER, Hub, link_json, run, wait
from harness.memory import burden
from harness.switches import OpenVSwitch

UNHURRIED = "-q 60 --startup-interval 0.2"


class Host:
    """A host with a bridge, the daemon on it, and two guests."""

    address, address6 = "192.0.2.10/24", "fe80::10/64"

    def __init__(self, lab, options="", daemon=FAST, address=address, served="-i br0"):
        self.lab, self.bridge = lab, Hub(lab, "host", f"mcast_snooping 1 {options}")
        self.namespace = self.bridge.namespace
        if address:
            self.namespace.ip(f"address add {address} dev br0")
        self.namespace.enable_ipv6(self.address6, "br0")
        self.guests = [lab.host(self.bridge, f"tap{number}", f"192.0.2.2{number}/24") for number in (1, 2)]
        for number, guest in enumerate(self.guests, 1):
            guest.enable_ipv6(f"fe80::2{number}/64")
        self.api = Api(lab)
        self.daemon = self.namespace.querier(served, daemon, self.api.option)
        self.api.ready()

    def wait_role(self, role="querier", family="ipv4"):
        return self.api.wait_interface(lambda seen: seen["role"] == role, role, family)

    def told(self, family="ipv4"):
        """What the daemon tells of the bridge."""
        return self.api.interface(family)["bridge"]

    def entries(self, query=""):
        answer = self.api.get(f"/v1/bridge-table{query}")
        assert answer["complete"]
        return answer["entries"]

    def findings(self, family="ipv4"):
        return {finding["id"]: finding for finding in self.api.interface(family)["findings"]}

    def ask(self, *command):
        done = subprocess.run([IGMP_QUERIER, *command, "--api-socket", self.api.path], capture_output=True, text=True, timeout=30)
        return done.stdout

    def sysfs(self, name):
        """A setting as sysfs has it; `ip netns exec` shows that of the namespace."""
        return int(run("ip", "netns", "exec", self.namespace.name, "cat", f"/sys/class/net/br0/bridge/{name}"))

    def kernel_table(self):
        """The table as `bridge` prints it: groups by port with their timers, and router ports."""
        tables = json.loads(run("bridge", "-n", self.namespace.name, "-j", "-d", "-s", "mdb", "show"))
        groups = {(entry["port"], entry["grp"], entry.get("src"), entry["state"] == "permanent"): float(entry["timer"])
                  for table in tables for entry in table["mdb"]}
        routers = {port["port"] for table in tables for found in table["router"].values() for port in found}
        return groups, routers


def test_the_daemon_tells_what_the_kernels_tools_tell(lab):
    host = Host(lab, "mcast_igmp_version 3 mcast_mld_version 2", f"{UNHURRIED} --igmp-version 3 --mld 2")
    host.wait_role()
    host.wait_role(family="ipv6")
    one, other = map(Member, host.guests)
    own = Member(host.namespace, "br0")
    for member, group in ((one, "239.1.2.3"), (other, "239.1.2.3"), (one, "ff15::7"), (own, "239.9.9.9")):
        member.join(group)
    other.join_source("232.1.1.1", "192.0.2.99")
    run("bridge", "-n", host.namespace.name, "mdb", "add", "dev", "br0", "port", "tap1", "grp", "239.5.5.5", "permanent")
    run("bridge", "-n", host.namespace.name, "link", "set", "dev", "tap2", "mcast_router", "2")

    def told():
        return [entry for entry in host.entries() if entry["type"] == "group"]
    wait(lambda: {"239.1.2.3", "232.1.1.1", "239.5.5.5", "ff15::7", "239.9.9.9"} <=
         {entry["group-address"] for entry in told()}, what="all groups")
    ours = {(entry["port-name"], entry["group-address"], entry["source-address"]): entry["expire"] for entry in told()}
    groups, routers = host.kernel_table()
    assert ours.keys() == {key[:3] for key in groups}
    for (port, group, source, is_permanent), timer in groups.items():
        expire = ours[port, group, source]
        assert (expire is None) == (is_permanent or timer == 0), (port, group, source)
        assert expire is None or abs(expire - timer) < 1
    assert ("tap1", "239.5.5.5", None) in ours and ours["tap1", "239.5.5.5", None] is None
    assert ("br0", "239.9.9.9", None) in ours

    for family in "ipv4", "ipv6":
        assert {entry["port-name"] for entry in host.entries(f"?type=router&family={family}")} == routers == {"tap2"}

    data = link_json(host.namespace, "-d link show br0")[0]["linkinfo"]["info_data"]
    for family in "ipv4", "ipv6":
        bridge = host.told(family)
        assert bridge["snooping"] == bool(host.sysfs("multicast_snooping")) == bool(data["mcast_snooping"]) is True
        assert bridge["own-querier"] == bool(host.sysfs("multicast_querier")) is False
        assert ["never", "after-query", "always"][host.sysfs("multicast_router")] == bridge["host-is-router"]
        for option in "membership", "querier":
            assert bridge[f"{option}-interval"] * 100 == host.sysfs(f"multicast_{option}_interval")
        assert bridge["filtering"] and bridge["querier"]["port-name"] is None
        assert bridge["querier"]["address"] == {"ipv4": host.address, "ipv6": host.address6}[family].split("/")[0]
        assert 250 < bridge["querier"]["expire"] <= 255

    # The parameters select.
    assert {entry["port-name"] for entry in host.entries("?group=239.1.2.3")} == {"tap1", "tap2"}
    assert {entry["family"] for entry in host.entries("?family=ipv6")} == {"ipv6"}
    assert len(host.entries("?limit=2")) == 2
    assert host.api.ask("/v1/bridge-table?type=port").status == 400

    # And what the commands show of it.
    lines = {line.split()[0]: line for line in host.ask("groups", "--ports").splitlines()[1:]}
    assert lines["239.1.2.3"].rstrip().endswith("tap1, tap2"), lines
    assert lines["239.9.9.9"].rstrip().endswith("this host"), lines
    [first] = [group for group in json.loads(host.ask("groups", "239.1.2.3", "--ports", "--json"))["groups"]]
    assert (first["ports"], first["ports-reason"]) == (["tap1", "tap2"], None)
    assert re.search(r" bridge filters; its querier is 192\.0\.2\.10 \(this host\), for another 4:\d\d; routers at tap2 settings ",
                     " ".join(host.ask("status", "--family", "ipv4").split()))


def test_many_groups_come_whole_and_leave_no_memory(lab):
    """The table is made while it is sent, and more than one datagram of the kernel."""
    host = Host(lab, daemon=UNHURRIED)
    host.wait_role()
    groups = {f"239.7.{number // 250}.{number % 250 + 1}" for number in range(3000)}
    batch = "".join(f"mdb add dev br0 port tap1 grp {group} permanent\n" for group in sorted(groups))
    subprocess.run(["bridge", "-n", host.namespace.name, "-batch", "-"], input=batch, text=True, check=True)
    assert {entry["group-address"] for entry in host.entries("?family=ipv4")} == groups
    descriptors, memory = burden(host.daemon)
    for _ in range(5):
        assert len(host.entries("?family=ipv4")) == len(groups)
    for _ in range(20):  # whoever reads no further leaves nothing behind
        host.api.connect(b"GET /v1/bridge-table HTTP/1.1\r\nHost: localhost\r\n\r\n").close()
    wait(lambda: burden(host.daemon)[0] == descriptors, what="all descriptors given back")
    after = burden(host.daemon)
    assert after[0] == descriptors and after[1] - memory < 256, (descriptors, memory, after)


@pytest.mark.parametrize("change, filtering, words", [
    ("mcast_snooping 0", False, "does not snoop: every group goes to all ports"),
    ("mcast_querier_interval 30", False, "knows no querier: every group goes to all ports"),
    ("mcast_querier_interval 30 mcast_querier 1", True, "filters; its querier is itself"),
], ids=["no-snooping", "no-querier", "own-querier"])
def test_it_tells_whether_the_bridge_filters_or_floods(lab, change, filtering, words):
    """The daemon has no address, so that it does not query; one query of another made the bridge filter."""
    host = Host(lab, daemon=UNHURRIED, address=None)
    host.wait_role("waiting")
    host.guests[0].send(packets.general_query("192.0.2.77"))
    wait(lambda: host.told()["filtering"], what="a bridge that filters")
    assert host.told()["querier"]["address"] == "192.0.2.77" and host.told()["querier"]["port-name"] == "tap1"
    assert [entry["port-name"] for entry in host.entries("?type=router&family=ipv4")] == ["tap1"]
    host.namespace.ip(f"link set br0 type bridge {change}")
    host.guests[0].send(packets.general_query("192.0.2.77"))
    wait(lambda: host.told()["filtering"] is filtering and words in host.ask("status"), 8,
         lambda: f"{host.told()} {host.ask('status')}", pause=0.1)


@pytest.mark.parametrize("options, finding", [
    ("mcast_membership_interval 200", ("problem", "its bridge forgets members after 2 s, and their reports are up to 70 s apart",
                                       "sudo ip link set br0 type bridge mcast_membership_interval 26000")),
    ("mcast_querier_interval 3000", ("risk", "its bridge forgets the querier after 30 s, and queries are up to 70 s apart: it"
                                     " floods in between", "sudo ip link set br0 type bridge mcast_querier_interval 25500")),
    ("", None),
], ids=["members", "querier", "healthy"])
def test_a_bridge_that_forgets_is_found(lab, options, finding):
    host = Host(lab, options, UNHURRIED)
    host.wait_role()
    found = host.findings().get("bridge-forgets")
    assert (found and (found["severity"], found["what"], found["fix"])) == finding
    if found:  # and its cure cures
        host.namespace.ip(finding[2].removeprefix("sudo ip "))
        assert "bridge-forgets" not in host.findings()


def test_a_group_that_the_bridge_does_not_know_is_marked(lab):
    """A report that came in another way: the daemon knows the group, and no port of the bridge gets it."""
    host = Host(lab, daemon=UNHURRIED)
    host.wait_role()
    Member(host.guests[0]).join("239.1.1.1")
    wait(lambda: host.api.get("/v1/groups?family=ipv4")["groups"], what="the group")
    assert "none" not in host.ask("groups", "--ports")
    wait(lambda: host.entries("?group=239.1.1.1"), what="the bridge's own knowledge")
    run("bridge", "-n", host.namespace.name, "mdb", "del", "dev", "br0", "port", "tap1", "grp", "239.1.1.1")
    [line] = [line for line in host.ask("groups", "--ports").splitlines() if line.startswith("239.1.1.1")]
    assert line.rstrip().endswith("none")
    assert "only ports with routers get it" in " ".join(host.ask("groups", "--ports").split())


def test_a_vlan_of_the_bridge_is_not_the_bridge(lab):
    """Served as a VLAN of a trunk; what the bridge knows stays with the bridge."""
    file = lab.directory / "trunk.toml"
    file.write_text("[interface.br0.igmp]\n[interface.br0.vlan.20.igmp]\nproxy = true\n")
    host = Host(lab, daemon=UNHURRIED, served=f"--config {file}")

    def interfaces():
        return {one["interface-name"]: one for one in host.api.get("/v1/status?family=ipv4")["interfaces"]}
    wait(lambda: {one["role"] for one in interfaces().values()} == {"querier"}, what="two queriers")
    assert {name: bool(one["bridge"]) for name, one in interfaces().items()} == {"br0": True, "br0.20": False}
    Member(host.guests[0]).join("239.1.1.1")
    wait(lambda: host.entries("?group=239.1.1.1"), what="the bridge's own knowledge")
    assert {entry["interface-name"] for entry in host.entries()} == {"br0"}
    assert not host.entries("?interface=br0.20")


def test_open_vswitch_is_asked_by_the_command(lab):
    """Its own interface is no Linux bridge; ovs-appctl says behind which ports its groups are."""
    switch = OpenVSwitch(lab, aging=300)
    tools = lab.directory / "tools"
    tools.mkdir()
    (tools / "ovs-appctl").write_text(f'#!/bin/sh\nexec {shutil.which("ovs-appctl")} -t {switch.control} "$@"\n')
    (tools / "ovs-appctl").chmod(0o755)
    switch.namespace.ip("link set br0 up")
    switch.namespace.ip("address add 192.0.2.10/24 dev br0")
    guests = [lab.host(switch, f"vnet{number}", f"192.0.2.2{number}/24") for number in (1, 2)]
    api = Api(lab)
    switch.namespace.querier("-i br0", FAST, api.option)
    api.ready()

    def ports(path):
        done = subprocess.run([IGMP_QUERIER, "groups", "--ports", "--api-socket", api.path], capture_output=True, text=True,
                              timeout=30, env={**os.environ, "PATH": f"{path}:{os.environ['PATH']}"})
        return {line.split()[0]: line.split("  ")[-1].strip() for line in done.stdout.splitlines()[1:]}
    Member(guests[0]).join("239.1.1.1")
    for guest in guests:
        Member(guest).join("239.2.2.2")
    wait(lambda: ports(tools) == {"239.1.1.1": "vnet1", "239.2.2.2": "vnet1, vnet2"}, 8, lambda: ports(tools), pause=0.2)
    # Without the program, or the right to use it, nothing else is wrong.
    (tools / "ovs-appctl").write_text("#!/bin/sh\nexit 1\n")
    assert set(ports(tools).values()) == {"no bridge"}
