"""How fast tasks progress and how large their images are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Timing of one task, in seconds, and the size of its image, in pixels; by default as people like it.

    A task waits `queue` seconds as SUBMITTED and then takes `steps` steps of `step` seconds each.
    `sync` is how often a newapi relay copies the state of its upstream (15 s in the original,
    docs/image-api.md#polling). `side` is the edge of a square image; other aspects keep its area.
    """

    queue: float = 0.8
    step: float = 0.7
    steps: int = 9
    sync: float = 1.5
    side: int = 1024

    @classmethod
    def quick(cls) -> "Pace":
        """For tests: a task takes about 0.3 s and is small."""
        return cls(queue=0.05, step=0.06, steps=4, sync=0.1, side=128)

    def percent(self, step: int) -> int:
        """Progress shown after `step` of the steps; the last one stays below 100."""
        return round(100 * step / (self.steps + 1))
