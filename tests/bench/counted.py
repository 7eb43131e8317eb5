"""The real bot with counters in its process. On SIGUSR1 it writes them to PROBE_FILE as JSON.

The bot knows nothing of it: the counters are installed before it is imported.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from tests.bench import real_bot
from tests.bench.counting import Counts, counting


def report(counts: Counts, path: Path) -> None:
    """Writes the file at once as a whole."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(counts.as_dict()), encoding="ascii")
    part.replace(path)


def main() -> int:
    """Runs the bot; its exit code."""
    path = Path(os.environ["PROBE_FILE"])
    with counting() as counts:
        signal.signal(signal.SIGUSR1, lambda *_: report(counts, path))
        return real_bot.run()


if __name__ == "__main__":
    sys.exit(main())
