"""System calls that fail, in the program that ships: it says what is wrong, tries again, and asks within a second of
when it can. README.md has the whole list of faults and the tests that show what comes of them."""

import errno
import os
import pathlib
import signal
import socket
import time

import pytest

from harness import packets
from harness.api import Api
from harness.faults import Faults
from harness.lab import FAST, IGMP_QUERIER, wait

SLOW = "-q 60 --startup-count 1"  # whatever is sent soon is sent because of the fault
SECOND = 1.5  # with what a loaded machine adds
GROUP = "239.1.1.1"


class Scene:
    """A querier whose system calls fail at will, with its API, and the wire."""

    def __init__(self, lab, options=SLOW, address="192.0.2.10/24", begins=True):
        self.faults, self.api = Faults(lab), Api(lab)
        self.host, self.peer = lab.pair(address)
        self.wire = self.peer.capture(protocol=packets.IGMP)
        if begins:
            self.begin(options)
            self.wire.wait_queries(1)

    def begin(self, options=SLOW):
        self.querier = self.faults.querier(self.host, "-i eth0", options, self.api.option)
        self.api.ready()

    def request_query(self):
        """Whether one that is asked for at once was sent."""
        return self.api.ask("/v1/query", "POST").status == 200

    def expect_query(self, since):
        assert self.wire.wait_queries(1, since=since)[0].time - since < SECOND


def readdress(scene):
    scene.host.ip("address del 192.0.2.10/24 dev eth0")
    scene.host.ip("address add 192.0.2.5/24 dev eth0")


@pytest.mark.parametrize("error", [errno.ENOBUFS, errno.ENOMEM, errno.EPERM, errno.ENETUNREACH])
def test_a_query_that_cannot_be_sent_is_sent_within_a_second(lab, error):
    """Not at the next one, which is a minute away."""
    scene = Scene(lab)
    follower = scene.api.follow()
    scene.faults.fail("sendto", error, domain=socket.AF_PACKET)
    scene.request_query()
    words = f"cannot send a query: {os.strerror(error)}; trying again"
    assert words in follower.wait(event="failed")["message"]
    wait(lambda: scene.faults.failed("sendto") >= 2, what="another attempt")
    seen = scene.api.interface()
    assert not seen["healthy"] and "cannot send queries" in seen["verdict"]
    assert len(scene.querier.logged("cannot send")) == 1
    since = time.time()
    scene.faults.heal("sendto")
    scene.expect_query(since)
    assert scene.api.interface()["healthy"]


def test_the_burst_goes_on_when_its_first_query_fails(lab):
    scene = Scene(lab, begins=False)
    scene.faults.fail("sendto", errno.ENOBUFS, times=1, domain=socket.AF_PACKET)
    scene.begin("-q 30 --startup-interval 0.2 --startup-count 4")
    scene.wire.wait_queries(3)
    assert scene.faults.failed("sendto") == 1


@pytest.mark.parametrize("version", [2, 3])
def test_specific_queries_that_cannot_be_sent_are_sent_later(lab, version):
    """All of the round; until then the group that was left stays, and afterwards it goes."""
    scene = Scene(lab, f"{SLOW} --igmp-version {version}")

    def say(kind, leave):
        message = packets.report_v3(packets.record(kind, GROUP)) if version == 3 else packets.report(GROUP, leave)
        scene.peer.send(packets.ethernet(packets.ipv4("192.0.2.99", message)))

    def groups():
        return [group["group-address"] for group in scene.api.get("/v1/groups")["groups"]]

    def specific(since):
        return [frame for frame in scene.wire.frames()
                if frame.time > since and frame.is_igmp(packets.QUERY) and not frame.is_query()]

    say(packets.TO_EX, packets.REPORT_V2)
    wait(lambda: groups() == [GROUP], what="the group")
    scene.faults.fail("sendto", errno.ENOBUFS, domain=socket.AF_PACKET)
    start = time.time()
    say(packets.TO_IN, packets.LEAVE)
    wait(lambda: scene.faults.failed("sendto") >= 4, what="attempts", timeout=8)
    assert groups() == [GROUP] and len(scene.querier.logged("cannot send")) == 1
    since = time.time()
    scene.faults.heal("sendto")
    frames = wait(lambda: len(specific(since)) >= 2 and specific(since), what="the round")
    assert not [frame for frame in specific(start) if frame.time <= since]
    assert frames[0].time - since < SECOND and frames[1].time - frames[0].time == pytest.approx(1, abs=0.3)
    wait(lambda: not groups(), what="the end of the group")
    assert len(specific(since)) == 2


