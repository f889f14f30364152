"""Trees of Debian, made from the archive that apt installs this system's own packages from."""

import os
import pathlib
import re
import shutil
import subprocess


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
