"""A scene as an RGBA pyramid, and single bands or expressions as float pyramids.

A picture's composite can be switched at any time without making new levels:
scene and composite stand in one attribute that is replaced in one assignment,
and every read takes its own look at it first, so that a read on another thread
cannot mix two composites.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_geolabel.imagery.collar import Collar, zero_everywhere
from napari_geolabel.imagery.colormaps import colormap
from napari_geolabel.imagery.composite import PALETTE, Channel, Composite, ResolvedComposite, resolve, resolve_channel
from napari_geolabel.imagery.inputs import Inputs
from napari_geolabel.imagery.lazy_level import LazyLevel
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Limits, Tone
from napari_geolabel.imagery.tables import (
    TablePaint,
    ValuePaint,
    Words,
    channel_table,
    color_table,
    has_table,
    pack,
    palette_table,
)
from napari_geolabel.imagery.tiles import Piece
from napari_geolabel.imagery.viewports import Viewports, common_part, rest_of, within
from napari_geolabel.imagery.workers import share_out

_KEPT_COMPOSITES = 8  # of tables, 0.75 MiB each


class Picture:
    """A scene shown in one composite at a time.

    Parameters
    ----------
    scene
        The scene; its tiles are shared with every other picture of it.
    composite
        What to show: a composite, or the id of one of ``scene.composites()``.

    Raises
    ------
    BandNotFoundError
        If the scene lacks a band of the composite.
    """

    def __init__(self, scene: Scene, composite: Composite | str) -> None:
        self.scene = scene
        self._made: dict[Composite, _Shown] = {}
        self._shown = self._ready(composite)
        self.levels: list[PictureLevel] = [PictureLevel(self, level) for level in scene.levels]
        """Full resolution first, each shape (rows, cols, 4), uint8."""

    @property
    def composite(self) -> Composite:
        """What is shown; setting it, also by id, changes what every level reads from then on."""
        return self._shown.resolved.composite

    @composite.setter
    def composite(self, composite: Composite | str) -> None:
        self._shown = self._ready(composite)
        self.levels[-1].refill()

    @property
    def band_names(self) -> tuple[str, ...]:
        """The names of the bands that are shown, by channel, each once."""
        return tuple(self.scene.bands.names[index] for index in self._shown.resolved.indexes)

    @property
    def limits(self) -> tuple[Limits, ...]:
        """The values shown darkest and brightest, one pair per channel, in reflectance where the file has it."""
        return self._shown.tone.limits

    @property
    def gamma(self) -> float:
        """The gamma that is in force, also where the stretch leaves it open."""
        return self._shown.tone.gamma

    def close(self) -> None:
        """Let go of what was painted; a picture that is made for a moment would else keep it as long as its scene."""
        for shown in self._made.values():
            shown.close()

    def _ready(self, composite: Composite | str) -> _Shown:
        """Return a composite made ready, which is kept, so that stepping to and fro makes no tables again."""
        # a scene makes its whole menu to find one, which every switch would have to wait for
        wanted = composite if isinstance(composite, Composite) else self.scene.composite(composite)
        shown = self._made.pop(wanted, None) or _Shown(self.scene, wanted)
        self._made[wanted] = shown
        if len(self._made) > _KEPT_COMPOSITES:
            self._made.pop(next(iter(self._made))).close()
        return shown


class PictureLevel(LazyLevel):
    """One level of a picture: a lazy array of shape (rows, cols, 4), uint8, alpha 0 where a band shown is invalid.

    The array that ``np.asarray`` gives for the coarsest level is always the
    same one, refilled at every switch: viewers keep it and take the picture
    from it when the whole scene is in view.
    """

    def __init__(self, picture: Picture, level: Level) -> None:
        self.level = level
        self.shape = (*level.shape, 4)
        self.chunks = (*level.chunks, 4)
        self.dtype = np.dtype(np.uint8)
        self._picture = picture
        self._buffer: NDArray[np.uint8] | None = None

    def read(self, bounds: Bounds) -> NDArray[np.uint8]:
        """Return a window, shape (rows, cols, 4), which is not to be written to."""
        return self._picture._shown.paint(self.level, bounds)  # noqa: SLF001  (picture and level are one thing)

    def looked_at(self, bounds: Bounds) -> None:
        """Have the tiles decoded that the next step in the same direction needs."""
        shown = self._picture._shown  # noqa: SLF001  (picture and level are one thing)
        shown.scene.source.store.prefetcher.looked_at(self.level, shown.inputs.indexes, bounds)

    def refill(self) -> None:
        """Bring the array that viewers keep up to date, if one has been given out."""
        if self._buffer is not None:
            self._buffer[...] = self.read((0, self.shape[0], 0, self.shape[1]))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if self.level is not self._picture.levels[-1].level:
            return super().__array__(dtype, copy)
        if self._buffer is None:
            self._buffer = self.read((0, self.shape[0], 0, self.shape[1])).copy()
        return np.array(self._buffer, dtype=dtype, copy=copy)


class FloatLevel(LazyLevel):
    """One level of a band or an expression: a lazy array of shape (rows, cols), float32, NaN where invalid."""

    def __init__(self, scene: Scene, channel: Channel, level: Level) -> None:
        self.level = level
        self.shape = level.shape
        self.chunks = level.chunks
        self.dtype = np.dtype(np.float32)
        self._scene = scene
        self._channel = channel

    def read(self, bounds: Bounds) -> NDArray[np.float32]:
        """Return a window, shape (rows, cols)."""
        scene, level = self._scene, self.level
        inputs = scene.inputs(tuple(self._channel.bands.values()))
        out = np.empty((bounds[1] - bounds[0], bounds[3] - bounds[2]), np.float32)
        for piece in scene.pieces(inputs, level, bounds):
            arrays = dict(zip(inputs.indexes, piece.arrays, strict=True))
            values = self._channel.compute(inputs.physical(arrays))
            collar = _collar_part(scene.preview.collar, level, bounds, piece.rows, piece.cols)
            if collar is not None:
                values[collar & zero_everywhere([arrays[band.index] for band in inputs.bands])] = np.nan
            out[piece.rows, piece.cols] = values
        return out

    def looked_at(self, bounds: Bounds) -> None:
        """Have the tiles decoded that the next step in the same direction needs."""
        indexes = self._scene.inputs(tuple(self._channel.bands.values())).indexes
        self._scene.source.store.prefetcher.looked_at(self.level, indexes, bounds)


def band_levels(scene: Scene, expression: str) -> list[FloatLevel]:
    """Return a band, by any of its names, or an expression as lazy float32 levels, full resolution first.

    Values are reflectance where the file tells how to make it, NaN where
    invalid and in a black collar.

    Raises
    ------
    BandNotFoundError
        If a band is missing.
    ExpressionError
        If the text is neither a name nor an expression.
    """
    channel = resolve_channel(expression, scene.bands)
    return [FloatLevel(scene, channel, level) for level in scene.levels]


class _Shown:
    """A composite made ready for a scene; never changed once made."""

    def __init__(self, scene: Scene, composite: Composite) -> None:
        self.scene = scene
        self.resolved = resolve(composite, scene.bands)
        self.tone = scene.preview.tone(self.resolved.channels, self.resolved.composite.stretch)
        bands = {band.index: band for channel in self.resolved.channels for band in channel.bands.values()}
        self.inputs = scene.inputs(tuple(bands.values()))
        self.collar = scene.preview.collar
        self.words = _paint_of(scene, self.resolved, self.inputs, self.tone)
        self._seen = Viewports(scene.source.store.cache)

    def close(self) -> None:
        """Let go of what was painted; what is painted from now on is not kept."""
        self._seen.close()

    def paint(self, level: Level, bounds: Bounds) -> NDArray[np.uint8]:
        """Return the picture of a window of a level, shape (rows, cols, 4), read-only where it is kept."""
        self.scene.require_open()
        last = self._seen.find(level)
        if last is not None and last[0] == bounds:
            return _as_rgba(last[1])
        out = np.empty((bounds[1] - bounds[0], bounds[3] - bounds[2]), np.uint32)
        known = None if last is None else common_part(last[0], bounds)
        if last is not None and known is not None:
            out[within(known, bounds)] = last[1][within(known, last[0])]
        for part in rest_of(bounds, known):
            self._fill(level, part, out[within(part, bounds)])
        self._seen.keep(level, bounds, out)
        return _as_rgba(out)

    def _fill(self, level: Level, bounds: Bounds, out: Words) -> None:
        """Paint a window of a level into ``out``."""
        indexes = self.inputs.indexes

        def paint_piece(piece: Piece) -> None:
            collar = _collar_part(self.collar, level, bounds, piece.rows, piece.cols)
            self.words(dict(zip(indexes, piece.arrays, strict=True)), collar, out[piece.rows, piece.cols])

        share_out(paint_piece, self.scene.pieces(self.inputs, level, bounds))


def _as_rgba(words: Words) -> NDArray[np.uint8]:
    return words.view(np.uint8).reshape(*words.shape, 4)


def _paint_of(scene: Scene, resolved: ResolvedComposite, inputs: Inputs, tone: Tone) -> TablePaint | ValuePaint:
    """Return what paints a composite: tables where the data type allows, else arithmetic."""
    composite = resolved.composite
    plain = all(channel.expression is None for channel in resolved.channels)
    bands = [next(iter(channel.bands.values())) for channel in resolved.channels]
    single = len(bands) == 1
    if single and composite.colormap == PALETTE and scene.palette is not None and has_table(scene.dtype):
        return TablePaint(inputs, (bands[0].index,), (palette_table(bands[0], scene.dtype, scene.palette),))
    name = composite.colormap if composite.colormap not in (None, PALETTE) else "gray"
    colors = pack(colormap(str(name))) if single else None
    if not (plain and has_table(scene.dtype)):
        return ValuePaint(inputs, resolved, tone, colors)
    if colors is not None:
        tables = [color_table(bands[0], scene.dtype, tone.limits[0], tone.gamma, colors, tone.curve(0))]
    else:
        tables = [
            channel_table(band, scene.dtype, tone.limits[i], tone.gamma, i, tone.curve(i))
            for i, band in enumerate(bands)
        ]
    return TablePaint(inputs, tuple(band.index for band in bands), tuple(tables))


def _collar_part(
    collar: Collar | None, level: Level, bounds: Bounds, rows: slice, cols: slice
) -> NDArray[np.bool_] | None:
    """Return where a part of a window may be collar."""
    if collar is None:
        return None
    row, col = bounds[0], bounds[2]
    return collar.inside(level.shape, (row + rows.start, row + rows.stop, col + cols.start, col + cols.stop))
