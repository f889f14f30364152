"""tools/install-packages, and install.sh's use of it, in a machine where apt-get and cmake are stand-ins that tell."""

import pytest

SCRIPT = "/src/tools/install-packages"
POLICY = "/usr/sbin/policy-rc.d"
PATH = "PATH=/tmp/stand-in:$PATH"


@pytest.fixture
def stand_in(machine):
    """Puts a command of that name before all others."""

    def make(name, text):
        path = f"/tmp/stand-in/{name}"
        machine.sh(f"cat >{path}; chmod 755 {path}", stdin=None, input=f"#!/bin/bash\n{text}\n")

    machine.sh("mkdir -p /tmp/stand-in")
    yield make
    machine.sh(f"rm -rf /tmp/stand-in /tmp/told {POLICY}")


@pytest.fixture
def apt_get(stand_in):
    stand_in("apt-get", f'echo "$@" >>/tmp/told; [[ $1 == update ]] || {{ {POLICY}; echo "policy $?" >>/tmp/told; }}')


@pytest.fixture
def systemctl(stand_in):
    stand_in("systemctl", 'echo "systemctl $@" >>/tmp/told')


def told(machine):
    return machine.sh("cat /tmp/told").stdout.splitlines()


def test_lists_a_group_without_installing_it(machine, apt_get):
    build, both = (machine.sh(f"{PATH} {SCRIPT} --list {groups}").stdout.split() for groups in ("build", "build unit"))
    assert "g++" in build and set(both) - set(build) >= {"libgtest-dev", "libgmock-dev"}
    machine.sh("test ! -e /tmp/told")


def test_names_what_is_missing_and_installs_only_that(machine, apt_get):
    said = machine.sh(f"{PATH} {SCRIPT} demo").stdout
    update, install, policy = told(machine)
    assert update == "update"
    assert install.startswith("install --yes --no-install-recommends ")
    packages = install.split()[3:]
    assert "g++" in packages and "libmnl-dev" in packages
    assert "iproute2" not in packages  # it is there
    assert said.split(": ")[1].split() == packages
    assert policy == "policy 101"  # no package starts its service
    machine.sh(f"test ! -e {POLICY}")


@pytest.mark.parametrize("fails", [False, True])
def test_puts_back_the_policy_that_was_there(machine, stand_in, fails):
    stand_in("apt-get", "echo E: broken; exit 100" if fails else "exit 0")
    machine.sh(f"printf '#!/bin/sh\\nexit 104\\n' >{POLICY}; chmod 750 {POLICY}")
    done = machine.sh(f"{PATH} {SCRIPT} build", check=False)
    assert done.returncode == int(fails)
    assert ("E: broken" in done.stdout) == fails
    left = machine.sh(f"cat {POLICY}; stat --format=%a {POLICY}; ls {POLICY}*").stdout
    assert left == f"#!/bin/sh\nexit 104\n750\n{POLICY}\n"


def test_puts_back_the_policy_when_it_is_interrupted(machine, stand_in):
    stand_in("apt-get", "kill -TERM $PPID; sleep 0.2")
    machine.sh(f"printf '#!/bin/sh\\nexit 104\\n' >{POLICY}")
    assert machine.sh(f"{PATH} {SCRIPT} build", check=False).returncode == 130
    assert machine.sh(f"cat {POLICY}").stdout.endswith("exit 104\n")


def test_no_daemon_it_brings_is_enabled(machine, apt_get, systemctl):
    machine.sh(f"{PATH} {SCRIPT} test")
    daemons = ["frr", "openvswitch-switch", "podman", "prometheus"]
    assert set(daemons) < set(told(machine)[1].split())
    assert told(machine)[3:] == [f"systemctl --quiet disable {daemon}" for daemon in daemons]


