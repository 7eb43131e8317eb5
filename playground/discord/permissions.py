"""Permission bits (Discord's developer documentation, "Permissions") and how they combine for one member."""

from playground.discord.records import Channel, ChannelType, Guild

_POSITIONS = """
administrator:3 manage_channels:4 manage_guild:5 add_reactions:6 view_channel:10 send_messages:11 manage_messages:13
embed_links:14 attach_files:15 read_message_history:16 mention_everyone:17 use_external_emojis:18
use_application_commands:31 manage_threads:34 create_public_threads:35 create_private_threads:36
send_messages_in_threads:38 use_external_apps:50
"""
BITS = {name: 1 << int(position) for name, _, position in (each.partition(":") for each in _POSITIONS.split())}
ALL = (1 << 53) - 1


def bits(*names: str) -> int:
    """The bits of the named permissions. KeyError for a name that is not known here."""
    return sum(BITS[name] for name in names)


_READ_AND_WRITE = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history")
BOT = bits(*_READ_AND_WRITE, "send_messages_in_threads")
MODERATOR = bits("manage_messages", "mention_everyone")
DIRECT = bits(*_READ_AND_WRITE, "mention_everyone")
OUTSIDE = bits("embed_links", "attach_files", "mention_everyone", "use_external_emojis")
EVERYONE = BOT | bits(
    *("add_reactions", "use_application_commands", "use_external_apps"),
    *("create_public_threads", "create_private_threads"),
)


def in_channel(guild: Guild, channel: Channel, user_id: int) -> int:
    """The permissions of a user in a channel that is not a thread, with overwrites; 0 if they are not a member."""
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
    """The permissions in a thread of a user with these permissions in its parent (developer documentation, "Threads",
    "Permissions"); 0 in a private thread without them."""
    if thread.type == ChannelType.PRIVATE_THREAD and not (
        thread.has(user_id) or held_in_parent & BITS["manage_threads"]
    ):
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
