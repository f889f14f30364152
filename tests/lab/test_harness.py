"""The lab itself: it keeps to its own network, leaves nothing behind, and its judges can say no."""

import pathlib
import signal
import subprocess
import sys

import packets
from lab import MCAST_STREAM, run, wait

HERE = pathlib.Path(__file__).parent


def test_the_tests_see_no_network_but_their_own(isolated):
    """Where the tests run there is a loopback that is down, and nothing else."""
    links = run("ip", "-o", "link").splitlines()
    assert len(links) == 1 and "LOOPBACK" in links[0] and "UP" not in links[0]


def test_without_isolation_the_lab_refuses_to_work():
    code = "import lab; lab.run('ip', 'link')"
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 1 and "refusing to touch the network outside the lab" in done.stderr


def test_a_killed_lab_takes_its_programs_along(isolated, tmp_path):
    """Even SIGKILL leaves no program behind; namespaces end with the last process in them."""
    code = ("import lab, sys, time\n"
            "lab.isolate()\n"
            f"made = lab.Lab({str(tmp_path)!r})\n"
            "host, peer = made.pair()\n"
            "print(host.stream('receive', '239.1.2.3').popen.pid, flush=True)\n"
            "time.sleep(60)\n")
    owner = subprocess.Popen([sys.executable, "-B", "-c", code], cwd=HERE, stdout=subprocess.PIPE, text=True)
    try:
        program = pathlib.Path(f"/proc/{int(owner.stdout.readline())}/cmdline")
        # Until then it is setpriv with the same words, which may not have asked for the signal yet.
        wait(lambda: program.read_text().split("\0")[0] == str(MCAST_STREAM), what="the program")
    finally:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        owner.stdout.close()
    wait(lambda: not program.exists() or not program.read_text(), what="the end of the program")


def test_tshark_finds_fault_with_a_spoilt_query(isolated, tmp_path):
    """What the tests call 'without a complaint' means something."""
    frame = packets.general_query("192.0.2.1")
    spoilt = [frame, frame[:40] + b"\0\0" + frame[42:], frame[:24] + b"\0\0" + frame[26:]]
    rows = packets.decode(tmp_path / "spoilt.pcap", [packets.Frame(0, data) for data in spoilt], "_ws.expert")
    assert rows[0] == [""] and all("checksum" in row[0].lower() for row in rows[1:])
