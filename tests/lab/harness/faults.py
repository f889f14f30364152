"""Lets system calls of the very program that ships fail, when a test says so: see ../faults/faults.c."""

import functools
import mmap
import pathlib
import struct
import subprocess
import tempfile

from harness.lab import IGMP_QUERIER, REPOSITORY

CALLS = ("sendto", "sendmsg", "socket", "bind", "setsockopt", "recvmsg", "accept4")
FAULT = struct.Struct("4i")
CLOCK = struct.Struct("q")
FOR_EVER = -1
_folder = tempfile.TemporaryDirectory(prefix="iq-faults-")


@functools.lru_cache
def library():
    """The library that stands before the system calls, built once a run."""
    built = pathlib.Path(_folder.name, "faults.so")
    subprocess.run(["cc", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", built,
                    REPOSITORY / "tests/faults/faults.c"], check=True)
    return built


class Faults:
    """What is to fail in the programs that it starts."""

    def __init__(self, lab):
        self._path = lab.directory / "faults"
        self._path.write_bytes(bytes(mmap.PAGESIZE))
        with open(self._path, "r+b") as file:
            self._plan = mmap.mmap(file.fileno(), 0)
        lab.cleanup.callback(self._plan.close)

    def querier(self, namespace, *options):
        words = [word for option in options for word in str(option).split()]
        return namespace.start("env", f"LD_PRELOAD={library()}", f"IGMP_QUERIER_FAULTS={self._path}",
                               IGMP_QUERIER, *words)

    def fail(self, call, error, times=FOR_EVER, domain=0):
        """From now on, on sockets of that domain; what failed before is forgotten."""
        FAULT.pack_into(self._plan, CALLS.index(call) * FAULT.size, domain, error, times, 0)

    def heal(self, call):
        """Returns how often it has failed."""
        failed = self.failed(call)
        self.fail(call, 0, 0)
        return failed

    def failed(self, call):
        return FAULT.unpack_from(self._plan, CALLS.index(call) * FAULT.size)[3]

    def set_clock(self, seconds):
        """Moves the time of day, of the programs only."""
        CLOCK.pack_into(self._plan, -(-len(CALLS) * FAULT.size // CLOCK.size) * CLOCK.size, seconds)
