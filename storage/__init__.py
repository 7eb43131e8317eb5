"""Persistent storage of the bot. Imports only the standard library and aiosqlite."""

from storage.chat_records import ChatImage, ChatTurn, Conversation, TurnEnd, TurnMessage, TurnState
from storage.errors import DatabaseBroken, DatabaseBusy, DatabaseFull, DatabaseInUse, NewerDatabase, StorageError
from storage.new_records import InputImage, NewMessage, NewSubmission, NewTask
from storage.offered_prompts import OfferedPrompts, OfferedPromptsTable, PromptSource
from storage.operations import Ending, EndWishes, FurtherTask, NewOutcome, Opening, Repeats
from storage.records import (
    DEFAULT_ENGINE,
    KEEPS_INPUTS,
    Action,
    Message,
    PolledTaskRow,
    Request,
    Route,
    StoredButton,
    StoredVideo,
    Submission,
    Task,
    TaskId,
    TaskResult,
    TaskUpdate,
    chosen_options,
)
from storage.sqlite.backup import back_up
from storage.sqlite.database import path_of
from storage.sqlite.opening import open_store
from storage.states import (
    POLLED_STATES,
    SUBMISSION_TRANSITIONS,
    TASK_STATES,
    SubmissionOutcome,
    TaskState,
    predecessors,
)
from storage.store import Store
from storage.task_query import SEARCHED, TaskQuery
from storage.tasks import queued_again, rewritten
from storage.user_ports import Thumbnails, UserSettings
from storage.user_records import (
    Batch,
    ChosenPicture,
    Draft,
    DraftFile,
    MaskEditorLink,
    Notification,
    Role,
    UserDefaults,
)

__all__ = [
    "DEFAULT_ENGINE",
    "KEEPS_INPUTS",
    "POLLED_STATES",
    "SEARCHED",
    "SUBMISSION_TRANSITIONS",
    "TASK_STATES",
    "Action",
    "Batch",
    "ChatImage",
    "ChatTurn",
    "ChosenPicture",
    "Conversation",
    "DatabaseBroken",
    "DatabaseBusy",
    "DatabaseFull",
    "DatabaseInUse",
    "Draft",
    "DraftFile",
    "EndWishes",
    "Ending",
    "FurtherTask",
    "InputImage",
    "MaskEditorLink",
    "Message",
    "NewMessage",
    "NewOutcome",
    "NewSubmission",
    "NewTask",
    "NewerDatabase",
    "Notification",
    "OfferedPrompts",
    "OfferedPromptsTable",
    "Opening",
    "PolledTaskRow",
    "PromptSource",
    "Repeats",
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
    "TurnEnd",
    "TurnMessage",
    "TurnState",
    "UserDefaults",
    "UserSettings",
    "back_up",
    "chosen_options",
    "open_store",
    "path_of",
    "predecessors",
    "queued_again",
    "rewritten",
]
