"""The formats of labels in file dialogs, as the registry has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from qtpy.QtWidgets import QInputDialog, QWidget

from napari_geolabel.formats.registry import Format, all_formats, has_own_ending, same_suffix

ChooseFormat = Callable[[QWidget | None, Sequence[Format]], Format | None]
"""Asks which of several formats is meant; None when the user gave up."""


def export_filters() -> str:
    """Return the filters of a dialog that saves labels: formats that share a suffix and need a name in one."""
    written = [each for each in all_formats().values() if each.writes]
    plain: list[str] = []
    by_suffix: dict[str, list[str]] = {}
    for each in written:
        if each.only_by_name and not has_own_ending(each.suffixes[0], each):
            by_suffix.setdefault(each.suffixes[-1], []).append(each.title)
        else:
            plain.append(f"{each.title} (*{each.suffixes[0]})")
    return ";;".join([*plain, *(f"{', '.join(titles)} (*{suffix})" for suffix, titles in by_suffix.items())])


def import_filters() -> str:
    """Return the filters of a dialog that opens labels: all that can be read, or any file."""
    suffixes = {f"*{suffix}": None for each in all_formats().values() if each.reads for suffix in each.suffixes}
    return f"Labels ({' '.join(suffixes)});;All files (*)"


def format_for(path: str, parent: QWidget | None, choose: ChooseFormat) -> tuple[bool, str | None]:
    """Return whether to go on, and the format to write where the suffix of a file leaves several.

    The user is asked only where there is a choice; a format that is None is
    told by the suffix.
    """
    fitting = [each for each in same_suffix(Path(path)) if each.writes]
    if not fitting or not all(each.only_by_name for each in fitting) or has_own_ending(path, fitting[0]):
        return True, None
    chosen = fitting[0] if len(fitting) == 1 else choose(parent, fitting)
    return chosen is not None, None if chosen is None else chosen.id


def choose_format(parent: QWidget | None, formats: Sequence[Format]) -> Format | None:
    """Ask which of several formats is meant."""
    titles = [each.title for each in formats]
    title, is_chosen = QInputDialog.getItem(parent, "Export labels", "Format", titles, 0, False)
    return formats[titles.index(title)] if is_chosen else None
