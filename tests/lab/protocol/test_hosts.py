"""What real hosts ask for and what the table of members says, for every version of both protocols."""

import random
import time

import pytest

from harness import hosts
from harness.hosts import Member, exclude, expected, include
from harness.lab import FAST
from harness.lan import IGMP, LAST_MEMBER_INTERVAL, MEMBERSHIP_INTERVAL, MLD, ONCE, Dialect, Lan


@pytest.mark.parametrize("dialect", [*IGMP, *MLD], ids=str)
def test_the_table_follows_a_host(lab, dialect):
    """Every change of what a host wants, in both directions, and its leave; nobody asks in between. The table names
    the host and its version."""
    lan = Lan(lab, dialect, versions=[dialect.version], pace=ONCE if dialect.knows_leaves else FAST)
    member, group, address = lan.members[0], dialect.group(1), dialect.address(5)
    first, second = dialect.source(1), dialect.source(2)
    member.join(group)
    seen = lan.wait_expected().groups[group]
    assert seen.hosts[address][0] == seen.version == dialect.version
    assert seen.last_reporter == address
    assert seen.expires == pytest.approx(121 if dialect.knows_leaves else MEMBERSHIP_INTERVAL, abs=2)
    changes = [lambda: member.block(group, first), lambda: member.block(group, second),
                   lambda: member.unblock(group, first), lambda: member.set_filter(group, include(first)),
                   lambda: member.join_source(group, second), lambda: member.leave_source(group, first),
                   lambda: member.set_filter(group, exclude(first, second)),
                   lambda: member.set_filter(group, exclude())]
    for change in changes if dialect != IGMP[0] else []:  # hosts of IGMPv1 answer in ten seconds, whatever we ask
        change()
        lan.wait_expected()
    left = time.monotonic()
    member.leave(group)
    lan.wait({})
    assert time.monotonic() - left < (2 if dialect.knows_leaves else MEMBERSHIP_INTERVAL + 2)


def change_at_random(chance, members, dialect):
    """One thing that a program might do."""
    member, group = chance.choice(members), dialect.group(chance.randint(1, 3))
    wanted = member.wants(group)
    source = dialect.source(chance.randint(1, 4))
    some = frozenset(dialect.source(number) for number in range(1, 5) if chance.random() < 0.4)
    if wanted == hosts.NOTHING:
        chance.choice([lambda: member.join(group), lambda: member.join_source(group, source)])()
    elif chance.random() < 0.2:
        member.leave(group)
    elif chance.random() < 0.3:
        member.set_filter(group, hosts.Filter(chance.choice(["include", "exclude"]), some))
    elif wanted.mode == "include":
        (member.leave_source if source in wanted.sources else member.join_source)(group, source)
    else:
        (member.unblock if source in wanted.sources else member.block)(group, source)


@pytest.mark.parametrize("seed,pace", [(1, FAST), (2, ONCE)], ids=["asked", "not asked"])
@pytest.mark.parametrize("dialect", [IGMP[1], IGMP[2], *MLD], ids=str)
def test_the_table_follows_two_programs_on_a_host_whatever_they_do(lab, dialect, seed, pace):
    """At random, now and then faster than timers run out. In the end the table is what the kernel's interface state is
    by RFC 9776 section 3.2, and stays so."""
    lan = Lan(lab, dialect, versions=[dialect.version], pace=pace)
    members = lan.members = [lan.members[0], Member(lan.hosts[0])]
    chance = random.Random(seed)
    for _ in range(5):
        for _ in range(chance.randint(1, 4)):
            change_at_random(chance, members, dialect)
            time.sleep(chance.choice([0, 0, 0.05, LAST_MEMBER_INTERVAL, 2 * LAST_MEMBER_INTERVAL]))
        lan.wait_expected()
    time.sleep(2 * LAST_MEMBER_INTERVAL + 1.6)  # all that is pending, a query and its answers
    seen = lan.table()
    assert seen.filters() == dialect.seen(expected(*members))
    if pace == FAST:  # an answer makes an end of sources that are wanted like all others
        assert not any(group.requested() for group in seen.groups.values() if group.mode == "exclude")


