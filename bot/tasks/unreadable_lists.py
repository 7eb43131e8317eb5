"""Running tasks that cannot be read in a list: lists are split, and tasks fetched one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.engines.errors import AuthFailed, EngineError, NotSent, RateLimited, RefusalKind, ServiceRefused, Unusable
from bot.tasks.poll_state import PolledTask

SINGLES_AT_ONCE = 8
# Maximum of single fetches per poll; the tasks that were not polled for the longest time come first.
SINGLES_A_POLL = 40
# This many failed requests before the first success mean that the cause is not a task. For errors such as 5xx: three
# full levels of halves, 1 + 2 + 4. For unreadable answers: enough to get from there down to a single task.
IN_VAIN, IN_VAIN_UNREADABLE = 7, 20
IN_VAIN_SECONDS = 60.0


class ListPart(NamedTuple):
    """Tasks to be polled in one request; `whole` is the list from which they were split."""

    members: Sequence[PolledTask]
    whole: Sequence[PolledTask]

    def halves(self) -> tuple[ListPart, ListPart]:
        middle = len(self.members) // 2
        return ListPart(self.members[:middle], self.whole), ListPart(self.members[middle:], self.whole)


@dataclass(slots=True, eq=False)
class PollAttempts:
    """The state of one poll: whether any request succeeded, and what failed."""

    began: float
    requests_left: int
    alive: bool = False
    in_vain: int = 0
    failed: list[tuple[ListPart, EngineError]] = field(default_factory=list)


def _split(part: ListPart) -> tuple[ListPart, ListPart]:
    halves = part.halves()
    for half in halves:
        for each in half.members:
            each.batch, each.calm = len(half.members), 0
    return halves


def _is_about_the_service(error: EngineError) -> bool:
    """Whether the error would be the same for any other task."""
    if isinstance(error, NotSent | AuthFailed | RateLimited):
        return True
    return isinstance(error, ServiceRefused) and (error.kind is RefusalKind.NO_CREDIT or 300 <= error.http_status < 400)


def _is_an_answer(error: EngineError) -> bool:
    """Whether the service answered, although without a usable result. 5xx, timeouts and dropped connections may mean
    that it is down."""
    return isinstance(error, Unusable) or (isinstance(error, ServiceRefused) and not _is_about_the_service(error))
