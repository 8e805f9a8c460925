"""List the packages that come with ours, and their licences.

Usage: python scripts/licences.py PYTHON PAGE.md

PYTHON is that of an environment in which the package alone was installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAD = """# Licences

napari-geolabel is under the BSD-3-Clause licence, and brings nothing of others in its own package. pip installs
these packages with it, each under its own licence; a Qt binding is chosen by whoever installs it (PyQt6: GPL or
commercial, PySide6: LGPL or commercial). `make package` makes this page, and `dist/sbom.cdx.json`, which lists the
same packages with versions and sources as CycloneDX.

| package | licence |
|---|---|
"""
PROBE = """
import json
from importlib.metadata import distributions
print(json.dumps([
    dict(
        name=d.metadata["Name"],
        words=d.metadata.get("License-Expression"),
        text=d.metadata.get("License"),
        marks=[c for c in d.metadata.get_all("Classifier", []) if c.startswith("License ::")],
    )
    for d in distributions()
]))
"""


def main(python: str, page: str) -> None:
    """Write the page."""
    told = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=True).stdout
    rows = {found["name"]: licence_of(found) for found in json.loads(told) if found["name"] != "napari-geolabel"}
    lines = (f"| {name} | {rows[name]} |" for name in sorted(rows, key=str.lower))
    Path(page).write_text(HEAD + "\n".join(lines) + "\n", "utf-8")


def licence_of(found: dict[str, object]) -> str:
    """Return the licence that a package names: its SPDX expression, its classifiers or the first line of its text."""
    marks = [str(mark).rpartition(" :: ")[2] for mark in found["marks"] or ()]  # type: ignore[attr-defined]
    lines = str(found["text"] or "").strip().splitlines()
    named = found["words"] or ", ".join(mark for mark in marks if mark != "OSI Approved") or (lines or ["not named"])[0]
    return str(named).strip().replace("|", "\\|")


if __name__ == "__main__":
    main(*sys.argv[1:])
