"""The tables of states and outcomes hold in the database: a write that they do not allow changes nothing."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from storage import SUBMISSION_TRANSITIONS, TASK_STATES, Store, SubmissionOutcome, TaskState, TaskUpdate
from storage.submissions import NewSubmission
from tests.support.storing import AddTask

OUTCOMES = list(product(SubmissionOutcome, SubmissionOutcome))


async def outcome_after(store: Store, add_task: AddTask, before: SubmissionOutcome, after: SubmissionOutcome) -> bool:
    await add_task("t1")
    await store.submissions.insert(NewSubmission(11, 7, "t1", None, None, "n1"), 1000.0, before)
    changed = await store.submissions.set_outcome(11, after, 1001.0)
    stored = await store.submissions.get(11)
    assert stored is not None
    assert stored.outcome is (after if changed else before)
    return changed


@pytest.mark.parametrize(("before", "after"), OUTCOMES)
async def test_an_outcome_is_replaced_only_where_the_table_allows_it(
    store: Store, add_task: AddTask, before: SubmissionOutcome, after: SubmissionOutcome
) -> None:
    allowed = after is before or after in SUBMISSION_TRANSITIONS[before]
    assert await outcome_after(store, add_task, before, after) is allowed


@pytest.mark.parametrize("before", SubmissionOutcome)
async def test_a_refusal_never_replaces_an_acceptance(
    store: Store, add_task: AddTask, before: SubmissionOutcome
) -> None:
    await add_task("t1")
    await store.submissions.insert(NewSubmission(11, 7, "t1", None, None, "n1"), 1000.0, before)
    refused = await store.submissions.refuse(11, "queue_full", {}, 1001.0)
    assert refused is (before is not SubmissionOutcome.ACCEPTED)
    stored = await store.submissions.get(11)
    assert stored is not None
    assert (stored.error_code == "queue_full") is refused


async def test_a_task_that_somebody_else_changed_is_not_overwritten(store: Store, add_task: AddTask) -> None:
    task = await add_task("t1")
    await store.tasks.move("t1", TaskUpdate(TaskState.RUNNING, progress=50), 1001.0)
    stale = dataclasses.replace(task, state=TaskState.FAILURE, version=task.version + 1)
    await store.tasks._save([(stale, task)])
    stored = await store.tasks.get("t1")
    assert stored is not None
    assert (stored.state, stored.progress) == (TaskState.RUNNING, 50)


def test_every_state_has_its_rules() -> None:
    assert set(TASK_STATES) == set(TaskState)
    assert set(SUBMISSION_TRANSITIONS) == set(SubmissionOutcome)
    for state, rules in TASK_STATES.items():
        assert not (rules.polled and rules.settled), state
        assert rules.settled or not rules.final, state
