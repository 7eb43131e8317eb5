"""Layout of a task's buttons: grouped by kind, in the service's order within a kind, on as many pages as needed. Pure.

A kind is split over two rows only if it has more buttons than fit in one row.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from bot.engines.midjourney import custom_id_facts
from bot.engines.midjourney.custom_id_facts import ActionKind
from bot.ui.components.limits import MAX_ROW
from storage import StoredButton

# Rows per page. With several pages, one of these rows holds the page buttons.
ROWS = 5

Buttons = Sequence[StoredButton]

# Kinds in display order. Buttons of any other kind come last.
_KINDS = (
    frozenset({ActionKind.UPSCALE, ActionKind.UPSCALE_HD, ActionKind.VIDEO_PICK}),
    frozenset({ActionKind.VARIATION, ActionKind.VARY_SUBTLE, ActionKind.VARY_STRONG, ActionKind.REGION}),
    frozenset({ActionKind.ZOOM, ActionKind.CUSTOM_ZOOM, ActionKind.SQUARE}),
    frozenset({ActionKind.PAN}),
    frozenset({ActionKind.ANIMATE, ActionKind.VIDEO_EXTEND, ActionKind.VIDEO_MANUAL}),
)


def button_pages(buttons: Buttons) -> list[list[Buttons]]:
    """The pages, each a list of rows. Without buttons: one page without rows."""
    rows = _rows(buttons)
    if len(rows) <= ROWS:
        return [rows]
    on_page = ROWS - 1
    return [rows[start : start + on_page] for start in range(0, len(rows), on_page)]


def _rows(buttons: Buttons) -> list[Buttons]:
    """One row per kind while rows are free. The remaining buttons go into the first row that has room for them."""
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
    """Splits the buttons of a kind into chunks of at most one row."""
    return (kind[start : start + MAX_ROW] for start in range(0, len(kind), MAX_ROW))


def _by_kind(buttons: Buttons) -> list[list[StoredButton]]:
    by_kind: list[list[StoredButton]] = [[] for _ in range(len(_KINDS) + 1)]
    for button in buttons:
        by_kind[_place(button.custom_id)].append(button)
    return by_kind


def _place(custom_id: str) -> int:
    kind = custom_id_facts.acts_as(custom_id)
    return next((place for place, kinds in enumerate(_KINDS) if kind in kinds), len(_KINDS))
