"""The core's log, as Python's."""

import logging

from . import _ffi
from ._ffi import LogLevel

_LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
    # Every packet: less than what Python has a word for.
    LogLevel.TRACE: 5,
}


class _Sink(_ffi.LogSink):
    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def log(self, level: LogLevel, target: str, text: str) -> None:
        self._logger.log(_LEVELS[level], "%s: %s", target, text)


def log_to(logger: logging.Logger | None, level: LogLevel = LogLevel.INFO) -> None:
    """Sets how much the core logs and to which logger, for the whole process; None ends it. Never message texts or keys.

    It is called on the core's own threads.
    """
    global _is_on
    _is_on = logger is not None
    _ffi.set_log(level, None if logger is None else _Sink(logger))


_is_on = False


def end() -> bool:
    """Logs nothing any more; whether anything was logged."""
    was_on = _is_on
    if was_on:
        log_to(None)
    return was_on
