"""The pyramid of all annotations: painted by tiles, repainted where an edit touches."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.viewer import overlay_levels
from napari_geolabel.viewer.overlay_levels import OverlayLevels

SHAPE = (700, 1100)


@pytest.fixture
def crowd(labels):
    dice = np.random.default_rng(4)
    labels.add_many([shapely.Point(xy).buffer(6, quad_segs=2) for xy in dice.uniform(5, 690, (300, 2))], "cloud")
    return labels


def everything(pyramid):
    return [level[:, :] for level in pyramid.levels]


def test_levels_halve_until_one_tile_holds_all(crowd):
    pyramid = OverlayLevels(crowd.store, SHAPE)
    assert [level.shape for level in pyramid.levels] == [(700, 1100, 4), (350, 550, 4), (175, 275, 4)]
    assert [level.factor for level in pyramid.levels] == [1, 2, 4]


def test_a_window_is_the_part_of_the_whole(crowd):
    level = OverlayLevels(crowd.store, SHAPE).levels[0]
    whole = np.asarray(level)
    assert whole[..., 3].any()
    assert np.array_equal(level[500:530, 490:900], whole[500:530, 490:900])
    assert level[10:10, :].shape == (0, 1100, 4)


def test_after_an_edit_all_levels_are_as_if_painted_anew(crowd):
    pyramid = OverlayLevels(crowd.store, SHAPE)
    everything(pyramid)
    parts = []
    crowd.store.changed.connect(
        lambda change: parts.extend(
            shapely.bounds([a.geometry for e in change.edits for a in (e.before, e.after) if a])
        )
    )
    ids = list(crowd)
    crowd.update(ids[7], geometry=shapely.box(505, 400, 530, 690))
    crowd.remove(ids[20:22])
    crowd.add(shapely.Point(1099, 699).buffer(30), "cloud")
    pyramid.repaint([tuple(part) for part in parts])
    for seen, new in zip(everything(pyramid), everything(OverlayLevels(crowd.store, SHAPE)), strict=True):
        assert np.array_equal(seen, new)


def test_an_edit_repaints_no_tile_that_it_does_not_touch(crowd, monkeypatch):
    pyramid = OverlayLevels(crowd.store, SHAPE)
    everything(pyramid)
    painted = []
    monkeypatch.setattr(pyramid, "_painted", lambda bounds, factor: painted.append((factor, bounds)) or 0)
    pyramid.repaint([(600.0, 300.0, 610.0, 305.0)])
    assert [factor for factor, _ in painted] == [1, 2, 4]
    assert painted[0][1] == (297, 309, 597, 614)


def test_the_array_that_napari_keeps_follows_the_edits(crowd):
    pyramid = OverlayLevels(crowd.store, SHAPE)
    kept = np.asarray(pyramid.levels[-1])
    crowd.remove(list(crowd))
    pyramid.repaint([(0.0, 0.0, 1100.0, 700.0)])
    assert not kept.any()


def test_a_change_of_very_many_and_another_ontology_paint_everything_anew(crowd, coast_ontology):
    pyramid = OverlayLevels(crowd.store, SHAPE)
    pyramid.prepare()
    blue = [{**c.model_dump(), "color": "#0000ff"} for c in coast_ontology.classes]
    crowd.use_ontology(
        coast_ontology.model_copy(
            update={
                "classes": type(coast_ontology)(id="coast", name="Coast", version="2.0", classes=tuple(blue)).classes
            }
        )
    )
    pyramid.repaint([(0.0, 0.0, 0.0, 0.0)])
    seen = pyramid.levels[0][:, :]
    assert set(map(tuple, seen[seen[..., 3] > 0][:, :3].tolist())) == {(0, 0, 255)}
    crowd.remove(list(crowd))
    pyramid.repaint([(0.0, 0.0, 0.0, 0.0)] * (overlay_levels.MOST_PARTS + 1))
    assert not pyramid.levels[0][:, :].any()


def test_only_so_many_tiles_are_kept(crowd, monkeypatch):
    monkeypatch.setattr(overlay_levels, "MOST_TILES", 2)
    pyramid = OverlayLevels(crowd.store, SHAPE)
    whole = pyramid.levels[0][:, :]
    assert len(pyramid._tiles) == 2
    assert np.array_equal(pyramid.levels[0][:, :], whole)


def test_nothing_is_painted_ahead_once_it_is_closed(crowd):
    pyramid = OverlayLevels(crowd.store, SHAPE)
    pyramid.close()
    pyramid.prepare()
    assert not pyramid._tiles
