"""The real bot with a probe in its event loop: a heartbeat that tells how long nothing else had a turn.

The bot knows nothing of it: the probe comes with the loop that `asyncio.run` asks its policy for.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from pathlib import Path

from tests.bench import real_bot

BEAT = 0.01
REPORT_SECONDS = 0.5


class Probe:
    """Beats in a loop. `waited` is the longest time that a beat came late, `busy` the most of the processor that the
    loop's thread used between two beats: the first counts whatever the machine did meanwhile, the second does not."""

    def __init__(self, loop: asyncio.AbstractEventLoop, report: Path) -> None:
        self._loop = loop
        self._report = report
        self._waited = self._busy = 0.0
        self._last = self._last_cpu = self._reported = 0.0
        self._collecting = self._collected = 0.0
        gc.callbacks.append(self._garbage)

    def begin(self) -> None:
        """The loop runs: from here on it beats."""
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._loop.call_later(BEAT, self._beat)

    def _garbage(self, phase: str, _: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self._collected = max(self._collected, time.perf_counter() - self._collecting)

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self._waited = max(self._waited, now - self._last - BEAT)
        self._busy = max(self._busy, cpu - self._last_cpu)
        if now - self._reported > REPORT_SECONDS:
            if not self._report.exists():  # whoever reads it wants to begin anew
                self._waited = self._busy = self._collected = 0.0
            tasks = len(asyncio.all_tasks(self._loop))
            body = json.dumps(
                {"waited": self._waited, "busy": self._busy, "tasks": tasks, "collected": self._collected}
            )
            part = self._report.with_suffix(".part")
            part.write_text(body, encoding="ascii")
            part.replace(self._report)
            self._reported = now
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._loop.call_later(BEAT, self._beat)


class ProbedPolicy(asyncio.DefaultEventLoopPolicy):
    """Gives loops with a probe in them."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A new loop, whose probe begins with its first turn."""
        loop = super().new_event_loop()
        loop.call_soon(Probe(loop, Path(os.environ["PROBE_FILE"])).begin)
        return loop


if __name__ == "__main__":
    asyncio.set_event_loop_policy(ProbedPolicy())
    sys.exit(real_bot.run())
