"""Records in the shapes in which they go over the wire (response schemas of Discord's OpenAPI description, v10)."""

from playground.discord.attachments import Files
from playground.discord.layouts import refresh, shown_ids
from playground.discord.records import (
    DM,
    GROUP_DM,
    PRIVATE_THREAD,
    Attachment,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Role,
    Sticker,
    User,
)
from playground.discord.snowflakes import created_at
from playground.discord.world import World


def user(record: User) -> Json:
    return {
        "id": str(record.id),
        "username": record.name,
        "global_name": record.shown_as,
        "discriminator": "0" if not record.bot else "0001",
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "collectibles": None,
        "primary_guild": None,
        "bot": record.bot,
        "public_flags": 0,
        "flags": 0,
    }


def own_user(record: User) -> Json:
    return user(record) | {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}


def member(record: Member, *, permissions: int | None = None) -> Json:
    payload: Json = {
        "user": user(record.user),
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role_id) for role_id in record.role_ids],
        "joined_at": record.joined_at.isoformat(),
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
    }
    if permissions is not None:
        payload["permissions"] = str(permissions)
    return payload


def role(record: Role) -> Json:
    payload: Json = {
        "id": str(record.id),
        "name": record.name,
        "description": None,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": record.position,
        "permissions": str(record.permissions),
        "managed": record.of_bot is not None,
        "mentionable": False,
        "flags": 0,
    }
    if record.of_bot is not None:
        payload["tags"] = {"bot_id": str(record.of_bot)}
    return payload


def channel(record: Channel) -> Json:
    payload: Json = {"id": str(record.id), "type": record.type, "flags": 0, "last_message_id": None}
    if record.last_message_id is not None:
        payload["last_message_id"] = str(record.last_message_id)
    if record.type == DM:
        return payload | {"recipients": [user(record.recipient)] if record.recipient else []}
    if record.type == GROUP_DM:
        people = [user(each) for each in record.people]
        return payload | {"recipients": people, "name": record.name, "icon": None, "owner_id": str(record.owner_id)}
    if record.thread:
        return payload | _thread(record)
    return payload | {
        "guild_id": str(record.guild_id),
        "name": record.name,
        "position": record.position,
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {"id": str(target), "type": int(not each.of_role), "allow": str(each.allow), "deny": str(each.deny)}
            for target, each in record.overwrites.items()
        ],
    }


def _thread(record: Channel) -> Json:
    return {
        "guild_id": str(record.guild_id),
        "parent_id": str(record.parent_id),
        "owner_id": str(record.owner_id),
        "name": record.name,
        "message_count": 0,
        "member_count": len(record.people),
        "total_message_sent": 0,
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": record.archived,
            "auto_archive_duration": 4320,
            "archive_timestamp": created_at(record.id).isoformat(),
            "create_timestamp": created_at(record.id).isoformat(),
            "locked": record.locked,
        }
        | ({"invitable": True} if record.type == PRIVATE_THREAD else {}),
    }


