"""Options that say which annotations of a file are wanted, the same as the filters of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from napari_geolabel.cli.options import with_options

Wanted = dict[str, Any]
"""The options that were given, as `Labels.find` takes them."""

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "class_id": (
        Annotated[list[str] | None, typer.Option("--class", metavar="ID", help="Only of this class; may be repeated.")],
        None,
    ),
    "status": (
        Annotated[
            list[str] | None, typer.Option("--status", metavar="STATUS", help="Only of this status; may be repeated.")
        ],
        None,
    ),
    "where": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--where",
                metavar="CONDITION",
                help="Only where an attribute is so: category=merchant, name~part of it, name= for no answer; "
                "may be repeated.",
            ),
        ],
        None,
    ),
    "text": (
        Annotated[str, typer.Option("--text", metavar="TEXT", help="Only where a class, answer or name has this.")],
        "",
    ),
    "min_length": (
        Annotated[float | None, typer.Option("--min-length", metavar="M", help="Only from this length on, in metres.")],
        None,
    ),
    "max_length": (
        Annotated[float | None, typer.Option("--max-length", metavar="M", help="Only up to this length.")],
        None,
    ),
    "min_area": (
        Annotated[float | None, typer.Option("--min-area", metavar="M2", help="Only from this area on, in m2.")],
        None,
    ),
    "max_area": (
        Annotated[float | None, typer.Option("--max-area", metavar="M2", help="Only up to this area.")],
        None,
    ),
}


def chooses_annotations(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which annotations are wanted; it gets as ``wanted`` those that were given."""
    return with_options(command, _OPTIONS, "wanted", _given)


def _given(**values: Any) -> Wanted:  # noqa: ANN401
    return {name: value for name, value in values.items() if value not in (None, "", [])}
