"""What an app gives wrongly ends in a typed error, never in a crash."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from permesso import (
    HostLinkCarrier,
    KeyStore,
    KeyStoreError,
    NetworkAddress,
    Permesso,
    PermessoError,
    SettingsChange,
    erase,
    import_account,
    rescue,
)
from world import PATIENCE, World, await_nearby, befriend

NOBODY = "5c146b14-3c52-8afd-938a-375d0df1fbf6"
NO_MESSAGE = "07" * 16
HALF = "\ud83d"
"""Half of an emoji: no text, for it cannot be written as UTF-8."""


class Gone(HostLinkCarrier):
    def carry(self, packet: bytes) -> None:
        raise RuntimeError("out of reach")

    def closed(self) -> None:
        pass


def calls(host: Permesso, folder: Path, uri: str) -> Iterator[tuple[str, Callable[..., Awaitable[object]], dict[str, object]]]:
    """Every call that may wait, so that no test forgets a new one, with what it might be given, about a host and a message that
    nobody knows."""
    right = {
        "address": "192.0.2.1:4444",
        "addresses": None,
        "alias": "x",
        "carrier": Gone(),
        "change": SettingsChange(read_receipts=True),
        "file": folder / "copy",
        "friend": NOBODY,
        "greeting": "x",
        "host": NOBODY,
        "message": NO_MESSAGE,
        "passphrase": "four words",
        "text": "x",
        "timeout": 0,
        "uri": uri,
        "vcards": f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nIMPP:{uri}\r\nEND:VCARD\r\n",
        "verified": True,
    }
    for name, call in inspect.getmembers(host, inspect.iscoroutinefunction):
        if not name.startswith("_"):
            yield name, call, {one: right[one] for one in inspect.signature(call).parameters if one in right}


def with_half_an_emoji(given: object) -> list[object]:
    """The same with half of an emoji wherever there is text in it."""
    match given:
        case str():
            return [HALF]
        case Path():
            return [given.parent / HALF]
        case SettingsChange():
            return [SettingsChange(alias=HALF)]
        case None:
            address = NetworkAddress(name="wlan0", address=HALF, prefix=24, scope=0)
            return [[address], [NetworkAddress(name=HALF, address="192.0.2.1", prefix=24, scope=0)]]
    return []


async def test_ids_that_are_none_are_invalid_input_in_every_call(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        calls: list[Callable[[str], Awaitable[object]]] = [
            ada.friend,
            ada.ask_friendship,
            ada.accept_friendship,
            ada.refuse_friendship,
            ada.cancel_request,
            ada.end_friendship,
            ada.block,
            ada.unblock,
            lambda text: ada.set_local_alias(text, "x"),
            lambda text: ada.set_verified(text, True),
            ada.safety_number,
            lambda text: ada.send(text, "x"),
            ada.mark_read,
            ada.messages,
            ada.resend,
            ada.cancel,
            ada.delete_message,
            ada.message,
            ada.holders,
            ada.full_servers,
            lambda text: ada.wait_for_fate(text, PATIENCE),
            ada.peer_found,
            ada.uri,
            ada.scan_uri,
        ]
        for call in calls:
            for text in ("", "Grace", "0", "\0", "x" * 100_000, "\U0001f600", HALF):
                with pytest.raises(PermessoError.InvalidInput) as error:
                    await call(text)
                assert 0 < len(str(error.value)) < 400
                assert str(error.value) == error.value.reason


async def test_who_is_not_known_here_is_not_found_and_who_is_no_friend_is_not_written_to(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        for call in (ada.ask_friendship(NOBODY), ada.messages(NOBODY), ada.resend(NO_MESSAGE)):
            with pytest.raises(PermessoError.NotFound):
                await call
        with pytest.raises(PermessoError.NotNow):
            await ada.send(NOBODY, "x")
        with pytest.raises(PermessoError.InvalidInput):
            await ada.ask_friendship(ada.id)
        assert await ada.friend(NOBODY) is None
        assert await ada.message(NO_MESSAGE) is None
        assert await ada.search_messages("x") == []


async def test_half_of_an_emoji_is_no_text_in_any_call_nor_before_there_is_a_host(world: World) -> None:
    there, keys = world.folder / "there", world.key_store("there")
    async with world.open("Ada", 1) as ada:
        tried = 0
        for name, call, given in calls(ada, world.folder, await ada.uri()):
            for place, right in given.items():
                for half in with_half_an_emoji(right):
                    with pytest.raises(PermessoError.InvalidInput):
                        await call(**{**given, place: half})
                        raise AssertionError(f"{name} takes {half!r} as {place}")
                    tried += 1
        assert tried > 30
        with pytest.raises(PermessoError.InvalidInput):
            await anext(ada.conversation(HALF))
    opening: list[Awaitable[object]] = [
        Permesso.open(there, alias=HALF, key_store=keys),
        Permesso.open(world.folder / HALF, alias="Ada", key_store=keys),
        Permesso.open(there, alias="Ada", key_store=keys, parameters=HALF),
        import_account(world.folder / HALF, "four words", there, keys),
        import_account(there, HALF, there, keys),
        import_account(there, "four words", world.folder / HALF, keys),
        rescue(world.folder / HALF, keys, lambda friends, messages: True),
        erase(world.folder / HALF),
    ]
    for one in opening:
        with pytest.raises(PermessoError.InvalidInput):
            await one
    assert not there.exists()


async def test_a_message_a_greeting_and_a_name_of_one_s_own_have_their_limits_and_what_is_longer_is_not_sent(
    world: World,
) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.start()
        await grace.start()
        await await_nearby(ada, grace.id)
        with pytest.raises(PermessoError.InvalidInput):
            await ada.ask_friendship(grace.id, "x" * 281)
        assert await ada.friend(grace.id) is None
        await befriend(ada, grace)
        for text in ("", "x" * 4_097, "à" * 2_049):
            with pytest.raises(PermessoError.InvalidInput):
                await ada.send(grace.id, text)
        assert await ada.messages(grace.id) == []
        for alias in ("", "x" * 65):
            with pytest.raises(PermessoError.InvalidInput):
                await ada.set_local_alias(grace.id, alias)
        friend = await ada.friend(grace.id)
        assert friend is not None and friend.name == "Grace"
        await ada.set_local_alias(grace.id, "x" * 64)
        await ada.send(grace.id, "x" * 4_096)


async def test_texts_numbers_and_settings_beyond_their_limits_are_invalid_input_and_change_nothing(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        before = await ada.settings()
        calls = [
            ada.change_settings(SettingsChange(alias="x" * 65)),
            ada.change_settings(SettingsChange(alias="")),
            ada.change_settings(SettingsChange(history_limit=0)),
            ada.change_settings(SettingsChange(port=65_536)),
            ada.change_settings(SettingsChange(alias="Ada L.", read_receipts=True, outbox_limit=0)),
            ada.search("x" * 1_000_000),
            ada.search_messages("x", limit=-1),
            ada.messages(NOBODY, limit=1 << 40),
            ada.set_network_addresses([NetworkAddress(name="wlan0", address="192.168.1.20", prefix=33, scope=0)]),
            ada.set_network_addresses([NetworkAddress(name="wlan0", address="elsewhere", prefix=24, scope=0)]),
        ]
        for call in calls:
            with pytest.raises(PermessoError.InvalidInput):
                await call
        assert await ada.settings() == before
        change = SettingsChange(alias="Ada L.", read_receipts=True)
        await ada.change_settings(change)
        assert (await ada.settings()).alias == "Ada L."
        assert await ada.changed_settings() == change


async def test_storage_for_others_has_its_limits_and_what_was_set_is_in_force_and_there_again(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        before = await ada.settings()
        for size in (0, (1 << 20) - 1, (1 << 40) + 1, 1 << 64, -1):
            with pytest.raises(PermessoError.InvalidInput):
                await ada.change_settings(SettingsChange(carry_bytes=size))
        assert await ada.settings() == before
        await ada.change_settings(SettingsChange(carry_bytes=7_000_000))
        assert (await ada.settings()).carry_bytes == (await ada.statistics()).bytes_max == 7_000_000
    async with world.open("Ada", 1) as again:
        assert await again.changed_settings() == SettingsChange(carry_bytes=7_000_000)
        assert (await again.statistics()).bytes_max == 7_000_000


async def test_a_server_carries_always_and_has_a_storage_of_its_own(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        await ada.change_settings(SettingsChange(carry=False, carry_bytes=7_000_000))
        assert not (await ada.settings()).carry
    async with world.open("Ada", 1, server=True) as ada:
        settings = await ada.settings()
        assert settings.carry
        assert settings.carry_bytes > 7_000_000
        with pytest.raises(PermessoError.NotNow, match="server"):
            await ada.change_settings(SettingsChange(carry=False))


async def test_what_is_not_of_the_type_is_a_type_error(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        with pytest.raises(TypeError):
            await ada.send(None, "x")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await ada.open_host_link(object())  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await ada.change_settings({"alias": "x"})  # type: ignore[arg-type]


async def test_before_start_what_is_kept_can_be_read_and_changed_and_whatever_needs_others_finds_none(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        assert [host for host in await ada.hosts() if host.special is None] == []
        assert await ada.friend_list() == await ada.search("x") == await ada.contacts() == []
        kinds = tuple(getattr(PermessoError, name) for name in ("InvalidInput", "NotFound", "NotNow", "TimedOut", "AlreadyThere"))
        for name, call, given in calls(ada, world.folder, await ada.uri()):
            if name not in ("start", "pause", "resume", "stop"):
                try:
                    await call(**given)
                except kinds:
                    pass
        assert (await ada.settings()).read_receipts
        await ada.start()


async def test_after_stop_every_call_says_so_and_what_is_read_ends(world: World) -> None:
    ada = await world.open("Ada", 1)
    every = [call for call in calls(ada, world.folder, await ada.uri()) if call[0] != "stop"]
    assert len(every) > 45
    await ada.stop()
    await ada.stop()
    for name, call, given in every:
        with pytest.raises(PermessoError.Stopped):
            await call(**given)
            raise AssertionError(f"{name} does not say so")
    assert [event async for event in ada.events()] == []
    assert [messages async for messages in ada.conversation(NOBODY)] == []
    assert ada.id


async def test_a_paused_host_says_so_until_it_is_resumed(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        await ada.pause()
        with pytest.raises(PermessoError.Paused):
            await ada.change_settings(SettingsChange(alias="x"))
        with pytest.raises(PermessoError.Paused):
            await ada.search_messages("x")
        await ada.resume()
        assert await ada.search_messages("x") == []


async def test_a_folder_that_is_open_already_is_not_opened_twice(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        with pytest.raises(PermessoError.AlreadyThere):
            await world.open("Ada", 1)
        assert (await ada.settings()).alias == "Ada"
    async with world.open("Ada", 1) as again:
        assert again.id == ada.id


async def test_a_configuration_that_makes_no_sense_is_invalid_input_and_names_its_place(world: World) -> None:
    def opening(folder: Path, alias: str = "Ada", parameters: str = "") -> Awaitable[Permesso]:
        return Permesso.open(folder, alias=alias, key_store=world.key_store("a"), parameters=parameters)

    with pytest.raises(PermessoError.InvalidInput, match=r"host\.alais.*host\.alias"):
        await opening(world.folder / "a", parameters='[host]\nalais = "x"')
    for alias in ("x" * 65, HALF):
        with pytest.raises(PermessoError.InvalidInput):
            await opening(world.folder / "a", alias=alias)
    assert not (world.folder / "a").exists()
    (world.folder / "file").write_bytes(b"x")
    with pytest.raises(PermessoError.StorageUnavailable):
        await opening(world.folder / "file" / "a")


class Answering(KeyStore):
    """A key store that answers as it is told."""

    def __init__(self, answer: Callable[[], object], keep: Callable[[], object] | None = None) -> None:
        self._answer, self._keep = answer, keep

    def load(self, name: str) -> bytes | None:
        return self._answer()  # type: ignore[return-value]

    def save(self, name: str, secret: bytes) -> None:
        if self._keep is None:
            raise AssertionError("nothing is to be saved")
        self._keep()


class LongerThanItIs(bytes):
    """Bytes that lie about their number."""

    def __len__(self) -> int:
        return 1 << 30


def raising(error: BaseException) -> Callable[[], object]:
    def answer() -> object:
        raise error

    return answer


async def test_a_key_store_that_raises_lies_or_forgets_never_makes_a_new_identity(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        identity = ada.id
    answers: list[Callable[[], object]] = [
        raising(KeyStoreError.Unavailable("locked")),
        raising(RuntimeError("out of order")),
        raising(SystemExit(3)),
        raising(KeyboardInterrupt()),
        lambda: None,
        lambda: b"x" * 31,
        lambda: bytes(32),
        lambda: LongerThanItIs(32),
        lambda: "x" * 32,
        lambda: 7,
    ]
    for answer in answers:
        with pytest.raises(PermessoError.KeyUnavailable) as error:
            await world.open("Ada", 1, Answering(answer))
        assert "Traceback" not in str(error.value)
    async with world.open("Ada", 1) as again:
        assert again.id == identity


async def test_a_key_that_is_not_kept_makes_no_host_whatever_the_key_store_raises_or_hides(world: World) -> None:
    file, place = world.folder / "account", world.folder / "Ada"
    async with world.open("Grace", 2) as grace:
        await grace.export_account(file, "four words")
    for keep in (
        raising(KeyStoreError.Unavailable("locked")),
        raising(KeyStoreError.Unavailable(HALF)),
        raising(RuntimeError("out of order")),
        raising(MemoryError()),
        raising(SystemExit(3)),
        lambda: None,
    ):
        store = Answering(lambda: None, keep)
        with pytest.raises(PermessoError.KeyUnavailable):
            await world.open("Ada", 1, store)
        with pytest.raises(PermessoError.KeyUnavailable):
            await import_account(file, "four words", place, store)
        assert not place.exists()


async def test_what_is_no_account_file_is_damaged_or_not_there(world: World) -> None:
    (world.folder / "file").write_bytes(b"x" * 1000)
    for file, kind in (("file", PermessoError.Damaged), ("none", PermessoError.StorageUnavailable)):
        with pytest.raises(kind):
            await import_account(world.folder / file, "four words", world.folder / "new", world.key_store("new"))
    assert not (world.folder / "new").exists()
