"""A booted Debian with one leg in a virtual LAN, and the sockets to receive from that LAN outside it."""

import contextlib
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ADDRESS = "192.168.77.10"
PREFIX = "iq-install"
PEER = "192.168.77.20"
_numbers = itertools.count(1)
_libc = ctypes.CDLL(None, use_errno=True)


def run(*command, **options):
    """Runs a command that must succeed; what it printed comes back, or is in the failure."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def wait_until(condition, what, seconds=20):
    """Polls until the condition holds and returns what it returned."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return result


@contextlib.contextmanager
def inside(namespace):
    """Sockets made in this block live in the named network namespace."""

    def enter(path):
        with open(path) as f:
            if _libc.setns(f.fileno(), 0x40000000):  # CLONE_NEWNET
                raise OSError(ctypes.get_errno(), f"setns {path}")

    with open("/proc/thread-self/ns/net") as home:
        enter(f"/run/netns/{namespace}")
        try:
            yield
        finally:
            enter(f"/proc/self/fd/{home.fileno()}")


class Wire:
    """Hears the IGMP messages that reach one interface of a namespace."""

    QUERY, REPORTS = 0x11, (0x12, 0x16, 0x22)

    def __init__(self, namespace, interface):
        with inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
            self.socket.bind((interface, 0x0800))
            # struct packet_mreq: receive every multicast frame.
            index = socket.if_nametoindex(interface)
            self.socket.setsockopt(263, 1, struct.pack("iHH8s", index, 2, 0, b""))

    def close(self):
        self.socket.close()

    def forget(self):
        """Drops what has arrived so far."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(2048)

    def messages(self, seconds):
        """IGMP messages as (source, IP header, IGMP bytes), until the time is up."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                packet = self.socket.recv(2048)
            except TimeoutError:
                return
            header = (packet[0] & 15) * 4
            total = struct.unpack_from("!H", packet, 2)[0]
            if packet[9] == 2:
                yield socket.inet_ntoa(packet[12:16]), packet[:header], packet[header:total]

    def query(self, seconds=10, wanted=lambda igmp: True):
        """The next query (that is wanted), or None."""
        for source, header, igmp in self.messages(seconds):
            if igmp[0] == self.QUERY and wanted(igmp):
                return source, header, igmp
        return None

    def reports(self, count, seconds):
        """How many of so many reports arrive in time."""
        found = (m for m in self.messages(seconds) if m[2][0] in self.REPORTS)
        return sum(1 for _ in itertools.islice(found, count))


class Cgroup:
    """Control groups of our own, so that machines that boot side by side do not meet."""

    def __init__(self, name):
        self.paths = [top / name for top in self.tops()]
        for path in self.paths:
            path.mkdir(exist_ok=True)

    def enter(self):
        for path in self.paths:
            (path / "cgroup.procs").write_text("0")

    def processes(self):
        for path in self.paths:
            for folder, _, _ in os.walk(path):
                with contextlib.suppress(FileNotFoundError):
                    yield from map(int, pathlib.Path(folder, "cgroup.procs").read_text().split())

    def remove(self):
        """Ends every process in it, then removes it."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_until(lambda: not any(self.processes()), "the machine's processes are gone")
        for path in self.paths:
            for folder, _, _ in os.walk(path, topdown=False):
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(folder)

    @staticmethod
    def tops():
        """The hierarchies that systemd uses: version 2, and its named one of version 1."""
        mounts = [line.split() for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
        is_systemds = re.compile(r"\bname=systemd\b")
        return [pathlib.Path(m[4]) for m in mounts if "cgroup2" in m[m.index("-") :] or is_systemds.search(m[-1])]


def discard(folder):
    """Removes a machine's folder: first the mount in it, so that nothing behind the mount is touched."""
    subprocess.run(["umount", "--quiet", "--lazy", str(folder / "root")], check=False)
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(folder / "root")
    shutil.rmtree(folder, ignore_errors=True)


def sweep():
    """Removes what is left of machines whose test run was killed."""

    def is_left(name):
        owner = re.match(rf"{PREFIX}-(\d+)-", name)
        return owner and not os.path.exists(f"/proc/{owner[1]}")

    for namespace in filter(is_left, os.listdir("/run/netns") if os.path.isdir("/run/netns") else []):
        subprocess.run(["ip", "netns", "del", namespace], check=False)
    for name in {name for top in Cgroup.tops() for name in os.listdir(top) if is_left(name)}:
        Cgroup(name).remove()
    for folder in filter(is_left, os.listdir(tempfile.gettempdir())):
        discard(pathlib.Path(tempfile.gettempdir(), folder))


