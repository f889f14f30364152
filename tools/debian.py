"""Trees of Debian, made from the archive that apt installs this system's own packages from, and what runs in them."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREES = ROOT / "build" / "trees"

# Documentation is not read here, but licenses are; a tree that is lost is made again.
DPKG = ("force-unsafe-io\n" + "".join(f"path-exclude=/usr/share/{name}/*\n" for name in ("doc", "man", "locale")) +
        "path-include=/usr/share/doc/*/copyright\n")
APT = 'Acquire::Languages "none";\nAcquire::Retries "3";\n'


def _output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def archive():
    """The archive and the suite that apt installs this system's own packages from."""
    codename = re.search(r"^VERSION_CODENAME=(\S+)", pathlib.Path("/etc/os-release").read_text(), re.M)[1]
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    for line in _output_of("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines():
        uri, release, component = line.split()
        if release in (codename, "stable") and component == "main" and uri.startswith(("http", "file")):
            return uri, codename
    raise RuntimeError(f"apt has no archive with the suite {codename}, so there is nothing to make a tree from")


def listed(*groups):
    """The packages of groups of tools/install-packages."""
    return _output_of(ROOT / "tools/install-packages", "--list", *groups).split()


def proxies():
    """apt's proxies, as debootstrap's wget reads them."""
    shell = _output_of("apt-config", "shell", "http_proxy", "Acquire::http::Proxy", "https_proxy",
                       "Acquire::https::Proxy")
    return dict(re.findall(r"^(\w+)='(.*)'$", shell, re.M))


def private(*more):
    """What to put before a command that mounts. Its mounts and processes end with it, and with us, even by SIGKILL."""
    return ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation=private", "--pid", "--fork",
            "--kill-child", *more]


def bootstrap(folder, suite, packages=()):
    """Makes a minimal tree of that suite, with these packages besides."""
    command = [*private(), "debootstrap", "--variant=minbase"]
    if packages:
        command.append(f"--include={','.join(sorted(packages))}")
    done = subprocess.run([*command, suite, str(folder), archive()[0]], capture_output=True, text=True, timeout=900,
                          env={**os.environ, **proxies()})
    if done.returncode:
        raise RuntimeError(f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    shutil.rmtree(pathlib.Path(folder, "var/cache/apt/archives"), ignore_errors=True)


class Tree:
    """A tree of a release, in a folder that bears the number of this process."""

    def __init__(self, release):
        TREES.mkdir(parents=True, exist_ok=True)
        sweep()
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"{release}-{os.getpid()}-", dir=TREES))
        self.release = release

    def __enter__(self):
        return self

    def __exit__(self, *_):
        remove(self.path)

    def make(self):
        bootstrap(self.path, self.release)
        self.path.chmod(0o755)
        for place, text in (("etc/dpkg/dpkg.cfg.d/tree", DPKG), ("etc/apt/apt.conf.d/tree", APT)):
            (self.path / place).write_text(text)
        (self.path / "src").mkdir()

    def run(self, script, online=False, **options):
        """Has root's shell run a script in the tree, with the sources at /src, where nothing can change them."""
        enter = ('mount --bind -o ro "$1" "$2/src" && mount -t proc proc "$2/proc" && '
                 'mount -t devpts -o newinstance,ptmxmode=0666 devpts "$2/dev/pts" && '
                 f'{"" if online else "ip link set lo up &&"} exec chroot "$2" sh -euc "$3"')
        command = [*private(*([] if online else ["--net"])), "sh", "-c", enter, "sh", ROOT, self.path, script]
        environment = {**proxies(), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                       "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(command, check=True, text=True, stdin=subprocess.DEVNULL, env=environment, **options)

    def install(self, packages):
        self.run(f"{{ apt-get update && apt-get install --yes --no-install-recommends {' '.join(packages)}; }} >/log "
                 "2>&1 || { tail -n 20 /log >&2; exit 1; }", online=True)

    def says(self, command):
        return self.run(command, stdout=subprocess.PIPE).stdout.strip()


def remove(folder):
    """Removes a tree, whose last processes may be about to end."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    shutil.rmtree(folder)


def sweep():
    """Removes the trees of runs that were killed."""
    for tree in TREES.iterdir():
        owner = re.match(r"[a-z0-9]+-(\d+)-", tree.name)
        if owner and not os.path.exists(f"/proc/{owner[1]}"):
            remove(tree)


def lacks_for_trees():
    """Says what is missing here to make a tree, and what to do; else nothing."""
    if os.geteuid() != 0:
        return "a tree is made by root: use sudo"
    for command in "debootstrap", "unshare", "ip":
        if not shutil.which(command):
            return f"needs {command}: run tools/install-packages test"
    return None


def run_tool(name, main):
    """Runs the main function of a tool that makes trees: they go however it ends."""
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError:
        sys.exit(f"{name}: that has failed; the reason is above")
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        sys.exit(f"{name}: {error}")
