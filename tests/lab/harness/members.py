"""The table of members as the API of igmp-querier tells it."""

import dataclasses

from harness.hosts import Filter
from harness.lab import wait

FAMILIES = {"IGMP": "ipv4", "MLD": "ipv6"}


@dataclasses.dataclass
class Group:
    mode: str
    sources: dict  # seconds left by address; None if excluded
    version: int
    since: float
    expires: float
    last_reporter: str
    hosts: dict  # (version, seconds since the last report) by address

    @classmethod
    def read(cls, group):
        return cls(group["filter-mode"],
                   {source["source-address"]: source["expire"] for source in group["source"]},
                   group["version"], group["up-time"], group["expire"], group["last-reporter"],
                   {host["host-address"]: (host["version"], host["last-report"]) for host in group["host"]})

    def requested(self):
        """The sources with a timer that runs."""
        return {address for address, left in self.sources.items() if left is not None}

    def filter(self):
        """What a router is asked to forward (RFC 9776 section 6.3)."""
        sources = self.requested() if self.mode == "include" else self.sources.keys() - self.requested()
        return Filter(self.mode, frozenset(sources))


@dataclasses.dataclass
class Table:
    groups: dict

    def filters(self):
        """By group, but for the link-scope groups of IPv6 itself, which every host joins."""
        return {address: group.filter() for address, group in self.groups.items() if not address.startswith("ff02:")}


def table(api, protocol="IGMP"):
    """Asks for the table."""
    groups = api.get(f"/v1/groups?family={FAMILIES[protocol]}")["groups"]
    found = {group["group-address"]: Group.read(group) for group in groups}
    assert len(found) == len(groups), "a group is there twice"
    return Table(found)


def wait_table(api, condition, what, timeout=8.0, protocol="IGMP"):
    """Asks for the table until it is as wanted, and returns it."""
    latest = None

    def satisfied():
        nonlocal latest
        latest = table(api, protocol)
        return condition(latest)

    wait(satisfied, timeout, lambda: f"{what}; the table is {latest}", pause=0.05)
    return latest


def wait_filters(api, filters, timeout=8.0, protocol="IGMP"):
    """Waits until the table asks for just that, by group."""
    return wait_table(api, lambda seen: seen.filters() == filters, f"members {filters}", timeout, protocol)