@pytest.mark.parametrize("error", [errno.ENOBUFS, errno.ENOMEM, errno.EPERM])
def test_what_this_hosts_programs_miss_does_not_keep_others_from_hearing(lab, error):
    scene = Scene(lab)
    scene.faults.fail("sendmsg", error, domain=socket.AF_INET)
    since = time.time()
    assert scene.request_query()
    scene.expect_query(since)
    assert "programs on this host do not receive the queries" in scene.api.interface()["verdict"]
    scene.faults.heal("sendmsg")
    assert scene.request_query() and scene.api.interface()["healthy"]


@pytest.mark.parametrize("call, error", [("socket", errno.EMFILE), ("socket", errno.ENFILE), ("socket", errno.ENOMEM),
                                         ("setsockopt", errno.ENOMEM), ("bind", errno.ENODEV)])
def test_sockets_that_cannot_be_opened_are_tried_again(lab, call, error):
    scene = Scene(lab, begins=False)
    scene.faults.fail(call, error, domain=socket.AF_PACKET)
    scene.begin()
    seen = scene.api.wait_interface(lambda seen: seen["role"] == "waiting", "a failure")
    assert "cannot open its sockets" in seen["verdict"]
    assert len(scene.querier.wait_log(os.strerror(error) + "; trying again every second")) == 1
    wait(lambda: scene.faults.failed(call) >= 4, what="another attempt")  # two sockets each
    assert not scene.wire.queries()
    since = time.time()
    scene.faults.heal(call)
    scene.expect_query(since)
    assert scene.api.interface()["healthy"]


@pytest.mark.parametrize("error", [errno.ENOBUFS, errno.ENOMEM, errno.EIO])
def test_notifications_that_cannot_be_read_are_made_good(lab, error):
    """Lost ones (ENOBUFS), or any other failure: it looks at everything anew."""
    scene = Scene(lab)
    scene.faults.fail("recvmsg", error, times=1, domain=socket.AF_NETLINK)
    since = time.time()
    readdress(scene)
    assert scene.wire.wait_queries(1, source="192.0.2.5")[0].time - since < SECOND
    assert scene.faults.failed("recvmsg") == 1


@pytest.mark.parametrize("call, error", [("recvmsg", errno.ENOBUFS), ("socket", errno.EMFILE), ("sendto", errno.ENOMEM)])
def test_interfaces_that_cannot_be_listed_are_listed_later(lab, call, error):
    """The notifications were lost, and looking at everything fails as well, for a while."""
    scene = Scene(lab)
    scene.faults.fail("recvmsg", errno.ENOBUFS, times=1 if call != "recvmsg" else -1, domain=socket.AF_NETLINK)
    if call != "recvmsg":
        scene.faults.fail(call, error, domain=socket.AF_NETLINK)
    readdress(scene)
    scene.querier.wait_log("trying again every second")
    since = time.time()
    for each in "recvmsg", call:
        scene.faults.heal(each)
    scene.wire.wait_queries(1, source="192.0.2.5")
    assert scene.wire.queries("192.0.2.5")[0].time - since < SECOND


