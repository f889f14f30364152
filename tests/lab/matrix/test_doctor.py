"""What `doctor` finds: one fault at a time on a LAN that is well otherwise, behind each of two snooping switches."""

import contextlib
import functools
import itertools
import json
import re
import signal
import socket
import tarfile
import tempfile

import jsonschema
import pytest

from harness import packets
from harness.api import Api
from harness.frr import Frr
from harness.hosts import Member, speak
from harness.lab import FAST, IGMP_QUERIER, REPOSITORY, Hub, Lab, run, wait
from harness.site import GROUP, Chatter, Site, Verdict, query_v3
from harness.switches import LinuxBridge, OpenVSwitch

SWITCHES = {"OVS": OpenVSwitch, "bridge": LinuxBridge}
FAULTS, SLOW, HEALTHY = {}, {}, {}
# What a fault is more than: the bridge makes it likelier that a stream dies for want of a querier.
BESIDE = {"bridge-without-querier": {"no-querier"}}


def case(table, name):
    """A function that breaks a site, and returns options of doctor; its name is the finding's."""
    def add(function):
        table[name] = function
        return function
    return add


fault, slow, healthy = (functools.partial(case, table) for table in (FAULTS, SLOW, HEALTHY))


# --- the LAN's querier ---------------------------------------------------------------------------------------------

@fault("unspecified-querier")
def _(site):
    site.say(packets.general_query("0.0.0.0"))
    return "--listen 2"


@fault("foreign-querier")
def _(site):
    site.say(packets.general_query("203.0.113.1"))
    return "--listen 2"


@fault("no-router-alert")
def _(site):
    header = packets.ipv4("192.0.2.9", packets.query(response=5))
    bare = b"\x45" + header[1:2] + (20 + 8).to_bytes(2, "big") + header[4:10] + b"\0\0" + header[12:20]
    bare = bare[:10] + packets.checksum(bare).to_bytes(2, "big") + bare[12:]
    site.say(packets.ethernet(bare + packets.query(response=5)))
    return "--listen 2"


@fault("wrong-ttl")
def _(site):
    site.ours()
    site.say(packets.general_query("192.0.2.9", ttl=2))
    return "--listen 2"


def querying_once(site, frame):
    """One query, from which the interval is known if it advertises it."""
    stranger = site.other("stranger", "192.0.2.9/24")
    process = site.begin()
    stranger.send(frame)
    return process


@fault("slow-querier")
def _(site):
    return querying_once(site, query_v3("192.0.2.9", 300))


@fault("long-interval")
def _(site):
    return querying_once(site, query_v3("192.0.2.9", 200))


@fault("slow-querier: for the switch at hand")
def _(site):
    site.ours(pace="-q 2 --startup-count 1 --jitter 0")
    return "--switch-memory 1 --listen 5"


@fault("two-queriers")
def _(site):
    for number in 8, 9:
        site.say(packets.general_query(f"192.0.2.{number}"), label=f"stranger{number}")
    return "--listen 4"


@fault("version-mismatch")
def _(site):
    site.ours()
    site.say(packets.general_query("192.0.2.9", 3), every=0.9)
    return "--listen 2"


@fault("flapping")
def _(site):
    site.ours()
    addresses = iter(range(250, 200, -1))
    stranger = site.other("stranger", "192.0.2.9/24")
    Chatter(site.lab, lambda: stranger.send(packets.general_query(f"10.0.0.{next(addresses)}")), 0.3)
    return "--listen 3"


# --- the members ---------------------------------------------------------------------------------------------------

def at_the_querier(site, members, mute):
    """Examines the LAN from the port of the querier, which gets all reports."""
    querier = site.other("querier", "192.0.2.1/24")
    querier.querier("-i eth0", FAST)
    hosts = [site.other(f"member{number}", f"192.0.2.{20 + number}/24") for number in range(members)]
    stranger = site.other("stranger", "192.0.2.9/24")
    process = site.begin("--listen 5", host=querier)
    for number, host in enumerate(hosts):
        Member(host).join(f"239.1.2.{number}")
    # A host that joins and from then on says nothing.
    for number in range(mute):
        address = f"192.0.2.{40 + number}"
        stranger.send(packets.ethernet(packets.ipv4(
            address, packets.report(f"239.4.4.{number}"), f"239.4.4.{number}"), b"\x01\0\x5e\4\4" + bytes([number])))
    return process


@fault("nobody-answers")
def _(site):
    return at_the_querier(site, members=0, mute=1)


