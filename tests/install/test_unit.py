"""What can be said about the unit without starting it."""

import os
import pathlib
import re
import subprocess

import pytest

LIMIT = 1.3
UNITS = ["igmp-querier.service", "igmp-querier-exporter.service"]


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)


def settings_of(repository, unit):
    return dict(re.findall(r"^(\w+)=(.*)$", (repository / "packaging" / unit).read_text(), re.M))


@pytest.mark.parametrize("unit", UNITS)
def test_exposure_is_within_the_limit(need, repository, unit):
    need("systemd-analyze")
    done = analyze("security", "--offline=yes", "--no-pager", str(repository / "packaging" / unit))
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) <= LIMIT, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("✓"))


def test_systemd_has_no_complaint(need, repository, tmp_path):
    need("systemd-analyze")
    for name in UNITS:
        text = (repository / "packaging" / name).read_text()
        # The program is not installed here; all else is checked as it is.
        (tmp_path / name).write_text(text.replace("/usr/local/bin/igmp-querier", "/bin/true"))
    done = analyze("verify", "--man=no", *(str(tmp_path / name) for name in UNITS))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_it_never_gives_up(repository, unit):
    settings = settings_of(repository, unit)
    assert settings["Restart"] == "always"
    assert settings["StartLimitIntervalSec"] == "0"
    assert float(settings["RestartSec"]) <= 5


def test_what_may_leave_through_internet_sockets(repository):
    """It opens none itself, holds one a family, and of their packets only those to IPv6 groups leave."""
    settings = settings_of(repository, "igmp-querier.service")
    assert not {"AF_INET", "AF_INET6"} & set(settings["RestrictAddressFamilies"].split())
    assert settings["FileDescriptorStoreMax"] == "2"
    assert settings["IPAddressDeny"] == "any" and settings["IPAddressAllow"] == "ff00::/8"


def test_the_exporter_has_no_privilege_and_lives_without_the_daemon(repository):
    settings = settings_of(repository, "igmp-querier-exporter.service")
    assert settings["DynamicUser"] == settings["NoNewPrivileges"] == settings["PrivateUsers"] == "yes"
    assert settings["CapabilityBoundingSet"] == settings["AmbientCapabilities"] == ""
    assert settings["IPAddressDeny"] == "any" and settings["IPAddressAllow"] == "localhost"
    # What would end or hold it together with the daemon.
    assert not {"Requires", "Requisite", "BindsTo", "PartOf", "Upholds", "Conflicts"} & settings.keys()


def test_memory_has_a_bound(repository):
    """Beyond the 72 MiB that a link and family may take, on the smallest machine as well as on a large one."""
    assert settings_of(repository, "igmp-querier.service")["MemoryMax"] == "50%"
    assert settings_of(repository, "igmp-querier-exporter.service")["MemoryMax"] == "256M"


def test_other_programs_keep_its_share_of_a_processor_and_it_keeps_theirs(repository):
    """A weight gives it a group of its own: priorities in other groups do not count. Real time would let a storm of
    packets keep every other program waiting."""
    settings = settings_of(repository, "igmp-querier.service")
    assert settings["CPUWeight"] == "100"
    assert not {"Nice", "CPUSchedulingPolicy", "CPUSchedulingPriority"} & settings.keys()


def test_d_bus_is_out_of_sight(repository):
    """What is left of /run is tried in test_sandbox.py and, of the exporter's unit, in test_exporter.py."""
    settings = settings_of(repository, "igmp-querier.service")
    assert settings["TemporaryFileSystem"] == "/run:ro"
    assert not re.search(r"/run(/dbus)?( |$)", settings["BindPaths"] + " " + settings["BindReadOnlyPaths"])
    assert "-/run/dbus" in settings_of(repository, "igmp-querier-exporter.service")["InaccessiblePaths"].split()


def settings_in(text):
    return dict(re.findall(r"^# ?([a-z0-9-]+) = (\S+)", text, re.M))


def test_the_default_configuration_shows_every_setting_with_its_default(repository, need, tmp_path):
    binary = pathlib.Path(os.environ.get("IGMP_QUERIER", repository / "build/release/igmp-querier")).resolve()
    need(str(binary))
    file = repository / "packaging/igmp-querier.toml"
    text = file.read_text()
    igmp, mld = text.split("#[defaults.mld]")

    def in_force(configuration):
        done = subprocess.run([binary, "check-config", configuration], capture_output=True, text=True, timeout=10)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert settings_in(igmp) == settings_in(in_force(file))
    assert "[defaults.mld]" not in in_force(file), "MLD is off unless somebody asks for it"
    with_mld = tmp_path / "mld.toml"
    with_mld.write_text("[defaults.mld]\n")
    known = settings_in(in_force(with_mld).split("[defaults.mld]")[1])
    assert settings_in(mld).items() <= known.items() and settings_in(mld)
    said = re.search(r"the keys above except([^;]+);", igmp)[1]
    without = set(re.findall(r"[a-z]+(?:-[a-z]+)*", said.replace("\n#", ""))) - {"and"}
    assert settings_in(igmp).keys() - known.keys() == without
