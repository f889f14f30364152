"""What can be said about the unit without starting it."""

import re
import subprocess

LIMIT = 1.3


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)


def test_exposure_is_within_the_limit(need, repository):
    need("systemd-analyze")
    done = analyze("security", "--offline=yes", "--no-pager", str(repository / "packaging/igmp-querier.service"))
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) <= LIMIT, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("✓"))


def test_systemd_has_no_complaint(need, repository, tmp_path):
    need("systemd-analyze")
    text = (repository / "packaging/igmp-querier.service").read_text()
    # The program is not installed here; all else is checked as it is.
    unit = tmp_path / "igmp-querier.service"
    unit.write_text(text.replace("/usr/local/bin/igmp-querier", "/bin/true"))
    done = analyze("verify", "--man=no", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_it_never_gives_up(repository):
    settings = dict(re.findall(r"^(\w+)=(.*)$", (repository / "packaging/igmp-querier.service").read_text(), re.M))
    assert settings["Restart"] == "always"
    assert settings["StartLimitIntervalSec"] == "0"
    assert float(settings["RestartSec"]) <= 5
