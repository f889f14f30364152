"""What a running daemon may do: hardly anything, and it works all the same."""

import os
import pathlib
import pwd
import re
import signal
import subprocess
import time

import pytest

from harness import packets
from harness.api import Api
from harness.exporter import Exporter
from harness.lab import BRISK, FAST, IGMP_QUERIER, wait

RAW = 1 << 13  # CAP_NET_RAW
NOBODY = pwd.getpwnam("nobody")
try:
    SERVICE = pwd.getpwnam("igmp-querier")
except KeyError:
    SERVICE = NOBODY
SOMEBODY = 12345  # a user that is neither
RUNNING = r"Running as user '{}', with CAP_NET_RAW and nothing else"


def status(pid):
    """The lines of /proc/PID/status."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"^(\w+):[ \t]*(.*)$", text, re.M))


def capabilities(pid):
    """Its sets, as numbers."""
    return {name: int(value, 16) for name, value in status(pid).items() if name.startswith("Cap")}


def start(lab, *options):
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.querier("-i eth0", BRISK, *options)
    wire.wait_queries(1)
    return host, peer, wire, querier


def test_root_becomes_the_service_user_and_keeps_one_capability(lab):
    _, _, _, querier = start(lab)
    querier.wait_log(RUNNING.format(SERVICE.pw_name))
    found = status(querier.popen.pid)
    assert found["Uid"].split() == [str(SERVICE.pw_uid)] * 4 and found["Gid"].split() == [str(SERVICE.pw_gid)] * 4
    assert not found["Groups"].split()
    assert found["NoNewPrivs"] == "1" and found["Seccomp"] == "2"
    assert capabilities(querier.popen.pid) == {
        "CapInh": 0, "CapPrm": RAW, "CapEff": RAW, "CapBnd": RAW, "CapAmb": 0}
    assert querier.stop() == 0


def test_the_service_user_is_preferred(lab):
    """Where it exists; the tests' machine need not have it."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    users = lab.directory / "passwd"
    users.write_text("root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
                     "igmp-querier:x:4321:4322::/:/usr/sbin/nologin\n")
    querier = host.start("unshare", "--mount", "sh", "-c", f"mount --bind {users} /etc/passwd && "
                         f"exec {IGMP_QUERIER} -i eth0 {BRISK}")
    wire.wait_queries(1)
    querier.wait_log(RUNNING.format("igmp-querier"))
    found = status(querier.popen.pid)
    assert (found["Uid"].split()[1], found["Gid"].split()[1]) == ("4321", "4322")


def test_who_is_not_root_stays_who_he_is(lab):
    """As under systemd: a user with an ambient CAP_NET_RAW. Then nothing is handed on to others either."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.start("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups", "--pdeathsig=KILL",
                         "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw",
                         IGMP_QUERIER, "-i", "eth0", *BRISK.split())
    wire.wait_queries(2)
    assert not querier.logged("Running as") and not querier.logged("warning")
    found = status(querier.popen.pid)
    assert found["Uid"].split() == [str(SOMEBODY)] * 4 and found["Seccomp"] == "2"
    assert capabilities(querier.popen.pid) == {
        "CapInh": 0, "CapPrm": RAW, "CapEff": RAW, "CapBnd": RAW, "CapAmb": 0}


def test_root_that_may_not_become_another_says_so(lab):
    """As in a container that has CAP_NET_RAW only."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    querier = host.start("setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all,+net_raw",
                         IGMP_QUERIER, "-i", "eth0", *BRISK.split())
    wire.wait_queries(2)
    querier.wait_log("cannot become another user: stays root, with CAP_NET_RAW and nothing else")
    found = status(querier.popen.pid)
    assert found["Uid"].split()[1] == "0" and found["Seccomp"] == "2"
    assert capabilities(querier.popen.pid)["CapEff"] == RAW


def test_root_of_a_namespace_without_other_users_stays_root(lab):
    """As in a container that an ordinary user has made: there is nobody else to become."""
    host = lab.namespace("host")
    make = ("ip link add eth0 type veth peer name eth1 && ip address add 192.0.2.10/24 dev eth0 && "
            "ip link set eth1 up && ip link set eth0 up")
    querier = host.start("unshare", "--user", "--map-root-user", "--net", "sh", "-c",
                         f"{make} && exec {IGMP_QUERIER} -i eth0 {BRISK}")
    querier.wait_log("stays root, with CAP_NET_RAW and nothing else")
    querier.wait_log("Asking as 192.0.2.10")
    assert capabilities(querier.popen.pid)["CapEff"] == RAW


