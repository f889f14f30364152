"""The laboratory: network namespaces, links, programs and captures that vanish when a test ends.

`isolate()` moves the process that runs the tests into a network and a mount namespace of its own.
From there the machine's interfaces cannot be reached at all, and whatever a test makes, named
namespaces included, goes away with the process however it ends. Programs are started with a parent
death signal, so they do not outlive it either, and with the signals as they are on a terminal.
"""

import contextlib
import ctypes
import itertools
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time

from harness import filters, packets, signals

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_PRIVATE, MS_REC = 1 << 18, 1 << 14
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 8, 0x10
SO_ATTACH_FILTER, SO_TIMESTAMPNS, SO_RCVBUFFORCE = 26, 35, 33
ETH_P_ALL, PACKET_OUTGOING = 0x0003, 4

_libc = ctypes.CDLL(None, use_errno=True)


def binary(variable, name):
    """The program under test: from the environment, else from the release build."""
    path = pathlib.Path(os.environ.get(variable, f"build/release/{name}"))
    return path if path.is_absolute() else REPOSITORY / path


IGMP_QUERIER = binary("IGMP_QUERIER", "igmp-querier")
MCAST_STORM = binary("MCAST_STORM", "mcast-storm")
# A querier in a hurry: a burst of three, 0.2 s apart, then one query per second.
FAST = "-q 1 --startup-interval 0.2 --jitter 0"
# The same with an endless burst, so that half a second shows whether it asks or not.
BRISK = FAST + " --startup-count 100"
TOOLS = ("ip", "bridge", "ethtool", "nft", "setpriv", "strace", "gdb", "tshark", "ovs-vswitchd", "ovsdb-server", "ovsdb-tool",
         "ovs-vsctl", "ovs-appctl", "vtysh", "/usr/lib/frr/zebra", "/usr/lib/frr/pimd")


def obstacle():
    """Why the lab cannot run here, or None."""
    if os.geteuid() != 0:
        return "the lab makes network namespaces: run it as root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return "not installed: " + ", ".join(missing)
    for path in (IGMP_QUERIER, MCAST_STORM):
        if not os.access(path, os.X_OK):
            return f"no program at {path}: build it with 'tools/build-release {path.name}'"
    return None


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def network_namespace():
    """An identity of the network namespace that this thread is in."""
    return os.readlink("/proc/thread-self/ns/net")


_outside = None


