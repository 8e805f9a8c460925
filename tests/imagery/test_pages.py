"""Files of several pages: the largest by default, any by number or name."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene


@pytest.fixture
def pages(tmp_path):
    """A TIFF of three pages: small, large, and large again, the second and third with names."""
    path = tmp_path / "pages.tif"
    arrays = [np.full((20, 30), 1, "uint8"), np.full((64, 80), 2, "uint8"), np.full((64, 80), 3, "uint8")]
    with tifffile.TiffWriter(path) as writer:
        writer.write(arrays[0], metadata=None)
        writer.write(arrays[1], metadata=None, description="optical")
        writer.write(arrays[2], metadata=None, extratags=[(285, "s", 0, "radar", True)])
    return path


def test_the_largest_page_opens_and_says_so(pages):
    with open_scene(pages) as scene:
        assert scene.grid.shape == (64, 80)
        assert (scene.read().data == 2).all()
        assert scene.metadata["page"] == 2
        assert len(scene.metadata["pages"]) == 3
        assert any("3 pages" in note and "page 2 'optical' (80 x 64)" in note for note in scene.metadata["notes"])


@pytest.mark.parametrize(("page", "value"), [(1, 1), ("1", 1), (2, 2), (3, 3), ("radar", 3), (" optical ", 2)])
def test_a_page_is_chosen_by_number_or_name(page, value, pages):
    with open_scene(pages, page=page) as scene:
        assert (scene.read().data == value).all()


@pytest.mark.parametrize("page", [0, 4, -1, "sonar", "1.5", ""])
def test_a_page_that_is_not_there_is_told_with_those_that_are(page, pages):
    with pytest.raises(SceneError, match=r"pages\.tif has no page .*1 \(30 x 20\), 2 'optical' \(80 x 64\), 3 'radar'"):
        open_scene(pages, page=page)


def test_a_file_of_one_page_has_page_one_alone(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 300, 300), overviews=[2], tiled=True)
    with open_scene(path, page=1) as scene:
        assert scene.metadata["pages"] == ()
        assert scene.metadata["page"] is None
        assert not any("pages" in note for note in scene.metadata["notes"])
    with pytest.raises(SceneError, match="leave the page out"):
        open_scene(path, page=2)


def test_real_pages_can_be_chosen(shared_data):
    path = shared_data / "gdal_autotest/twoimages.tif"
    for page in (1, 2):
        with open_scene(path, page=page) as scene:
            assert scene.read().shape == (1, 20, 20)
