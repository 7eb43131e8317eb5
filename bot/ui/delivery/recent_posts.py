"""The newest messages that the bot itself created in each channel, and the users that they belong to."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

MAX_CHANNELS = 1_000


class _Post(NamedTuple):
    message_id: int
    user_id: int


class RecentPosts:
    """Keeps two messages a channel: the newest one, and the newest one that belongs to another user than that."""

    def __init__(self) -> None:
        self._newest: OrderedDict[int, tuple[_Post, ...]] = OrderedDict()

    def add(self, channel_id: int, message_id: int, user_id: int) -> None:
        """Records a message in a channel, new or known, which Discord shows with this user's name."""
        known = self._newest.get(channel_id, ())
        if (message_id, user_id) in known:
            self._newest.move_to_end(channel_id)
            return
        of_user = {post.user_id: post for post in known}
        if user_id not in of_user or of_user[user_id].message_id < message_id:
            of_user[user_id] = _Post(message_id, user_id)
        newest = sorted(of_user.values(), key=lambda post: post.message_id, reverse=True)
        self._newest[channel_id] = tuple(newest[:2])
        self._newest.move_to_end(channel_id)
        if len(self._newest) > MAX_CHANNELS:
            self._newest.popitem(last=False)

    def forget(self, channel_id: int, message_id: int) -> None:
        """Forgets a message that was deleted."""
        kept = tuple(post for post in self._newest.get(channel_id, ()) if post.message_id != message_id)
        if channel_id in self._newest:
            self._newest[channel_id] = kept

    def has_of_others(self, channel_id: int, user_id: int, *, after: int) -> bool:
        """Whether a message of another user than this one is known to be below the message with the id `after`."""
        return any(post.user_id != user_id and post.message_id > after for post in self._newest.get(channel_id, ()))
