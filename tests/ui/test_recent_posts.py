"""What the bot knows of the newest messages in a channel without asking Discord."""

from __future__ import annotations

from bot.discord_api.message_sender import MAX_CHANNELS, RecentPosts

ADA, BOB, EVE = 1, 2, 3
CHANNEL = 70


def test_a_message_of_somebody_else_is_known_wherever_it_came_in_the_order() -> None:
    posts = RecentPosts()
    posts.add(CHANNEL, 11, BOB)
    posts.add(CHANNEL, 12, ADA)
    assert posts.has_of_others(CHANNEL, ADA, after=10)
    assert posts.has_of_others(CHANNEL, BOB, after=11)
    assert not posts.has_of_others(CHANNEL, ADA, after=11)
    posts.add(CHANNEL, 14, EVE)
    posts.add(CHANNEL, 13, EVE)  # the answers came in another order than the messages
    assert posts.has_of_others(CHANNEL, ADA, after=13)
    assert not posts.has_of_others(CHANNEL, EVE, after=12)


def test_ones_own_messages_and_other_channels_do_not_count() -> None:
    posts = RecentPosts()
    for message_id in (11, 12, 13):
        posts.add(CHANNEL, message_id, ADA)
    posts.add(CHANNEL + 1, 14, BOB)
    assert not posts.has_of_others(CHANNEL, ADA, after=10)
    assert not posts.has_of_others(CHANNEL + 2, ADA, after=0)


def test_a_deleted_message_does_not_count() -> None:
    posts = RecentPosts()
    posts.add(CHANNEL, 11, BOB)
    posts.forget(CHANNEL, 11)
    posts.forget(CHANNEL + 1, 11)
    assert not posts.has_of_others(CHANNEL, ADA, after=10)


def test_only_the_channels_used_last_are_kept() -> None:
    posts = RecentPosts()
    for channel_id in range(MAX_CHANNELS):
        posts.add(channel_id, 11, BOB)
    posts.add(0, 12, BOB)
    posts.add(MAX_CHANNELS, 11, BOB)
    assert posts.has_of_others(0, ADA, after=10)
    assert not posts.has_of_others(1, ADA, after=10)
