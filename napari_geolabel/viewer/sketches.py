"""Which tools draw, and what each of them makes."""

from __future__ import annotations

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.tool_box import BoxSketch, RotatedBoxSketch
from napari_geolabel.viewer.tool_line import KeypointSketch, PolygonSketch, PolylineSketch
from napari_geolabel.viewer.tool_round import EllipseSketch, LassoSketch
from napari_geolabel.viewer.tool_skeleton import SkeletonSketch
from napari_geolabel.viewer.tool_sketch import Sketch

SKELETON = "skeleton"
"""The tool that draws the named points of a class, one after another."""

DRAWING_TOOLS: dict[str, type[Sketch]] = {
    "box": BoxSketch,
    "rotated_box": RotatedBoxSketch,
    "polygon": PolygonSketch,
    "lasso": LassoSketch,
    "ellipse": EllipseSketch,
    "polyline": PolylineSketch,
    "keypoint": KeypointSketch,
    SKELETON: SkeletonSketch,
}
"""The tools that draw annotations; those that are named like a kind draw just that."""

RESHAPING_TOOLS: dict[str, type[Sketch]] = {
    "hole": PolygonSketch,
    "split": PolylineSketch,
    "cut": PolygonSketch,
    "part": PolygonSketch,
    "reshape": PolylineSketch,
}
"""The tools that draw over annotations to change them, and what they draw."""

MASK_TOOLS: dict[str, type[Sketch]] = {
    "area": LassoSketch,
    "erase_area": LassoSketch,
    "wand": KeypointSketch,
    "instance": LassoSketch,
}
"""The tools that draw over the scene to change painted pixels, or to make annotations of whole pixels."""

EDITING_TOOLS = RESHAPING_TOOLS | MASK_TOOLS
"""The tools whose drawing is no annotation itself."""

SKETCHES: dict[str, type[Sketch]] = DRAWING_TOOLS | EDITING_TOOLS


def kind_drawn_by(tool: str) -> Kind | None:
    """Return the kind of annotation that a tool draws, None for a tool that draws none."""
    sketch = DRAWING_TOOLS.get(tool)
    return None if sketch is None else sketch.kind
