"""The Discord client: no privileged intents, a fixed list of cogs, commands registered only when they have changed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any, cast

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

from bot.discord_api.failures import NoSessionStarts
from bot.discord_api.message_sender import DiscordClock, TokenSession
from bot.discord_api.outages import Outages
from bot.i18n import DEFAULT, languages
from bot.platform.roles import Role
from bot.runtime.supervisor import TaskSupervisor
from bot.ui.components.catalog_texts import CommandTranslator, localized
from bot.ui.interactions.context import InteractionClient
from bot.ui.interactions.router import InteractionRouter, Routes
from bot.ui.modals.remix_cache import RemixUsers
from bot.ui.services import Services
from storage import DEFAULT_ENGINE, Store

log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.actions",
    "cogs.continuing",
    "cogs.controls",
    "cogs.deletion",
    "cogs.find",
    "cogs.imagine",
    "cogs.menus",
    "cogs.models",
    "cogs.picture_uses",
    "cogs.drafts",
    "cogs.offered_prompts",
    "cogs.pictures",
    "cogs.reworking",
    "cogs.settings",
    "cogs.show",
    "cogs.tasks",
)
# What only models of a platform can do, and what answers its buttons if there is none.
PLATFORM_EXTENSIONS = ("cogs.chat", "cogs.speech", "cogs.writing")
NO_PLATFORM_EXTENSIONS = ("cogs.without_platform",)
# What only a service of the midjourney-proxy family can do: commands, and the texts that name menus.
MIDJOURNEY_COMMANDS = ("blend", "shorten", "swap", "edit", "retexture", "video", "upload", "seed")
MIDJOURNEY_MENUS = ("menu.describe", "menu.use", "menu.seed")


_MESSAGE_EVENTS = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK")


class BotCommandTree(app_commands.CommandTree[Any]):
    """The command tree. `bot.ui.interactions.router` decides whether a command may run, and answers errors."""

    def add_menu(self, menu: app_commands.ContextMenu) -> None:
        """Adds a context menu.

        Discord allows 15 menus of a kind since March 2026 ("Change Log", "Context Menu Command Limit"); `add_command`
        of discord.py 2.7.1 still refuses the sixth (tree.py).
        """
        self._context_menus[menu.name, None, menu.type.value] = menu

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Raises the error again: commands report their own errors (`handle_errors`), and the router answers the
        others."""
        raise error


