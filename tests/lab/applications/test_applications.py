"""Programs that people use: each dies behind a snooping switch without a querier, and lives with ours."""

import pytest

from harness.applications import Trial
from harness.programs import APPLICATIONS
from harness.switches import AGING, LinuxBridge, OpenVSwitch


@pytest.mark.slow
@pytest.mark.parametrize("make_switch", [OpenVSwitch, LinuxBridge])
@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda application: application.name)
def test_an_application_dies_without_a_querier_and_lives_with_ours(lab, record_property, application, make_switch):
    """It says itself that it receives, that it receives no more, that it receives again without anybody touching it,
    and that it loses nothing for four aging times."""
    result = Trial(lab, make_switch, application).result()
    record_property("application", result.row())
    assert AGING - 3 < result.dies_after < AGING + 5
    assert result.lives_for >= 4 * AGING
    assert not result.lost
