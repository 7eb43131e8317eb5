"""Full-text search in the texts of images: with FTS5 where this Python's SQLite has it, else by comparing every text.

The index is a virtual table, which a database without FTS5 could not even create, so it is made here and not by a
migration. A program without FTS5 may change texts of a database that has the index; then the index is marked as
outdated, and the next program with FTS5 makes it again. FTS5 finds whole words and beginnings of words. Scripts without
spaces between words are searched by comparing, as is everything without FTS5.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

from storage.records import TaskId
from storage.search import SearchScope
from storage.sqlite.database import Database
from storage.sqlite.search_reader import filter_of, parts_of
from storage.sqlite.statements import Session

# The module of SQLite that makes the index.
MODULE = "fts5"
_TABLE_EXISTS = "SELECT 1 FROM sqlite_master WHERE name = 'image_words'"
_CREATE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS image_words"
    " USING fts5(text, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2')"
)
_FILL = "INSERT INTO image_words (rowid, text) SELECT row_id, text FROM image_texts"
# The name of the note about an outdated index.
_OUTDATED = "image words are outdated"
# Words of a query that count. More would make the search slow, and find nothing.
MOST_WORDS = 16
_SHORTEST_BEGINNING = 3
_WORD = re.compile(r"\w+")
# Thai, Lao, Myanmar, Khmer; kana and ideographs.
_UNSPACED = (
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


class ImageWords:
    """The index of words. `add` and `remove` run in the transaction of their caller. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._indexed: bool | None = None

    async def indexed(self) -> bool:
        """Whether searches use the index. Creates or renews it if needed."""
        if self._indexed is None:
            self._indexed = await self._prepared()
        return self._indexed

    def add(self, session: Session, rows: Sequence[tuple[int, str]]) -> None:
        """Indexes the texts of these rows, in place of older ones. `indexed` must have been called."""
        if self._indexed:
            session.execute_many("DELETE FROM image_words WHERE rowid = ?", [(row_id,) for row_id, _ in rows])
            session.execute_many("INSERT INTO image_words (rowid, text) VALUES (?, ?)", rows)
        else:
            self._mark_outdated(session)

    def remove(self, session: Session, row_id: int) -> None:
        """Removes the text of a row. `indexed` must have been called."""
        if self._indexed:
            session.execute("DELETE FROM image_words WHERE rowid = ?", (row_id,))
        else:
            self._mark_outdated(session)

    async def _prepared(self) -> bool:
        if not await self._database.row("SELECT 1 FROM pragma_module_list WHERE name = ?", (MODULE,)):
            return False
        exists = await self._database.row(_TABLE_EXISTS)
        if exists and not await self._database.row("SELECT 1 FROM notes WHERE name = ?", (_OUTDATED,)):
            return True

        def fill(session: Session) -> None:
            session.execute("DROP TABLE IF EXISTS image_words")
            session.execute(_CREATE)
            session.execute(_FILL)
            session.execute("DELETE FROM notes WHERE name = ?", (_OUTDATED,))

        await self._database.transaction(fill)
        return True

    @staticmethod
    def _mark_outdated(session: Session) -> None:
        session.execute(
            f"INSERT INTO notes (name, value) SELECT ?, '1' WHERE EXISTS ({_TABLE_EXISTS})"
            " ON CONFLICT (name) DO NOTHING",
            (_OUTDATED,),
        )


@cache
def _unspaced() -> re.Pattern[str]:
    """Compiled at the first search, because that takes milliseconds."""
    return re.compile(_UNSPACED)


def found_by_words(
    connection: sqlite3.Connection, words: str, scope: SearchScope, limit: int, *, indexed: bool, any_word: bool
) -> list[TaskId]:
    """The tasks whose texts contain all of the words, best first; with `any_word`, or if none has all, any."""
    terms = list(dict.fromkeys(_WORD.findall(words.casefold())))[:MOST_WORDS]
    if not terms:
        return []
    if not indexed or _unspaced().search(words):
        return _by_comparing(connection, terms, scope, limit, any_word=any_word)
    # A quoted string is one term, whatever is in it (sqlite.org/fts5.html, section 3.1); `*` finds its continuations.
    # Almost every text has words that begin with a certain letter or two.
    quoted = [f'"{term}"*' if len(term) >= _SHORTEST_BEGINNING else f'"{term}"' for term in terms]
    with_all = [] if any_word else _by_index(connection, " AND ".join(quoted), scope, limit)
    return with_all or _by_index(connection, " OR ".join(quoted), scope, limit)


def _by_index(connection: sqlite3.Connection, query: str, scope: SearchScope, limit: int) -> list[TaskId]:
    within = filter_of(scope)
    rows = connection.execute(
        "SELECT task_id FROM image_words JOIN image_texts ON image_texts.row_id = image_words.rowid"  # noqa: S608 - constants
        f" WHERE image_words MATCH ? AND {within.sql} ORDER BY image_words.rank, row_id DESC LIMIT ?",
        (query, *within.values, limit),
    )
    return [row["task_id"] for row in rows]


def _by_comparing(
    connection: sqlite3.Connection, terms: Sequence[str], scope: SearchScope, limit: int, *, any_word: bool
) -> list[TaskId]:
    # SQLite's own functions ignore the case of ASCII letters only.
    connection.create_function("casefolded", 1, str.casefold, deterministic=True)
    hits = " + ".join(["(instr(folded, ?) > 0)"] * len(terms))
    parts = parts_of(scope)
    folded = " UNION ALL ".join(
        f"SELECT row_id, task_id, casefolded(text) AS folded FROM image_texts WHERE {part.sql}"  # noqa: S608 - constants
        for part in parts
    )
    values = [value for part in parts for value in part.values]
    rows: Sequence[Any] = connection.execute(
        f"SELECT task_id, {hits} AS hits FROM ({folded}) AS texts"  # noqa: S608 - constants
        " WHERE hits > 0 ORDER BY hits DESC, row_id DESC LIMIT ?",
        (*terms, *values, limit),
    ).fetchall()
    complete = [row["task_id"] for row in rows if row["hits"] == len(terms) and not any_word]
    return complete or [row["task_id"] for row in rows]
