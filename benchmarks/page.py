"""Where figures go: a marked section of a page for readers, and a JSON file beside the page for scripts.

The JSON of a part holds the tables of its section, cell by cell, with the time and the load of the machine, so that
what is read and what is reckoned with are the same figures.  They lie in a folder of the page's name:
``docs/performance``.
"""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")

Table = dict[str, Any]
"""``title``, ``columns`` and ``rows``: row → its cells, in the order of the columns."""


class NotMeasuredError(LookupError):
    """A figure that no run has told yet."""


def marks(part: str) -> tuple[str, str]:
    """Return what stands before and after the section of a part."""
    return f"<!-- bench-{part}: begin -->", f"<!-- bench-{part}: end -->"


def renew(page: Path, part: str, text: str) -> None:
    """Put the text of a part between its marks in a page, and keep its tables as JSON."""
    show(page, part, text)
    kept = {
        "part": part,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()},
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "tables": tables_of(text),
    }
    path = figures_path(page, part)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def show(page: Path, part: str, text: str) -> None:
    """Put a text between the marks of a part in a page, at its end if they are missing."""
    begin, end = marks(part)
    whole = page.read_text("utf-8") if page.is_file() else "# Performance\n"
    if begin not in whole:
        whole = f"{whole}\n{begin}\n{end}\n"
    before, _, rest = whole.partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", "utf-8")


def figures_path(page: Path, part: str) -> Path:
    """Return where the figures of a part lie."""
    return page.with_suffix("") / f"{part}.json"


def tables_of(text: str) -> list[Table]:
    """Return the tables of a Markdown text, each by its first heading, or by the bold line before it."""
    found: list[Table] = []
    bold, table = "", None
    for line in text.splitlines():
        if not line.startswith("|"):
            table = None
            if line.startswith("**"):
                bold = line.strip().strip("*")
            continue
        cells = [cell.strip().replace("**", "") for cell in line.strip().strip("|").split("|")]
        if table is None:
            table = {"title": cells[0] or bold, "columns": cells[1:], "rows": {}}
            found.append(table)
        elif not set(line) <= set("|-: "):
            table["rows"][cells[0]] = cells[1:]
    return found


class Figures:
    """The figures that lie beside a page."""

    def __init__(self, page: Path = PAGE) -> None:
        self._page = page

    def tables(self, part: str) -> list[Table]:
        """Return the tables of a part.

        Raises
        ------
        NotMeasuredError
            If no run has told them.
        """
        try:
            told = json.loads(figures_path(self._page, part).read_text("utf-8"))
        except OSError:
            raise NotMeasuredError(part) from None
        tables: list[Table] = told["tables"]
        return tables

    def table(self, part: str, title: str) -> Table:
        """Return the first table of a part whose title begins so."""
        for table in self.tables(part):
            if table["title"].startswith(title):
                return table
        raise NotMeasuredError(f"{part}, {title}")

    def row(self, part: str, title: str, row: str) -> dict[str, float]:
        """Return the numbers of one row by their columns; what is no number is left out."""
        table = self.table(part, title)
        for name, cells in table["rows"].items():
            if name.startswith(row):
                numbers = {column: number_in(cell) for column, cell in zip(table["columns"], cells, strict=False)}
                return {column: number for column, number in numbers.items() if number is not None}
        raise NotMeasuredError(f"{part}, {title}, {row}")

    def number(self, part: str, title: str, row: str, column: str) -> float:
        """Return one number."""
        try:
            return self.row(part, title, row)[column]
        except KeyError:
            raise NotMeasuredError(f"{part}, {title}, {row}, {column}") from None


def number_in(cell: str) -> float | None:
    """Return the first number of a cell: 5373 of ``5,373 (49x)``."""
    match = _NUMBER.search(cell)
    return float(match[0].replace(",", "")) if match else None
