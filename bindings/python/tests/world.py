"""A loopback network for one test: hosts live on 127.0.0.x at one port, so that tests do not hear each other."""

import random
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from permesso import Friend, FriendState, KeyStore, Match, Message, NearbyHost, Opening, Permesso

PATIENCE = 60.0
"""How long anything that should happen may take on a busy machine, in seconds."""

SEARCHES = 20
"""How many times somebody who is near is searched at most."""

T = TypeVar("T")


class MemoryKeyStore(KeyStore):
    """Keeps secrets for as long as the test runs."""

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}

    def load(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def save(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._keys: dict[str, MemoryKeyStore] = {}

    def key_store(self, name: str) -> MemoryKeyStore:
        return self._keys.setdefault(name, MemoryKeyStore())

    def parameters(self, last: int) -> str:
        return f"""
            [host]
            port = {self.port}
            [network]
            interfaces = ["127.0.0.{last}"]
            [presence]
            search_time = "700ms"
            [friendship]
            stamp_bits = 8
        """

    def open(self, name: str, last: int, key_store: KeyStore | None = None, server: bool = False) -> Opening:
        keys, parameters = key_store or self.key_store(name), self.parameters(last)
        return Permesso.open(self.folder / name, alias=name, key_store=keys, server=server, parameters=parameters)


def free_port() -> int:
    # Not one that the system gives to sockets without a number (Linux: from 32,768 on).
    while True:
        port = random.randrange(10_000, 32_768)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            try:
                one.bind(("", port))
                return port
            except OSError:
                continue


async def first(lists: AsyncIterator[list[T]], wanted: Callable[[T], bool]) -> T:
    """Waits until a list has an entry that is wanted."""
    async for entries in lists:
        for entry in entries:
            if wanted(entry):
                return entry
    raise AssertionError("the host has stopped before that")


async def await_nearby(host: Permesso, other: str) -> NearbyHost:
    return await first(host.nearby(), lambda entry: entry.id == other)


async def await_friend(host: Permesso, other: str, state: FriendState) -> Friend:
    return await first(host.friends(), lambda entry: entry.id == other and entry.state is state)


async def await_text(host: Permesso, friend: str, text: str) -> Message:
    return await first(host.conversation(friend), lambda entry: entry.text == text)


async def befriend(asker: Permesso, asked: Permesso) -> None:
    """Makes two started hosts friends."""
    await await_nearby(asker, asked.id)
    alias = (await asked.settings()).alias
    # Again, as a person would, where its answer took longer than a search does on a busy machine.
    for _ in range(SEARCHES):
        if found := [entry.id for entry in await asker.search(alias, Match.EXACT)]:
            break
    assert found == [asked.id]
    await asker.ask_friendship(asked.id, "Ciao!")
    request = await await_friend(asked, asker.id, FriendState.REQUEST_RECEIVED)
    assert request.greeting == "Ciao!"
    await asked.accept_friendship(asker.id)
    await await_friend(asker, asked.id, FriendState.FRIEND)
