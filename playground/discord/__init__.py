"""A local Discord for tests: REST and gateway v10 for one bot, and people who use that bot. See README.md."""

from playground.discord.client_input import ClientRefused, FieldValue, OptionValue
from playground.discord.components import ComponentType
from playground.discord.events import ServerEvent, Subscription
from playground.discord.faults import Hold
from playground.discord.http_server import RequestRecord
from playground.discord.interactions import (
    CallbackType,
    Interaction,
    InteractionFailed,
    InteractionType,
    RawInteraction,
)
from playground.discord.limits import Limits, RateLimit
from playground.discord.people import Person
from playground.discord.records import (
    Attachment,
    Channel,
    ChannelType,
    Guild,
    Json,
    Message,
    Role,
    Sticker,
    UploadedFile,
    User,
    walk,
)
from playground.discord.server import LocalDiscord

__all__ = [
    "Attachment",
    "CallbackType",
    "Channel",
    "ChannelType",
    "ClientRefused",
    "ComponentType",
    "FieldValue",
    "Guild",
    "Hold",
    "Interaction",
    "InteractionFailed",
    "InteractionType",
    "Json",
    "Limits",
    "LocalDiscord",
    "Message",
    "OptionValue",
    "Person",
    "RateLimit",
    "RawInteraction",
    "RequestRecord",
    "Role",
    "ServerEvent",
    "Sticker",
    "Subscription",
    "UploadedFile",
    "User",
    "walk",
]
