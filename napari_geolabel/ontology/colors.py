"""Colours of classes: those that other programs write, and new ones that lie apart."""

from __future__ import annotations

import colorsys
import re

PALETTE = ("#e69f00", "#0072b2", "#cc79a7", "#009e73", "#f0e442", "#56b4e9", "#d55e00", "#882255")
"""Colours of new classes that colour-blind people can tell apart: those of Okabe and Ito (2008), and a wine red."""

_GOLDEN = 0.618033988749895  # steps of the golden ratio keep hues apart, however many there are
_RGB = re.compile(r"rgba?\(([^()]{1,80})\)")


def spread_color(number: int) -> str:
    """Return a colour as ``#rrggbb`` that differs from those of the numbers before: of `PALETTE`, then other hues."""
    if number < len(PALETTE):
        return PALETTE[number]
    return hex_color(*(255 * channel for channel in colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.75, 0.95)))


def hex_color(red: float, green: float, blue: float) -> str:
    """Return a colour as ``#rrggbb``; channels from 0 to 255, cut to that range."""
    channels = (max(0, min(255, round(channel))) for channel in (red, green, blue))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def rgb_of(color: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255, of a colour as ``#rrggbb``."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def read_color(text: object) -> str | None:
    """Return a colour of another program as ``#rrggbb``, None where it is none.

    Reads what CSS has (``#rgb``, ``#rrggbb``, ``rgba(...)``, names), QGIS's
    ``"r,g,b,a"`` and lists of three or four numbers; what makes it
    transparent is dropped.
    """
    if isinstance(text, list | tuple):
        return _of_channels([str(channel) for channel in text])
    if not isinstance(text, str):
        return None
    plain = text.strip().lower()
    written = _RGB.fullmatch(plain)
    listed = (written.group(1) if written else plain).split(",")
    if len(listed) >= 3:
        return _of_channels([channel.strip() for channel in listed])
    return _of_css(plain)


def _of_channels(channels: list[str]) -> str | None:
    try:
        return hex_color(*(float(channel) for channel in channels[:3])) if len(channels) >= 3 else None
    except (ValueError, OverflowError):  # OverflowError: an infinity
        return None


def _of_css(text: str) -> str | None:
    """Return the colour of a CSS name or ``#`` notation; Pillow knows all 148 names."""
    from PIL import ImageColor

    try:
        return hex_color(*ImageColor.getrgb(text)[:3]) if len(text) <= 40 else None
    except ValueError:
        return None
