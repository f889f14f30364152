"""`igmp-querier probe`: a Linux host answers everything, and each broken stack is named."""

import json
import re
import signal
import subprocess

import pytest

from harness import packets, stacks
from harness.hosts import Member
from harness.lab import FAST, IGMP_QUERIER, Hub, wait
from harness.packets import general_query
from harness.stacks import GROUP, Stack
from harness.switches import LinuxBridge, OpenVSwitch

HOST, OTHER = "192.0.2.20", "192.0.2.21"
QUICK = ["--listen", "0.3", "--max-response", "0.2", "--repeat", "1", "--api-socket", "/nonexistent"]
NO_ALERT = {"v3-no-router-alert", "v2-no-router-alert"}

# What a stand-in does, the status, the traits, and the cases that it does not answer.
STACKS = {
    "sound": (stacks.sound, 0, [], set()),
    "alert-means-version-3": (stacks.alert_means_version_3, 1, ["router-alert-means-v3"], set()),
    "deaf-to-unspecified": (stacks.deaf_to_unspecified, 0, ["ignores-unspecified"], {"v3-unspecified", "v2-unspecified"}),
    "deaf-to-router-alert": (stacks.deaf_to_router_alert, 1, ["ignores-router-alert"], None),
    "to-all-routers": (stacks.to_all_routers, 1, ["wrong-destination"], set()),
    "only-first": (stacks.only_first, 1, ["answers-only-first"], None),
}


def start(host, *arguments, target=HOST, options=()):
    return host.start(IGMP_QUERIER, "probe", target, *(options or QUICK), *arguments)


def told(process, status, timeout=30):
    assert process.finish(timeout) == status, process.describe()
    return json.loads(process.stdout.read_text())


def results(made):
    return {case["id"]: case["result"] for case in made["cases"]}


def lan(lab, answer=None):
    host, peer = lab.pair()
    peer.ip(f"address add {HOST}/24 dev eth0")
    for scope in "all", "eth0":
        peer.sysctl(f"net/ipv4/conf/{scope}/rp_filter", 0)
    if answer:
        Stack(peer, HOST, answer)
    return host, peer


def test_a_linux_host_passes_and_each_broken_stack_is_named(lab):
    """All at the same time, each on a LAN of its own."""
    running = {name: start(lan(lab, answer)[0], "--json") for name, (answer, *_) in STACKS.items()}
    linux, member = lan(lab)
    Member(member).join(GROUP)
    strict, strict_member = lan(lab)
    Member(strict_member).join(GROUP)
    strict_member.sysctl("net/ipv4/conf/eth0/rp_filter", 1)
    wire = linux.capture(protocol=packets.IGMP)
    on_linux, on_strict = start(linux, "--json"), start(strict, "--json")
    for name, (_, status, traits, silent) in STACKS.items():
        made = told(running[name], status)
        assert [trait["id"] for trait in made["traits"]] == traits, name
        assert made["verdict"] == (traits or ["sound"])[0], name
        if silent is not None:
            assert {case for case, result in results(made).items() if result != "answered"} == silent, name
    made = told(on_linux, 0)
    assert made["verdict"] == "sound" and set(results(made).values()) == {"answered"}, made
    assert [case["version"] for case in made["cases"]] == [3] * 6 + [2] * 6
    queries = [frame for frame in wire.frames() if frame.is_igmp(packets.QUERY)]
    assert len(queries) == 12, "one query for each case, and no more"
    assert all(later.time - frame.time > 0.4 for frame, later in zip(queries, queries[1:], strict=False))
    made = told(on_strict, 0)
    assert made["verdict"] == "ignores-off-subnet", made


def test_through_switches_that_snoop(lab):
    """They pass on the queries and the reports, those about a group as well."""
    running = []
    for kind in OpenVSwitch, LinuxBridge:
        switch = kind(lab)
        host, member = lab.host(switch, "host", "192.0.2.1/24"), lab.host(switch, "member", f"{HOST}/24")
        for scope in "all", "eth0":
            member.sysctl(f"net/ipv4/conf/{scope}/rp_filter", 0)
        Member(member).join(GROUP)
        running.append(start(host, "--json"))
    for process in running:
        made = told(process, 0)
        assert made["verdict"] == "sound", (process.describe(), made)
        assert {case["group"] for case in made["cases"]} == {GROUP}


def test_text_names_each_case_and_what_helps(lab):
    done = start(lan(lab, stacks.to_all_routers)[0])
    assert done.finish(30) == 1, done.describe()
    text = done.stdout.read_text()
    assert re.search(r"^  IGMPv3 General Query without Router Alert +answered after 0\.\d s in version 3$", text, re.M)
    assert re.search(r"^  IGMPv2 General Query +answered after 0\.\d s in version 2, to 224\.0\.0\.2$", text, re.M)
    assert "\nPROBLEM wrong-destination it sends its IGMPv2 report about 239.1.2.3 to 224.0.0.2 " in text
    assert "    set igmp-version = 3" in text and text.endswith("verdict: wrong-destination\n")


def test_another_member_may_keep_a_host_quiet(lab):
    """It always reports first: silence in version 2 says nothing of the host then."""
    switch = Hub(lab)
    host, member = lab.host(switch, "host", "192.0.2.1/24"), lab.host(switch, "member", f"{HOST}/24")
    Stack(member, HOST, lambda asked: stacks.sound(asked) if asked.version == 3 else None)
    Stack(lab.host(switch, "other", f"{OTHER}/24"), OTHER)
    made = told(start(host, "--json"), 0)
    assert {result for case, result in results(made).items() if case.startswith("v2")} == {"unclear"}
    assert {case["quieted-by"] for case in made["cases"] if case["result"] == "unclear"} == {OTHER}
    assert made["verdict"] == "unknown" and not made["traits"]


