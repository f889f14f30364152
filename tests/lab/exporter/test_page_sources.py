"""The sources of the page: types, functions, and what is bundled. No browser, no network."""

import json
import re
import shutil
import subprocess

import pytest

from harness.lab import REPOSITORY

WEB = REPOSITORY / "web"


def run(*command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def copy(npm_modules, tmp_path):
    """A copy of the sources, with what they import beside them."""
    for folder in "web", "tests/web":
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "web/node_modules").symlink_to(npm_modules("web") / "node_modules")
    return tmp_path


def check_types(copy, modules):
    """What the compiler complains about, a line each."""
    done = run("node", modules("tests/web") / "node_modules/typescript/bin/tsc", "-p", copy / "web", "--noEmit")
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout.splitlines()


def test_types_fit(copy, npm_modules):
    assert check_types(copy, npm_modules) == []


def test_types_that_do_not_fit_are_found(copy, npm_modules):
    """A file for each mistake, and a complaint about each file and nothing else."""
    mistakes = [
        ('export const wrong: number = "text";', "TS2322"),
        ("export const first = (list: string[]): string => list[0];", "TS2322"),
        ("export const loose = (value) => value;", "TS7006"),
        ('import uPlot from "uplot"; export const plot = new uPlot(1);', "TS2345"),
    ]
    for number, (mistake, _) in enumerate(mistakes):
        (copy / f"web/src/mistake{number}.ts").write_text(mistake + "\n")
    said = [line for line in check_types(copy, npm_modules) if not line.startswith(" ")]
    assert len(said) == len(mistakes)
    for number, (line, (_, code)) in enumerate(zip(sorted(said), mistakes)):
        assert re.fullmatch(rf"\S*mistake{number}\.ts\(\d+,\d+\): error {code}: .*", line)


def unit_tests(copy, npm_modules):
    """Runs them on what the bundler, which does not look at types, makes of the sources: a .js beside each .ts."""
    sources = sorted((copy / "web/src").glob("*.ts"))
    done = run(npm_modules("web") / "node_modules/.bin/esbuild", *sources, f"--outdir={copy / 'web/src'}")
    assert done.returncode == 0, done.stderr
    tests = sorted((copy / "tests/web/unit").glob("*.test.mjs"))
    return run("node", "--test", *tests, cwd=copy)


def test_functions_do_what_they_should(copy, npm_modules):
    done = unit_tests(copy, npm_modules)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"^\S+ pass (\d+)$", done.stdout, re.MULTILINE)[1]) >= 30


@pytest.mark.parametrize("file, right, wrong", [
    ("format.ts", "whole % 60", "whole % 61"),
    ("format.ts", 'padStart(3, "0")', 'padStart(1, "0")'),
    ("model.ts", "kMissedBySilent = 2", "kMissedBySilent = 3"),
    ("model.ts", ".slice(-kMaxEvents)", ""),
    ("layout.ts", "kMaxHosts = 60", "kMaxHosts = 61"),
    ("layout.ts", "kRounds = 4", "kRounds = 0"),
])
def test_functions_that_do_something_else_are_found(copy, npm_modules, file, right, wrong):
    source = copy / "web/src" / file
    text = source.read_text()
    assert right in text
    source.write_text(text.replace(right, wrong))
    assert unit_tests(copy, npm_modules).returncode != 0


def test_the_network_and_the_markup_cannot_be_reached_from_the_sources():
    """The page builds its document by calls, and asks its own origin alone."""
    for path in [*WEB.glob("src/*.ts"), WEB / "index.html", WEB / "app.css"]:
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function", text), path
        assert not re.search(r'https?://(?!www\.w3\.org/2000/svg")', text), path
        assert not re.search(r"\sstyle=|\son\w+=", text) or path.suffix != ".html", path


@pytest.mark.parametrize("folder", ["web", "tests/web"])
def test_packages_are_pinned_and_name_no_registry(folder):
    lock = json.loads((REPOSITORY / folder / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages and all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not re.search(r'"resolved"|https?://', json.dumps(lock).replace("https://opencollective.com", ""))
    manifest = json.loads((REPOSITORY / folder / "package.json").read_text())
    wanted = {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}
    assert wanted and all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_the_bundle_has_the_license_of_what_is_in_it(npm_modules, tmp_path):
    done = run("node", WEB / "build.mjs", npm_modules("web") / "node_modules", "--to", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    script = (tmp_path / "app.js").read_text()
    assert "Permission is hereby granted" in script and "Leon Sorokin" in script
    assert "sourceMappingURL" not in script
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.css", "app.js", "icon.svg", "index.html"]
