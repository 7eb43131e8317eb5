"""The real bot with counters in its process. On SIGUSR1 it writes them to PROBE_FILE as JSON.

The bot knows nothing of it: the counters are installed before it is imported.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from tests.bench.counting import Counts, counting

# The checkout whose bot is run; PYTHONPATH would replace the bench itself.
BOT_FROM = "BENCH_BOT_FROM"


def report(counts: Counts, path: Path) -> None:
    """Writes the file at once as a whole."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(counts.as_dict()), encoding="ascii")
    part.replace(path)


def main() -> int:
    """Runs the bot; its exit code."""
    if checkout := os.environ.get(BOT_FROM):
        sys.path.insert(0, checkout)
    path = Path(os.environ["PROBE_FILE"])
    with counting() as counts:
        signal.signal(signal.SIGUSR1, lambda *_: report(counts, path))
        from bot.__main__ import main as run  # noqa: PLC0415 - after the counters, and from that checkout

        return run(["run"])


if __name__ == "__main__":
    sys.exit(main())
