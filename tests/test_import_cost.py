"""What a start leaves out: garbage collections while modules are imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bot.__main__ import Exit
from playground.bot_process import ROOT


def printed(program: str, folder: Path) -> object:
    """What the program prints last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout.splitlines()[-1])


COLLECTIONS = """
import gc, json, sys
from bot.__main__ import main
between = []
gc.callbacks.append(lambda *_: between.append("aiohttp" in sys.modules and "bot.command_runner" not in sys.modules))
code = main(["run"])
print(json.dumps([code, any(between), gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects())]))
"""


def test_modules_are_imported_without_collections_which_leave_them_alone_later(tmp_path: Path) -> None:
    # It ends at its settings, after the imports, of which `bot.command_runner` is the last.
    assert printed(COLLECTIONS, tmp_path) == [Exit.SETTINGS, False, True, True]
