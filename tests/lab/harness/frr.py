"""FRR's pimd as another maker's IGMP router, with its own directory and sockets.

FRR 8.4 as Debian builds it: there is no pim6d, so its MLD cannot be met here. Of its habits a test must know that it
drops queries and reports of a version other than its own, but for older reports while it speaks IGMPv3.
"""

import json
import pathlib
import shutil

from harness.lab import run, wait

PROGRAMS = pathlib.Path("/usr/lib/frr")
DIRECTORY = pathlib.Path("/run/frr")  # hidden by lab.isolate(); its daemons run as user frr and can reach it
# It takes a query interval only after a response time (in tenths) that is shorter.
FAST = "query-max-response-time 5", "query-interval 1", "last-member-query-interval 5"


class Router:
    """An IGMP router on `eth0` of a namespace; its programs are started through `wrapper`."""

    def __init__(self, namespace, version, options=FAST, wrapper=()):
        self.namespace, self._wrapper = namespace, wrapper
        self._sockets = DIRECTORY / namespace.name
        self._sockets.mkdir(exist_ok=True)
        shutil.chown(self._sockets, "frr", "frr")
        namespace.lab.cleanup.callback(shutil.rmtree, self._sockets, ignore_errors=True)
        (self._sockets / "zebra.conf").touch()
        commands = "ip igmp", f"ip igmp version {version}", *(f"ip igmp {option}" for option in options)
        (self._sockets / "pimd.conf").write_text("interface eth0\n" + "".join(f" {line}\n" for line in commands))
        self.processes = [self._start("zebra"), self._start("pimd")]

    def _start(self, name):
        place = self._sockets
        (place / f"{name}.vty").unlink(missing_ok=True)
        process = self.namespace.start(
            *self._wrapper, PROGRAMS / name, "-f", place / f"{name}.conf", "-z", place / "zserv",
            "-i", place / f"{name}.pid", "--vty_socket", place, "--log", "stdout", "-P", "0")
        wait((place / f"{name}.vty").exists, 15, lambda: f"a start of {process.describe()}")
        return process

    def show(self, what):
        """What `show ip igmp WHAT json` says."""
        with self.namespace.entered():
            return json.loads(run("vtysh", "--vty_socket", self._sockets, "-d", "pimd", "-c",
                                  f"show ip igmp {what} json"))

    def querier(self):
        """Whom it takes for the querier: None while it does not know its interface yet."""
        return self.show("interface").get("eth0", {}).get("querierIp")

    def kill(self):
        for process in self.processes:
            process.kill()


class Frr(Router):
    """One in a namespace of its own, with `eth0` in a port of a switch."""

    def __init__(self, lab, switch, label, address, version, options=FAST):
        super().__init__(lab.host(switch, label, address), version, options)
