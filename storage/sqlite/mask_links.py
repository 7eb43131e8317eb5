"""Links to the mask editor: the interaction behind each link, and the browser that opened it."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets

from storage.sqlite.database import Database
from storage.sqlite.statements import Row, Session
from storage.user_records import MaskEditorLink

_FORGET_ENDED = "DELETE FROM painter_links WHERE expires_at < ?"
_COLUMNS = tuple(each.name for each in dataclasses.fields(MaskEditorLink))


class SqliteMaskEditorLinks:
    """`MaskEditorLinks` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, link: MaskEditorLink, now: float) -> None:
        """Stores a new link and deletes expired links with their tokens."""
        places = ", ".join("?" * len(_COLUMNS))

        def store(session: Session) -> None:
            session.execute(_FORGET_ENDED, (now,))
            session.execute(
                f"INSERT INTO painter_links ({', '.join(_COLUMNS)}) VALUES ({places})",  # noqa: S608 - constants
                dataclasses.astuple(link),
            )

        await self._database.transaction(store)

    async def forget_ended(self, now: float) -> int:
        """Deletes expired links with their tokens. Returns their number."""
        return await self._database.write(_FORGET_ENDED, (now,))

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
        row = await self._database.row(
            "SELECT 1 FROM painter_links WHERE id = ? AND browser_hash IS NOT NULL", (link_id,)
        )
        return row is not None

    async def open_in(self, link_id: str, browser: str) -> bool:
        """Binds the link to the first browser that opens it. Returns whether that is this browser."""
        rows = await self._database.write_returning(
            "UPDATE painter_links SET browser_hash = COALESCE(browser_hash, ?) WHERE id = ? RETURNING browser_hash",
            (_hash(browser), link_id),
        )
        return bool(rows) and _same(rows[0]["browser_hash"], browser)

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
