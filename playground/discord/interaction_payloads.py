"""INTERACTION_CREATE as the gateway sends it, and what a message remembers of the interaction behind it."""

from playground.discord import payloads, permissions
from playground.discord.attachments import Files
from playground.discord.interactions import COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from playground.discord.records import GROUP_DM, Channel, Guild, Json
from playground.discord.world import World


def interaction_create(interaction: Interaction, world: World, files: Files) -> Json:
    """The whole event (interaction resource, "Interaction Object")."""
    channel = interaction.channel
    guild = world.guild_of(channel)
    held = world.permissions_of(interaction.user.id, channel)
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application_id),
        "type": interaction.type,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_for(channel, held),
        "app_permissions": str(app_permissions(channel, guild, world)),
        "locale": interaction.user.locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners(interaction, world),
        "context": channel.context,
        "attachment_size_limit": size_limit(guild),
    }
    if guild is None:
        payload["user"] = payloads.user(interaction.user)
    else:
        payload["member"] = payloads.member(guild.members[interaction.user.id], permissions=held)
        payload["guild_id"] = str(guild.id)
        payload["guild_locale"] = guild.locale
        payload["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
    if interaction.message is not None:
        payload["message"] = payloads.message(interaction.message, world, files)
    return payload


def channel_for(channel: Channel, held: int) -> Json:
    """A channel as interactions carry it, with the permissions of the person."""
    payload = payloads.channel(channel)
    if not channel.direct:
        payload.pop("permission_overwrites", None)
        payload["permissions"] = str(held)
    return payload


def size_limit(guild: Guild | None) -> int:
    """Bytes a file may have here; 10 MiB where no server raises it."""
    return guild.attachment_size_limit if guild else 10 * 1024 * 1024


def app_permissions(channel: Channel, guild: Guild | None, world: World) -> int:
    """What the application may do there, a member or not."""
    if channel.type == GROUP_DM or (guild is not None and not world.bot_is_in(guild)):
        return permissions.OUTSIDE
    return world.permissions_of(world.bot.id, channel)


def owners(interaction: Interaction, world: World) -> Json:
    """`authorizing_integration_owners`: by whose installation ("0" a guild's, "1" a user's) this could be done."""
    message = interaction.message
    if message is not None and message.interaction_metadata is not None:
        inherited: Json = message.interaction_metadata["authorizing_integration_owners"]
        return inherited
    guild = world.guild_of(interaction.channel)
    found: Json = {}
    if interaction.channel.type == GROUP_DM:
        pass  # nobody has installed it for a group
    elif guild is None:
        found["0"] = "0"
    elif world.bot_is_in(guild):
        found["0"] = str(guild.id)
    if interaction.user.id in world.installed_for:
        found["1"] = str(interaction.user.id)
    return found


def metadata(interaction: Interaction, world: World, *, followup: bool = False) -> Json:
    """`interaction_metadata` of the messages that an interaction brings about."""
    found: Json = {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": owners(interaction, world),
    }
    if interaction.type == COMMAND:
        found |= {"name": str(interaction.data.get("name", "")), "command_type": interaction.data.get("type", 1)}
        found |= _target(interaction)
    if interaction.type == COMPONENT and interaction.message is not None:
        found["interacted_message_id"] = str(interaction.message.id)
    if interaction.type == MODAL_SUBMIT and interaction.opened_by is not None:
        found["triggering_interaction_metadata"] = metadata(interaction.opened_by, world)
    if followup and interaction.original is not None:
        found["original_response_message_id"] = str(interaction.original.id)
    return found


def _target(interaction: Interaction) -> Json:
    target = interaction.data.get("target_id")
    if not isinstance(target, str):
        return {}
    if interaction.data.get("type") == 3:
        return {"target_message_id": target}
    resolved = interaction.data.get("resolved")
    users = resolved.get("users") if isinstance(resolved, dict) else None
    return {"target_user": users[target]} if isinstance(users, dict) and target in users else {}
