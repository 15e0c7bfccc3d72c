"""Signs to whoever watches a host: of what is done here no event tells while nobody is near."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Signs:
    """Those who wait for a sign, each in an event loop of its own."""

    def __init__(self) -> None:
        self.given = 0
        """How many there have been."""
        self._lock = threading.Lock()
        self._waiting = dict[asyncio.Event, asyncio.AbstractEventLoop]()

    @contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """What is set at each sign from now on."""
        sign = asyncio.Event()
        with self._lock:
            self._waiting[sign] = asyncio.get_running_loop()
        try:
            yield sign
        finally:
            with self._lock:
                del self._waiting[sign]

    def give(self) -> None:
        """Gives a sign to all who wait for one, from any thread."""
        with self._lock:
            # Before anybody is woken by it.
            self.given += 1
            waiting = list(self._waiting.items())
        for sign, loop in waiting:
            # One whose loop was closed waits no more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(sign.set)
