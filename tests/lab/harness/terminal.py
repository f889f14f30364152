"""A terminal that a program runs on: what it shows, its keys, its size."""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

ENTER_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END = b"\x1bOA", b"\x1bOB", b"\x1b[5~", b"\x1b[6~", b"\x1bOH", b"\x1bOF"


class _Screen(pyte.Screen):
    """Also scrolls as it is told (ECMA-48 §8.3.147, SU, and §8.3.113, SD), which pyte ignores."""

    def scroll_up(self, count=1):
        self._at_top(self.delete_lines, count)

    def scroll_down(self, count=1):
        self._at_top(self.insert_lines, count)

    def _at_top(self, change, count):
        x, y = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        change(count or 1)
        self.cursor.x, self.cursor.y = x, y


class _Stream(pyte.Stream):
    csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down"}
    events = pyte.Stream.events | {"scroll_up", "scroll_down"}


class Terminal:
    """Runs a command on a pseudo-terminal of its own, as its foreground process group."""

    def __init__(self, command, columns=80, rows=24, **environment):
        self.ours, self.theirs = pty.openpty()  # ours stays open, so that the terminal outlives the program
        self.screen = _Screen(columns, rows)
        self.stream, self.decoder = _Stream(self.screen), codecs.getincrementaldecoder("utf-8")("replace")
        self.written = b""
        self._set_size(columns, rows)
        self.modes = termios.tcgetattr(self.theirs)
        self.popen = subprocess.Popen(
            [str(word) for word in command], stdin=self.theirs, stdout=self.theirs, stderr=self.theirs,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait()
        for fd in self.ours, self.theirs:
            if fd is not None:
                os.close(fd)

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)

    def type(self, keys):
        os.write(self.ours, keys)

    def hang_up(self):
        """What a closed window or a lost connection does."""
        os.close(self.ours)
        self.ours = None

    def read(self, pause=0.02):
        """Takes in what the program has written."""
        while select.select([self.ours], [], [], pause)[0]:
            chunk = os.read(self.ours, 65536)
            self.written += chunk
            self.stream.feed(self.decoder.decode(chunk))

    def lines(self):
        """What is on the screen, without what is empty at its end."""
        self.read()
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip("\n").split("\n")

    def wait(self, condition, what, seconds=5.0):
        """Waits until the condition holds of the lines, and returns them."""
        deadline = time.monotonic() + seconds
        while not condition(lines := self.lines()):
            assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}\n" + "\n".join(lines)
        return lines

    def wait_for(self, text, seconds=5.0):
        return self.wait(lambda lines: text in "\n".join(lines), f"'{text}' on the screen", seconds)

    def finish(self, seconds=3.0):
        """Waits for the end and returns the exit status."""
        status = self.popen.wait(seconds)
        if self.ours is not None:
            self.read()
        return status

    def stop(self, how=signal.SIGTERM):
        self.popen.send_signal(how)
        return self.finish()

    def is_as_before(self):
        """Whether the modes, the screen and the cursor are as the program found them."""
        return (termios.tcgetattr(self.theirs) == self.modes
                and self.written.count(ENTER_ALTERNATE) == self.written.count(LEAVE_ALTERNATE)
                and self.written.rfind(b"\x1b[?25l") < self.written.rfind(b"\x1b[?12l\x1b[?25h"))
