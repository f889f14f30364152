"""The completions of bash and zsh: what they offer is what the program takes."""

import re
import subprocess

import pytest

from harness.lab import IGMP_QUERIER, REPOSITORY, run
from harness.terminal import Terminal

COMPLETIONS = REPOSITORY / "packaging/completions"
COMMANDS = ["run", "status", "groups", "hosts", "watch", "events", "doctor", "explain", "probe", "soak", "exporter", "check-config",
            "open-socket"]
BASH = """
source "$0"
compopt() { :; }
complete -p igmp-querier >/dev/null || exit
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_igmp_querier
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def host(lab):
    """A host with an interface of each name that completions are tried with."""
    made = lab.namespace("host")
    for name in "lan7", "lab-uplink", "eth0.20":
        made.ip(f"link add {name} type bridge")
    return made


class Bash:
    def __init__(self, host):
        self.host = host

    def complete(self, *words):
        """What is offered for the last word."""
        return run("ip", "netns", "exec", self.host.name, "bash", "-c", BASH, COMPLETIONS / "igmp-querier.bash",
                   "igmp-querier", *words).split()


class Zsh:
    PROMPT = "ready> "
    START = f"""PS1='{PROMPT}'; RPS1=; setopt NO_BEEP NO_LIST_AMBIGUOUS
fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; compinit -u -D
zstyle ':completion:*' verbose no; zstyle ':completion:*' list-separator ''; clear
"""

    def __init__(self, host):
        self.terminal = Terminal(["ip", "netns", "exec", host.name, "zsh", "-f", "-i"], columns=250, rows=60)
        self.terminal.type(self.START.encode())
        self.terminal.wait(lambda lines: lines == [self.PROMPT.rstrip()], "an empty screen with a prompt", 15)

    def complete(self, *words):
        typed = "igmp-querier " + " ".join(words)
        self.terminal.type(typed.encode() + b"\t")
        before = [(self.PROMPT + typed).rstrip()]
        self.terminal.wait(lambda lines: len(lines[0]) >= len(before[0]) and lines != before, f"more than {before}")
        self.terminal.read(pause=0.3)
        # One that fits is put into the line; a list of them is shown below it.
        line, *below = self.terminal.lines()
        self.terminal.type(b"\x15\x0c")  # clears the line, then the screen
        self.terminal.wait(lambda lines: lines == [self.PROMPT.rstrip()], "an empty screen with a prompt")
        return " ".join(below).split() or [line.split(" ")[-1]]


@pytest.fixture(params=[Bash, Zsh])
def shell(request, host):
    made = request.param(host)
    yield made
    if request.param is Zsh:
        made.terminal.__exit__()


def options_of(*command):
    """The options that the program's own help names."""
    done = subprocess.run([IGMP_QUERIER, *command, "--help"], capture_output=True, text=True, timeout=5)
    return set(re.findall(r"(?:^  |,)(--?[a-z46][a-z-]*)", done.stdout, re.M))


def test_commands(shell):
    assert sorted(shell.complete("")) == sorted({*COMMANDS, "help", "version"} - {"open-socket"})
    assert shell.complete("wa") == ["watch"]
    assert shell.complete("help", "wa") == ["watch"]


def test_every_option_of_a_command_and_no_other(shell):
    known = {command: options_of(command) for command in COMMANDS}
    assert all({"-h", "--help"} <= options for options in known.values()) and "--mld" in known["run"]
    assert {command: set(shell.complete(command, "-")) for command in COMMANDS} == known


def test_bare_options_are_those_of_run(shell):
    assert set(shell.complete("-")) == options_of("run") | {"-V", "--version"}


def test_names_of_interfaces(shell):
    """Those that there are, but not the loopback."""
    assert sorted(shell.complete("run", "-i", "")) == ["eth0.20", "lab-uplink", "lan7"]
    for command in ["run"], ["status"], ["groups"], ["hosts"], ["watch"], ["events"], ["doctor"], ["probe"], ["soak"], []:
        for option in "-i", "--interface":
            assert sorted(shell.complete(*command, option, "la")) == ["lab-uplink", "lan7"]
            assert shell.complete(*command, option, "e") == ["eth0.20"]


def test_bash_runs_no_command_that_an_interface_is_named_after(host):
    host.ip("link add $(id) type bridge")
    host.ip("link add `id` type bridge")
    assert sorted(Bash(host).complete("run", "-i", "")) == ["eth0.20", "lab-uplink", "lan7"]


def test_bash_takes_an_equals_sign_for_a_word(host):
    assert Bash(host).complete("run", "--interface", "=", "lan") == ["lan7"]
    assert Bash(host).complete("groups", "--family", "=") == ["ipv4", "ipv6"]


@pytest.mark.parametrize("option", [("groups", "--family"), ("groups", "--sort"), ("hosts", "--sort"),
                                    ("watch", "--color"), ("events", "--kind")])
def test_values(shell, option):
    """The program names what it takes when it is given something else."""
    done = subprocess.run([IGMP_QUERIER, *option, "frob"], capture_output=True, text=True, timeout=5)
    taken = re.search(r"\{(.*)\}", done.stderr)[1].split(",")
    assert len(taken) > 1 and sorted(shell.complete(*option, "")) == sorted(taken)


def test_files(shell, tmp_path):
    (tmp_path / "querier.toml").touch()
    assert shell.complete("run", "-c", f"{tmp_path}/q") == [f"{tmp_path}/querier.toml"]
    assert shell.complete("check-config", f"{tmp_path}/q") == [f"{tmp_path}/querier.toml"]
