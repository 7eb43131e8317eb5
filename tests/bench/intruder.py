"""A hostile address at the bot's web server: idle connections, wrong requests, broken-off and compressed bodies."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress

import aiohttp

# Another one of this machine's than the image service comes from.
ADDRESS = "127.0.0.2"
IDLE_CONNECTIONS = 40
SECONDS = 0.05
# What a compressed body is when it is inflated.
INFLATED = 50_000_000
MANY_LISTS = b"[" * 100_000


class Intruder:
    """Somebody at that address."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._url = f"http://127.0.0.1:{port}"

    async def run(self, failures: list[str]) -> None:
        """Does its worst until cancelled; what the bot should have refused and did not is added to `failures`."""
        connector = aiohttp.TCPConnector(local_addr=(ADDRESS, 0), limit=20)
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            idle = [asyncio.create_task(self._idle()) for _ in range(IDLE_CONNECTIONS)]
            try:
                compressed = await self._compressed_is_refused(session)
                if not compressed:
                    failures.append("a compressed request was not refused (415), so the flood went on without any")
                while True:
                    await self._wrong_requests(session)
                    if compressed:
                        await self._compressed_is_refused(session)
                    await asyncio.sleep(SECONDS)
            finally:
                for each in idle:
                    each.cancel()
                await asyncio.gather(*idle, return_exceptions=True)

    async def _wrong_requests(self, session: aiohttp.ClientSession) -> None:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with session.get(f"{self._url}/paint/no-such-token"):
                pass
            json_type = {"Content-Type": "application/json"}
            async with session.post(f"{self._url}/callback/nothing/at-all", data=MANY_LISTS, headers=json_type):
                pass
        await self._broken_off()

    async def _compressed_is_refused(self, session: aiohttp.ClientSession) -> bool:
        body = await asyncio.to_thread(gzip.compress, b"0" * INFLATED, 1)
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with session.post(f"{self._url}/callback/a/b", data=body, headers=headers) as answer:
                return answer.status in (415, 429)
        return True  # it hung up

    async def _idle(self) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(ADDRESS, 0))
                try:
                    writer.write(b"POST /callback/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{")
                    await reader.read(1)
                finally:
                    writer.close()
            await asyncio.sleep(0.5)

    async def _broken_off(self) -> None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(ADDRESS, 0))
            writer.write(b"POST /callback/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{")
            await writer.drain()
            writer.close()
