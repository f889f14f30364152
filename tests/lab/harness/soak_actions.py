"""What happens on the LAN of the soak: each action is a function of a Lan."""

from harness import packets
from harness.hostile import BAD_ROWS, random_report
from harness.hosts import NOTHING
from harness.lab import MCAST_STORM
from harness.soak_lan import OPTIONS

GROUPS = 8
VERSIONS = "2", "3", "mld1", "mld2"  # what a storm is of
FOLLOWERS = 4  # at most
# A host that receives a query of IGMPv1 takes ten seconds to answer any, which is longer than groups live here.
MALFORMED = [frame for _, frame in BAD_ROWS.values() if frame[38:40] != bytes([packets.QUERY, 0])]


def membership(lan):
    link = lan.chance.choice(lan.links)
    member, number = lan.chance.choice(link.members), lan.chance.randrange(GROUPS)
    six = lan.chance.random() < 0.5
    group = f"ff15::{link.number}:{number}" if six else f"239.1.{link.number}.{number}"
    source = f"2001:db8::{number}" if six else f"203.0.113.{lan.chance.randrange(1, 9)}"
    wanted = member.wants(group)
    if wanted == NOTHING:
        lan.chance.choice([lambda: member.join(group), lambda: member.join_source(group, source)])()
    elif lan.chance.random() < 0.5:
        member.leave(group)
    elif wanted.mode == "exclude":
        (member.unblock if source in wanted.sources else member.block)(group, source)
    else:
        (member.leave_source if source in wanted.sources else member.join_source)(group, source)


def status(lan):
    lan.findings.update({finding["id"] for interface in lan.status() for finding in interface["findings"]})


def listing(lan):
    lan.api.ask(lan.chance.choice(["/v1/groups", "/v1/hosts", "/v1/nothing"]))


def follow(lan):
    if len(lan.followers) < FOLLOWERS and lan.is_served():
        lan.followers.append(lan.api.follow())
    elif lan.followers:
        lan.followers.pop(lan.chance.randrange(len(lan.followers))).client.close()


def demand(lan):
    """A query at once; from a client that does not wait for the answer, now and then."""
    if lan.chance.random() < 0.5:
        lan.api.ask("/v1/query", "POST")
    else:
        lan.api.connect(b"GET /v1/groups HTTP/1.1\r\nHost: localhost\r\n\r\n").close()


def reload(lan):
    lan.configure(lan.chance.choice([2, 2, 3, "'much'"]))  # which is refused
    lan.reload()


def renumber(lan):
    lan.chance.choice(lan.links).renumber()


def flap(lan):
    link = lan.chance.choice(lan.links)
    if not link.is_cut:
        link.cut()
        lan.in_a_while(lan.chance.uniform(0, 3), link.mend)


def rival(lan):
    """Has a lower address, for a while; ends without a word."""
    link = lan.chance.choice(lan.links)
    if link.rival is None:
        link.rival = link.other.querier("-i eth0", OPTIONS)
        lan.delays.events.note("rival", link.port)
        lan.in_a_while(lan.chance.uniform(1, 15), lambda: lan.retire(link))


def forge(lan):
    stranger = lan.chance.choice(lan.links).stranger
    stranger.send(*lan.chance.choices(MALFORMED, k=20), *(random_report(lan.chance) for _ in range(20)))


def storm(lan):
    if len(lan.helpers) < lan.most_storms:
        begin_storm(lan, lan.chance.choice(lan.links), lan.chance.choice(VERSIONS))


def begin_storm(lan, link, version):
    lan.help("storm", link.stranger.start(
        MCAST_STORM, "--version", version, "--groups", lan.storm_groups, "--hosts", lan.chance.choice([1, 100]),
        "--rate", lan.chance.choice(lan.storm_rates)))


def fill(lan):
    """The most that a table ever has, so that memory for it was there once."""
    for version in VERSIONS:
        for link in lan.links:
            begin_storm(lan, link, version)
        lan.end_storms()


EVERYDAY = {membership: 60, status: 6, listing: 3, follow: 4, demand: 2, reload: 2, renumber: 3, flap: 2, rival: 2, forge: 6,
            storm: 1}
