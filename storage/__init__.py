"""What Atelier remembers. Imports the standard library and aiosqlite only."""

from storage.backup import back_up
from storage.batches import Batch
from storage.chosen_pictures import ChosenPicture
from storage.drafts import Draft, DraftFile
from storage.errors import (
    DatabaseBroken,
    DatabaseBusy,
    DatabaseFull,
    DatabaseInUse,
    NewerDatabase,
    StorageError,
)
from storage.messages import NewMessage
from storage.notifications import Notification
from storage.painter_links import PainterLink
from storage.presses import NewPress
from storage.records import (
    WATCHED_STATES,
    Action,
    Change,
    Message,
    Outcome,
    Preferences,
    Press,
    Request,
    Result,
    Route,
    StoredButton,
    StoredVideo,
    Task,
    TaskId,
    TaskState,
)
from storage.store import Store, opened
from storage.task_search import SEARCHED, Wanted
from storage.tasks import NewTask, Picture, WatchedTask
from storage.thumbnails import Role, Thumbnails

__all__ = [
    "SEARCHED",
    "WATCHED_STATES",
    "Action",
    "Batch",
    "Change",
    "ChosenPicture",
    "DatabaseBroken",
    "DatabaseBusy",
    "DatabaseFull",
    "DatabaseInUse",
    "Draft",
    "DraftFile",
    "Message",
    "NewMessage",
    "NewPress",
    "NewTask",
    "NewerDatabase",
    "Notification",
    "Outcome",
    "PainterLink",
    "Picture",
    "Preferences",
    "Press",
    "Request",
    "Result",
    "Role",
    "Route",
    "StorageError",
    "Store",
    "StoredButton",
    "StoredVideo",
    "Task",
    "TaskId",
    "TaskState",
    "Thumbnails",
    "Wanted",
    "WatchedTask",
    "back_up",
    "opened",
]
