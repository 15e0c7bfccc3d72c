"""What is read one after the other: events, and lists that are watched. Whoever gives up waiting can ask again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from ._ffi import Event
from ._signs import Signs
from .errors import PermessoError

T = TypeVar("T")

NextEvents = Callable[[], Awaitable[list[Event]]]
"""Waits for the next events of one reader; none once the host has stopped."""


class Events(AsyncIterator[Event]):
    """What happens, until the host is stopped."""

    # No generator: one that is cancelled while it waits has ended.

    def __init__(self, next_events: NextEvents) -> None:
        self._next_events = next_events
        self._events = deque[Event]()

    async def __anext__(self) -> Event:
        if not self._events:
            self._events.extend(await self._next_events())
        if not self._events:
            raise StopAsyncIteration
        return self._events.popleft()


class Watched(AsyncIterator[list[T]]):
    """A list: at once, and again whenever something that concerns it happened or was done here, and it is another one."""

    def __init__(
        self,
        next_events: NextEvents,
        signs: Signs,
        concerns: Callable[[Event], bool],
        read: Callable[[], Awaitable[list[T]]],
    ) -> None:
        self._next_events, self._signs = next_events, signs
        self._concerns, self._read = concerns, read
        self._seen: list[T] | None = None
        # How many signs there had been when it was read; None if it has to be read again.
        self._read_at: int | None = None
        self._is_over = False

    async def __anext__(self) -> list[T]:
        with self._signs.waiting() as sign:
            while not self._is_over:
                sign.clear()
                if (given := self._signs.given) != self._read_at:
                    before = self._seen
                    try:
                        self._seen = await self._read()
                    except (PermessoError.Paused, PermessoError.StorageUnavailable):
                        # `resume` gives a sign, and a notice tells of storage that is well again.
                        pass
                    except PermessoError.Stopped:
                        break
                    self._read_at = given
                    if self._seen is not None and self._seen != before:
                        return self._seen
                await self._wait(sign)
        raise StopAsyncIteration

    async def _wait(self, sign: asyncio.Event) -> None:
        """Waits for events or a sign."""
        coming, given = asyncio.ensure_future(self._next_events()), asyncio.ensure_future(sign.wait())
        try:
            await asyncio.wait((coming, given), return_when=asyncio.FIRST_COMPLETED)
        finally:
            given.cancel()
            # Also where this is given up just now: they will not come again.
            if not coming.done():
                coming.cancel()
            elif not coming.cancelled() and coming.exception() is None:
                self._take(coming.result())
        if coming.done():
            coming.result()

    def _take(self, events: list[Event]) -> None:
        self._is_over |= not events
        if any(self._concerns(event) or isinstance(event, Event.NOTICE) for event in events):
            self._read_at = None
