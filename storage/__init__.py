"""Persistent storage of the bot in SQLite. Imports only the standard library and aiosqlite."""

from storage.backup import back_up
from storage.batches import Batch
from storage.chosen_pictures import ChosenPicture
from storage.drafts import Draft, DraftFile
from storage.errors import DatabaseBroken, DatabaseBusy, DatabaseFull, DatabaseInUse, NewerDatabase, StorageError
from storage.mask_links import MaskEditorLink
from storage.messages import NewMessage
from storage.notifications import Notification
from storage.records import (
    DEFAULT_ENGINE,
    Action,
    Message,
    Request,
    Route,
    StoredButton,
    StoredVideo,
    Submission,
    Task,
    TaskId,
    TaskResult,
    TaskUpdate,
    UserDefaults,
    chosen_options,
)
from storage.states import POLLED_STATES, SUBMISSION_TRANSITIONS, TASK_STATES, SubmissionOutcome, TaskState
from storage.store import Store, open_store
from storage.submissions import NewSubmission
from storage.task_search import SEARCHED, TaskQuery
from storage.tasks import InputImage, NewTask, PolledTaskRow
from storage.thumbnails import Role, Thumbnails
from storage.user_settings import UserSettings

__all__ = [
    "DEFAULT_ENGINE",
    "POLLED_STATES",
    "SEARCHED",
    "SUBMISSION_TRANSITIONS",
    "TASK_STATES",
    "Action",
    "Batch",
    "ChosenPicture",
    "DatabaseBroken",
    "DatabaseBusy",
    "DatabaseFull",
    "DatabaseInUse",
    "Draft",
    "DraftFile",
    "InputImage",
    "MaskEditorLink",
    "Message",
    "NewMessage",
    "NewSubmission",
    "NewTask",
    "NewerDatabase",
    "Notification",
    "PolledTaskRow",
    "Request",
    "Role",
    "Route",
    "StorageError",
    "Store",
    "StoredButton",
    "StoredVideo",
    "Submission",
    "SubmissionOutcome",
    "Task",
    "TaskId",
    "TaskQuery",
    "TaskResult",
    "TaskState",
    "TaskUpdate",
    "Thumbnails",
    "UserDefaults",
    "UserSettings",
    "back_up",
    "chosen_options",
    "open_store",
]
