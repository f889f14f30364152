"""Snooping switches, set up as a cheap switch behaves: filter always, and forget after AGING seconds."""

import json
import re
import socket

from harness.hosts import Filter
from harness.lab import Namespace, link_json, run, wait

AGING = 15  # seconds; the least that Open vSwitch offers


def packets_in(line):
    """The packets of the time that a receiver's line of progress is about: "0.2 s: 10 packets, ..."."""
    return int(line.split()[2])


def longest_pause(player, seconds):
    """The longest time, of that many last ones, in which a player got nothing: it prints a line every 200 ms. A busy
    machine holds packets up for a part of a second; a switch that has forgotten a member, until the next report."""
    silent = "".join("." if packets_in(line) == 0 else " " for line in player.output()[-5 * seconds:])
    return max(map(len, silent.split(" "))) / 5


class LinuxBridge:
    """The kernel's bridge. It floods until it has received a query, so it must receive one once."""

    remembers_router_ports = True

    def __init__(self, lab, aging=AGING):
        self.namespace = Namespace(lab, "bridge")
        self.namespace.ip("link add br0 type bridge forward_delay 0 mcast_snooping 1 mcast_querier_interval 360000"
                          f" mcast_membership_interval {aging * 100}")
        self.namespace.ip("link set br0 up")

    def attach(self, port):
        self.namespace.ip(f"link set {port} master br0 up")

    def detach(self, port):
        """The cable keeps its carrier, and nothing passes."""
        self.namespace.ip(f"link set {port} nomaster")

    def never_a_router_port(self, port):
        """From now on only memberships bring a stream to this port."""
        run("bridge", "-n", self.namespace.name, "link", "set", "dev", port, "mcast_router", "0")

    def members(self, group):
        """The ports on which the switch remembers a member."""
        tables = json.loads(run("bridge", "-n", self.namespace.name, "-j", "mdb", "show"))
        return {entry["port"] for table in tables for entry in table["mdb"] if entry["grp"] == group}


def listens(path):
    """Whether a program accepts connections at a socket, which is a file before it does."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


class OpenVSwitch:
    """Open vSwitch with its userspace datapath; its two daemons live inside the switch."""

    remembers_router_ports = False  # a router port gets every stream, and reports from it refresh nothing

    def __init__(self, lab, aging=AGING):
        self.namespace = Namespace(lab, "ovs")
        directory = lab.directory / "ovs"
        directory.mkdir()
        lab.environment |= {f"OVS_{kind}DIR": str(directory) for kind in ("RUN", "LOG", "DB", "SYSCONF")}
        self.control = directory / "control"
        self.database = f"unix:{directory}/db"
        run("ovsdb-tool", "create", directory / "conf.db", "/usr/share/openvswitch/vswitch.ovsschema")
        self.namespace.start("ovsdb-server", f"--remote=p{self.database}", f"--unixctl={directory}/db.control",
                             directory / "conf.db")
        wait(lambda: listens(directory / "db"), what="ovsdb-server")
        self.vsctl("--no-wait", "init")
        self.namespace.start("ovs-vswitchd", "--disable-system", f"--unixctl={self.control}", self.database)
        wait(lambda: listens(self.control), what="ovs-vswitchd")
        self.add_bridge("br0", aging)
        self._ports = {}

    def vsctl(self, *words):
        return run("ovs-vsctl", f"--db={self.database}", "--timeout=20", *words)

    def add_bridge(self, name, aging):
        self.vsctl("add-br", name, "--", "set", "bridge", name, "datapath_type=netdev", "mcast_snooping_enable=true",
                   "other_config:mcast-snooping-disable-flood-unregistered=true",
                   f"other_config:mcast-snooping-aging-time={aging}")

    def attach(self, port, bridge="br0"):
        self.vsctl("add-port", bridge, port)
        self._ports[self.vsctl("get", "interface", port, "ofport").strip()] = port

    def detach(self, port):
        """The cable keeps its carrier, and nothing passes."""
        self.vsctl("del-port", "br0", port)

    def never_a_router_port(self, port):
        """Open vSwitch cannot be told."""

    def make_access_port(self, port, vlan):
        """The port is in that VLAN alone, untagged. All others are trunks, whose untagged frames are in none."""
        self.vsctl("set", "port", port, f"tag={vlan}")

    def members(self, group, vlan=0):
        """The ports on which the switch remembers a member, in a VLAN."""
        table = run("ovs-appctl", "-t", self.control, "mdb/show", "br0")
        rows = re.findall(r"^\s*(\d+)\s+(\d+)\s+(\S+)\s", table, re.MULTILINE)
        return {self._ports[port] for port, of, address in rows if (int(of), address) == (vlan, group)}


class TrackingBridge:
    """The kernel's bridge as a switch that knows every version of IGMP and MLD, sources included, and counts."""

    def __init__(self, lab, membership=3.0, last_member=0.3):
        self.namespace = Namespace(lab, "bridge")
        self.namespace.ip("link add br0 type bridge forward_delay 0 mcast_snooping 1 mcast_stats_enabled 1"
                          " mcast_igmp_version 3 mcast_mld_version 2 mcast_querier_interval 360000"
                          f" mcast_membership_interval {membership * 100:.0f}"
                          f" mcast_last_member_interval {last_member * 100:.0f}")
        self.namespace.ip("link set br0 up")

    def attach(self, port):
        self.namespace.ip(f"link set {port} master br0 up")

    def filters(self, port):
        """What the bridge forwards to a port, by group, but for the link-scope groups of IPv6."""
        tables = json.loads(run("bridge", "-n", self.namespace.name, "-d", "-s", "-j", "mdb", "show"))
        found = {}
        for entry in (entry for table in tables for entry in table["mdb"]):
            if entry["port"] != port or "src" in entry or entry["grp"].startswith("ff02:"):
                continue
            mode = entry["filter_mode"]
            listed = {source["address"] for source in entry.get("source_list", [])
                      if (float(source["timer"]) > 0) == (mode == "include")}
            found[entry["grp"]] = Filter(mode, frozenset(listed))
        return found

    def statistics(self, port):
        return link_json(self.namespace, f"link xstats type bridge_slave dev {port}")[0]["multicast"]
