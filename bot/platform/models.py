"""What the platform sells to this key, and what is left of its credit (docs/platform-api.md#models-and-balance)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.engines.errors import Unreadable
from bot.net.untrusted_data import mapping, sequence, text
from bot.platform.answer_json import json_answer
from bot.platform.calls import Calls
from bot.platform.prices import Price, read_prices
from bot.platform.transport import PlatformAnswer

# A large shop lists more than a thousand models with some twenty values each.
_MOST_VALUES = 100_000
_LONGEST_NAME = 200
_PRICE_NAMES = ("mj_", "swap_face")
_UNLIMITED = 100_000_000
_USAGE_DAYS = 99


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the list. `endpoints` are the kinds of endpoints that newer gateways name."""

    id: str
    owner: str = ""
    endpoints: tuple[str, ...] = ()

    @property
    def is_family(self) -> bool:
        """Whether the entry stands for all models that begin with it (`gpt-4-gizmo-*`)."""
        return self.id.endswith("*")

    @property
    def is_price_entry(self) -> bool:
        """Whether the entry is the price of an action of the image API, and no model."""
        return self.id.startswith(_PRICE_NAMES)


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models that the group of the key may see. One of them can still be refused."""

    models: tuple[Model, ...]

    def sells(self, name: str) -> bool:
        """Whether a model is listed, by itself or by its family."""
        return any(
            name == model.id or (model.is_family and name.startswith(model.id[:-1]) and name != model.id[:-1])
            for model in self.models
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """The credit of a key, in a unit that the operator of the platform chose. `limit` is None without a limit."""

    limit: float | None
    used: float

    @property
    def remaining(self) -> float | None:
        """What is left, None without a limit."""
        return None if self.limit is None else self.limit - self.used


class ModelsApi:
    """Reads the list of models and the balance."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def models(self, *, tries: int | None = None) -> ModelList:
        """GET /v1/models. Raises Unavailable (Unusable), ServiceRefused."""

        async def read(answer: PlatformAnswer) -> ModelList:
            return read_models(await json_answer(answer, most=_MOST_VALUES))

        return await self._calls.get("/v1/models", read, tries=tries)

    async def balance(self, today: date, *, tries: int | None = None) -> Balance:
        """The credit of the key. Raises Unavailable (Unusable), ServiceRefused."""

        async def read_limit(answer: PlatformAnswer) -> float | None:
            return read_subscription(await json_answer(answer))

        async def read_used(answer: PlatformAnswer) -> float:
            return read_usage(await json_answer(answer))

        start, end = today - timedelta(days=_USAGE_DAYS), today + timedelta(days=1)
        limit = await self._calls.get("/v1/dashboard/billing/subscription", read_limit, tries=tries)
        path = f"/v1/dashboard/billing/usage?start_date={start.isoformat()}&end_date={end.isoformat()}"
        return Balance(limit, await self._calls.get(path, read_used, tries=tries))

    async def prices(self, *, tries: int | None = None) -> Mapping[str, Price]:
        """The platform's price list (docs/platform-api.md#prices). Raises Unavailable (Unusable), ServiceRefused."""

        async def read(answer: PlatformAnswer) -> Mapping[str, Price]:
            return read_prices(await json_answer(answer, most=_MOST_VALUES))

        return await self._calls.get("/api/pricing", read, tries=tries)


def read_models(body: Any) -> ModelList:
    """Reads the list of models. Raises Unreadable."""
    data = mapping(body).get("data") if isinstance(body, Mapping) else body
    if not isinstance(data, list):
        raise Unreadable("the answer has no list of models")
    found: dict[str, Model] = {}
    for entry in data:
        fields = {"id": entry} if isinstance(entry, str) else mapping(entry)
        name = text(fields.get("id")).strip()
        if name and len(name) <= _LONGEST_NAME and name.isprintable():
            endpoints = tuple(filter(None, map(text, sequence(fields.get("supported_endpoint_types")))))
            found.setdefault(name, Model(name, text(fields.get("owned_by")).strip(), endpoints))
    return ModelList(tuple(found.values()))


def read_subscription(body: Any) -> float | None:
    """The limit of the key, None for no limit. Raises Unreadable."""
    limit = _amount(mapping(body), "hard_limit_usd", "system_hard_limit_usd")
    return None if limit >= _UNLIMITED else limit


def read_usage(body: Any) -> float:
    """What was used, in the unit of the limit. Raises Unreadable."""
    return _amount(mapping(body), "total_usage") / 100


def _amount(fields: Mapping[str, Any], *names: str) -> float:
    for name in names:
        value = fields.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    raise Unreadable(f"the answer has no {names[0]}")
