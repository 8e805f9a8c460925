"""The command line ``geolabel``: one module per group of commands.

Nothing slow is imported at module level, so that ``geolabel --help`` answers
at once.  An error that napari-geolabel raises on purpose ends a command with
its one sentence on standard error and exit code 1.
"""

from napari_geolabel.cli import (  # noqa: F401  (importing them adds their commands)
    chips,
    composites,
    demo,
    importing,
    label_files,
    labelling,
    masks,
    ontologies,
    overviews,
    relinking,
    reviewing,
    scenes,
    spectra,
    window,
)
from napari_geolabel.cli.app import app, main

__all__ = ["app", "main"]
