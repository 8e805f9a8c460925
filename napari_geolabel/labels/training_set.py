"""Training sets: chips of scenes with their labels in the layout that trainers read, a catalogue and a picture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.errors import FormatError, WriteError, require_word
from napari_geolabel.files import atomic_write, expanded
from napari_geolabel.formats.chip_images import write_geotiff
from napari_geolabel.formats.label_set import LabelSet, number_of
from napari_geolabel.formats.mask_geotiff import write_mask
from napari_geolabel.formats.registry import FORMATS
from napari_geolabel.imagery.render import render, write_png
from napari_geolabel.labels.chip_catalogue import write_catalogue
from napari_geolabel.labels.chip_labels import MASK, ChipBurner, Held, lost_by, plan_held
from napari_geolabel.labels.chip_picture import draw_statistics
from napari_geolabel.labels.chip_plan import SPLITS, VISIBLE, Chip, ChipPlan, Planned, with_visible
from napari_geolabel.masks import UNWATCHED, Watch
from napari_geolabel.ontology.files import save_ontology

if TYPE_CHECKING:
    from napari_geolabel.annotations.annotation import Annotation
    from napari_geolabel.labels.labels import Labels

ImageFormat = Literal["tif", "png"]
_CUTTING = 0.6
"""Share of the work that cutting takes; the rest is the catalogue."""
ONTOLOGY_FILE = "ontology.yaml"
"""The ontology of the labels in the chips, which has more attributes than that of the scenes."""
LABEL_FORMATS = ("coco", "yolo", "yolo-seg", "yolo-obb", "dota", MASK)


@dataclass(kw_only=True)
class TrainingSet:
    """What was written."""

    folder: Path
    chips: dict[str, int] = field(default_factory=dict)
    """How many there are of each split."""
    labels: dict[str, int] = field(default_factory=dict)
    """How many labels of each class."""
    notes: list[str] = field(default_factory=list)
    """What was left out, one sentence each."""


def make_chips(
    labels: Labels | Sequence[Labels],
    folder: str | Path,
    *,
    plan: ChipPlan | None = None,
    images: ImageFormat = "tif",
    labels_as: str = "coco",
    composite: str = "true_color",
    watch: Watch = UNWATCHED,
) -> TrainingSet:
    """Cut scenes into chips with labels, for training.

    Parameters
    ----------
    labels
        Those of one scene or several, of one ontology.
    folder
        Where the set is made; it must not exist, or be empty.
    plan
        Size, overlap, splits and the like.
    images
        ``tif`` has all bands with the scene's own values, ``png`` a composite.
    labels_as
        ``coco`` has a file for each split, ``yolo``, ``yolo-seg``, ``yolo-obb``, ``dota``, ``mask`` one for each chip.
    composite
        What PNG files show.
    watch
        Is told the progress, and may end it; then the folder is left as far as it came.

    Raises
    ------
    FormatError
        If there are no labels, several ontologies, or no such format.
    WriteError
        If the folder is not empty, or cannot be written.
    CancelledError
        If the watch ends it.
    """
    work = prepare_chips(labels, folder, plan=plan, images=images, labels_as=labels_as, composite=composite)
    return work(watch)


def prepare_chips(
    labels: Labels | Sequence[Labels],
    folder: str | Path,
    *,
    plan: ChipPlan | None = None,
    images: ImageFormat = "tif",
    labels_as: str = "coco",
    composite: str = "true_color",
) -> Callable[[Watch], TrainingSet]:
    """Return the work of `make_chips` on the labels as they are now, which another thread may do while they change.

    The folder is made at once; what it raises is said there.
    """
    require_word(images, ImageFormat, "no format of chips", FormatError)
    held = [Held.of(each).kept_for(labels_as) for each in ([labels] if not isinstance(labels, Sequence) else labels)]
    target = _require_room(held, Path(folder), labels_as)
    return partial(_make, held, target, plan or ChipPlan(), _Writer(target, held, images, labels_as, composite))


def _make(held: Sequence[Held], target: Path, wanted: ChipPlan, writer: _Writer, watch: Watch) -> TrainingSet:
    """Make a training set in an empty folder."""
    planned = plan_held(held, wanted, writer.form)
    if not any(chip.is_labelled for chip in planned.chips):
        raise FormatError("no chip would have a label; label something, or lower the least visible share")
    made = TrainingSet(folder=target)
    chips = []
    cutting, listing = watch.part(0.0, _CUTTING), watch.part(_CUTTING, 1.0)
    for number, chip in enumerate(planned.chips):
        cutting.tell(number / len(planned.chips))
        entry = writer.write(chip)
        if entry is not None:
            chips.append((chip, entry))
    writer.finish(chips)
    made.chips = {split: sum(chip.split == split for chip, _ in chips) for split in SPLITS}
    counted = Counter(a.class_id for chip, _ in chips for a in chip.annotations)
    made.labels = {c.id: counted[c.id] for c in held[0].ontology.classes if counted[c.id]}
    made.notes = [
        *_uneven(made, wanted, [chip for chip, _ in chips]),
        *_left_out(planned),
        *writer.lost([a for chip, _ in chips for a in chip.annotations]),
    ]
    save_ontology(writer.ontology, target / ONTOLOGY_FILE)
    _write_json(target / "chips.json", _index(chips, held, wanted, made) | {"labels_ontology": writer.stamp})
    listed = [(chip, entry, held[chip.scene].scene) for chip, entry in chips]
    write_catalogue(target, listed, writer.ontology, listing)
    draw_statistics(target / "statistics.png", [chip for chip, _ in chips], held[0].ontology)
    watch.tell(1.0)
    return made


def _left_out(planned: Planned) -> Iterator[str]:
    """Yield what a plan leaves out."""
    for count, what in ((planned.straddling, "reaching into another split"), (planned.negatives, "without labels")):
        if count:
            yield f"{number_of(count, 'chip')} {what} left out"
    if planned.hidden:
        yield f"{number_of(planned.hidden, 'time')} too little of a label was visible"


class _Writer:
    """Writes pictures and labels of chips."""

    def __init__(self, folder: Path, held: Sequence[Held], images: ImageFormat, form: str, composite: str) -> None:
        self._folder, self._held, self._images, self.form, self._composite = folder, held, images, form, composite
        self.ontology = held[0].ontology if form == MASK else with_visible(held[0].ontology)
        self._burners = [ChipBurner(each) for each in held] if form == MASK else []
        self._coco: dict[str, dict[str, Any]] = {}

    @property
    def stamp(self) -> dict[str, str]:
        """The ontology of the labels, which also says how much of each is visible, and the file that holds it."""
        return {"file": ONTOLOGY_FILE, **self.ontology.stamp}

    def write(self, chip: Chip) -> dict[str, Any] | None:
        """Write a chip, and return what the index says of it; None where the scene has no pixels there."""
        labels = self._held[chip.scene]
        pixels = labels.scene.read(window=chip.window)
        if np.ma.getmaskarray(pixels).all():
            return None
        stem = f"{labels.scene.name}_{chip.name}"
        image = self._folder / "images" / chip.split / f"{stem}.{self._images}"
        image.parent.mkdir(parents=True, exist_ok=True)
        grid = labels.scene.grid.window(chip.window)
        if self._images == "png":
            write_png(image, render(labels.scene, self._composite, window=chip.window, max_size=None)[..., :3])
        else:
            write_geotiff(image, pixels, grid, labels.scene.bands)
        one = LabelSet(
            annotations=chip.annotations, grid=grid, ontology=self.ontology, scene_name=stem, image_name=image.name
        )
        return {"image": image.relative_to(self._folder).as_posix(), "labels": self._write_labels(one, chip, stem)}

    def lost(self, annotations: Sequence[Annotation]) -> list[str]:
        """Return what the format of the labels does not hold of all that is in the chips."""
        found = list(lost_by(self.form, self._held))
        if self.form == MASK:
            return found
        whole = LabelSet(annotations=annotations, grid=self._held[0].scene.grid, ontology=self.ontology)
        return [*found, *FORMATS[self.form].lost(whole)]

    def _write_labels(self, one: LabelSet, chip: Chip, stem: str) -> str:
        """Write the labels of a chip, and return their file as it is called in the set."""
        if self.form == "coco":
            self._gather(one, chip)
            return f"annotations/{chip.split}.json"
        place = f"{'labelTxt' if self.form == 'dota' else 'masks' if self.form == MASK else 'labels'}/{chip.split}"
        path = self._folder / place / f"{stem}.{'tif' if self.form == MASK else 'txt'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.form == MASK:
            write_mask(path, self._burners[chip.scene].mask(chip.window))
        else:
            form = FORMATS[self.form]
            form.write(path, one)
        return f"{place}/{path.name}"

    def _gather(self, one: LabelSet, chip: Chip) -> None:
        """Add the labels of a chip to the COCO file of its split."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "one.coco.json"
            FORMATS["coco"].write(path, one)
            document = json.loads(path.read_text("utf-8"))
        whole = self._coco.setdefault(chip.split, document | {"images": [], "annotations": []})
        image_id = len(whole["images"]) + 1
        whole["images"].append(document["images"][0] | {"id": image_id})
        for annotation in document["annotations"]:
            number = len(whole["annotations"]) + 1
            whole["annotations"].append(annotation | {"id": number, "image_id": image_id})

    def finish(self, chips: Sequence[tuple[Chip, dict[str, Any]]]) -> None:
        """Write what stands beside the chips: COCO files, or where a trainer finds the splits."""
        for split, document in self._coco.items():
            (self._folder / "annotations").mkdir(exist_ok=True)
            _write_json(self._folder / "annotations" / f"{split}.json", document)
        if self.form.startswith("yolo"):
            path = self._folder / "data.yaml"
            splits = [split for split in SPLITS if any(chip.split == split for chip, _ in chips)]
            text = path.read_text("utf-8") if path.exists() else ""
            kept = [
                line for line in text.splitlines() if not line.startswith(tuple(f"{s}:" for s in (*SPLITS, "path")))
            ]
            path.write_text("\n".join([*kept, *(f"{split}: images/{split}" for split in splits), ""]), "utf-8")


