"""Images of results that have no URL: stored with the task, or contained in the image service's answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.engines.models import RemoteTask
from bot.runtime.units import DAY
from storage import Task

# Results that came with the answer are stored whole for so long. By then the message has them.
IMAGE_SECONDS = 3 * DAY

Ask = Callable[[Task], Awaitable[RemoteTask]]
