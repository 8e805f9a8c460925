"""Everything that napari-geolabel raises on purpose.

Each error is one sentence for the person in front of the screen: it names the
file or value and the way out.  Each leaf is also the builtin error that a
caller would expect, so that ``except ValueError`` keeps working.
"""

from __future__ import annotations

from typing import Any, get_args


class GeoLabelError(Exception):
    """Base of all errors of this package; ``str(error)`` is one plain sentence."""

    def __str__(self) -> str:
        """Return the sentence alone (``KeyError`` would print it in quotes)."""
        return str(self.args[0]) if self.args else type(self).__name__


class MissingFileError(GeoLabelError, FileNotFoundError):
    """A file or folder that was named does not exist."""


class UnsafeFileError(GeoLabelError, ValueError):
    """Opening the file would reach the network or files outside the scene's own folder."""


class WriteError(GeoLabelError, OSError):
    """A file could not be written; what stood there before is untouched."""


class FewerLabelsError(WriteError):
    """What would be written holds far fewer labels than the file that it would replace."""


class SceneError(GeoLabelError, ValueError):
    """A raster cannot be opened or read as a scene."""


class NotGeoreferencedError(GeoLabelError, ValueError):
    """Map coordinates were asked of something that has none."""


class BandNotFoundError(GeoLabelError, KeyError):
    """The scene has no band of that name."""


class CompositeError(GeoLabelError, ValueError):
    """A composite or stretch makes no sense."""


class ExpressionError(GeoLabelError, ValueError):
    """A band expression is not in the small language that is allowed."""


class UnscaledWarning(UserWarning):
    """An index is computed of stored numbers whose scale is not known, which changes what it comes to."""


class OntologyError(GeoLabelError, ValueError):
    """An ontology is wrong; the sentence names the path inside the file."""


class UnknownClassError(GeoLabelError, KeyError):
    """The ontology has no class of that id."""


class ForbiddenKindError(GeoLabelError, ValueError):
    """The class does not allow annotations of that kind."""


class LockedClassError(GeoLabelError, PermissionError):
    """An annotation cannot be changed because its class is locked."""


class AttributeValueError(GeoLabelError, ValueError):
    """The ontology does not allow that attribute or value."""


class GeometryError(GeoLabelError, ValueError):
    """A geometry is empty, not finite or not of the shape that its kind needs."""


class UnknownAnnotationError(GeoLabelError, KeyError):
    """No annotation has that id."""


class FormatError(GeoLabelError, ValueError):
    """A label file of another tool cannot be read, or a format cannot hold what was asked."""


class MaskValueError(GeoLabelError, ValueError):
    """A mask value does not fit the data type or is not in the value table."""


class CancelledError(GeoLabelError, RuntimeError):
    """Somebody ended long work before it was done; nothing was changed."""


def require_word(word: object, choices: Any, what: str, error: type[GeoLabelError] = GeoLabelError) -> None:  # noqa: ANN401
    """Refuse a word that is none of those to choose from, since no branch of the code was written for it.

    Parameters
    ----------
    word
        What was given.
    choices
        A ``Literal`` of the words that there are, two or more.
    what
        What the word is not, such as ``no order of overlaps``.
    error
        The kind of error to raise.

    Raises
    ------
    GeoLabelError
        Of the kind that was asked for; the sentence names the words.
    """
    *others, last = get_args(choices)
    if word not in (*others, last):
        raise error(f"{word!r} is {what}; choose {', '.join(others)} or {last}")