def test_a_client_that_cannot_be_accepted_waits(lab):
    """Out of descriptors: the daemon does not spin, asks on, and answers when it can."""
    scene = Scene(lab, FAST)
    scene.faults.fail("accept4", errno.EMFILE)
    before = scene.querier.cpu_seconds()
    with scene.api.connect(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n") as client:
        scene.wire.wait_queries(2, since=time.time())
        assert scene.querier.cpu_seconds() - before < 0.5
        assert scene.faults.heal("accept4") > 0
        assert b"200 OK" in client.recv(100)


def test_the_limit_of_descriptors_is_survived(lab):
    """A real limit: clients take what is left, an interface comes meanwhile, and is served when they go."""
    scene = Scene(lab, "-q 60 --startup-count 1", begins=False)
    scene.querier = scene.host.start("prlimit", "--nofile=24", IGMP_QUERIER, "-i", "eth0", "-i", "eth1", "--wait",
                                     *SLOW.split(), *scene.api.option.split())
    scene.api.ready()
    scene.wire.wait_queries(1)
    clients = [scene.api.connect(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(24)]
    descriptors = pathlib.Path(f"/proc/{scene.querier.popen.pid}/fd")
    wait(lambda: len(list(descriptors.iterdir())) == 24, what="no descriptor is left")
    lab.link(scene.host, "eth1", scene.peer, "eth1")
    wire = scene.peer.capture("eth1", packets.IGMP)
    scene.host.ip("address add 198.51.100.1/24 dev eth1")
    scene.querier.wait_log("Too many open files; trying again every second")
    assert not wire.queries()
    since = time.time()
    for client in clients:
        client.close()
    wire.wait_queries(1)
    assert wire.queries()[0].time - since < SECOND + 1  # a second for the interfaces, and one for the sockets
    assert scene.querier.stop() == 0


@pytest.mark.parametrize("target", ["/dev/full", "a full disk"])
def test_a_log_that_cannot_be_written_delays_nothing(lab, target):
    """What does not fit is lost; what comes when there is room again is not."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    room = lab.directory / "disk"
    room.mkdir()
    if target != "/dev/full":
        target = room / "log"
        script = f"mount -t tmpfs -o size=4096 none {room} && head -c 4096 /dev/zero > {target} && "
    else:
        script = ""
    querier = host.start("unshare", "--mount", "sh", "-c",
                         f"{script}exec {IGMP_QUERIER} -i eth0 -v {FAST} 2>> {target}")
    wire.wait_queries(5)
    if script:
        log = pathlib.Path(f"/proc/{querier.popen.pid}/root{target}")
        assert log.stat().st_size == 4096
        os.truncate(log, 0)
        wait(lambda: b"sent IGMPv2 General Query" in log.read_bytes(), what="a line of the log")
    assert querier.stop() == 0


def test_a_read_only_system_is_enough(lab):
    """It writes nothing but its socket, and says if that cannot be."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    file = lab.directory / "querier.toml"
    file.write_text("[interface.eth0]\n")
    read_only = "mount -o remount,bind,ro / && mount --bind / /mnt && mount -o remount,bind,ro /mnt && exec chroot /mnt "
    refused = host.start("unshare", "--mount", "sh", "-c",
                         f"{read_only} {IGMP_QUERIER} -i eth0 --api-socket {lab.directory}/api.sock")
    assert refused.finish() == 1
    assert "Read-only file system" in refused.log()[-1] and "--api-socket" in refused.log()[-1]
    querier = host.start("unshare", "--mount", "sh", "-c", f"{read_only} {IGMP_QUERIER} -c {file} {FAST}")
    wire.wait_queries(3)
    querier.popen.send_signal(signal.SIGHUP)
    querier.wait_log("configuration reloaded")
    wire.wait_queries(1, since=time.time())
    assert querier.stop() == 0


@pytest.mark.parametrize("jump", [86400, -86400])
def test_the_time_of_day_means_nothing_to_the_protocol(lab, jump):
    """Set forward or back by a day: the beat stays, groups and roles stay, and the log tells the new time."""
    scene = Scene(lab, FAST)
    scene.peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report("239.1.2.3"), "239.1.2.3")))
    [group] = wait(lambda: scene.api.get("/v1/groups")["groups"], what="a group")
    since = time.time()
    scene.faults.set_clock(jump)
    [later] = scene.api.get("/v1/groups")["groups"]
    assert 0 <= group["expire"] - later["expire"] < 1 and 0 <= later["up-time"] - group["up-time"] < 1
    frames = scene.wire.wait_queries(6, since=since, timeout=8)[3:]  # after the burst
    for left, right in zip(frames, frames[1:]):
        assert right.time - left.time == pytest.approx(1, abs=0.4)
    assert scene.api.interface()["role"] == "querier"
    before = len(scene.querier.log())
    scene.querier.popen.send_signal(signal.SIGHUP)
    wait(lambda: len(scene.querier.log()) > before, what="a line of the log")
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() + jump))
    assert scene.querier.log()[-1].startswith(day)
