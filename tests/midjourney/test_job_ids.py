"""The Midjourney job in what people type or paste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.midjourney.buttons import job_id_in

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
    assert job_id_in(typed) == job


@given(st.text(max_size=80))
def test_any_text_can_be_read(typed: str) -> None:
    job_id_in(typed)