def test_no_memory_is_writable_and_executable(lab):
    _, _, wire, querier = start(lab)
    wire.wait_queries(3)
    maps = pathlib.Path(f"/proc/{querier.popen.pid}/maps").read_text().splitlines()
    assert any(" r-xp " in line for line in maps), maps
    assert not [line for line in maps if re.match(r"\S+ .w?x", line) and "w" in line.split()[1]]


# What a hijacked daemon would want, by a call in it.
WANTED = {
    "a shell": '(int)execl("/bin/sh", "sh", (char*)0)',
    "a process": "(int)fork()",
    "a file": '(int)open("/dev/null", 1)',
    "executable memory": "(long)mmap(0, 4096, 7, 34, -1, 0)",
    "memory made executable": "(int)mprotect((long)$sp & -4096, 4096, 5)",
    "a TCP socket": "(int)socket(2, 1, 0)",
    "root": "(int)setuid(0)",
    "another namespace": "(int)unshare(0x40000000)",
    "a look into others": "(long)ptrace(16, 1, 0, 0)",
    "an end to others": "(int)kill(1, 0)",
}


def call_in(pid, asked):
    """Has a running process make system calls: what each returned, and errno."""
    script = [word for name, call in asked.items()
              for word in ("-ex", f'printf "%s: %ld errno %d\\n", "{name}", (long){call}, *(int*)__errno_location()')]
    done = subprocess.run(["gdb", "--batch", "--nx", "-p", str(pid), *script], capture_output=True, text=True, timeout=60)
    said = {name: (int(result), int(error))
            for name, result, error in re.findall(r"^([\w ]+): (-?\d+) errno (\d+)$", done.stdout, re.M)}
    assert said.keys() == asked.keys(), done.stdout + done.stderr
    return said


def test_what_is_not_in_the_list_is_refused(lab):
    """Called in the running daemon itself; and what is in the list is not refused, or this would prove nothing."""
    _, _, wire, querier = start(lab)
    wire.wait_queries(1)
    asked = {**WANTED, "what it does": '(int)open("/dev/null", 0)', "its memory": "(long)mmap(0, 4096, 3, 34, -1, 0)",
              "its sockets": "(int)socket(17, 3, 0)"}
    said = call_in(querier.popen.pid, asked)
    for name in WANTED:
        assert said.pop(name) == (-1, 38), name  # ENOSYS
    assert all(result >= 0 for result, _ in said.values()), said
    wire.wait_queries(2, since=time.time())
    assert querier.stop() == 0


@pytest.mark.parametrize("options, families", [("", {1, 2, 10}), ("--no-names", {1})])
def test_the_exporter_has_a_shorter_list(lab, fake, options, families):
    """It opens no socket but to the daemon, the log and, for names of hosts, to name servers; and serves as before."""
    exporter = Exporter(lab.namespace("host"), fake.path, options=options)
    pid = exporter.process.popen.pid
    wait(lambda: exporter.json("/v1/state")["reachable"], what="the daemon")
    assert status(pid)["NoNewPrivs"] == "1" and status(pid)["Seccomp"] == "2"
    sockets = {f"socket of family {family}": f"(int)socket({family}, {3 if family > 10 else 1}, 0)" for family in (1, 2, 10, 16, 17)}
    refused = {name: call for name, call in WANTED.items() if name != "a TCP socket"}
    said = call_in(pid, {**refused, **sockets})
    for family in families:
        assert said.pop(f"socket of family {family}")[0] >= 0
    assert set(said.values()) == {(-1, 38)}, said
    assert exporter.metrics().value("igmp_querier_up") == 1
    assert exporter.stop() == 0


