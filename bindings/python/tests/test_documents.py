"""What the documents say is done, word for word."""

import asyncio
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from permesso import FriendState, MessageState, Permesso, SettingsChange
from world import PATIENCE, World, await_friend, await_nearby, await_text, befriend, first

PROJECT = Path(__file__).parents[1]
ROOT = PROJECT.parents[1]


def block(document: Path, language: str, beginning: str) -> str:
    """The one block of code of a document that begins so."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = [text for text in blocks if text.startswith(beginning)]
    assert len(found) == 1, f"{document} has {len(found)} blocks that begin with {beginning}"
    return str(found[0])


def environment() -> dict[str, str]:
    """That of somebody who has installed the wheel."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.skipif(sys.platform == "win32", reason="its README speaks to a shell of Unix, and no signal ends a program in order")
async def test_the_echo_bot_starts_as_its_readme_says_echoes_and_remembers_over_a_restart(world: World) -> None:
    place = world.folder / "echo"
    shutil.copytree(PROJECT / "examples" / "echo", place)
    home = place / "echo-home"
    home.mkdir()
    (home / "config.toml").write_text(world.parameters(2), encoding="utf-8")
    command = "exec " + block(place / "README.md", "sh", "python3 echo.py")

    async def start() -> tuple[asyncio.subprocess.Process, str]:
        bot = await asyncio.create_subprocess_shell(
            command, cwd=place, env=environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert bot.stdout is not None
        line = (await asyncio.wait_for(bot.stdout.readline(), PATIENCE)).decode()
        assert line.startswith("Echo is here: ")
        return bot, line.split()[-1]

    async def end(bot: asyncio.subprocess.Process) -> None:
        bot.terminate()
        out, error = await asyncio.wait_for(bot.communicate(), PATIENCE)
        assert (bot.returncode, error) == (0, b"")

    async def is_answered(text: str, answer: str) -> None:
        sent = await ada.send(echo, text)
        await first(ada.conversation(echo), lambda entry: not entry.mine and entry.text == answer)
        assert await ada.wait_for_fate(sent, PATIENCE) in (MessageState.DELIVERED, MessageState.READ)

    async with world.open("Ada", 1) as ada:
        await ada.start()
        bot, echo = await start()
        try:
            await first(ada.nearby(), lambda entry: entry.id == echo)
            await ada.ask_friendship(echo, "Ciao!")
            await await_friend(ada, echo, FriendState.FRIEND)
            await is_answered("ciao", "ciao")
            await end(bot)
            waiting = await ada.send(echo, "ci sei?")
            bot, again = await start()
            assert again == echo
            await first(ada.conversation(echo), lambda entry: not entry.mine and entry.text == "ci sei?")
            assert await ada.wait_for_fate(waiting, PATIENCE) in (MessageState.DELIVERED, MessageState.READ)
            await is_answered("?", "You have written 3 messages to me; the first was: ciao")
            texts = [entry.text for entry in await ada.messages(echo) if not entry.mine]
            assert texts == ["ciao", "ci sei?", "You have written 3 messages to me; the first was: ciao"]
            await end(bot)
        finally:
            if bot.returncode is None:
                bot.kill()
                await bot.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="stands in for Windows, where no signal ends a program in order")
