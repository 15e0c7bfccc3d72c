"""Cancelling, threads, host links, moving: what a program does to a host in its life."""

import asyncio
import gc
import logging
import random
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from permesso import (
    CarrierError,
    Contact,
    Event,
    FileKeyStore,
    FriendState,
    HostLink,
    HostLinkCarrier,
    LogLevel,
    MessageState,
    NetworkAddress,
    Notice,
    Permesso,
    PermessoError,
    RescuedMessage,
    SettingsChange,
    erase,
    host_packet_max,
    import_account,
    log_to,
    rescue,
)
from permesso._ffi import Host
from world import PATIENCE, MemoryKeyStore, World, await_nearby, await_text, befriend, first


async def test_every_call_of_the_core_has_one_here(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        calls = [name for name in dir(Host) if not name.startswith("_") and not name.startswith("rehearse_")]
        assert len(calls) > 50
        assert [name for name in calls if not hasattr(ada, name)] == []


async def test_cancelling_ends_the_waiting_at_once_and_what_was_begun_goes_on(world: World) -> None:
    async def read() -> None:
        async for _ in ada.events():
            pass

    async with world.open("Ada", 1) as ada:
        await ada.start()
        tasks = [asyncio.create_task(read()), asyncio.ensure_future(ada.search("nobody is called so"))]
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        for task in tasks:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert time.monotonic() - begun < 0.5
        # Begun, and cancelled before its answer can be here: it is done all the same.
        change = asyncio.ensure_future(ada.change_settings(SettingsChange(alias="Ada the second")))
        await asyncio.sleep(0)
        change.cancel()
        with pytest.raises(asyncio.CancelledError):
            await change
        while (await ada.settings()).alias != "Ada the second":
            await asyncio.sleep(0.02)


async def test_events_are_those_from_the_call_on_though_nobody_reads_yet(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        # The first gets what came before, too.
        readers = [ada.events(), ada.events()]
        await ada.scan_uri(await grace.uri())
        for reader in readers:
            while not isinstance(event := await asyncio.wait_for(anext(reader), 10), Event.FRIEND_CHANGED):
                pass
            assert event.friend.id == grace.id


async def test_who_watches_lists_takes_nothing_of_what_the_opening_brought_from_the_first_who_reads_events(
    world: World,
) -> None:
    file = world.folder / "account"
    async with world.open("Ada", 1) as ada:
        await ada.export_account(file, "four words")
    await import_account(file, "four words", world.folder / "new", world.key_store("new"))
    async with world.open("new", 1) as moved:
        await moved.start()
        for watched in (moved.friends(), moved.nearby()):
            await anext(watched)
        await asyncio.sleep(0.3)

        async def is_told() -> None:
            async for event in moved.events():
                if isinstance(event, Event.NOTICE) and isinstance(event.notice, Notice.COPY_RESTORED):
                    return

        await asyncio.wait_for(is_told(), 10)


async def test_who_gives_up_waiting_for_events_or_a_list_can_ask_again_and_loses_nothing(world: World) -> None:
    async def give_up(reader: AsyncIterator[object]) -> None:
        in_vain = 0
        while in_vain < 20:
            try:
                await asyncio.wait_for(anext(reader), 0.005)
            except asyncio.TimeoutError:
                in_vain += 1

    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace, world.open("Marie", 3) as marie:
        await ada.start()
        await grace.start()
        await befriend(ada, grace)
        events, nearby, friends, shown = ada.events(), ada.nearby(), ada.friends(), ada.conversation(grace.id)
        for reader in (events, nearby, friends, shown):
            await give_up(reader)
        await grace.send(ada.id, "ciao")
        await marie.start()
        assert (await first(shown, lambda message: message.text == "ciao")).unread
        assert (await first(friends, lambda friend: friend.unread == 1)).id == grace.id
        await first(nearby, lambda host: host.id == marie.id)
        while not isinstance(event := await anext(events), Event.MESSAGE_RECEIVED):
            pass
        assert event.text == "ciao"


async def test_who_gives_up_at_whatever_moment_while_something_happens_loses_nothing(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.scan_uri(await grace.uri())
        await ada.ask_friendship(grace.id)
        events, shown, seen = ada.events(), ada.friends(), list[str | None]()

        def take(event: Event) -> None:
            if isinstance(event, Event.FRIEND_CHANGED) and event.friend.local_alias is not None:
                seen.append(event.friend.local_alias)

        for number in range(500):
            waiting, watching = asyncio.ensure_future(anext(events)), asyncio.ensure_future(anext(shown))
            naming = asyncio.ensure_future(ada.set_local_alias(grace.id, f"{number}"))
            if number % 2:
                await naming
            for _ in range(number % 30):
                await asyncio.sleep(0)
            for given_up in (waiting, watching):
                given_up.cancel()
            await asyncio.wait((waiting, watching, naming))
            if not waiting.cancelled():
                take(waiting.result())
            lists = [] if watching.cancelled() else watching.result()
            if [friend.local_alias for friend in lists] != [f"{number}"]:
                await asyncio.wait_for(first(shown, lambda friend: friend.local_alias == f"{number}"), 10)
        while len(seen) < 500:
            take(await asyncio.wait_for(anext(events), 10))
        assert seen == [f"{number}" for number in range(500)]


def test_hosts_of_many_threads_with_loops_of_their_own_all_get_their_own_answers(world: World) -> None:
    failures: list[BaseException] = []

    async def use(number: int) -> None:
        async with world.open(f"Host {number}", number + 1) as host:
            for round in range(20):
                with pytest.raises(PermessoError.InvalidInput, match=f'"{number}-{round}"'):
                    await host.friend(f"{number}-{round}")
                assert (await host.settings()).alias == f"Host {number}"

    def run(number: int) -> None:
        try:
            asyncio.run(use(number))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []


@pytest.mark.skipif(not hasattr(Host, "rehearse_bug"), reason="not in what is published")
async def test_a_bug_in_the_core_is_an_error_and_the_host_goes_on_and_can_be_opened_again(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        with pytest.raises(PermessoError.Bug, match="a bug is rehearsed"):
            # What is published has no such call, for the type checker either.
            await getattr(ada._host, "rehearse_bug")()
        assert (await ada.settings()).alias == "Ada"
    async with world.open("Ada", 1) as again:
        assert again.id == ada.id


@pytest.mark.skipif(not hasattr(Host, "rehearse_end"), reason="not in what is published")
async def test_a_bug_in_the_host_s_own_task_ends_that_host_alone_which_can_be_opened_again(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        with pytest.raises(PermessoError.Stopped):
            await getattr(ada._host, "rehearse_end")()
        with pytest.raises(PermessoError.Stopped):
            await ada.settings()
        async with world.open("Ada", 1) as again:
            assert again.id == ada.id


async def test_an_account_moves_by_a_file_with_progress_and_a_wrong_passphrase_or_a_second_copy_is_refused(
    world: World,
) -> None:
    file, new, told = world.folder / "account.permesso", world.folder / "new", list[tuple[int, int]]()

    def on_progress(done: int, total: int) -> bool:
        told.append((done, total))
        return True

    def broken(done: int, total: int) -> bool:
        raise RuntimeError("x")

    async with world.open("Ada", 1) as ada:
        for ending in (lambda done, total: False, broken):
            with pytest.raises(PermessoError.Cancelled):
                await ada.export_account(file, "four words", ending)
        with pytest.raises(PermessoError.InvalidInput):
            await ada.export_account(file, "")
        assert not file.exists()
        await ada.export_account(file, "four words", on_progress)
        with pytest.raises(PermessoError.AlreadyThere):
            await ada.export_account(file, "four words")
    assert told and all(done <= total for done, total in told)
    keys = world.key_store("new")
    with pytest.raises(PermessoError.WrongPassphrase):
        await import_account(file, "five words", new, keys)
    await import_account(file, "four words", new, keys)
    with pytest.raises(PermessoError.AlreadyThere):
        await import_account(file, "four words", new, keys)
    async with world.open("new", 1) as moved:
        assert moved.id == ada.id
        assert moved.is_restored_copy


async def test_friends_and_messages_are_read_of_a_damaged_host_that_cannot_be_opened(world: World) -> None:
    found_friends, found_messages = list[Contact](), list[RescuedMessage]()

    def on_found(friends: list[Contact], messages: list[RescuedMessage]) -> bool:
        assert 1 <= len(friends) + len(messages) <= 100
        found_friends.extend(friends)
        found_messages.extend(messages)
        return True

    def broken(friends: list[Contact], messages: list[RescuedMessage]) -> bool:
        raise RuntimeError("x")

    folder, keys = world.folder / "Ada", world.key_store("Ada")
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.start()
        await grace.start()
        await befriend(ada, grace)
        for number in range(150):
            await ada.send(grace.id, f"{number}")
        await grace.send(ada.id, "va bene")
        received = (await await_text(ada, grace.id, "va bene")).id
        with pytest.raises(PermessoError.AlreadyThere):
            await rescue(folder, keys, on_found)
        theirs = grace.id
    database = folder / "permesso.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:-4096])
    with pytest.raises(PermessoError.Damaged):
        await world.open("Ada", 1)

    report = await rescue(folder, keys, on_found)
    assert (report.friends, report.messages) == (len(found_friends), len(found_messages))
    assert [(friend.id, friend.name, friend.state) for friend in found_friends] == [(theirs, "Grace", FriendState.FRIEND)]
    assert 100 < len(found_messages) <= 151
    assert len({message.id for message in found_messages}) == len(found_messages)
    assert {(message.host, message.name) for message in found_messages} == {(theirs, "Grace")}
    assert {message.text for message in found_messages} <= {"va bene", *map(str, range(150))}
    assert {message.id for message in found_messages if not message.mine} <= {received}
    assert database.read_bytes() == whole[:-4096]

    for ending in (lambda friends, messages: False, broken):
        with pytest.raises(PermessoError.Cancelled):
            await rescue(folder, keys, ending)
    none, other = MemoryKeyStore(), MemoryKeyStore()
    with pytest.raises(PermessoError.KeyUnavailable):
        await rescue(folder, none, on_found)
    assert none.secrets == {}
    other.save("database", b"\x08" * 32)
    with pytest.raises(PermessoError.KeyUnavailable):
        await rescue(folder, other, on_found)
    database.write_bytes(b"x" * 9_000)
    with pytest.raises(PermessoError.Damaged):
        await rescue(folder, keys, on_found)


async def test_a_host_is_erased_with_its_folder_once_it_has_stopped_and_the_next_is_another(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        with pytest.raises(PermessoError.AlreadyThere):
            await erase(world.folder / "Ada")
        assert (await ada.settings()).alias == "Ada"
    assert (world.folder / "Ada" / "permesso.db").exists()
    for _ in range(2):
        await erase(world.folder / "Ada")
        assert list(world.folder.glob("Ada*")) == []
    async with world.open("Ada", 1) as other:
        assert other.id != ada.id and not other.is_restored_copy


async def test_contacts_go_out_as_vcards_and_come_in_and_a_code_verifies(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace, world.open("Marie", 3) as marie:
        assert await ada.scan_uri(await grace.uri()) == grace.id
        assert [contact.verified for contact in await ada.contacts()] == [True]
        taken = await marie.import_contacts(await ada.export_contacts())
        assert [(card.host, card.added) for card in taken] == [(grace.id, True)]
        assert [contact.verified for contact in await marie.contacts()] == [False]
        spoilt = await ada.import_contacts("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:X\r\nEND:VCARD\r\n")
        assert "permesso:" in str(spoilt[0].skipped_because)
        await ada.renew_code()


class Carrier(HostLinkCarrier):
    """One direction of a radio that brings packets into `ear`."""

    def __init__(self) -> None:
        self.ear: HostLink | None = None
        self.failure: BaseException | None = None
        # How long one packet takes, in seconds.
        self.pause = 0.0
        self.is_closed, self.carried = False, 0

    def carry(self, packet: bytes) -> None:
        time.sleep(self.pause)
        if self.failure is not None:
            raise self.failure
        self.carried += 1
        if self.ear is not None:
            self.ear.receive(packet)

    def closed(self) -> None:
        self.is_closed = True
        raise self.failure or RuntimeError("does not want to know")


async def join(one: Permesso, other: Permesso) -> tuple[Carrier, Carrier]:
    there, back = Carrier(), Carrier()
    back.ear = await one.open_host_link(there)
    there.ear = await other.open_host_link(back)
    return there, back


@asynccontextmanager
async def friends_by_radio(world: World) -> AsyncIterator[tuple[Permesso, Permesso, Carrier, Carrier]]:
    """Ada and Grace, who have no network, and the two ends of what joins them."""
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        for host in (ada, grace):
            await host.set_network_addresses([])
            await host.start()
        there, back = await join(ada, grace)
        await befriend(ada, grace)
        yield ada, grace, there, back


async def test_two_hosts_without_a_network_chat_over_a_host_link_alone(world: World) -> None:
    async with friends_by_radio(world) as (ada, grace, there, back):
        sent = await ada.send(grace.id, "ci vediamo alle 8?")
        await await_text(grace, ada.id, "ci vediamo alle 8?")
        assert await ada.wait_for_fate(sent, PATIENCE) is MessageState.DELIVERED
        assert there.carried and back.carried


async def test_a_slow_radio_slows_the_host_down_and_nothing_is_sent_many_times(world: World) -> None:
    async with friends_by_radio(world) as (ada, grace, there, _):
        # As fast as Bluetooth LE on a good day: 240 kB a second.
        there.pause = 0.005
        before = there.carried
        sent = [await ada.send(grace.id, "x" * 4_000) for _ in range(100)]
        for message in sent:
            assert await ada.wait_for_fate(message, PATIENCE) is MessageState.DELIVERED
        carried, needed = there.carried - before, 100 * 4_000 // host_packet_max()
        assert carried < 3 * needed


async def test_more_host_links_than_there_is_a_radio_for_are_refused_until_one_is_ended(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        links = [await ada.open_host_link(Carrier()) for _ in range(64)]
        with pytest.raises(PermessoError.NotNow, match="64"):
            await ada.open_host_link(Carrier())
        links[7].end()
        assert (await ada.open_host_link(Carrier())).is_open()
        assert [number for number, link in enumerate(links) if not link.is_open()] == [7]


async def test_a_radio_that_lies_changes_nothing(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Mallory", 3) as mallory:
        for host in (ada, mallory):
            await host.set_network_addresses([])
            await host.start()
        _, back = await join(ada, mallory)
        assert back.ear is not None
        chance = random.Random(7)
        for _ in range(2_000):
            back.ear.receive(chance.randbytes(chance.randrange(3_000)))
        back.ear.receive(bytes(1_000_000))
        with pytest.raises(TypeError):
            back.ear.receive("text")  # type: ignore[arg-type]
        await await_nearby(ada, mallory.id)
        assert (await ada.settings()).alias == "Ada"


async def test_a_radio_that_breaks_is_closed_and_told_whatever_it_raises(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        for host in (ada, grace):
            await host.set_network_addresses([])
            await host.start()
        for failure in (
            CarrierError.Gone("out of reach"),
            RuntimeError("out of order"),
            SystemExit(3),
            KeyboardInterrupt(),
            asyncio.CancelledError(),
        ):
            there, back = await join(ada, grace)
            await await_nearby(ada, grace.id)
            assert back.ear is not None and back.ear.is_open()
            there.failure = failure
            until = time.monotonic() + 10
            while not there.is_closed and time.monotonic() < until:
                # A search is sent by every way there is.
                await ada.search("nobody")
            assert there.is_closed, repr(failure)
            assert not back.ear.is_open()
            back.ear.receive(bytes(100))
        assert (await ada.settings()).alias == "Ada"


async def test_the_log_goes_to_a_logger_and_a_handler_that_raises_harms_nobody(world: World) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())
            raise RuntimeError("the handler is broken")

    lines: list[str] = []
    logger = logging.Logger("permesso")
    logger.addHandler(Broken())
    log_to(logger, LogLevel.DEBUG)
    try:
        async with world.open("Ada", 1) as ada:
            await ada.start()
            assert (await ada.settings()).alias == "Ada"
        assert any(line.startswith("permesso_node") for line in lines)
    finally:
        log_to(None)


def test_a_file_key_store_keeps_its_secret_for_its_owner_alone(tmp_path: Path) -> None:
    keys = FileKeyStore(tmp_path / "keys")
    assert keys.load("database") is None
    for secret in (bytes(32), b"\x08" * 32):
        keys.save("database", secret)
        assert keys.load("database") == secret
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["database"]
    if sys.platform != "win32":
        assert (tmp_path / "keys" / "database").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("ending", ["pass", "raise SystemExit(7)"])
def test_a_program_that_ends_without_stopping_its_hosts_ends_in_order(world: World, ending: str) -> None:
    program = f"""
import asyncio, logging, sys
from permesso import FileKeyStore, HostLinkCarrier, LogLevel, Permesso, log_to

class Carrier(HostLinkCarrier):
    def carry(self, packet):
        sum(packet)
        self.ear.receive(packet)
    def closed(self):
        pass

async def read(host):
    async for _ in host.events():
        pass

async def start(number):
    place = sys.argv[1] + str(number)
    host = await Permesso.open(place, alias="Ada", key_store=FileKeyStore(place + "-keys"), parameters=sys.argv[2])
    await host.set_network_addresses([])
    await host.start()
    return host

async def main():
    global hosts, carriers, tasks
    log_to(logging.getLogger("x"), LogLevel.TRACE)
    hosts = [await start(1), await start(2)]
    carriers = [Carrier(), Carrier()]
    for index in (0, 1):
        carriers[1 - index].ear = await hosts[index].open_host_link(carriers[index])
    tasks = [asyncio.create_task(read(host)) for host in hosts]
    # Packets and lines of the log are under way when the program ends.
    tasks += [asyncio.ensure_future(hosts[number % 2].search(str(number))) for number in range(200)]
    await asyncio.sleep(0.1)
    {ending}

asyncio.run(main())
"""
    command = [sys.executable, "-c", program, str(world.folder / "ada"), world.parameters(1)]
    for _ in range(2):
        ended = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE)
        assert ended.stderr == ""
        assert ended.returncode == (0 if ending == "pass" else 7)


async def test_a_host_that_nothing_refers_to_any_more_ends_by_itself_whatever_was_asked_of_it(world: World) -> None:
    ada = await world.open("Ada", 1)
    half = "\ud83d"
    for text in (half, "Grace"):
        with pytest.raises(PermessoError.InvalidInput):
            await ada.send(text, text)
    for call in (
        ada.change_settings(SettingsChange(alias=half)),
        ada.set_network_addresses([NetworkAddress(name=half, address="192.0.2.1", prefix=24, scope=0)]),
    ):
        with pytest.raises(PermessoError.InvalidInput):
            await call
    reader = aiter(ada.events())
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(anext(reader), 0.1)
    identity = ada.id
    del ada, reader
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        gc.collect()
        try:
            async with world.open("Ada", 1) as again:
                assert again.id == identity
                return
        except PermessoError.AlreadyThere:
            await asyncio.sleep(0.05)
    raise AssertionError("it still has its folder")