class Machine:
    """A container that boots systemd from a tree it cannot change: eth0 is at ADDRESS, the LAN's other end at PEER."""

    def __init__(self, tree, binds):
        self.name = f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
        self.net, self.lan = f"{self.name}-host", f"{self.name}-lan"
        self.leader = None
        self.stack = contextlib.ExitStack()
        sweep()
        try:
            self._make_lan()
            self._boot(tree, binds)
        except BaseException:
            self.stack.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _make_lan(self):
        for namespace in (self.net, self.lan):
            run("ip", "netns", "add", namespace)
            self.stack.callback(subprocess.run, ["ip", "netns", "del", namespace], check=False)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        self.add_link("eth0", f"{ADDRESS}/24", "lan0", f"{PEER}/24")
        self.wire = Wire(self.lan, "lan0")
        self.stack.callback(self.wire.close)

    def add_link(self, name, address, peer, peer_address):
        """Plugs another cable between the machine and the LAN's namespace."""
        run("ip", "link", "add", name, "netns", self.net, "type", "veth", "peer", "name", peer, "netns", self.lan)
        for namespace, link, ip in ((self.net, name, address), (self.lan, peer, peer_address)):
            run("ip", "-n", namespace, "address", "add", ip, "dev", link)
            run("ip", "-n", namespace, "link", "set", link, "up")

    def _boot(self, tree, binds):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.stack.callback(discard, folder)
        self.console = folder / "console"
        # nspawn takes a directory for itself, so every machine boots from a mount of its own.
        root = folder / "root"
        root.mkdir()
        run("mount", "--bind", "-o", "ro", tree, str(root))

        command = ["systemd-nspawn", "--quiet", "--boot", f"--directory={root}", f"--machine={self.name}"]
        command += ["--volatile=overlay", "--register=no", "--console=pipe", "--link-journal=no"]
        command += [f"--network-namespace-path=/run/netns/{self.net}", "--timezone=off", "--resolv-conf=off"]
        # What a real machine has and the unit's address filter and capability limit need, to be seen at work.
        command += ["--capability=CAP_NET_ADMIN,CAP_BPF", "--system-call-filter=bpf"]
        command += [f"--bind-ro={outside}:{inside}" for outside, inside in binds.items()]
        cgroup = None
        if not os.path.isdir("/run/systemd/system"):  # nobody to ask for a scope
            cgroup = Cgroup(self.name)
            self.stack.callback(cgroup.remove)
            command.append("--keep-unit")

        def before_exec():
            if cgroup:
                cgroup.enter()
            _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: the machine is powered off when its test is killed

        with open(self.console, "wb") as console:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                preexec_fn=before_exec,
                start_new_session=True,
            )
        self.stack.callback(self._power_off)
        self.leader = wait_until(self._find_leader, "the machine has a first process")
        wait_until(self._is_up, f"the machine has booted; its console:\n{self._said()}", 120)

    def _said(self):
        return self.console.read_text(errors="replace")[-3000:]

    def _find_leader(self):
        assert self.process.poll() is None, f"systemd-nspawn ended with {self.process.returncode}:\n{self._said()}"
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in map(int, children):
            if os.readlink(f"/proc/{child}/ns/pid") != os.readlink("/proc/self/ns/pid"):
                return child
        return None

    def _is_up(self):
        assert self.process.poll() is None, f"systemd-nspawn ended with {self.process.returncode}:\n{self._said()}"
        state = self.sh("systemctl is-system-running", check=False).stdout.strip()
        return state in ("running", "degraded")

    def _power_off(self):
        if self.leader:  # with the first process of a namespace go all others
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.leader, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait(20)

    def enter(self, command):
        """The command line that runs a shell command as root in the machine."""
        variables = ["HOME=/root", "LANG=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        namespaces = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid"]
        return [*namespaces, "--root", "--wd", "env", "-i", *variables, "bash", "-c", command]

    def sh(self, command, check=True, timeout=60, **options):
        """Runs a shell command as root in the machine."""
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(
            self.enter(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, **options
        )
        if check:
            assert done.returncode == 0, f"{command}: exit status {done.returncode}\n{done.stdout}"
        return done
