"""Sound and pictures over RTP: GStreamer, FFmpeg and VLC."""

import re

from harness.applications import NOBODY, Application, Reader, count_of, last_number

SOUND = ("ffmpeg", "-hide_banner", "-nostdin", "-re", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-ac", "2")


def start_gstreamer(lan):
    """Speech in packets of 43 ms. `audiorate` fills gaps with silence and says how many samples that took."""
    group = "239.69.1.1"
    lan.sender.start("gst-launch-1.0", *"audiotestsrc is-live=true ! audio/x-raw,format=S16BE,rate=16000,channels=1"
                     f" ! rtpL16pay ! udpsink host={group} port=5004 ttl-mc=8".split())
    receiver = lan.receiver.start("gst-launch-1.0", "-v", *f"udpsrc address={group} port=5004"
                                  " caps=application/x-rtp,media=audio,clock-rate=16000,encoding-name=L16,channels=1"
                                  " ! rtpjitterbuffer ! rtpL16depay ! audioconvert"
                                  " ! audiorate tolerance=30000000 silent=false ! progressreport update-freq=1"
                                  " ! fakesink".split())
    return Reader(receiver, received=last_number(r"^progressreport0 .*: (\d+) seconds"),
                  lost=last_number(r"audiorate0: add = (\d+)"))


def start_ffmpeg(lan):
    group = "239.69.2.1"
    lan.sender.start(*SOUND, "-c:a", "pcm_s16be", "-payload_type", "96", "-f", "rtp",
                     f"rtp://{group}:5004?ttl=8&pkt_size=1000")
    session = lan.lab.directory / "session.sdp"
    session.write_text(f"v=0\no=- 0 0 IN IP4 192.0.2.30\ns=sine\nc=IN IP4 {group}/8\nt=0 0\n"
                       "m=audio 5004 RTP/AVP 96\na=rtpmap:96 L16/48000/2\n")
    receiver = lan.receiver.start("ffmpeg", "-hide_banner", "-nostdin", "-probesize", "32", "-analyzeduration", "0",
                                  "-protocol_whitelist", "file,udp,rtp", "-i", session, "-f", "null",
                                  "-progress", "pipe:1", "-")
    missed = re.compile(r"RTP: missed (\d+) packets")
    return Reader(receiver, received=last_number(r"^out_time_us=(\d+)"),
                  lost=lambda text: sum(map(int, missed.findall(text))))


def start_vlc(lan):
    """A transport stream as IPTV sends it. VLC plays into a file; root may not run it."""
    group = "239.255.12.42"
    lan.sender.start(*SOUND, "-c:a", "mp2", "-f", "rtp_mpegts", f"rtp://{group}:5004?ttl=8")
    played = lan.folder(lan.receiver) / "played.wav"
    receiver = lan.receiver.start(*NOBODY, "env", f"HOME={played.parent}", "cvlc", "-v", "--no-color", "--aout", "afile",
                                  "--audiofile-file", played, f"rtp://@{group}:5004")
    return Reader(receiver, received=lambda _: played.exists() and played.stat().st_size,
                  lost=count_of("packet.* lost|discontinuity"))


APPLICATIONS = (
    Application("GStreamer", ("gstreamer1.0-tools", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good"),
                "239.69.1.1", 5004, "AES67 (Dante)", start_gstreamer),
    Application("FFmpeg", ("ffmpeg",), "239.69.2.1", 5004, "AES67 (Dante)", start_ffmpeg),
    Application("VLC", ("vlc-bin", "vlc-plugin-base"), "239.255.12.42", 5004, "sACN universe 3114 or Dante/NDI", start_vlc),
)
