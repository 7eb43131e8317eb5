"""The signals with which a service manager or a person stops the program."""

from __future__ import annotations

import asyncio
import logging
import os
import signal

log = logging.getLogger(__name__)


def stop_signal() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets (discord.py's own `run` handles only SIGINT). A second signal
    exits the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set():
            log.warning("stopped at once; unfinished work continues at the next start")
            logging.shutdown()
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)
    return stop
