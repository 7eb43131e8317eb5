"""The real bot as a process of its own, forked from one that has its modules read already.

Reading the modules costs a start more than everything else together, and the tests start the bot hundreds of times.
What runs is the same: `bot.__main__.main(["run"])`, in a process that can be stopped and killed. `tests/test_start.py`
and the doctor's tests start the program as people do.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from playground.bot_process import BotProcess, Child

# Among the settings: a folder of catalogs that the bot has besides those that are shipped.
CATALOGS = "TEST_CATALOGS"
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "bot.__main__",
        "bot.app",
        "bot.command_runner",
        "bot.platform_setup",
        "cogs.actions",
        "cogs.controls",
        "tests.support.forked",
        "tests.support.frozen",
    ]
)


def run_bot(environment: dict[str, str], folder: str, output: Connection) -> None:
    """What the forked process does: it becomes `python -m bot run` with these settings."""
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    output.close()
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - lives as long as the process
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - as above
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    from bot.__main__ import main  # noqa: PLC0415 - read already; named where it runs
    from bot.i18n import add_catalogs  # noqa: PLC0415 - as above

    if CATALOGS in environment:
        add_catalogs(Path(environment[CATALOGS]))

    sys.exit(main(["run"]))


class ForkedChild:
    """A forked process with the few ways of `asyncio.subprocess.Process` that the bot's process is used by."""

    def __init__(self, process: ForkServerProcess, stdout: asyncio.StreamReader) -> None:
        self._process = process
        self._ended = asyncio.Event()
        self.stdout = stdout
        self.pid = process.pid or 0
        asyncio.get_running_loop().add_reader(process.sentinel, self._over)

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        await self._ended.wait()
        await asyncio.to_thread(self._process.join)
        return self._process.exitcode or 0

    def _over(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._ended.set()


class ForkedBotProcess(BotProcess):
    """The bot's process, begun in a tenth of the time."""

    async def _begin(self, environment: dict[str, str], folder: Path) -> Child:
        reader, writer = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=run_bot, args=(environment, str(folder), writer))
        await asyncio.to_thread(process.start)
        writer.close()
        stdout = asyncio.StreamReader()
        pipe = os.fdopen(os.dup(reader.fileno()), "rb", buffering=0)
        reader.close()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), pipe)
        return ForkedChild(process, stdout)
