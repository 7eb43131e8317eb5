"""Client of the image API of the midjourney-proxy family: requests, answers and errors."""

from bot.engines.midjourney import custom_id_facts
from bot.engines.midjourney.capabilities import Capabilities, ModeStyle
from bot.engines.midjourney.client import MidjourneyClient
from bot.engines.midjourney.coerce import is_task_id
from bot.engines.midjourney.custom_id_facts import ActionKind
from bot.engines.midjourney.endpoints import SubmitEndpoint
from bot.engines.midjourney.errors import (
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
from bot.engines.midjourney.listing import Listed
from bot.engines.midjourney.models import (
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
from bot.engines.midjourney.parsing import parse_submit
from bot.engines.midjourney.profiles import PROFILES, Feature, Profile, Quirk
from bot.engines.midjourney.task_parsing import parse_task, parse_tasks
from bot.engines.midjourney.transport import AuthStyle, TimeLimits

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
