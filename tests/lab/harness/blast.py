"""A program that sends the frames of a file, in turn, for as long as it is told, at most so many a second; it prints how many."""

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
