"""The image API's border: everything that is said to and heard from a service of the midjourney-proxy family."""

from bot.midjourney import custom_ids
from bot.midjourney.capabilities import Capabilities, ModeStyle
from bot.midjourney.client import MidjourneyClient
from bot.midjourney.custom_ids import ActionKind
from bot.midjourney.errors import (
    AnswerLost,
    AuthFailed,
    MidjourneyError,
    NotOffered,
    NotSent,
    RateLimited,
    RefusalKind,
    Refused,
    TooLarge,
    Unavailable,
    UnknownTask,
    Unreadable,
    Unusable,
)
from bot.midjourney.lenient import is_task_id
from bot.midjourney.listing import Listed
from bot.midjourney.models import (
    Accepted,
    BotType,
    ChangeAction,
    Dimensions,
    Existing,
    Mode,
    Motion,
    RemoteButton,
    RemoteStatus,
    RemoteTask,
    RemoteVideo,
    SubmitTag,
    Submitted,
    TaskPage,
    Uploaded,
    Window,
)
from bot.midjourney.parsing import Endpoint, parse_submit
from bot.midjourney.profiles import PROFILES, Feature, Profile, Style
from bot.midjourney.task_parsing import parse_task, parse_tasks
from bot.midjourney.transport import AuthStyle, Limits

__all__ = [
    "PROFILES",
    "Accepted",
    "ActionKind",
    "AnswerLost",
    "AuthFailed",
    "AuthStyle",
    "BotType",
    "Capabilities",
    "ChangeAction",
    "Dimensions",
    "Endpoint",
    "Existing",
    "Feature",
    "Limits",
    "Listed",
    "MidjourneyClient",
    "MidjourneyError",
    "Mode",
    "ModeStyle",
    "Motion",
    "NotOffered",
    "NotSent",
    "Profile",
    "RateLimited",
    "RefusalKind",
    "Refused",
    "RemoteButton",
    "RemoteStatus",
    "RemoteTask",
    "RemoteVideo",
    "Style",
    "SubmitTag",
    "Submitted",
    "TaskPage",
    "TooLarge",
    "Unavailable",
    "UnknownTask",
    "Unreadable",
    "Unusable",
    "Uploaded",
    "Window",
    "custom_ids",
    "is_task_id",
    "parse_submit",
    "parse_task",
    "parse_tasks",
]
