"""Slots: how many billed calls of one kind may run at the same time, in total and for each person or conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.tasks.errors import UserError

MAX_RUNNING = 16


class Slot:
    """A place among the running calls. It is free again after `release`."""

    def __init__(self, slots: Slots, keys: tuple[object, ...]) -> None:
        self._slots = slots
        self._keys = keys
        self.handed_over = False
        """Whether a background task releases it, and no longer the context that took it."""

    def release(self) -> None:
        """Frees the slot. Further calls do nothing."""
        self._slots.release(self._keys)
        self._keys = ()

    def add(self, key: object) -> None:
        """Blocks a further key until the release."""
        self._keys = (*self._keys, key)
        self._slots.keys.add(key)


class Slots:
    """The slots of one kind. `code` is the error code if one of the keys is in use."""

    def __init__(self, code: str, most: int = MAX_RUNNING) -> None:
        self.keys: set[object] = set()
        self._code = code
        self._most = most
        self._running = 0

    @contextmanager
    def taken(self, *keys: object) -> Iterator[Slot]:
        """Takes a slot for these keys, which are released at the end unless the slot was handed over. Raises UserError
        if one of them is in use, or if all slots are."""
        if not self.keys.isdisjoint(keys):
            raise UserError(self._code)
        if self._running >= self._most:
            raise UserError("chat_busy")
        self._running += 1
        self.keys.update(keys)
        slot = Slot(self, keys)
        try:
            yield slot
        except BaseException:
            slot.release()
            raise
        if not slot.handed_over:
            slot.release()

    def release(self, keys: tuple[object, ...]) -> None:
        """Frees the keys of a slot."""
        if keys:
            self._running -= 1
            self.keys.difference_update(keys)
