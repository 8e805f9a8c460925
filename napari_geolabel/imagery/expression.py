"""Band expressions such as ``(nir - red) / (nir + red)``: a small language, and nothing of Python besides.

Text is parsed with Python's own parser and then walked against a list of what
is allowed: numbers, band names, ``+ - * / **``, comparisons, ``and or not``,
and the functions min, max, abs, sqrt, log (natural), where and clip.  Nothing
of the text is ever executed.

Everything is float32.  NaN means "not valid" and goes through every operation,
comparisons included; division by zero gives NaN.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import ExpressionError

FloatImage = NDArray[np.float32]

MAX_LENGTH = 500
MAX_DEPTH = 40
MAX_NODES = 200


@dataclass(frozen=True)
class Expression:
    """A checked expression, ready to be computed.

    Make one with ``parse_expression``.
    """

    text: str
    names: tuple[str, ...]
    """The bands that it names, in order of first use."""

    tree: ast.expr = field(compare=False)

    def compute(self, inputs: Mapping[str, FloatImage]) -> FloatImage:
        """Return the value at every pixel, NaN where it has none.

        Parameters
        ----------
        inputs
            Name → float32 array, NaN where not valid; all of one shape.

        Returns
        -------
        ndarray
            float32, shape of the inputs.  NaN where any input is NaN (one that
            ``where`` does not take included), and where the result is not finite.
        """
        with np.errstate(all="ignore"):
            result = np.asarray(_value(self.tree, inputs), np.float32)
        shape = next(iter(inputs.values())).shape
        result = np.array(np.broadcast_to(result, shape))
        invalid = ~np.isfinite(result)
        for name in self.names:
            invalid |= np.isnan(inputs[name])
        result[invalid] = np.nan
        return result


def parse_expression(text: str) -> Expression:
    """Return an expression after checking all of it.

    Raises
    ------
    ExpressionError
        If the text is not in the language; the sentence names what is not.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text)} characters and at most {MAX_LENGTH} are allowed; shorten it"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        raise ExpressionError(
            f"{text!r} cannot be read as an expression ({reason}); write it like (nir - red) / (nir + red)"
        ) from error
    names: dict[str, None] = {}
    _check(tree, text, names, MAX_DEPTH, [MAX_NODES])
    if not names:
        raise ExpressionError(f"{text!r} names no band; use band names such as nir")
    return Expression(text, tuple(names), tree)


def with_values(expression: Expression, values: Mapping[str, float | Expression]) -> Expression:
    """Return an expression in which names stand no longer for bands but for numbers or other expressions.

    Parameters
    ----------
    expression
        Where names are replaced.
    values
        Name → what takes its place; names that do not occur are left out of account.
    """
    tree = _Filled(values).visit(copy.deepcopy(expression.tree))
    names: dict[str, None] = {}
    for node in _depth_first(tree):
        if isinstance(node, ast.Name) and node.id not in _FUNCTIONS:
            names.setdefault(node.id)
    return Expression(ast.unparse(tree), tuple(names), tree)


@lru_cache(maxsize=512)
def scale_matters(expression: Expression) -> bool:
    """Return whether an expression's value changes when all its bands are multiplied by the same number.

    Normalised differences and ratios do not change; sums and products, and what
    adds a number to a band, do.  It is found by trying.
    """
    random = np.random.default_rng(5)
    bands = {name: random.uniform(0.02, 0.6, 256).astype(np.float32) for name in expression.names}
    once = expression.compute(bands)
    again = expression.compute({name: values * np.float32(1e4) for name, values in bands.items()})
    return not np.allclose(once, again, rtol=1e-3, atol=1e-3, equal_nan=True)


