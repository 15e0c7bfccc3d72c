"""A bot that sends back what its friends write to it, and remembers all of it."""

import argparse
import asyncio
import signal
from contextlib import suppress
from pathlib import Path

from permesso import Event, FileKeyStore, Friend, FriendState, Message, Notice, Permesso, PermessoError

# In characters, of which each takes four bytes at most.
QUOTED_MAX = 200


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path, required=True, help="the folder of its history; made if it is not there")
    arguments.add_argument("--alias", default="Echo", help="what others call it")
    given = arguments.parse_args()

    # Every parameter of Permesso can be set there, as for the `permesso` command.
    config = given.home / "config.toml"
    parameters = config.read_text(encoding="utf-8") if config.exists() else None
    keys = FileKeyStore(given.home / "keys")
    async with Permesso.open(given.home, alias=given.alias, key_store=keys, parameters=parameters) as host:
        await host.start()
        print(f"{given.alias} is here: {host.id}", flush=True)
        # On SIGTERM, as on Ctrl-C, the host leaves in order.
        task = asyncio.create_task(Echo(host).run())
        for end in (signal.SIGINT, signal.SIGTERM):
            # Windows has no such thing; there Ctrl-C cancels all of this.
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(end, task.cancel)
        with suppress(asyncio.CancelledError):
            await task
        await host.leave()


class Echo:
    def __init__(self, host: Permesso) -> None:
        self._host = host
        self._answered: set[str] = set()

    async def run(self) -> None:
        # Readers before reading, so that nothing falls between the two.
        events = self._host.events()
        await self.catch_up()
        async for event in events:
            match event:
                case Event.FRIEND_CHANGED(friend=friend):
                    await self.meet(friend)
                case Event.MESSAGE_RECEIVED(host=friend_id, message=id):
                    message = await self._host.message(id)
                    if message is not None:
                        await self.answer(message)
                    await self._host.mark_read(friend_id)
                case Event.NOTICE(notice=Notice.MISSED() | Notice.RESTORED()):
                    await self.catch_up()

    async def catch_up(self) -> None:
        """Who asked, and what was written, while nobody looked."""
        for friend in await self._host.friend_list():
            await self.meet(friend)
            if friend.unread:
                for message in await self.history(friend.id):
                    if message.unread:
                        await self.answer(message)
                await self._host.mark_read(friend.id)

    async def meet(self, friend: Friend) -> None:
        if friend.state is FriendState.REQUEST_RECEIVED:
            # Who took the request back meanwhile is nobody's friend.
            with suppress(PermessoError.NotNow):
                await self._host.accept_friendship(friend.id)
                print(f"{friend.name} is a friend now", flush=True)

    async def answer(self, message: Message) -> None:
        if message.id in self._answered:
            return
        self._answered.add(message.id)
        text = await self.memories(message.host) if message.text == "?" else message.text
        # Who ended the friendship meanwhile gets no answer.
        with suppress(PermessoError.NotNow):
            await self._host.send(message.host, text)

    async def memories(self, friend: str) -> str:
        theirs = [message.text for message in await self.history(friend) if not message.mine]
        # A message has room for 4,096 bytes; what is quoted must leave some for the rest.
        first = theirs[0] if len(theirs[0]) <= QUOTED_MAX else theirs[0][:QUOTED_MAX] + "…"
        return f"You have written {len(theirs)} messages to me; the first was: {first}"

    async def history(self, friend: str) -> list[Message]:
        """The whole conversation, oldest first: at once there are never more than 1,000 messages."""
        messages: list[Message] = []
        while page := await self._host.messages(friend, messages[0].place if messages else None, 1_000):
            messages = page + messages
        return messages


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
