"""GET /v1/models and the balance of the key (docs/platform-api.md#models-and-balance)."""

from __future__ import annotations

from playground.platform.replies import Reply
from playground.platform.state import Call

_CREATED = 1_626_777_600


async def models(call: Call) -> Reply:
    """What is sold."""
    data = [
        {"id": model.id, "object": "model", "created": _CREATED, "owned_by": model.owner}
        for model in call.state.catalog.models.values()
    ]
    return Reply(200, {"object": "list", "data": data})


async def subscription(call: Call) -> Reply:
    """The limit of the key."""
    limit = call.state.credit
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
