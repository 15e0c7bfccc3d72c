"""What an app gives wrongly ends in a typed error, never in a crash."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from permesso import KeyStore, KeyStoreError, NetworkAddress, Permesso, PermessoError, SettingsChange, import_account
from world import PATIENCE, World

NOBODY = "5c146b14-3c52-8afd-938a-375d0df1fbf6"
NO_MESSAGE = "07" * 16


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
            for text in ("", "Grace", "0", "\0", "x" * 100_000, "\U0001f600", "\ud83d"):
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
    keys, parameters = world.key_store("Ada"), world.parameters(1)
    async with Permesso.open(world.folder / "Ada", alias="Ada", key_store=keys, server=True, parameters=parameters) as ada:
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


async def test_before_start_history_can_be_read_and_after_stop_every_call_says_so(world: World) -> None:
    ada = await world.open("Ada", 1)
    assert await ada.friend_list() == []
    assert await ada.search("x") == []
    await ada.stop()
    await ada.stop()
    for call in (ada.start(), ada.settings(), ada.send(NOBODY, "x"), ada.export_account(world.folder / "a", "word")):
        with pytest.raises(PermessoError.Stopped):
            await call
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
    for alias in ("x" * 65, "\ud83d"):
        with pytest.raises(PermessoError.InvalidInput):
            await opening(world.folder / "a", alias=alias)
    assert not (world.folder / "a").exists()
    (world.folder / "file").write_text("x")
    with pytest.raises(PermessoError.StorageUnavailable):
        await opening(world.folder / "file" / "a")


class Answering(KeyStore):
    """A key store that answers as it is told."""

    def __init__(self, answer: Callable[[], object]) -> None:
        self._answer = answer

    def load(self, name: str) -> bytes | None:
        return self._answer()  # type: ignore[return-value]

    def save(self, name: str, secret: bytes) -> None:
        raise AssertionError("nothing is to be saved")


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


async def test_a_key_that_cannot_be_kept_makes_no_host(world: World) -> None:
    with pytest.raises(PermessoError.KeyUnavailable):
        await world.open("Ada", 1, Answering(lambda: None))
    assert not (world.folder / "Ada").exists()


async def test_what_is_no_account_file_is_damaged_or_not_there(world: World) -> None:
    (world.folder / "file").write_bytes(b"x" * 1000)
    for file, kind in (("file", PermessoError.Damaged), ("none", PermessoError.StorageUnavailable)):
        with pytest.raises(kind):
            await import_account(world.folder / file, "four words", world.folder / "new", world.key_store("new"))
    assert not (world.folder / "new").exists()
