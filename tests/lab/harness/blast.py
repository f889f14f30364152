"""A program that sends the frames of a file, in turn, for as long as it is told, at most so many a second; it prints how many."""

import struct
import sys

PROGRAM = """
import socket, struct, sys, time
frames, data, at = [], open(sys.argv[1], "rb").read(), 0
while at < len(data):
    size, = struct.unpack_from("!H", data, at)
    frames.append(data[at + 2:at + 2 + size])
    at += 2 + size
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
sender.bind(("eth0", 0))
start, seconds, rate, count = time.monotonic(), float(sys.argv[2]), float(sys.argv[3]), 0
while time.monotonic() < start + seconds:
    for frame in frames:
        try:
            sender.send(frame)
            count += 1
        except OSError:
            pass
        if count % 20 == 0:
            ahead = count / rate - (time.monotonic() - start)
            if ahead > 0:
                time.sleep(ahead)
            if time.monotonic() > start + seconds:
                break
print(count)
"""


def write(path, frames):
    path.write_bytes(b"".join(struct.pack("!H", len(frame)) + frame for frame in frames))


def start(host, path, seconds, rate=float("inf")):
    return host.start(sys.executable, "-c", PROGRAM, path, seconds, rate)
