"""A program that sends the frames of a file, in turn, as fast as it can for as long as it is told; it prints how many."""

import struct
import sys

PROGRAM = """
import socket, struct, sys, time
frames, data = [], open(sys.argv[1], "rb").read()
while data:
    size, = struct.unpack("!H", data[:2])
    frames.append(data[2:2 + size])
    data = data[2 + size:]
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
sender.bind(("eth0", 0))
end, count = time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    for frame in frames:
        try:
            sender.send(frame)
            count += 1
        except OSError:
            pass
print(count)
"""


def write(path, frames):
    path.write_bytes(b"".join(struct.pack("!H", len(frame)) + frame for frame in frames))


def start(host, path, seconds):
    return host.start(sys.executable, "-c", PROGRAM, path, seconds)
