"""What is wrong with labels, what of it is mended, and what may stay."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.fixes import fix_problems
from napari_geolabel.annotations.nodata import NodataShare
from napari_geolabel.annotations.problems import WAIVED, Problem, find_problems, waiver_of
from napari_geolabel.annotations.scene_notes import PREFIX, notes_of
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.bookmarks import Bookmarks
from napari_geolabel.labels.coverage import Coverage
from napari_geolabel.labels.past import Past


class Checked(Past):
    """The part of `Labels` that looks after quality: problems, and what has been looked at."""

    @cached_property
    def coverage(self) -> Coverage:
        """The cells of the scene, and which of them somebody has looked at."""
        return Coverage(self)

    @cached_property
    def bookmarks(self) -> Bookmarks:
        """Places of the scene by name."""
        return Bookmarks(self)

    @property
    def nodata(self) -> NodataShare:
        """Tells which share of geometries lies where the scene has no data."""
        found: NodataShare | None = self.__dict__.get("_nodata")
        if found is None or found.scene is not self.scene:
            found = self.__dict__["_nodata"] = NodataShare(self.scene)
        return found

    @property
    def waived(self) -> dict[str, str]:
        """Problems that may stay, by rule and annotation, and why: ``{"size:<id>": "a supertanker"}``."""
        return notes_of(self.store.scene_attributes, WAIVED)

    def problems(self) -> list[Problem]:
        """Return what the checks find: missing answers, invalid geometry, wrong sizes and the like, the scene's first.

        Those that are `waived` are left out.
        """
        return find_problems(self.store, self.scene.grid, self.nodata)

    def fix_problems(self, problems: Iterable[Problem] | None = None) -> Change:
        """Mend what can be mended safely, as one change, and return it (see `annotations.fixes`); None mends all."""
        change = fix_problems(self.store, self.problems() if problems is None else problems, self.scene.grid)
        return self.store.apply(change)

    def waive_problems(self, problems: Iterable[Problem], reason: str) -> Change:
        """Note why problems may stay, as one change; they are told no more until that is undone or taken back.

        Parameters
        ----------
        problems
            Some of `problems`.
        reason
            Why they are none.  Empty text takes waivers back.

        Raises
        ------
        GeoLabelError
            If a problem is one of the whole scene, which only an answer mends.
        """
        found = list(problems)
        if any(problem.annotation_id is None for problem in found):
            raise GeoLabelError("a question about the whole scene cannot be waived; answer it")
        before = dict(self.store.scene_attributes)
        names = {f"{PREFIX}{WAIVED}:{waiver_of(problem)}" for problem in found}
        after = {name: text for name, text in before.items() if name not in names}
        if reason.strip():
            after |= dict.fromkeys(names, reason.strip())
        title = f"waive {len(found)} {'problem' if len(found) == 1 else 'problems'}"
        return self.store.apply(Change(title=title, scene_attributes=(before, after)))

    def forget_waivers(self) -> Change:
        """Forget all reasons why problems may stay, as one change."""
        before, start = dict(self.store.scene_attributes), f"{PREFIX}{WAIVED}:"
        after = {name: text for name, text in before.items() if not name.startswith(start)}
        title = f"tell {len(before) - len(after)} waived problems again"
        return self.store.apply(Change(title=title, scene_attributes=(before, after)))
