"""The real bot as a child process: started with settings, stopped, killed, started again."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 20.0
MAX_LINES = 4_000
LOGGED_SECONDS = 30.0
SHOWN_LINES = 40
POLL_SECONDS = 0.02
PROGRAM = ("-m", "bot", "run")


class Child(Protocol):
    """The part of `asyncio.subprocess.Process` that is used here."""

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...
    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, number: signal.Signals, /) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


class BotProcess:
    """`python -m bot run` with these settings. Its log is kept in `lines`, the newest last."""

    def __init__(
        self, settings: Mapping[str, str], folder: Path, *, echo: bool = False, program: Sequence[str] = PROGRAM
    ) -> None:
        """`folder` is its working directory, whose `.env` it reads; `echo` prints its log.

        `program` are Python's arguments, for another bot in the same place.
        """
        self._program = tuple(program)
        self._settings = dict(settings)
        self._folder = folder
        self._echo = echo
        self._process: Child | None = None
        self._reader: asyncio.Task[None] | None = None
        self.lines: list[str] = []

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id. RuntimeError if it was not started."""
        return self._started().pid

    async def start(self) -> None:
        """Starts it. RuntimeError if it is running."""
        if self.running:
            raise RuntimeError("the bot is running already")
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self._process = await self._begin({**environment, **self._settings}, self._folder)
        self._reader = asyncio.create_task(self._read(self._process), name="bot-log")

    async def _begin(self, environment: dict[str, str], folder: Path) -> Child:
        command = (sys.executable, *self._program)
        return await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )

    async def stop(self) -> int:
        """Stops it as a service manager would, and kills it if that takes too long. Returns its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """`kill -9`: it gets no chance to finish anything."""
        await self._end(signal.SIGKILL)

    async def wait(self, timeout: float) -> int:
        """Its exit code after it has ended by itself. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            code = await self._started().wait()
        if self._reader is not None:
            await self._reader
        return code

    async def logged(self, *words: str, timeout: float = LOGGED_SECONDS) -> str:
        """The first line with all these words, once the bot has written it.

        The log arrives through a pipe: what the bot did may be seen before the line that tells of it. TimeoutError with
        the end of the log.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        while True:
            complete = self._reader is None or self._reader.done()
            for line in self.lines:
                if all(word in line for word in words):
                    return line
            if complete or clock() > deadline:
                raise TimeoutError("\n".join((f"not logged: {words}", *self.lines[-SHOWN_LINES:])))
            await asyncio.sleep(POLL_SECONDS)

    def _started(self) -> Child:
        if self._process is None:
            raise RuntimeError("the bot is not running")
        return self._process

    async def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            return await self.wait(STOP_SECONDS)
        self._process.kill()
        return await self.wait(STOP_SECONDS)

    async def _read(self, process: Child) -> None:
        if process.stdout is None:
            raise RuntimeError("its output is not captured")
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self.lines.append(line)
            del self.lines[:-MAX_LINES]
            if self._echo:
                print(f"bot │ {line}", flush=True)
