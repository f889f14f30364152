"""`cmake --install`: every file in its place, under any prefix, and a configuration that is there stays."""

import os
import pathlib
import subprocess

import pytest

DOCUMENTS = {"README.md", "CHANGELOG.md", "LICENSE", "docs"}
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


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
def test_every_file_has_its_place(build, tmp_path, prefix):
    top = prefix[1:]
    files = install(build, tmp_path, "--prefix", prefix)
    documents = {name for name in files if name.startswith(f"{top}/share/doc/igmp-querier/")}
    assert {name.split("/igmp-querier/")[1].split("/")[0] for name in documents} == DOCUMENTS
    assert f"{top}/share/doc/igmp-querier/docs/usage.md" in documents and not any("decisions" in name for name in documents)
    assert files - documents == {
        CONFIG,
        f"{top}/bin/igmp-querier",
        f"{top}/lib/systemd/system/igmp-querier.service",
        f"{top}/lib/systemd/system/igmp-querier-exporter.service",
        f"{top}/lib/sysusers.d/igmp-querier.conf",
        f"{top}/share/man/man8/igmp-querier.8",
        f"{top}/share/man/man5/igmp-querier.toml.5",
        f"{top}/share/bash-completion/completions/igmp-querier",
        f"{top}/share/zsh/site-functions/_igmp-querier",
        *(f"{top}/share/igmp-querier/{name}" for name in (
            "grafana/igmp-querier.json", "prometheus/prometheus.yml", "prometheus/igmp-querier.rules.yml",
            "prometheus/igmp-querier.targets.yml")),
    }
    assert os.access(tmp_path / top / "bin/igmp-querier", os.X_OK)


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
