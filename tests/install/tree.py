"""A small Debian tree that holds what the program and its service need, made once and kept.

As a program it makes the tree for the program that it is given, so that tests need not wait for it: tree.py PROGRAM.
Does nothing where no tree can be kept.
"""

import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import sys
import tempfile

from machine import run

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from debian import archive, bootstrap  # noqa: E402

# libnss-systemd names the user that DynamicUser makes; procps has the /bin/kill of ExecReload. tcpdump is for
# debian/tests.
PACKAGES = {"systemd", "systemd-sysv", "dbus", "iproute2", "libnss-systemd", "procps", "tcpdump"}


def packages_of(binary):
    """The packages whose libraries the program is linked with."""
    libraries = re.findall(r"=> (/\S+)", run("ldd", binary))
    # dpkg may know a library under either of the names that a merged /usr gives it.
    names = {f"*/{os.path.basename(library)}" for library in libraries}
    owners = re.findall(r"^([a-z0-9.+-]+):\S+: \S*/lib/\S*$", run("dpkg", "--search", *sorted(names)), re.M)
    return set(owners)


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
                bootstrap(made, archive()[1], packages)
                made.chmod(0o755)
                made.rename(folder)
            finally:
                shutil.rmtree(made, ignore_errors=True)
    return str(folder)


if __name__ == "__main__" and cache_folder():
    tree(sys.argv[1], None)
