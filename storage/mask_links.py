"""Links to the mask editor: the interaction behind each link, and the browser that opened it."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from dataclasses import dataclass, field

from storage.database import Database, Row
from storage.records import TaskId


@dataclass(frozen=True, slots=True)
class MaskEditorLink:
    """A link to the mask editor. Times are unix seconds, sizes pixels.

    `id` is the hash of the token in the link; the token itself is not stored. The fields from `interaction_id` to
    `upload_limit` are those of the interaction that created the link. `notice_id` is the private message that holds the
    link, `attached_url` the image on the message with the pressed button. `width` and `height` are set once the image
    was served, and the mask must have the same size.
    """

    id: str
    task_id: TaskId
    digest: str
    interaction_id: int
    application_id: int
    user_id: int
    guild_id: int | None
    channel_id: int | None
    token: str = field(repr=False)
    created_at: float
    upload_limit: int
    notice_id: int | None
    locale: str
    attached_url: str | None = field(repr=False)
    expires_at: float
    width: int | None = None
    height: int | None = None
    guild_locale: str | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the served image, None before it was served."""
        return None if self.width is None or self.height is None else (self.width, self.height)


_COLUMNS = tuple(each.name for each in dataclasses.fields(MaskEditorLink))


class MaskEditorLinks:
    """Repository of mask editor links. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, link: MaskEditorLink, now: float) -> None:
        """Stores a new link and deletes expired links with their tokens."""
        places = ", ".join("?" * len(_COLUMNS))
        async with self._database.transaction():
            await self.forget_ended(now)
            await self._database.write(
                f"INSERT INTO painter_links ({', '.join(_COLUMNS)}) VALUES ({places})",  # noqa: S608 - constants
                dataclasses.astuple(link),
            )

    async def forget_ended(self, now: float) -> int:
        """Deletes expired links with their tokens. Returns their number."""
        return await self._database.write("DELETE FROM painter_links WHERE expires_at < ?", (now,))

    async def forget_used_tokens(self) -> int:
        """Clears the tokens of links that led to a submission. Returns their number. The links stay, marked as used."""
        return await self._database.write(
            "UPDATE painter_links SET token = '' WHERE token <> ''"
            " AND EXISTS (SELECT 1 FROM presses WHERE presses.interaction_id = painter_links.interaction_id)"
        )

    async def forget_ended_tokens(self, since: float) -> int:
        """Clears the tokens of links created before `since` (unix seconds). Returns their number. The links stay
        valid."""
        return await self._database.write(
            "UPDATE painter_links SET token = '' WHERE token <> '' AND created_at < ?", (since,)
        )

    async def get(self, link_id: str) -> MaskEditorLink | None:
        """Returns the link with this id."""
        row = await self._database.row("SELECT * FROM painter_links WHERE id = ?", (link_id,))
        return None if row is None else _link(row)

    async def belongs_to(self, link_id: str, browser: str) -> bool:
        """Whether this browser opened the link first. Only the hash of the browser's secret is stored."""
        row = await self._database.row("SELECT browser_hash FROM painter_links WHERE id = ?", (link_id,))
        return row is not None and _same(row["browser_hash"], browser)

    async def opened_anywhere(self, link_id: str) -> bool:
        """Whether any browser has opened the link."""
        row = await self._database.row("SELECT 1 FROM painter_links WHERE id = ? AND browser_hash NOTNULL", (link_id,))
        return row is not None

    async def open_in(self, link_id: str, browser: str) -> bool:
        """Binds the link to the first browser that opens it. Returns whether that is this browser."""
        async with self._database.transaction():
            await self._database.write(
                "UPDATE painter_links SET browser_hash = ? WHERE id = ? AND browser_hash IS NULL",
                (_hash(browser), link_id),
            )
            return await self.belongs_to(link_id, browser)

    async def noticed(self, link_id: str, notice_id: int) -> None:
        """Stores the id of the private message that holds the link."""
        await self._database.write("UPDATE painter_links SET notice_id = ? WHERE id = ?", (notice_id, link_id))

    async def measured(self, link_id: str, width: int, height: int) -> None:
        """Stores the size at which the image was served."""
        await self._database.write(
            "UPDATE painter_links SET width = ?, height = ? WHERE id = ?", (width, height, link_id)
        )


def _hash(browser: str) -> bytes:
    return hashlib.sha256(browser.encode()).digest()


def _same(kept: bytes | None, browser: str) -> bool:
    return kept is not None and secrets.compare_digest(kept, _hash(browser))


def _link(row: Row) -> MaskEditorLink:
    return MaskEditorLink(**{name: row[name] for name in _COLUMNS})
