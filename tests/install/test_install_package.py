"""install.sh with the Debian package: which one it takes, what it replaces, and what a failure leaves."""

import base64
import fcntl

import pytest
from machine import ADDRESS
from test_install import (  # noqa: F401 (clean: after each test)
    CONFIG, CONFIG_DIR, EXPORTER_UNIT, INSTALL, PROGRAM, UNIT, clean, everything, exists, gives_up, hears_query, journal, main_pid,
    second_link, tables)

NAMES = ["igmp-querier", "igmp-querier-exporter"]
TREE = "/tmp/source tree"
SCRIPT = f"'{TREE}/install.sh'"
DEB = f"'{TREE}/dist/igmp-querier_{{}}_amd64.deb'"
# One process makes the packages, once.
pytestmark = pytest.mark.xdist_group("package")


@pytest.fixture(scope="module")
def made(machine, packages):
    """The packages, in /var/tmp of the machine. apt-get knows of no other packages, which makes it quick."""
    machine.sh("cd /var/lib/apt; mv lists all-lists; mkdir -p lists/partial; touch lists/none_Packages")
    for file in packages.glob("*.deb"):
        machine.sh(f"base64 --decode >/var/tmp/{file.name}", stdin=None, input=base64.b64encode(file.read_bytes()).decode())
    yield next(packages.glob(f"{NAMES[0]}_*.deb")).name.split("_")[1]
    machine.sh("rm /var/tmp/*.deb; cd /var/lib/apt; rm -r lists; mv all-lists lists")


@pytest.fixture
def version(machine, made):
    """The version of the packages, which are in dist/ of a source tree."""
    machine.sh(f"mkdir -p '{TREE}/dist'; cp /var/tmp/*.deb '{TREE}/dist'")
    machine.sh(f"cd /src; cp -r install.sh uninstall.sh packaging tools debian CHANGELOG.md '{TREE}'")
    yield made
    machine.sh(f"dpkg --purge {' '.join(reversed(NAMES))}; rm -rf '{TREE}'")


def variant(machine, made, number, change):
    """Puts another package into dist/: of that version, with a change by shell commands in its unpacked folder."""
    machine.sh(f"cd /tmp; rm -rf other; dpkg-deb --raw-extract {DEB.format(made)} other; cd other;"
               f"sed -i 's/^Version: .*/Version: {number}/' DEBIAN/control; {change}; cd ..;"
               f"dpkg-deb -Znone --build other {DEB.format(number)}; rm -r other")


def installed(machine, name=NAMES[0]):
    """The version of a package that is installed, or ""."""
    form = "${db:Status-Status} ${Version}\\n"
    found = machine.sh(f"dpkg-query --show --showformat '{form}' {name} 2>/dev/null", check=False).stdout
    return found.removeprefix("installed ").strip() if found.startswith("installed ") else ""


BROKEN = "printf '#!/bin/sh\\n[ $1 != run ] || exit 1\\nexec /opt/igmp-querier \"$@\"\\n# <title>igmp-querier</title>\\n' >usr/bin/igmp-querier"


def test_installs_the_newest_package_of_dist_that_fits(machine, version):
    variant(machine, version, "0.9", "true")
    variant(machine, version, "9.1", "sed -i 's/^Architecture: .*/Architecture: arm64/' DEBIAN/control")
    variant(machine, version, "9.2", "sed -i 's/^Depends: .*/Depends: libc6 (>= 9)/' DEBIAN/control")
    said = machine.sh(SCRIPT).stdout
    assert installed(machine) == version
    assert f"Installing igmp-querier_{version}_amd64.deb: 1 package, 0 B to download, " in said
    assert "/usr/bin/igmp-querier\n" in said and "sudo /tmp/source\\ tree/uninstall.sh\n" in said
    assert tables(machine) == ['[interface."eth0"]'] and not exists(machine, PROGRAM)
    assert hears_query(machine)[0] == ADDRESS
    assert not installed(machine, NAMES[1])


