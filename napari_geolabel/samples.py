"""Where the synthetic sample scenes lie: in the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from napari_geolabel.errors import MissingFileError


def sample_folders() -> tuple[Path, Path]:
    """Return the folders that may hold the samples: that of an installed package, then that of a checkout."""
    package = Path(__file__).resolve().parent
    return package / "sample_data", package.parent / "sample_data"


def is_sample(path: str | Path) -> bool:
    """Return whether a file lies among the samples, whose folder is not the user's to write in."""
    return Path(path).resolve().parent in [folder.resolve() for folder in sample_folders()]


def sample_path(name: str) -> Path:
    """Return the path of a file of the sample data, for example ``"coast.tif"``.

    Raises
    ------
    MissingFileError
        If this installation holds no such sample.
    """
    for folder in sample_folders():
        if (folder / name).is_file():
            return folder / name
    raise MissingFileError(f"the sample {name} is not in this installation; name a scene of your own instead")