def _require_room(held: Sequence[Held], folder: Path, labels_as: str) -> Path:
    """Return the empty folder of a set that can be made."""
    if labels_as not in LABEL_FORMATS:
        raise FormatError(f"{labels_as!r} is no format of a training set; choose {', '.join(LABEL_FORMATS)}")
    _require_one_ontology(held)
    names = [each.scene.name for each in held]
    if len(set(names)) < len(names):
        raise FormatError("two scenes have the same name, so their chips would too; rename one")
    target = expanded(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WriteError(f"{target} is not an empty folder; choose another one")
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{target} cannot be made ({error.strerror})") from error
    return target


def _require_one_ontology(held: Sequence[Held]) -> None:
    """Refuse labels of several ontologies, and none at all; what differs is named."""
    if not held:
        raise FormatError("a training set needs labels; name a label file")
    first = held[0].ontology
    other = next((each for each in held if each.ontology.sha256 != first.sha256), None)
    if other is not None:
        raise FormatError(
            f"a training set has the labels of one ontology, and those of {held[0].scene.name} have {first.name} "
            f"{first.version}, those of {other.scene.name} {other.ontology.name} {other.ontology.version}; make a set "
            "of each, or apply one ontology to all (geolabel ontology apply)"
        )


def _uneven(made: TrainingSet, plan: ChipPlan, chips: Sequence[Chip]) -> list[str]:
    """Return what whoever trains should know: splits that got nothing, and labels that nobody has looked at."""
    empty = [split for split, share in zip(SPLITS, plan.split, strict=True) if share > 0 and not made.chips[split]]
    what = "scene" if plan.by == "scene" else f"block of {plan.block_chips} x {plan.block_chips} chips"
    way_out = (
        "take more scenes" if plan.by == "scene" else "take smaller blocks (--block 1), smaller chips, more scenes"
    )
    unseen = {a.id for chip in chips for a in chip.annotations if a.status is Status.SUGGESTED}
    return [
        *([f"{' and '.join(empty)} got no chip, since a {what} goes into one split whole; {way_out}"] if empty else []),
        *([f"{number_of(len(unseen), 'suggestion')} that nobody has accepted among the labels"] if unseen else []),
    ]


def _index(
    chips: Sequence[tuple[Chip, dict[str, Any]]], held: Sequence[Held], plan: ChipPlan, made: TrainingSet
) -> dict[str, Any]:
    entries = [
        {
            **entry,
            "scene": held[chip.scene].scene.name,
            "split": chip.split,
            "rows": [chip.window[0].start, chip.window[0].stop],
            "cols": [chip.window[1].start, chip.window[1].stop],
            "annotations": [
                {"id": a.id, "class": a.class_id, VISIBLE: a.attributes[VISIBLE]} for a in chip.annotations
            ],
        }
        for chip, entry in chips
    ]
    about = {"plan": vars(plan), "ontology": held[0].ontology.stamp, "splits": made.chips, "classes": made.labels}
    return about | {"notes": made.notes, "chips": entries}


def _write_json(path: Path, value: Any) -> None:  # noqa: ANN401
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
