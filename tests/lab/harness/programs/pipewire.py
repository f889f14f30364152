"""PipeWire without a session: audio over RTP, announced by SAP."""

import os
import re
import subprocess
import time

from harness.applications import Application, Reader, count_of
from harness.lab import wait

AUDIO, SAP = "239.69.7.7", "239.255.255.255"
DAEMON = """
context.properties = { core.daemon = true core.name = pipewire-0 }
context.spa-libs = { audio.convert.* = audioconvert/libspa-audioconvert support.* = support/libspa-support }
context.modules = [
  { name = libpipewire-module-protocol-native } { name = libpipewire-module-metadata }
  { name = libpipewire-module-spa-node-factory } { name = libpipewire-module-client-node }
  { name = libpipewire-module-access } { name = libpipewire-module-adapter }
  { name = libpipewire-module-link-factory } { name = %s args = { local.ifname = eth0 sap.ip = %s %s } } ]
context.objects = [
  { factory = spa-node-factory args = { factory.name = support.node.driver node.name = driver priority.driver = 20000 } }
  { factory = adapter args = { factory.name = support.null-audio-sink node.name = loudspeaker media.class = Audio/Sink
                               audio.position = [ FL FR ] } } ]
"""
SINK = ("libpipewire-module-rtp-sink", SAP, f"destination.ip = {AUDIO} destination.port = 46000 net.ttl = 8"
        " stream.props = { node.name = network node.always-process = true media.class = Audio/Sink }")
SOURCE = ("libpipewire-module-rtp-source", SAP, "stream.rules = [ { matches = [ { rtp.session = \"~.*\" } ]"
          " actions = { create-stream = { node.name = network } } } ]")
PORTS = ("{ direction: %s, mode: dsp, format: { mediaType: audio, mediaSubtype: raw, format: F32P, rate: 48000,"
         " channels: 2, position: [ FL, FR ] } }")


def start_daemon(lan, host, parts):
    """A daemon, and what runs a command as its client."""
    folder = lan.folder(host, "root")
    (folder / "daemon.conf").write_text(DAEMON % parts)
    settings = {"XDG_RUNTIME_DIR": str(folder), "PIPEWIRE_DEBUG": "2,mod.rtp-*:4"}
    daemon = host.start("env", *(f"{name}={value}" for name, value in settings.items()), "pipewire", "-c",
                        folder / "daemon.conf")

    def client(*command):
        with host.entered():
            return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)

    return daemon, client


def give_ports(client, node, direction):
    wait(lambda: f'"{node}"' in client("pw-cli", "ls", "Node").stdout, 20, f"PipeWire's node {node}", 0.2)
    client("pw-cli", "set-param", node, "PortConfig", PORTS % direction)


def start(lan):
    """Silence on the network, and a loudspeaker that plays it as soon as SAP has told of it. A session manager would
    give ports to the nodes, and link them."""
    receiver, client = start_daemon(lan, lan.receiver, SOURCE)
    give_ports(start_daemon(lan, lan.sender, SINK)[1], "network", "Input")
    give_ports(client, "network", "Output")
    give_ports(client, "loudspeaker", "Input")

    def linked():
        client("pw-link", "network", "loudspeaker")
        return "|-> loudspeaker" in client("pw-link", "-l").stdout

    wait(linked, 10, "PipeWire's link to the loudspeaker", 0.2)
    return receiver


def plays(text):
    """Another value each time while it plays: it speaks only when it begins and when it has nothing to play."""
    words = re.findall("buffering done|underrun", text)
    return time.time() if words and words[-1] == "buffering done" else 0


def start_audio(lan):
    return Reader(start(lan), received=plays, lost=count_of("unexpected seq"))


def start_sap(lan):
    return Reader(start(lan), received=count_of("got sap"))


PACKAGES = ("pipewire", "pipewire-bin")
APPLICATIONS = (
    Application("PipeWire", PACKAGES, AUDIO, 46000, "AES67 (Dante)", start_audio, symptom="underrun", settle=30),
    Application("PipeWire SAP", PACKAGES, SAP, 9875, "SAP", start_sap, settle=30, silence=12, counts=False),
)
