"""Plain text for people and JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer


def print_json(value: Any) -> None:  # noqa: ANN401  (whatever JSON holds)
    """Print a value as indented JSON; what JSON lacks becomes text."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, columns padded to their widest cell; None is a dash."""
    cells = [[_text(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    rule = ["-" * width for width in widths]
    for row in [cells[0], rule, *cells[1:]]:
        typer.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values, one a line, the values in one column; None values are left out."""
    known = {name: value for name, value in facts.items() if value is not None}
    width = max((len(name) for name in known), default=0)
    for name, value in known.items():
        typer.echo(f"  {name.ljust(width)}  {value}")


def _text(cell: object) -> str:
    if cell is None:
        return "-"
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
