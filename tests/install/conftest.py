import os
import pathlib
import shutil
import signal
import subprocess
import sys

import pytest
from machine import Machine
from tree import tree

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))

from harness import signals  # noqa: E402


def pytest_configure():
    """Being told to stop ends a run as Ctrl-C does: with everything cleaned up. Programs heed signals however it began."""
    signals.heed()
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def cannot_run(reason):
    """A test that cannot run says why; where tests must count, that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def repository():
    return REPOSITORY


@pytest.fixture(scope="session")
def need():
    """Call it with the commands a test runs."""

    def check(*commands):
        for command in commands:
            if not shutil.which(command):
                cannot_run(f"needs the command {command}: run tools/install-packages test")

    return check


@pytest.fixture(scope="session")
def machine(need, tmp_path_factory):
    if os.geteuid():
        cannot_run("needs root, to boot a container")
    need("systemd-nspawn", "debootstrap", "nsenter", "unshare", "ip")
    binary = pathlib.Path(os.environ.get("IGMP_QUERIER", REPOSITORY / "build/release/igmp-querier")).resolve()
    if not binary.exists():
        cannot_run(f"needs the program at {binary}: cmake --workflow --preset release")
    scratch = tmp_path_factory.mktemp("tree")
    try:
        with Machine(tree(str(binary), scratch), {REPOSITORY: "/src", binary: "/opt/igmp-querier"}) as booted:
            yield booted
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture(scope="session")
def make_packages(repository, need):
    """Makes the packages of the release build in a folder, from a copy of the sources."""
    need("dpkg-buildpackage", "dh", "lintian")
    program = pathlib.Path(os.environ.get("IGMP_QUERIER", repository / "build/release/igmp-querier")).resolve()

    def make(folder, environment=None, **options):
        sources = folder / "igmp-querier"
        shutil.copytree(repository, sources, symlinks=True,
                        ignore=shutil.ignore_patterns("build", "dist", ".git", "__pycache__", "node_modules"))
        made = subprocess.run(
            ["dpkg-buildpackage", "--build=binary", "--no-sign", "--no-check-builddeps"], cwd=sources,
            env={**os.environ, **(environment or {}), "IGMP_QUERIER_BUILD": str(program.parent)}, capture_output=True,
            text=True, **options)
        assert made.returncode == 0, made.stdout + made.stderr

    return make


@pytest.fixture(scope="session")
def packages(make_packages, tmp_path_factory):
    """The folder with the packages of the release build. Their tests share the group "package"."""
    folder = tmp_path_factory.mktemp("packages")
    make_packages(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
