"""What people have on any LAN: socat, iperf, our own test stream, a media server (SSDP), names (mDNS over IPv6)."""

import re
import socket
import time

from harness.applications import Application, Reader, count_of, last_number
from harness.lab import wait

SOAK, SOCAT, IPERF = "239.255.77.77", "239.1.2.3", "239.1.2.4"
NUMBERS = "SYSTEM:i=0; while sleep 0.1; do i=$((i+1)); echo $i; done"


def start_socat(lan):
    """Ten numbers a second, each printed as it comes."""
    lan.sender.start("socat", "-u", NUMBERS, f"UDP4-DATAGRAM:{SOCAT}:5000,ip-multicast-ttl=1")
    receiver = lan.receiver.start("socat", "-u", f"UDP4-RECV:5000,ip-add-membership={SOCAT}:eth0", "STDOUT")

    def lost(text):
        numbers = [int(line) for line in text.splitlines()[:-1]]
        return numbers[-1] - numbers[0] + 1 - len(numbers)
    return Reader(receiver, received=count_of(r"^\d+$"), lost=lost)


def start_iperf(lan):
    """Fifty datagrams a second, and a line for each second: lost ones and all."""
    lan.sender.start("iperf", "-c", IPERF, "-u", "-T", "1", "-t", "600", "-b", "50pps", "-l", "200")
    receiver = lan.receiver.start("iperf", "-s", "-u", "-B", f"{IPERF}%eth0", "-i", "1")

    def lost(text):
        return sum(map(int, re.findall(r" (\d+)/\d+ \(", text)))
    return Reader(receiver, received=count_of(r" \d+/[1-9]\d* \("), lost=lost)


def start_soak(lan):
    lan.sender.stream("send", SOAK)
    receiver = lan.receiver.stream("receive", SOAK, "--every 0.5")
    return Reader(receiver, received=last_number(r" packets, (\d+) in total"), lost=last_number(r" in total, (\d+) lost"))


class Seeker(Reader):
    """Asks the service again and again, always with a program that has just been started and remembers nothing."""

    def __init__(self, service, ask):
        super().__init__(service, received=None)
        self._ask, self._asked, self._answers, self._missed = ask, 0.0, [], 0

    def text(self):
        return "".join(self._answers)

    def look(self):
        assert self.processes[0].alive(), f"it ended by itself: {self.describe()}"
        if time.time() - self._asked > 1:
            found, answer = self._ask()
            self._answers.append(answer)
            self._asked = time.time()
            self.heard, self._missed = (self._asked, self._missed) if found else (self.heard, self._missed + 1)
        return self.heard

    def lost(self):
        """Questions without an answer."""
        return self._missed


def start_minidlna(lan):
    """A media server, and a control point that looks for it."""
    folder = lan.folder(lan.receiver, "root")
    file = folder / "minidlna.conf"
    file.write_text(f"network_interface=eth0\nport=8200\nmedia_dir={folder}\ndb_dir={folder}\nlog_dir={folder}\n"
                    "inotify=no\nnotify_interval=895\n")
    server = lan.receiver.start("minidlnad", "-d", "-f", file, "-P", folder / "pid")
    wait(lambda: "HTTP listening" in server.stdout.read_text(), 10, server.describe)

    def ask():
        seeker = lan.sender.start("gssdp-discover", "-i", "eth0", "-n", "2", "-t", "upnp:rootdevice")
        assert seeker.finish(10) == 0, seeker.describe()
        return "resource available" in seeker.stdout.read_text(), seeker.stdout.read_text()
    return Seeker(server, ask)


def start_avahi_daemon(host):
    """Without D-Bus, and with a folder of its own in /run: each host has one."""
    file = host.lab.directory / f"avahi-{host.label}.conf"
    file.write_text(f"[server]\nhost-name={host.label}\nuse-ipv4=no\nuse-ipv6=yes\nallow-interfaces=eth0\n"
                    "enable-dbus=no\n[wide-area]\nenable-wide-area=no\n")
    daemon = host.start("unshare", "--mount", "sh", "-c", "mkdir -p /run/avahi-daemon; mount -t tmpfs none /run/avahi-daemon;"
                        f" exec avahi-daemon -f {file} --no-drop-root --no-chroot --no-rlimits")
    daemon.wait_log("Server startup complete", 15)
    return daemon


def start_avahi(lan):
    """A host with a name, and another one that looks it up."""
    named = start_avahi_daemon(lan.receiver)

    def ask():
        daemon = start_avahi_daemon(lan.sender)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(15)
            client.connect(f"/proc/{daemon.popen.pid}/root/run/avahi-daemon/socket")
            client.sendall(b"RESOLVE-HOSTNAME-IPV6 receiver.local\n")
            answer = client.recv(4096).decode()
        daemon.stop()
        return answer.startswith("+ "), answer
    return Seeker(named, ask)


APPLICATIONS = (
    Application("socat", ("socat",), SOCAT, 5000, "ka9q-radio or private", start_socat),
    Application("iperf", ("iperf",), IPERF, 5001, "ka9q-radio or private", start_iperf, symptom=r"0/0 \(-nan%\)"),
    Application("igmp-querier soak", (), SOAK, 5004, "sACN universe 19789 or Dante/NDI", start_soak, symptom=": 0 packets"),
    Application("MiniDLNA", ("minidlna", "gupnp-tools"), "239.255.255.250", 1900, "SSDP (UPnP) or WS-Discovery",
                start_minidlna, silence=4, counts=False),
    Application("Avahi", ("avahi-daemon",), "ff02::fb", 5353, "mDNS", start_avahi, symptom="Timeout reached", silence=5.5,
                counts=False),
)
