"""GET /v1/models and the balance of the key (docs/platform-api.md#models-and-balance)."""

from playground.platform.models import ENDPOINT_TYPES, PAINTERS, Model
from playground.platform.replies import Json, Reply
from playground.platform.state import Call

# What each call costs, in the unit of the operator, and what tokens are said to.
COST, RATIO = 0.01, 0.3
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


async def pricing(call: Call) -> Reply:
    """The public price list: images by the call, everything else by tokens."""
    data = [
        {"model_name": model.id, "quota_type": 1, "model_price": COST, "model_ratio": 0}
        if model.kind in PAINTERS
        else {"model_name": model.id, "quota_type": 0, "model_price": 0, "model_ratio": RATIO}
        for model in call.state.catalog.models.values()
    ]
    return Reply(200, {"success": True, "data": data, "group_ratio": {"default": 1}})


async def subscription(call: Call) -> Reply:
    """The limit of the key."""
    limit = _UNLIMITED if call.state.profile.unlimited else call.state.credit
    limits = dict.fromkeys(("soft_limit_usd", "hard_limit_usd", "system_hard_limit_usd"), limit)
    return Reply(200, {"object": "billing_subscription", "has_payment_method": True, **limits, "access_until": 0})


async def usage(call: Call) -> Reply:
    """What was used, in hundredths."""
    return Reply(200, {"object": "list", "total_usage": round(call.state.used * 100, 4)})
