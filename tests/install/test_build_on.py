"""tools/build-on: whatever ends it, its tree and its processes go. A stand-in takes the place of debootstrap."""

import os
import signal
import subprocess

import pytest
from machine import wait_until


@pytest.fixture
def start(need, repository, tmp_path):
    """Starts it with a debootstrap that does this in the tree; returns the process, and how to find its trees."""
    if os.geteuid():
        pytest.skip("a tree is made by root")
    need("unshare", "setpriv", "ip")
    processes = []

    def start_with(script):
        stand_in = tmp_path / "debootstrap"
        # Where it puts the tree is its last argument but one.
        stand_in.write_text(f'#!/bin/bash\ntree=${{@: -2:1}}\n{script}\n')
        stand_in.chmod(0o755)
        environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        process = subprocess.Popen([repository / "tools/build-on", "trixie"], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        processes.append(process)
        return process, lambda: list(repository.glob(f"build/trees/trixie-{process.pid}-*"))

    yield start_with
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture
def under_way(start, tmp_path):
    """One that makes its tree and would go on doing so."""
    process, trees = start(f'touch "$tree/file"; echo $$ >{tmp_path}/started; sleep 300')
    wait_until(lambda: (tmp_path / "started").exists(), "a tree", 90)
    (parent,) = trees()
    assert (parent / "file").exists()
    return process, trees


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_leaves_nothing(under_way, how):
    process, trees = under_way
    process.send_signal(how)
    assert process.wait(90) == 130
    assert not trees()


def test_a_killed_run_takes_its_processes_along_and_the_next_removes_its_tree(under_way, start):
    process, trees = under_way
    (tree,) = trees()
    process.kill()
    process.wait()
    wait_until(lambda: not processes_in(tree), "the end of its processes", 90)
    assert trees()
    other, _ = start("exit 1")
    other.wait(90)
    assert not trees()


def processes_in(tree):
    """Command lines that name the tree."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as words:
                if str(tree).encode() in words.read():
                    found.append(number)
        except OSError:
            pass
    return found


def test_a_tree_that_cannot_be_made_is_told_and_removed(start):
    process, trees = start('echo "E: no such release"; exit 1')
    said = process.communicate(timeout=90)[0]
    assert process.returncode == 1 and "E: no such release" in said and "Traceback" not in said
    assert not trees()
