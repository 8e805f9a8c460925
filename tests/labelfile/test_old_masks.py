"""A painted mask whose scene comes to have another size is kept, and never laid on other pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import Change, TileEdit
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import LabelFile
from napari_geolabel.labelfile.old_masks import last_set_aside


def mask_of(file: LabelFile, shape: tuple[int, int]) -> np.ndarray:
    """Return what a label file holds as an array; every tile must be of the size that the scene asks for."""
    array = np.zeros(shape, np.uint8)
    for (row, col), pixels in file.load().tiles.items():
        part = array[row * 256 : row * 256 + 256, col * 256 : col * 256 + 256]
        part[...] = np.frombuffer(pixels, np.uint8).reshape(part.shape)
    return array


def paint(file: LabelFile, array: np.ndarray) -> None:
    """Record a whole mask as one change."""
    tiles = []
    for row in range(0, array.shape[0], 256):
        for col in range(0, array.shape[1], 256):
            pixels = np.ascontiguousarray(array[row : row + 256, col : col + 256]).tobytes()
            if pixels.strip(b"\0"):
                tiles.append(TileEdit(row=row // 256, col=col // 256, before=bytes(len(pixels)), after=pixels))
    file.record(Change(title="paint", tiles=tuple(tiles)))


@pytest.fixture
def pattern(utm) -> np.ndarray:
    """A mask with something in every tile and at the far corner."""
    array = np.zeros(utm.shape, np.uint8)
    array[10:40, 10:40], array[300:310, 20:30], array[5:9, 500:], array[-7:, -9:] = 1, 2, 3, 1
    return array


@pytest.fixture
def painted(open_file, pattern, make_ship, add) -> None:
    """The test's label file with a ship and the pattern."""
    file = open_file()
    file.record(add(make_ship()))
    paint(file, pattern)
    file.close()


def cut(grid: GeoGrid, rows: int, cols: int) -> GeoGrid:
    """Return a grid with the same first pixel and another size."""
    return replace(grid, shape=(rows, cols))


def test_a_scene_that_grew_to_the_right_and_downwards_keeps_its_mask(open_file, painted, pattern, utm) -> None:
    file = open_file(grid=cut(utm, 900, 1100))

    expected = np.zeros((900, 1100), np.uint8)
    expected[:500, :600] = pattern
    assert np.array_equal(mask_of(file, (900, 1100)), expected)
    assert "the painted mask of 600 x 500 pixels was carried over whole to 1100 x 900" in file.notes
    assert len(file.load().annotations) == 1


def test_of_a_scene_that_was_cut_what_lies_outside_is_kept_aside_and_told(open_file, painted, pattern, utm) -> None:
    file = open_file(grid=cut(utm, 280, 550))

    assert np.array_equal(mask_of(file, (280, 550)), pattern[:280, :550])
    outside = np.count_nonzero(pattern) - np.count_nonzero(pattern[:280, :550])
    assert any(f"{outside} painted pixels of the mask of 600 x 500 lie outside" in note for note in file.notes)
    (old,) = file.journal.old_masks()
    assert np.array_equal(old.array, pattern)
    assert old.grid == utm


@pytest.mark.parametrize(
    "change",
    [
        lambda grid: GeoGrid(shape=(250, 300), transform=grid.transform @ Affine.scale(2), crs=grid.crs),
        lambda grid: GeoGrid(shape=(250, 300), transform=grid.transform @ Affine.translation(50, 50), crs=grid.crs),
        lambda grid: GeoGrid(shape=(500, 601), transform=Affine.identity()),
    ],
    ids=["resampled", "cut at the left", "without a place"],
)
def test_a_mask_is_never_laid_on_pixels_that_are_elsewhere(open_file, painted, pattern, utm, change) -> None:
    grid = change(utm)
    file = open_file(grid=grid)

    assert not mask_of(file, grid.shape).any()
    assert any("do not fit a scene of" in note and "labels.old_masks()" in note for note in file.notes)
    (old,) = file.journal.old_masks()
    assert np.array_equal(old.array, pattern)
    assert len(file.load().annotations) == 1


def test_it_is_told_once_and_the_old_mask_stays_for_good(open_file, painted, pattern, utm) -> None:
    other = GeoGrid(shape=(250, 300), transform=utm.transform @ Affine.scale(2), crs=utm.crs)
    open_file(grid=other).close()

    again = open_file(grid=other)
    assert again.notes == ()
    new = np.zeros(other.shape, np.uint8)
    new[-3:, -5:] = 2
    paint(again, new)
    again.close()

    last = open_file(grid=other)
    assert np.array_equal(mask_of(last, other.shape), new)
    assert np.array_equal(last.journal.old_masks()[0].array, pattern)


