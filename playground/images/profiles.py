"""The services that can be played: which endpoints each has, and how each speaks."""

from dataclasses import dataclass

_SUBMITS = "submit/imagine submit/blend submit/describe submit/change submit/simple-change"
_TRUEAI = (
    "submit/edit submit/edits submit/retexture submit/video insight-face/video-swap"
    " task/{id}/fetch task/list-by-condition task/list-by-ids task/list task/{id}/cancel task/{id}/image-seed"
)
_FULL = "submit/action submit/modal submit/shorten submit/upload-discord-images insight-face/swap"


@dataclass(frozen=True)
class Profile:
    """One member of the family (docs/image-api.md#dialects and #endpoints).

    `dialect` is how it speaks, the same for two versions of one server. `endpoints` are paths behind `/mj/`, with
    `{id}` where a task's id stands. `full_code` is how a full queue is refused; `words` are the descriptions of
    accepted submits. `expands`: it makes a task of each choice in braces.
    """

    name: str
    dialect: str
    endpoints: frozenset[str]
    auth: str
    prefixes: bool
    buttons: bool
    full_code: int
    expands: bool = False
    accepted: str = "提交成功"
    queued: str = "排队中，前面还有{ahead}个任务"
    window: str = "Waiting for window confirm"

    def has(self, endpoint: str) -> bool:
        """Whether this service has the endpoint."""
        return endpoint in self.endpoints


def _endpoints(*groups: str) -> frozenset[str]:
    return frozenset(name for group in groups for name in group.split())


PROFILES: dict[str, Profile] = {
    "novicezk": Profile(
        name="novicezk",
        dialect="novicezk",
        endpoints=_endpoints(_SUBMITS, "task/{id}/fetch task/list-by-condition task/list task/queue"),
        auth="secret",
        prefixes=False,
        buttons=False,
        full_code=23,
    ),
    "plus": Profile(
        name="plus",
        dialect="plus",
        endpoints=_endpoints(
            _SUBMITS,
            _FULL,
            "task/{id}/fetch task/list-by-condition task/list-by-ids task/list task/queue task/query",
            "task/{id}/cancel task/{id}/image-seed",
        ),
        auth="secret",
        prefixes=True,
        buttons=True,
        full_code=23,
        window="窗口等待",
    ),
    "trueai": Profile(
        name="trueai",
        dialect="trueai",
        endpoints=_endpoints("submit/imagine submit/blend submit/describe", _FULL, _TRUEAI),
        auth="verbatim",
        prefixes=True,
        buttons=True,
        full_code=9,
    ),
    # Before its version 10 of December 2025 (read at 8.6.11).
    "trueai-9": Profile(
        name="trueai-9",
        dialect="trueai",
        endpoints=_endpoints(_SUBMITS, _FULL, _TRUEAI, "submit/show task/queue"),
        auth="verbatim",
        prefixes=True,
        buttons=True,
        full_code=9,
        expands=True,
    ),
    "newapi": Profile(
        name="newapi",
        dialect="newapi",
        endpoints=_endpoints(
            _SUBMITS,
            _FULL,
            "submit/edits submit/video task/{id}/fetch task/list-by-condition task/{id}/image-seed image/{id}",
        ),
        auth="bearer",
        prefixes=True,
        buttons=True,
        full_code=9,
        accepted="Submit success",
        queued="Submit success",
    ),
    # A reseller that rewrites both ways; it stands for those that nobody knows (docs/image-api.md#dialects).
    "gateway": Profile(
        name="gateway",
        dialect="gateway",
        endpoints=_endpoints(
            "submit/imagine submit/blend submit/describe",
            _FULL,
            "submit/edits task/{id}/fetch task/list-by-condition task/{id}/image-seed",
        ),
        auth="bearer",
        prefixes=False,
        buttons=True,
        full_code=23,
    ),
}


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises `ValueError` for an unknown one."""
    if name not in PROFILES:
        raise ValueError(f"no profile {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]
