"""What the user set under Preferences > napari-geolabel, or the defaults of the manifest."""

from __future__ import annotations

import getpass
from dataclasses import dataclass

PLUGIN = "napari-geolabel"


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """The settings of the manifest's ``configurations``."""

    stretch_low: float = 0.5
    """Percentile of the valid pixels that shows black."""
    stretch_high: float = 99.5
    """Percentile of the valid pixels that shows full brightness."""
    ontology: str = "maritime"
    """Template or file that the start panel offers first."""
    annotator: str = ""
    """Name that stands in the provenance of annotations."""

    @property
    def annotator_name(self) -> str | None:
        """The annotator's name, or the name of the account, or None where there is neither."""
        return self.annotator.strip() or account_name()


def load_preferences() -> Preferences:
    """Return the user's settings; the defaults where napari has not registered the plugin."""
    from napari.settings import get_plugin_settings

    settings = get_plugin_settings().get(PLUGIN)
    if settings is None:
        return Preferences()
    return Preferences(
        stretch_low=settings.display.stretch_low,
        stretch_high=settings.display.stretch_high,
        ontology=settings.labelling.ontology,
        annotator=settings.labelling.annotator,
    )


def account_name() -> str | None:
    """Return the name of the account that runs napari; containers may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
