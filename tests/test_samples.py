"""Where the sample scenes lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_geolabel import samples
from napari_geolabel.errors import MissingFileError


def test_a_checkout_uses_its_own_sample_data(sample_data: Path) -> None:
    assert samples.sample_path("coast.tif") == sample_data / "coast.tif"


def test_an_installed_package_brings_its_sample_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "napari_geolabel" / "sample_data" / "coast.tif"
    inside.parent.mkdir(parents=True)
    inside.write_bytes(b"II*\0")
    monkeypatch.setattr(samples, "__file__", str(tmp_path / "napari_geolabel" / "samples.py"))
    assert samples.sample_path("coast.tif") == inside


def test_a_sample_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingFileError, match=r"moon.tif is not in this installation"):
        samples.sample_path("moon.tif")
