"""Memory and descriptors of a process."""

import pathlib
import re

MEBIBYTE = 1 << 20
# What the default limits allow: groups of 0.2 KiB with one host, and four times as many sources or hosts of 32 bytes.
TABLE_BOUND = 72 * MEBIBYTE


def resident(process):
    status = pathlib.Path(f"/proc/{process.popen.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10


def burden(querier):
    """Its descriptors, and the memory that is its own, in KiB; but for the buffers of sockets, which fill bit by bit."""
    process = pathlib.Path(f"/proc/{querier.popen.pid}")
    maps = re.findall(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)\n(?:\w+: .*\n)*?Private_Dirty: +(\d+)",
                      (process / "smaps").read_text(), re.M)
    memory = sum(int(dirty) for name, dirty in maps if not name.startswith("socket:"))
    return len(list((process / "fd").iterdir())), memory
