"""The Debian packages in a booted machine: installed, upgraded, over what was there before, and purged."""

import base64
import os
import re
import subprocess

import pytest
from machine import ADDRESS, PEER, run, wait_until

CONFIG = "/etc/igmp-querier/igmp-querier.toml"
BUG_SCRIPT = "/usr/share/bug/igmp-querier"
UNITS = "/etc/systemd/system"
QUESTION = "Interface to query on"
NAMES = ["igmp-querier", "igmp-querier-exporter"]
# One process makes the packages, once.
pytestmark = pytest.mark.xdist_group("package")


@pytest.fixture
def install(machine, packages):
    """Installs packages by name, and returns what dpkg printed. The machine has a default route, by eth0."""
    machine.sh(f"ip route add default via {PEER}")
    for name in NAMES:
        file = next(packages.glob(f"{name}_*.deb"))
        machine.sh(f"base64 --decode >/tmp/{name}.deb", stdin=None, input=base64.b64encode(file.read_bytes()).decode())

    def dpkg(*names, before="", answers=None, check=True):
        files = " ".join(f"/tmp/{name}.deb" for name in names or NAMES[:1])
        frontend = "noninteractive" if answers is None else "teletype"
        return machine.sh(f"{before} DEBIAN_FRONTEND={frontend} dpkg --install {files}", check=check,
                          stdin=None, input=answers or "")

    yield dpkg
    machine.sh(f"dpkg --purge {' '.join(reversed(NAMES))}; rm -f /tmp/*.deb; ip route del default")
    machine.wire.forget()


@pytest.fixture
def second_link(machine):
    """Another interface of the machine, in another subnet."""
    machine.add_link("eth1", "192.168.88.10/24", "lan1", "192.168.88.20/24")
    yield
    run("ip", "-n", machine.net, "link", "del", "eth1")


def is_there(machine, path):
    return machine.sh(f"test -e {path}", check=False).returncode == 0


def tables(machine):
    """The interfaces that the configuration names."""
    return re.findall(r'^\[interface\."(.*)"\]', machine.sh(f"cat {CONFIG}").stdout, re.M)


def show(machine, name, unit="igmp-querier"):
    return machine.sh(f"systemctl show --property={name} --value {unit}").stdout.strip()


def program(machine, unit):
    """The program that the unit runs."""
    return machine.sh(f"readlink /proc/{show(machine, 'MainPID', unit)}/exe").stdout.strip()


def queries_from_us(machine):
    """Whether the next query on the wire is ours."""
    query = machine.wire.query(10)
    return query is not None and query[0] == ADDRESS


def files(machine):
    """What there is outside of logs and caches, and who can log in."""
    return set(machine.sh("find /etc /usr /lib/systemd /run/systemd/system -xdev ! -path '*/__pycache__*' "
                          "! -path '/etc/.pwd.lock' ! -path '/etc/*shadow*' ! -path '/etc/*-' ! -path '/etc/machine-info'; "
                          "cut -d: -f1 /etc/passwd /etc/group").stdout.splitlines())


def test_builds_with_the_packages_that_every_build_needs(repository):
    control = (repository / "debian/control").read_text()
    needed = {line.split()[0].rstrip(",") for line in re.search(r"^Build-Depends:\n((?: .*\n)+)", control, re.M)[1].splitlines()}
    listed = {group: set(subprocess.run([repository / "tools/install-packages", "--list", group], capture_output=True, text=True,
                                        check=True).stdout.split()) for group in ("build", "package")}
    debhelper = {"debhelper-compat", "dh-sequence-installsysusers"}
    assert listed["build"] - {"g++"} <= needed and needed - debhelper <= listed["package"]