def guild(record: Guild) -> Json:
    """A guild as REST gives it; the gateway adds channels and members."""
    premium = {"premium_tier": 0, "premium_subscription_count": 0, "premium_progress_bar_enabled": False}
    nothing = dict.fromkeys(
        (
            "icon",
            "description",
            "splash",
            "discovery_splash",
            "home_header",
            "banner",
            "application_id",
            "afk_channel_id",
            "system_channel_id",
            "rules_channel_id",
            "public_updates_channel_id",
            "safety_alerts_channel_id",
            "vanity_url_code",
            "widget_channel_id",
            "latest_onboarding_question_id",
            "incidents_data",
        )
    )
    return {
        "id": str(record.id),
        "name": record.name,
        "owner_id": str(record.owner_id),
        "region": "deprecated",
        "roles": [role(each) for each in record.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "preferred_locale": record.locale,
        "afk_timeout": 300,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "max_members": 500_000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        **premium,
        **nothing,
    }


def guild_create(record: Guild, world: World) -> Json:
    """What the gateway tells of a guild: the bot and the owner are the members named, as in a large guild."""
    named = [each for key, each in record.members.items() if key in (world.bot.id, record.owner_id)]
    return guild(record) | {
        "joined_at": record.members[world.bot.id].joined_at.isoformat(),
        "large": False,
        "unavailable": False,
        "member_count": len(record.members),
        "channels": [channel(each) for each in world.channels_of(record)],
        "members": [member(each) for each in named],
        "threads": [channel(each) for each in world.threads_of(record)],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def attachment(record: Attachment, files: Files) -> Json:
    url = files.url(record)
    payload: Json = {
        "id": str(record.id),
        "filename": record.filename,
        "size": record.size,
        "url": url,
        "proxy_url": url,
    }
    optional = {
        "content_type": record.content_type,
        "width": record.width,
        "height": record.height,
        "description": record.description,
        "title": record.title,
        "ephemeral": record.ephemeral or None,
    }
    return payload | {key: value for key, value in optional.items() if value is not None}


def message(record: Message, world: World, files: Files) -> Json:
    """A message as REST gives it to its author."""
    by_id = {each.id: each for each in record.attachments}
    components = refresh(record.components, by_id, files)
    # What components show is left out (message resource, "Message Object", `attachments`).
    beside = [each for key, each in by_id.items() if key not in shown_ids(components)]
    payload: Json = {
        "id": str(record.id),
        "channel_id": str(record.channel_id),
        "type": record.type,
        "author": user(record.author),
        "content": record.content,
        "embeds": record.embeds,
        "components": components,
        "attachments": [attachment(each, files) for each in beside],
        "mentions": [user(each) for each in record.mentions],
        "mention_roles": [str(role_id) for role_id in record.mention_roles],
        "mention_everyone": record.mention_everyone,
        "timestamp": record.created_at.isoformat(),
        "edited_timestamp": record.edited_at.isoformat() if record.edited_at else None,
        "flags": record.flags,
        "pinned": False,
        "tts": False,
    }
    if record.author is world.bot:
        payload["application_id"] = str(world.application_id)
    if record.webhook_id is not None:
        payload["webhook_id"] = str(record.webhook_id)
    if record.nonce is not None:
        payload["nonce"] = record.nonce
    if record.interaction_metadata is not None:
        payload["interaction_metadata"] = record.interaction_metadata
    if record.reference_id is not None:
        payload["message_reference"] = _reference(record, world)
    if record.stickers:
        payload["sticker_items"] = [_sticker_item(each) for each in record.stickers]
    if record.forwarded is not None:
        payload["message_snapshots"] = [{"message": _snapshot(record.forwarded, files)}]
    return payload


def _sticker_item(record: Sticker) -> Json:
    return {"id": str(record.id), "name": record.name, "format_type": record.format_type}


def _snapshot(record: Message, files: Files) -> Json:
    """A message as a forward carries it: without its author and its place (message resource, "Message Snapshot")."""
    by_id = {each.id: each for each in record.attachments}
    return {
        "type": record.type,
        "content": record.content,
        "mentions": [user(each) for each in record.mentions],
        "mention_roles": [str(role_id) for role_id in record.mention_roles],
        "attachments": [attachment(each, files) for each in record.attachments],
        "embeds": record.embeds,
        "timestamp": record.created_at.isoformat(),
        "edited_timestamp": record.edited_at.isoformat() if record.edited_at else None,
        "flags": record.flags,
        "components": refresh(record.components, by_id, files),
        "sticker_items": [_sticker_item(each) for each in record.stickers],
    }


def _reference(record: Message, world: World) -> Json:
    # A forward may come from another channel.
    channel_id = record.forwarded.channel_id if record.forwarded else record.channel_id
    kind = 0 if record.forwarded is None else 1
    reference: Json = {"type": kind, "channel_id": str(channel_id), "message_id": str(record.reference_id)}
    guild_id = world.channels[channel_id].guild_id
    return reference if guild_id is None else reference | {"guild_id": str(guild_id)}


def application(world: World) -> Json:
    owner = user(world.application_owner)
    return {
        "id": str(world.application_id),
        "name": world.bot.shown_as,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": f"{world.application_id:064x}",
        "flags": 0,
        "flags_new": "0",
        "hook": True,
        "owner": owner,
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "explicit_content_filter": 0,
        "max_participants": None,
        "approximate_guild_count": len(world.bot_guilds()),
        "approximate_user_install_count": len(world.installed_for),
        "approximate_user_authorization_count": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
        "integration_types_config": {"0": {}, "1": {}},
        "tags": [],
    }