@fault("mute-host")
def _(site):
    return at_the_querier(site, members=1, mute=1)


@fault("colliding-group")
def _(site):
    querier = site.other("querier", "192.0.2.1/24")
    querier.querier("-i eth0", FAST)
    member = site.other("member", "192.0.2.20/24")
    process = site.begin("--listen 3", host=querier)
    Member(member).join("239.128.0.9")
    return process


@fault("malformed-message")
def _(site):
    site.ours()
    site.say(packets.ethernet(packets.ipv4("192.0.2.9", packets.query(group="10.0.0.1"))))
    return "--listen 2"


# --- this host -----------------------------------------------------------------------------------------------------

def with_rules(site, *rules):
    """A host that joined a group, and rules of its firewall."""
    site.ours()
    for version in "igmpv2", "igmpv3":  # what it reports by itself is over soon
        site.here.sysctl(f"net/ipv4/conf/eth0/{version}_unsolicited_report_interval", 50)
    site.member.join(GROUP)
    with site.here.entered():
        for rule in rules:
            run("iptables", *rule.split())


@fault("igmp-filtered-here")
def _(site):
    with_rules(site, "-P INPUT DROP")


@fault("igmp-filtered-here: output")
def _(site):
    with_rules(site, "-A OUTPUT -p igmp -j REJECT")


@fault("igmp-filtered-here: nftables")
def _(site):
    site.ours()
    site.member.join(GROUP)
    with site.here.entered():
        run("nft", "add table inet guard")
        run("nft", "add chain inet guard entry { type filter hook input priority 0; policy drop; }")
        run("nft", "add rule inet guard entry ct state established,related accept")


@fault("filtered-without-members")
def _(site):
    site.ours()
    with site.here.entered():
        run("iptables", "-P", "INPUT", "DROP")


@fault("own-host-mute")
def _(site):
    # A match that only the kernel understands: what it does shows by its effect alone.
    with_rules(site, "-A INPUT -m addrtype --dst-type MULTICAST -j DROP")
    return "--listen 4"


@fault("stream-filtered-here")
def _(site):
    with_rules(site, "-A INPUT -p udp -j DROP")
    site.stream()
    return "--listen 3"


@fault("rp-filter-drops")
def _(site):
    site.ours()
    site.second_lan()
    site.here.sysctl("net/ipv4/conf/eth0/rp_filter", 1)
    site.here.ip("route add 203.0.113.0/24 via 198.51.100.9 dev eth1")
    site.member.join(GROUP)
    site.stream(address="203.0.113.7/24")
    return "--listen 3"


@fault("strict-rp-filter")
def _(site):
    site.ours()
    site.second_lan()
    site.here.sysctl("net/ipv4/conf/eth0/rp_filter", 1)
    return "-i eth0"


@fault("memberships-full")
def _(site):
    site.ours()
    for number in range(20):
        site.member.join(f"239.5.5.{number}")
    with pytest.raises(OSError):
        site.member.join("239.5.5.99")


@fault("memberships-near")
def _(site):
    site.ours()
    for number in range(19):
        site.member.join(f"239.5.5.{number}")


@fault("forced-version")
def _(site):
    site.ours()
    speak(site.here, "IGMP", 3)


@fault("port-of-bridge")
def _(site):
    site.ours()
    site.here.ip("link add br7 type bridge mcast_snooping 0")
    site.here.ip("link set br7 up")
    site.here.ip("address flush dev eth0")
    site.here.ip("link set eth0 master br7")
    site.here.ip("address add 192.0.2.5/24 dev br7")
    return "-i eth0 --listen 1"


@fault("two-interfaces-one-lan")
def _(site):
    site.ours()
    site.lab.link(site.here, "eth1", site.switch.namespace, "here1")
    site.switch.attach("here1")
    site.here.ip("address add 192.0.2.6/24 dev eth1")
    return "-i eth0"


@fault("multicast-route")
def _(site):
    site.ours()
    site.here.ip("link set lo multicast on")
    site.here.ip("route add default via 192.0.2.1")
    site.here.ip("route add 239.0.0.0/8 dev lo")


@fault("joined-elsewhere")
def _(site):
    site.ours()
    site.second_lan()
    Member(site.here, "eth1").join(GROUP)
    # The switch brings the stream, since another program joined it from here before.
    site.say(packets.ethernet(packets.ipv4("192.0.2.5", packets.report(GROUP), GROUP), b"\x01\0\x5e\1\2\3"), label="here")
    site.stream()
    return "-i eth0 --listen 3"


