"""Ontologies on disk: YAML or JSON files, and the templates that come with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from napari_geolabel.errors import OntologyError
from napari_geolabel.files import atomic_write, require_file
from napari_geolabel.ontology.fields import quoted, sentence
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.ontology.plain import MAX_BYTES, read_json, read_yaml, write_json, write_yaml

Syntax = Literal["yaml", "json"]

HEAD = "geolabel_ontology"
"""The field that says that a file is an ontology."""
FORMAT_VERSION = "1.0"
"""What it holds."""
_SYNTAXES: dict[str, Syntax] = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}


def load_ontology(name_or_path: str | Path) -> Ontology:
    """Return an ontology from a template or a file.

    Parameters
    ----------
    name_or_path
        The name of a template (see ``template_names``), a ``.yaml``,
        ``.yml`` or ``.json`` file, or a file of another program that names
        classes (`exchange.ONTOLOGY_FORMATS`; `exchange.read_ontology` also
        tells what was left out of it).

    Raises
    ------
    OntologyError
        If the ontology is wrong, naming the file and the path inside it, or
        there is no template of that name.
    MissingFileError
        If there is no such file.
    """
    if isinstance(name_or_path, str) and name_or_path in template_names():
        text = (_templates() / f"{name_or_path}.yaml").read_text("utf-8")
        return loads(text, name=f"template {name_or_path}")
    path = Path(name_or_path)
    if not path.suffix and not path.exists():
        known = ", ".join(template_names())
        raise OntologyError(f"{quoted(str(path))} is not a template; use {known}, or name a .yaml or .json file")
    if path.suffix.lower() not in {".yaml", ".yml"}:
        found = _of_another_program(name_or_path)
        if found is not None:
            return found
    syntax = _syntax_of(path)
    return loads(_read(require_file(name_or_path)), syntax=syntax, name=path.name)


def save_ontology(ontology: Ontology, path: str | Path) -> None:
    """Write an ontology as YAML or JSON, by the suffix of the path, whole or not at all.

    Raises
    ------
    OntologyError
        If the suffix is neither.
    WriteError
        If the disk refuses.
    """
    text = dumps(ontology, syntax=_syntax_of(Path(path)))
    with atomic_write(path) as temporary:
        temporary.write_text(text, "utf-8", newline="\n")


def template_names() -> tuple[str, ...]:
    """Return the names of the ontologies that come with the package."""
    return tuple(
        sorted(file.name.removesuffix(".yaml") for file in _templates().iterdir() if file.name.endswith(".yaml"))
    )


def dumps(ontology: Ontology, *, syntax: Syntax = "yaml") -> str:
    """Return an ontology as the text of a file; fields with their default are left out."""
    value = {HEAD: FORMAT_VERSION} | ontology.to_dict()
    return write_yaml(value) if syntax == "yaml" else write_json(value)


def loads(text: str, *, syntax: Syntax = "yaml", name: str = "ontology") -> Ontology:
    """Return the ontology that a text holds.

    Parameters
    ----------
    text
        What ``dumps`` returned or a person wrote.
    syntax
        ``yaml`` or ``json``.
    name
        What errors call the text, such as a file's name.

    Raises
    ------
    OntologyError
        If it is wrong; the sentence begins with ``name`` and the path in it.
    """
    try:
        fields = _without_head(read_yaml(text) if syntax == "yaml" else read_json(text))
    except OntologyError as error:
        raise OntologyError(f"{name}: {error}") from error
    try:
        return Ontology.model_validate(fields)
    except ValidationError as error:
        raise OntologyError(sentence(error, name)) from error


def is_ontology_file(path: str | Path) -> bool:
    """Return whether a file is an ontology of this package: YAML always, JSON when its head says so."""
    found = Path(path)
    suffix = found.suffix.lower()
    if suffix in {".yaml", ".yml"}:
        return True
    if suffix != ".json" or not found.is_file():
        return False
    with found.open("rb") as stream:
        return HEAD.encode() in stream.read(MAX_BYTES)


def _of_another_program(name_or_path: str | Path) -> Ontology | None:
    """Return the ontology of a file of another program, None where the file may be one of ours."""
    from napari_geolabel.ontology.exchange.registry import SUFFIXES, read_ontology

    if Path(name_or_path).suffix.lower() not in SUFFIXES:
        return None
    found = require_file(name_or_path)
    return None if is_ontology_file(found) else read_ontology(found).ontology


def _without_head(value: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the fields of an ontology without the key that says what the file is."""
    if not isinstance(value, dict) or HEAD not in value:
        raise OntologyError(f'it is not an ontology; its first line must be {HEAD}: "{FORMAT_VERSION}"')
    version = value[HEAD]
    if not isinstance(version, str) or version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
        raise OntologyError(f"{HEAD}: {quoted(version)} cannot be read, only {FORMAT_VERSION}; update napari-geolabel")
    return {key: item for key, item in value.items() if key != HEAD}


def _read(path: Path) -> str:
    """Return the text of a file of sensible size."""
    with path.open("rb") as stream:
        content = stream.read(MAX_BYTES + 4)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) > MAX_BYTES:  # cut in the middle of a character; the size is what is wrong
            return content.decode("utf-8-sig", errors="replace")
        raise OntologyError(f"{path.name}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


def _syntax_of(path: Path) -> Syntax:
    try:
        return _SYNTAXES[path.suffix.lower()]
    except KeyError:
        raise OntologyError(f"{path.name} is neither .yaml nor .json; give it one of these suffixes") from None


def _templates() -> resources.abc.Traversable:
    return resources.files("napari_geolabel.ontology") / "templates"
