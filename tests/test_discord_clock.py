"""Discord's clock is learnt from its answers; what this machine's clock says does not matter after that."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from email.utils import formatdate

import pytest

from bot.discord_api.message_sender import DiscordClock


@dataclass
class Machine:
    """A machine's two clocks."""

    host: float = 1_000_000.0
    monotonic: float = 50.0

    def pass_by(self, seconds: float) -> None:
        self.host += seconds
        self.monotonic += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> DiscordClock:
    return DiscordClock(host=lambda: machine.host, monotonic=lambda: machine.monotonic)


def dated(moment: float) -> str:
    return formatdate(moment, usegmt=True)


def test_before_any_answer_this_machines_clock_counts(clock: DiscordClock) -> None:
    assert (clock.now(), clock.skew) == (1_000_000.0, 0.0)


@pytest.mark.parametrize("wrong", [1200.0, -1200.0, 3.0e8])
def test_an_answer_tells_the_time(clock: DiscordClock, machine: Machine, wrong: float) -> None:
    clock.dated(dated(1_000_000 - wrong))
    machine.pass_by(10)
    assert abs(clock.now() - (1_000_010 - wrong)) <= 1
    assert abs(clock.skew - wrong) <= 1


def test_setting_this_machines_clock_moves_nothing(clock: DiscordClock, machine: Machine) -> None:
    clock.dated(dated(1_000_000))
    before = clock.now()
    machine.host -= 1200
    assert clock.now() == before


def test_a_snowflake_corrects_what_a_header_rounds_and_the_next_header_keeps_it(clock: DiscordClock) -> None:
    clock.dated(dated(1_000_000))
    clock.at_least(1_000_000.9)
    assert clock.now() == 1_000_000.9
    clock.at_least(999_000.0)
    clock.dated(dated(1_000_000))
    assert clock.now() == 1_000_000.9


@pytest.mark.parametrize("header", ["", "yesterday", "Thu, 99 Foo 2026 00:00:00 GMT"])
def test_a_header_that_is_no_date_is_passed_over(clock: DiscordClock, header: str) -> None:
    clock.dated(header)
    assert clock.now() == 1_000_000.0


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(1200, "0:20:00 ahead of"), (-90, "0:01:30 behind"), (25, "agrees"), (-25, "agrees"), (86_400 * 3, "3 days")],
)
def test_a_wrong_clock_is_described(clock: DiscordClock, machine: Machine, ahead: int, words: str) -> None:
    clock.dated(dated(machine.host - ahead))
    # The header tells whole seconds.
    clock.at_least(machine.host - ahead)
    machine.host = clock.now() + ahead
    assert words in clock.described()


def test_a_wrong_clock_is_warned_of_once(
    clock: DiscordClock, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    clock.dated(dated(machine.host - 1200))
    with caplog.at_level(logging.WARNING):
        clock.warn_if_skewed()
        clock.warn_if_skewed()
    assert len(caplog.records) == 1
