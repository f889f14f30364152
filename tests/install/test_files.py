"""packaging/files and `cmake --install`: every file in its place, under any prefix; an existing configuration stays."""

import os
import pathlib
import re
import subprocess

import pytest
from machine import run

CONFIG = "etc/igmp-querier/igmp-querier.toml"


@pytest.fixture(scope="module")
def build(repository):
    program = pathlib.Path(os.environ.get("IGMP_QUERIER", repository / "build/release/igmp-querier")).resolve()
    if not (program.parent / "cmake_install.cmake").exists():
        pytest.fail("needs a release build: cmake --workflow --preset release")
    return program.parent


def install(build, root, *options):
    subprocess.run(["cmake", "--install", build, *options], check=True, env={**os.environ, "DESTDIR": str(root)},
                   stdout=subprocess.DEVNULL)
    return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def listed(repository):
    """Lines of packaging/files as (kind, source, place)."""
    lines = (repository / "packaging/files").read_text().splitlines()
    return [tuple(line.split()) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
def test_every_file_has_its_place(build, repository, listed, tmp_path, prefix):
    files = install(build, tmp_path, "--prefix", prefix)
    wanted = set()
    for kind, source, place in listed:
        folder = repository / source
        names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()] if source[-1] == "/" else [""]
        wanted |= {str(pathlib.Path(prefix, place, name))[1:] for name in names if "decisions" not in str(name)}
    assert files == wanted and CONFIG in files
    assert os.access(tmp_path / prefix[1:] / "bin/igmp-querier", os.X_OK)


def test_everything_in_packaging_is_listed(repository, listed):
    """What is not installed is for those who make packages."""
    sources = [source for _, source, _ in listed]
    for path in run("git", "-C", str(repository), "ls-files", "packaging").split():
        if path.split("/")[1] not in ("files", "build-packages", "check-reproducible", "container"):
            assert any(path == source or source[-1] == "/" and path.startswith(source) for source in sources), path


def test_a_package_that_takes_over_removes_what_install_sh_has_installed(repository):
    """The one other list is in debian/igmp-querier.postinst, which has no packaging/files to read."""
    removed = re.findall(r"/usr/local/\S+", re.search(r"\brm -f (.*?)\n  for", (repository / "debian/igmp-querier.postinst").read_text(), re.S)[1])
    listed = run(repository / "tools/list-files", "program", "file").splitlines()
    assert sorted(removed) == sorted(line.split()[1] for line in listed)


def test_the_package_and_install_sh_leave_out_the_same_interfaces(repository):
    """debconf asks before anything is unpacked, so the package has the list of install.sh once more."""
    ours = re.search(r"virtual='\^\((.*?)\)", (repository / "install.sh").read_text())[1].split("|")
    packaged = re.search(r"^ +(docker\*.*)\) return 1", (repository / "debian/igmp-querier.config").read_text(), re.M)[1]
    assert packaged.split(" | ") == [f"{name}*" for name in ours]


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
@pytest.mark.parametrize("unit", ["igmp-querier", "igmp-querier-exporter"])
def test_units_start_the_program_that_was_installed(build, tmp_path, prefix, unit):
    install(build, tmp_path, "--prefix", prefix)
    text = (tmp_path / prefix[1:] / f"lib/systemd/system/{unit}.service").read_text()
    assert f"\nExecStart={prefix}/bin/igmp-querier " in text and f"\nExecPaths={prefix}/bin/igmp-querier " in text
    assert "/bin/igmp-querier" not in text.replace(f"{prefix}/bin/igmp-querier", "")


def test_a_configuration_that_is_there_stays(build, tmp_path):
    config = tmp_path / CONFIG
    config.parent.mkdir(parents=True)
    config.write_text("# mine\n")
    install(build, tmp_path, "--prefix", "/usr")
    assert config.read_text() == "# mine\n"
