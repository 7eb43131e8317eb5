"""Faults on purpose: answers that fail, come late, are held back or get lost."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.discord.errors import ApiError, rate_limited
from playground.discord.limits import refusal_headers

When = Literal["before", "after"]


@dataclass
class Hold:
    """While it stands, matching requests wait; `waiting` counts them."""

    method: str | None
    path: re.Pattern[str]
    when: When
    waiting: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        self.released.set()


@dataclass
class _Fault:
    method: str | None
    path: re.Pattern[str]
    times: int
    when: When = "before"
    error: ApiError | None = None
    seconds: float = 0.0
    lose: bool = False


class AnswerLost(Exception):
    """The connection has to be cut in place of an answer."""


class Faults:
    """Rules that apply to the requests to come, the oldest first. A method of None means any."""

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
        """The next `times` matching requests fail with this error, not carried out; 429 has Discord's headers.

        A `page` comes from in front of Discord: it has these `headers` and no other.
        """
        if status == 429:
            error = rate_limited(retry_after, everywhere=False)
            error.headers = refusal_headers(retry_after, "shared")
        else:
            error = ApiError(status, code, message or f"{status}: made to fail")
        if page is not None:
            error.page, error.headers = page, dict(headers or {})
        self._faults.append(_Fault(method, re.compile(path_regex), times, error=error))

    def delay_next(
        self, method: str | None, path_regex: str, seconds: float, *, times: int = 1, when: When = "after"
    ) -> None:
        """The next matching requests are carried out or answered `seconds` later."""
        self._faults.append(_Fault(method, re.compile(path_regex), times, when, seconds=seconds))

    def lose_next(self, method: str | None, path_regex: str, *, times: int = 1, when: When = "after") -> None:
        """The next matching requests get no answer: the connection is cut, before or after they were carried out."""
        self._faults.append(_Fault(method, re.compile(path_regex), times, when, lose=True))

    @contextmanager
    def hold(self, path_regex: str, *, method: str | None = None, when: When = "after") -> Iterator[Hold]:
        """Keeps matching answers back (with `when="before"` the requests themselves) until the block ends."""
        hold = Hold(method, re.compile(path_regex), when)
        self._holds.append(hold)
        try:
            yield hold
        finally:
            self._holds.remove(hold)
            hold.release()

    def clear(self) -> None:
        """Forgets all rules and lets go what is held."""
        self._faults.clear()
        for hold in self._holds:
            hold.release()

    async def meet(self, when: When, method: str, path: str) -> None:
        """Lets a request suffer what is meant for it. Raises its ApiError or AnswerLost."""
        for hold in list(self._holds):
            if hold.when == when and _matches(hold, method, path):
                hold.waiting += 1
                try:
                    await hold.released.wait()
                finally:
                    hold.waiting -= 1
        fault = next((each for each in self._faults if each.when == when and _matches(each, method, path)), None)
        if fault is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._faults.remove(fault)
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault.lose:
            raise AnswerLost
        if fault.error is not None:
            raise fault.error


def _matches(rule: Any, method: str, path: str) -> bool:
    return rule.method in (None, method) and rule.path.search(path) is not None
