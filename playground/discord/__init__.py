"""A local Discord: REST v10 and gateway v10 for one bot, and people who use that bot.

async with LocalDiscord() as discord:
    ...start a bot with discord.api_url and discord.bot_token...
    await discord.bot_ready()
    ada, studio = discord.person("ada"), discord.channel("studio")
    interaction = await ada.slash(studio, "imagine", {"prompt": "a fox"})
    await interaction.answered()
"""

from playground.discord.interactions import Event, Interaction, InteractionFailed
from playground.discord.limits import Limits, Window
from playground.discord.local import LocalDiscord
from playground.discord.options import ClientRefused
from playground.discord.people import Person
from playground.discord.records import Attachment, Channel, Guild, Message, UploadedFile, User

__all__ = [
    "Attachment",
    "Channel",
    "ClientRefused",
    "Event",
    "Guild",
    "Interaction",
    "InteractionFailed",
    "Limits",
    "LocalDiscord",
    "Message",
    "Person",
    "UploadedFile",
    "User",
    "Window",
]
