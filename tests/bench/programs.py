"""The programs that are compared, and how each is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playground.bot_process import PROGRAM
from tests.bench.real_bot import BOT_FROM


@dataclass(frozen=True, eq=False)
class Program:
    """`arguments` are Python's; `settings` are added to those of the environment."""

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)


BARE = Program("bare bot", ("-m", "tests.bench.bare"))
FAIR = Program("fair bare bot", ("-m", "tests.bench.fair"))
ATELIER = Program("Atelier", PROGRAM)


def atelier_of(checkout: Path) -> Program:
    """Atelier as it is in another checkout, which must understand the settings of this one's playground."""
    return Program(f"Atelier of {checkout.name}", PROGRAM, {"PYTHONPATH": str(checkout)})


def counted(program: Program, report: Path) -> Program:
    """The same Atelier with counters in its process, which it writes to `report` on SIGUSR1."""
    return _observed(program, "tests.bench.counted", report)


def probed(program: Program, report: Path) -> Program:
    """The same Atelier with a probe in its event loop, which writes to `report` now and then."""
    return _observed(program, "tests.bench.probed", report)


def _observed(program: Program, module: str, report: Path) -> Program:
    checkout = program.settings.get("PYTHONPATH")
    others = {BOT_FROM: checkout} if checkout else {}
    return Program(program.name, ("-m", module), {**others, "PROBE_FILE": str(report)})
