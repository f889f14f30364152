"""tools/install-packages, and install.sh's use of it, in a machine where apt-get and cmake are stand-ins that tell."""

import re

import pytest

SCRIPT = "/src/tools/install-packages"
POLICY = "/usr/sbin/policy-rc.d"
TREE = "/tmp/tree"
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
    packages = {"frr", "openvswitch-switch", "podman", "prometheus", "linuxptp", "ola", "pipewire", "igmpproxy", "smcroute",
                "avahi-daemon", "minidlna"}
    assert packages < set(told(machine)[1].split())
    services = ["frr", "openvswitch-switch", "podman", "prometheus", "timemaster", "olad", "avahi-daemon", "minidlna", "igmpproxy",
                "smcroute"]
    assert told(machine)[3:] == [*(f"systemctl --quiet disable {service}" for service in services),
                                 "systemctl --quiet --global disable pipewire.service pipewire.socket"]


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
def source(machine, stand_in):
    """A source tree of somebody who is not root, and a compiler that is soon done. What they are asked for is in /tmp/told.

    apt-get looks for itself, and installs nothing.
    """
    stand_in("apt-get", """case "$*" in
      install*|*update) echo "$@" >>/tmp/told ;;
      *) exec /usr/bin/apt-get "$@" ;;
    esac""")
    stand_in("cmake", 'echo "cmake $@" >>/tmp/told; install -D /opt/igmp-querier build/release/igmp-querier')
    stand_in("dpkg-buildpackage", 'echo "dpkg-buildpackage $@" >>/tmp/told; test -x "$IGMP_QUERIER_BUILD/igmp-querier"; '
             "echo no debhelper here; exit 1")
    machine.sh(f"mkdir -p {TREE}; cd /src; cp -r install.sh uninstall.sh packaging tools debian CHANGELOG.md {TREE}")
    machine.sh(f"chown -R 1234:1234 {TREE}")
    yield TREE
    machine.sh(f"{TREE}/uninstall.sh; rm -r {TREE}")


def without_dpkg(command):
    """Runs it on a system without dpkg, as install.sh sees it."""
    return f"mv /usr/bin/dpkg /root; {PATH} {command}; result=$?; mv /root/dpkg /usr/bin; (exit $result)"


def built(page):
    """What cmake is told, but for the number of jobs."""
    return [f"cmake --preset release -DIGMP_QUERIER_PAGE={page}", "cmake --build --preset release --target igmp-querier"]


def builds(machine):
    return [re.sub(r" --parallel \d+", "", line) for line in told(machine) if line.startswith("cmake ")]


def downloads(machine):
    """Packages that were asked for, or None."""
    lines = [line for line in told(machine) if line.startswith("install ")]
    return lines[0].split()[3:] if lines else None


def test_on_a_system_without_dpkg_the_release_is_built_and_installed(machine, source):
    machine.sh(without_dpkg(f"{source}/install.sh"))
    assert "g++" in downloads(machine) and not {"npm", "debhelper"} & set(downloads(machine))
    assert builds(machine) == built(page="OFF")
    assert machine.sh(f"stat --format=%u {source}/build/release/igmp-querier").stdout.strip() == "1234"
    machine.sh("systemctl is-active igmp-querier; test -x /usr/local/bin/igmp-querier")


def test_what_a_failed_build_has_left_belongs_to_the_owner_of_the_tree(machine, source, stand_in):
    stand_in("cmake", "mkdir -p build/release build/trees/one; exit 1")
    assert machine.sh(without_dpkg(f"{source}/install.sh"), check=False).returncode == 1
    owners = machine.sh(f"cd {source}/build; stat --format=%u . release trees trees/one").stdout.split()
    assert owners == ["1234", "1234", "0", "0"]  # a tree of another release is root's


@pytest.mark.parametrize(("option", "page"), [("", "OFF"), ("--exporter", "ON")])
def test_a_node_from_elsewhere_is_as_good(machine, source, stand_in, option, page):
    stand_in("node", "exit 1")
    stand_in("npm", "exit 1")
    machine.sh(f"{without_dpkg(f'{source}/install.sh {option}')}; rm /tmp/stand-in/npm /tmp/stand-in/node")
    assert "npm" not in downloads(machine)
    assert builds(machine) == built(page)


def test_the_exporter_comes_with_its_page(machine, source):
    """Once it is there, it is so without the option as well, until it is disabled."""
    for option in "--exporter", "":
        machine.sh("rm -f /tmp/told")
        machine.sh(without_dpkg(f"{source}/install.sh {option}"))
        assert {"g++", "nodejs", "npm"} < set(downloads(machine))
        assert builds(machine) == built(page="ON")
        machine.sh("systemctl is-active igmp-querier-exporter")
    machine.sh("systemctl disable --now igmp-querier-exporter; rm /tmp/told")
    machine.sh(without_dpkg(f"{source}/install.sh"))
    assert "npm" not in downloads(machine)
    assert builds(machine) == built(page="OFF")


