"""Links between annotations and groups of them, and what can be wrong with either.

A link stands in the annotation that it starts at, as ``(relation, id)``; a
group is a name that its members have in common.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from napari_geolabel.annotations.annotation import Annotation, Link
from napari_geolabel.ontology.model import Ontology

Finding = tuple[str, str, str, str | None]
"""Id of the annotation, rule, sentence, and id of the other annotation."""


def link_problems(annotations: Sequence[Annotation], ontology: Ontology) -> Iterator[Finding]:
    """Yield links that lead nowhere or between the wrong classes, and groups of one.

    Parameters
    ----------
    annotations
        All that count; links to others lead nowhere.
    ontology
        Has the relations.
    """
    there = {annotation.id: annotation for annotation in annotations}
    sizes = Counter(annotation.group for annotation in annotations if annotation.group is not None)
    for annotation in annotations:
        for link in annotation.links:
            yield from _problem_of(annotation, link, there.get(link[1]), ontology)
        if annotation.group is not None and sizes[annotation.group] == 1:
            message = f"the {annotation.class_id} is the only one of its group; add another, or take it out"
            yield annotation.id, "lonely_group", message, None


def without_links_to(annotation: Annotation, gone: Iterable[str]) -> Annotation:
    """Return an annotation without its links to some others."""
    left = set(gone)
    return annotation.edited(links=tuple(link for link in annotation.links if link[1] not in left))


def without_unknown_links(annotation: Annotation, other_id: str, ontology: Ontology) -> Annotation:
    """Return an annotation without its links to another one by relations that the ontology lacks."""
    known = {relation.id for relation in ontology.relations}
    return annotation.edited(links=tuple(link for link in annotation.links if link[1] != other_id or link[0] in known))


def links_text(annotation: Annotation) -> str | None:
    """Return the links in a line for flat files, ``towed_by=<id>;moored_at=<id>``; None where there are none."""
    return ";".join(f"{relation}={other}" for relation, other in annotation.links) or None


def links_from(text: object) -> tuple[Link, ...]:
    """Return the links of such a line; what is none of ours gives none."""
    pairs = [part.partition("=") for part in text.split(";")] if isinstance(text, str) else []
    return tuple(
        dict.fromkeys((name.strip(), other.strip()) for name, _, other in pairs if name.strip() and other.strip())
    )


def _problem_of(annotation: Annotation, link: Link, other: Annotation | None, ontology: Ontology) -> Iterator[Finding]:
    relations: Mapping[str, str] = {relation.id: relation.name for relation in ontology.relations}
    relation_id, other_id = link
    if relation_id not in relations:
        message = f"the {annotation.class_id} has the relation {relation_id}, which the ontology lacks; take it out"
        yield annotation.id, "unknown_relation", message, other_id
    elif other is None:
        message = f"the {annotation.class_id} is {relations[relation_id]} something that is gone; take the link out"
        yield annotation.id, "dangling_relation", message, other_id
    else:
        relation = next(relation for relation in ontology.relations if relation.id == relation_id)
        reason = relation.why_not(annotation.class_id, other.class_id)
        if reason:
            yield annotation.id, "wrong_relation", f"{reason}; link others, or change a class", other_id
