"""Signals as they are on a terminal, however the tests were started."""

import signal


def heed():
    """Has programs that are started from here on heed the signals that this process was started to ignore, as nohup and
    shells have what runs in the background do. An ignored signal stays so in a program, a caught one does not."""
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
