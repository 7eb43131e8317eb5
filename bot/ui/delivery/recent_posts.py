"""The newest messages that the bot itself created in each channel, and the users that they belong to."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MAX_CHANNELS = 1_000


@dataclass(frozen=True, slots=True)
class _Post:
    message_id: int
    user_id: int


class RecentPosts:
    """Keeps two messages a channel: the newest one, and the newest one that belongs to another user than that."""

    def __init__(self) -> None:
        self._newest: OrderedDict[int, tuple[_Post, ...]] = OrderedDict()

    def add(self, channel_id: int, message_id: int, user_id: int) -> None:
        """Records a new message in a channel, which Discord shows with this user's name."""
        kept = [post for post in self._newest.get(channel_id, ()) if post.user_id != user_id]
        newest = sorted((_Post(message_id, user_id), *kept), key=lambda post: post.message_id, reverse=True)
        self._newest[channel_id] = tuple(newest[:2])
        self._newest.move_to_end(channel_id)
        if len(self._newest) > MAX_CHANNELS:
            self._newest.popitem(last=False)

    def has_of_others(self, channel_id: int, user_id: int, *, after: int) -> bool:
        """Whether a message of another user than this one is known to be below the message with the id `after`."""
        return any(post.user_id != user_id and post.message_id > after for post in self._newest.get(channel_id, ()))
