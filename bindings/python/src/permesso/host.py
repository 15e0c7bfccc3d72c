"""A live host, as a Python program meets it."""

import asyncio
import atexit
import math
import os
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import ParamSpec, TypeVar

from . import _ending as _ending
from . import _ffi, log
from ._ffi import (
    AccountReport,
    CardResult,
    Contact,
    Departure,
    Event,
    Examination,
    FoundHost,
    Friend,
    FullServer,
    Holder,
    HostLink,
    HostLinkCarrier,
    KeyStore,
    Match,
    Message,
    MessagePlace,
    MessageState,
    NearbyHost,
    NetworkAddress,
    Packet,
    RescueReport,
    Settings,
    SettingsChange,
    Statistics,
)
from ._carrier import GuardedCarrier
from ._listeners import Finder, OnFound, OnProgress, listener
from ._reading import Events, NextEvents, Watched
from ._signs import Signs
from .errors import PermessoError
from .key_store import Guarded

P = ParamSpec("P")
T = TypeVar("T")

StrPath = str | os.PathLike[str]

_BATCH = 64
"""Events taken in one call: a call with 64 costs each of them a fortieth of one alone."""

_PAGE = 500
"""Entries of lists taken in one call."""


class Permesso:
    """A live host: people near each other chat with no server, no account and no internet.

    One that changes something returns when the change is durable; cancelling it only ends the waiting: it is done all the
    same, and lists that are watched show it. Whoever gives up waiting for an event or a list, as by `asyncio.wait_for`, can
    ask again. What fails raises a `PermessoError`, after `stop` `PermessoError.Stopped`. Ids are texts, moments are
    milliseconds since 1970.
    """

    def __init__(self, host: _ffi.Host) -> None:
        """Not for apps: see `open`."""
        self._host = host
        self._signs = Signs()
        # With what the opening brought; the lists that are watched take none of it.
        self._first_readers = [host.events()]
        self._going_on = set[asyncio.Task[object]]()
        self.id: str = host.id()
        """This host's id."""
        self.identity_key: str = host.identity_key()
        """This host's identity key: 64 hexadecimal digits."""
        self.is_restored_copy: bool = host.is_restored_copy()
        """Whether the database was found to be an older copy: what came since is not in it."""
        _running.add(self)

    @staticmethod
    def open(
        directory: StrPath,
        *,
        alias: str,
        key_store: KeyStore,
        server: bool = False,
        parameters: str | None = None,
    ) -> "Opening":
        """Opens the host in a folder, or makes a new one there; to be awaited, or used by `async with`, which stops it.

        It is not on the network before `start`; its history can be read and messages can be written all the same. `alias`
        is what others call it, at most 64 bytes; a change made while it ran counts more. A `server` keeps mail for
        everybody. `parameters` is every other parameter, in the form of `default_parameters`.

        Raises `KeyUnavailable` if the key store has no key for a host that is there, `AlreadyThere` if it is open already
        and stays so for 1 s, `InvalidInput` if a parameter makes no sense.
        """
        config = _ffi.HostConfig(directory=os.fspath(directory), alias=alias, server=server, parameters=parameters)
        return Opening(config, key_store)

    async def __aenter__(self) -> "Permesso":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Binds the sockets and joins the network. Does nothing if it has been started."""
        await _call(self._host.start)

    async def pause(self) -> None:
        """Closes links, sockets and the database: nothing is locked and nothing is lost.

        Until `resume`, calls raise `Paused`; what is kept in memory can still be looked at.
        """
        await _call(self._host.pause)

    async def resume(self) -> None:
        """Opens again what `pause` closed and goes on. Lists that are watched wait for it."""
        await self._done(self._host.resume)

    async def leave(self) -> Departure:
        """Hands waiting mail to those who are here and have room for it, and says good-bye, within 2 s."""
        return await _call(self._host.leave)

    async def stop(self) -> None:
        """Closes everything and ends the host; what was accepted is durable. What waits for events ends."""
        _running.discard(self)
        # Not given up half way: the folder would still be open.
        await asyncio.shield(_call(self._host.stop))

    def events(self) -> AsyncIterator[Event]:
        """What happens from this call on, until the host is stopped.

        The first call also gets what the opening brought, such as `Notice.COPY_RESTORED`, whatever lists are watched before.
        """
        try:
            reader = self._first_readers.pop()
        except IndexError:
            reader = self._host.events()
        return Events(_batches(reader))

    def nearby(self) -> AsyncIterator[list[NearbyHost]]:
        """The people here now, without the special hosts: at once, and again whenever that changes."""

        async def read() -> list[NearbyHost]:
            return [host for host in await self.hosts() if host.online and host.special is None]

        return self._watched(lambda event: isinstance(event, Event.HOST_CHANGED), read)

    def friends(self) -> AsyncIterator[list[Friend]]:
        """Friends, askers and ended friends, in the order they were met: at once, and again whenever that changes."""
        kinds = (Event.FRIEND_CHANGED, Event.HOST_CHANGED, Event.MESSAGE_RECEIVED)
        return self._watched(lambda event: isinstance(event, kinds), self.friend_list)

    def conversation(self, friend: str, limit: int = 100) -> AsyncIterator[list[Message]]:
        """The newest `limit` messages of a conversation, oldest first: at once, and again whenever that changes."""

        def concerns(event: Event) -> bool:
            return isinstance(event, (Event.MESSAGE_RECEIVED, Event.MESSAGE_CHANGED)) and event.host == friend

        return self._watched(concerns, lambda: self.messages(friend, limit=limit))

    async def hosts(self) -> list[NearbyHost]:
        """Every host known, the three special ones first."""
        return await _all(self._host.hosts)

    async def search(self, alias: str, matching: Match = Match.PARTIAL) -> list[FoundHost]:
        """Looks for hosts by alias and waits for the answers, 3 s unless the parameters say otherwise."""
        return await _call(self._host.search, alias, matching)

    async def friend_list(self) -> list[Friend]:
        """Friends, askers and ended friends as they are now, in the order they were met."""
        return await _all(self._host.friends)

    async def friend(self, host: str) -> Friend | None:
        """One of them, if the host is among them."""
        return await _call(self._host.friend, host)

    async def ask_friendship(self, host: str, greeting: str = "") -> None:
        """Asks a host to become a friend, with a few words (at most 280 bytes); the answer comes as an event."""
        await _call(self._host.ask_friendship, host, greeting)

    async def accept_friendship(self, host: str) -> None:
        """Accepts a friend request."""
        await _call(self._host.accept_friendship, host)

    async def refuse_friendship(self, host: str, tell: bool = False) -> None:
        """Refuses a friend request; the asker is told only if `tell` is set."""
        await _call(self._host.refuse_friendship, host, tell)

    async def cancel_request(self, host: str) -> None:
        """Takes back a friend request that has not been answered."""
        await _call(self._host.cancel_request, host)

    async def end_friendship(self, host: str) -> None:
        """Ends a friendship and tells the other."""
        await _call(self._host.end_friendship, host)

    async def block(self, host: str) -> None:
        """Hears nothing more of a host; it is not told."""
        await _call(self._host.block, host)

    async def unblock(self, host: str) -> None:
        """Allows a blocked host to ask again."""
        await _call(self._host.unblock, host)

    async def set_local_alias(self, host: str, alias: str | None) -> None:
        """Gives a friend a name of one's own (at most 64 bytes), or takes it away."""
        await _call(self._host.set_local_alias, host, alias)

    async def set_verified(self, host: str, verified: bool) -> None:
        """Notes that the user compared the safety numbers, or takes that back."""
        await _call(self._host.set_verified, host, verified)

    async def safety_number(self, host: str) -> str | None:
        """The 60 digits two users compare, if the host's key is known."""
        return await _call(self._host.safety_number, host)

    async def scan_uri(self, uri: str) -> str:
        """Takes in a scanned `permesso:` URI: pins and verifies its host. Returns whom it names."""
        return await _call(self._host.scan_uri, uri)

    async def uri(self, address: str | None = None) -> str:
        """This host's `permesso:` URI, the content of its QR code, to be shown to one person."""
        return await _call(self._host.uri, address)

    async def renew_code(self) -> None:
        """Makes a new code: those shown so far verify nobody any more who was not accepted yet."""
        await _call(self._host.renew_code)

    async def send(self, friend: str, text: str) -> str:
        """Writes to a friend, at most 4,096 bytes. Returns the message's id when it is stored."""
        return await self._done(self._host.send, friend, text)

    async def resend(self, message: str) -> None:
        """Tries a failed message again."""
        await self._done(self._host.resend, message)

    async def cancel(self, message: str) -> None:
        """Gives up a message that is not yet delivered."""
        await self._done(self._host.cancel, message)

    async def mark_read(self, friend: str) -> None:
        """Notes that every received message of a conversation has been seen."""
        await self._done(self._host.mark_read, friend)

    async def delete_message(self, message: str) -> None:
        """Removes a message from this device's history."""
        await self._done(self._host.delete_message, message)

    async def messages(self, friend: str, before: MessagePlace | None = None, limit: int = 100) -> list[Message]:
        """The newest messages that stand before `before` (the end, if None), oldest of them first; never more than 1,000."""
        return await _call(self._host.messages, friend, before, limit)

    async def message(self, message: str) -> Message | None:
        """One message, if it is in the history."""
        return await _call(self._host.message, message)

    async def search_messages(self, text: str, limit: int = 100) -> list[Message]:
        """Messages of all conversations that contain a text (case is ignored), newest first; never more than 1,000."""
        return await _call(self._host.search_messages, text, limit)

    async def holders(self, message: str) -> list[Holder]:
        """Who has a copy of a message of ours that is not yet delivered: servers first, then friends, then others."""
        return await _call(self._host.holders, message)

    async def full_servers(self, message: str) -> list[FullServer]:
        """Servers that had no room for a message of ours when it was offered to them last."""
        return await _call(self._host.full_servers, message)

    async def wait_for_fate(self, message: str, timeout: float) -> MessageState:
        """Waits until a message is delivered, read or failed; after `timeout` seconds raises `TimedOut`."""
        # A hundred years are for ever, and fit.
        seconds = min(max(timeout, 0), 3.2e9)
        if math.isnan(seconds):
            raise PermessoError.InvalidInput("the timeout is no number")
        return await _call(self._host.wait_for_fate, message, round(seconds * 1000))

    async def settings(self) -> Settings:
        """The settings in force."""
        return await _call(self._host.settings)

    async def changed_settings(self) -> SettingsChange:
        """The settings that were changed while the host ran, now or earlier."""
        return await _call(self._host.changed_settings)

    async def change_settings(self, change: SettingsChange) -> None:
        """Changes settings; what is None stays."""
        await _call(self._host.change_settings, change)

    async def contacts(self) -> list[Contact]:
        """Everybody whose key is pinned."""
        return await _all(self._host.contacts)

    async def export_contacts(self) -> str:
        """Friends, those asked and those only pinned, as vCards with a `permesso:` URI each."""
        return await _call(self._host.export_contacts)

    async def import_contacts(self, vcards: str) -> list[CardResult]:
        """Takes in the vCards of a text that have a `permesso:` URI; cards that cannot be used are told and skipped."""
        return await _call(self._host.import_contacts, vcards)

    async def export_account(
        self, file: StrPath, passphrase: str, on_progress: OnProgress | None = None
    ) -> AccountReport:
        """Writes everything this host is and has to a new file, encrypted under the passphrase."""
        return await _call(self._host.export_account, os.fspath(file), passphrase, listener(on_progress))

    async def examine_network(self) -> Examination:
        """Looks which ways of finding others work, and why not; within 12 s, somewhat more with several small networks."""
        return await _call(self._host.examine_network)

    async def addresses(self) -> list[str]:
        """The presence addresses this host has now, with their port."""
        return await _call(self._host.addresses)

    async def peer_found(self, address: str) -> None:
        """Names an address, with its port, where another host may listen."""
        await _call(self._host.peer_found, address)

    async def set_network_addresses(self, addresses: Sequence[NetworkAddress] | None) -> None:
        """Names the addresses this device has; empty: there is no network now; None: the system is asked again."""
        await _call(self._host.set_network_addresses, None if addresses is None else list(addresses))

    async def open_host_link(self, carrier: HostLinkCarrier) -> HostLink:
        """Opens a host link: another radio reaches one other host, and the app carries packets between the two.

        Nothing is taken on trust: links prove the other's key, as on any network.
        """
        return await _call(self._host.open_host_link, GuardedCarrier(carrier))

    async def statistics(self) -> Statistics:
        """What this host carries for others, and how busy it is."""
        return await _call(self._host.statistics)

    async def packets(self) -> list[Packet]:
        """The newest packets and their states."""
        return await _all(self._host.packets)

    async def counters(self) -> dict[str, int]:
        """Counts of what was dropped or refused, by reason."""
        return await _call(self._host.counters)

    async def _done(self, method: Callable[P, Awaitable[T]], *arguments: P.args, **named: P.kwargs) -> T:
        """A call of which no event may tell: whoever watches reads again, also when its caller has given it up meanwhile."""

        async def do() -> T:
            answer = await _call(method, *arguments, **named)
            self._signs.give()
            return answer

        doing = asyncio.create_task(do())
        # An event loop alone may forget it.
        self._going_on.add(doing)
        doing.add_done_callback(self._going_on.discard)
        return await asyncio.shield(doing)

    def _watched(
        self, concerns: Callable[[Event], bool], read: Callable[[], Awaitable[list[T]]]
    ) -> AsyncIterator[list[T]]:
        return Watched(_batches(self._host.events()), self._signs, concerns, read)


