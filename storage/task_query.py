"""What a search for tasks asks for."""

from __future__ import annotations

from dataclasses import dataclass

from storage.states import TaskState

# The number of newest tasks searched for words (of one owner or of all users).
SEARCHED = 50_000


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Search criteria; None and () match any task. `states` contains only states that an accepted task can have."""

    owner_id: int | None = None
    states: tuple[TaskState, ...] = ()
    words: str = ""
