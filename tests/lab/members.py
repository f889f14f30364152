"""The table of members as igmp-querier logs it on SIGUSR1."""

import dataclasses
import re
import signal

from hosts import Filter
from lab import wait

HEADER = re.compile(r" (?P<interface>\S+): (?P<protocol>IGMP|MLD): querier (?P<querier>\S+), (?P<size>\d+) of at most"
                    r" (?P<limit>\d+) groups, (?P<sources>\d+) sources, (?P<hosts>\d+) hosts$")
GROUP = re.compile(r" (?P<interface>\S+): (?P<protocol>IGMP|MLD) (?P<address>\S+) (?P<mode>include|exclude)"
                   r" \{(?P<sources>[^}]*)\} version (?P<version>\d) since (?P<since>\S+)s"
                   r"(?: expires (?P<expires>\S+)s)? last-reporter (?P<reporter>\S+)(?: hosts \{(?P<hosts>[^}]*)\})?$")


def _entries(text):
    return [entry.split() for entry in text.split(", ")] if text else []


def _seconds(text):
    return float(text.removesuffix("s"))


@dataclasses.dataclass
class Group:
    mode: str
    sources: dict  # seconds left by address; None if excluded
    version: int
    since: float
    expires: float | None
    last_reporter: str
    hosts: dict  # (version, seconds since the last report) by address

    @classmethod
    def read(cls, found):
        return cls(found["mode"],
                   {address: None if left == "excluded" else _seconds(left)
                    for address, left in _entries(found["sources"])},
                   int(found["version"]), float(found["since"]), found["expires"] and float(found["expires"]),
                   found["reporter"],
                   {address: (int(version[1:]), _seconds(ago)) for address, version, ago in _entries(found["hosts"])})

    def requested(self):
        """The sources with a timer that runs."""
        return {address for address, left in self.sources.items() if left is not None}

    def filter(self):
        """What a router is asked to forward (RFC 9776 section 6.3)."""
        sources = self.requested() if self.mode == "include" else self.sources.keys() - self.requested()
        return Filter(self.mode, frozenset(sources))


@dataclasses.dataclass
class Table:
    querier: str
    limit: int
    groups: dict

    def filters(self):
        """By group, but for the link-scope groups of IPv6 itself, which every host joins."""
        return {address: group.filter() for address, group in self.groups.items() if not address.startswith("ff02:")}


def read(lines, protocol, interface):
    """The table among lines of a log; None while it is not all there."""
    said = [(form, found) for form in (HEADER, GROUP) for found in map(form.search, lines)
            if found and found["protocol"] == protocol and found["interface"] == interface]
    heads = [found for form, found in said if form is HEADER]
    groups = [found for form, found in said if form is GROUP]
    if not heads or len(groups) < int(heads[0]["size"]):
        return None
    return Table(heads[0]["querier"], int(heads[0]["limit"]), {found["address"]: Group.read(found) for found in groups})


def table(querier, protocol="IGMP", interface="eth0"):
    """Asks for the table."""
    before = len(querier.log())
    querier.popen.send_signal(signal.SIGUSR1)

    def answer():
        assert querier.alive(), querier.describe()
        return read([line.rstrip("\n") for line in querier.log()[before:]], protocol, interface)

    return wait(answer, what=lambda: f"a table of {protocol} members from {querier.describe()}")


def wait_table(querier, condition, what, timeout=8.0, protocol="IGMP"):
    """Asks for the table until it is as wanted, and returns it."""
    latest = None

    def satisfied():
        nonlocal latest
        latest = table(querier, protocol)
        return condition(latest)

    wait(satisfied, timeout, lambda: f"{what}; the table is {latest}", pause=0.05)
    return latest


def wait_filters(querier, filters, timeout=8.0, protocol="IGMP"):
    """Waits until the table asks for just that, by group."""
    return wait_table(querier, lambda seen: seen.filters() == filters, f"members {filters}", timeout, protocol)
