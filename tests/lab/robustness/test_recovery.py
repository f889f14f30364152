"""What goes wrong on the machine itself: lost notifications, ambushed configurations, a log that nobody reads."""

import os
import signal
import time

from harness import packets
from harness.lab import BRISK, FAST, IGMP_QUERIER, expect_silence, wait
from harness.news import overwhelm


def served_by_file(lab, options):
    """A querier on eth0 because its file says so, after its first query."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture(protocol=packets.IGMP)
    file = lab.directory / "querier.toml"
    file.write_text("[interface.eth0]\n")
    querier = host.querier(f"-c {file}", options)
    wire.wait_queries(1)
    return wire, file, querier


def reload(querier, file, text):
    file.write_text(text)
    querier.popen.send_signal(signal.SIGHUP)


def test_after_lost_notifications_it_knows_the_truth(lab):
    """It sleeps through more changes than the kernel can keep: that its address went away is kept, that it came back is
    lost. What was kept is older than what it finds when it looks, and must not be taken for news."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", FAST)
    wire.wait_queries(1, source="192.0.2.1")
    querier.popen.send_signal(signal.SIGSTOP)
    host.ip("address del 192.0.2.1/24 dev eth0")
    overwhelm(host)
    host.ip("address add 192.0.2.1/24 dev eth0")
    since = time.time()
    querier.popen.send_signal(signal.SIGCONT)
    wire.wait_queries(3, source="192.0.2.1", since=since)


def test_an_interface_recreated_unseen_with_the_same_index_receives(lab):
    """Name and index are as before, and the notification of the change was lost. A socket on the former interface
    would receive nothing, and miss the lower querier. (IGMP-Q-05)"""
    host, peer = lab.namespace("host"), lab.namespace("peer")

    def make():
        host.ip(f"link add eth0 index 77 type veth peer name eth0 netns {peer.name}")
        host.ip("address add 192.0.2.20/24 dev eth0")
        host.ip("link set eth0 up")
        peer.ip("link set eth0 up")

    make()
    querier = host.querier("-i eth0", BRISK, "-t 60")
    querier.wait_log("Startup")
    querier.popen.send_signal(signal.SIGSTOP)
    host.ip("link del eth0")
    overwhelm(host)
    make()
    wire = peer.capture(protocol=packets.IGMP)
    querier.popen.send_signal(signal.SIGCONT)
    wire.wait_queries(2, source="192.0.2.20")
    peer.send(packets.general_query("192.0.2.10"))
    querier.wait_log("LOST to lower IP 192.0.2.10")
    expect_silence(0.6, wire, source="192.0.2.20")


def test_a_port_of_a_bridge_is_not_used_even_with_an_address(lab):
    """The bridge takes what its port receives: a querier there would receive nothing, and query beside the real one."""
    host, peer = lab.pair("192.0.2.20/24")
    wire = peer.capture(protocol=packets.IGMP)
    host.ip("link add br0 type bridge")
    host.ip("link set eth0 master br0")
    querier = host.querier("-i eth0", BRISK)
    querier.wait_log("eth0: waiting for its bridge or bond to let it go")
    expect_silence(0.6, wire)
    host.ip("link set eth0 nomaster")
    wire.wait_queries(2, source="192.0.2.20")


