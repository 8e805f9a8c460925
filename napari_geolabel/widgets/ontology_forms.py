"""The forms of the ontology editor: for the ontology, a class, an attribute and an option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from napari_geolabel.ontology import editing
from napari_geolabel.ontology.draft import OntologyDraft
from napari_geolabel.ontology.fields import HOTKEYS
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology
from napari_geolabel.ontology.outline import Place
from napari_geolabel.widgets.ontology_fields import ChooseColor, Form
from napari_geolabel.widgets.parts import plain_label

_EMPTY_IS_NONE = {"unit", "pattern", "minimum", "maximum"}


def form_for(place: Place, ontology: Ontology, choose_color: ChooseColor) -> Form:
    """Return the form of a place, filled with what stands there."""
    form = Form()
    if place.what == "ontology":
        form.line("name", "Name", ontology.name)
        form.line("version", "Version", ontology.version, "raised by itself where you leave it")
        form.text("description", "About", ontology.description)
    elif place.what == "class" and place.class_id is not None:
        _fill_class(form, ontology[place.class_id], ontology, choose_color)
    elif place.what == "attribute":
        _fill_attribute(form, editing.attribute_at(ontology, place.class_id, place.way))
    elif place.what == "option":
        found = _option(ontology, place)
        form.line("name", "Name", found.name, f"stored as {found.id}, for ever")
    else:
        form.rows.addRow(plain_label("What is asked of the scene as a whole stands below it in the tree."))
    return form


def apply_edit(draft: OntologyDraft, place: Place, field: str, value: Any) -> None:  # noqa: ANN401  (any field)
    """Make an edit of a form a step of a draft.

    Raises
    ------
    GeoLabelError
        If the ontology does not allow it.
    """
    if place.what == "ontology":
        draft.do(editing.change_ontology, **{field: value})
    elif place.what == "class" and place.class_id is not None:
        draft.do(editing.change_class, place.class_id, **{field: _class_value(field, value)})
    elif place.what == "attribute":
        draft.do(editing.change_attribute, place.class_id, place.way, **{field: _attribute_value(field, value)})
    elif place.what == "option":
        draft.do(editing.rename_option, place.class_id, place.way, value)


@dataclass(frozen=True)
class _Named:
    id: str
    name: str


def _option(ontology: Ontology, place: Place) -> _Named:
    attribute = editing.attribute_at(ontology, place.class_id, place.way[:-1])
    return next(_Named(o.id, o.name) for o in attribute.options if o.id == place.way[-1])


def _fill_class(form: Form, label_class: LabelClass, ontology: Ontology, choose_color: ChooseColor) -> None:
    form.line("name", "Name", label_class.name, f"stored as {label_class.id}, for ever")
    form.color("color", "Colour", label_class.color, choose_color, "click to choose another one")
    kinds = {str(kind): kind.replace("_", " ") for kind in Kind}
    form.ticks("kinds", "Drawn as", label_class.kinds, kinds, "none: a heading for other classes")
    free = [k for k in HOTKEYS if k not in ontology.by_hotkey or ontology.by_hotkey[k].id == label_class.id]
    form.choice("hotkey", "Key", label_class.hotkey, {None: "none"} | {key: key.upper() for key in free})
    others = {c.id: c.name for c in ontology.classes if c.id != label_class.id and not c.archived}
    form.choice("parent", "Part of", label_class.parent, {None: "nothing"} | others)
    form.line("aliases", "Also called", ", ".join(label_class.aliases), "words of other files, with commas between")
    form.text("description", "Guideline", label_class.description, "what belongs to it, and how to draw it")
    value = "none" if label_class.mask_value is None else f"{label_class.mask_value}, for ever"
    form.rows.addRow(plain_label("Mask value"), plain_label(value))


def _fill_attribute(form: Form, attribute: Attribute) -> None:
    form.line("name", "Name", attribute.name, f"stored as {attribute.id}, for ever")
    form.rows.addRow(plain_label("Type"), plain_label(attribute.type))
    advice = "a missing answer is a problem, never a refusal"
    form.tick("required", "Required", value=attribute.required, tooltip=advice)
    if attribute.options:
        names = "\n".join(option.name for option in attribute.options if not option.archived)
        form.text("options", "Answers", names, "one a line; one that is taken out is archived")
    if attribute.type == "number":
        form.line("minimum", "Least", attribute.minimum)
        form.line("maximum", "Greatest", attribute.maximum)
        form.line("unit", "Unit", attribute.unit)
    if attribute.type == "text":
        form.line("pattern", "Pattern", attribute.pattern, "regular expression that the whole text must match")
    form.text("description", "Advice", attribute.description)


def _class_value(field: str, value: Any) -> Any:  # noqa: ANN401
    if field == "aliases":
        return tuple(_split(str(value).split(",")))
    return value


def _attribute_value(field: str, value: Any) -> Any:  # noqa: ANN401
    if field == "options":
        return _split(str(value).splitlines())
    return None if field in _EMPTY_IS_NONE and value == "" else value


def _split(parts: Sequence[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]
