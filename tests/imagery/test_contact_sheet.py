"""Contact sheets: one picture of all that a scene can show."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError
from napari_geolabel.imagery import Composite, Stretch, contact_sheet, open_scene, render
from napari_geolabel.imagery.contact_sheet import MAX_TILES

BACKGROUND, NOTHING = (24, 26, 29), (62, 66, 72)


@pytest.fixture
def scene(make_tiff, random_pixels):
    pixels = random_pixels(4, 60, 90, "uint8")
    pixels[:, 10:20, 30:50] = 0
    with open_scene(make_tiff(pixels, descriptions=("blue", "green", "red", "nir"), nodata=0)) as opened:
        yield opened


def places(sheet: np.ndarray, picture: np.ndarray) -> list[tuple[int, int]]:
    """Return the upper left corners (row, column) at which a picture, grey where it holds nothing, is on a sheet."""
    shown = np.where(picture[..., 3:] > 0, picture[..., :3], np.array(NOTHING, np.uint8))
    rows, cols = shown.shape[:2]
    starts = np.argwhere((sheet[: 1 - rows, : 1 - cols, :3] == shown[0, 0]).all(axis=-1))
    return [(y, x) for y, x in starts.tolist() if (sheet[y : y + rows, x : x + cols, :3] == shown).all()]


def test_every_composite_of_the_scene_is_on_the_sheet_in_reading_order(scene):
    sheet = contact_sheet(scene)
    shown = [each for each in scene.composites() if each != "ship_nir"]  # the same picture as that of the band
    found = [places(sheet, render(scene, each, max_size=360)) for each in shown]
    assert [len(each) for each in found] == [1] * (len(shown) - 1) + [2]
    assert [each[-1] for each in found] == sorted(each[-1] for each in found)


def test_the_sheet_is_opaque_and_pixels_without_data_are_grey_not_black(scene):
    sheet = contact_sheet(scene, ["true_color"])
    ((y, x),) = places(sheet, render(scene, "true_color"))
    assert (sheet[..., 3] == 255).all()
    assert (sheet[y + 10 : y + 20, x + 30 : x + 50, :3] == NOTHING).all()


def test_no_picture_is_larger_than_asked_for(scene):
    assert contact_sheet(scene, ["nir"], tile_px=30).size < contact_sheet(scene, ["nir"], tile_px=60).size
    assert places(contact_sheet(scene, ["nir"], tile_px=30), render(scene, "nir", max_size=30))


def test_a_caption_stands_above_each_picture_and_not_on_any(scene):
    sheet = contact_sheet(scene, ["red", "nir"])
    corners = [places(sheet, render(scene, each))[0] for each in ("red", "nir")]
    captions = [sheet[y - 22 : y, x : x + 90, :3] for y, x in corners]
    assert all((caption != BACKGROUND).any() for caption in captions)
    assert not np.array_equal(*captions)


def test_a_long_caption_ends_before_the_next_picture(scene):
    long = Composite(
        id="a_very_long_name" * 8, title="Long", channels=("nir",), stretch=Stretch.fixed(0, 255), description=""
    )
    sheet = contact_sheet(scene, [long, long], tile_px=90)
    (top, left), (_, following) = places(sheet, render(scene, long, max_size=90))
    assert (sheet[top - 22 : top, left + 90 : following, :3] == BACKGROUND).all()
    assert (sheet[top - 22 : top, left + 60 : left + 90, :3] != BACKGROUND).any()


def test_a_scene_of_many_bands_shows_the_first_of_its_composites(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(60, 20, 30))) as scene:
        first, after = list(scene.composites())[MAX_TILES - 1 : MAX_TILES + 1]
        sheet = contact_sheet(scene)
        assert places(sheet, render(scene, first))
        assert not places(sheet, render(scene, after))


def test_a_sheet_of_nothing_and_a_composite_that_cannot_be_made_are_refused(scene):
    with pytest.raises(CompositeError, match="at least one composite"):
        contact_sheet(scene, [])
    missing = Composite(id="heat", title="Heat", channels=("lwir",), stretch=Stretch.percentile(), description="")
    with pytest.raises(BandNotFoundError, match="lwir"):
        contact_sheet(scene, [missing])