def test_an_interface_and_an_address_may_be_named(machine, version, second_link):  # noqa: F811
    machine.sh(f"IGMP_INTERFACE=eth1 {SCRIPT} --exporter={ADDRESS}:9999")
    assert tables(machine) == ['[interface."eth1"]']
    assert installed(machine, NAMES[1]) == version
    listening = machine.sh("ss --no-header --numeric --listening --tcp --processes").stdout
    assert f"{ADDRESS}:9999" in listening
    machine.sh(f"echo '# mine' >>{CONFIG}")
    before = machine.sh(f"cat {CONFIG}").stdout
    # Later without an option: the exporter stays, and the same version is installed again.
    pid = main_pid(machine)
    said = machine.sh(f"IGMP_INTERFACE=eth0 {SCRIPT}").stdout
    assert machine.sh(f"cat {CONFIG}").stdout == before.replace('"eth1"', '"eth0"', 1)
    assert machine.sh(f"cat {CONFIG}.before").stdout == before and f"{CONFIG}.before" in said
    assert main_pid(machine) not in (0, pid)
    assert f"http://{ADDRESS}:9999/metrics" in said
    assert f"Starting IGMP Querier on eth0 ({ADDRESS})" in journal(machine)


def test_takes_over_what_is_in_usr_local(machine, version):
    machine.sh(f"IGMP_INTERFACE=eth0 {INSTALL} --exporter={ADDRESS}:9999; echo '# mine' >>{CONFIG}")
    said = machine.sh(SCRIPT).stdout
    assert "replaces the installation in /usr/local" in said and "kept as it was" in said
    assert machine.sh(f"tail -n 1 {CONFIG}").stdout == "# mine\n"
    assert not machine.sh("find /usr/local -name '*igmp-querier*'").stdout
    assert not exists(machine, UNIT) and not exists(machine, EXPORTER_UNIT)
    for name in NAMES:
        process = machine.sh(f"systemctl show --property=MainPID --value {name}").stdout.strip()
        assert machine.sh(f"readlink /proc/{process}/exe").stdout == "/usr/bin/igmp-querier\n"
    # From now on there is one way.
    done = machine.sh(INSTALL, check=False)
    assert done.returncode == 1 and "sudo apt-get remove igmp-querier" in done.stdout
    assert len(done.stdout.splitlines()) == 1 and not exists(machine, PROGRAM)


def test_uninstall_removes_the_packages(machine, version):
    before = everything(machine)
    machine.sh(f"{SCRIPT} --exporter={ADDRESS}:9999; touch /run/igmp-querier-packages.lock")
    said = machine.sh(f"'{TREE}/uninstall.sh' --keep-config").stdout
    assert all(f"Removed the package {name}\n" in said for name in NAMES) and "Kept" in said
    assert tables(machine) and not exists(machine, "/usr/bin/igmp-querier")
    machine.sh(f"IGMP_INTERFACE=eth0 {SCRIPT}; systemctl is-active igmp-querier")
    said = machine.sh(f"'{TREE}/uninstall.sh'").stdout
    assert f"Removed {CONFIG_DIR}\n" in said or not exists(machine, CONFIG_DIR)
    assert everything(machine) == before
    assert not exists(machine, "/run/igmp-querier-packages.lock")
    assert not any(installed(machine, name) for name in NAMES)
    assert machine.sh(f"'{TREE}/uninstall.sh'").stdout.startswith("Nothing to remove")


def test_a_program_that_does_not_come_up_leaves_nothing(machine, version):
    variant(machine, version, "9.0", BROKEN)
    before = everything(machine)
    gives_up(machine, SCRIPT, "igmp-querier.service does not run")
    assert everything(machine) == before and not installed(machine)


def test_a_program_that_does_not_come_up_is_replaced_by_the_packaged_one(machine, version):
    machine.sh(f"{SCRIPT} --exporter; echo '# mine' >>{CONFIG}")
    machine.sh(f"rm -r '{TREE}'/dist/igmp-querier-exporter*; cd '{TREE}/dist'; cp /var/tmp/igmp-querier-exporter*.deb "
               "igmp-querier-exporter_9.0_all.deb")
    variant(machine, version, "9.0", BROKEN)
    gives_up(machine, SCRIPT, "igmp-querier.service does not run")
    assert installed(machine) == version and installed(machine, NAMES[1]) == version
    assert machine.sh(f"tail -n 1 {CONFIG}").stdout == "# mine\n"
    assert machine.sh(f"systemctl is-active {' '.join(NAMES)}").stdout == "active\nactive\n"
    machine.sh("dpkg --verify igmp-querier igmp-querier-exporter; igmp-querier status")
    machine.wire.forget()
    assert hears_query(machine)[0] == ADDRESS


