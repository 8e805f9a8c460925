"""Which formats of ontologies there are, and one way in and out for all of them.

A format is a module with four functions and one entry here.  The ontologies
of this package itself (``files.py``) are none of them: those hold everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from napari_geolabel.errors import GeoLabelError, OntologyError
from napari_geolabel.files import atomic_write, require_file
from napari_geolabel.ontology.exchange import coco, colormap, cvat, encord, label_studio, labelbox, qml
from napari_geolabel.ontology.exchange.losses import losses
from napari_geolabel.ontology.exchange.source import Parsed, Syntax, parse_source
from napari_geolabel.ontology.fields import sentence
from napari_geolabel.ontology.model import Ontology


@dataclass(frozen=True, kw_only=True)
class ReadOntology:
    """An ontology of another program, and what the user should know of it."""

    ontology: Ontology
    format: OntologyFormat
    notes: list[str] = field(default_factory=list)
    """What was left out or read in another way, one sentence each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OntologyFormat:
    """One format that ontologies are read and written in."""

    id: str
    """What ``format=`` and ``--format`` take."""
    title: str
    """What people call it."""
    suffix: str
    """What written files end in."""
    syntax: Syntax
    """What its files consist of."""
    recogniser: Callable[[Any], bool]
    """Tells it by the parsed content."""
    reader: Callable[[Any, str, list[str]], Ontology]
    """``(parsed content, file name, notes) -> Ontology``; it adds what the user should know to the notes."""
    writer: Callable[[Ontology], str]
    """Returns the text of a file."""
    holds: frozenset[str]
    """Which parts of an ontology the format has (`losses.PARTS`)."""
    converted: Callable[[Ontology], Iterable[str]]
    """Yields what it holds in another way."""

    def lost(self, ontology: Ontology) -> list[str]:
        """Return what a file of this format holds in another way or not at all, one sentence each."""
        return [*self.converted(ontology), *losses(ontology, self.holds)]


def _format(module: Any, format_id: str, title: str, suffix: str, syntax: Syntax) -> OntologyFormat:  # noqa: ANN401
    return OntologyFormat(
        id=format_id,
        title=title,
        suffix=suffix,
        syntax=syntax,
        recogniser=module.recognises,
        reader=module.read,
        writer=module.write,
        holds=frozenset(module.HOLDS),
        converted=module.converted,
    )


ONTOLOGY_FORMATS: Mapping[str, OntologyFormat] = {
    each.id: each
    for each in (
        _format(encord, "encord", "Encord ontology", ".json", "json"),
        _format(labelbox, "labelbox", "Labelbox ontology", ".json", "json"),
        _format(cvat, "cvat", "CVAT labels", ".json", "json"),
        _format(coco, "coco", "COCO categories", ".json", "json"),
        _format(label_studio, "label-studio", "Label Studio configuration", ".xml", "xml"),
        _format(cvat.OfXml, "cvat-xml", "CVAT annotations", ".xml", "xml"),
        _format(qml, "qml", "QGIS style of a vector layer", ".qml", "xml"),
        _format(qml.OfRaster, "qml-raster", "QGIS style of a mask", ".qml", "xml"),
        _format(colormap, "colormap", "colour map of GDAL or QGIS", ".txt", "text"),
    )
}
"""The formats by their id."""

SUFFIXES: Mapping[str, tuple[Syntax, ...]] = {
    ".json": ("json",),
    ".xml": ("xml",),
    ".qml": ("xml",),
    ".txt": ("text",),
    ".clr": ("text",),
    ".csv": ("text",),
}
"""What files of other programs may end in, and what they then consist of."""


def read_ontology(path: str | Path, *, format: str | None = None) -> ReadOntology:  # noqa: A002  (the public word)
    """Return the ontology that a file of another program holds.

    Parameters
    ----------
    path
        A file of any format of `ONTOLOGY_FORMATS`, also label files that name
        their classes, such as COCO or CVAT for images.
    format
        Id of the format; None tells it by the file.

    Raises
    ------
    OntologyError
        If it is of no format, or wrong.
    MissingFileError, UnsafeFileError
        If the path is no local file.
    """
    found = require_file(path)
    chosen = None if format is None else _of_id(format)
    syntaxes = (chosen.syntax,) if chosen else SUFFIXES.get(found.suffix.lower(), ())
    if not syntaxes:
        raise OntologyError(f"{found.name} is no ontology; its name must end in .yaml, {', '.join(SUFFIXES)}")
    parsed = parse_source(found, syntaxes[0])
    form = chosen or recognised(parsed)
    if form is None or not form.recogniser(parsed.content):
        expected = form.title if form else ", ".join(f.title for f in ONTOLOGY_FORMATS.values() if f.syntax in syntaxes)
        raise OntologyError(f"{found.name} holds no classes in a way that is known ({expected})")
    notes: list[str] = []
    try:
        ontology = form.reader(parsed.content, found.name, notes)
    except ValidationError as error:
        raise OntologyError(sentence(error, found.name)) from error
    except RecursionError as error:
        raise OntologyError(f"{found.name} is nested too deeply to be an ontology; choose another file") from error
    except GeoLabelError as error:
        raise OntologyError(f"{found.name}: {error}") from error
    return ReadOntology(ontology=ontology, format=form, notes=notes)


def recognised(parsed: Parsed) -> OntologyFormat | None:
    """Return the first format that knows a file's content, None where none does."""
    fitting = (each for each in ONTOLOGY_FORMATS.values() if each.syntax == parsed.syntax)
    return next((each for each in fitting if each.recogniser(parsed.content)), None)


def export_ontology(
    ontology: Ontology,
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002
    dry_run: bool = False,
) -> list[str]:
    """Write an ontology for another program and return what the file does not hold, one sentence each.

    Parameters
    ----------
    ontology
        The ontology.
    path
        The file; ``.yaml`` and, without a format, ``.json`` hold everything.
    format
        Id of a format of `ONTOLOGY_FORMATS`; None tells it by the suffix where that says enough.
    dry_run
        Writes nothing and only tells the losses.

    Raises
    ------
    OntologyError
        If there is no such format, or the suffix leaves several.
    WriteError
        If the disk refuses; an old file is untouched.
    """
    from napari_geolabel.ontology.files import save_ontology

    target = Path(path)
    if format is None and target.suffix.lower() in {".yaml", ".yml", ".json"}:
        if not dry_run:
            save_ontology(ontology, target)
        return []
    form = _of_id(format) if format is not None else _of_suffix(target)
    lost, text = form.lost(ontology), form.writer(ontology)
    if not dry_run:
        with atomic_write(target) as temporary:
            temporary.write_text(text, "utf-8", newline="\n")
    return lost


def _of_id(format_id: str) -> OntologyFormat:
    if format_id not in ONTOLOGY_FORMATS:
        raise OntologyError(f"{format_id!r} is no format of ontologies; choose {', '.join(ONTOLOGY_FORMATS)}")
    return ONTOLOGY_FORMATS[format_id]


def _of_suffix(path: Path) -> OntologyFormat:
    fitting = [each for each in ONTOLOGY_FORMATS.values() if each.suffix == path.suffix.lower()]
    if len(fitting) == 1:
        return fitting[0]
    choices = ", ".join(each.id for each in fitting or ONTOLOGY_FORMATS.values())
    raise OntologyError(f"{path.name} does not say which format is meant; choose {choices} (format=, --format)")
