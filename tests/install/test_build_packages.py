"""packaging/build-packages: what it refuses, and what it writes beside the packages. Small packages stand in for ours."""

import importlib.machinery
import importlib.util
import re
import subprocess

import pytest

COPYRIGHT = "Format: https://example.org/\n\nFiles: *\nCopyright: 2026 Somebody\nLicense: Expat\n Text.\n"


@pytest.fixture(scope="module")
def tool(repository):
    loader = importlib.machinery.SourceFileLoader("build_packages", str(repository / "packaging/build-packages"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def dist(need, tmp_path):
    """An output folder with packages of Debian 13."""
    need("dpkg-deb")
    folder = tmp_path / "dist"
    folder.mkdir()
    for name, arch, depends in (("igmp-querier", "armhf", "libc6 (>= 2.34), systemd | sysusers, libfmt10 (>= 10)"),
                                ("igmp-querier-exporter", "all", "igmp-querier (>= 1.2.3+deb13)")):
        root = tmp_path / name
        (root / f"usr/share/doc/{name}").mkdir(parents=True)
        (root / f"usr/share/doc/{name}/copyright").write_text(COPYRIGHT)
        (root / "DEBIAN").mkdir()
        (root / "DEBIAN/control").write_text(f"Package: {name}\nVersion: 1.2.3+deb13\nArchitecture: {arch}\nMaintainer: Nobody <a@b.c>\n"
                                             f"Depends: {depends}\nDescription: a stand-in\n of it\n")
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", root, folder], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.mark.parametrize(("arguments", "says"), [
    (["--release", "jessie"], "no packages are made for release 'jessie'; there are bookworm, trixie"),
    (["--arch", "riscv64", "--release", "trixie"], "no packages are made for architecture 'riscv64'; there are amd64, arm64, armhf"),
    (["--release", "trixie", "--page", "/nowhere"], "no file '/nowhere'; a build with IGMP_QUERIER_PAGE=ON leaves page/page.cpp"),
])
def test_refuses_in_one_line(repository, tmp_path, arguments, says):
    done = subprocess.run([repository / "packaging/build-packages", *arguments, "--output", tmp_path / "dist"], capture_output=True,
                          text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"build-packages: {says}\n")
    assert not (tmp_path / "dist").exists()


def test_the_bill_of_materials_names_packages_and_dependencies_with_their_versions(tool, dist):
    packages = sorted(dist.glob("*.deb"), reverse=True)
    bill = tool.sbom(packages, {"libc6": ("2.41-12", "armhf"), "systemd": ("257-9", "amd64")}, "trixie")
    assert bill["spdxVersion"] == "SPDX-2.3" and bill["dataLicense"] == "CC0-1.0"
    parts = {part["name"]: part for part in bill["packages"]}
    assert {name: part.get("versionInfo") for name, part in parts.items()} == {
        "igmp-querier": "1.2.3+deb13", "igmp-querier-exporter": "1.2.3+deb13", "libc6": "2.41-12", "systemd": "257-9",
        "libfmt10": None}  # which was not there
    for file in packages:
        part = next(part for part in bill["packages"] if part.get("packageFileName") == file.name)
        assert part["licenseDeclared"] == "MIT"
        assert part["checksums"] == [{"algorithm": "SHA256", "checksumValue": tool.digest(file)}]
    place = parts["libc6"]["externalRefs"][0]["referenceLocator"]
    assert place == "pkg:deb/debian/libc6@2.41-12?arch=armhf&distro=trixie"
    relations = {(one["spdxElementId"], one["relationshipType"], one["relatedSpdxElement"]) for one in bill["relationships"]}
    assert ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-igmp-querier") in relations
    assert ("SPDXRef-igmp-querier-exporter", "DEPENDS_ON", "SPDXRef-igmp-querier") in relations
    named = {part["SPDXID"] for part in bill["packages"]} | {"SPDXRef-DOCUMENT"}
    assert {end for one, _, other in relations for end in (one, other)} == named


def test_the_bill_of_materials_is_the_same_for_the_same_packages(tool, dist):
    packages = sorted(dist.glob("*.deb"))
    assert tool.sbom(packages, {}, "trixie") == tool.sbom(packages, {}, "trixie")
    assert tool.sbom(packages, {}, "trixie") != tool.sbom(packages[:1], {}, "trixie")


def test_the_checksums_hold_until_a_package_changes(tool, dist):
    tool.describe(dist)
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=dist, capture_output=True).returncode == 0
    with next(dist.glob("igmp-querier_*.deb")).open("ab") as package:
        package.write(b"x")
    assert subprocess.run(check, cwd=dist, capture_output=True).returncode == 1


def test_the_release_note_has_a_row_for_each_package(tool, dist):
    tool.describe(dist)
    note = (dist / "RELEASE.md").read_text()
    assert note.startswith("# igmp-querier 1.2.3\n")
    assert re.search(r"^\| igmp-querier_1.2.3\+deb13_armhf.deb \| Debian 13 \| 32-bit ARM, .* \| 0.00 MB \|$", note, re.M)
    assert re.search(r"^\| igmp-querier-exporter_1.2.3\+deb13_all.deb \| Debian 13 \| all of these machines \|", note, re.M)
