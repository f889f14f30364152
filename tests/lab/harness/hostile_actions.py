"""What forgers do on the LAN of the soak, beside what happens there every day; and what the program has to call it."""

import contextlib
import os
import random

from harness import blast, floods, packets
from harness.api import HALF, REQUEST
from harness.hostile import random_report
from harness.packets import TO_EX, TO_IN, ethernet, ipv4, mld_frame, record, report_v3
from harness.soak_actions import EVERYDAY, MALFORMED, flap, forge, listing, rival, storm
from harness.soak_actions import fill as fill_everyday
from harness.soak_link import OURS, ROGUE

SECONDS = 3  # that a storm lasts
PATIENCE = 4  # seconds that connections are kept
INVENTED = 91  # groups of a packet that joins and leaves them
# An answer takes ten seconds by default, which is longer than groups live here.
RESPONSE, RESPONSE_MLD = 5, 500


def forged_query(link, number, version):
    return ethernet(ipv4(link.address(number), packets.query(version, response=RESPONSE)))


def forged_mld_query(number, version):
    return mld_frame(f"fe80::{number}", packets.mld_query(version, response=RESPONSE_MLD))


def rogue(lan):
    """Has a lower address and asks, of which one link knows that he may not."""
    link = lan.chance.choice(lan.links)
    lan.delays.events.note("rogue", link.port)
    link.stranger.send(*(forged_query(link, ROGUE, version) for version in (2, 3)),
                       *(forged_mld_query(ROGUE, version) for version in (1, 2)))


def double(lan):
    """Somebody asks from the address of the daemon."""
    link = lan.chance.choice(lan.links)
    link.stranger.send(forged_query(link, OURS, 3), forged_mld_query(OURS, 2))


def leaves(lan):
    """Of members who stay, and of groups that nobody has joined."""
    link = lan.chance.choice(lan.links)
    lan.delays.events.note("leaves", link.port)
    joined = [group for member in link.members for group in member.filters if ":" not in group]
    invented = [f"239.{lan.chance.randrange(2, 256)}.{lan.chance.randrange(256)}.{n}" for n in range(INVENTED)]
    storm_of_leaves = [ethernet(ipv4("192.0.2.99", report_v3(*[record(kind, group) for group in invented
                                                               for kind in (TO_EX, TO_IN)])))]
    link.stranger.send(*(ethernet(ipv4("192.0.2.99", packets.report(group, packets.LEAVE))) for group in joined),
                       *(ethernet(ipv4("192.0.2.99", report_v3(record(TO_IN, group)))) for group in joined),
                       *(storm_of_leaves * lan.most_leaves))


def frames_of(lan, name, link):
    """The file of a storm, which fill() has made."""
    return lan.lab.directory / (f"{name}-{link.number}" if name == "queries" else name)


def blast_of(name):
    """An action: a storm of that name."""
    def action(lan):
        if len(lan.helpers) < lan.most_storms:
            link = lan.chance.choice(lan.links)
            lan.help(name, blast.start(link.stranger, frames_of(lan, name, link), SECONDS, lan.rate))
    action.__name__ = f"storm_of_{name}"
    return action


def clients(lan):
    """Who say nothing, half of something, or nonsense, and who do not read what they have asked for."""
    def first():
        return lan.chance.choice([b"", HALF, lan.chance.randbytes(300), REQUEST.replace(b"status", b"groups"),
                                  HALF + b"X: " + b"y" * 100_000])
    lan.delays.events.note("clients")
    opened = []
    with contextlib.suppress(OSError):
        for _ in range(lan.most_clients):
            opened.append(lan.api.connect(first()))
    lan.in_a_while(PATIENCE, lambda: [client.close() for client in opened])


def listing_of_one(lan):
    lan.api.ask(f"/v1/groups?group=239.1.1.{lan.chance.randrange(8)}")


def bad_file(lan):
    """A configuration that is none."""
    lan.put_file(lan.chance.choice([lambda path: path.write_bytes(lan.chance.randbytes(2000)), lambda path: path.mkdir(),
                                    os.mkfifo, lambda path: path.symlink_to("/dev/zero")]))
    lan.reload()
    lan.in_a_while(1, lambda: lan.configure(2))


def fill(lan):
    """Writes the files of the storms, and has each flood once on each link."""
    chance = random.Random(7)
    directory = lan.lab.directory
    for flood in floods.FLOODS:
        blast.write(directory / flood.__name__, floods.frames(flood))
    blast.write(directory / "malformed", MALFORMED)
    blast.write(directory / "reports", [random_report(chance) for _ in range(3000)])
    for link in lan.links:
        blast.write(directory / f"queries-{link.number}",
                    [forged_query(link, number, version) for number in range(100, 220) for version in (2, 3)]
                    + [forged_mld_query(number, 2) for number in range(100, 220)])
    fill_everyday(lan)
    for name in [*(flood.__name__ for flood in floods.FLOODS), "reports"]:  # the last fills the tables of hosts
        for link in lan.links:
            lan.help(name, blast.start(link.stranger, directory / name, SECONDS, lan.rate))
            lan.end_storms()


FILES = [flood.__name__ for flood in floods.FLOODS] + ["malformed", "reports", "queries"]
STORMS_OF = {name: blast_of(name) for name in FILES}
# A list of a full table takes the daemon longer than a client may take to read it, and this process longer than a turn.
HOSTILE = {**EVERYDAY, listing_of_one: EVERYDAY[listing], rogue: 3, double: 2, leaves: 2, clients: 3, bad_file: 2,
           **dict.fromkeys(STORMS_OF.values(), 1)}
del HOSTILE[listing]
# Findings and reasons, one of which each action is told by.
NAMES = {
    flap: {"no-link"}, rival: {"flapping"}, rogue: {"rogue-querier"}, double: {"duplicate-address"},
    leaves: {"specific-query", "leave not followed up"}, forge: {"malformed-message", "bad group"}, storm: {"older host"},
    STORMS_OF["groups"]: {"too many groups"}, STORMS_OF["sources"]: {"too many sources"},
    STORMS_OF["hosts"]: {"too many hosts"}, STORMS_OF["malformed"]: {"bad checksum"},
    STORMS_OF["reports"]: {"receive buffer full", "too many groups"}, STORMS_OF["queries"]: {"query storm"},
}