def test_a_program_that_does_not_come_up_is_replaced_by_that_of_usr_local(machine, version):
    machine.sh(f"{INSTALL}; echo '# mine' >>{CONFIG}; usermod -aG igmp-querier nobody")
    variant(machine, version, "9.0", BROKEN)
    gives_up(machine, SCRIPT, "igmp-querier.service does not run")
    assert machine.sh(f"tail -n 1 {CONFIG}").stdout == "# mine\n" and exists(machine, UNIT)
    assert machine.sh(f"readlink /proc/{main_pid(machine)}/exe").stdout == f"{PROGRAM}\n"
    assert "nobody" in machine.sh("getent group igmp-querier").stdout
    machine.sh("systemctl is-enabled igmp-querier; igmp-querier status")
    machine.wire.forget()
    assert hears_query(machine)[0] == ADDRESS


def test_a_full_disk_leaves_what_was_there(machine, version):
    machine.sh(SCRIPT)
    machine.sh("mount -t tmpfs -o size=8k none /usr/share/doc/igmp-querier")
    try:
        gives_up(machine, SCRIPT, "could not install the package", "No space left on device")
    finally:
        machine.sh("umount /usr/share/doc/igmp-querier")
    machine.sh("igmp-querier status")


def test_while_another_package_manager_works_nothing_begins(machine, version):
    with open(f"/proc/{machine.leader}/root/var/lib/dpkg/lock-frontend", "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        done = machine.sh(SCRIPT, check=False)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 1, done.stdout
    assert "Could not get lock /var/lib/dpkg/lock-frontend" in done.stdout
    assert not exists(machine, CONFIG) and not installed(machine)


def test_with_the_exporter_a_package_without_the_page_is_not_taken(machine, version):
    """The negative twin: without the exporter it is."""
    variant(machine, version, "9.0", "sed -i 's/<title>igmp-querier</<title>something-el</' usr/bin/igmp-querier")
    machine.sh(f"cd '{TREE}/dist'; cp igmp-querier-exporter_* igmp-querier-exporter_9.0_all.deb")
    machine.sh("echo 'MemAvailable: 1 kB' >/tmp/meminfo")  # where the build would begin, this ends it
    done = machine.sh(f"unshare --mount bash -c 'mount --bind /tmp/meminfo /proc/meminfo; \"{TREE}/install.sh\" --exporter';"
                      "result=$?; rm /tmp/meminfo; exit $result", check=False)
    assert done.returncode == 1
    assert "igmp-querier_9.0_amd64.deb has no web page" in done.stdout and "600 MiB" in done.stdout
    assert not installed(machine)
    machine.sh(SCRIPT)
    assert installed(machine) == "9.0"


def test_packages_of_other_systems_are_told(machine, version):
    machine.sh(f"cd '{TREE}/dist'; rm igmp-querier-*")
    variant(machine, version, "9.1", "sed -i 's/^Architecture: .*/Architecture: arm64/' DEBIAN/control")
    machine.sh(f"cd '{TREE}/dist'; mv igmp-querier_9.1_amd64.deb igmp-querier_9.1_arm64.deb; rm igmp-querier_{version}*")
    machine.sh("echo 'MemAvailable: 1 kB' >/tmp/meminfo")
    done = machine.sh(f"unshare --mount bash -c 'mount --bind /tmp/meminfo /proc/meminfo; \"{TREE}/install.sh\"';"
                      "result=$?; rm /tmp/meminfo; exit $result", check=False)
    assert done.returncode == 1
    assert "No package in dist/ or beside install.sh is for this system: amd64, Debian GNU/Linux 12 (bookworm).\n" in done.stdout
    assert not installed(machine)
