"""Links, addresses and processes that misbehave, and a thousand of each: README.md lists the faults and their tests."""

import os
import signal
import time

import pytest

from harness import packets
from harness.api import Api
from harness.lab import BRISK, FAST, expect_silence, run, wait
from harness.memory import burden

SECOND = 1.5  # with what a loaded machine adds
SLOW = "-q 60 --startup-interval 0.2"
MASTER = "192.0.2.10"


class Scene:
    """A querier at eth0 with its API, and the other end of its cable."""

    def __init__(self, lab, options=FAST, interfaces="-i eth0"):
        self.lab = lab
        self.host, self.peer = lab.pair(MASTER + "/24")
        self.api = Api(lab)
        self.wire = self.peer.capture(protocol=packets.IGMP)
        self.querier = self.host.querier(interfaces, options, self.api.option)
        self.api.ready()
        self.wire.wait_queries(1)

    def expect_query(self, since, source=MASTER, wire=None):
        assert (wire or self.wire).wait_queries(1, source=source, since=since)[0].time - since < SECOND

    def report(self, host, group):
        self.peer.send(packets.ethernet(packets.ipv4(host, packets.report(group), group)))


def test_a_carrier_that_flaps(lab):
    """Fifty times in five seconds: it follows, asks a second after the last at the latest, and not without end."""
    scene = Scene(lab, SLOW)
    began = time.time()
    for _ in range(50):
        scene.peer.ip("link set eth0 down")
        time.sleep(0.04)
        scene.peer.ip("link set eth0 up")
        time.sleep(0.04)
    since = time.time()
    scene.peer.ip("link set eth0 down")
    scene.api.wait_interface(lambda seen: seen["oper-status"] == "down", "no link")
    scene.peer.ip("link set eth0 up")
    scene.expect_query(since)
    wait(lambda: len(scene.wire.queries(since=since)) >= 3, what="the whole burst")
    seen = scene.api.interface()
    assert seen["role"] == "querier" and seen["healthy"]
    assert len(scene.wire.queries(since=began)) <= 51 + 2 * (since - began) / 0.2
    assert len(scene.querier.logged("waiting for link")) <= 60


def test_an_address_that_another_host_uses_too(lab):
    """It goes on asking, for streams matter more, and says who it is; once that has ended, all is well."""
    scene = Scene(lab, BRISK)
    follower = scene.api.follow()
    query = packets.general_query(MASTER)
    scene.peer.send(query)
    told = follower.wait(event="dropped", address=MASTER)
    mac = ":".join(f"{byte:02x}" for byte in packets.STRANGER_MAC)
    assert told["mac-address"] == mac and "two hosts on this LAN share it" in told["message"]
    seen = scene.api.interface()
    assert seen["role"] == "querier" and not seen["healthy"]
    assert f"{mac} uses our address {MASTER} as well" in seen["verdict"]
    scene.expect_query(time.time())
    scene.host.ip(f"address del {MASTER}/24 dev eth0")
    since = time.time()
    scene.host.ip("address add 192.0.2.11/24 dev eth0")
    scene.expect_query(since, "192.0.2.11")
    assert scene.api.interface()["healthy"]


def test_an_address_that_moves_to_another_interface(lab):
    """It asks where the address is, and is silent where it was."""
    scene = Scene(lab, BRISK, "-i eth0 -i eth1 --wait")
    lab.link(scene.host, "eth1", scene.peer, "eth1")
    other = scene.peer.capture("eth1", packets.IGMP)
    for here, there, wire, old in ("eth0", "eth1", other, scene.wire), ("eth1", "eth0", scene.wire, other):
        since = time.time()
        scene.host.ip(f"address del {MASTER}/24 dev {here}")
        scene.host.ip(f"address add {MASTER}/24 dev {there}")
        scene.expect_query(since, wire=wire)
        expect_silence(0.4, old)
        roles = {seen["interface-name"]: seen["role"] for seen in scene.api.get("/v1/status")["interfaces"]}
        assert roles == {here: "waiting", there: "querier"}


