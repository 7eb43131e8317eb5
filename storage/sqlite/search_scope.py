"""Conditions that select the rows of a scope, on the columns `owner_id` and `guild_id`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from storage.search_records import SearchScope


class Condition(NamedTuple):
    """SQL, and the values of its placeholders."""

    sql: str
    values: tuple[int, ...]


def parts_of(scope: SearchScope) -> Sequence[Condition]:
    """Conditions for which an index is used. Each row of the scope meets exactly one of them."""
    if scope.guild_id is None:
        return [Condition("owner_id = ?", (scope.owner_id,))]
    return [
        Condition("guild_id = ?", (scope.guild_id,)),
        Condition("owner_id = ? AND (guild_id IS NULL OR guild_id <> ?)", (scope.owner_id, scope.guild_id)),
    ]


def filter_of(scope: SearchScope) -> Condition:
    """A condition for rows that another index finds. The signs keep SQLite from using one for the scope."""
    if scope.guild_id is None:
        return Condition("+owner_id = ?", (scope.owner_id,))
    return Condition("(+owner_id = ? OR +guild_id = ?)", (scope.owner_id, scope.guild_id))
