"""Two hosts of one process on loopback, by the real library."""

import asyncio

import pytest
from permesso import Event, MessageState, PermessoError
from world import PATIENCE, World, await_text, befriend


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
        with pytest.raises(PermessoError.TimedOut):
            await ada.wait_for_fate(message, 0.2)
        await grace.resume()
        assert await ada.wait_for_fate(message, PATIENCE) is MessageState.DELIVERED


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
