"""The queue of edits: finals before progress, a bounded number at once, and rests between."""

from __future__ import annotations

import time

from bot.ui.delivery.edit_scheduler import (
    CHANNEL_FINALS,
    MOST_IN_CHANNELS,
    TOKEN_FINALS,
    TOKENS,
    EditScheduler,
    EditTimes,
)

CHANNEL = 1


def test_finals_have_their_turn_before_progress_and_progress_only_when_none_is_under_way() -> None:
    queue = EditScheduler()
    for row_id in (1, 2):
        queue.add(row_id, CHANNEL, final=False)
    (first,) = queue.ready(time.monotonic())
    assert (first.row_id, first.final) == (1, False)
    for row_id in range(10, 30):
        queue.add(row_id, CHANNEL, final=True)
    finals = list(queue.ready(time.monotonic()))
    assert [turn.row_id for turn in finals] == list(range(10, 20))
    queue.end(first)
    order = []
    while finals:
        queue.end(finals.pop(0))
        begun = list(queue.ready(time.monotonic() + 60.0))
        assert all(turn.final for turn in begun) or not finals
        order += [turn.row_id for turn in begun]
        finals += [turn for turn in begun if turn.final]
    assert order == [*range(20, 30), 2]


def test_progress_that_waits_becomes_a_final_and_has_one_turn() -> None:
    queue = EditScheduler()
    for row_id in (1, 2, 3):
        queue.add(row_id, CHANNEL, final=False)
    queue.add(3, CHANNEL, final=True)
    (turn,) = queue.ready(time.monotonic())
    assert (turn.row_id, turn.final) == (3, True)
    queue.end(turn)
    (turn,) = queue.ready(time.monotonic())
    assert (turn.row_id, turn.final) == (1, False)


def test_a_channel_rests_after_progress_as_long_as_it_took_and_is_forgotten_then() -> None:
    queue = EditScheduler()
    queue.add(1, CHANNEL, final=False)
    queue.add(2, CHANNEL, final=False)
    (turn,) = queue.ready(time.monotonic() - 5.0)
    queue.end(turn)
    assert list(queue.ready(time.monotonic() + 4.0)) == []
    until = queue.next_at()
    assert until is not None
    (turn,) = queue.ready(until)
    assert turn.row_id == 2
    queue.end(turn)
    assert list(queue.ready(time.monotonic() + 60.0)) == []
    assert not len(queue)


def test_a_row_goes_into_the_queue_of_its_channel_when_its_token_has_ended() -> None:
    queue = EditScheduler()
    queue.add(1, TOKENS, final=True)
    queue.add(1, CHANNEL, final=True)
    (turn,) = queue.ready(time.monotonic())
    assert turn.bucket == CHANNEL


def test_edits_at_once_are_bounded_by_channel_by_token_and_in_all() -> None:
    queue = EditScheduler()
    for channel in range(1, 31):
        for number in range(20):
            queue.add(channel * 100 + number, channel, final=True)
    for number in range(100):
        queue.add(number, TOKENS, final=True)
    turns = list(queue.ready(time.monotonic()))
    in_channels = [turn for turn in turns if turn.bucket is not TOKENS]
    assert len(turns) - len(in_channels) == TOKEN_FINALS
    assert MOST_IN_CHANNELS <= len(in_channels) < MOST_IN_CHANNELS + CHANNEL_FINALS
    seen = 0
    while turns:
        queue.end(turns.pop())
        seen += 1
        turns += queue.ready(time.monotonic())
    assert seen == 30 * 20 + 100
    assert not len(queue)


def test_a_schedule_gives_each_row_once_at_its_newest_time() -> None:
    schedule = EditTimes()
    schedule.set(1, 10.0)
    schedule.set(2, 20.0)
    schedule.set(1, 30.0)
    schedule.set(3, 5.0)
    schedule.remove(3)
    assert schedule.next_at() == 20.0
    assert list(schedule.due(25.0)) == [2]
    assert list(schedule.due(40.0)) == [1]
    assert schedule.next_at() is None
    assert not len(schedule)
