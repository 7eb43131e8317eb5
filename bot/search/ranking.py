"""Merges rankings: what several of them have near their top comes first."""

from __future__ import annotations

from collections.abc import Sequence

from storage import TaskId

# How much a place near the top counts more than one below: the usual constant of reciprocal rank fusion.
_SMOOTHING = 60


def merged(*rankings: Sequence[TaskId]) -> list[TaskId]:
    """The tasks of all rankings, best first, by reciprocal rank fusion. The first ranking decides between equals."""
    scores: dict[TaskId, float] = {}
    for ranking in rankings:
        for place, task_id in enumerate(ranking, 1):
            scores[task_id] = scores.get(task_id, 0.0) + 1 / (_SMOOTHING + place)
    return sorted(scores, key=lambda task_id: -scores[task_id])
