"""Limits for the transfers of the mask editor: one of each kind per link, and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.runtime.units import MEGABYTE
from bot.web.byte_budget import BodyBudget, BudgetExceeded, Hold
from bot.web.concurrency_limit import ConcurrencyLimit, TooManyAtOnce
from storage import MaskEditorLink

PER_LINK = 1
# One user may have many links. This limit leaves memory for other users.
PER_PERSON = 2
DOWNLOAD_BYTES = 192 * MEGABYTE
UPLOAD_BYTES = 96 * MEGABYTE


class TransferBusy(Exception):
    """The transfer cannot continue now. `status` is the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status}")
        self.status = status


class TransferLimit:
    """The limits of one kind of transfer, across all links."""

    def __init__(self, total_bytes: int) -> None:
        self._links = ConcurrencyLimit[str](PER_LINK)
        self._people = ConcurrencyLimit[int](PER_PERSON)
        self._budget = BodyBudget(total_bytes)

    @contextmanager
    def running(self, link: MaskEditorLink, expected: int = 0) -> Iterator[Hold]:
        """Counts a transfer during the block, with `expected` bytes of memory at first. Raises TransferBusy, also if
        the memory budget is exceeded."""
        try:
            with self._links.running(link.id), self._people.running(link.user_id), self._budget.holding() as hold:
                hold.resize(expected)
                yield hold
        except TooManyAtOnce:
            raise TransferBusy(429) from None
        except BudgetExceeded:
            raise TransferBusy(503) from None
