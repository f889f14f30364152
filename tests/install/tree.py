"""A small Debian tree that holds what the program and its service need, made once and kept."""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from machine import run

# libnss-systemd names the user that DynamicUser makes; procps has the /bin/kill of ExecReload.
PACKAGES = {"systemd", "systemd-sysv", "dbus", "iproute2", "libnss-systemd", "procps"}


def archive():
    """The archive and the suite that apt installs this system's own packages from."""
    codename = re.search(r"^VERSION_CODENAME=(\S+)", pathlib.Path("/etc/os-release").read_text(), re.M)[1]
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    for line in run("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines():
        uri, release, component = line.split()
        if release in (codename, "stable") and component == "main" and uri.startswith(("http", "file")):
            return uri, codename
    raise RuntimeError(f"apt has no archive with the suite {codename}, so there is nothing to make a tree from")


def packages_of(binary):
    """The packages whose libraries the program is linked with."""
    libraries = re.findall(r"=> (/\S+)", run("ldd", binary))
    # dpkg may know a library under either of the names that a merged /usr gives it.
    names = {f"*/{os.path.basename(library)}" for library in libraries}
    owners = re.findall(r"^([a-z0-9.+-]+):\S+: \S*/lib/\S*$", run("dpkg", "--search", *sorted(names)), re.M)
    return set(owners)


def proxies():
    """apt's proxies, as debootstrap's wget reads them."""
    shell = run("apt-config", "shell", "http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy")
    return dict(re.findall(r"^(\w+)='(.*)'$", shell, re.M))


def bootstrap(folder, packages):
    uri, suite = archive()
    # In namespaces of its own, so that neither a mount nor a process is left when it is interrupted.
    command = ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child"]
    command += ["debootstrap", "--variant=minbase", f"--include={','.join(sorted(packages))}", suite, str(folder), uri]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env={**os.environ, **proxies()})
    if done.returncode:
        raise RuntimeError(f"debootstrap failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    shutil.rmtree(folder / "var/cache/apt/archives", ignore_errors=True)


def cache_folder():
    """Where trees are kept, or None when nothing can be."""
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "/var/cache"), "igmp-querier-tests")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def tree(binary, scratch):
    """A tree for this program: from the cache, else made there, else made in the scratch folder."""
    packages = PACKAGES | packages_of(binary)
    key = hashlib.sha256(repr((archive(), sorted(packages))).encode()).hexdigest()[:16]
    cache = cache_folder()
    folder = pathlib.Path(cache or scratch, f"tree-{key}")
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for rest in folder.parent.glob(f"making-{key}-*"):
                shutil.rmtree(rest)
            made = pathlib.Path(tempfile.mkdtemp(prefix=f"making-{key}-", dir=folder.parent))
            try:
                bootstrap(made, packages)
                made.chmod(0o755)
                made.rename(folder)
            finally:
                shutil.rmtree(made, ignore_errors=True)
    return str(folder)
