"""Permission bits (Discord's developer documentation, "Permissions") and how they combine for one member."""

from playground.discord.records import PRIVATE_THREAD, Channel, Guild

BITS = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "use_external_apps": 1 << 50,
}
ALL = (1 << 53) - 1


def bits(*names: str) -> int:
    """The bits of the named permissions. KeyError for a name that is not known here."""
    return sum(BITS[name] for name in names)


EVERYONE = bits(
    "add_reactions",
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "use_application_commands",
    "create_public_threads",
    "create_private_threads",
    "send_messages_in_threads",
    "use_external_apps",
)
BOT = bits(
    "view_channel",
    "send_messages",
    "embed_links",
    "attach_files",
    "read_message_history",
    "send_messages_in_threads",
)
MODERATOR = bits("manage_messages", "mention_everyone")
DIRECT = bits(
    "view_channel", "send_messages", "embed_links", "attach_files", "read_message_history", "mention_everyone"
)
OUTSIDE = bits("embed_links", "attach_files", "mention_everyone", "use_external_emojis")


def in_channel(guild: Guild, channel: Channel, user_id: int) -> int:
    """What a member may do in a channel that is no thread, overwrites applied; 0 for who is no member."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if user_id == guild.owner_id:
        return ALL
    held = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        held |= guild.roles[role_id].permissions
    if held & BITS["administrator"]:
        return ALL
    held = _apply(channel, held, [guild.id])
    held = _apply(channel, held, member.role_ids)
    return _apply(channel, held, [user_id])


def in_thread(thread: Channel, held_in_parent: int, user_id: int) -> int:
    """What somebody may do in a thread who may do this in its parent (developer documentation, "Threads",
    "Permissions"); 0 for a private thread of others."""
    if thread.type == PRIVATE_THREAD and not (thread.has(user_id) or held_in_parent & BITS["manage_threads"]):
        return 0
    # "Send Messages" means nothing in a thread; it has a permission of its own there.
    held = held_in_parent & ~BITS["send_messages"]
    return held | BITS["send_messages"] if held & BITS["send_messages_in_threads"] else held


def _apply(channel: Channel, held: int, targets: list[int]) -> int:
    allow = deny = 0
    for target in targets:
        if target in channel.overwrites:
            allow |= channel.overwrites[target].allow
            deny |= channel.overwrites[target].deny
    return held & ~deny | allow
