"""What is meant by what people type or paste where a task is wanted."""

from __future__ import annotations

import pytest

from bot.ui.task_reference import typed_id, typed_job

JOB = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize(
    ("typed", "job"),
    [
        (JOB, JOB),
        (f" {JOB.upper()} ", JOB),
        (f"https://www.midjourney.com/jobs/{JOB}?index=2", JOB),
        (f"<https://cdn.example.org/1/2/ada_a_fox_{JOB}.png?ex=1&is=2&hm=3>", JOB),
        (f"https://cdn.example.org/{JOB}_grid_0.webp", JOB),
        ("bneh5aek8w", None),
        ("https://www.midjourney.com/jobs", None),
    ],
)
def test_a_job_is_found_in_what_was_typed(typed: str, job: str | None) -> None:
    assert typed_job(typed) == job


def test_a_task_is_meant_with_or_without_what_it_was_copied_with() -> None:
    assert typed_id(" `BNEH5aek8w` ") == "bneh5aek8w"
