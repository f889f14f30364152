"""Multicast routing daemons beside the querier: Debian's pimd, igmpproxy and smcroute, each with its own log.

pimd conflicts with smcroute as a package, so `install()` unpacks it before the lab leaves the machine's network.
"""

import fcntl
import re
import shutil
import subprocess

from harness.lab import REPOSITORY

PLACE = REPOSITORY / "build/pimd"
PIMD = PLACE / "usr/sbin/pimd"
DOWNLOAD = "apt-get --quiet download pimd && dpkg-deb --extract pimd_*.deb ."
TOOLS = ("igmpproxy", "smcrouted")

_failure = "nobody has downloaded it"


def install():
    """Unpacks pimd unless it is there. Why it cannot is what `obstacle()` says then."""
    global _failure
    PLACE.mkdir(parents=True, exist_ok=True)
    with open(PLACE / "lock", "w") as lock:  # several workers of pytest come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not PIMD.exists():
            _failure = subprocess.run(DOWNLOAD, shell=True, cwd=PLACE, capture_output=True, text=True).stderr


def obstacle():
    """Why a neighbour cannot be started here, or None."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return "not installed: " + ", ".join(missing)
    return None if PIMD.exists() else f"no pimd: {_failure.strip()}"


class Pimd:
    """A querier on eth0 that counts in steps of 5 s: it asks every 5 s and waits up to 10 s for another querier.

    The checksum of the first IGMPv3 query of pimd 2.3.2 is wrong: bridges and queriers drop it.
    """

    def __init__(self, namespace, version=2):
        file = namespace.lab.directory / f"{namespace.label}-pimd.conf"
        file.write_text(f"igmp-query-interval 2\nigmp-querier-timeout 5\nphyint eth0 enable igmpv{version}\n")
        self.process = namespace.start(PIMD, "-f", "-N", "-c", file, "-digmp", "-sdebug")

    def asked(self):
        """How often it says that it has sent a query."""
        return len(self.process.logged(r"SENT .*Membership Query"))

    def wait_takeover(self, querier):
        """It says that the querier has become silent."""
        self.process.wait_log(rf"IGMP Querier {re.escape(querier)} timed out", 16)


class IgmpProxy:
    """A querier of IGMPv2 on its downstream interface: at its start, twice within the next minute, then every 125 s."""

    def __init__(self, namespace, upstream, downstream):
        file = namespace.lab.directory / f"{namespace.label}-igmpproxy.conf"
        file.write_text(f"phyint {upstream} upstream\nphyint {downstream} downstream\n")
        self.process = namespace.start("igmpproxy", "-d", "-v", "-v", file)

    def asked(self):
        """How often it says that it has sent a query."""
        return len(self.process.logged(r"SENT Membership query .* to 224\.0\.0\.1"))

    def routes(self, group):
        """Whether it says that it has a member of that group."""
        return self.process.logged(rf"Joining group {re.escape(group)} upstream")


class Smcroute:
    """A member of groups, and no querier."""

    def __init__(self, namespace, *groups):
        directory = namespace.lab.directory
        file = directory / f"{namespace.label}-smcroute.conf"
        file.write_text("".join(f"mgroup from eth0 group {group}\n" for group in groups))
        self.process = namespace.start("smcrouted", "-n", "-l", "debug", "-f", file, "-P", directory / "smcroute.pid",
                                       "-u", directory / "smcroute.sock")
        for group in groups:
            self.process.wait_log(rf"Join group \(\*,{re.escape(group)}\)")
