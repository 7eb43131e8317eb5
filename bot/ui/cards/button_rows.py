"""Layout of a task's buttons: grouped by kind, in the service's order within a kind, on as many pages as needed. Pure.

A kind is split over two rows only if it has more buttons than fit in one row. A phone shows a row on several lines.
What belongs to no kind stands where it needs no further line there, as far as the width of its label can be estimated.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Sequence

from bot.engines.models import ButtonGroup
from bot.ui.components.limits import MAX_LABEL, MAX_ROW
from storage import StoredButton

# Rows per page. With several pages, one of these rows holds the page buttons.
ROWS = 5
# Estimated measures on a phone 360 pixels wide, in CSS pixels. A button with an emoji has the padding and the emoji
# besides its label.
_LINE, _GAP, _LEAST = 290, 8, 60
_AROUND_LABEL, _CHARACTER = 48, 7

Buttons = Sequence[StoredButton]

# Kinds in display order. Buttons of any other kind come last.
_KINDS: tuple[str, ...] = (
    ButtonGroup.UPSCALE,
    ButtonGroup.VARY,
    ButtonGroup.EDIT,
    ButtonGroup.REGION,
    ButtonGroup.ZOOM,
    ButtonGroup.PAN,
    ButtonGroup.ANIMATE,
)
_PLACES = {kind: place for place, kind in enumerate(_KINDS)}
# Of how many rows the number of lines is remembered, which takes about 0.2 MB. Most cards have rows of the same labels.
_REMEMBERED_ROWS = 500


def button_pages(buttons: Buttons) -> Sequence[Sequence[Buttons]]:
    """The pages, each a list of rows. Without buttons: one page without rows."""
    rows = _grouped(buttons)
    if len(rows) <= ROWS:
        return [rows]
    on_page = ROWS - 1
    return [rows[start : start + on_page] for start in range(0, len(rows), on_page)]


def row_with_free_line(rows: Sequence[Sequence[str]], more: Sequence[str], *, spare: int = 0) -> int | None:
    """The index of the first row, given by its labels, that takes further labels without another line on a phone.
    `spare`: pixels of a line that have to stay free, because labels may be wider than estimated."""
    return next((index for index, row in enumerate(rows) if _takes(row, more, spare)), None)


def phone_lines(rows: Sequence[Sequence[str]]) -> int:
    """On how many lines a phone shows these rows, given by their labels."""
    return sum(_lines((*row,)) for row in rows)


def _takes(row: Sequence[str], more: Sequence[str], spare: int = 0) -> bool:
    return len(row) + len(more) <= MAX_ROW and _lines((*row, *more), spare) == _lines((*row,))


@functools.lru_cache(maxsize=_REMEMBERED_ROWS)
def _lines(labels: tuple[str, ...], spare: int = 0) -> int:
    lines, room = 0, 0
    for label in labels:
        width = max(_LEAST, _AROUND_LABEL + _CHARACTER * _columns(label)) + _GAP
        if width > room:
            lines, room = lines + 1, _LINE + _GAP - spare
        room -= width
    return lines


def _columns(label: str) -> int:
    if label.isascii():
        return len(label)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)


def _grouped(buttons: Buttons) -> list[list[StoredButton]]:
    """One row per kind while rows are free. The remaining buttons go into a row that has room for them."""
    *kinds, rest = _by_kind(buttons)
    parts = _parts(kinds)
    rows = parts[:ROWS]
    for part in (*parts[ROWS:], *_parts([rest])):
        row = _with_room(rows, part)
        if row is None:
            rows.append(part)
        else:
            row.extend(part)
    return rows


def _with_room(rows: list[list[StoredButton]], part: list[StoredButton]) -> list[StoredButton] | None:
    free = row_with_free_line([[*map(_shown_label, row)] for row in rows], [*map(_shown_label, part)])
    if free is not None:
        return rows[free]
    return next((row for row in rows if len(row) + len(part) <= MAX_ROW), None)


def _shown_label(button: StoredButton) -> str:
    """The label under which a button is shown."""
    return (button.label or button.name)[:MAX_LABEL]


def _parts(kinds: Iterable[list[StoredButton]]) -> list[list[StoredButton]]:
    """Splits the buttons of each kind into chunks of at most one row."""
    return [kind[start : start + MAX_ROW] for kind in kinds for start in range(0, len(kind), MAX_ROW)]


def _by_kind(buttons: Buttons) -> list[list[StoredButton]]:
    by_kind: list[list[StoredButton]] = [[] for _ in range(len(_KINDS) + 1)]
    for button in buttons:
        by_kind[_PLACES.get(button.group, len(_KINDS))].append(button)
    return by_kind
