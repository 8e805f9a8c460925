"""The laboratory of faults as a program; ``make faults`` runs it::

    python tests/faults/faultlab.py kill --rounds 200
    python tests/faults/faultlab.py flip --rounds 1000
    python tests/faults/faultlab.py pair --rounds 2000

Each prints how many rounds went well and ends with 1 if one did not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lab_flip import flip_rounds, make_worn_file
from lab_kill import EXPORTS, check_after_kill, check_exports, content_of, export, kill_rounds
from lab_pair import check_pair, pair_round
from lab_world import GRID, ONTOLOGY, check_soundness, open_desk

__all__ = [
    "EXPORTS",
    "GRID",
    "ONTOLOGY",
    "check_after_kill",
    "check_exports",
    "check_pair",
    "check_soundness",
    "content_of",
    "export",
    "make_worn_file",
    "open_desk",
]


def main() -> int:
    """Run one sort of rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["kill", "flip", "pair"])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="geolabel-faults-"))
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    print(f"{options.what}: {options.rounds} rounds, seed {options.seed}, in {folder}", flush=True)
    try:
        run(options.what, folder, options.rounds, options.seed)
    except AssertionError as error:
        print(f"FAILED: {error}; the files are kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def run(what: str, folder: Path, rounds: int, seed: int) -> None:
    """Run rounds of one sort and print what came of them."""
    if what == "kill":
        lines = kill_rounds(folder, rounds, seed)
        print("\n".join(lines))
        print(f"{len(lines)} of {rounds} rounds: every acknowledged edit was there")
    elif what == "flip":
        found = flip_rounds(folder, rounds, seed)
        print(f"{found.total()} of {rounds} flipped bits: {dict(found)}")
    else:
        print(pair_round(folder / "pair.labels.gpkg", rounds))


if __name__ == "__main__":
    sys.exit(main())
