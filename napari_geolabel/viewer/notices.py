"""Telling the user something through napari's notifications, as plain text.

napari shows notifications, status and tooltips in Qt labels that guess whether
a text is HTML, and Qt's HTML loads local images.  Names of files, classes and
layers come from elsewhere, so no < reaches those labels.
"""

from __future__ import annotations

_LOOKALIKE = str.maketrans({"<": "\u2039"})


def plain_text(text: str) -> str:
    """Return the text with < replaced by a lookalike, so that Qt cannot take it for HTML."""
    return text.translate(_LOOKALIKE)


def warn(message: str) -> None:
    """Show one sentence as a napari warning."""
    from napari.utils.notifications import show_warning

    show_warning(plain_text(message))


def tell(message: str) -> None:
    """Show one sentence as a napari information."""
    from napari.utils.notifications import show_info

    show_info(plain_text(message))