@fault("joined-elsewhere: lo")
def _(site):
    site.ours()
    site.here.ip("link set lo multicast on")
    Member(site.here, "lo").join(GROUP)
    site.say(packets.ethernet(packets.ipv4("192.0.2.5", packets.report(GROUP), GROUP), b"\x01\0\x5e\1\2\3"), label="here")
    site.stream()
    return "-i eth0 --listen 3"


@fault("silent-sender")
def _(site):
    site.ours()
    site.member.join(GROUP)
    return f"{GROUP} --listen 4"


@fault("no-lan-interface")
def _(site):
    site.here.ip("link set eth0 down")


@fault("bridge-unspecified-querier")
def _(site):
    own_bridge(site, "mcast_querier 1 mcast_query_interval 100 mcast_startup_query_interval 50")
    return "-i br7 --listen 3"


@fault("bridge-querier-competes")
def _(site):
    site.ours()
    own_bridge(site, "mcast_querier 1 mcast_query_use_ifaddr 1")
    return "-i br7 --listen 3"


@fault("receive-buffer-full")
def _(site):
    site.ours()
    site.member.join(GROUP)
    with site.here.entered():
        lazy = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    site.lab.cleanup.callback(lazy.close)
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    lazy.bind(("", 5004))
    lazy.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton("192.0.2.5"))
    site.stream()
    return "--listen 4"


@fault("unjoined-stream")
def _(site):
    querier = site.other("querier", "192.0.2.1/24")
    querier.querier("-i eth0", FAST)
    site.stream()
    return site.begin("--listen 3", host=querier)


# --- our daemon ----------------------------------------------------------------------------------------------------

@fault("daemon-elsewhere")
def _(site):
    site.second_lan()
    api = Api(site.lab)
    site.here.querier("-i eth1", FAST, api.option)
    api.ready()
    site.member.join(GROUP)
    return f"{api.option} --listen 5"


@fault("daemon-unreachable")
def _(site):
    site.ours()
    api = Api(site.lab)
    site.here.querier("-i eth0", FAST, api.option)
    api.ready()
    words = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", IGMP_QUERIER, "doctor", "--json", *api.option.split()]
    return site.here.start(*words)


@fault("ipv6-off")
def _(site):
    site.ours()
    api = Api(site.lab)
    site.here.querier("-i eth0 --mld", FAST, api.option)
    api.ready()
    return f"{api.option} --listen 2"


# --- what takes as long as the longest query interval ---------------------------------------------------------------

def own_bridge(site, options):
    """The host's own bridge, with the LAN in one port and another host in the other."""
    site.here.ip(f"link add br7 type bridge forward_delay 0 mcast_snooping 1 {options}")
    site.here.ip("link set br7 up")
    site.here.ip("address flush dev eth0")
    site.here.ip("link set eth0 master br7")
    site.here.ip("address add 192.0.2.5/24 dev br7")
    site.second_lan()
    site.here.ip("address flush dev eth1")
    site.here.ip("link set eth1 master br7")


@slow("no-querier")
def _(site):
    site.member.join(GROUP)


@slow("no-querier: MLD")
def _(site):
    site.ours()
    site.here.enable_ipv6("fe80::5/64")
    site.member.join("ff15::1:2:3")


@slow("bridge-without-querier")
def _(site):
    own_bridge(site, "")
    Member(site.here, "br7").join(GROUP)
    return "-i br7"


# --- and where nothing is wrong --------------------------------------------------------------------------------------

@healthy("our querier")
def _(site):
    site.ours()
    site.member.join(GROUP)
    site.stream()
    return GROUP


@healthy("our querier, its own host")
def _(site):
    querier = site.other("querier", "192.0.2.1/24")
    api = Api(site.lab)
    querier.querier("-i eth0", FAST, api.option)
    api.ready()
    site.member.join(GROUP)
    return site.begin(api.option, host=querier)


@healthy("IGMPv3")
def _(site):
    site.ours("--igmp-version 3")
    site.member.join(GROUP)


@healthy("a bridge's querier")
def _(site):
    host = site.other("bridge7", "192.0.2.2/24")
    host.ip("link add br7 type bridge forward_delay 0 mcast_snooping 1 mcast_querier 1 mcast_query_use_ifaddr 1"
            " mcast_query_interval 100 mcast_query_response_interval 50 mcast_startup_query_interval 50")
    host.ip("link set br7 up")
    host.ip("address flush dev eth0")
    host.ip("link set eth0 master br7")
    host.ip("address add 192.0.2.2/24 dev br7")
    site.member.join(GROUP)