class AtelierBot(commands.AutoShardedBot, InteractionClient):
    """The bot. A cog that fails to load makes the start fail, so that the bot never runs with commands missing."""

    def __init__(
        self,
        make_services: Callable[[AtelierBot], Services],
        clock: DiscordClock,
        *,
        proxy: str | None,
        receives_messages: bool = False,
    ) -> None:
        """`proxy`: the URL of the proxy for REST, gateway and attachments. `receives_messages`: Discord sends messages,
        most of them without their content (`bot.ui.chat.mentions`)."""
        super().__init__(
            http_trace=clock.trace(),
            proxy=proxy,
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=BotCommandTree,
            intents=discord.Intents(guilds=True, guild_messages=receives_messages, dm_messages=receives_messages),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=0,  # a channel that is not cached yet counts as unreadable
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )
        self.routes = Routes()
        self.token_session = TokenSession(self, clock.dated)
        self.answers = TaskSupervisor("answers")
        self.services = make_services(self)
        self.remix_users = RemixUsers(self.services.store)
        self.on_logged_in: Callable[[], Awaitable[None]] | None = None
        # discord.py has no public hook that replaces its own interaction handling (2.7.1, state.py,
        # `parse_interaction_create`).
        receive = InteractionRouter(self, self.tree, self.routes, self._connection, clock).receive
        self._connection.parsers["INTERACTION_CREATE"] = receive
        # Objects of messages would be made for every message in every server.
        self._connection.parsers.update(dict.fromkeys(_MESSAGE_EVENTS, _ignore))
        self.outages = Outages()
        self.connecting: asyncio.Task[None] | None = None

    def receive_messages(self, receive: Callable[[Any], None]) -> None:
        """Passes the payload of every new message to `receive`."""
        self._connection.parsers["MESSAGE_CREATE"] = receive

    async def load_extensions(self) -> None:
        """Loads the cogs. Raises commands.ExtensionError."""
        for extension in (*EXTENSIONS, *(PLATFORM_EXTENSIONS if self.services.platform else NO_PLATFORM_EXTENSIONS)):
            await self.load_extension(extension)
        if DEFAULT_ENGINE not in [engine.name for engine in self.services.engines]:
            # What only Midjourney can do is not offered then.
            for name in MIDJOURNEY_COMMANDS:
                self.tree.remove_command(name)
            for name in MIDJOURNEY_MENUS:
                self.tree.remove_command(localized(name).message, type=discord.AppCommandType.message)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connects a shard, with retries during an outage. Raises DiscordRefusal."""
        # After any failure, discord.py calls this method again from its `except` block, without limit and with nested
        # calls. Raising the failure again passes it to the place that counts the attempts.
        if failed := sys.exception():
            raise failed
        connect = super().launch_shard
        await self.outages.persist(lambda: connect(gateway, shard_id, initial=initial))

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits as Discord requires between two sessions. Raises NoSessionStarts, after which discord.py retries later:
        with one session too many, Discord resets the token."""
        await super().before_identify_hook(shard_id, initial=initial)
        if not initial and not (await self.fetch_session_start_limits()).remaining:
            raise NoSessionStarts

    async def close(self) -> None:
        """Disconnects.

        If the gateway closes permanently, discord.py calls this before it raises the reason. The call is ignored then,
        because responses in flight use the same session; the session is closed at the end of the program.
        """
        if self.connecting is None or asyncio.current_task() is not self.connecting:
            await super().close()

    async def find_gateway(self) -> discord.SessionStartLimits:
        """Requests the gateway's URL and the session start limits. discord.py requests them as well, but does not keep
        the URL: when a session ends, it connects to Discord's own gateway even if DISCORD_API_URL names another host
        (2.7.1, gateway.py)."""
        self.shard_count, address, limits = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        return discord.SessionStartLimits(**limits)

    @property
    def menu_tree(self) -> BotCommandTree:
        """The command tree, which takes as many context menus as Discord does."""
        return cast("BotCommandTree", self.tree)

    def serves(self, role: Role) -> bool:
        """Whether a platform has a model for this use now."""
        return self.services.serves(role)

    def begin_shutdown(self) -> None:
        """From now on every interaction is answered with the restart notice."""
        self.shutting_down = True

    async def on_shard_connect(self, _: int) -> None:
        """Handles the start of a session."""
        self.outages.over()

    async def on_shard_resumed(self, _: int) -> None:
        """Handles a session that resumed after a lost connection."""
        self.outages.over()

    async def on_ready(self) -> None:
        """Logs that the bot is ready."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))


def _ignore(_: Any) -> None:
    """The parser of events that the bot does not use."""


async def sync_if_changed(tree: app_commands.CommandTree[AtelierBot], store: Store) -> bool:
    """Registers the commands with Discord if they or their translations differ from the registered ones. Returns
    whether it did."""
    # Each text in each of Discord's languages: thousands of look-ups, which find nothing if there is only English.
    translator = CommandTranslator() if languages() > {DEFAULT} else None
    await tree.set_translator(translator)
    payload = [
        await command.get_translated_payload(tree, translator) if translator else command.to_dict(tree)
        for command in tree.get_commands()
    ]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()
    note = f"commands of {tree.client.application_id}"
    if await store.key_values.get(note) == digest:
        log.info("commands are already registered")
        return False
    await tree.sync()
    await store.key_values.put(note, digest)
    log.info("registered %d commands", len(payload))
    return True
