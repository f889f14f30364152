"""Clocks, lights and data: ptp4l, OLA and Cyclone DDS."""

from harness.applications import NOBODY, Application, Reader, count_of, last_number

OTHER_PLUGINS = ("artnet", "dummy", "espnet", "gpio", "karate", "kinet", "milinst", "opendmx", "openpixelcontrol", "osc",
                 "renard", "sandnet", "shownet", "spi", "stageprofi", "usbserial", "usbdmx", "pathport", "ftdidmx",
                 "uartdmx")


def start_ptp4l(lan):
    """Two clocks on software time stamps, neither of which touches the clock of the machine."""
    options = ("-4", "-S", "-m", "-i", "eth0", "--free_running", "1", "--freq_est_interval", "0",
               "--logAnnounceInterval", "0", "--uds_address")
    lan.sender.start("ptp4l", *options, lan.lab.directory / "grand-master", "--priority1", "10")
    receiver = lan.receiver.start("ptp4l", *options, lan.lab.directory / "clock", "--priority1", "20")
    return Reader(receiver, received=count_of("master offset"), lost=count_of("(SLAVE|UNCALIBRATED) to MASTER"))


# One reader would be sent everything in unicast if nothing said that multicast is preferred.
DDS = """<CycloneDDS><Domain><General><AllowMulticast>true</AllowMulticast>
<Interfaces><NetworkInterface name="eth0" multicast="true" prefer_multicast="true"/></Interfaces>
</General></Domain></CycloneDDS>"""


def start_ddsperf(lan):
    lan.lab.environment["CYCLONEDDS_URI"] = DDS
    lan.sender.start("ddsperf", "-u", "pub", "20Hz", "size", "100")
    receiver = lan.receiver.start("ddsperf", "-u", "sub")
    return Reader(receiver, received=last_number(r" total (\d+) lost"), lost=last_number(r" total \d+ lost (\d+)"))


def start_ola(lan):
    """Two daemons with one universe: what the one is told ten times a second, the monitor of the other shows."""
    for host, port in (lan.sender, "O"), (lan.receiver, "I"):
        folder = lan.folder(host)
        for plugin in OTHER_PLUGINS:
            (folder / f"ola-{plugin}.conf").write_text("enabled = false\n")
        (folder / "ola-e131.conf").write_text("enabled = true\ninput_ports = 1\noutput_ports = 1\n")
        (folder / "ola-port.conf").write_text(f"11-1-{port}-0 = 1\n")
        daemon = host.start(*NOBODY, "olad", "-l", "3", "--config-dir", folder, "--no-http", "--no-register-with-dns-sd")
        daemon.wait_log("Started E1.31", 10)
    lan.sender.start("sh", "-c", "while :; do for value in $(seq 0 255); do echo $value,1,2; sleep 0.1; done; done"
                     " | ola_streaming_client --universe 1")
    monitor = lan.receiver.start("script", "-qefc", "ola_dmxmonitor --universe 1", "/dev/null")
    # The monitor writes only what has changed: channel 1 is in the third line.
    return Reader(monitor, daemon, received=count_of(r"\x1b\[3;[1-4]H.*?\d"), lost=count_of("Data Loss!"))


APPLICATIONS = (
    Application("ptp4l", ("linuxptp",), "224.0.1.129", 319, "PTP", start_ptp4l,
                symptom="to MASTER on ANNOUNCE_RECEIPT_TIMEOUT_EXPIRES", settle=20, silence=5, counts=False),
    Application("OLA", ("ola",), "239.255.0.1", 5568, "DDS or sACN universe 1", start_ola,
                symptom="Data Loss!", counts=False),
    Application("Cyclone DDS", ("cyclonedds-tools",), "239.255.0.1", 7401, "DDS or sACN universe 1", start_ddsperf,
                symptom=r"participant \S+: gone"),
)
