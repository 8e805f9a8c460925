"""Random actions on a real window; ``make monkey`` runs it::

    python tests/monkey/monkeylab.py --seeds 200 --actions 1000
    python tests/monkey/monkeylab.py --one 17 --actions 1000

The first runs each seed in a process of its own, as many beside each other as
there are processors (``--jobs``), passes over those that went well before
(``--fresh`` forgets them), and ends with 1 if one failed.  The second is one
seed in this process; its actions are written down as they are done, so that
the last line of the log is the one that a crash came of.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monkey_world import Ears

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from napari_geolabel.cli.screen import screen  # noqa: E402  (from beside this file, not from elsewhere)

LONGEST_GAP_MS = 500
UNPACKING_MS = 300
"""What `unpacking_ms` tells of the machine that the longest gap is meant for."""
CHECK_EVERY = int(os.environ.get("CHECK_EVERY", "5"))
"""Actions between two looks at layers, store and geometry."""
LONGEST_S = 3600
FOLDER = Path(os.environ.get("TEST_ARTEFACTS", Path(__file__).parents[2] / "test-artefacts")) / "monkey"


def main() -> int:
    """Run one seed, or many."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--actions", type=int, default=1000)
    parser.add_argument("--one", type=int, help="this seed alone, in this process")
    parser.add_argument("--fresh", action="store_true", help="do also what went well before")
    parser.add_argument("--jobs", type=int, default=_most_jobs(), help="how many seeds run beside each other")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if options.one is not None:
        return _run_here(options.one, options.actions)
    seeds = range(options.first, options.first + options.seeds)
    return run_seeds(seeds, options.actions, fresh=options.fresh, jobs=options.jobs)


def run_seeds(seeds: range, actions: int, *, fresh: bool = False, jobs: int = 1) -> int:
    """Run seeds in processes of their own; return 1 if one failed."""
    passed = {seed: FOLDER / f"{seed}-{actions}.json" for seed in seeds}
    new = [seed for seed in seeds if fresh or not passed[seed].exists()]
    if jobs > 1:  # two windows on one screen take the keyboard from each other, so each gets its own
        for display in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(display, None)
    with ThreadPoolExecutor(jobs) as pool:
        well = list(pool.map(lambda seed: _goes_well(seed, actions, passed[seed]), new))
    failed = [seed for seed, is_well in zip(new, well, strict=True) if not is_well]
    before, now = len(seeds) - len(new), len(seeds) - len(failed)
    print(f"{now} of {len(seeds)} seeds of {actions} actions went well, {before} of them before")
    if failed:
        print(f"failed: {', '.join(map(str, failed))}; logs in {FOLDER}")
    return bool(failed)


def _most_jobs() -> int:
    """Return how many seeds can run at once: as many as processors, where each can have a screen of its own."""
    return (os.cpu_count() or 1) if sys.platform.startswith("linux") and shutil.which("Xvfb") else 1


def _goes_well(seed: int, actions: int, passed: Path) -> bool:
    """Run a seed in a process of its own and print how it went."""
    reason = _run_apart(seed, actions, passed)
    if reason:
        print(f"seed {seed} FAILED: {reason}; again: {_command(seed, actions)}", flush=True)
    else:
        print(f"seed {seed}: {passed.read_text().strip()}", flush=True)
    return not reason


def _run_here(seed: int, actions: int) -> int:
    """Run a seed and print what was counted, or why it failed."""
    try:
        print(json.dumps(run_seed(seed, actions)))
    except Exception as error:  # noqa: BLE001  (whatever it is, the seed has failed)
        sys.excepthook = sys.__excepthook__  # the monkey's own only listens
        traceback.print_exc()
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}", file=sys.stderr, flush=True)
        os._exit(1)  # the window is still open, and Python ends badly with one
    return 0