def test_an_interface_that_moves_to_another_namespace_and_back(lab):
    """Gone is gone, though it lives on elsewhere; nothing is sent there."""
    scene = Scene(lab, BRISK)
    elsewhere = lab.namespace("elsewhere")
    scene.host.ip(f"link set eth0 netns {elsewhere.name}")
    seen = scene.api.wait_interface(lambda seen: seen["role"] == "waiting", "no interface")
    assert "waiting for the interface to appear" in seen["verdict"]
    elsewhere.ip(f"address add {MASTER}/24 dev eth0")
    elsewhere.ip("link set eth0 up")
    expect_silence(0.5, scene.wire)
    elsewhere.ip(f"link set eth0 netns {scene.host.name}")
    scene.host.ip("link set eth0 up")
    since = time.time()
    scene.host.ip(f"address add {MASTER}/24 dev eth0")
    scene.expect_query(since)


@pytest.mark.parametrize("mtu", [68, 576, 9000])
def test_another_mtu(lab, mtu):
    """Queries are small: they go on, and nothing begins anew."""
    scene = Scene(lab)
    before = scene.api.interface()["statistics"]["role-changes"]
    for end in scene.host, scene.peer:
        end.ip(f"link set eth0 mtu {mtu}")
    scene.wire.wait_queries(2, since=time.time())
    seen = scene.api.interface()
    assert seen["statistics"]["role-changes"] == before and seen["healthy"]


def test_a_freeze_longer_than_every_timer(lab):
    """Meanwhile the other querier's and the group's time has run out: one query at once, no backlog, nothing stale."""
    scene = Scene(lab, "-q 1 --max-response 0.5 --startup-count 1 --jitter 0 -t 2")
    scene.report("192.0.2.20", "239.1.2.3")
    wait(lambda: scene.api.get("/v1/groups")["groups"], what="a group")
    scene.peer.send(packets.general_query("192.0.2.5"))
    scene.api.wait_interface(lambda seen: seen["role"] == "non-querier", "a lost election")
    scene.querier.popen.send_signal(signal.SIGSTOP)
    time.sleep(4.5)
    since = time.time()
    scene.querier.popen.send_signal(signal.SIGCONT)
    scene.expect_query(since)
    time.sleep(0.3)
    assert len(scene.wire.queries(since=since)) <= 2
    assert scene.api.interface()["role"] == "querier"
    assert not scene.api.get("/v1/groups")["groups"]


def test_killed_and_started_again(lab):
    """What it leaves behind, its socket and its claim, is no hindrance."""
    scene = Scene(lab, SLOW)
    for _ in range(3):
        scene.querier.stop(signal.SIGKILL)
        since = time.time()
        scene.querier = scene.host.querier("-i eth0", SLOW, scene.api.option)
        scene.expect_query(since)
        scene.api.ready()
        assert scene.api.interface()["healthy"]


def test_a_reload_in_the_middle_of_everything(lab):
    """A hundred reloads that change the version, while hosts join and leave and the link flaps: the last one holds."""
    host, peer = lab.pair(MASTER + "/24")
    file = lab.directory / "querier.toml"

    def write(version):
        text = "[interface.eth0.igmp]\nquery-interval = 1\nquery-max-response-time = 0.5\n" \
               f"startup-query-interval = 0.2\nversion = {version}\n"
        (lab.directory / "new").write_text(text)
        os.replace(lab.directory / "new", file)

    write(2)
    api = Api(lab)
    querier = host.querier(f"-c {file}", api.option)
    follower = api.ready().follow()
    for number in range(100):
        write(2 + number % 2)
        querier.popen.send_signal(signal.SIGHUP)
        source, group = f"192.0.2.{20 + number}", f"239.1.2.{number % 10}"
        peer.send(packets.ethernet(packets.ipv4(source, packets.report(group), group)))
        peer.send(packets.ethernet(packets.ipv4(source, packets.report(group, packets.LEAVE), "224.0.0.2")))
        if number % 10 == 0:
            peer.ip("link set eth0 down")
            peer.ip("link set eth0 up")
    write(3)
    querier.popen.send_signal(signal.SIGHUP)
    api.wait_interface(lambda seen: seen["settings"]["version"] == 3 and seen["role"] == "querier", "the last reload")
    wire = peer.capture(protocol=packets.IGMP)
    assert len(wire.wait_queries(2)[0].payload) == 12
    assert follower.wait(event="reloaded") and not querier.logged("not reloaded")
    assert querier.stop() == 0


