"""Programs under measurement, and what the kernel says about them."""

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

from harness import lab as laboratory
from harness import packets
from harness.api import Answer, read_all

PR_SET_PDEATHSIG = 1


def join(host, group):
    """A report that names a host and a group; both count from 0."""
    source, name = (socket.inet_ntoa(struct.pack("!I", number)) for number in (0x0A000001 + host, 0xEF010000 + group))
    return packets.ethernet(packets.ipv4(source, packets.report(name)))


@contextlib.contextmanager
def temporary_lab():
    """A laboratory in a folder like /tmp: whoever the daemon becomes may read there, and remove what is its own."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o1777)
        with laboratory.Lab(directory) as lab:
            yield lab


class Account:
    """What the kernel says about a process and all its threads."""

    def __init__(self, pid):
        self.pid = pid

    def _threads(self):
        return list(pathlib.Path(f"/proc/{self.pid}/task").iterdir())

    def threads(self):
        return len(self._threads())

    def cpu_seconds(self):
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in self._threads()) / 1e9

    def switches(self):
        """How often it has gone to sleep, and how often it had to make room for others."""
        texts = [(thread / "status").read_text() for thread in self._threads()]
        return [sum(int(re.search(rf"^{kind}_ctxt_switches:\s*(\d+)", text, re.MULTILINE)[1]) for text in texts)
                for kind in ("voluntary", "nonvoluntary")]

    def memory(self):
        """Bytes of resident and of private memory."""
        text = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        sizes = {name: int(size) * 1024 for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
        return sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"]

    def dirty_memory(self):
        """Bytes of private memory that no file has, by mapping: what the system cannot take back. Without rings."""
        dirty = {}
        mapping = None
        for line in pathlib.Path(f"/proc/{self.pid}/smaps").read_text().splitlines():
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                mapping = (line.split(maxsplit=5) + ["anonymous"])[5]
            elif line.startswith("Private_Dirty:") and not mapping.startswith("socket:"):
                dirty[mapping] = dirty.get(mapping, 0) + int(line.split()[1]) * 1024
        return {name: size for name, size in dirty.items() if size}


class Program:
    """A program running in a namespace, with the moment at which it was started."""

    _numbers = itertools.count(1)

    def __init__(self, namespace, *command, environment=None):
        self.output = namespace.lab.directory / f"output-{next(self._numbers)}"
        words = [str(word) for option in command for word in str(option).split()]
        variables = {**os.environ, **(environment or {})}
        moment, stamp = os.pipe()
        with namespace.entered():
            self.pid = os.fork()
            if self.pid == 0:
                self._become(words, variables, stamp)
        os.close(stamp)
        namespace.lab.cleanup.callback(self._kill)
        with open(moment, "rb") as pipe:
            started, self._cpu_before = struct.unpack("qq", pipe.read())
        self.started = started / 1e9

    def _become(self, words, variables, stamp):
        try:
            become_child()
            output = os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for stream in 1, 2:
                os.dup2(output, stream)
            os.write(stamp, struct.pack("qq", time.time_ns(), time.process_time_ns()))
            os.execve(words[0], words, variables)
        finally:
            os._exit(127)

    def _kill(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def stop(self, how=signal.SIGTERM):
        """Ends it and returns how many seconds that took."""
        start = time.monotonic()
        os.kill(self.pid, how)
        _, status = os.waitpid(self.pid, 0)
        elapsed = time.monotonic() - start
        self.pid = 0
        if status != 0:
            raise RuntimeError(f"ended with status {status}: {self.output.read_text()}")
        return elapsed

    def pause(self):
        os.kill(self.pid, signal.SIGSTOP)
        laboratory.wait(lambda: self.proc("stat").rsplit(")", 1)[1].split()[0] == "T", what="a stopped process")

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.pid}/{name}").read_text()

    def status(self, field):
        return int(re.search(rf"^{field}:\s*(\d+)", self.proc("status"), re.MULTILINE)[1])

    def cpu_seconds(self):
        """Processor time since exec."""
        return (int(self.proc("schedstat").split()[0]) - self._cpu_before) / 1e9

    def memory(self):
        """Bytes of resident and of private memory."""
        return Account(self.pid).memory()


class ServiceManager:
    """Hears what a service tells systemd, and asks it for a ping twice per `timeout` seconds."""

    def __init__(self, lab, timeout):
        self.path = lab.directory / "notify"
        self.environment = {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(int(timeout * 1e6))}
        self._pings = 0

    def __enter__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self.path))
        self.path.chmod(0o777)
        return self

    def __exit__(self, *_):
        self._socket.close()
        self.path.unlink()

    def pings(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self._pings += b"WATCHDOG=1" in self._socket.recv(4096)
        return self._pings


def copy_with_libraries(program, directory):
    """Copies a program and its libraries, so that no other process shares them; the C library stays."""
    listing = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for library in re.findall(r"=> (/\S+)", listing):
        if not re.search(r"/lib(c|m)\.so", library):
            shutil.copy(library, directory)
    return shutil.copy(program, directory)


def interfaces(path):
    """What the daemon whose API is at that socket tells of its interfaces."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return Answer(read_all(client)).json()["interfaces"]


def queued(program):
    """Bytes that wait in the packet sockets of the program's namespace."""
    return sum(int(line.split()[6]) for line in program.proc("net/packet").splitlines()[1:])


def count_processes(name):
    count = 0
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            count += comm.read_text() == name + "\n"
    return count


def become_child():
    """What a process does right after its fork: die with its parent, and heed signals again."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, signal.SIG_DFL)
