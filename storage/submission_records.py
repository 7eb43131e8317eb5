"""Submissions: their records, their outcomes, and which outcome may replace which. The values are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from storage.records import TaskId


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
# The allowed next outcomes, other than the outcome itself. REFUSED has none.
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


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """An interaction that sends a request to the image service."""

    interaction_id: int
    user_id: int
    task_id: TaskId
    source_task_id: TaskId | None
    custom_id: str | None
    nonce: str


@dataclass(frozen=True, slots=True)
class Submission:
    """Journal entry of one interaction that sends a request to the image service.

    It is committed before the request is sent. `nonce` is sent as `state` and returned in the service's tasks and
    callbacks, so that a submission with a lost answer can be found again. `task_id` is the task that the submission
    creates; `source_task_id` is the task of the pressed button (None for a command). `error_code` and `error_params`
    say why the submission was refused. `reason` is an internal note.
    """

    interaction_id: int
    user_id: int
    task_id: TaskId
    source_task_id: TaskId | None
    custom_id: str | None
    nonce: str
    outcome: SubmissionOutcome
    reason: str | None
    created_at: float
    error_code: str | None = None
    error_params: Mapping[str, str] = field(default_factory=dict)