def test_says_nothing_when_all_is_there(machine, stand_in, apt_get):
    stand_in("dpkg-query", 'for name in "${@:4}"; do echo "$name installed"; done')
    assert machine.sh(f"{PATH} {SCRIPT} build test").stdout == ""
    machine.sh("test ! -e /tmp/told")


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        (f"setpriv --reuid=65534 --clear-groups {SCRIPT} build", 1, ["g++", f"sudo {SCRIPT} build"]),
        (f"PATH=/tmp/stand-in bash {SCRIPT} build", 1, ["no apt-get", "g++"]),
        (f"{SCRIPT} everything", 2, ["'everything'", "usage"]),
        (SCRIPT, 2, ["usage"]),
    ],
)
def test_what_it_cannot_do_it_says_in_one_line(machine, stand_in, command, status, words):
    machine.sh("ln -s /usr/bin/sort /usr/bin/bash /tmp/stand-in")
    done = machine.sh(command, check=False)
    assert done.returncode == status, done.stdout
    assert len(done.stdout.splitlines()) == 1, done.stdout
    for word in words:
        assert word in done.stdout


@pytest.fixture
def source(machine, apt_get, stand_in):
    """A source tree of somebody who is not root, and a compiler that is soon done."""
    stand_in("cmake", 'echo "cmake $@" >>/tmp/told; install -D /opt/igmp-querier build/release/igmp-querier')
    machine.sh("mkdir /tmp/tree; cd /src; cp -r install.sh uninstall.sh packaging tools /tmp/tree")
    machine.sh("chown -R 1234:1234 /tmp/tree")
    yield "/tmp/tree"
    machine.sh("/tmp/tree/uninstall.sh; rm -r /tmp/tree")


def built(page):
    configure = f"cmake --preset release -DIGMP_QUERIER_PAGE={page}"
    return [configure, "cmake --build --preset release --target igmp-querier"]


def test_install_builds_the_release(machine, source):
    machine.sh(f"{PATH} {source}/install.sh")
    packages = told(machine)[1].split()
    assert "g++" in packages and "npm" not in packages
    assert told(machine)[-2:] == built(page="OFF")
    assert machine.sh(f"stat --format=%u {source}/build/release/igmp-querier").stdout.strip() == "1234"
    machine.sh("systemctl is-active igmp-querier")


def test_what_a_failed_build_has_left_belongs_to_the_owner_of_the_tree(machine, source, stand_in):
    stand_in("cmake", "mkdir -p build/release build/trees/one; exit 1")
    assert machine.sh(f"{PATH} {source}/install.sh", check=False).returncode == 1
    owners = machine.sh(f"cd {source}/build; stat --format=%u . release trees trees/one").stdout.split()
    assert owners == ["1234", "1234", "0", "0"]  # a tree of another release is root's


def test_no_page_is_built_for_whoever_does_not_want_it(machine, source, stand_in):
    stand_in("node", "exit 1")
    stand_in("npm", "exit 1")
    machine.sh(f"{PATH} {source}/install.sh; rm /tmp/stand-in/npm /tmp/stand-in/node")
    assert told(machine)[-2:] == built(page="OFF")


def test_a_node_from_elsewhere_is_as_good(machine, source, stand_in):
    stand_in("node", "exit 1")
    stand_in("npm", "exit 1")
    machine.sh(f"{PATH} {source}/install.sh --exporter; rm /tmp/stand-in/npm /tmp/stand-in/node")
    assert "npm" not in told(machine)[1].split()
    assert told(machine)[-2:] == built(page="ON")


def test_the_exporter_comes_with_its_page(machine, source, stand_in):
    """Once it is there, it is so without the option as well, until it is disabled."""
    for option in "--exporter", "":
        machine.sh("rm -f /tmp/told")
        machine.sh(f"{PATH} {source}/install.sh {option}")
        assert {"g++", "nodejs", "npm"} < set(told(machine)[1].split())
        assert told(machine)[-2:] == built(page="ON")
        machine.sh("systemctl is-active igmp-querier-exporter")
    machine.sh("systemctl disable --now igmp-querier-exporter; rm /tmp/told")
    machine.sh(f"{PATH} {source}/install.sh")
    assert "npm" not in told(machine)[1].split()
    assert told(machine)[-2:] == built(page="OFF")
