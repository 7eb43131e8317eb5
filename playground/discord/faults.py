"""Fault injection: responses that fail, come late, are held back or get lost."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playground.discord.errors import ApiError, rate_limited

When = Literal["before", "after"]


class ResponseLost(Exception):
    """The connection is to be cut instead of sending a response."""


@dataclass
class _Rule:
    """Which requests a rule is for: `method` None means any, `path` is searched; before or after they take effect."""

    method: str | None
    path: re.Pattern[str]
    when: When

    def matches(self, when: When, method: str, path: str) -> bool:
        return self.when == when and self.method in (None, method) and self.path.search(path) is not None


@dataclass
class Hold(_Rule):
    """Matching requests wait until it is released; `waiting` counts them."""

    waiting: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        self.released.set()


@dataclass
class _Fault(_Rule):
    """The next `times` matching requests wait, then fail if there is an error."""

    times: int
    seconds: float = 0.0
    error: ApiError | ResponseLost | None = None


class Faults:
    """Rules for future requests, the oldest first. `path_regex` is searched in the path below /api/v10."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []
        self._holds: list[Hold] = []

    def fail_next(
        self,
        method: str | None,
        path_regex: str,
        *,
        status: int = 500,
        times: int = 1,
        code: int = 0,
        message: str | None = None,
        page: str | None = None,
        retry_after: float = 1.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """The next `times` matching requests fail with this error and have no effect; 429 has Discord's headers.

        A `page` is the HTML of a proxy in front of Discord: it has these `headers` and no others.
        """
        if status == 429 and page is None:
            error = rate_limited(retry_after, "shared", headers or {})
        else:
            error = ApiError(status, code, message or f"{status}: injected fault", headers=headers or {}, page=page)
        self._faults.append(_Fault(method, re.compile(path_regex), "before", times, error=error))

    def delay_next(
        self, method: str | None, path_regex: str, seconds: float, *, times: int = 1, when: When = "after"
    ) -> None:
        """The next matching requests take effect, or are answered, `seconds` later."""
        self._faults.append(_Fault(method, re.compile(path_regex), when, times, seconds))

    def lose_next(self, method: str | None, path_regex: str, *, times: int = 1, when: When = "after") -> None:
        """The next matching requests get no response: the connection is cut before or after they take effect."""
        self._faults.append(_Fault(method, re.compile(path_regex), when, times, error=ResponseLost()))

    @contextmanager
    def hold(self, path_regex: str, *, method: str | None = None, when: When = "after") -> Iterator[Hold]:
        """Holds matching responses (with `when="before"` the requests themselves) until the block ends."""
        hold = Hold(method, re.compile(path_regex), when)
        self._holds.append(hold)
        try:
            yield hold
        finally:
            self._holds.remove(hold)
            hold.release()

    def clear(self) -> None:
        """Removes all rules and releases what is held."""
        self._faults.clear()
        for hold in self._holds:
            hold.release()

    async def apply(self, when: When, method: str, path: str) -> None:
        """Applies the rules to a request. Raises ApiError or ResponseLost."""
        for hold in [each for each in self._holds if each.matches(when, method, path)]:
            hold.waiting += 1
            try:
                await hold.released.wait()
            finally:
                hold.waiting -= 1
        fault = next((each for each in self._faults if each.matches(when, method, path)), None)
        if fault is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._faults.remove(fault)
        await asyncio.sleep(fault.seconds)
        if fault.error is not None:
            raise fault.error
