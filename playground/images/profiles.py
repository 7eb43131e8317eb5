"""The services that can be emulated: their endpoints, dialects and answers."""

from dataclasses import dataclass

_SUBMITS = "submit/imagine submit/blend submit/describe submit/change submit/simple-change"
_FULL = "submit/action submit/modal submit/shorten submit/upload-discord-images insight-face/swap"
_FETCH = "task/{id}/fetch task/list-by-condition"
_TRUEAI = (
    f"{_FETCH} submit/edit submit/edits submit/retexture submit/video insight-face/video-swap"
    " task/list-by-ids task/list task/{id}/cancel task/{id}/image-seed"
)


@dataclass(frozen=True)
class Profile:
    """One member of the family (docs/image-api.md#dialects and #endpoints).

    `dialect` names its JSON and its errors, the same for two versions of one server. `endpoints` are paths behind
    `/mj/`, with `{id}` where a task's id stands. `full_code` is how a full queue is refused; `accepted`, `queued` and
    `window` are the descriptions of accepted submits. `expands`: it makes a task of each choice in braces.
    """

    name: str
    dialect: str
    endpoints: frozenset[str]
    auth: str
    prefixes: bool
    full_code: int
    accepted: str = "提交成功"
    queued: str = "排队中，前面还有{ahead}个任务"
    window: str = "Waiting for window confirm"
    expands: bool = False


def _profile(
    name: str,
    endpoints: str,
    auth: str,
    full_code: int,
    *,
    dialect: str = "",
    prefixes: bool = True,
    expands: bool = False,
    **words: str,
) -> Profile:
    paths = frozenset(endpoints.split())
    return Profile(name, dialect or name, paths, auth, prefixes, full_code, expands=expands, **words)


_ALL = [
    _profile("novicezk", f"{_SUBMITS} {_FETCH} task/list task/queue", "secret", 23, prefixes=False),
    _profile(
        "plus",
        f"{_SUBMITS} {_FULL} {_FETCH} task/list-by-ids task/list task/queue task/query task/{{id}}/cancel"
        " task/{id}/image-seed",
        "secret",
        23,
        window="窗口等待",
    ),
    _profile("trueai", f"submit/imagine submit/blend submit/describe {_FULL} {_TRUEAI}", "verbatim", 9),
    # Before its version 10 of December 2025 (read at 8.6.11).
    _profile(
        "trueai-9",
        f"{_SUBMITS} {_FULL} {_TRUEAI} submit/show task/queue",
        "verbatim",
        9,
        dialect="trueai",
        expands=True,
    ),
    _profile(
        "newapi",
        f"{_SUBMITS} {_FULL} {_FETCH} submit/edits submit/video task/{{id}}/image-seed image/{{id}}",
        "bearer",
        9,
        accepted="Submit success",
        queued="Submit success",
    ),
    # A reseller that rewrites both ways; an example of the unknown ones (docs/image-api.md#dialects).
    _profile(
        "gateway",
        f"submit/imagine submit/blend submit/describe {_FULL} {_FETCH} submit/edits task/{{id}}/image-seed",
        "bearer",
        23,
        prefixes=False,
    ),
]
PROFILES: dict[str, Profile] = {profile.name: profile for profile in _ALL}


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises `ValueError` for an unknown one."""
    if name not in PROFILES:
        raise ValueError(f"no profile {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