def _batches(reader: _ffi.EventReader) -> NextEvents:
    async def next_events() -> list[Event]:
        # Not waited for and taken by one call, whose answer would be lost to who gives up while it is on its way.
        while await _call(reader.await_events):
            if events := reader.take_events(_BATCH):
                return events
        return []

    return next_events


class Opening:
    """A host that is being opened: `await` it, or `async with` it."""

    def __init__(self, config: _ffi.HostConfig, key_store: KeyStore) -> None:
        self._config, self._key_store = config, key_store
        self._opened: Permesso | None = None

    def __await__(self) -> Generator[object, None, Permesso]:
        return self._open().__await__()

    async def __aenter__(self) -> Permesso:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.stop()

    async def _open(self) -> Permesso:
        return Permesso(await _call(_ffi.Host.open, self._config, Guarded(self._key_store)))


async def import_account(
    file: StrPath,
    passphrase: str,
    directory: StrPath,
    key_store: KeyStore,
    on_progress: OnProgress | None = None,
) -> AccountReport:
    """Makes the host of an account file in `directory`, which must hold none, with a key of this device's own."""
    store = Guarded(key_store)
    return await _call(
        _ffi.import_account, os.fspath(file), passphrase, os.fspath(directory), store, listener(on_progress)
    )


async def rescue(directory: StrPath, key_store: KeyStore, on_found: OnFound) -> RescueReport:
    """Reads friends and messages of the host in a folder, damaged or not; nothing there is changed.

    They are handed over on a thread of the core's. Raises `AlreadyThere` if the host is open, `KeyUnavailable` without the key it
    was made with, `Damaged` if not even the beginning can be read, `Cancelled` if `on_found` ends it, by False or by raising.
    """
    return await _call(_ffi.rescue, os.fspath(directory), Guarded(key_store), Finder(on_found))


