"""Timing of one piece of work."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Result:
    """How long something took."""

    name: str
    """What was done."""
    median_ms: float
    """Median time of the repeats, in milliseconds."""
    worst_ms: float
    """The longest, in milliseconds."""
    repeats: int

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return asdict(self)


def measure(name: str, work: Callable[[], object], *, repeats: int = 5) -> Result:
    """Run some work once to warm up, then several times against the clock."""
    work()
    times_ms = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times_ms.append(1000 * (time.perf_counter() - start))
    return Result(name=name, median_ms=statistics.median(times_ms), worst_ms=max(times_ms), repeats=repeats)
