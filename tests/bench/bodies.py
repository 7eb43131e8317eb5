"""How long hostile answers of the image service hold up the event loop while a thread reads them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from bot.net.untrusted_data import TooComplex, json_items, parse_json
from tests.bench.tables import Table

SIZE = 8 * 1024 * 1024
BEAT = 0.001
BODIES = {
    "empty lists": "[" + ",".join(["[]"] * (SIZE // 3)) + "]",
    "empty lists in an object": '{"id": "17", "x": [' + ",".join(["[]"] * (SIZE // 3)) + "]}",
    "objects with their own keys": "[" + ",".join(f'{{"{number}":{number}}}' for number in range(500_000)) + "]",
    "numbers of 4,300 digits": "[" + ",".join(["7" * 4_300] * (SIZE // 4_301)) + "]",
    "small numbers with exponents": "[" + ",".join(["1.2345678901234567e-300"] * (SIZE // 24)) + "]",
    "the same, 19,900 of them": "[[" + ",".join(["1.2345678901234567e-300"] * 19_900) + "]]",
    "one string": '{"id": "' + "x" * SIZE + '"}',
    "one string of commas": '{"id": "' + "," * SIZE + '"}',
    "one string of escapes": '{"id": "' + "\\u753b" * (SIZE // 6) + '"}',
    "2,000 tasks": json.dumps([{"id": str(number), "prompt": "画" * 600, "buttons": []} for number in range(2_000)]),
}


async def measure() -> Table:
    """One row a body."""
    rows = []
    for name, text in BODIES.items():
        plain, limited = await _delay(json.loads, text), await _delay(_limited, text)
        rows.append([name, f"{len(text) / 1e6:.1f} MB", f"{plain * 1000:.0f} ms", f"{limited * 1000:.0f} ms"])
    return Table("bodies", ["a body of", "size", "held up by json.loads", "with limits"], rows)


def _limited(text: str) -> Any:
    try:
        return list(json_items(text)) if text.startswith("[") else parse_json(text)
    except TooComplex:
        return None


async def _delay(read: Callable[[str], Any], text: str) -> float:
    """The longest time that a beat came late while a thread read the text, in seconds."""
    reading = asyncio.create_task(asyncio.to_thread(read, text))
    longest, last = 0.0, time.perf_counter()
    while not reading.done():
        await asyncio.sleep(BEAT)
        now = time.perf_counter()
        longest, last = max(longest, now - last - BEAT), now
    await reading
    return longest
