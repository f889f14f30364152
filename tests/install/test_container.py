"""The container image, run by podman with the options of the compose files, between network namespaces."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest
import yaml
from machine import PREFIX, Wire, run, sweep, wait_until
from tree import tree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from debian import private  # noqa: E402

pytestmark = pytest.mark.xdist_group("package")  # they need the packages
IMAGE = "localhost/igmp-querier:latest"
ADDRESS = "192.0.2.1"
NET_RAW = f"{1 << 13:016x}"


class Podman:
    """podman with storage of its own, in namespaces that end with it and with all that runs in them."""

    def __init__(self, folder):
        self.folder = folder
        # podman needs one version of control groups, and locks that no other podman uses. Of the mounts outside, those of
        # network namespaces that are made later are seen.
        prepare = ("umount --lazy /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && mount -t proc proc /proc && "
                   "mount -t tmpfs tmpfs /dev/shm && echo ready && exec sleep infinity")
        self.holder = subprocess.Popen([*private("--propagation=slave"), "sh", "-euc", prepare], stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "ready\n"
        children = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text().split()
        self.enter = ["nsenter", f"--target={children[0]}", "--mount", "--pid"]
        self.command = [*self.enter, "podman", "--log-level=fatal", f"--root={folder}/root", f"--runroot={folder}/run",
                        f"--tmpdir={folder}/tmp", f"--runtime-flag=root={folder}/crun", "--storage-driver=vfs",
                        "--cgroup-manager=cgroupfs"]

    def __call__(self, *arguments):
        return subprocess.run([*self.command, *arguments], capture_output=True, text=True, timeout=60)

    def says(self, *arguments):
        return run(*self.command, *arguments)

    def close(self):
        self.holder.kill()
        self.holder.wait()


@pytest.fixture(scope="module")
def image(need, repository, packages):
    """Makes the image from the package, and loads it; returns its podman."""
    need("podman", "buildah", "crun", "nsenter", "setcap")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="iq-"))  # podman takes no path of more than 50 characters
    binary = pathlib.Path(os.environ.get("IGMP_QUERIER", repository / "build/release/igmp-querier")).resolve()
    (package,) = packages.glob("igmp-querier_*.deb")
    podman = None
    try:
        archive = run(repository / "packaging/container/build-image", package, "--tree", tree(str(binary), folder),
                      "--output", folder)
        podman = Podman(folder)
        podman.says("load", "--quiet", "--input", archive.strip())
        yield podman
    finally:
        if podman:
            podman.close()
        shutil.rmtree(folder, ignore_errors=True)


def options(repository, file):
    """What a compose file says of the service, but its network, as options of podman run."""
    (service,) = yaml.safe_load((repository / "packaging/container" / file).read_text())["services"].values()
    assert service["image"] == IMAGE
    flags = [*(f"--cap-drop={name}" for name in service["cap_drop"]), *(f"--cap-add={name}" for name in service["cap_add"]),
             *(f"--tmpfs={place}" for place in service["tmpfs"]), f"--read-only={str(service['read_only']).lower()}"]
    # What the machine that runs the tests may not allow: control groups, limits above its own, timers of health checks.
    return [*flags, "--cgroups=disabled", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000", "--health-interval=disable"]


@pytest.fixture
def lan():
    """A host with a cable to the LAN: its namespace, and that of a container on a macvlan of the cable; what is heard."""
    sweep()
    host, guest, far = (f"{PREFIX}-{os.getpid()}-{name}" for name in ("podman", "guest", "far"))
    wire = None
    try:
        for name in host, guest, far:
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "lan0", "netns", host, "type", "veth", "peer", "name", "lan0", "netns", far)
        run("ip", "-n", host, "link", "add", "eth0", "link", "lan0", "netns", guest, "type", "macvlan", "mode", "bridge")
        for name, link in (host, "lan0"), (far, "lan0"), (guest, "eth0"):
            if name != far:
                run("ip", "-n", name, "address", "add", f"{ADDRESS}/24", "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
        wire = Wire(far, "lan0")
        yield {"compose.yaml": (host, "lan0"), "compose.macvlan.yaml": (guest, "eth0")}, wire, far
    finally:
        if wire:
            wire.close()
        for name in host, guest, far:
            subprocess.run(["ip", "netns", "del", name], check=False)


@pytest.fixture
def start(image, repository, lan):
    """Starts a container in the namespace that belongs to a compose file; returns its ID."""
    started = []

    def start_container(file, *more):
        namespace, interface = lan[0][file]
        started.append(image.says("run", "--detach", *options(repository, file), *more, f"--network=ns:/run/netns/{namespace}",
                                  IMAGE, "run", "--interface", interface).strip())
        return started[-1]

    yield start_container
    for container in started:
        image("rm", "--force", container)


@pytest.mark.parametrize("file", ["compose.yaml", "compose.macvlan.yaml"])
def test_queries_with_one_capability_and_no_root(image, start, lan, file):
    container = start(file)
    query = lan[1].query(20)
    assert query and query[0] == ADDRESS, image.says("logs", container)
    (state,) = json.loads(image.says("inspect", container))
    said = run(*image.enter, "cat", f"/proc/{state['State']['Pid']}/status")
    fields = dict(line.split(":\t", 1) for line in said.splitlines() if ":\t" in line)
    assert fields["Uid"].split()[0] == "65532" and fields["CapPrm"] == fields["CapBnd"] == NET_RAW
    assert fields["CapAmb"] == fields["CapInh"] == f"{0:016x}" and fields["NoNewPrivs"] == "1"
    assert state["HostConfig"]["ReadonlyRootfs"]


def test_its_health_is_that_of_the_daemon(image, start, lan):
    container = start("compose.yaml")
    assert lan[1].query(20)
    healthy = image("healthcheck", "run", container)
    assert healthy.returncode == 0, healthy.stdout + healthy.stderr
    run("ip", "-n", lan[2], "link", "set", "lan0", "down")
    wait_until(lambda: image("healthcheck", "run", container).returncode != 0, "without a link it is not healthy")


def test_without_the_capability_it_says_so_in_one_line(image, repository, lan):
    namespace, interface = lan[0]["compose.yaml"]
    flags = [flag for flag in options(repository, "compose.yaml") if not flag.startswith("--cap-add")]
    done = image("run", "--rm", *flags, f"--network=ns:/run/netns/{namespace}", IMAGE, "run", "--interface", interface)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "needs CAP_NET_RAW" in done.stderr, done.stderr


def test_the_file_has_the_capability_where_a_user_is_given_none(image, lan):
    """As by Docker, which gives a user other than root no ambient capabilities."""
    namespace, interface = lan[0]["compose.yaml"]
    root = image.says("image", "mount", IMAGE).strip()
    enter = ["nsenter", f"--net=/run/netns/{namespace}", f"--root={root}", "--wd=/", "--setgid=65532", "--setuid=65532"]
    daemon = subprocess.Popen([*image.enter, *enter, "/usr/bin/igmp-querier", "run", "--interface", interface],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert lan[1].query(20), daemon.poll()
    finally:
        daemon.kill()
        daemon.wait()


@pytest.mark.parametrize(("what", "says"), [("missing.deb", "no file"), ("exporter", "no package of igmp-querier")])
def test_makes_no_image_of_anything_else(repository, packages, tmp_path, what, says):
    if what == "exporter":
        (what,) = packages.glob("igmp-querier-exporter_*.deb")
    done = subprocess.run([repository / "packaging/container/build-image", what, "--output", tmp_path / "dist"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and says in done.stderr
    assert not (tmp_path / "dist").exists()
