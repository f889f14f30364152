"""Two snooping switches, joined by one link, or by two of which the spanning tree blocks one."""

import json
import re
import time

from harness.lab import Namespace, run, wait
from harness.switches import LinuxBridge, OpenVSwitch

LONG = 300  # seconds until a switch forgets a member by itself
FORWARD_DELAY = 2  # seconds; the least that the kernel allows


class BridgeTree:
    """Linux bridges, with STP."""

    is_rapid, hello = False, 1

    def __init__(self, lab, spanning=False):
        self.lab = lab
        self.near, self.far = (LinuxBridge(lab, LONG) for _ in range(2))
        self._far_ports = []
        self._trunks = ["trunk0", "trunk1"] if spanning else ["trunk0"]
        for number, switch in enumerate((self.near, self.far)):
            if spanning:
                switch.namespace.ip(f"link set br0 type bridge stp_state 1 priority {number + 1} hello_time 100"
                                    f" max_age 600 forward_delay {FORWARD_DELAY * 100}")
        for trunk in self._trunks:
            lab.link(self.near.namespace, trunk, self.far.namespace, trunk)
            for switch in (self.near, self.far):
                switch.attach(trunk)

    def host(self, label, address, far=False):
        host = self.lab.host(self.far if far else self.near, label, address)
        if far:
            self._far_ports.append(label)
        return host

    def _state(self, switch, port):
        return json.loads(run("bridge", "-n", switch.namespace.name, "-j", "link", "show", "dev", port))[0]["state"]

    def wait_ready(self):
        ports = [(self.far, port) for port in (self._trunks[0], *self._far_ports)] + [(self.near, "querier")]
        wait(lambda: all(self._state(*port) == "forwarding" for port in ports), 20, "ports that forward")

    def forget_members(self):
        for port in self._far_ports:
            self.far.detach(port)
            self.far.attach(port)

    def cut(self):
        self.near.namespace.ip("link set trunk0 down")

    def wait_second_link(self):
        wait(lambda: self._state(self.far, "trunk1") == "forwarding", 20, "the second link")
        return time.time()


class OvsTree:
    """Bridges of one Open vSwitch, with RSTP."""

    is_rapid, hello = True, 2

    def __init__(self, lab, spanning=False):
        self.lab, self.near = lab, OpenVSwitch(lab, LONG)
        self.near.add_bridge("br1", LONG)
        self._trunks = range(2 if spanning else 1)
        for number in self._trunks:
            self.near.namespace.ip(f"link add near{number} type veth peer name far{number}")
            for bridge, port in ("br0", f"near{number}"), ("br1", f"far{number}"):
                self.near.namespace.ip(f"link set {port} up")
                self.near.attach(port, bridge)
            # A switch that has forgotten where the querier is still passes reports on to the next one.
            self.near.vsctl("set", "port", f"far{number}", "other_config:mcast-snooping-flood-reports=true")
        if spanning:
            for number, bridge in enumerate(("br0", "br1"), 1):
                self.near.vsctl("set", "bridge", bridge, "rstp_enable=true",
                                f"other_config:rstp-priority={number * 4096}", "other_config:rstp-max-age=6",
                                "other_config:rstp-forward-delay=4")
        self._spanning = spanning

    def host(self, label, address, far=False):
        host = Namespace(self.lab, label)
        self.lab.link(host, "eth0", self.near.namespace, label)
        self.near.attach(label, "br1" if far else "br0")
        if label == "querier" and self._spanning:  # a port to a host that is told of changes
            self.near.vsctl("set", "port", label, "other_config:rstp-port-auto-edge=false")
        host.ip(f"address add {address} dev eth0")
        return host

    def _state(self, bridge, port):
        shown = run("ovs-appctl", "-t", self.near.control, "rstp/show", bridge)
        row = re.search(rf"^\s*{port}\s+\S+\s+(\S+)", shown, re.MULTILINE)
        return row[1] if row else None

    def wait_ready(self):
        if self._spanning:
            ports = [("br0", "querier"), ("br0", "sender"), ("br1", "one"), ("br1", "two")]
            wait(lambda: all(self._state(*port) == "Forwarding" for port in ports) and self._links("Forwarding"),
                 30, "ports that forward")

    def forget_members(self):
        run("ovs-appctl", "-t", self.near.control, "mdb/flush", "br1")

    def _links(self, state):
        """The links whose far ends have a state."""
        return [number for number in self._trunks if self._state("br1", f"far{number}") == state]

    def cut(self):
        self._second, = self._links("Discarding")
        first, = self._links("Forwarding")
        self.near.namespace.ip(f"link set near{first} down")

    def wait_second_link(self):
        wait(lambda: self._links("Forwarding") == [self._second], 20, "the second link")
        return time.time()
