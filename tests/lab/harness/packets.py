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
QUERY, REPORT_V1, REPORT_V2, LEAVE, REPORT_V3 = 0x11, 0x12, 0x16, 0x17, 0x22
IS_IN, IS_EX, TO_IN, TO_EX, ALLOW, BLOCK = range(1, 7)
ROUTER_ALERT = bytes.fromhex("94040000")


def checksum(data):
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(number):
    """The IPv4 address of that number."""
    return socket.inet_ntoa(struct.pack("!I", number))


def igmp(body):
    """Fills in the checksum of an IGMP message."""
    body = body[:2] + b"\0\0" + body[4:]
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def query(version=2, group="0.0.0.0", response=100):
    """A query with ordinary values; `response` is the time to answer in tenths of a second."""
    body = bytes([QUERY, 0 if version == 1 else response, 0, 0]) + socket.inet_aton(group)
    return igmp(body + (bytes([2, 125, 0, 0]) if version == 3 else b""))


def report(group, kind=REPORT_V2):
    """A report of version 1 or 2, or a leave."""
    return igmp(bytes([kind, 0, 0, 0]) + socket.inet_aton(group))


def record(kind, group, sources=(), count=None):
    """A group record; `count` is what it says of its sources when that is a lie."""
    return (struct.pack("!BBH", kind, 0, len(sources) if count is None else count) + socket.inet_aton(group)
            + b"".join(map(socket.inet_aton, sources)))


def report_v3(*records, count=None):
    """An IGMPv3 report; `count` is what it says of its records when that is a lie."""
    return igmp(struct.pack("!BBHHH", REPORT_V3, 0, 0, 0, len(records) if count is None else count) + b"".join(records))


def ipv4(source, payload, destination=ALL_HOSTS, ttl=1, fragment=0):
    header = struct.pack("!BBHHHBBH4s4s4s", 0x46, 0xC0, 24 + len(payload), 0, fragment, ttl, IGMP, 0,
                         socket.inet_aton(source), socket.inet_aton(destination), ROUTER_ALERT)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ethernet(packet, destination=ALL_HOSTS_MAC, vlan=None, pad=True, tag_type=0x8100):
    tag = b"" if vlan is None else struct.pack("!HH", tag_type, vlan)
    frame = destination + STRANGER_MAC + tag + b"\x08\0" + packet
    return frame.ljust(60, b"\0") if pad else frame


def general_query(source, version=2, **header):
    """A correct General Query from `source`, as a frame."""
    return ethernet(ipv4(source, query(version), **header))


ALL_NODES = "ff02::1"
ICMPV6 = 58
MLD_QUERY, MLD_REPORT, MLD_DONE, MLD_REPORT_V2 = 130, 131, 132, 143
MLD_ALERT, PAD = bytes.fromhex("05020000"), bytes.fromhex("0100")


def ip6(address):
    return socket.inet_pton(socket.AF_INET6, address)


def mld(body, source, destination=ALL_NODES):
    """Fills in the checksum of an MLD message between two addresses."""
    body = body[:2] + b"\0\0" + body[4:]
    pseudo = ip6(source) + ip6(destination) + struct.pack("!II", len(body), ICMPV6)
    return body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]


def mld_query(version=2, group="::", response=10000):
    """An MLD query without its checksum; `response` is the time to answer in milliseconds."""
    body = struct.pack("!BBHHH", MLD_QUERY, 0, 0, response, 0) + ip6(group)
    return body + (bytes([2, 125, 0, 0]) if version == 2 else b"")


def mld_report(group, kind=MLD_REPORT):
    """An MLDv1 report or done without its checksum."""
    return struct.pack("!BBHHH", kind, 0, 0, 0, 0) + ip6(group)


def hop_by_hop(options=MLD_ALERT + PAD, next_header=ICMPV6):
    assert len(options) % 8 == 6
    return bytes([next_header, (len(options) + 2) // 8 - 1]) + options


def ipv6(source, payload, destination=ALL_NODES, hop_limit=1, next_header=0, traffic_class=0):
    """An IPv6 packet; the payload begins with the extension headers."""
    header = struct.pack("!IHBB", 6 << 28 | traffic_class << 20, len(payload), next_header, hop_limit)
    return header + ip6(source) + ip6(destination) + payload


def ethernet6(packet, destination=None):
    """A frame around an IPv6 packet; for a group unless a hardware address is given."""
    return (destination or b"\x33\x33" + packet[36:40]) + STRANGER_MAC + b"\x86\xdd" + packet


def mld_frame(source, body, destination=ALL_NODES, options=MLD_ALERT + PAD, **header):
    """A correct MLD message as a frame; `body` comes without its checksum."""
    return ethernet6(ipv6(source, hop_by_hop(options) + mld(body, source, destination), destination, **header))


def mld_general_query(source, version=2, **header):
    return mld_frame(source, mld_query(version), **header)


@dataclasses.dataclass
class MldMessage:
    """A captured MLD message behind 8 bytes of hop-by-hop options."""

    frame: "Frame"
    source: str
    destination: str
    payload: bytes

    @property
    def kind(self):
        return self.payload[0]

    def is_general_query(self):
        return self.kind == MLD_QUERY and self.payload[8:24] == bytes(16)


def mld_messages(frames, kind=None):
    """The MLD messages among frames, or those of one type."""
    found = []
    for frame in frames:
        packet = frame.data[14:]
        if frame.data[12:14] == b"\x86\xdd" and packet[6] == 0 and packet[40] == ICMPV6:
            end = 40 + struct.unpack("!H", packet[4:6])[0]
            source, destination = (socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (8, 24))
            found.append(MldMessage(frame, source, destination, packet[48:end]))
    return [message for message in found if kind in (None, message.kind)]


@dataclasses.dataclass
class Frame:
    """A captured frame; its fields make sense if it is IPv4."""

    time: float
    data: bytes  # without the tag that the kernel has taken off
    outgoing: bool = False
    tag: bytes = b""  # of a VLAN: what it had on the wire behind the addresses

    @property
    def vlan(self):
        """The number of its VLAN, None without a tag."""
        return struct.unpack("!H", self.tag[2:])[0] & 0x0FFF if self.tag else None

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

    def is_stream(self):
        """Whether it is UDP, of either family."""
        return self.is_ipv4(UDP) or self.data[12:14] == b"\x86\xdd" and self.data[20] == UDP

    def sequence(self):
        """The RTP sequence number of a stream packet."""
        datagram = self.payload if self.is_ipv4(UDP) else self.data[54:]
        return struct.unpack("!H", datagram[10:12])[0]

    def __str__(self):
        if len(self.data) < 34 or self.data[12:14] != b"\x08\0":
            return f"{self.time:.3f} {self.data.hex()}"
        return f"{self.time:.3f} {self.source} > {self.destination} TTL {self.ttl}: {self.payload[:12].hex()}"


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            seconds = int(frame.time)
            data = frame.data[:12] + frame.tag + frame.data[12:]
            file.write(struct.pack("=IIII", seconds, int((frame.time - seconds) * 1e6), len(data), len(data)) + data)


def decode(path, frames, *fields):
    """tshark's reading of frames: per frame a list of values, one string per field."""
    write_pcap(path, frames)
    command = ["tshark", "-n", "-r", str(path), "-o", "ip.check_checksum:TRUE", "-T", "fields", "-E", "separator=|"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          env={**os.environ, "HOME": str(path.parent), "XDG_CONFIG_HOME": str(path.parent)})
    return [line.split("|") for line in done.stdout.splitlines()]
