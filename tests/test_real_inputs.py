"""Inputs that broke other software of this kind, and defects seen in daily use: each is proved by tests, with the case
itself and at least two relatives.

The tables are checked against the collected tests, so that no case loses its proof when a test is renamed or moved, or
one of its parameters goes.
"""

from __future__ import annotations

import pytest

from tests.support.daily_use import DEFECTS, FEATURES
from tests.support.field_answers import ANSWERS
from tests.support.field_inputs import INPUTS
from tests.support.proofs import LEAST, Case, Collected, Proof, by

FIELD_CASES = {**INPUTS, **ANSWERS}
# Those that are missing from the row were struck off the list of reports.
NUMBERS = sorted({*range(1, 48)} - {21, 26, 32, 37, 39, 43})
CASES = {
    **{f"field case {number}": case for number, case in FIELD_CASES.items()},
    **{f"defect {number}": case for number, case in DEFECTS.items()},
    **FEATURES,
}


@pytest.fixture(scope="module")
def collected(request: pytest.FixtureRequest) -> Collected:
    return Collected(request.session)


def test_every_number_has_its_case() -> None:
    assert sorted([*INPUTS, *ANSWERS]) == NUMBERS
    assert len(NUMBERS) == 41
    assert sorted(DEFECTS) == list(range(1, 13))


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_proved_with_relatives(collected: Collected, name: str) -> None:
    case = CASES[name]
    assert [problem for proof in case.proofs for problem in collected.problems(proof)] == []
    assert case.inputs >= LEAST, case.title
    assert len({proof.test for proof in case.proofs}) == len(case.proofs), "a test is named twice"


HERE = "test_real_inputs.py::"


@pytest.mark.parametrize(
    ("proof", "problem"),
    [
        (by(HERE + "test_no_such_test"), "is not there"),
        (by("no_such_module.py::test_every_number_has_its_case"), "is not there"),
        (
            by(HERE + "test_every_case_is_proved_with_relatives", "field case 1", "field case 21"),
            "no input 'field case 21'",
        ),
        (
            by(HERE + "test_every_number_has_its_case", "== NUMBERS", "sorted(NOTHING)"),
            "no input 'sorted(NOTHING)'",
        ),
        (by(HERE + "test_every_case_is_proved_with_relatives", "defect 2", "defect 2"), "twice"),
    ],
    ids=["test", "module", "parameter", "source", "twice"],
)
def test_what_is_not_there_is_told(collected: Collected, proof: Proof, problem: str) -> None:
    (told,) = collected.problems(proof)
    assert problem in told


def test_a_case_without_relatives_is_not_enough() -> None:
    assert Case("alone", by(HERE + "test_every_number_has_its_case")).inputs < LEAST
    assert Case("of two", by(HERE + "a", "x"), by(HERE + "b")).inputs < LEAST
