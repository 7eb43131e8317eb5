"""Client of the image API of the midjourney-proxy family: requests, answers and errors."""

from bot.engines.midjourney.button_kinds import ActionKind, ChangeAction
from bot.engines.midjourney.capabilities import Capabilities, ModeStyle
from bot.engines.midjourney.engine import MidjourneyClient, MidjourneyEngine
from bot.engines.midjourney.profiles import PROFILES, Profile, Quirk
from bot.engines.midjourney.requests import SubmitEndpoint
from bot.engines.midjourney.submitter import parse_submit
from bot.engines.midjourney.task_answers import parse_task, parse_tasks
from bot.engines.midjourney.transport import AuthStyle, TimeLimits
from bot.engines.options import Dimensions, Motion

__all__ = [
    "PROFILES",
    "ActionKind",
    "AuthStyle",
    "Capabilities",
    "ChangeAction",
    "Dimensions",
    "MidjourneyClient",
    "MidjourneyEngine",
    "ModeStyle",
    "Motion",
    "Profile",
    "Quirk",
    "SubmitEndpoint",
    "TimeLimits",
    "parse_submit",
    "parse_task",
    "parse_tasks",
]
