"""Signals that end the program: as Ctrl-C does, so that what runs is closed, and with the exit code that shells expect."""

from __future__ import annotations

import faulthandler
import signal
from types import FrameType

_NAMES = {signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}


class Stopped(KeyboardInterrupt):
    """The program was asked to end by a signal. A KeyboardInterrupt: whoever cleans up after Ctrl-C does so after this too."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return _NAMES[signal.Signals(self.number)]


def stop_on_signals() -> None:
    """Have SIGTERM and SIGHUP raise `Stopped`; a second one ends the program at once.

    A signal that is ignored from the start stays ignored, as ``nohup`` and shells without job control mean it (SIGINT too, which
    Python leaves alone then); one that something else handles stays with it. None of them is heard while code in C keeps Python's
    lock. SIGQUIT is, and ends the program as ever, with the line that each thread is at on standard error.
    """
    for number in _NAMES:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)
    if signal.getsignal(signal.SIGQUIT) is signal.SIG_DFL:
        faulthandler.register(signal.SIGQUIT, chain=True)


def how(stop: KeyboardInterrupt) -> str:
    """The event in a word: "interrupted", "terminated"."""
    return str(stop) if isinstance(stop, Stopped) else "interrupted"


def exit_code(stop: KeyboardInterrupt) -> int:
    """128 and the signal's number."""
    return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Stopped(number)