async def erase(directory: StrPath) -> None:
    """Removes the host in a folder, which must be stopped, and the folder if nothing else is in it.

    Erase its key first: on flash memory removed files can often be read back, and without the key they say nothing. Does nothing
    where there is no host. Raises `AlreadyThere` if the host is open, `StorageUnavailable` if something cannot be removed; a
    second call goes on.
    """
    await _call(_ffi.erase, os.fspath(directory))


async def _call(
    method: Callable[P, Awaitable[T]], *arguments: P.args, **named: P.kwargs
) -> T:
    """A call of the core. What the generated code refuses before it gets there is invalid input like any other."""
    global _was_called
    _was_called = True
    try:
        # Not while they are being passed: the generated code would keep the host for ever then.
        for text in _texts(arguments):
            text.encode()
        return await method(*arguments, **named)
    except ValueError as error:
        raise PermessoError.InvalidInput(str(error)) from error
    except AttributeError as error:
        # It looks for the fields of a record in whatever it was given.
        raise TypeError(str(error)) from error


def _texts(given: object) -> Iterator[str]:
    """The texts in what the core is given: arguments, lists and records of them."""
    match given:
        case str():
            yield given
        case list() | tuple():
            for one in given:
                yield from _texts(one)
        case SettingsChange() | NetworkAddress() | _ffi.HostConfig():
            yield from _texts(list(vars(given).values()))


async def _all(page: Callable[[int, int], Awaitable[list[T]]]) -> list[T]:
    entries: list[T] = []
    while True:
        more = await _call(page, len(entries), _PAGE)
        entries += more
        if len(more) < _PAGE:
            return entries


_was_called = False
_running: "weakref.WeakSet[Permesso]" = weakref.WeakSet()

# A call into Python takes microseconds; on a busy machine its thread may wait for a processor.
_UNDER_WAY_S = 0.2


# The core's threads must not call into an interpreter that is going away.
@atexit.register
def _stop_all() -> None:
    for permesso in list(_running):
        with suppress(Exception):
            asyncio.run(permesso.stop())
    # What ends still writes to the log.
    if log.end() or _was_called:
        # A thread that brings an answer is back from here a moment after the answer is; without an interpreter it would end
        # the process with an abort.
        time.sleep(_UNDER_WAY_S)
