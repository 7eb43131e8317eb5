"""The states of tasks and the outcomes of submissions: one table each.

A task's life, from left to right and never back (`Task.apply`):

    QUEUED ── SUBMITTING ── AWAITING_CONFIRMATION ── UNKNOWN ── PENDING ── RUNNING ── STALLED ── SUCCESS | FAILURE
                                                                                     | CANCELLED | REFUSED

Two steps lead back, because somebody asked for them: `Tasks.watch_again` and `Tasks.queue_again`. The values are those
in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class TaskState(StrEnum):
    """Where a task is. The order of the members is the order of its life."""

    QUEUED = "queued"
    """Journalled, and waiting in the bot's own queue (`queue_ahead` counts there)."""
    SUBMITTING = "submitting"
    """Journalled before the request is sent; whether the service accepted it is not known yet."""
    AWAITING_CONFIRMATION = "waiting"
    """The service waits for a modal to be confirmed (its status MODAL)."""
    UNKNOWN = "lost"
    """No answer came within the limit and people were told so; if the task turns up later, it moves on."""
    PENDING = "pending"
    """In the service's queue."""
    RUNNING = "running"
    """The service works on it."""
    STALLED = "overdue"
    """No progress for longer than the limit; not polled any more unless somebody asks for it."""
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The service made no task of it."""

    @property
    def final(self) -> bool:
        """Does nothing that arrives later change it?"""
        return TASK_STATES[self].final

    @property
    def settled(self) -> bool:
        """Has the message nothing to wait for, as things are?"""
        return TASK_STATES[self].settled


@dataclass(frozen=True, slots=True)
class StateRules:
    """What holds for a task in one state.

    `final`: nothing changes it. `settled`: its message has nothing to wait for. `polled`: the service is asked about
    it. `cancellable`: the bot holds it back, or the service has it. `retryable`: it can be sent again as a new task.
    `keeps_inputs`: its images may still be needed.
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
FINAL_STATES = tuple(state for state, rules in TASK_STATES.items() if rules.final)
POLLED_STATES = tuple(state for state, rules in TASK_STATES.items() if rules.polled)
STATE_ORDER = {state: (len(TaskState) if state.final else place) for place, state in enumerate(TaskState)}


class SubmissionOutcome(StrEnum):
    """What became of a press."""

    QUEUED = "queued"
    """Journalled and surely not sent: it waits in the bot's own queue."""
    OUTCOME_UNKNOWN = "unsettled"
    """Journalled; it may or may not have reached the service."""
    MODAL = "window"
    """The action was taken and a window waits; the modal was surely not sent."""
    CONFIRMING = "confirming"
    """The modal is being sent; it may or may not have reached the service."""
    ACCEPTED = "taken"
    REFUSED = "refused"
    GIVEN_UP = "lost"
    """Given up for unknown; people were told."""

    @property
    def open(self) -> bool:
        """May the service still know more of it than we do?"""
        return self in (SubmissionOutcome.OUTCOME_UNKNOWN, SubmissionOutcome.MODAL, SubmissionOutcome.CONFIRMING)


OPEN_OUTCOMES = tuple(outcome for outcome in SubmissionOutcome if outcome.open)
_O = SubmissionOutcome
# What may follow an outcome, beside itself. Nothing follows REFUSED.
SUBMISSION_TRANSITIONS: Mapping[SubmissionOutcome, frozenset[SubmissionOutcome]] = {
    _O.QUEUED: frozenset({_O.OUTCOME_UNKNOWN, _O.REFUSED}),
    _O.OUTCOME_UNKNOWN: frozenset({_O.QUEUED, _O.MODAL, _O.ACCEPTED, _O.REFUSED, _O.GIVEN_UP}),
    _O.MODAL: frozenset({_O.CONFIRMING, _O.ACCEPTED, _O.REFUSED, _O.GIVEN_UP}),
    _O.CONFIRMING: frozenset({_O.MODAL, _O.ACCEPTED, _O.REFUSED, _O.GIVEN_UP}),
    # A gateway may hide in its answer that a modal waits (docs/image-api.md#rewritten-codes).
    _O.ACCEPTED: frozenset({_O.MODAL}),
    # The task may turn up after all.
    _O.GIVEN_UP: frozenset({_O.ACCEPTED, _O.REFUSED}),
    _O.REFUSED: frozenset(),
}


def predecessors(outcome: SubmissionOutcome) -> frozenset[SubmissionOutcome]:
    """The outcomes that this one may replace, itself included."""
    return frozenset({outcome, *(before for before, after in SUBMISSION_TRANSITIONS.items() if outcome in after)})


def sql_list(values: Iterable[StrEnum]) -> str:
    """The values as the inside of an SQL `IN (...)`; they are constants of this module."""
    return ", ".join(f"'{value}'" for value in values)


# For queries: the states that are polled, and the outcomes that are open.
POLLED = sql_list(POLLED_STATES)
OPEN = sql_list(OPEN_OUTCOMES)
