"""A headless Chromium in a namespace, driven by tests/web/browser.mjs, and what npm installs for it.

npm needs the machine's network, which the lab leaves before its first test: `install()` is to be called before that.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import select
import shutil
import subprocess

from harness.lab import REPOSITORY

TOOLS = ("node", "npm", "chromium")
MANIFEST = ("package.json", "package-lock.json", ".npmrc")
CACHE = REPOSITORY / "build/npm"
SCREENSHOTS = REPOSITORY / "build/screenshots"
DRIVER = REPOSITORY / "tests/web/browser.mjs"

_obstacle = "nobody has installed what the browser needs"


def modules(folder):
    """Where `install()` puts what `folder`/package.json asks for: a place of its own for each version of the lock."""
    digest = hashlib.sha256(b"".join((REPOSITORY / folder / name).read_bytes() for name in MANIFEST)).hexdigest()
    return CACHE / f"{folder.replace('/', '-')}-{digest[:12]}"


def _install(folder):
    place = modules(folder)
    if (place / "installed").exists():
        return
    place.mkdir(parents=True, exist_ok=True)
    for name in MANIFEST:
        shutil.copy(REPOSITORY / folder / name, place)
    command = ["npm", "ci", "--prefer-offline", "--loglevel=error"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"npm ci of {folder} failed: {done.stderr.strip() or done.stdout.strip()}")
    (place / "installed").touch()


def install():
    """Installs it unless it is there. Why it cannot is what `obstacle()` says then."""
    global _obstacle
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        _obstacle = "not installed: " + ", ".join(missing)
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:  # several workers of pytest come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _install("web")
            _install("tests/web")
            _obstacle = None
        except OSError as error:
            _obstacle = str(error)


def obstacle():
    """Why no browser can be started here, or None."""
    return _obstacle


class Browser:
    """One page in a browser of its own."""

    def __init__(self, namespace, timeout=60.0):
        self.timeout, self.origin = timeout, ""
        self.log = open(namespace.lab.directory / f"browser-{id(self)}.err", "w+")
        with namespace.entered():
            self.popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "node", str(DRIVER), str(modules("tests/web"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, cwd=namespace.lab.directory,
                env={**os.environ, "TZ": "UTC"})
        namespace.lab.cleanup.callback(self.close)
        self.rest = b""
        self.version = self._answer("its start")

    def close(self):
        """Lets it end by itself, so that it tidies up its profile."""
        with contextlib.suppress(BrokenPipeError):
            self.popen.stdin.close()
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        self.popen.stdout.close()
        self.log.close()

    def _answer(self, what):
        while b"\n" not in self.rest:
            ready = select.select([self.popen.stdout], [], [], self.timeout)[0]
            piece = os.read(self.popen.stdout.fileno(), 1 << 16) if ready else b""
            if not piece:
                self.log.seek(0)
                raise AssertionError(f"the browser has not answered to {what}: {self.log.read()[-2000:]}")
            self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        answer = json.loads(line)
        assert "error" not in answer, f"{what}: {answer['error']}"
        return answer["value"]

    def do(self, action, **arguments):
        self.popen.stdin.write(json.dumps({"do": action, **arguments}).encode() + b"\n")
        self.popen.stdin.flush()
        return self._answer(f"{action} {arguments}")

    def open(self, url):
        self.do("goto", url=url)
        return self

    def evaluate(self, expression):
        return self.do("evaluate", expression=expression)

    def text(self, selector):
        """What one reads there, in one line."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText.replace(/\\s+/g, ' ').trim()")

    def texts(self, selector):
        """The same of every element that fits."""
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})]"
                             ".map((one) => one.textContent.replace(/\\s+/g, ' ').trim())")

    def wait(self, expression, timeout=10.0):
        return self.do("wait", expression=expression, timeout=int(timeout * 1000))

    def wait_text(self, selector, words, timeout=10.0):
        """Until that is a part of what stands there."""
        try:
            return self.wait(f"(document.querySelector({json.dumps(selector)})?.textContent ?? '')"
                             f".includes({json.dumps(words)})", timeout)
        except AssertionError:
            raise AssertionError(f"{words!r} not in {self.text(selector)!r} within {timeout:g} s") from None

    def click(self, selector):
        self.do("click", selector=selector)

    def fill(self, selector, text):
        self.do("fill", selector=selector, text=text)

    def press(self, *keys):
        self.do("press", keys=keys)

    def look(self, width=None, height=None, **media):
        self.do("look", width=width, height=height, **media)

    def screenshot(self, name, whole=True):
        """For people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.do("screenshot", path=str(SCREENSHOTS / f"{name}.png"), whole=whole)

    def barriers(self):
        """What axe-core finds that keeps people with disabilities out, a line each."""
        return self.do("axe")

    def problems(self):
        """What no page of ours may do: errors, foreign requests, dialogs."""
        return [f"{one['kind']}: {one['text']}" for one in self.do("problems")]

    def forgive(self):
        """Forgets the problems so far: requests fail while nobody serves."""
        self.do("forgive")
