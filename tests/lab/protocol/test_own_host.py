"""The querier's own host: its programs hear our queries and are members like any other."""

import time

import pytest

from harness import packets
from harness.api import Api
from harness.hosts import Member
from harness.lab import FAST, wait
from harness.members import table
from harness.mld import pair, wait_queries
from harness.packets import mld_messages

GROUP = "ff15::1"


def answers(wire, version, group=GROUP):
    """Reports that only a query brings about; an unsolicited one says CHANGE_TO_EXCLUDE_MODE."""
    if version == 1:
        return [m for m in mld_messages(wire.frames(), packets.MLD_REPORT) if m.destination == group]
    current = bytes([packets.IS_EX, 0, 0, 0]) + packets.ip6(group)
    return [m for m in mld_messages(wire.frames(), packets.MLD_REPORT_V2) if current in m.payload]


@pytest.mark.parametrize("version", [1, 2])
def test_receiver_on_the_queriers_own_host_answers(lab, version):
    """Its kernel hears what we send, and the switch hears its answers. (MLD-R-21)"""
    host, peer = pair(lab)
    wire = peer.capture()
    Member(host).join(GROUP)
    wait(lambda: mld_messages(wire.frames(), packets.MLD_REPORT_V2), what="the join")
    time.sleep(1.2)  # by then a first report has been repeated
    assert not answers(wire, version)
    host.querier("-i eth0", FAST, f"--mld {version}")
    wait(lambda: len(answers(wire, version)) >= 3, 10, "answers to our queries")


def test_what_this_host_answers_does_not_show_that_the_link_works(lab):
    """With IGMPv3, since a host of IGMPv2 that has heard another's report neither answers nor says that it leaves."""
    host, peer = pair(lab)
    peer.ip("address add 192.0.2.99/24 dev eth0")
    api = Api(lab)
    host.querier("-i eth0", FAST, "--igmp-version 3", api.option)
    api.ready()
    here, there = Member(host), Member(peer)

    def answered():
        return api.interface()["last-general-query"]["answered-before"]

    here.join("239.1.2.3")
    wait(lambda: api.get("/v1/hosts")["hosts"] and api.get("/v1/hosts")["hosts"][0]["answered-queries"] >= 2, 8,
         "this host's answers", pause=0.05)
    assert answered() == 0
    there.join("239.1.2.3")
    wait(lambda: answered() == 1, 8, "the other's answer", pause=0.05)

    def awaited():
        return {host["host-address"]: host["awaited"] for host in api.get("/v1/hosts")["hosts"]}

    assert awaited() == {"192.0.2.1": False, "192.0.2.99": True}
    there.leave("239.1.2.3")
    wait(lambda: awaited() == {"192.0.2.1": False, "192.0.2.99": False}, 8, "the other has left", pause=0.05)


@pytest.mark.parametrize("protocol,group,options", [
    ("IGMP", "239.1.2.3", "--igmp-version 2"), ("IGMP", "239.1.2.3", "--igmp-version 3"),
    ("MLD", GROUP, "--mld 1"), ("MLD", GROUP, "--mld 2")])
def test_this_host_is_a_member_like_any_other(lab, protocol, group, options):
    """Its join is in the table with its address. The last other member leaves: this host's kernel hears the query for
    the group and answers, so the group stays. When this host leaves too, it goes. (IGMP-F-06, IGMP-R-34, MLD-F-07,
    MLD-R-21)"""
    host, peer = pair(lab)
    peer.ip("address add 192.0.2.99/24 dev eth0")
    ours, theirs = ("192.0.2.1", "192.0.2.99") if protocol == "IGMP" else ("fe80::1", "fe80::99")
    api = Api(lab)
    querier = host.querier("-i eth0", FAST, "--mld" if protocol == "IGMP" else "", options, api.option)
    querier.wait_log(r"eth0 \(MLD\): \[Startup\]")
    wire = peer.capture()
    here, there = Member(host), Member(peer)

    def hosts():
        found = table(api, protocol).groups.get(group)
        return found and set(found.hosts)

    here.join(group)
    wait(lambda: hosts() == {ours}, 8, "this host's membership", pause=0.05)
    there.join(group)
    wait(lambda: theirs in hosts(), 8, f"the membership of {theirs}", pause=0.05)

    def specific_queries():
        if protocol == "MLD":
            return [m.frame for m in mld_messages(wire.frames(), packets.MLD_QUERY) if m.destination == group]
        return [f for f in wire.frames() if f.is_igmp(packets.QUERY) and not f.is_query()]

    before = len(specific_queries())
    left = time.time()
    leave(peer, protocol, group, options)
    there.leave(group)
    wait(lambda: len(specific_queries()) > before, 8, "queries for the group")
    time.sleep(max(0.0, left + 2.5 - time.time()))
    assert ours in hosts()
    here.leave(group)
    wait(lambda: hosts() is None, 8, "the end of the group", pause=0.05)
    # The copy for this host's own kernel must not leave, whether the host is in the group or not.
    found = specific_queries()
    assert all(frame.data[22] == 1 if protocol == "IGMP" else frame.data[21] == 1 for frame in found), "TTL"
    gaps = [after.time - before.time for before, after in zip(found, found[1:])]
    assert min(gaps) > 0.5, "a query that left twice"


def leave(namespace, protocol, group, options):
    """Says goodbye as a host does that was the last to report, which by chance it was not."""
    if options == "--igmp-version 2":
        namespace.send(packets.ethernet(packets.ipv4("192.0.2.99", packets.report(group, packets.LEAVE), "224.0.0.2")))
    elif options == "--mld 1":
        namespace.send(packets.mld_frame("fe80::99", packets.mld_report(group, packets.MLD_DONE), "ff02::2"))


def test_it_sleeps_while_this_host_sends(lab):
    """A stream of either family leaves the interface, and neighbours are looked for: nothing of it wakes the process,
    though it watches for this host's own reports."""
    host, peer = pair(lab)
    wire = peer.capture()
    querier = host.querier("-i eth0 --mld -q 60 --startup-count 1")
    wait_queries(wire, 1)
    for group in "239.1.2.3", "ff15::9":
        host.stream("send", group, "--rate 300")
    wait(lambda: sum(frame.is_stream() for frame in wire.frames()) > 50, what="the streams")
    time.sleep(2)  # the kernel's reports of what it has joined by itself are over
    before, seen = querier.wakeups(), len(wire.frames())
    wait(lambda: len(wire.frames()) - seen > 500, what="the streams")
    assert querier.wakeups() - before <= 2