@pytest.mark.parametrize("listen", ["127.0.0.1:9788", "127.0.0.1:80"])
def test_an_exporter_of_root_becomes_the_service_user_without_any_capability(lab, listen):
    """Before it answers, at a port of root too; it reaches the daemon, which is the same user."""
    api = Api(lab)
    host, _, _, _ = start(lab, api.option)
    api.ready()
    exporter = Exporter(host, api.path, listen)
    exporter.process.wait_log(rf"Running as user '{SERVICE.pw_name}', without any capability")
    exporter.wait_metric(1, "igmp_querier_up")
    found = status(exporter.process.popen.pid)
    assert found["Uid"].split() == [str(SERVICE.pw_uid)] * 4 and found["Gid"].split() == [str(SERVICE.pw_gid)] * 4
    assert not found["Groups"].split() and found["NoNewPrivs"] == "1" and found["Seccomp"] == "2"
    assert set(capabilities(exporter.process.popen.pid).values()) == {0}
    assert exporter.metrics().all("igmp_querier_healthy")
    assert exporter.stop() == 0


def test_an_exporter_of_somebody_else_stays_his(lab, fake):
    """And has no more of what root gave him than another."""
    host = lab.namespace("host")
    process = host.start("setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups", "--pdeathsig=KILL",
                         "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", IGMP_QUERIER, "exporter",
                         "--api-socket", fake.path)
    process.wait_log("Serving metrics")
    assert not process.logged("Running as") and not process.logged("stays root")
    assert status(process.popen.pid)["Uid"].split() == [str(SOMEBODY)] * 4
    found = capabilities(process.popen.pid)
    assert {found[name] for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")} == {0}
    assert Exporter(host, fake.path, process=process).metrics().value("igmp_querier_up") == 1


def test_an_exporter_of_root_that_may_not_become_another_says_so(lab, fake):
    host = lab.namespace("host")
    process = host.start("setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all,+net_raw", IGMP_QUERIER,
                         "exporter", "--api-socket", fake.path)
    process.wait_log("cannot become another user: stays root, without any capability")
    process.wait_log("Serving metrics")
    found = capabilities(process.popen.pid)
    assert {found[name] for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")} == {0}


def test_everything_works_in_the_sandbox(lab):
    """Links, reload, the API, its events, an early query: with no call refused."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    api = Api(lab)
    file = lab.directory / "querier.toml"
    file.write_text("")
    trace = lab.directory / "trace"
    querier = host.start("strace", "-f", "-o", trace, IGMP_QUERIER, "-i", "eth0", "--mld", "-v", "-c", file,
                         *FAST.split(), *api.option.split())
    wire.wait_queries(1)
    follower = api.ready().follow()
    for _ in range(2):
        host.ip("link set eth0 down")
        api.wait_interface(lambda seen: seen["role"] == "waiting", "no link")
        host.ip("link set eth0 up")
        api.wait_interface(lambda seen: seen["role"] == "querier", "a link")
    host.ip("link del eth0")
    api.wait_interface(lambda seen: seen["role"] == "waiting", "no interface")
    lab.link(host, "eth0", peer, "eth0")
    host.ip("address add 192.0.2.11/24 dev eth0")
    api.wait_interface(lambda seen: seen["address"] == "192.0.2.11", "another interface")
    file.write_text("[defaults.igmp]\nversion = 3\n")
    pid = api.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGHUP)
    assert follower.wait(event="reloaded")
    peer.send(packets.ethernet(packets.ipv4("192.0.2.20", packets.report("239.1.2.3"), "239.1.2.3")))
    assert follower.wait(event="group-added")
    for path in "/v1/status", "/v1/groups", "/v1/hosts":
        assert api.get(path)
    assert api.get("/v1/query", "POST")
    os.kill(pid, signal.SIGTERM)
    assert querier.finish() == 0
    calls = trace.read_text().partition("SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG")[2]
    assert "epoll_wait" in calls or "epoll_pwait" in calls
    assert "ENOSYS" not in calls, [line for line in calls.splitlines() if "ENOSYS" in line]


def test_a_file_that_it_may_read_no_more_is_said(lab):
    """Root could read it at the start. The reload changes nothing, says why, and what to do."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    file = lab.directory / "querier.toml"
    file.write_text("[defaults.igmp]\nquery-interval = 1\nquery-max-response-time = 0.5\n")
    file.chmod(0o600)
    querier = host.querier(f"-i eth0 -c {file}")
    querier.wait_log("Startup")
    querier.popen.send_signal(signal.SIGHUP)
    line, = querier.wait_log("configuration not reloaded, nothing has changed")
    assert str(file) in line and "Permission denied; let everybody read it" in line
    wire.wait_queries(1, since=time.time())
    file.chmod(0o644)
    querier.popen.send_signal(signal.SIGHUP)
    querier.wait_log("configuration reloaded")


def test_the_socket_belongs_to_whom_the_daemon_becomes(lab):
    """Its group without the service's user is root's: nobody is to join that of nobody."""
    lab.environment["SUDO_GID"] = ""
    api = Api(lab)
    _, _, _, querier = start(lab, api.option)
    found = api.ready().path.stat()
    group = SERVICE.pw_gid if SERVICE is not NOBODY else 0
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (SERVICE.pw_uid, group, 0o660)
    assert querier.stop() == 0
    assert not api.path.exists()


@pytest.mark.skipif(SERVICE is not NOBODY, reason="the user of the service has a group of its own")
def test_the_socket_is_for_whoever_ran_sudo(lab):
    lab.environment["SUDO_GID"] = str(SOMEBODY)
    api = Api(lab)
    start(lab, api.option)
    assert api.ready().path.stat().st_gid == SOMEBODY


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_in_a_folder_of_root_the_socket_is_removed_as_well(lab, how):
    """A child process that has remained root does it; it ends with the daemon and has no capability."""
    api = Api(lab)
    api.directory.chmod(0o755)
    host, _, _, querier = start(lab, api.option)
    api.ready()
    children = pathlib.Path(f"/proc/{querier.popen.pid}/task/{querier.popen.pid}/children")
    [child] = children.read_text().split()
    assert int(status(child)["CapEff"], 16) == int(status(child)["CapPrm"], 16) == 0
    querier.stop(how)
    wait(lambda: not api.path.exists() and not pathlib.Path(f"/proc/{child}").exists(), what="both gone")
    again = host.querier("-i eth0", BRISK, api.option)
    api.ready()
    assert api.get("/v1/status")["pid"] == again.popen.pid


def test_its_parents_death_still_reaches_it(lab):
    """Whoever started it with such a signal wants it, although the kernel forgets it when a process changes its user."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    parent = host.start("sh", "-c", f"setpriv --pdeathsig KILL {IGMP_QUERIER} -i eth0 {BRISK} & wait")
    wire.wait_queries(1)
    [child] = pathlib.Path(f"/proc/{parent.popen.pid}/task/{parent.popen.pid}/children").read_text().split()
    wait(lambda: status(child)["Seccomp"] == "2", what="its sandbox")
    parent.kill()
    wait(lambda: not os.path.exists(f"/proc/{child}") or status(child)["State"].startswith("Z"), what="its end")


@pytest.mark.parametrize("where", ["pipe", "terminal"])
def test_the_log_reaches_whoever_reads_it(lab, where):
    """What root opened stays open."""
    host, peer = lab.pair("192.0.2.10/24")
    wire = peer.capture(protocol=packets.IGMP)
    reader, writer = os.pipe() if where == "pipe" else os.openpty()
    lab.cleanup.callback(os.close, reader)
    querier = host.querier("-i eth0 -v", BRISK, stderr=writer)
    os.close(writer)
    wire.wait_queries(5)
    said = os.read(reader, 1 << 16)
    assert querier.stop() == 0
    assert said.count(b"sent IGMPv2 General Query") > 1, said


def test_the_program_is_hardened():
    """What the linker and the compiler can do, seen in the program that ships."""
    def read(*what):
        return subprocess.run(["readelf", "--wide", *what, IGMP_QUERIER], capture_output=True, text=True,
                              check=True).stdout
    headers, dynamic, symbols = read("--file-header", "--program-headers"), read("--dynamic"), read("--dyn-syms")
    assert "DYN (Position-Independent Executable" in headers
    loads = re.findall(r"^\s+(LOAD|GNU_STACK|GNU_RELRO)\s+.* ([R ][W ][E ]) +0x", headers, re.M)
    assert len(loads) >= 5, headers
    assert not [flags for _, flags in loads if "W" in flags and "E" in flags]
    assert ("GNU_STACK", "RW ") in loads and any(kind == "GNU_RELRO" for kind, _ in loads)
    assert "BIND_NOW" in dynamic and "PIE" in dynamic
    assert "TEXTREL" not in dynamic and "RPATH" not in dynamic and "RUNPATH" not in dynamic
    assert "__stack_chk_fail" in symbols
    assert re.search(r"__\w+_chk@", symbols.replace("__stack_chk_fail", ""))
    if os.uname().machine == "x86_64":
        assert re.search(r"x86 feature:.*SHSTK", read("--notes"))
