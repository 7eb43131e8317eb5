"""Records as JSON (response schemas of Discord's OpenAPI description, v10). Constant fields are in `_…` templates."""

from typing import Any

from playground.discord import records
from playground.discord.attachments import FileStore
from playground.discord.gateway_sessions import Session
from playground.discord.records import ChannelType, Json, created_at
from playground.discord.state import ServerState
from playground.discord.stored_components import refresh_media, shown_ids


def _all(value: Any, names: str) -> Json:
    """Fields that have the same constant value."""
    return dict.fromkeys(names.split(), value)


def _present(fields: Json) -> Json:
    return {key: value for key, value in fields.items() if value is not None}


_USER = _all(0, "public_flags flags") | _all(
    None, "avatar avatar_decoration_data banner accent_color collectibles primary_guild"
)
_OWN_USER = {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}
_MEMBER = {"flags": 0} | _all(False, "deaf mute pending")
_MEMBER |= _all(None, "nick avatar banner premium_since communication_disabled_until")
_ROLE = _all(0, "color flags") | _all(False, "hoist mentionable") | _all(None, "description icon unicode_emoji")
_ROLE |= {"colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}}
_CHANNEL = {"parent_id": None, "topic": None, "nsfw": False, "rate_limit_per_user": 0}
_THREAD = _all(0, "message_count total_message_sent rate_limit_per_user")
_GUILD = {
    **_all(0, "premium_tier premium_subscription_count explicit_content_filter mfa_level nsfw_level"),
    **_all(False, "premium_progress_bar_enabled nsfw widget_enabled"),
    **_all([], "emojis stickers features"),
    **_all(1, "verification_level default_message_notifications"),
    **_all(None, "icon description splash discovery_splash home_header banner application_id afk_channel_id"),
    **_all(None, "system_channel_id rules_channel_id public_updates_channel_id safety_alerts_channel_id"),
    **_all(None, "vanity_url_code widget_channel_id latest_onboarding_question_id incidents_data max_presences"),
    "region": "deprecated",
    "afk_timeout": 300,
    "system_channel_flags": 0,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}
_GUILD_CREATE = _all(False, "large unavailable")
_GUILD_CREATE |= _all([], "voice_states presences stage_instances guild_scheduled_events soundboard_sounds")
_APPLICATION = {
    **_all("", "description summary"),
    **_all([], "tags redirect_uris"),
    **_all(0, "flags explicit_content_filter approximate_user_authorization_count"),
    **_all(None, "icon type team interactions_endpoint_url role_connections_verification_url max_participants"),
    **_all(True, "bot_public hook"),
    "bot_require_code_grant": False,
    "flags_new": "0",
    "eligible_oauth2_scopes": ["bot", "applications.commands"],
    "integration_types_config": {"0": {}, "1": {}},
}


def user(record: records.User) -> Json:
    return _USER | {
        "id": str(record.id),
        "username": record.name,
        "global_name": record.display_name,
        "discriminator": "0001" if record.bot else "0",
        "bot": record.bot,
    }


def own_user(record: records.User) -> Json:
    return user(record) | _OWN_USER


def member(record: records.Member, *, permissions: int | None = None) -> Json:
    return {
        "user": user(record.user),
        **_MEMBER,
        "roles": [str(role_id) for role_id in record.role_ids],
        "joined_at": record.joined_at.isoformat(),
        **({} if permissions is None else {"permissions": str(permissions)}),
    }


def role(record: records.Role) -> Json:
    return _ROLE | {
        "id": str(record.id),
        "name": record.name,
        "position": record.position,
        "permissions": str(record.permissions),
        "managed": record.of_bot is not None,
        **({} if record.of_bot is None else {"tags": {"bot_id": str(record.of_bot)}}),
    }


def channel(record: records.Channel) -> Json:
    last = None if record.last_message_id is None else str(record.last_message_id)
    payload: Json = {"id": str(record.id), "type": record.type, "flags": 0, "last_message_id": last}
    if record.type == ChannelType.DM:
        return payload | {"recipients": [user(record.recipient)] if record.recipient else []}
    payload["name"] = record.name
    if record.type == ChannelType.GROUP_DM:
        people = [user(each) for each in record.people]
        return payload | {"recipients": people, "icon": None, "owner_id": str(record.owner_id)}
    payload["guild_id"] = str(record.guild_id)
    if record.parent_id is not None:
        return payload | _thread(record)
    overwrites = [
        {"id": str(target), "type": int(not each.of_role), "allow": str(each.allow), "deny": str(each.deny)}
        for target, each in record.overwrites.items()
    ]
    return payload | _CHANNEL | {"position": record.position, "permission_overwrites": overwrites}


def _thread(record: records.Channel) -> Json:
    created = created_at(record.id).isoformat()
    metadata: Json = {"archived": record.archived, "locked": record.locked, "auto_archive_duration": 4320}
    metadata |= {"archive_timestamp": created, "create_timestamp": created}
    if record.type == ChannelType.PRIVATE_THREAD:
        metadata["invitable"] = True
    return _THREAD | {
        "parent_id": str(record.parent_id),
        "owner_id": str(record.owner_id),
        "member_count": len(record.people),
        "thread_metadata": metadata,
    }


def guild(record: records.Guild) -> Json:
    """A guild as REST sends it; the gateway adds channels and members."""
    return _GUILD | {
        "id": str(record.id),
        "name": record.name,
        "owner_id": str(record.owner_id),
        "roles": [role(each) for each in record.roles.values()],
        "preferred_locale": record.locale,
    }


def guild_create(record: records.Guild, state: ServerState) -> Json:
    """A guild as the gateway sends it: its `members` are the bot and the owner alone, as in a large guild."""
    named = [each for key, each in record.members.items() if key in (state.bot.id, record.owner_id)]
    channels = state.channels_of(record)
    threads = [each for each in channels if each.parent_id is not None and state.bot_may(each, "view_channel")]
    return {
        **guild(record),
        **_GUILD_CREATE,
        "joined_at": record.members[state.bot.id].joined_at.isoformat(),
        "member_count": len(record.members),
        "channels": [channel(each) for each in channels if each.parent_id is None],
        "members": [member(each) for each in named],
        "threads": [channel(each) for each in threads],
    }


def attachment(record: records.Attachment, files: FileStore) -> Json:
    url = files.url(record)
    payload: Json = {"id": str(record.id), "filename": record.filename, "size": len(record.data)}
    names = ("content_type", "width", "height", "description", "title")
    optional = {name: getattr(record, name) for name in names} | {"ephemeral": record.ephemeral or None}
    if record.seconds is not None:
        # Of voice messages only (message resource, "Attachment Object").
        optional |= {"duration_secs": record.seconds, "waveform": "AAAAAAAA"}
    return payload | {"url": url, "proxy_url": url} | _present(optional)


def message(record: records.Message, state: ServerState) -> Json:
    """A message as REST sends it to its author."""
    payload = _content(record, state.files)
    # Attachments that components show are left out (message resource, "Message Object", `attachments`).
    shown = {str(each) for each in shown_ids(payload["components"])}
    payload |= {
        "id": str(record.id),
        "channel_id": str(record.channel_id),
        "author": user(record.author),
        "attachments": [each for each in payload["attachments"] if each["id"] not in shown],
        "mention_everyone": record.mention_everyone,
        "pinned": False,
        "tts": False,
    }
    optional = {
        "application_id": str(state.application_id) if record.author is state.bot else None,
        "webhook_id": str(record.webhook_id) if record.webhook_id else None,
        "nonce": record.nonce,
        "interaction_metadata": record.interaction_metadata,
        "message_reference": _reference(record, state) if record.reference_id else None,
        "message_snapshots": [{"message": _content(record.forwarded, state.files)}] if record.forwarded else None,
    }
    return payload | _present(optional)


def _content(record: records.Message, files: FileStore) -> Json:
    """What a message and a forward of it have in common (message resource, "Message Snapshot")."""
    by_id = {each.id: each for each in record.attachments}
    return {
        "type": record.type,
        "content": record.content,
        "embeds": record.embeds,
        "components": refresh_media(record.components, by_id, files),
        "attachments": [attachment(each, files) for each in record.attachments],
        "mentions": [user(each) for each in record.mentions],
        "mention_roles": [str(role_id) for role_id in record.mention_roles],
        "timestamp": record.created_at.isoformat(),
        "edited_timestamp": record.edited_at.isoformat() if record.edited_at else None,
        "flags": record.flags,
        "sticker_items": [
            {"id": str(each.id), "name": each.name, "format_type": each.format_type} for each in record.stickers
        ],
    }


def _reference(record: records.Message, state: ServerState) -> Json:
    # A forward may come from another channel.
    channel_id = record.forwarded.channel_id if record.forwarded else record.channel_id
    kind = 0 if record.forwarded is None else 1
    reference: Json = {"type": kind, "channel_id": str(channel_id), "message_id": str(record.reference_id)}
    guild_id = state.channels[channel_id].guild_id
    return reference if guild_id is None else reference | {"guild_id": str(guild_id)}


def application(state: ServerState) -> Json:
    return _APPLICATION | {
        "id": str(state.application_id),
        "name": state.bot.display_name,
        "bot": user(state.bot),
        "verify_key": f"{state.application_id:064x}",
        "owner": user(next(each for each in state.users.values() if not each.bot)),
        "approximate_guild_count": len(state.bot_guilds()),
        "approximate_user_install_count": len(state.installed_for),
    }


def ready(session: Session, guilds: list[records.Guild], state: ServerState) -> Json:
    """READY without the address to resume at."""
    return {
        "v": 10,
        "user": own_user(state.bot),
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
        "session_id": session.id,
        "session_type": "normal",
        "shard": list(session.shard),
        "application": {"id": str(state.application_id), "flags": 0},
        "user_settings": {},
        **_all([], "private_channels presences relationships"),
    }
