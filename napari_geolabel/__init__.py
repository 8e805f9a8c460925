"""Label satellite scenes: spectral composites, an ontology, and labels exact to the pixel.

The public names below are imported when they are first used, so that
``import napari_geolabel`` is quick and needs neither napari nor Qt.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_geolabel.annotations.annotation import Annotation, Provenance, Status
    from napari_geolabel.errors import (
        AttributeValueError,
        BandNotFoundError,
        CancelledError,
        CompositeError,
        ExpressionError,
        FewerLabelsError,
        ForbiddenKindError,
        FormatError,
        GeoLabelError,
        GeometryError,
        LockedClassError,
        MaskValueError,
        MissingFileError,
        NotGeoreferencedError,
        OntologyError,
        SceneError,
        UnknownAnnotationError,
        UnknownClassError,
        UnsafeFileError,
        UnscaledWarning,
        WriteError,
    )
    from napari_geolabel.geo.grid import GeoGrid
    from napari_geolabel.imagery.composite import Composite
    from napari_geolabel.imagery.composites import composites
    from napari_geolabel.imagery.evaluation import evaluate
    from napari_geolabel.imagery.histogram import histogram
    from napari_geolabel.imagery.indices import indices
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.imagery.render import render
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.imagery.spectral_library import spectral_library
    from napari_geolabel.imagery.spectrum import area_spectrum, pixel_spectrum
    from napari_geolabel.imagery.statistics import band_statistics
    from napari_geolabel.imagery.stretch import Stretch
    from napari_geolabel.labels.chip_plan import ChipPlan
    from napari_geolabel.labels.conversion import convert
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.labels.rasters import polygonize, rasterize
    from napari_geolabel.labels.training_set import make_chips
    from napari_geolabel.masks.mask import Mask
    from napari_geolabel.ontology.exchange.registry import export_ontology, read_ontology
    from napari_geolabel.ontology.files import load_ontology, save_ontology
    from napari_geolabel.ontology.kinds import Kind
    from napari_geolabel.ontology.model import LabelClass, Ontology
    from napari_geolabel.widgets.annotate import annotate

    __version__: str

__all__ = [
    "Annotation",
    "AttributeValueError",
    "BandNotFoundError",
    "CancelledError",
    "ChipPlan",
    "Composite",
    "CompositeError",
    "ExpressionError",
    "FewerLabelsError",
    "ForbiddenKindError",
    "FormatError",
    "GeoGrid",
    "GeoLabelError",
    "GeometryError",
    "Kind",
    "LabelClass",
    "Labels",
    "LockedClassError",
    "Mask",
    "MaskValueError",
    "MissingFileError",
    "NotGeoreferencedError",
    "Ontology",
    "OntologyError",
    "Provenance",
    "Scene",
    "SceneError",
    "Status",
    "Stretch",
    "UnknownAnnotationError",
    "UnknownClassError",
    "UnsafeFileError",
    "UnscaledWarning",
    "WriteError",
    "__version__",
    "annotate",
    "area_spectrum",
    "band_statistics",
    "composites",
    "convert",
    "evaluate",
    "export_ontology",
    "histogram",
    "indices",
    "load_ontology",
    "make_chips",
    "open_labels",
    "open_scene",
    "pixel_spectrum",
    "polygonize",
    "rasterize",
    "read_ontology",
    "render",
    "save_ontology",
    "spectral_library",
]

_HOMES = {
    "annotations.annotation": ("Annotation", "Provenance", "Status"),
    "errors": tuple(name for name in __all__ if name.endswith(("Error", "Warning"))),
    "geo.grid": ("GeoGrid",),
    "imagery.composite": ("Composite",),
    "imagery.composites": ("composites",),
    "imagery.evaluation": ("evaluate",),
    "imagery.histogram": ("histogram",),
    "imagery.indices": ("indices",),
    "imagery.opening": ("open_scene",),
    "imagery.render": ("render",),
    "imagery.scene": ("Scene",),
    "imagery.spectral_library": ("spectral_library",),
    "imagery.spectrum": ("area_spectrum", "pixel_spectrum"),
    "imagery.statistics": ("band_statistics",),
    "imagery.stretch": ("Stretch",),
    "labels.chip_plan": ("ChipPlan",),
    "labels.conversion": ("convert",),
    "labels.labels": ("Labels",),
    "labels.opening": ("open_labels",),
    "labels.rasters": ("polygonize", "rasterize"),
    "labels.training_set": ("make_chips",),
    "masks.mask": ("Mask",),
    "ontology.exchange.registry": ("export_ontology", "read_ontology"),
    "ontology.files": ("load_ontology", "save_ontology"),
    "ontology.kinds": ("Kind",),
    "ontology.model": ("LabelClass", "Ontology"),
    "widgets.annotate": ("annotate",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever the public name stands for)
    """Import a public name from its module when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("napari-geolabel")
    elif name in _HOME_OF:
        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported yet or not."""
    return sorted({*globals(), *__all__})
