"""Client of the image API of the midjourney-proxy family: requests, answers and errors."""

from bot.midjourney import custom_id_facts
from bot.midjourney.capabilities import Capabilities, ModeStyle
from bot.midjourney.client import MidjourneyClient
from bot.midjourney.coerce import is_task_id
from bot.midjourney.custom_id_facts import ActionKind
from bot.midjourney.endpoints import SubmitEndpoint
from bot.midjourney.errors import (
    AnswerLost,
    AnswerTooLarge,
    AuthFailed,
    MidjourneyError,
    NotOffered,
    NotSent,
    RateLimited,
    RefusalKind,
    ServiceRefused,
    Unavailable,
    UnknownTask,
    Unreadable,
    Unusable,
)
from bot.midjourney.listing import Listed
from bot.midjourney.models import (
    AlreadyExists,
    BotType,
    ChangeAction,
    Dimensions,
    ModalRequired,
    Mode,
    Motion,
    RemoteButton,
    RemoteStatus,
    RemoteTask,
    RemoteVideo,
    SubmitAccepted,
    SubmitAnswer,
    SubmitTag,
    UploadAccepted,
)
from bot.midjourney.parsing import parse_submit
from bot.midjourney.profiles import PROFILES, Feature, Profile, Quirk
from bot.midjourney.task_parsing import parse_task, parse_tasks
from bot.midjourney.transport import AuthStyle, TimeLimits

__all__ = [
    "PROFILES",
    "ActionKind",
    "AlreadyExists",
    "AnswerLost",
    "AnswerTooLarge",
    "AuthFailed",
    "AuthStyle",
    "BotType",
    "Capabilities",
    "ChangeAction",
    "Dimensions",
    "Feature",
    "Listed",
    "MidjourneyClient",
    "MidjourneyError",
    "ModalRequired",
    "Mode",
    "ModeStyle",
    "Motion",
    "NotOffered",
    "NotSent",
    "Profile",
    "Quirk",
    "RateLimited",
    "RefusalKind",
    "RemoteButton",
    "RemoteStatus",
    "RemoteTask",
    "RemoteVideo",
    "ServiceRefused",
    "SubmitAccepted",
    "SubmitAnswer",
    "SubmitEndpoint",
    "SubmitTag",
    "TimeLimits",
    "Unavailable",
    "UnknownTask",
    "Unreadable",
    "Unusable",
    "UploadAccepted",
    "custom_id_facts",
    "is_task_id",
    "parse_submit",
    "parse_task",
    "parse_tasks",
]