@pytest.mark.parametrize("name", NAMES)
def test_the_apparmor_profile_compiles(repository, need, name):
    need("apparmor_parser")
    done = subprocess.run(["apparmor_parser", "--skip-kernel-load", "--skip-cache", "--names", repository / "debian/apparmor" / name],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{name}\n"), done.stderr


def test_lintian_finds_nothing(packages):
    changes = next(packages.glob("*.changes"))
    found = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root", changes], capture_output=True, text=True)
    assert found.returncode == 0 and not re.search("^[EW]:", found.stdout, re.M), found.stdout + found.stderr


def test_packaged_again_elsewhere_they_have_the_same_bytes(make_packages, packages, tmp_path):
    """Of one build; packaging/check-reproducible compares two."""
    make_packages(tmp_path, {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "HOME": "/nonexistent"}, umask=0o077)
    made = {file.name: file.read_bytes() for file in packages.glob("*.deb")}
    assert len(made) == 2 and made == {file.name: file.read_bytes() for file in tmp_path.glob("*.deb")}


def test_installed_it_queries_and_purged_it_leaves_nothing(machine, install):
    before = files(machine)
    machine.wire.forget()
    install()
    assert queries_from_us(machine)
    assert show(machine, "ActiveState") == "active" and show(machine, "UnitFileState") == "enabled"
    assert machine.sh("igmp-querier status").returncode == 0
    report = machine.sh(f"{BUG_SCRIPT} 3>&1").stdout
    assert re.search(r"^igmp-querier \d", report, re.M) and "[defaults.igmp]" in report and f"eth0 ({ADDRESS})" in report
    assert machine.sh("stat -c %a /usr/bin/igmp-querier; id -un igmp-querier").stdout.split() == ["755", "igmp-querier"]
    assert is_there(machine, "/etc/apparmor.d/local/igmp-querier")
    machine.sh("dpkg --purge igmp-querier")
    assert show(machine, "ActiveState") == "inactive"
    assert files(machine) - before == set()


@pytest.mark.parametrize("before, named", [("", "USER"), ("SUDO_USER=root", "USER"), ("SUDO_USER=alice", "alice")])
def test_the_first_installation_says_how_to_do_without_sudo(machine, install, before, named):
    note = f"igmp-querier: ask it without sudo: sudo usermod -aG igmp-querier {named}, then log in again"
    assert note in install(before=before).stdout.splitlines()
    assert "without sudo" not in install(before=before).stdout, "whoever installs it again knows"


def test_removed_the_configuration_stays(machine, install):
    install()
    machine.sh(f"echo '# mine' >>{CONFIG}; dpkg --remove igmp-querier")
    assert machine.sh(f"tail -n 1 {CONFIG}").stdout == "# mine\n" and not is_there(machine, "/usr/bin/igmp-querier")


def test_an_upgrade_restarts_it_and_keeps_the_configuration(machine, install):
    install()
    machine.sh(f"echo '[defaults.igmp]' >{CONFIG}")
    process = show(machine, "MainPID")
    machine.wire.forget()
    install()
    assert queries_from_us(machine) and show(machine, "MainPID") not in (process, "0")
    assert machine.sh(f"cat {CONFIG}").stdout == "[defaults.igmp]\n"


def test_an_upgrade_with_a_wrong_configuration_leaves_the_daemon_that_runs(machine, install):
    install()
    machine.sh(f"printf '[defaults.igmp]\nversion = 9\n' >{CONFIG}")
    process = show(machine, "MainPID")
    said = install().stdout
    assert f"{CONFIG}:2" in said and "not restarted" in said
    assert f"{CONFIG}:2" in machine.sh(f"{BUG_SCRIPT} 3>&1").stdout
    assert show(machine, "MainPID") == process and show(machine, "ActiveState") == "active"


@pytest.fixture
def full(machine):
    """Mounts file systems without room; call it with their folders."""
    mounted = []

    def fill(folder):
        machine.sh(f"mkdir -p {folder}; mount -t tmpfs -o size=4k none {folder}; head -c 4096 /dev/zero >{folder}/rest")
        mounted.append(folder)

    yield fill
    machine.sh("".join(f"umount {folder};" for folder in mounted))


def test_without_room_for_the_configuration_nothing_is_half_done(machine, install, full):
    full("/etc/igmp-querier")
    done = install(check=False)
    assert done.returncode != 0 and f"cannot write {CONFIG}" in done.stdout
    assert machine.sh("ls /etc/igmp-querier").stdout == "rest\n" and show(machine, "ActiveState") == "inactive"
    machine.sh("rm /etc/igmp-querier/rest; dpkg --configure igmp-querier")
    assert tables(machine) == [] and queries_from_us(machine)


def test_an_upgrade_without_room_leaves_the_version_before(machine, install, full):
    install()
    process = show(machine, "MainPID")
    full("/usr/share/igmp-querier")
    done = install(check=False)
    assert done.returncode != 0 and "No space left on device" in done.stdout
    assert show(machine, "MainPID") == process and show(machine, "ActiveState") == "active"
    assert machine.sh("dpkg-query --show --showformat '${db:Status-Status}' igmp-querier").stdout == "installed"


def test_the_interface_may_be_named(machine, install):
    said = install(before="IGMP_INTERFACE=eth7", answers="").stdout
    assert "there is no interface eth7 yet" in said and QUESTION not in said
    assert tables(machine) == ["eth7"]
    wait_until(lambda: "eth7" in machine.sh("igmp-querier status", check=False).stdout, "status names eth7")
    assert f"{CONFIG} stays as it is" in install(before="IGMP_INTERFACE=eth0").stdout
    assert tables(machine) == ["eth7"]


def test_the_environment_wins_over_a_preseeded_answer(machine, install, second_link):
    preseed(machine, "eth1")
    install(before="IGMP_INTERFACE=eth0")
    assert tables(machine) == ["eth0"]
    machine.sh("dpkg --purge igmp-querier")
    assert "igmp-querier" not in machine.sh("debconf-show igmp-querier").stdout


@pytest.mark.parametrize(("answer", "named"), [("eth1", ["eth1"]), ("eth7", ["eth7"]), ("eth0; reboot", [])])
def test_the_answer_may_be_preseeded(machine, install, second_link, answer, named):
    preseed(machine, answer)
    said = install(answers="").stdout
    assert QUESTION not in said and tables(machine) == named
    assert ("there is no interface" in said) == (answer == "eth7")
    assert ("is no name of an interface" in said) == (not named)


@pytest.mark.parametrize(("answer", "named"), [("1", []), ("3", ["eth1"])])
def test_several_interfaces_are_asked_about(machine, install, second_link, answer, named):
    said = install(answers=f"{answer}\n").stdout
    assert QUESTION in said and re.search(r"1\. default route +2\. eth0 +3\. eth1", said)
    assert tables(machine) == named
    assert QUESTION not in install(answers="").stdout


def test_nothing_is_asked_about_one_interface(machine, install):
    machine.sh("ip link add docker0 type bridge; ip address add 172.17.0.1/16 dev docker0; ip link set docker0 up")
    said = install(answers="2\n").stdout
    machine.sh("ip link del docker0")
    assert QUESTION not in said and tables(machine) == []


def test_what_is_no_name_of_an_interface_is_refused(machine, install):
    done = install(before="IGMP_INTERFACE='eth0; reboot'", check=False)
    assert done.returncode != 0 and "which is no name of an interface" in done.stdout
    assert not is_there(machine, CONFIG) and not is_there(machine, "/usr/bin/igmp-querier")


def preseed(machine, answer):
    machine.sh(f"echo 'igmp-querier igmp-querier/interface select {answer}' | debconf-set-selections")


def test_it_replaces_what_install_sh_installed(machine, install):
    machine.sh("IGMP_INTERFACE=eth0 /src/install.sh --binary /opt/igmp-querier --exporter")
    machine.sh(f"echo '# mine' >>{CONFIG}")
    machine.wire.forget()
    assert "replaces the installation in /usr/local" in install().stdout
    assert queries_from_us(machine) and machine.sh(f"tail -n 1 {CONFIG}").stdout == "# mine\n"
    assert not machine.sh("find /usr/local -name '*igmp-querier*'").stdout
    assert "/usr/bin/igmp-querier run" in show(machine, "ExecStart")
    assert "replaces the service" in install(NAMES[1]).stdout
    assert "/usr/bin/igmp-querier exporter" in show(machine, "ExecStart", NAMES[1])
    assert program(machine, NAMES[1]) == "/usr/bin/igmp-querier"
    assert not machine.sh(f"find {UNITS} -name 'igmp-querier*' ! -type l").stdout


@pytest.mark.parametrize("name", NAMES)
def test_it_replaces_another_program_of_its_name(machine, install, name):
    unit = f"{UNITS}/{name}.service"
    machine.sh(f"printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >{unit};"
               f"systemctl daemon-reload; systemctl enable --now --quiet {name}")
    machine.wire.forget()
    assert f"{name}: replaces the service in {unit}, which is {unit}.replaced now" in install(*NAMES).stdout
    assert queries_from_us(machine) and program(machine, name) == "/usr/bin/igmp-querier"
    assert "sleep" in machine.sh(f"cat {unit}.replaced").stdout
    machine.sh(f"rm {unit}.replaced")


def test_the_exporter_serves_and_goes(machine, install):
    install(*NAMES)
    ask = "exec 3<>/dev/tcp/127.0.0.1/9788; printf 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3; cat <&3"
    wait_until(lambda: "igmp_querier_up 1" in machine.sh(ask, check=False).stdout, "the exporter reaches the daemon")
    machine.sh(f"dpkg --purge {NAMES[1]}")
    assert show(machine, "ActiveState", NAMES[1]) == "inactive" and show(machine, "ActiveState") == "active"


UPGRADE = "dpkg --install /tmp/igmp-querier.deb"


def test_autopkgtest(machine, install):
    """Queries through an upgrade, and none once it is removed."""
    install()
    machine.sh(f"/src/debian/tests/service '{UPGRADE}'")


def test_autopkgtest_sees_a_missed_query(machine, install):
    install()
    done = machine.sh(f"/src/debian/tests/service 'systemctl stop igmp-querier; timeout 5 tail -f /dev/null; {UPGRADE}'", check=False)
    assert done.returncode == 1 and "more than 4 s between two queries" in done.stdout
