"""How a task's buttons stand in rows: by kind, in the service's order within each, on as many pages as they need. Pure.

A kind is broken over two rows only where it has more than that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from bot.midjourney import custom_id_facts
from bot.midjourney.custom_id_facts import ActionKind
from bot.ui.components.limits import MAX_ROW
from storage import StoredButton

# Rows on a card; where there are more pages than one, one row turns them.
ROWS = 5

Buttons = Sequence[StoredButton]

# The kinds in the order in which they stand; what is in none of them comes last.
_KINDS = (
    frozenset({ActionKind.UPSCALE, ActionKind.UPSCALE_HD, ActionKind.VIDEO_PICK}),
    frozenset({ActionKind.VARIATION, ActionKind.VARY_SUBTLE, ActionKind.VARY_STRONG, ActionKind.REGION}),
    frozenset({ActionKind.ZOOM, ActionKind.CUSTOM_ZOOM, ActionKind.SQUARE}),
    frozenset({ActionKind.PAN}),
    frozenset({ActionKind.ANIMATE, ActionKind.VIDEO_EXTEND, ActionKind.VIDEO_MANUAL}),
)


def button_pages(buttons: Buttons) -> list[list[Buttons]]:
    """The pages, each a list of rows; one page without rows where there are no buttons."""
    rows = _rows(buttons)
    if len(rows) <= ROWS:
        return [rows]
    on_page = ROWS - 1
    return [rows[start : start + on_page] for start in range(0, len(rows), on_page)]


def _rows(buttons: Buttons) -> list[Buttons]:
    """A row for each kind, as long as there is room for one; the rest goes into the first row that takes it."""
    *kinds, rest = _by_kind(buttons)
    rows: list[list[StoredButton]] = []
    for part in itertools.chain.from_iterable(map(_parts, kinds)):
        _add(rows, part, own_row=len(rows) < ROWS)
    for part in _parts(rest):
        _add(rows, part, own_row=False)
    return [tuple(row) for row in rows]


def _add(rows: list[list[StoredButton]], part: Buttons, *, own_row: bool) -> None:
    row = None if own_row else next((row for row in rows if len(row) + len(part) <= MAX_ROW), None)
    if row is None:
        rows.append(list(part))
    else:
        row.extend(part)


def _parts(kind: Buttons) -> Iterable[Buttons]:
    """The buttons of a kind, at most a row of them."""
    return (kind[start : start + MAX_ROW] for start in range(0, len(kind), MAX_ROW))


def _by_kind(buttons: Buttons) -> list[list[StoredButton]]:
    by_kind: list[list[StoredButton]] = [[] for _ in range(len(_KINDS) + 1)]
    for button in buttons:
        by_kind[_place(button.custom_id)].append(button)
    return by_kind


def _place(custom_id: str) -> int:
    kind = custom_id_facts.acts_as(custom_id)
    return next((place for place, kinds in enumerate(_KINDS) if kind in kinds), len(_KINDS))