def test_silence_is_told_apart(lab):
    """A host in no group, one that ignores all queries about its group, and none at all."""
    host, _ = lan(lab)
    no_member, nobody = start(host, "--json"), start(lan(lab)[0], target="192.0.2.77")
    mute = start(lan(lab, stacks.mute)[0], "--json", "--group", GROUP)
    assert told(no_member, 2)["verdict"] == "unknown"
    assert no_member.log() == [f"igmp-querier: {HOST} is member of no group as far as is known: start a receiver on it, "
                               "or name its group with --group\n"]
    assert nobody.finish(30) == 2
    assert nobody.log() == ["igmp-querier: 192.0.2.77 answers neither a query nor ARP: is it on, and on eth0?\n"]
    assert told(mute, 1)["verdict"] == "answers-nothing"


def test_refuses_beside_another_querier(lab):
    """One that is heard, even late, and a daemon on this host; nothing is sent, or nothing more."""
    host, peer = lan(lab, stacks.sound)
    wire = peer.capture(protocol=packets.IGMP)
    first = start(host, options=["--listen", "20", *QUICK[2:]])
    wait(lambda: "asking" in first.stdout.read_text(), 10, "it listens")
    peer.send(general_query("192.0.2.9"))
    assert first.finish(10) == 2
    refusal = ["igmp-querier: 192.0.2.9 is the querier here, and queries beside it disturb it: turn it off, "
               "or use --force\n"]
    assert first.log() == refusal
    assert not [frame for frame in wire.frames() if frame.source == "192.0.2.1"]
    late = start(host)
    wire.wait_queries(2, source="192.0.2.1")
    peer.send(general_query("192.0.2.9"))
    assert late.finish(10) == 2 and late.log() == refusal
    assert "answered after" in late.stdout.read_text() and late.stdout.read_text().endswith("\nverdict: unknown\n")
    forced = start(host, "--force", "--json")
    wire.wait_queries(1, source="192.0.2.1", since=wire.frames()[-1].time)
    peer.send(general_query("192.0.2.9"))
    assert told(forced, 0)["other-querier"] == "192.0.2.9"


def test_refuses_beside_the_daemon_of_its_own_host(lab):
    host, peer = lan(lab, stacks.sound)
    daemon = host.querier("-i eth0", FAST, "--api-socket", "/run/probe.sock")
    daemon.wait_log("Startup")
    wire = peer.capture(protocol=packets.IGMP)
    done = start(host, options=[*QUICK[:-1], "/run/probe.sock"])
    assert done.finish(10) == 2
    assert done.log() == ["igmp-querier: the daemon of this host serves eth0, and would take these queries for those of a "
                          "second querier: stop it (sudo systemctl stop igmp-querier), or use --force\n"]
    assert not [frame for frame in wire.frames() if frame.source != "192.0.2.1" and frame.is_igmp(packets.QUERY)]
    assert not daemon.logged("another querier")


def test_interrupt_tells_what_is_known(lab):
    host, peer = lan(lab, stacks.sound)
    wire = peer.capture(protocol=packets.IGMP)
    text = start(host, options=["--max-response", "5", *QUICK[:2], *QUICK[4:]])
    made = start(host, "--force", "--json", options=["--max-response", "5", *QUICK[:2], *QUICK[4:]])
    wire.wait_queries(2)
    for process in text, made:
        process.popen.send_signal(signal.SIGINT)
    assert told(made, 130)["interrupted"] is True
    assert text.finish(5) == 130 and text.stdout.read_text().endswith("verdict: unknown\n")


@pytest.mark.parametrize("arguments,status,complaint", [
    (["192.0.2.1"], 2, "192.0.2.1 is an address of this host: probe it from another one"),
    (["203.0.113.5"], 2, "no route to 203.0.113.5: Network is unreachable: is it on this LAN? use -i"),
    (["fe80::1"], 2, "probe asks in IGMP, not in MLD: give the IPv4 address of the device instead of 'fe80::1'"),
    (["frob"], 2, "'frob' is no address of a host: give one such as 192.168.1.20"),
    (["239.1.2.3"], 2, "'239.1.2.3' is no address of a host: give one such as 192.168.1.20"),
    ([HOST, "--group", "192.0.2.3"], 2, "'192.0.2.3' is no group: give one such as 239.1.2.3"),
    ([HOST, "-i", "eth7"], 2, "there is no interface 'eth7'"),
    ([HOST, "-i", "lo"], 2, "lo is no Ethernet interface: use -i"),
])
def test_what_cannot_be_probed_is_refused_in_one_line(lab, arguments, status, complaint):
    host, _ = lab.pair()
    done = host.start(IGMP_QUERIER, "probe", *arguments)
    assert done.finish(5) == status
    assert done.log() == [f"igmp-querier: {complaint}\n"] and done.stdout.read_text() == ""


def test_without_privilege_it_says_what_to_do(lab):
    host, _ = lab.pair()
    with host.entered():
        done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", IGMP_QUERIER, "probe", HOST],
                              capture_output=True, text=True, timeout=5)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == ("igmp-querier: cannot open a packet socket: Operation not permitted; probe needs CAP_NET_RAW: "
                           "run it with sudo\n")