@healthy("FRR's querier")
def _(site):
    router = Frr(site.lab, site.switch, "router", "192.0.2.3/24", 2)
    wait(lambda: router.querier(), 15, what="FRR to query")
    site.member.join(GROUP)


@healthy("two queriers, one elected")
def _(site):
    site.ours()
    site.other("second", "192.0.2.2/24").querier("-i eth0", FAST)
    site.member.join(GROUP)
    return "--listen 4"


@healthy("MLD")
def _(site):
    site.here.enable_ipv6("fe80::5/64")
    site.other("querier", "192.0.2.1/24").enable_ipv6("fe80::1/64")
    site.ours("--mld")
    site.member.join("ff15::1:2:3")


@healthy("no multicast at all")
def _(site):
    return "--listen 3"


def examine(site, prepared, timeout=60):
    """Ends what a case began."""
    process = prepared if hasattr(prepared, "finish") else site.begin(prepared or "")
    return Verdict(process, timeout)


def judged(verdict, expected, record_property, switch):
    """It is found by its name, and no problem beside it."""
    record_property("matrix", f"{expected:32} {switch:8} {' '.join(sorted(verdict.ids())) or 'nothing'}")
    name = expected.partition(":")[0]
    assert name in verdict.ids(), verdict.json["findings"]
    assert verdict.problems <= {name} | BESIDE.get(name, set()), verdict.json["findings"]
    could_not_look = name == "daemon-unreachable"
    assert verdict.code == (1 if verdict.problems else 2 if could_not_look else 0)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found(lab, name, switch, record_property):
    site = Site(lab, SWITCHES[switch](lab))
    judged(examine(site, FAULTS[name](site)), name, record_property, switch)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_lan_has_no_problem(lab, name, switch, record_property):
    site = Site(lab, SWITCHES[switch](lab))
    verdict = examine(site, HEALTHY[name](site))
    record_property("matrix", f"{name:32} {switch:8} {' '.join(sorted(verdict.ids())) or 'nothing'}")
    assert not verdict.ids("problem", "risk"), verdict.json["findings"]
    assert verdict.code == 0


@pytest.mark.slow
def test_faults_that_take_as_long_as_a_query_interval(isolated, record_property):
    """All at once, each in a laboratory of its own."""
    with contextlib.ExitStack() as stack:
        running = []
        for name, switch in itertools.product(SLOW, SWITCHES):
            if switch == "OVS" and name.startswith("bridge"):
                continue  # the host's own bridge is the switch
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="iq-"))
            lab = stack.enter_context(Lab(directory))
            site = Site(lab, SWITCHES[switch](lab))
            running.append((name, switch, site.begin(SLOW[name](site) or "")))
        for name, switch, process in running:
            judged(Verdict(process, 150), name, record_property, switch)


# --- the command ---------------------------------------------------------------------------------------------------

def test_doctor_sends_nothing(lab):
    """Neither IGMP nor anything else; the host is quiet otherwise."""
    host, peer = lab.pair("192.0.2.5/24")
    wire = peer.capture()
    process = host.start(IGMP_QUERIER, "doctor", "--json", "--listen", "2", "239.1.2.3")
    assert process.finish(20) == 0
    assert not wire.frames()


def test_active_asks_once_where_no_querier_is_heard(lab):
    site = Site(lab, Hub(lab))
    receiver = site.other("receiver", "192.0.2.20/24")
    Member(receiver).join(GROUP)
    wire = receiver.capture(protocol=packets.IGMP)
    verdict = site.doctor("--active --listen 1")
    assert len(wire.queries(source="192.0.2.5")) == 1
    assert verdict.json["lans"][0]["answers"] == ["192.0.2.20"]


def test_active_asks_nothing_where_there_is_a_querier(lab):
    site = Site(lab, Hub(lab))
    site.ours()
    wire = site.other("receiver", "192.0.2.20/24").capture(protocol=packets.IGMP)
    verdict = site.doctor("--active --listen 2")
    assert not wire.queries(source="192.0.2.5")
    assert verdict.json["lans"][0]["answers"] is None


