"""HTML for notebooks: tables whose text is shown as it is, whatever a file put into it."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CELL = "text-align:left;padding:2px 10px 2px 0;vertical-align:top"


@dataclass(frozen=True)
class Swatch:
    """A cell that shows a colour before its text."""

    color: str
    """``#rrggbb``."""
    text: str


def html_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; cells are texts, numbers, `Swatch` or None, which is left empty."""
    head = "".join(f'<th style="{_CELL}">{_cell(each)}</th>' for each in headings)
    lines = ["".join(f'<td style="{_CELL}">{_cell(each)}</td>' for each in row) for row in rows]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in (head, *lines) if line)}</table>"


def html_title(title: str, note: str = "") -> str:
    """Return a line with a title, and a note beside it."""
    return f"<div><b>{html.escape(title)}</b> {html.escape(note)}</div>"


def html_picture(png: bytes, alternative: str) -> str:
    """Return a picture that the page itself holds."""
    data = base64.b64encode(png).decode("ascii")
    return f'<img alt="{html.escape(alternative, quote=True)}" src="data:image/png;base64,{data}">'


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Swatch):
        color = html.escape(value.color, quote=True)
        box = f'<span style="display:inline-block;width:0.8em;height:0.8em;background:{color}"></span>'
        return f"{box} {html.escape(value.text)}"
    return html.escape(f"{value:.6g}" if isinstance(value, float) else str(value))