def run_seed(seed: int, actions: int) -> dict[str, float]:
    """Do the actions of a seed; return what was counted.

    Raises
    ------
    AssertionError
        If an invariant does not hold; the sentence says which.
    """
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="geolabel-monkey-") as name, _log(seed, actions).open("w") as log:
        for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(Path(name) / variable)
        os.environ["NAPARI_CONFIG"] = str(Path(name) / "settings.yaml")
        from monkey_world import Ears

        from tests.gui.gl_contexts import contexts_watched

        ears = Ears()
        with contexts_watched(ears.heard.append):
            return _play(seed, actions, Path(name), log, ears)


def _play(seed: int, actions: int, folder: Path, log: object, ears: Ears) -> dict[str, float]:
    import numpy as np
    from monkey_actions import act
    from monkey_checks import State, check_file, check_now, check_undo_and_redo
    from monkey_world import open_world

    from benchmarks.window import Heartbeat

    world, rng = open_world(folder, ears), np.random.default_rng(seed)
    world.settle()
    start, begin, gaps, most = State.of(world), time.process_time(), [(0.0, "")], 0
    for number in range(actions):
        with Heartbeat() as heart:
            told = act(world, rng)
            world.work()
        gaps.append((heart.longest_own_ms, told))
        print(f"{number} {told}  [{heart.longest_own_ms:.0f} ms, {len(world.labels)}]", file=log, flush=True)
        if world.ears.heard or number % CHECK_EVERY == 0:
            world.settle()
            check_now(world)
        most = max(most, len(world.labels))
    check_undo_and_redo(world, start)
    steps, seconds = len(world.labels.store.undo_titles), time.process_time() - begin
    check_file(world, folder)
    counted = {"steps": steps, "most": most, "cpu_s": round(seconds, 1)}
    return counted | {"longest_ms": _check_gaps(gaps)}


def _check_gaps(gaps: list[tuple[float, str]]) -> int:
    """Return the longest time for which the window stood still, in milliseconds."""
    slow = max(1, unpacking_ms() / UNPACKING_MS)
    longest, told = max(gaps)
    assert longest < LONGEST_GAP_MS * slow, f"the window stood still for {longest:.0f} ms at: {told}"
    return round(longest)


def unpacking_ms() -> float:
    """Return how many milliseconds a processor takes to unpack 64 MiB: slower machines may take longer steps."""
    import numpy as np

    packed = zlib.compress(np.random.default_rng(0).integers(0, 48, 4 * 2**20, dtype=np.uint8).tobytes(), 1)
    begin = time.process_time()
    for _ in range(16):
        zlib.decompress(packed)
    return 1000 * (time.process_time() - begin)


def _run_apart(seed: int, actions: int, passed: Path) -> str:
    """Run a seed in a process of its own; return why it failed, empty where it did not."""
    command = [sys.executable, __file__, "--one", str(seed), "--actions", str(actions)]
    try:
        with screen() as environment:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
            )
    except subprocess.TimeoutExpired:
        return f"it hung at {_last_line(seed, actions)!r}"
    if done.returncode == 0:
        passed.write_text(done.stdout.splitlines()[-1] + "\n")
        return ""
    passed.unlink(missing_ok=True)
    _log(seed, actions).with_suffix(".err").write_text(done.stdout + done.stderr)
    if done.returncode < 0:
        return f"signal {-done.returncode} after {_last_line(seed, actions)!r}"
    return (done.stderr.strip().splitlines() or ["no word"])[-1][:600]


def _last_line(seed: int, actions: int) -> str:
    log = _log(seed, actions)
    return (log.read_text().splitlines() or ["nothing"])[-1] if log.exists() else "nothing"


def _log(seed: int, actions: int) -> Path:
    return FOLDER / f"{seed}-{actions}.log"


def _command(seed: int, actions: int) -> str:
    return f"python tests/monkey/monkeylab.py --one {seed} --actions {actions}"


if __name__ == "__main__":
    sys.exit(main())
