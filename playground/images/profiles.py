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

    `paths` are its endpoints behind `/mj/`, with `{id}` for a task's id. `full_code` is how a full queue is refused;
    `accepted`, `queued` and `modal` are the descriptions of accepted submits. `expands`: it makes a task of each
    choice in braces.
    """

    name: str
    auth: str
    full_code: int
    paths: str
    prefixes: bool = True
    accepted: str = "提交成功"
    queued: str = "排队中，前面还有{ahead}个任务"
    modal: str = "Waiting for window confirm"
    expands: bool = False

    @property
    def dialect(self) -> str:
        """What names its JSON and its errors: the name without the version of the server."""
        return self.name.partition("-")[0]

    @property
    def endpoints(self) -> frozenset[str]:
        return frozenset(self.paths.split())


_ALL = (
    Profile("novicezk", "secret", 23, f"{_SUBMITS} {_FETCH} task/list task/queue", prefixes=False),
    Profile(
        "plus",
        "secret",
        23,
        f"{_SUBMITS} {_FULL} {_FETCH} task/list-by-ids task/list task/queue task/query task/{{id}}/cancel"
        " task/{id}/image-seed",
        modal="窗口等待",
    ),
    Profile("trueai", "verbatim", 9, f"submit/imagine submit/blend submit/describe {_FULL} {_TRUEAI}"),
    # Before its version 10 of December 2025 (read at 8.6.11).
    Profile("trueai-9", "verbatim", 9, f"{_SUBMITS} {_FULL} {_TRUEAI} submit/show task/queue", expands=True),
    Profile(
        "newapi",
        "bearer",
        9,
        f"{_SUBMITS} {_FULL} {_FETCH} submit/edits submit/video task/{{id}}/image-seed image/{{id}}",
        accepted="Submit success",
        queued="Submit success",
    ),
    # A reseller that rewrites both ways; an example of the unknown ones (docs/image-api.md#dialects).
    Profile(
        "gateway",
        "bearer",
        23,
        f"submit/imagine submit/blend submit/describe {_FULL} {_FETCH} submit/edits task/{{id}}/image-seed",
        prefixes=False,
    ),
)
PROFILES = {profile.name: profile for profile in _ALL}


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises `ValueError` for an unknown one."""
    if name not in PROFILES:
        raise ValueError(f"no profile {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
