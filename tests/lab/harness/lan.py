"""A LAN with a querier and hosts of one version of IGMP or MLD."""

import dataclasses

from harness.api import Api
from harness.hosts import Member, exclude, expected, speak
from harness.lab import FAST, Hub
from harness.members import table, wait_filters, wait_table

# A group outlives a leave by two of these, and the last report by three seconds (two query intervals of FAST, and
# two response intervals of half a second).
LAST_MEMBER_INTERVAL, MEMBERSHIP_INTERVAL = 0.3, 3.0
# Asks once, and then no more: the table has what hosts say by themselves and in answer to specific queries. Groups
# live for 121 seconds.
ONCE = "-q 60 --max-response 0.5 --startup-count 1"


@dataclasses.dataclass(frozen=True)
class Dialect:
    """A version of a protocol, and names in its address family."""

    protocol: str
    version: int

    def __str__(self):
        return f"{self.protocol}v{self.version}"

    @property
    def knows_sources(self):
        return self.version == self.newest

    @property
    def knows_leaves(self):
        return self != Dialect("IGMP", 1)

    @property
    def newest(self):
        return 3 if self.protocol == "IGMP" else 2

    def address(self, number):
        return f"192.0.2.{number}" if self.protocol == "IGMP" else f"fe80::{number}"

    def group(self, number):
        return f"239.1.2.{number}" if self.protocol == "IGMP" else f"ff15::{number}"

    def source(self, number):
        return f"203.0.113.{number}" if self.protocol == "IGMP" else f"2001:db8::{number}"

    def option(self):
        return f"--igmp-version {self.version}" if self.protocol == "IGMP" else f"--mld {self.version}"

    def seen(self, filters):
        """What a router sees of them: a version without sources can only ask for all."""
        return filters if self.knows_sources else {group: exclude() for group in filters}


IGMP, MLD = [Dialect("IGMP", version) for version in (1, 2, 3)], [Dialect("MLD", version) for version in (1, 2)]


class Lan:
    """A querier of a dialect on `eth0` of its own host, and hosts with a socket each."""

    def __init__(self, lab, dialect, querying=None, versions=(0,), settings="", switch=None, pace=FAST):
        """`versions` has what each host is to speak; 0 follows the querier."""
        self.lab, self.dialect, self.switch = lab, dialect, switch or Hub(lab)
        self.host = self.attach("querier", 1)
        file = lab.directory / "querier.toml"
        file.write_text(f"[defaults.{dialect.protocol.lower()}]\n"
                        f"last-member-query-interval = {LAST_MEMBER_INTERVAL}\n{settings}\n")
        self.api = Api(lab)
        self.querier = self.host.querier(f"-c {file} -i eth0", pace, (querying or dialect).option(), self.api.option)
        self.api.ready()
        self.hosts = [self.attach(f"host{number}", number, version) for number, version in enumerate(versions, 5)]
        self.members = [Member(host) for host in self.hosts]
        self.querier.wait_log(f"Starting {dialect.protocol} Querier")

    def attach(self, label, number, version=0, switch=None):
        """A host of that name and address; it speaks that version from its first report on."""
        host = self.lab.host(switch or self.switch, label, f"192.0.2.{number}/24")
        speak(host, self.dialect.protocol, version)
        if self.dialect.protocol == "MLD":
            host.enable_ipv6(f"fe80::{number}/64")
        return host

    def wait(self, filters):
        return wait_filters(self.api, filters, protocol=self.dialect.protocol)

    def wait_expected(self):
        return self.wait(self.dialect.seen(expected(*self.members)))

    def table(self):
        return table(self.api, self.dialect.protocol)

    def wait_table(self, condition, what):
        return wait_table(self.api, condition, what, protocol=self.dialect.protocol)
