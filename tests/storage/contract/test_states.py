"""The tables of states and outcomes hold in the database: a write that they do not allow changes nothing."""

from __future__ import annotations

from itertools import product

import pytest

from storage import SUBMISSION_TRANSITIONS, TASK_STATES, NewOutcome, Store, SubmissionOutcome, TaskState, TaskUpdate
from tests.support.storing import an_opening, opened, settled

OUTCOMES = list(product(SubmissionOutcome, SubmissionOutcome))


@pytest.mark.parametrize(("before", "after"), OUTCOMES)
async def test_an_outcome_is_replaced_only_where_the_table_allows_it(
    store: Store, before: SubmissionOutcome, after: SubmissionOutcome
) -> None:
    press = await opened(store, an_opening(outcome=before))
    allowed = after is before or after in SUBMISSION_TRANSITIONS[before]
    assert await settled(store, press, after) is allowed
    stored = await store.submissions.get(11)
    assert stored is not None
    assert stored.outcome is (after if allowed else before)


@pytest.mark.parametrize("before", SubmissionOutcome)
async def test_a_refusal_never_replaces_an_acceptance(store: Store, before: SubmissionOutcome) -> None:
    press = await opened(store, an_opening(outcome=before))
    refusal = NewOutcome(11, SubmissionOutcome.REFUSED, 1001.0, error_code="queue_full")
    update = TaskUpdate(TaskState.REFUSED)
    refused = await store.submissions.set_outcome(press, refusal, lambda task: task.apply(update, 1001.0)) is not None
    assert refused is (before is not SubmissionOutcome.ACCEPTED)
    stored, task = await store.submissions.get(11), await store.tasks.get("t1")
    assert stored is not None
    assert task is not None
    assert (stored.error_code == "queue_full") is refused
    assert (task.state is TaskState.REFUSED) is refused


def test_every_state_has_its_rules() -> None:
    assert set(TASK_STATES) == set(TaskState)
    assert set(SUBMISSION_TRANSITIONS) == set(SubmissionOutcome)
    for state, rules in TASK_STATES.items():
        assert not (rules.polled and rules.settled), state
        assert rules.settled or not rules.final, state