def test_it_says_before_what_it_downloads_and_how_long_it_takes(machine, source):
    said = machine.sh(f"{PATH} {source}/install.sh", check=False).stdout.splitlines()
    assert re.fullmatch(r"The build needs \d{2,3} packages, \d+(\.\d)? MB to download, \d{3} MB on disk\. It takes about \d+ min\.",
                        said[0]), said
    assert said[1].startswith("Installing packages")
    assert "debhelper" in downloads(machine)
    assert any(line.startswith("dpkg-buildpackage ") for line in told(machine))
    assert said[-2:] == ["no debhelper here", "install.sh: could not make a package; the reason is above"]
    machine.sh("test ! -e /etc/igmp-querier")


# Each is refused before anything is downloaded.
@pytest.mark.parametrize(("command", "words"), [
    ("IGMP_INTERFACE=lan9 SCRIPT", ["no interface 'lan9'", "eth0"]),
    ("unshare --net SCRIPT", ["no LAN interface has an IPv4 address"]),
    ("SCRIPT --exporter=192.168.77.99:9788", ["no address 192.168.77.99"]),
    ("unshare --mount sh -c 'mount --bind /tmp/meminfo /proc/meminfo; SCRIPT'", ["600 MiB", "412 MiB are free", "package"]),
    ("unshare --mount sh -c 'mount --bind /tmp/df /usr/bin/df; SCRIPT'",
     ["MB of the disk of /usr", " 90 MB of it are free"]),
    ("unshare --mount sh -c 'mount --bind /tmp/list SOURCE/tools/install-packages; SCRIPT'",
     ["Debian GNU/Linux", "Unable to locate package libnone-dev", "dist/"]),
])
def test_what_will_not_do_is_refused_before_the_download(machine, source, command, words):
    machine.sh("echo 'MemAvailable: 422000 kB' >/tmp/meminfo; printf '#!/bin/sh\necho libnone-dev\n' >/tmp/list; "
               "printf '#!/bin/sh\necho 90\n' >/tmp/df; chmod 755 /tmp/list /tmp/df")
    command = command.replace("SCRIPT", f"{source}/install.sh").replace("SOURCE", source)
    done = machine.sh(f"export {PATH}; {command}; result=$?; rm /tmp/meminfo /tmp/list /tmp/df; exit $result", check=False)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 1, done.stdout
    assert all(word in done.stdout for word in words), done.stdout
    machine.sh("touch /tmp/told")
    assert downloads(machine) is None and builds(machine) == []


def test_uninstall_names_the_packages_that_the_build_has_brought(machine, source):
    machine.sh("mkdir -p /var/lib/igmp-querier; printf 'tar\nnever-heard-of\n' >/var/lib/igmp-querier/packages")
    said = machine.sh(f"{source}/uninstall.sh").stdout
    assert "sudo apt-get purge tar\n" in said
    machine.sh("test ! -e /var/lib/igmp-querier")
    assert "apt-get" not in machine.sh(f"{source}/uninstall.sh").stdout


@pytest.mark.parametrize(("free", "jobs", "is_scarce"), [
    (614400, 1, True), (1535000, 4, True), (1536000, 3, False), (5000000, 11, False), (1000000000, 1000, False)])
def test_the_build_takes_as_many_jobs_as_there_is_memory_for(machine, source, free, jobs, is_scarce):
    machine.sh(f"echo 'MemAvailable: {free} kB' >/tmp/meminfo")
    machine.sh(f"unshare --mount sh -c 'mount --bind /tmp/meminfo /proc/meminfo; {PATH} {source}/tools/build-release it'")
    jobs = min(jobs, int(machine.sh("nproc; rm /tmp/meminfo").stdout))
    configured, made = told(machine)[-2:]
    assert made == f"cmake --build --preset release --parallel {jobs} --target it"
    assert ("ggc-min-heapsize" in configured) == is_scarce


@pytest.mark.parametrize(("folder", "stays"), [("/elsewhere", False), ("TREE", True)])
def test_a_tree_that_was_moved_is_built_afresh(machine, source, folder, stays):
    cache = f"{source}/build/release/CMakeCache.txt"
    machine.sh(f"mkdir -p {source}/build/release; echo CMAKE_HOME_DIRECTORY:INTERNAL={folder.replace('TREE', source)} >{cache}")
    machine.sh(f"{PATH} {source}/tools/build-release it")
    assert (machine.sh(f"test -e {cache}", check=False).returncode == 0) == stays
