"""Sum up several test runs, and see that no test was skipped which must run.

Usage: python scripts/sum_up_tests.py REPORT.xml ... [--must-run REPORT.xml]

A test with a window that is skipped would rot unseen, so skips in a report
named with ``--must-run`` are failures, but for those whose reason is missing
real data or a missing QGIS.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml.ElementTree import parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ALLOWED_REASONS = ("../shared/data", "QGIS")
_ORDER = ("failed", "passed", "skipped", "xfailed", "error")


def main() -> int:
    """Print the sum in the form of pytest's closing line; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description="Sum up several test runs.")
    parser.add_argument("reports", nargs="+", type=Path, help="JUnit files that pytest wrote")
    parser.add_argument("--must-run", action="append", default=[], type=Path, help="a report that allows no skips")
    arguments = parser.parse_args()
    missing = [path for path in {*arguments.reports, *arguments.must_run} if not path.is_file()]
    if missing:
        print(f"{missing[0]} was not written: that run of the tests did not finish", file=sys.stderr)
        return 1
    forbidden = [name for path in arguments.must_run for name in forbidden_skips(path)]
    for name in forbidden:
        print(f"FAILED {name}: a test with a window was skipped")
    counts, seconds = totals(arguments.reports)
    print(closing_line(counts + Counter(failed=len(forbidden)) - Counter(skipped=len(forbidden)), seconds))
    return int(bool(forbidden or counts["failed"] or counts["error"] or not counts["passed"]))


def totals(reports: list[Path]) -> tuple[Counter[str], float]:
    """Return how many tests ended in which way, and how many seconds the runs took together."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    for path in reports:
        root = parse(path).getroot()
        counts.update(_outcome(case) for case in root.iter("testcase"))
        seconds += sum(float(suite.get("time", 0)) for suite in root.iter("testsuite"))
    return counts, seconds


def forbidden_skips(report: Path) -> Iterator[str]:
    """Yield the name and reason of every test that was skipped without a good reason."""
    for case in parse(report).getroot().iter("testcase"):
        skip = case.find("skipped")
        if _outcome(case) != "skipped" or skip is None:
            continue
        reason = f"{skip.get('message', '')} {skip.text or ''}"
        if not any(allowed in reason for allowed in ALLOWED_REASONS):
            yield f"{case.get('classname')}::{case.get('name')} ({skip.get('message')})"


def closing_line(counts: Counter[str], seconds: float) -> str:
    """Return the last line, as pytest writes it."""
    words = [f"{counts[word]} {word}" for word in _ORDER if counts[word]]
    text = f" {', '.join(words) or 'no tests ran'} in {seconds:.2f}s "
    return text.center(100, "=")


def _outcome(case: Element) -> str:
    """Return how one test ended."""
    if case.find("error") is not None:
        return "error"
    if case.find("failure") is not None:
        return "failed"
    skip = case.find("skipped")
    if skip is None:
        return "passed"
    return "xfailed" if skip.get("type") == "pytest.xfail" else "skipped"


if __name__ == "__main__":
    raise SystemExit(main())
