"""What the bot has written down, read from its file while it runs or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Written:
    """A press in the journal, and the task that it made."""

    interaction_id: int
    nonce: str
    outcome: str
    task_id: str
    state: str


def written(folder: Path) -> dict[int, Written]:
    """Every journalled press by its interaction, oldest first."""
    with closing(sqlite3.connect(f"file:{folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT p.interaction_id, p.nonce, p.outcome, p.task_id, t.state FROM presses p"
            " JOIN tasks t ON t.id = p.task_id ORDER BY p.created_at"
        )
        return {row[0]: Written(*row) for row in rows}


@contextmanager
def nothing_can_be_written(folder: Path) -> Iterator[None]:
    """Somebody else holds the database."""
    with closing(sqlite3.connect(folder / "atelier.db", isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
