"""The man pages say what the program takes: no less, and nothing else."""

import os
import re
import subprocess

import pytest

from harness.lab import IGMP_QUERIER, REPOSITORY

PAGES = [REPOSITORY / "packaging/man" / name for name in ("igmp-querier.8", "igmp-querier.toml.5")]
COMMANDS = ["run", "status", "groups", "hosts", "watch", "events", "doctor", "explain", "probe", "soak", "exporter", "check-config",
            "open-socket"]


def man(page):
    """The page as text, with lines so long that nothing is broken, and what man complains about."""
    done = subprocess.run(
        ["man", "--warnings", "--no-hyphenation", "--no-justification", "-l", page], capture_output=True, text=True,
        timeout=20, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "500", "MANPAGER": "cat"})
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def program(*arguments):
    return subprocess.run([IGMP_QUERIER, *arguments], capture_output=True, text=True, timeout=5)


def parts(text, indentation):
    """What follows each heading of that indentation, up to the next one."""
    pieces = re.split(rf"^ {{{indentation}}}(\S.*)\n", text, flags=re.M)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def keys():
    """What the page says of each key."""
    pieces = re.split(r"^ {5}([a-z-]+)(?: {2,}|\n)", parts(man(PAGES[1])[0], 0)["KEYS"], flags=re.M)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def options_in(lines):
    """The options that lines with such a beginning name."""
    return set(re.findall(r"(?<![\w-])--?[a-z46][a-z-]*", " ".join(re.findall(r"^ +(-\S.*?)(?:  |\n|$)", lines, re.M))))


def options_of(command):
    return set(re.findall(r"(?:^  |,)(--?[a-z46][a-z-]*)", program(command, "--help").stdout, re.M))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_man_has_no_complaint(page, tmp_path):
    assert man(page)[1] == ""
    broken = tmp_path / "broken.8"
    broken.write_text(page.read_text() + ".Frob\n")
    assert "Frob" in man(broken)[1]


def test_every_command_and_option_and_no_other():
    commands = parts(parts(man(PAGES[0])[0], 0)["DESCRIPTION"], 3)
    assert list(commands) == COMMANDS
    documented = {name: options_in(text) for name, text in commands.items()}
    shared = documented["status"]  # the page says so there
    assert "--json" in shared and "--timeout" in documented["run"]
    for command in COMMANDS:
        known = options_of(command) - {"-h", "--help"}
        assert documented[command] <= known, command
        missing = known - documented[command] - (shared if command in ("groups", "hosts", "events") else set())
        assert not missing, command


def test_every_kind_of_event():
    known = re.search(r"\{(.*)\}", program("events", "--kind", "frob").stderr)[1].split(",")
    said = re.search(r"Kinds are (.*), which tells", man(PAGES[0])[0])[1]
    assert sorted(re.split(", | and ", said)) == sorted(known)


def test_every_key_with_its_range_and_its_default(tmp_path):
    file = tmp_path / "igmp-querier.toml"
    file.write_text("[defaults.mld]\n")
    done = program("check-config", file)
    in_force = dict(re.findall(r"^# ([a-z-]+) = (\S+)$", done.stdout, re.M))
    said = keys()
    assert set(said) == set(in_force)
    ranges = 0
    for key, default in in_force.items():
        text = " ".join(said[key].split())
        assert re.search(rf"(default:?|else) (.*else )?{re.escape(default)}(?!\w)", text), key
        file.write_text(f"[defaults.igmp]\n{key} = -1\n")
        refusal = program("check-config", file).stderr
        if allowed := re.search(r"it must be (?:a whole number from )?([\d.]+ to [\d.]+)", refusal):
            ranges += 1
            assert re.search(rf"(?<![\d.]){re.escape(allowed[1])}(?![\d.]*\d)", text), key
    assert ranges == 13


def test_keys_that_mld_has_not_are_marked(tmp_path):
    file = tmp_path / "igmp-querier.toml"
    file.write_text("[defaults.mld]\n")
    igmp, mld = (set(re.findall(r"^# ([a-z-]+) = ", text, re.M))
                 for text in program("check-config", file).stdout.split("[defaults.mld]"))
    assert {key for key, text in keys().items() if "IGMP only." in text} == igmp - mld


def table_rows(page, heading):
    """The cells of each row of the first table of that document whose heading row begins so."""
    lines = (REPOSITORY / "docs" / page).read_text().split(heading, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_configuration_page_has_the_options_keys_and_defaults_of_run(tmp_path):
    rows = table_rows("configuration.md", "| option | in the configuration file |")
    options = {option for row in rows for option in re.findall(r"(?<![\w-])--?[a-z46][a-z-]*", row[0])}
    assert options == options_of("run") - {"-h", "--help"}
    file = tmp_path / "igmp-querier.toml"
    file.write_text("[defaults.mld]\n")
    in_force = dict(re.findall(r"^# ([a-z-]+) = (\S+)$", program("check-config", file).stdout.split("[defaults.mld]")[0], re.M))
    said = {key: row[2] for row in rows for key in re.findall(r"`([a-z-]+)`", row[1])}
    assert set(said) == set(in_force)
    for key, default in in_force.items():
        assert re.search(rf"(?<![\w.]){re.escape(default)}(?![\w.])", said[key]) or said[key] == default, key


def test_usage_page_has_the_options_of_the_other_commands():
    rows = table_rows("usage.md", "| option | of |")
    asking = ["status", "groups", "hosts", "watch", "events"]
    for row in rows:
        of = asking if row[1].startswith("all") else re.findall(r"`([a-z]+)`", row[1])
        of = [command for command in of if not (row[1].startswith("all but") and f"`{command}`" in row[1])]
        for command in of:
            assert set(re.findall(r"`(--?[a-z46][a-z-]*)", row[0])) <= options_of(command), (row[0], command)
    documented = {option for row in rows for option in re.findall(r"`(--?[a-z46][a-z-]*)", row[0])}
    every = set().union(*map(options_of, asking)) - {"-h", "--help"}
    elsewhere = {"--interface", "--api-socket", "--reverse", "--sources", "--numeric", "--follow", "--lines"}  # the text names these or their other names
    assert every - documented <= elsewhere, every - documented


def test_every_finding_is_documented():
    """The table of docs/findings.md has the rules of the program, with their severity and meaning, in their order."""
    source = (REPOSITORY / "src/diagnose/rules.cpp").read_text()
    rules = re.findall(r'Rule\{"([a-z-]+)", k(\w+),\s*((?:"[^"]*"\s*)+),', source)
    expected = [(name, severity.lower(), "".join(re.findall('"([^"]*)"', meaning)))
                for name, severity, meaning in rules]
    table = (REPOSITORY / "docs/findings.md").read_text()
    assert len(expected) > 10
    assert re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.*?) \|", table, re.M) == expected
