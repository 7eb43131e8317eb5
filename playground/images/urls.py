"""Addresses of pictures: signed as Discord's are, or the relay's own."""

import hashlib
import hmac
import re
import secrets
import time

from playground.images.profiles import Profile
from playground.images.rendering import clip_form
from playground.images.tasks import Kind, Status, Task

_NAME = re.compile(r"(\d+)(?:-(p|c|s)(\d+))?(-t)?\.(png|webp|mp4)")


class PictureUrls:
    """Makes and checks the addresses. `base` is the service's own address, without `/mj`.

    `upload_base` is where uploaded pictures are said to be: Discord's own host at most services.
    """

    def __init__(self, base: str, upload_base: str | None = None) -> None:
        self.base = base
        self._upload_base = upload_base or base
        self._secret = secrets.token_bytes(16)

    def of(self, task: Task, profile: Profile) -> str | None:
        """The address of what there is to see: a preview while the task runs, the result after."""
        if task.status is Status.SUCCESS:
            return self._result(task, profile)
        if task.status is Status.IN_PROGRESS and task.artwork and task.progress:
            if profile.name == "newapi":
                return f"{self.base}/mj/image/{task.id}?rand={time.time_ns()}"
            return self.file(f"{task.id}-p{task.progress}.webp", profile)
        return None

    def _result(self, task: Task, profile: Profile) -> str | None:
        if task.artwork is None and not task.given:
            return None
        if profile.name == "newapi":
            return f"{self.base}/mj/image/{task.id}"
        if task.kind is Kind.SWAP_VIDEO:
            return self.file(f"{task.id}-c0.{clip_form()}", profile)
        moves = task.artwork is not None and task.artwork.motion > 0
        return self.file(f"{task.id}.{'webp' if moves else 'png'}", profile)

    def file(self, name: str, profile: Profile) -> str:
        """The address of a file; signed where pictures lie at Discord (image API reference, 11)."""
        if profile.dialect == "trueai":
            return f"{self.base}/pictures/{name}"
        until = int(time.time()) + 86_400
        return f"{self.base}/pictures/{name}?ex={until:x}&is={until - 86_400:x}&hm={self._sign(name, f'{until:x}')}"

    def upload(self, name: str, profile: Profile) -> str:
        return self._upload_base + self.file(name, profile).removeprefix(self.base)

    def valid(self, name: str, query: dict[str, str]) -> bool:
        """Whether the query of a signed address is complete, genuine and not expired."""
        until = query.get("ex", "")
        genuine = hmac.compare_digest(query.get("hm", ""), self._sign(name, until))
        return genuine and int(until, 16) > time.time()

    def _sign(self, name: str, until: str) -> str:
        return hmac.new(self._secret, f"{name} {until}".encode(), hashlib.sha256).hexdigest()[:32]


def parsed(name: str) -> tuple[str, str | None, int, bool, str] | None:
    """A file name as task id, `p` (preview), `c` (clip), `s` (a single) or None, its number, thumbnail?, and form."""
    match = _NAME.fullmatch(name)
    return (match[1], match[2], int(match[3] or 0), bool(match[4]), match[5]) if match else None