def test_json_has_the_form_of_the_schema(lab):
    site = Site(lab, Hub(lab))
    site.ours()
    site.member.join(GROUP)
    site.stream()
    verdict = site.doctor(GROUP)
    schema = json.loads((REPOSITORY / "docs/doctor.schema.json").read_text())
    jsonschema.validate(verdict.json, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(verdict.json | {"class": "fine"}, schema)
    (lan,) = verdict.json["lans"]
    (stream,) = lan["links"][0]["streams"]
    assert (stream["group"], stream["source"], stream["ttl"]) == (GROUP, "192.0.2.30", 1)


def test_text_follows_one_stream(lab):
    site = Site(lab, Hub(lab))
    site.ours()
    site.member.join(GROUP)
    site.stream()
    process = site.here.start(IGMP_QUERIER, "doctor", GROUP, "--api-socket", "/none")
    assert process.finish(30) == 0
    text = process.stdout.read_text()
    assert re.search(r"192\.0\.2\.1 is the querier, in version 2, every 1(\.\d+)? s", text)
    assert re.search(r"sent by 192\.0\.2\.30 \(\S+\) to port 5004: \d+\.\d packets", text)
    assert "joined by this host on eth0" in text
    assert "joined on eth0 by 192.0.2.5, which answers" in text
    assert text.endswith("class: lan-capable\nnext step: nothing; to measure it with a stream: igmp-querier soak --help\n")


def test_bundle_has_no_names_and_no_whole_addresses(lab):
    site = Site(lab, Hub(lab))
    site.ours()
    site.member.join(GROUP)
    for options, whole in (("", False), ("--full", True)):
        bundle = lab.directory / "bundle.tar"
        site.doctor("--listen 1.5 --bundle", bundle, options)
        with tarfile.open(bundle) as archive:
            texts = {name.rpartition("/")[2]: archive.extractfile(name).read().decode() for name in archive.getnames()}
        assert set(texts) == {"doctor.txt", "doctor.json", "firewall.json", "version.txt"}
        assert ("192.0.2.1" in texts["doctor.json"]) == ("192.0.2.5/24" in texts["doctor.txt"]) == whole
        assert (socket.gethostname() in "".join(texts.values())) == whole
        assert GROUP in texts["doctor.json"]
        json.loads(texts["doctor.json"])


def test_without_privileges_it_says_what_it_cannot_see(lab):
    site = Site(lab, Hub(lab))
    words = ["setpriv", "--reuid=65534", "--clear-groups", IGMP_QUERIER, "doctor", "--api-socket", "/none"]
    process = site.here.start(*words)
    assert process.finish(20) == 2
    text = process.stdout.read_text()
    assert "not seen: the packets on eth0: " in text
    assert "not seen: the rules of the firewall: run with sudo" in text
    assert not process.stderr.read_text()


def test_sigint_tells_what_is_known(lab):
    site = Site(lab, Hub(lab))
    process = site.begin("--listen 60")
    assert process.stop(signal.SIGINT) == 130
    assert json.loads(process.stdout.read_text())["interrupted"] is True


@pytest.mark.parametrize("options, said, code", [
    ("-i nope", "there is no interface 'nope'", 2),
    ("-i lo", "interface 'lo' is no Ethernet, or has no multicast", 2),
    ("192.0.2.1", "'192.0.2.1' is no multicast address", 2),
    ("239.1.2", "'239.1.2' is no multicast address", 2),
    ("224.0.0.251", "224.0.0.251 goes to every port of every switch", 2),
    ("ff02::fb", "ff02::fb goes to every port of every switch", 2),
    ("--bundle /nowhere/x", "cannot write /nowhere/x: No such file or directory", 2),
    ("--listen 0", "--listen: Value 0 not in range", 2),
])
def test_wrong_usage(lab, options, said, code):
    host, _ = lab.pair()
    process = host.start(IGMP_QUERIER, "doctor", *options.split())
    assert process.finish() == code
    (line,) = process.log()
    assert said in line
    assert not process.stdout.read_text()


def test_an_interface_that_goes_away_ends_the_listening(lab):
    site = Site(lab, Hub(lab))
    process = site.begin("-i eth0 --listen 20")
    site.here.ip("link del eth0")
    verdict = Verdict(process, 10)
    assert verdict.code == 1
    assert verdict.problems == {"no-lan-interface"}
    assert verdict.json["not-seen"] == ["the packets on eth0: cannot receive: Network is down"]


def test_another_interface_goes_on_when_one_goes_away(lab):
    site = Site(lab, Hub(lab))
    site.ours()
    site.second_lan()
    process = site.begin("-i eth0 -i eth1 --listen 3")
    site.here.ip("link del eth1")
    verdict = Verdict(process, 10)
    assert verdict.code == 0
    assert verdict.json["not-seen"] == ["the packets on eth1: cannot receive: Network is down"]
    assert verdict.json["lans"][0]["links"][0]["queries"] >= 2