@pytest.mark.parametrize("dialect", [IGMP[1], IGMP[2], *MLD], ids=str)
def test_a_group_stays_while_one_of_two_hosts_listens(lab, dialect):
    """The first one leaves and the group never goes; the second one leaves and it is gone."""
    lan = Lan(lab, dialect, versions=[0, 0])
    group = dialect.group(1)
    for member in lan.members:
        member.join(group)
    since = lan.wait_table(lambda seen: group in seen.groups and len(seen.groups[group].hosts) == 2,
                             "both hosts in one group").groups[group].since
    started = time.monotonic()
    for member in lan.members:
        assert lan.table().groups[group].since >= since + time.monotonic() - started - 0.3
        member.leave(group)
        time.sleep(2 * LAST_MEMBER_INTERVAL + 0.4)
    lan.wait({})


@pytest.mark.parametrize("dialect", [IGMP[2], MLD[1]], ids=str)
def test_two_hosts_add_up(lab, dialect):
    """What one excludes and the other wants is forwarded; what both exclude is not."""
    lan = Lan(lab, dialect, versions=[0, 0])
    one, other = lan.members
    both, wanted, alone = dialect.group(1), dialect.group(2), dialect.group(3)
    first, second, third = [dialect.source(number) for number in (1, 2, 3)]
    for member, filters in ((one, {both: exclude(first, second), wanted: exclude(first), alone: include(first)}),
                            (other, {both: exclude(second, third), wanted: include(first), alone: include(second)})):
        for group, filter in filters.items():
            member.join(group)
            member.set_filter(group, filter)
    assert expected(one, other) == {both: exclude(second), wanted: exclude(), alone: include(first, second)}
    lan.wait_expected()
    one.leave(wanted)
    lan.wait_expected()
    other.leave(both)
    lan.wait_expected()


@pytest.mark.parametrize("dialect", [IGMP[2], MLD[1]], ids=str)
def test_an_older_host_pulls_its_group_down_and_no_other(lab, dialect):
    """Among hosts of the newest version one of an older version joins the same group: the group falls back, its
    filters are all sources', and the table says who speaks what. The other group stays. (IGMP-C-06, IGMP-C-07,
    MLD-C-03)"""
    older = dialect.newest - 1
    lan = Lan(lab, dialect, versions=[0, older])
    shared, apart, source = dialect.group(1), dialect.group(2), dialect.source(1)
    lan.members[0].join_source(shared, source)
    lan.members[0].join_source(apart, source)
    lan.wait({shared: include(source), apart: include(source)})
    lan.members[1].join(shared)
    seen = lan.wait({shared: exclude(), apart: include(source)})
    assert (seen.groups[shared].version, seen.groups[apart].version) == (older, dialect.newest)
    seen = lan.wait_table(lambda seen: len(seen.groups[shared].hosts) == 2, "both hosts")
    assert {host: version for host, (version, _) in seen.groups[shared].hosts.items()} == {
        dialect.address(5): dialect.newest, dialect.address(6): older}


@pytest.mark.parametrize("dialect", [IGMP[0], IGMP[1], MLD[0]], ids=str)
def test_a_newer_querier_knows_a_host_of_an_older_version(lab, dialect):
    """IGMP-C-06, IGMP-C-12"""
    newest = Dialect(dialect.protocol, dialect.newest)
    lan = Lan(lab, dialect, querying=newest, versions=[dialect.version])
    lan.members[0].join(dialect.group(1))
    seen = lan.wait_expected().groups[dialect.group(1)]
    assert seen.version == seen.hosts[dialect.address(5)][0] == dialect.version
    lan.members[0].leave(dialect.group(1))
    lan.wait({})


@pytest.mark.parametrize("dialect", [IGMP[1], MLD[0]], ids=str)
def test_a_host_of_the_newest_version_falls_back_to_an_older_querier(lab, dialect):
    """Its kernel received the query, and says all the same who it is and what it wants."""
    lan = Lan(lab, dialect)
    lan.members[0].join_source(dialect.group(1), dialect.source(1))
    seen = lan.wait_expected().groups[dialect.group(1)]
    assert seen.hosts[dialect.address(5)][0] == dialect.version
