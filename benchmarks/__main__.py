"""All benchmarks in one run: ``make bench``, or ``python -m benchmarks [part ...]``.

Each part is a program of its own that renews its section of ``docs/performance.md`` and keeps its figures as JSON in
``docs/performance``.  A part that fails or takes too long loses nothing of the others; its section stays as it was.
At the end the table of targets and the pictures are made of whatever figures there are.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import pictures, targets
from benchmarks.page import PAGE

HERE = Path(__file__).parent
LOGS = HERE / "results"
TAIL_LINES = 4


@dataclass(frozen=True)
class Part:
    """One benchmark, and how long it may take."""

    name: str
    words: tuple[str, ...]
    """The module under ``benchmarks`` and its arguments: the sizes of the long run, with few rounds."""
    minutes: float
    """After so long it is ended."""
    title: str


PARTS = (
    Part("start", ("bench_start", "--rounds", "5"), 2, "start-up and imports"),
    Part("composite", ("bench_composite",), 2, "composites and indices"),
    Part("labelfile", ("bench_label_file",), 4, "journal commits and the label file"),
    Part("imagery", ("bench_imagery", "--rounds", "1"), 8, "opening, panning, memory"),
    Part("limits", ("bench_limits", "--rounds", "5"), 3, "distance to the machine's limit"),
    Part("masks", ("bench_masks", "--counts", "1000", "100000"), 7, "masks"),
    Part("formats", ("bench_formats", "--count", "100000", "--rounds", "1", "--keep"), 5, "formats"),
    Part("stroke", ("bench_stroke", "--strokes", "8"), 3, "painting"),
    Part("window", ("bench_window",), 6, "panning in a real window"),
    Part("bench", ("bench_bench", "--counts", "100", "1000", "100000", "--rounds", "1"), 6, "drawing at scale"),
)


def main() -> None:
    """Run the parts that are asked for, one after another, and say how each went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [part.name for part in PARTS]
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(names)}; all by default")
    wanted = parser.parse_args().parts
    if unknown := set(wanted) - set(names):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    sys.exit(run_all([part for part in PARTS if not wanted or part.name in wanted]))


def run_all(parts: list[Part]) -> int:
    """Run parts in turn, make the table of targets and the pictures, and return how many failed."""
    began, failed = time.monotonic(), []
    for number, part in enumerate(parts, 1):
        print(f"[{number:2}/{len(parts)}] {part.title} ...", flush=True)
        start = time.monotonic()
        why = run(part)
        took = f"{time.monotonic() - start:.0f} s, {_minutes(time.monotonic() - began)} in all"
        if why is None:
            print(f"        done in {took}", flush=True)
        else:
            failed.append(part.name)
            print(f"        FAILED after {took}: {why}", flush=True)
    targets.renew_targets(PAGE)
    pictures.draw_all(PAGE)
    print(f"{PAGE.name}: sections, targets and pictures are made anew.")
    print(f"Total time {_minutes(time.monotonic() - began)}; " + _outcome(len(parts), failed), flush=True)
    return len(failed)


def run(part: Part) -> str | None:
    """Run one part in a process of its own, its words in a log; return why it failed, or None."""
    LOGS.mkdir(exist_ok=True)
    log = LOGS / f"{part.name}.log"
    command = [sys.executable, "-m", f"benchmarks.{part.words[0]}", *part.words[1:]]
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=HERE.parent, stdout=told, stderr=told, start_new_session=True)
        try:
            code = process.wait(60 * part.minutes)
        except subprocess.TimeoutExpired:
            return f"it took more than {part.minutes:g} minutes and was ended; see {log}"
        finally:
            _end(process)
    if code == 0:
        return None
    last = " / ".join(log.read_text("utf-8", "replace").strip().splitlines()[-TAIL_LINES:])
    return f"exit code {code}; see {log}: {last}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a part with all programs that it has started, if any still runs."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):  # all have ended by themselves
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


def _outcome(count: int, failed: list[str]) -> str:
    if not failed:
        return f"all {count} parts ran."
    return f"{len(failed)} of {count} parts failed: {', '.join(failed)}. Run them again by: python -m benchmarks NAME"


if __name__ == "__main__":
    main()
