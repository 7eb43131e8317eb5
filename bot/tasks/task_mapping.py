"""Maps the service's state of a task to an update of the bot's task."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Mapping

from bot.engines.errors import ServiceRefused
from bot.engines.models import RemoteStatus, RemoteTask
from bot.tasks.engine_calls import error_of
from storage import TaskId, TaskResult, TaskState, TaskUpdate

# The error codes of tasks that the service does not know any longer, or cannot know.
FORGOTTEN, IMPOSSIBLE_ID = "forgotten", "impossible_id"
# Services word each kind of failure in many ways (docs/image-api.md#failures).
_CODES = {
    "banned": re.compile(
        r"banned|sensitive|moderat|image filter|blocked|not allowed|community (?:standard|guideline)|敏感|违规",
        re.IGNORECASE,
    ),
    "parameter": re.compile(r"invalid param|unrecognized param|invalid link|unknown flag|参数", re.IGNORECASE),
    "timeout": re.compile(r"time(?:d)? ?out|超时", re.IGNORECASE),
}
# Matches whole reasons, because others mention a cancellation together with its cause ("cancelled due to image
# filters").
_CANCELLED = re.compile(
    r"\W*(?:(?:the )?(?:task|job|request) (?:was |has been |is )?)?cancell?ed(?: by (?:the )?(?:user|admin\w*))?\W*"
    r"|\W*(?:任务|作业)?(?:已|被|主动|手动|用户)*取消(?:任务|作业)?\W*",
    re.IGNORECASE,
)
# Some services finish a task before its image has a URL; the URL follows within seconds.
PICTURE_SECONDS = 60.0

_STATES = {
    RemoteStatus.PENDING: TaskState.PENDING,
    RemoteStatus.RUNNING: TaskState.RUNNING,
    # The bot never waits for a user in the background: the submitter confirms a modal, and some services show MODAL for
    # minutes after that (docs/image-api.md#newapi-tasks).
    RemoteStatus.WAITING_USER: TaskState.AWAITING_CONFIRMATION,
    RemoteStatus.SUCCESS: TaskState.SUCCESS,
    RemoteStatus.FAILURE: TaskState.FAILURE,
    RemoteStatus.CANCELLED: TaskState.CANCELLED,
}


def to_update(remote: RemoteTask, *, images: int = 0) -> TaskUpdate:
    """The update for the service's state of a task. `images`: how many came with the answer to the submit."""
    inline = images > 0
    state = _STATES[remote.status]
    if state is TaskState.FAILURE and says_cancelled(remote.fail_reason):
        state = TaskState.CANCELLED
    code, params = _failure(remote) if state is TaskState.FAILURE else (None, {})
    return TaskUpdate(
        state=state,
        upstream_id=remote.id or None,
        progress=100 if state is TaskState.SUCCESS else _progress(remote, state),
        result=TaskResult(
            final_prompt=remote.final_prompt,
            image_url=remote.image_url,
            image_urls=remote.image_urls,
            thumbnail_url=remote.thumbnail_url,
            videos=remote.videos,
            text=remote.text,
            lines=remote.text_lines,
            seed=remote.seed,
            conversation=remote.conversation,
            inline=inline or bool(remote.image_data),
            count=images or len(remote.image_data),
            missing=state is TaskState.SUCCESS and not inline and _shows_nothing(remote),
        ),
        buttons=remote.buttons,
        error_code=code,
        error_params={"reason": remote.fail_reason, **params} if remote.fail_reason else params,
    )


def _failure(remote: RemoteTask) -> tuple[str | None, Mapping[str, str]]:
    """The code of a failure and its values."""
    if remote.fail_kind is None:
        return failure_code(remote.fail_reason), {}
    refusal = error_of(ServiceRefused(remote.fail_kind, remote.fail_reason))
    return refusal.code, refusal.params


def _progress(remote: RemoteTask, state: TaskState) -> int | None:
    # The progress of a failed task is meaningless: "" in some API variants, "100%" in others
    # (docs/image-api.md#status).
    return remote.progress if state is TaskState.RUNNING else None


def _shows_nothing(remote: RemoteTask) -> bool:
    return not (remote.image_url or remote.image_urls or remote.image_data or remote.videos or remote.text)


def says_cancelled(reason: str) -> bool:
    """Whether the reason says only that the task was canceled (docs/image-api.md#cancel)."""
    return _CANCELLED.fullmatch(reason) is not None


def failure_code(reason: str) -> str | None:
    """`banned`, `parameter` or `timeout`, or None if the reason matches no known kind."""
    return next((code for code, pattern in _CODES.items() if pattern.search(reason)), None)


class MissingPictures:
    """Tasks that the service reports as finished before there is a result: for a limited time they count as running, so
    that they are polled again. The time restarts with the process."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns monotonic seconds."""
        self._seconds = seconds
        self._clock = clock
        self._since: dict[TaskId, float] = {}

    def held_back(self, task_id: TaskId, change: TaskUpdate) -> TaskUpdate:
        """The update to be applied now."""
        if change.state is TaskState.SUCCESS and change.result and change.result.missing:
            now = self._clock()
            if now - self._since.setdefault(task_id, now) < self._seconds:
                return dataclasses.replace(change, state=TaskState.RUNNING, progress=100)
        self._since.pop(task_id, None)
        return change
