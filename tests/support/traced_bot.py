"""The real bot, which notes the modules whose functions run. On SIGUSR1 it writes those since the last signal to
PROBE_FILE, one path a line."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = tuple(f"{ROOT / package}{os.sep}" for package in ("bot", "cogs", "storage"))
PROBE_FILE = "PROBE_FILE"


class Trace:
    """The code that has run, in all threads that are started from now on and in this one."""

    def __init__(self) -> None:
        self._run: set[CodeType] = set()
        threading.setprofile(self._note)
        sys.setprofile(self._note)

    def write(self, path: Path) -> None:
        """Writes the file at once as a whole, and begins again."""
        run, self._run = self._run, set()
        files = {code.co_filename for code in run if code.co_name != "<module>"}
        part = path.with_suffix(".part")
        ours = sorted(str(Path(file).relative_to(ROOT)) for file in files if file.startswith(OURS))
        part.write_text("\n".join(ours), encoding="utf-8")
        part.replace(path)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            self._run.add(frame.f_code)


def main() -> int:
    """Runs the bot; its exit code."""
    trace, path = Trace(), Path(os.environ[PROBE_FILE])
    signal.signal(signal.SIGUSR1, lambda *_: trace.write(path))
    from bot.__main__ import main as run  # noqa: PLC0415 - after the trace was begun

    return run(["run"])


if __name__ == "__main__":
    sys.exit(main())
