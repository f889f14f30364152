"""Configuration files that are none: one line says why, and a daemon that runs goes on with what it had."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from harness import packets
from harness.api import Api
from harness.lab import BRISK, IGMP_QUERIER, wait
from harness.packets import general_query

MEBIBYTE = 1 << 20


def write(content):
    return lambda path: path.write_bytes(content)


def huge(path):
    """100 MB without taking them from the disk."""
    with open(path, "wb") as file:
        file.truncate(100 * MEBIBYTE)


def listening(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


FILES = {
    "bytes": (write(bytes(range(256)) * 16), r":\d+: not TOML"),
    "random bytes": (write(bytes((n * n * 2654435761 >> 13) & 0xFF for n in range(1, 60000))), r":\d+: not TOML"),
    "half a character": (write(b"[defaults.igmp]\nquery-interval = \"\xc3"), r":\d+: not TOML"),
    "zeroes": (write(bytes(4096)), r":\d+: not TOML"),
    "100 MB": (huge, "larger than 512 KiB"),
    "100 MB of comments": (write(b"# a\n" * (25 * MEBIBYTE)), "larger than 512 KiB"),
    "one byte too many": (write(b"#" * (512 * 1024 + 1)), "larger than 512 KiB"),
    "endless": (lambda path: path.symlink_to("/dev/zero"), "larger than 512 KiB"),
    "directory": (lambda path: path.mkdir(), "Is a directory"),
    "FIFO": (os.mkfifo, "not a regular file"),
    "link to a FIFO": (lambda path: (os.mkfifo(f"{path}.fifo"), path.symlink_to(f"{path}.fifo")), "not a regular file"),
    "socket": (listening, "not a regular file"),
    "link to itself": (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
    "link to nothing": (lambda path: path.symlink_to("/nonexistent"), "No such file"),
    "deep arrays": (write(b"a = " + b"[" * 60000), r":\d+: not TOML"),
    "deep tables": (write(b"a = " + b"{a = " * 12000), r":\d+: not TOML"),
    "deep keys": (write(b"a." * 30000 + b"a = 1\n"), "dots in one line"),
    "deep names": (write(b"[" + b"a." * 30000 + b"a]\n"), "dots in one line"),
    "a quarter of a thousand tables deep": (write(b"[" + b"a." * 250 + b"a]\n"), "unknown key 'a'"),
    "long key": (write(b"[defaults.igmp]\n" + b"k" * 60000 + b" = 1\n"), "unknown key 'kkk"),
    "long list": (write(b"[defaults.igmp]\nignore-queriers = [" + b"'192.0.2.1',\n" * 4000 + b"]\n"), "4000 entries"),
    "many interfaces": (write(b"".join(b"[interface.e%d]\n" % n for n in range(20000))), r":\d+: more than 2048 tables"),
    "many tables": (write(b"".join(b"[interface.e%d]\nx=1\n" % n for n in range(2000))), r"unknown key 'x'"),
}
hostile = pytest.mark.parametrize("make,words", FILES.values(), ids=FILES)


@hostile
def test_a_hostile_file_is_refused_in_one_line(lab, tmp_path, make, words):
    """At the start and by check-config, within seconds."""
    host, _ = lab.pair()
    path = tmp_path / "hostile.toml"
    make(path)
    for process in host.querier(f"-i eth0 -c {path}"), host.querier(f"check-config {path}"):
        assert process.finish(5) == 1
        [line] = process.log()
        assert str(path) in line and re.search(words, line), line[:300]
        assert line[:-1].isprintable()


@hostile
def test_a_hostile_file_changes_nothing_when_it_is_reloaded(lab, make, words):
    """Queries go on, and the settings are as they were: a correct file is taken the next time."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    path = lab.directory / "querier.toml"
    path.write_text("[defaults.igmp]\nignore-queriers = ['192.0.2.5']\n")
    daemon = host.querier(f"-i eth0 -c {path}", BRISK)
    wire.wait_queries(1)
    path.unlink()
    make(path)
    daemon.popen.send_signal(signal.SIGHUP)
    [line] = daemon.wait_log("not reloaded, nothing has changed")
    assert re.search(words, line) and line[:-1].isprintable(), line[:300]
    peer.send(general_query("192.0.2.5"))
    wire.wait_queries(2, source="192.0.2.10", since=time.time())
    assert not daemon.logged("LOST")
    path.rmdir() if path.is_dir() else path.unlink()
    path.write_text("")
    daemon.popen.send_signal(signal.SIGHUP)
    daemon.wait_log("configuration reloaded")
    peer.send(general_query("192.0.2.5"))
    daemon.wait_log("LOST")
    assert daemon.stop() == 0


def test_a_file_that_only_its_owner_may_read_is_an_error_for_others(lab):
    """Open to all, it is none."""
    host, _ = lab.pair()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="iq-"))
    lab.cleanup.callback(shutil.rmtree, directory)
    directory.chmod(0o755)
    path = directory / "closed.toml"
    path.write_text("")
    nobody = "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
    for mode, status in (0o600, 1), (0o644, 0):
        path.chmod(mode)
        process = host.start(*nobody, IGMP_QUERIER, "check-config", path)
        assert process.finish(5) == status
        assert bool(process.logged("Permission denied")) == (status == 1)


def test_words_of_a_file_cannot_forge_the_log(lab, tmp_path):
    """Control characters, escape sequences and line breaks in keys, values and names are shown as question marks."""
    host, _ = lab.pair()
    path = tmp_path / "forged.toml"
    for text in ('[defaults.igmp]\n"a\\u001b[2J\\nnews" = 1\n', '[defaults.igmp]\nversion = "\\u001b[2J\\nnews"\n',
                 '[interface."a\\nb"]\n', '[defaults.igmp]\nignore-queriers = ["\\u001b\\nnews"]\n',
                 '[defaults.igmp]\ntrusted-queriers = "\\u0007\\nnews"\n',
                 '[defaults.igmp]\non-rogue-querier = "\\r\\nnews"\n', '["\\nnews"]\n', '[defaults."\\nnews"]\n'):
        path.write_text(text)
        process = host.querier(f"check-config {path}")
        assert process.finish(5) == 1
        [line] = process.log()
        assert "?" in line and line[:-1].isprintable(), line


def test_names_of_interfaces_cannot_forge_the_log(lab, tmp_path):
    """The kernel allows escape sequences in them, and bytes that are no text."""
    host, peer = lab.pair(None)
    for number, name in enumerate([b"e\x1b[31m\x07\xc2\x9b", b"e\xff\xe2\x80\xae"]):
        lab.link(host, f"e{number}", peer, f"e{number}")
        change = "ip", "-n", host.name, "link", "set"
        subprocess.run([*change, f"e{number}", "down", "name", name], check=True)
        subprocess.run([*change, name, "up"], check=True)
    path = tmp_path / "all.toml"
    path.write_text('[interface."e*"]\n')
    api = Api(lab)
    daemon = host.querier(f"-c {path} -v", api.option)
    api.ready()

    def names():
        return {found["interface-name"] for found in api.get("/v1/status")["interfaces"]}
    wait(lambda: names() == {"e??", "e?[31m??", "eth0"}, what="their names")
    status = host.querier(f"status {api.option}")
    assert status.finish(5) == 1
    refused = host.querier("-i missing")
    assert refused.finish(5) == 1 and "e?[31m??" in refused.log()[0]
    daemon.stop()
    for process in daemon, status, refused:
        for line in process.log() + process.output():
            assert line[:-1].isprintable(), line
