"""GET /v1/models and the balance of the key (docs/platform-api.md#models-and-balance)."""

from __future__ import annotations

from playground.platform.models import ENDPOINT_TYPES, PAINTERS, Kind, Model
from playground.platform.replies import Json, Reply, refusal
from playground.platform.state import Call

_CREATED = 1_626_777_600
_UNLIMITED = 100_000_000


async def models(call: Call) -> Reply:
    """What is sold."""
    form = call.state.profile.model_list
    data = [_entry(model, form) for model in call.state.catalog.models.values()]
    match form:
        case "success":
            return Reply(200, {"success": True, "data": data})
        case "bare":
            return Reply(200, {"data": data})
    return Reply(200, {"object": "list", "data": data})


def _entry(model: Model, form: str) -> Json:
    if form == "bare":
        return {"id": model.id}
    entry: Json = {"id": model.id, "object": "model", "created": _CREATED, "owned_by": model.owner}
    if form == "success" and model.kind in ENDPOINT_TYPES:
        entry["supported_endpoint_types"] = [ENDPOINT_TYPES[model.kind]]
    return entry


async def prices(call: Call) -> Reply:
    """The list prices of the models, where the platform tells them."""
    if not call.state.profile.prices:
        raise refusal(404, "Invalid URL (GET /api/pricing)")
    return Reply(200, {"success": True, "data": [_price(model) for model in call.state.catalog.models.values()]})


def _price(model: Model) -> Json:
    by_call = model.kind in PAINTERS | {
        Kind.CHAT_PROGRESS,
        Kind.CHAT_LINK,
        Kind.CHAT_DATA_URL,
        Kind.MJ_CHAT,
        Kind.PRICE,
    }
    own: Json = {"quota_type": 1, "model_price": 0.04} if by_call else {"quota_type": 0, "model_ratio": 0.125}
    return {"model_name": model.id, "model_price": 0, "model_ratio": 0, "completion_ratio": 4, **own}


async def subscription(call: Call) -> Reply:
    """The limit of the key."""
    limit = _UNLIMITED if call.state.profile.unlimited else call.state.credit
    return Reply(
        200,
        {
            "object": "billing_subscription",
            "has_payment_method": True,
            "soft_limit_usd": limit,
            "hard_limit_usd": limit,
            "system_hard_limit_usd": limit,
            "access_until": 0,
        },
    )


async def usage(call: Call) -> Reply:
    """What was used, in hundredths."""
    return Reply(200, {"object": "list", "total_usage": round(call.state.used * 100, 4)})
