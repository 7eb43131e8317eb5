"""The real bot with a wall clock that can be set: it is as many seconds ahead as the file CLOCK_FILE says."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

_really = time.time
_ahead = Path(os.environ["CLOCK_FILE"])


def _stepped() -> float:
    return _really() + float(_ahead.read_text(encoding="ascii"))


if __name__ == "__main__":
    # Before anything of the bot is read: defaults keep what they were given.
    time.time = _stepped
    from bot.__main__ import main

    sys.exit(main(["run"]))
