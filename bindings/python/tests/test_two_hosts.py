"""Two hosts of one process on loopback, by the real library."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine

import pytest
from permesso import Event, Message, MessageState, PermessoError
from world import PATIENCE, World, await_nearby, await_text, befriend


async def test_two_hosts_meet_become_friends_and_chat_and_one_that_restarts_has_kept_everything(world: World) -> None:
    async with world.open("Ada", 1) as ada:
        await ada.start()
        grace = await world.open("Grace", 2)
        await grace.start()
        await befriend(ada, grace)

        sent = await ada.send(grace.id, "ci vediamo alle 8?")
        assert (await await_text(grace, ada.id, "ci vediamo alle 8?")).id == sent
        assert await ada.wait_for_fate(sent, PATIENCE) is MessageState.DELIVERED
        await grace.send(ada.id, "va bene")
        await await_text(ada, grace.id, "va bene")

        identity = grace.id
        await grace.stop()
        waiting = await ada.send(identity, "ci sei?")
        assert (await ada.message(waiting)).state is MessageState.QUEUED  # type: ignore[union-attr]
        async with world.open("Grace", 2) as again:
            await again.start()
            assert again.id == identity
            assert [friend.name for friend in await again.friend_list()] == ["Ada"]
            assert await ada.wait_for_fate(waiting, PATIENCE) is MessageState.DELIVERED
            texts = [message.text for message in await again.messages(ada.id)]
            assert texts == ["ci vediamo alle 8?", "va bene", "ci sei?"]
            friend = await again.friend(ada.id)
            assert friend is not None and friend.unread == 2
            await again.mark_read(ada.id)
            assert [message.unread for message in await again.messages(ada.id)] == [False] * 3
            assert [message.text for message in await again.search_messages("BENE")] == ["va bene"]
            assert await ada.safety_number(again.id) == await again.safety_number(ada.id)
            assert (await again.statistics()).hosts_online >= 1


async def test_a_message_that_waits_can_be_given_up_and_sent_again(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.start()
        await grace.start()
        await befriend(ada, grace)
        await grace.pause()
        message = await ada.send(grace.id, "forse")
        await ada.cancel(message)
        assert await ada.wait_for_fate(message, PATIENCE) is MessageState.FAILED
        await ada.resend(message)
        for short in (0.2, 0, -1, float("-inf")):
            with pytest.raises(PermessoError.TimedOut):
                await ada.wait_for_fate(message, short)
        with pytest.raises(PermessoError.InvalidInput):
            await ada.wait_for_fate(message, float("nan"))
        await grace.resume()
        for long in (PATIENCE, float("inf"), 1e300, 10**400):
            assert await ada.wait_for_fate(message, long) is MessageState.DELIVERED


async def test_mail_for_one_who_is_away_is_held_by_a_server_which_is_named_everywhere_and_hands_it_over(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Library", 3, server=True) as library:
        await ada.start()
        async with world.open("Grace", 2) as grace:
            await grace.start()
            await befriend(ada, grace)
            await grace.leave()
        await library.start()
        await await_nearby(ada, library.id)
        events = ada.events()
        sent = await ada.send(grace.id, "ci sei?")
        while not (isinstance(event := await anext(events), Event.MESSAGE_CHANGED) and event.state is MessageState.HELD):
            pass
        assert event.message == sent
        assert [(holder.id, holder.name, holder.server) for holder in event.holders] == [(library.id, "Library", True)]
        assert await ada.holders(sent) == event.holders
        shown = await ada.message(sent)
        assert shown is not None and shown.state is MessageState.HELD and shown.holders == event.holders
        assert await ada.full_servers(sent) == shown.full == event.full == []
        assert (await library.statistics()).envelopes == 1

        await ada.stop()
        async with world.open("Grace", 2) as again:
            await again.start()
            assert (await await_text(again, ada.id, "ci sei?")).id == sent


async def test_events_tell_what_happens_to_every_reader_and_end_when_the_host_stops(world: World) -> None:
    async def read() -> list[Event]:
        return [event async for event in ada.events()]

    ada = await world.open("Ada", 1)
    await ada.start()
    readers = [asyncio.create_task(read()) for _ in range(2)]
    async with world.open("Grace", 2) as grace:
        await grace.start()
        await befriend(ada, grace)
        await grace.send(ada.id, "ciao")
        await await_text(ada, grace.id, "ciao")
        await ada.stop()
    for events in await asyncio.wait_for(asyncio.gather(*readers), PATIENCE):
        received = [event for event in events if isinstance(event, Event.MESSAGE_RECEIVED)]
        assert [(event.host, event.text) for event in received] == [(grace.id, "ciao")]
        assert any(isinstance(event, Event.FRIEND_CHANGED) for event in events)


async def test_a_conversation_with_one_who_is_away_shows_what_is_written_here_at_once(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.start()
        await grace.start()
        await befriend(ada, grace)
        await grace.stop()
        shown = ada.conversation(grace.id)

        async def next_one() -> list[Message]:
            return await asyncio.wait_for(anext(shown), 5)

        assert await next_one() == []
        # While nobody is asking for more, and while somebody waits.
        sent = await ada.send(grace.id, "uno")
        assert [message.text for message in await next_one()] == ["uno"]
        waiting = asyncio.create_task(next_one())
        await asyncio.sleep(0.2)
        await ada.cancel(sent)
        assert [message.state for message in await waiting] == [MessageState.FAILED]
        await ada.resend(sent)
        assert [message.state for message in await next_one()] == [MessageState.QUEUED]
        await ada.delete_message(sent)
        assert await next_one() == []

        # By another thread with a loop of its own, too.
        waiting = asyncio.create_task(next_one())
        await asyncio.sleep(0.2)
        writer = threading.Thread(target=lambda: asyncio.run(ada.send(grace.id, "due")))
        writer.start()
        assert [message.text for message in await waiting] == ["due"]
        writer.join()


async def give_up(call: Coroutine[object, object, object]) -> None:
    """Begins something and cancels it before its answer can be here."""
    task = asyncio.create_task(call)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_was_begun_and_given_up_shows_in_the_lists_that_are_watched_though_nobody_is_near(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.start()
        await grace.start()
        await befriend(ada, grace)
        await grace.stop()
        shown = ada.conversation(grace.id)
        assert await asyncio.wait_for(anext(shown), PATIENCE) == []
        await give_up(ada.send(grace.id, "ci sei?"))
        assert [message.text for message in await asyncio.wait_for(anext(shown), 10)] == ["ci sei?"]

        await ada.pause()
        begun = ada.conversation(grace.id)
        beginning = asyncio.ensure_future(anext(begun))
        await asyncio.sleep(0.2)
        await give_up(ada.resume())
        assert [message.text for message in await asyncio.wait_for(beginning, 10)] == ["ci sei?"]


async def first_of(lists: AsyncIterator[list[Message]]) -> list[Message] | None:
    async for entries in lists:
        return entries
    return None


async def test_a_watched_list_waits_for_the_end_of_a_pause_and_ends_with_the_host(world: World) -> None:
    async with world.open("Ada", 1) as ada, world.open("Grace", 2) as grace:
        await ada.start()
        await grace.start()
        await befriend(ada, grace)
        await ada.send(grace.id, "ciao")
        shown = ada.conversation(grace.id)
        before = await anext(shown)
        await ada.pause()
        # Begun before the pause and within it.
        going_on = asyncio.ensure_future(anext(shown))
        begun = ada.conversation(grace.id)
        beginning = asyncio.ensure_future(anext(begun))
        await asyncio.sleep(0.5)
        assert not beginning.done() and not going_on.done()
        await ada.resume()
        assert [message.text for message in await asyncio.wait_for(beginning, PATIENCE)] == ["ciao"]
        if not going_on.done():
            await grace.send(ada.id, "ciao a te")
        assert await asyncio.wait_for(going_on, PATIENCE) != before

        # A list that waits for the end of a pause ends when there is none, and one begun after the end is none.
        await ada.pause()
        never = asyncio.create_task(first_of(ada.conversation(grace.id)))
        await asyncio.sleep(0.2)
        await ada.stop()
        assert await asyncio.wait_for(never, PATIENCE) is None
        assert await first_of(ada.conversation(grace.id)) is None
