"""The states of tasks and the outcomes of submissions: one table each.

A task only moves from left to right (`Task.apply`):

    QUEUED ── SUBMITTING ── AWAITING_CONFIRMATION ── UNKNOWN ── PENDING ── RUNNING ── STALLED ── SUCCESS | FAILURE
                                                                                     | CANCELLED | REFUSED

`Tasks.watch_again` and `queued_again` (`storage.tasks`) move a task back on request. The values are stored in the
database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple


class TaskState(StrEnum):
    """The state of a task. The members are in the order of `Task.apply`."""

    QUEUED = "queued"
    """Journaled, and waiting in the bot's own queue (`queue_ahead` is the number of requests before it there)."""
    SUBMITTING = "submitting"
    """Journaled before the request is sent. It is not known yet whether the service accepted it."""
    AWAITING_CONFIRMATION = "waiting"
    """The service waits for the confirmation of a modal (its status MODAL)."""
    UNKNOWN = "lost"
    """No answer arrived within the time limit, and the user was informed. If the task is found later, it moves on."""
    PENDING = "pending"
    """In the service's queue."""
    RUNNING = "running"
    """The service works on it."""
    STALLED = "overdue"
    """No progress for longer than the time limit. No longer polled unless a user requests it."""
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The service did not create a task."""

    @property
    def final(self) -> bool:
        """Whether the task ignores all later updates."""
        return TASK_STATES[self].final

    @property
    def settled(self) -> bool:
        """Whether the message of the task needs no further update for now."""
        return TASK_STATES[self].settled


class StateRules(NamedTuple):
    """The rules for a task in one state.

    `final`: no update changes it. `settled`: its message needs no further update. `polled`: the bot polls the service
    for it. `cancellable`: it is in the bot's queue or at the service. `retryable`: it can be sent again as a new task.
    `keeps_inputs`: its input images may still be needed.
    """

    final: bool = False
    settled: bool = False
    polled: bool = False
    cancellable: bool = False
    retryable: bool = False
    keeps_inputs: bool = True


TASK_STATES: Mapping[TaskState, StateRules] = {
    TaskState.QUEUED: StateRules(cancellable=True),
    TaskState.SUBMITTING: StateRules(),
    TaskState.AWAITING_CONFIRMATION: StateRules(cancellable=True),
    TaskState.UNKNOWN: StateRules(settled=True, retryable=True),
    TaskState.PENDING: StateRules(polled=True, cancellable=True),
    TaskState.RUNNING: StateRules(polled=True, cancellable=True),
    TaskState.STALLED: StateRules(settled=True, cancellable=True, retryable=True),
    TaskState.SUCCESS: StateRules(final=True, settled=True, keeps_inputs=False),
    TaskState.FAILURE: StateRules(final=True, settled=True, retryable=True),
    TaskState.CANCELLED: StateRules(final=True, settled=True, retryable=True),
    TaskState.REFUSED: StateRules(final=True, settled=True, retryable=True, keeps_inputs=False),
}
POLLED_STATES = tuple(state for state, rules in TASK_STATES.items() if rules.polled)
# Changes that are not stored: they are learned again from the service, or counted again in the bot's queue. To the
# database, a task that the service has is one that it has, waiting or running.
UNSTORED_MOVES = frozenset(
    {
        (TaskState.QUEUED, TaskState.QUEUED),
        (TaskState.PENDING, TaskState.PENDING),
        (TaskState.PENDING, TaskState.RUNNING),
        (TaskState.RUNNING, TaskState.RUNNING),
    }
)
STATE_ORDER = {state: (len(TaskState) if state.final else place) for place, state in enumerate(TaskState)}


class SubmissionOutcome(StrEnum):
    """The outcome of a submission."""

    QUEUED = "queued"
    """Journaled and certainly not sent: it waits in the bot's own queue."""
    OUTCOME_UNKNOWN = "unsettled"
    """Journaled. The request may or may not have reached the service."""
    MODAL = "window"
    """The service accepted the action and waits for its modal. The modal was certainly not sent."""
    CONFIRMING = "confirming"
    """The modal is being sent. It may or may not have reached the service."""
    ACCEPTED = "taken"
    REFUSED = "refused"
    GIVEN_UP = "lost"
    """The outcome stayed unknown for too long, and the user was informed."""


_O = SubmissionOutcome
# Outcomes of submissions of which the service may know more than the bot.
OPEN_OUTCOMES = (_O.OUTCOME_UNKNOWN, _O.MODAL, _O.CONFIRMING)
# The allowed next outcomes, besides the outcome itself. REFUSED has none.
SUBMISSION_TRANSITIONS: Mapping[SubmissionOutcome, frozenset[SubmissionOutcome]] = {
    _O.QUEUED: frozenset({_O.OUTCOME_UNKNOWN, _O.REFUSED}),
    _O.OUTCOME_UNKNOWN: frozenset({_O.QUEUED, _O.MODAL, _O.ACCEPTED, _O.REFUSED, _O.GIVEN_UP}),
    _O.MODAL: frozenset({_O.CONFIRMING, _O.ACCEPTED, _O.REFUSED, _O.GIVEN_UP}),
    _O.CONFIRMING: frozenset({_O.MODAL, _O.ACCEPTED, _O.REFUSED, _O.GIVEN_UP}),
    # A gateway's answer can hide that a modal is waiting (docs/image-api.md#rewritten-codes).
    _O.ACCEPTED: frozenset({_O.MODAL}),
    # The task may still be found at the service.
    _O.GIVEN_UP: frozenset({_O.ACCEPTED, _O.REFUSED}),
    _O.REFUSED: frozenset(),
}


# The outcomes that each one may replace, including itself.
PREDECESSORS: Mapping[SubmissionOutcome, frozenset[SubmissionOutcome]] = {
    outcome: frozenset({outcome, *(before for before, after in SUBMISSION_TRANSITIONS.items() if outcome in after)})
    for outcome in SubmissionOutcome
}


def sql_list(values: Iterable[StrEnum]) -> str:
    """Formats the values for an SQL `IN (...)`. They are constants of this module."""
    return ", ".join(f"'{value}'" for value in values)


# For queries: the polled states, and the open outcomes.
POLLED = sql_list(POLLED_STATES)
OPEN = sql_list(OPEN_OUTCOMES)