class _Filled(ast.NodeTransformer):
    """Puts numbers and expressions in the place of names."""

    def __init__(self, values: Mapping[str, float | Expression]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands in the place of a name."""
        value = node if node.id in _FUNCTIONS else self._values.get(node.id, node)
        if isinstance(value, Expression):
            return copy.deepcopy(value.tree)
        if isinstance(value, ast.Name):
            return value
        if not math.isfinite(value):
            raise ExpressionError(f"{node.id} cannot be {value}; give a finite number")
        number = ast.Constant(abs(float(value)))
        return number if value >= 0 else ast.UnaryOp(ast.USub(), number)


def _depth_first(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all below it in the order of the text."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _depth_first(child)


def _check(node: ast.AST, text: str, names: dict[str, None], depth: int, budget: list[int]) -> None:
    """Refuse whatever is not in the language, and note the names."""
    budget[0] -= 1
    if depth == 0 or budget[0] < 0:
        raise ExpressionError(f"the expression {text[:60]!r}... is too deep or too long; split it into several")
    if isinstance(node, ast.Constant):
        _check_number(node, text)
    elif isinstance(node, ast.Name):
        if node.id in _FUNCTIONS:
            raise ExpressionError(f"{node.id} in {text!r} is a function; call it with brackets: {node.id}(...)")
        names.setdefault(node.id)
    elif isinstance(node, ast.Call):
        _check_call(node, text)
    for child in _children(node, text):
        _check(child, text, names, depth - 1, budget)


def _children(node: ast.AST, text: str) -> list[ast.expr]:
    """Return the operands of an allowed node, and refuse any other node."""
    if isinstance(node, (ast.Constant, ast.Name)):
        return []
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd, ast.Not)):
        return [node.operand]
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARISONS for op in node.ops):
        return [node.left, *node.comparators]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Call):
        return node.args
    raise ExpressionError(f"{_excerpt(node, text)!r} is not allowed in an expression; {_ALLOWED}")


def _check_number(node: ast.Constant, text: str) -> None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionError(f"{_excerpt(node, text)!r} is not a number; {_ALLOWED}")
    try:
        small = math.isfinite(float(value)) and abs(value) <= float(np.finfo(np.float32).max)
    except OverflowError:
        small = False
    if not small:
        raise ExpressionError(f"{_excerpt(node, text)[:40]!r} is too large a number; the largest is about 3e38")


def _check_call(node: ast.Call, text: str) -> None:
    """Refuse calls of anything but our functions, with as many plain arguments as they take."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _FUNCTIONS:
        raise ExpressionError(
            f"{_excerpt(node.func, text)!r} is not a function here; there are {', '.join(sorted(_FUNCTIONS))}"
        )
    low, high, _ = _FUNCTIONS[name]
    if node.keywords or not low <= len(node.args) <= high:
        count = str(low) if low == high else f"{low} or more"
        raise ExpressionError(f"{name} in {text!r} takes {count} plain arguments; {_ALLOWED}")


def _excerpt(node: ast.AST, text: str) -> str:
    """Return the source of a node, for a message."""
    return (ast.get_source_segment(text.strip(), node) or text)[:80]


def _value(node: ast.expr, inputs: Mapping[str, FloatImage]) -> FloatImage:
    """Compute a checked node."""
    match node:
        case ast.Constant(value=number):
            return np.asarray(number, np.float32)
        case ast.Name(id=name):
            return inputs[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_value(left, inputs), _value(right, inputs))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            truth = _value(operand, inputs)
            return _valid_where(truth == 0, truth)
        case ast.UnaryOp(op=op, operand=operand):
            operated = _value(operand, inputs)
            return -operated if isinstance(op, ast.USub) else operated
        case ast.Compare():
            return _compare(node, inputs)
        case ast.BoolOp(op=op, values=values):
            truths = [_value(value, inputs) for value in values]
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return _valid_where(join.reduce(np.broadcast_arrays(*(truth != 0 for truth in truths))), *truths)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _FUNCTIONS[name][2](*(_value(arg, inputs) for arg in args))
    raise ExpressionError(f"{type(node).__name__} is not allowed in an expression; {_ALLOWED}")


def _compare(node: ast.Compare, inputs: Mapping[str, FloatImage]) -> FloatImage:
    """Return 1 where all comparisons of a chain hold, else 0."""
    values = [_value(each, inputs) for each in (node.left, *node.comparators)]
    holds = [_COMPARISONS[type(op)](a, b) for op, a, b in zip(node.ops, values, values[1:], strict=False)]
    return _valid_where(np.logical_and.reduce(np.broadcast_arrays(*holds)), *values)


def _valid_where(truth: NDArray[np.bool_], *values: FloatImage) -> FloatImage:
    """Return truth as 1 and 0, NaN where any of the values is NaN."""
    result = np.asarray(truth, np.float32)
    for value in values:
        result = np.where(np.isnan(value), np.float32(np.nan), result)
    return result


def _divide(a: FloatImage, b: FloatImage) -> FloatImage:
    return np.where(b == 0, np.float32(np.nan), np.divide(a, b))


def _where(condition: FloatImage, yes: FloatImage, no: FloatImage) -> FloatImage:
    return np.where(np.isnan(condition), np.float32(np.nan), np.where(condition != 0, yes, no))


def _clip(value: FloatImage, low: FloatImage, high: FloatImage) -> FloatImage:
    return np.minimum(np.maximum(value, low), high)


def _fold(function: Callable[[FloatImage, FloatImage], FloatImage]) -> Callable[..., FloatImage]:
    """Return a function of any number of arguments from one of two."""

    def folded(first: FloatImage, *others: FloatImage) -> FloatImage:
        for other in others:
            first = function(first, other)
        return first

    return folded


_ARITHMETIC: dict[type[ast.operator], Callable[[FloatImage, FloatImage], FloatImage]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: _divide,
    ast.Pow: np.power,
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[FloatImage, FloatImage], NDArray[np.bool_]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}

_FUNCTIONS: dict[str, tuple[int, int, Callable[..., FloatImage]]] = {
    "min": (2, 16, _fold(np.minimum)),
    "max": (2, 16, _fold(np.maximum)),
    "abs": (1, 1, np.abs),
    "sqrt": (1, 1, np.sqrt),
    "log": (1, 1, np.log),
    "where": (3, 3, _where),
    "clip": (3, 3, _clip),
}
"""Name → fewest and most arguments, and what it does."""

_ALLOWED = "use numbers, band names, + - * / **, comparisons, and, or, not, min, max, abs, sqrt, log, where and clip"