def test_a_scene_that_comes_back_has_two_old_masks_and_paints_on(open_file, painted, pattern, utm) -> None:
    other = GeoGrid(shape=(250, 300), transform=utm.transform @ Affine.scale(2), crs=utm.crs)
    file = open_file(grid=other)
    half = np.full(other.shape, 3, np.uint8)
    paint(file, half)
    file.close()

    back = open_file()

    assert not mask_of(back, utm.shape).any()
    first, second = back.journal.old_masks()
    assert np.array_equal(first.array, pattern)
    assert np.array_equal(second.array, half)
    assert (first.grid.shape, second.grid.shape) == (utm.shape, other.shape)


def test_undo_and_going_back_end_where_the_size_changed(open_file, painted, utm, make_ship, add) -> None:
    other = cut(utm, 280, 550)
    file = open_file(grid=other)
    assert file.load().history == []
    file.record(add(make_ship(30, 30), title="later"))
    file.close()

    again = open_file(grid=other)
    assert [change.title for change in again.load().history] == ["later"]
    back = again.change_back_to(0)
    assert len(back.edits) == 2
    assert back.tiles == ()


def test_nothing_is_said_where_nothing_is_painted(open_file, utm, make_ship, add) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()

    again = open_file(grid=cut(utm, 400, 400))

    assert again.notes == ("the scene had 600 x 500 pixels and has 400 x 400 now; the labels keep their pixels",)
    assert again.journal.old_masks() == []


def test_a_scene_that_only_lies_elsewhere_keeps_its_mask(open_file, painted, pattern, utm) -> None:
    moved = replace(utm, transform=Affine.translation(7, 7) @ utm.transform)
    file = open_file(grid=moved)

    assert np.array_equal(mask_of(file, utm.shape), pattern)
    assert file.journal.old_masks() == []


def test_a_file_that_is_only_read_says_that_its_mask_is_not_shown(open_file, painted, path, utm) -> None:
    before = path.read_bytes()
    file = open_file(grid=cut(utm, 280, 550), mode="r", ontology=None)

    assert file.load().tiles == {}
    assert "the mask was painted when the scene had 600 x 500 pixels, and is not shown" in file.notes
    file.close()
    assert path.read_bytes() == before


def test_the_old_mask_survives_the_damage_of_the_file(open_file, painted, pattern, path, utm) -> None:
    other = GeoGrid(shape=(250, 300), transform=utm.transform @ Affine.scale(2), crs=utm.crs)
    open_file(grid=other).close()
    data = bytearray(path.read_bytes())
    data[28:32] = b"\xff\xff\xff\xff"  # the file's size in its header
    data[100:108] = b"\0" * 8
    path.write_bytes(data)

    file = open_file(grid=other)

    assert any("was damaged" in note for note in file.notes)
    assert not mask_of(file, other.shape).any()
    assert np.array_equal(file.journal.old_masks()[0].array, pattern)


@settings(max_examples=30)  # two label files each
@given(
    rows=st.integers(1, 700),
    cols=st.integers(1, 700),
    spots=st.lists(st.tuples(st.integers(0, 499), st.integers(0, 599), st.integers(1, 3)), min_size=1, max_size=12),
)
def test_every_pixel_is_where_it_was_or_kept_aside(tmp_path_factory, utm, ontology, rows, cols, spots) -> None:
    path = tmp_path_factory.mktemp("any") / "a.labels.gpkg"
    array = np.zeros(utm.shape, np.uint8)
    for row, col, value in spots:
        array[row, col] = value
    with LabelFile.open(path, grid=utm, ontology=ontology) as file:
        paint(file, array)

    with LabelFile.open(path, grid=cut(utm, rows, cols)) as file:
        expected = np.zeros((rows, cols), np.uint8)
        height, width = min(rows, 500), min(cols, 600)
        expected[:height, :width] = array[:height, :width]
        assert np.array_equal(mask_of(file, (rows, cols)), expected)
        if (rows, cols) != utm.shape:
            assert np.array_equal(file.journal.old_masks()[0].array, array)


def test_without_an_old_mask_there_is_no_number() -> None:
    assert last_set_aside({}) == 0
