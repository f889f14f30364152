import os
import pathlib
import signal
import sys
import tempfile

import pytest

from harness import applications
from harness import browser as browsers
from harness import lab as laboratory
from harness import neighbours
from harness.fake_api import FakeApi


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than half a minute")
    config.addinivalue_line("markers", "long: only ./test.sh --long runs it")
    config.addinivalue_line("markers", "heavy: keeps processors busy, so that times measured beside it mean nothing")


def pytest_collection_modifyitems(items):
    """Slow tests first, so that none of them is what a run waits for at its end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish(session):
    """What npm and apt have to bring comes while the machine's network can still be reached."""
    names = {item.path.name for item in session.items}
    if any(name.startswith("test_page") for name in names):
        browsers.install()
    if "test_neighbours.py" in names:
        neighbours.install()


def pytest_terminal_summary(terminalreporter):
    """Prints the rows that tests recorded, by what they are about."""
    recorded = [item for reports in terminalreporter.stats.values() for report in reports
                for item in getattr(report, "user_properties", ())]
    for subject, title, head in (("matrix", "faults and healthy LANs: what was found", ""),
                                 ("application", "applications behind switches", applications.Result.HEAD + "\n")):
        rows = {value for name, value in recorded if name == subject}
        if rows:
            terminalreporter.section(title)
            terminalreporter.write_line(head + "\n".join(sorted(rows)))


@pytest.fixture(scope="session")
def npm_modules():
    """What npm has installed; says why there is nothing, and that is a failure under CI."""
    reason = browsers.obstacle()
    if reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return browsers.modules


@pytest.fixture(scope="session")
def isolated():
    """Moves the tests to a private network; says why if it cannot, and that is a failure under CI."""
    reason = laboratory.obstacle()
    if reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    laboratory.isolate()
    previous = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that fixtures clean up
    yield
    signal.signal(signal.SIGTERM, previous)


@pytest.fixture
def lab(isolated):
    """In a folder that everybody may enter: a daemon reads its configuration again when it is root no more."""
    with tempfile.TemporaryDirectory(prefix="iq-") as directory, laboratory.Lab(directory) as made:
        made.directory.chmod(0o755)
        yield made


@pytest.fixture
def tmp_path():
    """A folder like pytest's, but one that everybody may enter: programs become other users."""
    with tempfile.TemporaryDirectory(prefix="iq-") as directory:
        os.chmod(directory, 0o755)
        yield pathlib.Path(directory)


@pytest.fixture
def host(lab):
    """A namespace with a loopback and nothing else."""
    return lab.namespace("host")


@pytest.fixture
def fake(lab, tmp_path):
    """A stand-in for the daemon."""
    with FakeApi(tmp_path / "api.sock") as made:
        yield made
