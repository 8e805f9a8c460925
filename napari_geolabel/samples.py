"""Where the synthetic sample scenes lie: in the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from napari_geolabel.errors import MissingFileError


def sample_path(name: str) -> Path:
    """Return the path of a file of the sample data, for example ``"coast.tif"``.

    Raises
    ------
    MissingFileError
        If this installation holds no such sample.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "sample_data", package.parent / "sample_data"):
        if (folder / name).is_file():
            return folder / name
    raise MissingFileError(f"the sample {name} is not in this installation; name a scene of your own instead")
