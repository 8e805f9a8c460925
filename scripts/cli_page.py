"""Fills docs/cli.md from the commands themselves while mkdocs builds the site (``hooks`` in mkdocs.yml)."""

from __future__ import annotations

import re
from typing import Any

PAGE = "cli.md"
PLACE = "<!-- the commands -->"


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:  # noqa: ANN401  (mkdocs calls it)
    """Put the commands into their page."""
    return markdown.replace(PLACE, commands_markdown()) if page.file.src_uri == PAGE else markdown


def commands_markdown() -> str:
    """Return a section for each command, with its arguments and options."""
    from typer.main import get_command

    from napari_geolabel.cli import app

    root = get_command(app)
    sections = [_section(path, command) for path, command in _commands(root, ("geolabel",))]
    return "\n".join(sections)


def _commands(group: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    """Return the commands below a group, in the order in which it lists them."""
    context = group.make_context(path[-1], [], resilient_parsing=True)
    if not hasattr(group, "list_commands"):
        return [(path, group)]
    found = []
    for name in group.list_commands(context):
        found += _commands(group.get_command(context, name), (*path, name))
    return found


def _section(path: tuple[str, ...], command: Any) -> str:  # noqa: ANN401
    context = command.make_context(path[-1], [], resilient_parsing=True)
    usage = " ".join([*path, *command.collect_usage_pieces(context)])
    records = [each.get_help_record(context) for each in command.params]
    rows = [record for record in records if record]
    lines = [f"## {' '.join(path)}", "", f"`{usage}`", "", _text(command.help or ""), ""]
    if rows:
        lines += ["| option | what it is |", "|---|---|"]
        lines += [f"| `{_cell(name)}` | {_cell(help_text)} |" for name, help_text in rows]
        lines.append("")
    return "\n".join(lines)


def _text(text: str) -> str:
    """Return the paragraphs of a help text, each on one line."""
    parts = re.split(r"\n\s*\n", text.replace("\b", "").strip())
    return "\n\n".join(re.sub(r"\s+", " ", part).replace("``", "`") for part in parts)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()
