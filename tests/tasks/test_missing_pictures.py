"""A task that the service calls finished without showing anything is asked about for a while, no longer."""

from __future__ import annotations

import pytest

from bot.engines.models import RemoteStatus, RemoteTask
from bot.tasks.task_updates import MissingPictures, to_update
from storage import StoredVideo, TaskState, TaskUpdate

NOTHING = RemoteTask("17", RemoteStatus.SUCCESS)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_its_end_is_held_back_within_the_limit_only() -> None:
    clock = Clock()
    missing = MissingPictures(seconds=60.0, clock=clock)
    for later in (0.0, 30.0, 59.9):
        clock.now = 100.0 + later
        held = missing.held_back("task", to_update(NOTHING))
        assert (held.state, held.progress) == (TaskState.RUNNING, 100)
    clock.now = 160.0
    assert missing.held_back("task", to_update(NOTHING)).state is TaskState.SUCCESS


def test_each_task_has_its_own_while_which_other_news_end() -> None:
    clock = Clock()
    missing = MissingPictures(seconds=60.0, clock=clock)
    missing.held_back("one", to_update(NOTHING))
    clock.now += 50.0
    assert missing.held_back("two", to_update(NOTHING)).state is TaskState.RUNNING
    missing.held_back("one", TaskUpdate(TaskState.RUNNING, progress=40))
    clock.now += 50.0
    assert missing.held_back("one", to_update(NOTHING)).state is TaskState.RUNNING


@pytest.mark.parametrize(
    "shown",
    [
        RemoteTask("17", RemoteStatus.SUCCESS, image_url="https://h/a.png"),
        RemoteTask("17", RemoteStatus.SUCCESS, image_urls=("https://h/a.png", "https://h/b.png")),
        RemoteTask("17", RemoteStatus.SUCCESS, image_data=("data:image/png;base64,AAAA",)),
        RemoteTask("17", RemoteStatus.SUCCESS, videos=(StoredVideo("https://h/a.mp4"),)),
        RemoteTask("17", RemoteStatus.SUCCESS, text="1️⃣ a fox"),
    ],
)
def test_whatever_is_shown_ends_the_task_at_once(shown: RemoteTask) -> None:
    assert MissingPictures(seconds=60.0).held_back("task", to_update(shown)).state is TaskState.SUCCESS


def test_a_picture_within_its_address_stands_in_no_log() -> None:
    assert "AAAA" not in repr(RemoteTask("17", RemoteStatus.SUCCESS, image_data=("data:image/png;base64,AAAA",)))
