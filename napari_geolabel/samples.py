"""Where the synthetic sample scenes lie: in the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from napari_geolabel.errors import MissingFileError

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = (_PACKAGE / "sample_data", _PACKAGE.parent / "sample_data")


def is_sample(path: str | Path) -> bool:
    """Return whether a file lies among the samples, whose folder is not the user's to write in."""
    return Path(path).resolve().parent in [folder.resolve() for folder in _FOLDERS]


def sample_path(name: str) -> Path:
    """Return the path of a file of the sample data, for example ``"coast.tif"``.

    Raises
    ------
    MissingFileError
        If this installation holds no such sample.
    """
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise MissingFileError(f"the sample {name} is not in this installation; name a scene of your own instead")