def isolate():
    """Leaves the machine's network for a private one. Afterwards nothing here can reach it."""
    global _outside
    if _outside:
        return
    outside = network_namespace()
    _call("unshare", CLONE_NEWNET | CLONE_NEWNS)
    _call("mount", b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
    for place in "/run", "/etc/igmp-querier":  # hides the socket and the configuration of an installed service
        if os.path.isdir(place):
            _call("mount", b"tmpfs", place.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=755")
    for place in "/run/netns", "/run/frr":
        os.makedirs(place, mode=0o755)
    _outside = outside
    signals.heed()


def _refuse_outside():
    if not _outside or network_namespace() == _outside:
        raise RuntimeError("refusing to touch the network outside the lab")


def run(*command):
    """Runs a command to its end and returns what it printed."""
    _refuse_outside()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr or done.stdout}")
    return done.stdout


def wait(condition, timeout=5.0, what="condition", pause=0.005):
    """Polls until `condition` returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what() if callable(what) else what}")
        time.sleep(pause)


class Namespace:
    """A network namespace: a host, or the inside of a switch."""

    _numbers = itertools.count(1)

    def __init__(self, lab, label):
        _refuse_outside()
        self.lab, self.label = lab, label
        self.name = f"iq-{os.getpid()}-{next(self._numbers)}-{label}"
        run("ip", "netns", "add", self.name)
        lab.cleanup.callback(run, "ip", "netns", "del", self.name)
        self.fd = os.open(f"/run/netns/{self.name}", os.O_RDONLY | os.O_CLOEXEC)
        lab.cleanup.callback(os.close, self.fd)
        with self.entered(), contextlib.suppress(FileNotFoundError):
            for scope in "all", "default":
                pathlib.Path(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6").write_text("1")
        self.ip("link set lo up")

    @contextlib.contextmanager
    def entered(self):
        """What is opened or started in here belongs to the namespace, and stays there."""
        _refuse_outside()
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("setns", self.fd, CLONE_NEWNET)
            yield
        finally:
            _call("setns", home, CLONE_NEWNET)
            os.close(home)

    def ip(self, command):
        return run("ip", "-n", self.name, *command.split())

    def sysctl(self, knob, value):
        with self.entered():
            pathlib.Path("/proc/sys", knob).write_text(str(value))

    def enable_ipv6(self, address, interface="eth0"):
        """One address, usable at once, and nothing that the kernel would add or ask for by itself."""
        for knob, value in ("router_solicitations", 0), ("accept_ra", 0), ("addr_gen_mode", 1), ("disable_ipv6", 0):
            self.sysctl(f"net/ipv6/conf/{interface}/{knob}", value)
        self.ip(f"address add {address} dev {interface} nodad")

    def interface_index(self, interface):
        with self.entered():
            return socket.if_nametoindex(interface)

    def unsent(self, interface="eth0"):
        """Packets that the other end of the cable had no room for, in a queue of the kernel that all links share."""
        return link_json(self, f"-s link show {interface}")[0]["stats64"]["tx"]["dropped"]

    def start(self, *command):
        return Process(self, command)

    def querier(self, *options, stderr=None):
        """Starts igmp-querier here, with options as one would type them; its log may go to another descriptor."""
        words = [word for option in options for word in str(option).split()]
        return Process(self, [IGMP_QUERIER, *words], stderr)

    def stream(self, command, group, *options, interface="eth0"):
        """Starts `igmp-querier soak send` or `receive` here, for ten minutes unless the options say otherwise."""
        words = [word for option in options for word in str(option).split()]
        return Process(self, [IGMP_QUERIER, "soak", command, "-i", interface, "-g", group, *words])

    def capture(self, interface="eth0", protocol=None, program=None):
        return Capture(self, interface, protocol, program)

    def send(self, *frames, interface="eth0"):
        """Puts frames on the wire as they are."""
        with self.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
            sender.bind((interface, 0))
            for frame in frames:
                sender.send(frame)


class Process:
    """A running program whose output goes to files, so that nothing needs a thread to read it."""

    _numbers = itertools.count(1)

    def __init__(self, namespace, command, stderr=None):
        self.label = f"{namespace.label}-{pathlib.Path(command[0]).name}-{next(self._numbers)}"
        self.command = " ".join(map(str, command))
        base = namespace.lab.directory / self.label
        self.stdout, self.stderr = base.with_suffix(".out"), base.with_suffix(".err")
        namespace.lab.processes.append(self)
        with namespace.entered(), open(self.stdout, "wb") as out, open(self.stderr, "wb") as err:
            self.started = time.time()
            self.popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=stderr or err, cwd=namespace.lab.directory,
                env={**os.environ, **namespace.lab.environment})
        namespace.lab.cleanup.callback(self.kill)

    def log(self):
        """Complete lines of standard error."""
        return [line for line in self.stderr.read_text(errors="replace").splitlines(True) if line[-1] == "\n"]

    def output(self):
        """Complete lines of standard output."""
        return [line for line in self.stdout.read_text(errors="replace").splitlines(True) if line[-1] == "\n"]

    def logged(self, pattern):
        return [line for line in self.log() if re.search(pattern, line)]

    def wait_log(self, pattern, timeout=5.0, count=1):
        """Waits until `count` lines match, and returns them."""
        def enough():
            lines = self.logged(pattern)
            return lines if len(lines) >= count else None
        return wait(enough, timeout, lambda: f"{count} x /{pattern}/ in the log of {self.describe()}")

    def alive(self):
        return self.popen.poll() is None

    def cpu_seconds(self):
        """The processor time that it has used."""
        fields = pathlib.Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wakeups(self):
        """How often it has gone to sleep so far."""
        status = pathlib.Path(f"/proc/{self.popen.pid}/status").read_text()
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status, re.MULTILINE)[1])

    def finish(self, timeout=5.0):
        """Waits for the end and returns the exit status."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout:g} s: {self.describe()}") from None

    def stop(self, how=signal.SIGTERM, timeout=5.0):
        assert self.alive(), f"ended by itself: {self.describe()}"
        self.popen.send_signal(how)
        return self.finish(timeout)

    def kill(self):
        if self.alive():
            self.popen.kill()
            self.popen.wait()

    def describe(self):
        text = f"{self.label}: {self.command}\n"
        for path in self.stdout, self.stderr:
            lines = path.read_text(errors="replace").splitlines()
            shown = lines if len(lines) <= 60 else lines[:20] + ["…"] + lines[-40:]
            text += "".join(f"    {line}\n" for line in shown)
        return text