async def test_the_echo_bot_runs_where_an_event_loop_takes_no_signals(world: World) -> None:
    home = world.folder / "home"
    home.mkdir()
    (home / "config.toml").write_text(world.parameters(2), encoding="utf-8")
    (world.folder / "sitecustomize.py").write_text(
        "import asyncio\n"
        "def add_signal_handler(*given):\n"
        "    raise NotImplementedError\n"
        "asyncio.SelectorEventLoop.add_signal_handler = add_signal_handler\n",
        encoding="utf-8",
    )
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        PROJECT / "examples" / "echo" / "echo.py",
        "--home",
        home,
        env={**environment(), "PYTHONPATH": str(world.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whoever runs the tests in the background lets nobody take Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert bot.stdout is not None
        line = (await asyncio.wait_for(bot.stdout.readline(), PATIENCE)).decode()
        assert line.startswith("Echo is here: ")
        async with world.open("Ada", 1) as ada:
            await ada.start()
            await await_nearby(ada, line.split()[-1])
        bot.send_signal(signal.SIGINT)
        _, error = await asyncio.wait_for(bot.communicate(), PATIENCE)
        assert (bot.returncode, error) == (0, b"")
    finally:
        if bot.returncode is None:
            bot.kill()
            await bot.communicate()


def echo_bot(host: Permesso) -> Any:
    """What the example does with a host."""
    example = importlib.util.spec_from_file_location("echo", PROJECT / "examples" / "echo" / "echo.py")
    assert example is not None and example.loader is not None
    module = importlib.util.module_from_spec(example)
    example.loader.exec_module(module)
    return module.Echo(host)


async def test_the_echo_bot_remembers_more_than_what_is_read_at_once(world: World) -> None:
    async with world.open("Echo", 1) as bot, world.open("Grace", 2) as grace:
        await bot.start()
        await grace.start()
        await befriend(grace, bot)
        await grace.send(bot.id, "ciao")
        await await_text(bot, grace.id, "ciao")
        await grace.stop()
        await bot.change_settings(SettingsChange(outbox_limit=2_000))
        for number in range(1_001):
            await bot.send(grace.id, f"{number}")
        assert await echo_bot(bot).memories(grace.id) == "You have written 1 messages to me; the first was: ciao"


async def test_the_echo_bot_quotes_no_more_than_fits_and_outlives_a_friendship_that_ends(world: World) -> None:
    async with world.open("Echo", 1) as bot, world.open("Grace", 2) as grace:
        await bot.start()
        await grace.start()
        await befriend(grace, bot)
        await grace.send(bot.id, "😀" * 1_024)
        await grace.send(bot.id, "?")
        await await_text(bot, grace.id, "?")
        one = echo_bot(bot)
        await one.catch_up()
        texts = [message.text for message in await bot.messages(grace.id) if message.mine]
        assert texts == ["😀" * 1_024, "You have written 2 messages to me; the first was: " + "😀" * 200 + "…"]
        await grace.send(bot.id, "ancora?")
        await await_text(bot, grace.id, "ancora?")
        await grace.end_friendship(bot.id)
        await await_friend(bot, grace.id, FriendState.ENDED)
        await one.catch_up()


async def test_the_program_of_the_readme_runs_as_it_stands_there(world: World) -> None:
    program = block(ROOT / "README.md", "python", "import asyncio")
    assert program.count("\n") <= 25
    (world.folder / "program.py").write_text(program, encoding="utf-8")
    # The only difference to a reader's machine: the network is the loopback's.
    (world.folder / "sitecustomize.py").write_text(
        "import functools, permesso\n"
        f"permesso.Permesso.open = functools.partial(permesso.Permesso.open, parameters={world.parameters(1)!r})\n",
        encoding="utf-8",
    )

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "program.py",
            cwd=world.folder,
            env={**environment(), "PYTHONPATH": str(world.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    async with world.open("Grace", 2) as grace:
        await grace.start()
        running = await start()
        try:
            asker = await first(grace.friends(), lambda entry: entry.state is FriendState.REQUEST_RECEIVED)
            assert (asker.alias, asker.greeting) == ("Ada", "Ciao!")
            await grace.accept_friendship(asker.id)
            await await_text(grace, asker.id, "ci vediamo alle 8?")
            first_end = await asyncio.wait_for(running.communicate(), PATIENCE)
            # Whoever pastes it starts it again.
            running = await start()
            second_end = await asyncio.wait_for(running.communicate(), PATIENCE)
        finally:
            if running.returncode is None:
                running.kill()
    for out, error in (first_end, second_end):
        assert (out.decode().splitlines(), error.decode()) == (["MessageState.DELIVERED"], "")
