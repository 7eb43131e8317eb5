"""The short table: Atelier's costs in the figures that are watched, one column a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.counts import Counted
from tests.bench.loads import LONG, SHORT
from tests.bench.pressing import Costs
from tests.bench.programs import BARE, FAIR
from tests.bench.starting import Start
from tests.bench.sustained import Ramp, shown_rate
from tests.bench.tables import Table


@dataclass
class Report:
    """What one run measured, by the programs' names. `pressing` is by the load's name before, `counts` after that."""

    pressing: Mapping[str, Mapping[str, Costs]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, Counted]] = field(default_factory=dict)
    ramps: Mapping[str, Sequence[Ramp]] = field(default_factory=dict)
    starts: Mapping[str, Start] = field(default_factory=dict)

    def cpu_against_fair(self, name: str, load: str) -> float:
        """The ratio of CPU a press."""
        return self.pressing[load][name].cpu / self.pressing[load][FAIR.name].cpu


def table(report: Report) -> Table:
    """Every Atelier of the run."""
    columns = [_column(report, name) for name in report.counts]
    words = [
        "SQL statements a press: short / long",
        "commits with fsync a press: short / long",
        "CPU a press against the fair bare bot: short / long",
        "press to submit, median, against the bare bot",
        "presses a second that one process holds",
        "start against the bare bot: CPU / memory",
    ]
    rows = [[label, *values] for label, *values in zip(words, *columns, strict=True)]
    return Table("summary", ["", *report.counts], rows)


def _column(report: Report, name: str) -> Sequence[str]:
    loads, counts = (SHORT.name, LONG.name), report.counts[name]
    pressing, start, bare = report.pressing[SHORT.name], report.starts[name], report.starts[BARE.name]
    return (
        " / ".join(f"{counts[load]['statements']:.0f}" for load in loads),
        " / ".join(f"{counts[load]['full_commits']:.1f}" for load in loads),
        " / ".join(f"× {report.cpu_against_fair(name, load):.1f}" for load in loads),
        f"× {pressing[name].submitted / pressing[BARE.name].submitted:.1f}",
        shown_rate(report.ramps[name]),
        f"× {start.cpu / bare.cpu:.1f} / × {start.megabytes / bare.megabytes:.1f}",
    )
