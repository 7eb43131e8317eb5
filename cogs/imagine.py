"""`/imagine`: generates images from a prompt and optional input images."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.options import COUNT, MAX_COUNT, QUALITY, RATIOS, TRANSPARENT, BotType
from bot.tasks.permutations import prompts_of
from bot.ui.components.catalog_texts import localized
from bot.ui.components.message_components import MAX_CHOICES
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.router import handle_errors
from bot.ui.services import Services
from bot.ui.workflows.autocomplete import autocomplete_engines
from bot.ui.workflows.batches import ask_about
from bot.ui.workflows.drafts import draft_of_command, draft_sender
from bot.ui.workflows.submit_command import NotifyChoice, Prompt, submit_with_files
from storage import Action, Request, chosen_options

# Characters of a model's word for a quality.
MAX_QUALITY = 40
BOTS = {"Midjourney": BotType.MIDJOURNEY, "Niji": BotType.NIJI}


class Imagine(commands.Cog):
    """The `/imagine` command."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="imagine", description=localized("imagine.description"))
    @app_commands.describe(
        prompt=localized("imagine.prompt"),
        image1=localized("imagine.image"),
        image2=localized("imagine.image"),
        image3=localized("imagine.image"),
        image4=localized("imagine.image"),
        mode=localized("imagine.mode"),
        bot=localized("imagine.bot"),
        aspect=localized("imagine.aspect"),
        notify=localized("imagine.notify"),
        engine=localized("imagine.engine"),
        quality=localized("imagine.quality"),
        count=localized("imagine.count"),
        transparent=localized("imagine.transparent"),
    )
    @app_commands.rename(bot="model")
    @app_commands.choices(aspect=[app_commands.Choice(name=ratio, value=ratio) for ratio in RATIOS])
    async def imagine(
        self,
        interaction: Interaction,
        prompt: Prompt,
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        mode: Literal["fast", "relax", "turbo"] | None = None,
        bot: Literal["Midjourney", "Niji"] | None = None,
        aspect: str | None = None,
        notify: NotifyChoice | None = None,
        engine: str | None = None,
        quality: app_commands.Range[str, 1, MAX_QUALITY] | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] | None = None,
        transparent: bool | None = None,
    ) -> None:
        """Starts a task, or asks for confirmation if the prompt expands to several."""
        attachments = [image for image in (image1, image2, image3, image4) if image]
        model = BOTS[bot].value if bot else None
        of_engine = {QUALITY: quality, COUNT: str(count) if count and count > 1 else None, TRANSPARENT: transparent}
        options = chosen_options(mode=mode, bot_type=model, **of_engine)
        # Without a name, the person's own default is read after the acknowledgement.
        asked = Request(Action.IMAGINE, prompt=prompt, engine=engine or "", options=options, notify=notify)
        prompts = prompts_of(prompt)
        if isinstance(prompts, list) and len(prompts) <= 1:
            await submit_with_files(interaction, self._services, asked, attachments, aspect=aspect)
            return
        draft = draft_of_command(interaction, asked, attachments, aspect)
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, draft)):
            await ask_about(interaction, self._services, asked, prompts, attachments, aspect=aspect)

    @imagine.autocomplete("quality")
    async def _qualities(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The qualities of the engine that is chosen so far, or of all engines that have any."""
        engines = self._services.engines
        names = [chosen] if (chosen := interaction.namespace.engine) in engines.names else engines.names
        found = dict.fromkeys(word for name in names for word in engines.named(name).qualities)
        words = [word for word in found if typed.strip().lower() in word.lower()]
        return [app_commands.Choice(name=word, value=word) for word in words[:MAX_CHOICES]]

    @imagine.autocomplete("engine")
    async def _engines(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await autocomplete_engines(self._services, interaction, typed)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Imagine(bot.services))
