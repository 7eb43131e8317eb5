"""What a platform charges for its models, where it tells (docs/platform-api.md#prices)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.engines.errors import Unreadable
from bot.net.untrusted_data import mapping, sequence, text

# The gateway's unit: a ratio of 1 is this many credits for a million tokens.
_CREDITS_PER_RATIO = 2.0
_BY_CALL = 1


class PriceUnit(StrEnum):
    """What a price is for."""

    CALL = "call"
    MILLION_TOKENS = "million_tokens"
    """A million tokens of the prompt."""


@dataclass(frozen=True, slots=True)
class Price:
    """The list price of a model, in credits: the unit of the balance, which the platform's operator chose."""

    amount: float
    unit: PriceUnit

    @property
    def number(self) -> str:
        """The amount with at most three significant digits."""
        return f"{self.amount:.3g}" if self.amount < 1000 else f"{self.amount:,.0f}"


def read_prices(body: Any) -> Mapping[str, Price]:
    """Reads a price list, by the names of models. Entries that are not understood are left out. Raises Unreadable."""
    data = mapping(body).get("data") if isinstance(body, Mapping) else None
    if not isinstance(data, list):
        raise Unreadable("the answer has no price list")
    found: dict[str, Price] = {}
    for entry in map(mapping, sequence(data)):
        name, price = text(entry.get("model_name")).strip(), _price(entry)
        if name and price:
            found.setdefault(name, price)
    return found


def _price(entry: Mapping[str, Any]) -> Price | None:
    if entry.get("quota_type") == _BY_CALL:
        amount = _amount(entry.get("model_price"))
        return None if amount is None else Price(amount, PriceUnit.CALL)
    ratio = _amount(entry.get("model_ratio"))
    return None if ratio is None else Price(ratio * _CREDITS_PER_RATIO, PriceUnit.MILLION_TOKENS)


def _amount(value: Any) -> float | None:
    """A price that says something: positive and finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return None
    return float(value)
