"""What the transfers of the painter may take together: one of each kind a link, and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.runtime.units import MEGABYTE
from bot.web.byte_budget import BudgetExceeded, ByteBudget, Hold
from bot.web.concurrency_limit import ConcurrencyLimit, TooManyAtOnce
from storage import MaskEditorLink

PER_LINK = 1
# One person may have many links; they take a share of the memory, not all of it.
PER_PERSON = 2
DOWNLOAD_BYTES = 192 * MEGABYTE
UPLOAD_BYTES = 96 * MEGABYTE


class TransferBusy(Exception):
    """The transfer cannot go on now; `status` is the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status}")
        self.status = status


class TransferLimit:
    """The limits of one kind of transfer, over all links."""

    def __init__(self, total_bytes: int) -> None:
        self._links = ConcurrencyLimit[str](PER_LINK)
        self._people = ConcurrencyLimit[int](PER_PERSON)
        self._budget = ByteBudget(total_bytes)

    @contextmanager
    def running(self, link: MaskEditorLink, expected: int = 0) -> Iterator[Hold]:
        """Counts a transfer while within, `expected` bytes of memory at first. Raises Busy, also for lack of memory."""
        try:
            with self._links.running(link.id), self._people.running(link.user_id), self._budget.holding() as hold:
                hold.resize(expected)
                yield hold
        except TooManyAtOnce:
            raise TransferBusy(429) from None
        except BudgetExceeded:
            raise TransferBusy(503) from None
