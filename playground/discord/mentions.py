"""Whom a message pings: what its text names, cut down to what `allowed_mentions` lets through."""

import re
from dataclasses import dataclass, field

from playground.discord.forms import Form
from playground.discord.records import Json

_USER = re.compile(r"<@!?(\d{15,20})>")
_ROLE = re.compile(r"<@&(\d{15,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass
class Pings:
    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False


def check_allowed_mentions(message: Form) -> None:
    """Known kinds, 100 ids each, no kind both parsed and listed (message resource, "Allowed Mentions Object")."""
    if not message.has("allowed_mentions"):
        return
    allowed = message.child("allowed_mentions")
    parse = _listed(allowed, "parse")
    for kind in parse:
        if kind not in ("users", "roles", "everyone"):
            allowed.fail("parse", "BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone').")
    for kind in ("users", "roles"):
        listed = _listed(allowed, kind)
        if not all(str(each).isdecimal() for each in listed):
            allowed.fail(kind, "NUMBER_TYPE_COERCE", "A value is not snowflake.")
        if len(listed) > 100:
            allowed.fail(kind, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        if listed and kind in parse:
            allowed.fail(
                None,
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )


def _listed(form: Form, key: str) -> list[object]:
    value = form.body.get(key)
    if value is not None and not isinstance(value, list):
        form.fail(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return value if isinstance(value, list) else []


def pings(text: str, allowed: Json | None, *, may_ping_everyone: bool, replied_to: int | None = None) -> Pings:
    """The pings of a text. A mention inside code counts too: code marks are no protection to rely on."""
    parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    users = [int(found) for found in _USER.findall(text)]
    roles = [int(found) for found in _ROLE.findall(text)]
    if "users" not in parse:
        listed = {int(each) for each in (allowed or {}).get("users") or []}
        users = [each for each in users if each in listed]
    if "roles" not in parse:
        listed = {int(each) for each in (allowed or {}).get("roles") or []}
        roles = [each for each in roles if each in listed]
    if replied_to is not None and (allowed is None or allowed.get("replied_user")):
        users.append(replied_to)
    everyone = may_ping_everyone and "everyone" in parse and _EVERYONE.search(text) is not None
    return Pings(list(dict.fromkeys(users)), list(dict.fromkeys(roles)), everyone)
