"""Labels from files and to files: import and export, as scripts, command line and viewer call them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pyproj import CRS

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.labels.duplicates import SAME_IOU, Duplicates
from napari_geolabel.labels.evolving import Evolving
from napari_geolabel.masks import Flavour, Order

if TYPE_CHECKING:
    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.formats.columns import Report
    from napari_geolabel.labels.importing import Outside
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.labels.overwriting import Overwrite


class Exchanged(Evolving):
    """The part of `Labels` that imports and exports."""

    def import_from(
        self,
        path: str | Path,
        *,
        class_map: ClassMap | None = None,
        status: Status | str | None = None,
        format: str | None = None,  # noqa: A002  (the word users know)
        make_classes: bool = False,
        resample: bool = False,
        confidence: float | None = None,
        duplicates: Duplicates = "keep",
        iou: float = SAME_IOU,
        outside: Outside = "skip",
        crs: str | int | CRS | None = None,
        remember: bool = False,
        dry_run: bool = False,
    ) -> Report:
        """Add the labels of a file as one change.

        Parameters
        ----------
        path
            A label file or mask of any format that can be read.
        class_map
            The file's class ids, or a mask's values, to ours; key None stands for features without a class, None for
            what is left out.
        status
            Gives all of them this status; None keeps the file's.
        format
            Name of the format; None goes by the file.
        make_classes
            Takes classes that the ontology lacks into it.
        resample
            Lays a mask of other pixels on the scene's, by nearest neighbour, and the report says so.
        confidence
            That of all for which the file gives none.
        duplicates
            ``"skip"`` leaves out what is there already, ``"flag"`` takes it as a suggestion; see `labels.duplicates`.
        iou
            Intersection over union from which on areas of one class are duplicates.
        outside
            ``"keep"`` takes features of a map that lie off the scene too; where none lies on it, all come in.
        crs
            That of the map coordinates, where the file names none or a wrong one: ``"scene"`` or a code such as
            ``"EPSG:32631"``.
        remember
            Keeps the class map as aliases in the ontology, so that it need not be given again.
        dry_run
            Changes nothing and only tells what would come in.

        Raises
        ------
        FormatError
            If the file cannot be read, a mask has other pixels than the scene, a class in it is unknown, neither
            mapped nor to be made, or a choice has no such word; then nothing is added.
        MissingFileError, UnsafeFileError
            If there is no such local file.
        """
        from napari_geolabel.labels.importing import import_file, import_order

        order = import_order(
            path,
            format=format,
            class_map=class_map,
            status=status,
            make_classes=make_classes,
            resample=resample,
            confidence=confidence,
            duplicates=duplicates,
            iou=iou,
            outside=outside,
            crs=crs,
            remember=remember,
            dry_run=dry_run,
        )
        return import_file(cast("Labels", self), order)

    def export(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002
        flavour: Flavour = "semantic",
        all_touched: bool = False,
        order: Order = "class",
        width_m: float | None = None,
        ids: Sequence[str] | None = None,
        overwrite: Overwrite = "careful",
        crs: str | int | CRS | None = None,
        styles: Sequence[str] = (),
        dry_run: bool = False,
    ) -> list[str]:
        """Write labels to a file and return what the format could not hold, one sentence each.

        The same is named beside it, in ``<file>.losses.json``, where there is anything.

        Parameters
        ----------
        path
            Its suffix picks the format unless ``format`` names it: .geojson, .gpkg, .coco.json, .tif (a mask).
        flavour
            What a mask shows: ``semantic``, ``instance`` or ``panoptic``.
        all_touched
            A mask sets every pixel that a geometry touches, not only those whose centre it covers.
        order, width_m
            What wins in a mask where labels overlap, and how wide lines and points are; see `rasterize`.
        ids
            Only these annotations; None exports all.
        overwrite
            What to do with a file that stands there: ``"careful"`` replaces it unless it would hold fewer than
            half as many labels as before and at least ten fewer, ``"always"`` replaces it, ``"never"`` does not.
            Five backups are kept in the folder ``.backups`` beside it.
        crs
            Of GeoJSON: ``"scene"`` or a code such as ``"EPSG:32631"`` instead of longitude and latitude.
        styles
            Styles beside it in the colours of the ontology: ``"qml"`` for QGIS, ``"sld"`` for GeoServer.
        dry_run
            Writes nothing and only tells the losses.

        Raises
        ------
        FormatError
            If no format has that suffix or name.
        NotGeoreferencedError
            If a map format is asked of a scene without georeference.
        FewerLabelsError
            If the file would lose far more labels than an edit does.
        WriteError
            If the file cannot be written; an old file is untouched.
        """
        from napari_geolabel.labels.exporting import export_labels, export_order

        wanted = export_order(
            path,
            format=format,
            flavour=flavour,
            all_touched=all_touched,
            order=order,
            width_m=width_m,
            ids=ids,
            overwrite=overwrite,
            crs=crs,
            styles=styles,
        )
        return export_labels(cast("Labels", self), wanted, dry_run=dry_run)

    def export_painted(self, path: str | Path, *, overwrite: Overwrite = "careful") -> None:
        """Write what is painted as a mask GeoTIFF, without the annotations; see `export`."""
        from napari_geolabel.labels.exchange import painted_mask, replace_mask
        from napari_geolabel.labels.overwriting import require_no_label_file, require_not_scene

        require_not_scene(Path(path), self.scene)
        require_no_label_file(Path(path), cast("Labels", self).path)
        replace_mask(Path(path), painted_mask(cast("Labels", self)), overwrite)
        self.count_as_saved(["mask"])
