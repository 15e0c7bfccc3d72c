"""What of a program the core calls while something takes its time."""

from collections.abc import Callable
from typing import ParamSpec

from . import _ffi
from ._ffi import Contact, RescuedMessage
from .errors import ProgressError

P = ParamSpec("P")

OnProgress = Callable[[int, int], bool]
"""How far an export or import is (done, of how much); with False it ends, and nothing has changed."""

OnFound = Callable[[list[Contact], list[RescuedMessage]], bool]
"""What more could be read of a damaged host: friends first, then messages, at most 100 at once; with False it ends."""


def listener(on_progress: OnProgress | None) -> _ffi.ProgressListener | None:
    return None if on_progress is None else _Listener(on_progress)


class _Listener(_ffi.ProgressListener):
    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress

    def on_progress(self, done: int, total: int) -> bool:
        return _told(self._on_progress, done, total)


class Finder(_ffi.RescueListener):
    """Hands over what was found."""

    def __init__(self, on_found: OnFound) -> None:
        self._on_found = on_found

    def on_found(self, friends: list[Contact], messages: list[RescuedMessage]) -> bool:
        return _told(self._on_found, friends, messages)


def _told(tell: Callable[P, bool], *arguments: P.args, **named: P.kwargs) -> bool:
    try:
        return bool(tell(*arguments, **named))
    except BaseException as failure:  # SystemExit too: it would end nothing, for this is a thread of the core's.
        raise ProgressError.Failed(repr(failure)) from failure