def test_of_default_routes_the_best_that_leads_over_ethernet_counts(lab):
    """A tunnel with the lower metric does not hide the LAN."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture(protocol=packets.IGMP)
    host.ip("tuntap add dev tun0 mode tun")
    host.ip("link set tun0 up")
    host.ip("route add default dev tun0 metric 50")
    host.ip("route add default via 192.0.2.254 dev eth0 metric 100")
    querier = host.querier(BRISK)
    wire.wait_queries(2, source="192.0.2.1")
    assert querier.logged(r"Starting IGMP Querier on eth0")


def test_the_default_route_is_followed_once_its_interface_is_gone(lab):
    """Not before: the LAN to serve does not change with the route."""
    host, peer = lab.pair("192.0.2.1/24")
    lab.link(host, "eth1", peer, "eth1")
    host.ip("address add 198.51.100.1/24 dev eth1")
    host.ip("route add default via 192.0.2.254 dev eth0")
    second = peer.capture("eth1", packets.IGMP)
    querier = host.querier(BRISK)
    querier.wait_log("Starting IGMP Querier on eth0")
    host.ip("route add default via 198.51.100.254 dev eth1 metric 5")
    expect_silence(0.5, second)
    host.ip("link del eth0")
    second.wait_queries(2, source="198.51.100.1")
    assert querier.logged("eth0: no longer served")


def test_a_configuration_that_never_ends_is_refused(lab):
    """A pipe that nobody writes to must not keep the daemon from asking."""
    wire, file, querier = served_by_file(lab, BRISK)
    file.unlink()
    os.mkfifo(file)
    querier.popen.send_signal(signal.SIGHUP)
    querier.wait_log("not reloaded, nothing has changed: .*it is not a regular file")
    file.unlink()
    reload(querier, file, "[" + "a." * 30000 + "a]\n")
    querier.wait_log("nothing has changed: .*more than 250 dots in one line")
    wire.wait_queries(2, since=time.time())


def test_an_interface_dropped_by_a_reload_counts_in_the_statistics(lab):
    wire, file, querier = served_by_file(lab, FAST)
    wire.wait_queries(3)
    reload(querier, file, "[interface.eth7]\n")
    querier.wait_log("eth0: no longer served")
    assert querier.stop() == 0
    assert querier.logged(rf"Final stats: {len(wire.queries())} queries sent, 0 elections lost")


def test_a_reload_refuses_what_a_start_refuses(lab):
    wire, file, querier = served_by_file(lab, BRISK)
    reload(querier, file, "[interface.lo]\n")
    querier.wait_log("nothing has changed: interface 'lo' is a loopback")
    wire.wait_queries(2, since=time.time())


def test_a_reload_while_the_interface_is_missing_is_accepted(lab):
    """Only a start without --wait insists on it; the new settings hold when it returns."""
    host, peer = lab.pair("192.0.2.1/24")
    file = lab.directory / "querier.toml"
    file.write_text("")
    querier = host.querier(f"-i eth0 -c {file}", BRISK)
    querier.wait_log("Startup")
    host.ip("link set eth0 name away0")
    querier.wait_log("waiting for the interface to appear")
    reload(querier, file, "[defaults.igmp]\nversion = 3\n")
    querier.wait_log("configuration reloaded")
    wire = peer.capture(protocol=packets.IGMP)
    host.ip("link set away0 name eth0")
    host.ip("link set eth0 up")
    assert len(wire.wait_queries(1)[0].payload) == 12


def test_a_log_that_nobody_reads_delays_nothing(lab):
    """Standard error is a full pipe: lines are lost, queries and the end are not."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture(protocol=packets.IGMP)
    reader, writer = os.pipe()
    lab.cleanup.callback(os.close, reader)
    os.set_blocking(writer, False)
    try:
        while os.write(writer, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writer, True)
    querier = host.querier("-i eth0 -v", BRISK, stderr=writer)
    os.close(writer)
    wire.wait_queries(3)
    assert querier.stop() == 0


def test_closed_standard_descriptors_do_not_become_sockets(lab):
    """Whoever starts it without them must not find its log on the wire."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture()
    querier = host.start("sh", "-c", f"exec {IGMP_QUERIER} -i eth0 -v {BRISK} <&- >&- 2>&-")
    wire.wait_queries(3)
    for fd in range(3):
        assert os.readlink(f"/proc/{querier.popen.pid}/fd/{fd}") == "/dev/null"
    assert all(frame.is_query() for frame in wire.frames() if not frame.outgoing)
    assert querier.stop() == 0


def test_a_terminal_that_closes_ends_it(lab):
    """SIGHUP means "reload" to a daemon, but here it means that the one who started it has gone."""
    host, peer = lab.pair("192.0.2.1/24")
    wire = peer.capture(protocol=packets.IGMP)
    with host.entered():
        pid, terminal = os.forkpty()
        if pid == 0:
            os.execv(IGMP_QUERIER, [IGMP_QUERIER, "-i", "eth0", *BRISK.split()])
    try:
        wire.wait_queries(2)
        os.kill(pid, signal.SIGHUP)  # while the terminal is there, it does reload
        wire.wait_queries(2, since=time.time())
        os.close(terminal)
        wait(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, what="the end")
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