class Capture:
    """What an interface carries, or a filter keeps of it, from now on, with the kernel's time of day for each frame."""

    def __init__(self, namespace, interface, protocol=None, program=None):
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            if program or protocol is not None:
                self._keep(program or filters.of_protocol(protocol))
            self._socket.bind((interface, ETH_P_ALL))
            index = socket.if_nametoindex(interface)
        self._socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                                struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b""))
        self._frames = []
        namespace.lab.cleanup.callback(self._socket.close)

    def _keep(self, program):
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                                struct.pack("HP", len(program), ctypes.addressof(code)))

    def frames(self):
        """All frames up to now."""
        while select.select([self._socket], [], [], 0)[0]:
            try:
                data, control, _, address = self._socket.recvmsg(65536, 256)
            except OSError:  # the interface went down or away: said once per event
                continue
            tag = b""
            for level, kind, value in control:
                if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                    seconds, nanoseconds = struct.unpack("qq", value[:16])
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                    status, *_, control_word, tag_type = struct.unpack("IIIHHHH", value[:20])
                    tag = struct.pack("!HH", tag_type, control_word) if status & TP_STATUS_VLAN_VALID else b""
            self._frames.append(packets.Frame(seconds + nanoseconds / 1e9, data, address[2] == PACKET_OUTGOING, tag))
        return list(self._frames)

    def take(self):
        """The frames since this was called last, which are forgotten then."""
        frames = self.frames()
        self._frames.clear()
        return frames

    def queries(self, source=None, since=0.0):
        """General Queries up to now, or those from one address, or those after a moment."""
        return [frame for frame in self.frames()
                if frame.time > since and frame.is_query() and source in (None, frame.source)]

    def wait_queries(self, count, timeout=5.0, source=None, since=0.0):
        """Waits for at least `count` queries and returns them."""
        def enough():
            found = self.queries(source, since)
            return found if len(found) >= count else None
        return wait(enough, timeout, lambda: f"{count} queries from {source or 'anybody'}; captured: "
                    + ("; ".join(map(str, self.frames()[-20:])) or "nothing"))


def expect_silence(seconds, *captures, source=None):
    """Fails if a query, or one from `source`, is seen during the next `seconds`."""
    start = time.time()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for capture in captures:
            seen = capture.queries(source, since=start)
            assert not seen, f"a query where none may be: {seen[0]}"
        time.sleep(0.02)


class Hub:
    """A bridge that does not snoop: every port receives everything."""

    def __init__(self, lab, label="hub", options="mcast_snooping 0"):
        self.namespace = Namespace(lab, label)
        self.namespace.ip(f"link add br0 type bridge forward_delay 0 {options}")
        self.namespace.ip("link set br0 up")

    def attach(self, port):
        self.namespace.ip(f"link set {port} master br0 up")


class Lab:
    """What one test builds. Leaving it undoes everything, last thing first."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.environment = {}
        self.processes = []
        self.cleanup = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.cleanup:
            pass
        for process in self.processes:
            print(process.describe())

    def namespace(self, label):
        return Namespace(self, label)

    def link(self, left, left_name, right, right_name):
        """A cable between two namespaces."""
        left.ip(f"link add {left_name} type veth peer name {right_name} netns {right.name}")
        for end, name in (left, left_name), (right, right_name):
            with end.entered():
                run("ethtool", "-K", name, "tx", "off")
            end.ip(f"link set {name} up")

    def host(self, switch, label, address=None):
        """A host with `eth0` in the port of a switch that bears its name."""
        host = Namespace(self, label)
        self.link(host, "eth0", switch.namespace, label)
        switch.attach(label)
        if address:
            host.ip(f"address add {address} dev eth0")
        return host

    def pair(self, address="192.0.2.1/24"):
        """The smallest LAN: a host, and a peer that sees and sends what it likes."""
        host, peer = Namespace(self, "host"), Namespace(self, "peer")
        self.link(host, "eth0", peer, "eth0")
        if address:
            host.ip(f"address add {address} dev eth0")
        return host, peer

    def decode(self, frames, *fields):
        """tshark's reading of frames: per frame a list of values, one string per field."""
        return packets.decode(self.directory / "decode.pcap", frames, *fields)


def link_json(namespace, command):
    return json.loads(run("ip", "-n", namespace.name, "-j", *command.split()) or "[]")
