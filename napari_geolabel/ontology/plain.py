"""Text to plain values and back: the narrow YAML and JSON that an ontology may be written in.

YAML here is text, lists and mappings.  Scalars stay as they are written
(``no``, ``010`` and ``12:30`` are text), and anchors, tags and repeated keys
are refused: an ontology comes from strangers, and none of these helps a
person to read it.
"""

from __future__ import annotations

import json
from typing import Any, Never

import yaml

from napari_geolabel.errors import OntologyError

MAX_BYTES = 1_000_000
"""Longest text that is read; the largest real ontologies have a tenth of it."""
MAX_DEPTH = 64
"""Deepest nesting that is read."""

_LINE_WIDTH = 100
_TAGS = {yaml.MappingNode: "map", yaml.SequenceNode: "seq", yaml.ScalarNode: "str"}


def read_yaml(text: str) -> Any:  # noqa: ANN401  (any plain value)
    """Return the value of a YAML text: text, None, lists and mappings.

    Raises
    ------
    OntologyError
        If it is not YAML, or more than the narrow YAML of this module.
    """
    _require_size(text)
    try:
        node = yaml.compose(text, Loader=_TextLoader)
    except OntologyError:
        raise
    except yaml.MarkedYAMLError as error:
        raise OntologyError(f"{_place(error.problem_mark)}{error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise OntologyError(f"it is not YAML ({str(error).splitlines()[0]})") from error
    return None if node is None else _value_of(node)


def read_json(text: str) -> Any:  # noqa: ANN401
    """Return the value of a JSON text.

    Raises
    ------
    OntologyError
        If it is not JSON, repeats a key, nests too deeply, or holds NaN or an infinity.
    """
    _require_size(text)
    try:
        value = json.loads(text, object_pairs_hook=_mapping_of_pairs, parse_constant=_refuse_constant)
    except RecursionError:
        raise OntologyError(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise OntologyError(f"line {error.lineno}, column {error.colno}: {error.msg.lower()}") from error
    except OntologyError:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise OntologyError(f"it is not JSON ({error})") from error
    _require_depth(value)
    return value


def write_yaml(value: Any) -> str:  # noqa: ANN401
    """Return a plain value as YAML to be read by people: one field a line, short lists on one."""
    return yaml.dump(
        value, Dumper=_ReadableDumper, sort_keys=False, allow_unicode=True, width=_LINE_WIDTH, default_flow_style=False
    )


def write_json(value: Any) -> str:  # noqa: ANN401
    """Return a plain value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


_TOO_DEEP = f"it nests more than {MAX_DEPTH} levels; an ontology needs about ten"


class _TextLoader(yaml.BaseLoader):
    """A loader that leaves scalars as text and refuses what can make a file larger than it is."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401
        if self.check_event(yaml.AliasEvent):
            self._refuse("*aliases are not allowed; write the value out")
        if self.peek_event().anchor is not None:  # type: ignore[no-untyped-call]
            self._refuse("&anchors are not allowed; take it out")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise OntologyError(_TOO_DEEP)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refuse(self, reason: str) -> Never:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        raise OntologyError(f"{_place(mark)}{reason}")


class _ReadableDumper(yaml.SafeDumper):
    """A dumper that indents lists, and keeps lists and mappings of a few short values on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def represent_list_on_a_line(self, items: list[Any]) -> yaml.Node:
        short = all(isinstance(item, str) for item in items) and sum(map(len, items)) < _LINE_WIDTH - 40
        return self.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=short)

    def represent_mapping_on_a_line(self, fields: dict[str, Any]) -> yaml.Node:
        short = set(fields) == {"id", "name"}  # an option with nothing under it
        return self.represent_mapping("tag:yaml.org,2002:map", fields, flow_style=short)

    def represent_text(self, text: str) -> yaml.Node:
        style = None
        if any(character in text for character in "\x85\u2028\u2029"):
            style = '"'  # PyYAML would write these raw in single quotes and read them back as spaces
        elif "\n" in text and all(line == line.strip() for line in text.split("\n")):
            style = "|"
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_ReadableDumper.add_representer(list, _ReadableDumper.represent_list_on_a_line)
_ReadableDumper.add_representer(dict, _ReadableDumper.represent_mapping_on_a_line)
_ReadableDumper.add_representer(str, _ReadableDumper.represent_text)


def _value_of(node: yaml.Node) -> Any:  # noqa: ANN401
    """Return the plain value of a node; no deeper than the loader went."""
    if node.tag != f"tag:yaml.org,2002:{_TAGS[type(node)]}":
        raise OntologyError(f"{_place(node.start_mark)}the tag {node.tag} is not allowed; take it out")
    if isinstance(node, yaml.MappingNode):
        return _mapping_of_pairs([(_key_of(key), _value_of(value)) for key, value in node.value], node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_value_of(item) for item in node.value]
    unquoted = node.style is None  # type: ignore[attr-defined]
    return None if unquoted and node.value in {"", "~", "null"} else node.value


def _key_of(node: yaml.Node) -> str:
    """Return a key, which must be text."""
    if not isinstance(node, yaml.ScalarNode):
        raise OntologyError(f"{_place(node.start_mark)}a field's name must be text")
    return str(node.value)


def _mapping_of_pairs(pairs: list[tuple[str, Any]], mark: yaml.Mark | None = None) -> dict[str, Any]:
    """Return a mapping, refusing a key that stands twice."""
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for index, key in enumerate(keys) if key in keys[:index])
        raise OntologyError(f"{_place(mark)}the field {twice[:60]!r} stands twice; take one out")
    return mapping


def _refuse_constant(name: str) -> Never:
    raise OntologyError(f"{name} is not a number that an ontology may hold; leave the field out")


def _require_size(text: str) -> None:
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise OntologyError(f"it has more than {MAX_BYTES:,} bytes; an ontology has a few thousand")


def _require_depth(value: object) -> None:
    """Walk a value level by level, so that no depth can exhaust the stack."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [item for parent in level for item in _items(parent)]
        if not level:
            return
    raise OntologyError(_TOO_DEEP)


def _items(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _place(mark: yaml.Mark | None) -> str:
    return "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
