"""Frames as bytes: how a test builds them, takes them apart, and has tshark read them."""

import dataclasses
import os
import socket
import struct
import subprocess

ALL_HOSTS = "224.0.0.1"
ALL_HOSTS_MAC = bytes.fromhex("01005e000001")
STRANGER_MAC = bytes.fromhex("020000000099")
IGMP, UDP = 2, 17
QUERY, REPORT_V2, REPORT_V3 = 0x11, 0x16, 0x22
ROUTER_ALERT = bytes.fromhex("94040000")


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def igmp(body):
    """Fills in the checksum of an IGMP message."""
    body = body[:2] + b"\0\0" + body[4:]
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def query(version=2, group="0.0.0.0", response=100):
    """A query with ordinary values; `response` is the time to answer in tenths of a second."""
    body = bytes([QUERY, 0 if version == 1 else response, 0, 0]) + socket.inet_aton(group)
    return igmp(body + (bytes([2, 125, 0, 0]) if version == 3 else b""))


def ipv4(source, payload, destination=ALL_HOSTS, ttl=1, fragment=0):
    header = struct.pack("!BBHHHBBH4s4s4s", 0x46, 0xC0, 24 + len(payload), 0, fragment, ttl, IGMP, 0,
                         socket.inet_aton(source), socket.inet_aton(destination), ROUTER_ALERT)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ethernet(packet, destination=ALL_HOSTS_MAC, vlan=None, pad=True):
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    frame = destination + STRANGER_MAC + tag + b"\x08\0" + packet
    return frame.ljust(60, b"\0") if pad else frame


def general_query(source, version=2, **header):
    """A correct General Query from `source`, as a frame."""
    return ethernet(ipv4(source, query(version), **header))


@dataclasses.dataclass
class Frame:
    """A captured frame; its fields make sense if it is IPv4."""

    time: float
    data: bytes
    outgoing: bool = False

    @property
    def destination_mac(self):
        return self.data[:6]

    @property
    def packet(self):
        """The IPv4 packet without the padding of a short frame."""
        return self.data[14:14 + struct.unpack("!H", self.data[16:18])[0]]

    @property
    def header(self):
        return self.packet[:4 * (self.data[14] & 0x0F)]

    @property
    def payload(self):
        return self.packet[4 * (self.data[14] & 0x0F):]

    @property
    def ttl(self):
        return self.packet[8]

    @property
    def source(self):
        return socket.inet_ntoa(self.packet[12:16])

    @property
    def destination(self):
        return socket.inet_ntoa(self.packet[16:20])

    def is_ipv4(self, protocol):
        return len(self.data) >= 34 and self.data[12:14] == b"\x08\0" and self.data[23] == protocol

    def is_igmp(self, kind):
        return self.is_ipv4(IGMP) and self.payload[:1] == bytes([kind])

    def is_query(self):
        """Whether it is a General Query."""
        return self.is_igmp(QUERY) and self.payload[4:8] == bytes(4)

    def sequence(self):
        """The RTP sequence number of a stream packet."""
        return struct.unpack("!H", self.payload[10:12])[0]

    def __str__(self):
        if len(self.data) < 34 or self.data[12:14] != b"\x08\0":
            return f"{self.time:.3f} {self.data.hex()}"
        return f"{self.time:.3f} {self.source} > {self.destination} TTL {self.ttl}: {self.payload[:12].hex()}"


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            seconds = int(frame.time)
            file.write(struct.pack("=IIII", seconds, int((frame.time - seconds) * 1e6),
                                   len(frame.data), len(frame.data)) + frame.data)


def decode(path, frames, *fields):
    """tshark's reading of frames: per frame a list of values, one string per field."""
    write_pcap(path, frames)
    command = ["tshark", "-n", "-r", str(path), "-o", "ip.check_checksum:TRUE", "-T", "fields", "-E", "separator=|"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          env={**os.environ, "HOME": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)})
    return [line.split("|") for line in done.stdout.splitlines()]