def test_two_on_one_interface(lab):
    """By mistake, and neither can hear the other: both say so until one has gone."""
    scene = Scene(lab)
    api = Api(lab)
    second = scene.host.querier("-i eth0", FAST, api.option)
    follower = api.ready().follow("?since=0")
    words = "another igmp-querier on this machine serves this interface as well: stop one of the two"
    assert words in follower.wait(event="failed")["message"]
    second.wait_log("eth0: " + words)
    seen = api.wait_interface(lambda seen: not seen["healthy"], "a verdict")
    assert words in seen["verdict"] and seen["statistics"]["noticed"]["interface served twice"] >= 1
    since = time.time()
    scene.querier.stop()
    assert api.wait_interface(lambda seen: seen["healthy"], "all is well")["role"] == "querier"
    scene.expect_query(since)


def test_one_of_each_protocol_or_interface_is_no_mistake(lab):
    """Claims are for an interface and a protocol, in one network namespace."""
    scene = Scene(lab)
    lab.link(scene.host, "eth1", scene.peer, "eth1")
    scene.host.ip("address add 198.51.100.10/24 dev eth1")
    other = scene.host.querier("-i eth1", FAST)
    elsewhere, peer = lab.pair(MASTER + "/24")
    same_name = elsewhere.querier("-i eth0", FAST)
    for querier, wire in (other, scene.peer.capture("eth1", packets.IGMP)), (same_name, peer.capture()):
        wire.wait_queries(2)
        assert not querier.logged("another igmp-querier")
    assert scene.api.interface()["healthy"]


REPETITIONS = 1000


def batch(scene, lines, times):
    path = scene.lab.directory / "batch"
    path.write_text((lines + "\n") * times)
    run("ip", "-n", scene.host.name, "-batch", path)


def flap(scene, times):
    batch(scene, "link set eth0 down\nlink set eth0 up", times)


def readdress(scene, times):
    batch(scene, f"address del {MASTER}/24 dev eth0\naddress add {MASTER}/24 dev eth0", times)


def rename(scene, times):
    batch(scene, "link set eth0 down\nlink set eth0 name away\nlink set away name eth0\nlink set eth0 up", times)


def reload(scene, times):
    for _ in range(times):
        scene.querier.popen.send_signal(signal.SIGHUP)
        time.sleep(0.002)


def ask(scene, times):
    for _ in range(times):
        assert scene.api.ask("/v1/status").status == 200


def follow(scene, times):
    for _ in range(times):
        scene.api.follow().client.close()


def join_and_leave(scene, times):
    for number in range(times):
        group = f"239.{number % 250}.1.1"
        scene.report("192.0.2.20", group)
        scene.peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report(group, packets.LEAVE), "224.0.0.2")))


@pytest.mark.heavy
@pytest.mark.parametrize("repeated", [flap, readdress, rename, reload, ask, follow, join_and_leave])
def test_a_thousand_times_leaks_nothing(lab, repeated):
    """Descriptors and memory are as after the first thousand, which has filled buffers and the ring of events."""
    scene = Scene(lab, FAST + " --max-response 0.3")

    def settled():
        scene.api.wait_interface(lambda seen: seen["role"] == "querier" and seen["healthy"], "all is well")
        wait(lambda: not scene.api.get("/v1/groups")["groups"], 10, "no group is left")
        scene.expect_query(time.time())
        return burden(scene.querier)
    repeated(scene, REPETITIONS)
    descriptors, memory = settled()
    repeated(scene, REPETITIONS)
    after = settled()
    print(f"{repeated.__name__}: {descriptors} descriptors, {memory} KiB; then {after[0]}, {after[1]} KiB")
    assert after[0] == descriptors
    assert after[1] - memory <= 256, (memory, after[1])
