"""Programs that people use: each dies behind a snooping switch without a querier, and lives with ours."""

import re
import subprocess

import pytest

from harness.applications import Application, Reader, Trial, count_of
from harness.lab import REPOSITORY
from harness.programs import APPLICATIONS
from harness.switches import AGING, LinuxBridge, OpenVSwitch


def name(application):
    return application.name


@pytest.mark.slow
@pytest.mark.parametrize("make_switch", [OpenVSwitch, LinuxBridge])
@pytest.mark.parametrize("application", APPLICATIONS, ids=name)
def test_an_application_dies_without_a_querier_and_lives_with_ours(lab, record_property, application, make_switch):
    """It says itself that it receives, that it receives no more, that it receives again without anybody touching it,
    and that it loses nothing for four aging times."""
    result = Trial(lab, make_switch, application).result()
    record_property("application", result.row())
    assert AGING - application.silence <= result.dies_after < AGING + 5
    assert result.lives_for >= 4 * AGING
    assert not result.lost


@pytest.mark.parametrize("application", [application for application in APPLICATIONS if application.counts], ids=name)
def test_an_application_says_what_it_loses(lab, application):
    """So that a trial in which it says nothing has lost nothing."""
    Trial(lab, LinuxBridge, application).lose()


@pytest.mark.parametrize(("command", "words"), [
    (("/nonexistent",), "it ended by itself: .*No such file"),
    (("sh", "-c", "echo waiting; sleep 100"), "anything received; .*waiting"),
])
def test_one_that_does_not_start_or_hears_nothing_fails_with_what_it_printed(lab, command, words):
    def start(lan):
        return Reader(lan.receiver.start(*command), received=count_of("received"))

    with pytest.raises(AssertionError, match=f"(?s){words}"):
        Trial(lab, LinuxBridge, Application("mute", (), "239.1.1.1", 5004, "", start, settle=1)).die()


def test_their_packages_are_installed_for_the_tests():
    listed = subprocess.run([REPOSITORY / "tools/install-packages", "--list", "application"], capture_output=True, text=True,
                            check=True).stdout.split()
    assert set(listed) == {package for application in APPLICATIONS for package in application.packages}


def test_the_document_has_a_row_for_each_application():
    """Group, port and version, as they are tested; the symptom in the words that the test waits for."""
    rows = {}
    for line in (REPOSITORY / "docs/applications.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 6:
            rows[cells[0]] = cells[1:]
    assert rows.pop("application") == ["group", "port", "name in `groups`", "its host reports in", "without a querier"]
    assert rows.keys() == {application.name for application in APPLICATIONS}
    for application in APPLICATIONS:
        group, port, called, version, symptom = rows[application.name]
        assert (group, int(port), called, version) == (application.group, application.port, application.called,
                                                       application.version)
        assert re.search(application.symptom, symptom), symptom
