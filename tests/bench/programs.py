"""The programs that are compared, and how each is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playground.bot_process import PROGRAM
from tests.bench.counted import BOT_FROM


@dataclass(frozen=True)
class Program:
    """`arguments` are Python's; `settings` are added to those of the environment."""

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)


BARE = Program("bare bot", ("-m", "tests.bench.bare"))
FAIR = Program("fair bare bot", ("-m", "tests.bench.fair"))
ATELIER = Program("Atelier", PROGRAM)
COUNTED = ("-m", "tests.bench.counted")


def atelier_from(checkout: Path) -> Program:
    """Atelier as it is in another checkout. Its settings must still be understood by that version."""
    return Program(f"Atelier from {checkout.name}", PROGRAM, {"PYTHONPATH": str(checkout)})


def counted(program: Program, report: Path) -> Program:
    """The same version of Atelier with counters in its process, which it writes to `report` on SIGUSR1."""
    checkout = program.settings.get("PYTHONPATH")
    others = {BOT_FROM: checkout} if checkout else {}
    return Program(program.name, COUNTED, {**others, "PROBE_FILE": str(report)})
