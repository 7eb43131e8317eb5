"""Lists of statements that are run by one call: they reach the connection's thread together instead of one by one.

Each way to the thread and back is two switches between threads, which on a busy machine take longer than the
statements. aiosqlite passes what `execute` gets on to the connection's own `execute`, so a connection of this class
takes a list of statements as its parameters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# The SQL that stands for a list.
STATEMENT_LIST = "-- statement list"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: with a list of `rows`, once for each, otherwise once with `values`."""

    sql: str
    values: tuple[Any, ...] = ()
    rows: Sequence[tuple[Any, ...]] | None = None


@dataclass(frozen=True, slots=True)
class StatementList:
    """Statements to run in order until one changes nothing. `commit`: then the transaction is committed."""

    statements: Sequence[Statement]
    commit: bool


class ListConnection(sqlite3.Connection):
    """A connection whose `execute` also takes `STATEMENT_LIST` and a `StatementList`.

    The rows are those of the last statement that was run.
    """

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Runs one statement, or a list of them."""
        if not isinstance(parameters, StatementList):
            return super().execute(sql, parameters)
        cursor = self.cursor(_ListCursor)
        cursor.run(parameters.statements)
        if parameters.commit:
            self.commit()
        return cursor


class _ListCursor(sqlite3.Cursor):
    """Keeps the rows of its last statement, because an unfinished statement would prevent a commit."""

    last: list[Any]

    def run(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            if statement.rows is None:
                self.execute(statement.sql, statement.values)
            else:
                self.executemany(statement.sql, statement.rows)
            self.last = super().fetchall()
            if not self.rowcount:
                return

    def fetchall(self) -> list[Any]:
        return self.last
