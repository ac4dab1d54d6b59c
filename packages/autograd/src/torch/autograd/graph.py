"""Pictures of the graph: Variables are boxes, Functions are round, data flows downwards.

    text = dot(loss)                                  # the DOT language, needs nothing
    draw(loss, "loss.svg", params=model)              # through Graphviz

A leaf is a box with its size and type, and its name if it has one in `params`; so is a result that
is named there. A Function has its name and the line of your code that called it. An edge has the
size of what flows along it where the graph knows it, and the number of the output where there are
several.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from .function import Freed, Function
from .variable import Port, Variable, type_name

__all__ = ["dot", "draw"]

#: What `draw` writes: through Graphviz, and by itself.
RENDERED = ("svg", "png", "pdf")
PLAIN = ("dot", "gv")

NO_PACKAGE = (
    "draw: the Python package graphviz is not installed: pip install 'alphatorch-autograd[graph]'"
)
NO_PROGRAM = (
    "draw: the program dot of Graphviz was not found: install Graphviz (apt install graphviz, "
    "dnf install graphviz, brew install graphviz, or https://graphviz.org/download)"
)


def draw(
    variables: Any,
    path: Any,
    params: Any = None,
    depth: int | None = None,
    max_functions: int = 250,
) -> None:
    """Write a picture of what `variables` were computed from to `path`.

    The suffix of `path` tells the format: .svg, .png, .pdf (these need the package graphviz and the
    program dot), or .dot, .gv for the text. The other arguments are those of `dot`.

    ImportError without the package, RuntimeError without the program, ValueError for a suffix.
    """
    path = Path(path)
    kind = path.suffix.removeprefix(".").lower()
    if kind not in RENDERED + PLAIN:
        raise ValueError(
            f"draw: path: expected one of the suffixes .{', .'.join(RENDERED + PLAIN)}, "
            f"got {str(path)!r}"
        )
    text = dot(variables, params, depth, max_functions)
    path.write_bytes(text.encode() if kind in PLAIN else _rendered(text, kind))


def dot(
    variables: Any, params: Any = None, depth: int | None = None, max_functions: int = 250
) -> str:
    """The graph of a Variable, or of several, in the DOT language of Graphviz.

    `params` gives names: a dict {name: Variable}, pairs (name, Variable), or a Module. `depth` is
    how many Functions from a result upwards are drawn, `max_functions` how many in all; the nearest
    ones are, and `...` stands for the others.
    """
    roots = tuple(variables) if isinstance(variables, tuple | list) else (variables,)
    for root in roots:
        if not isinstance(root, Variable):
            raise TypeError(f"dot: expected Variables, got {type_name(root)}")
    if not roots:
        raise ValueError("dot: expected at least one Variable")
    for name, limit in (("depth", depth), ("max_functions", max_functions)):
        if limit is not None and (not isinstance(limit, int) or limit < 1):
            raise ValueError(f"dot: {name}: expected an int of at least 1, got {limit!r}")
    return "\n".join(_Drawing(roots, _names(params), depth, max_functions).lines())


def _rendered(text: str, kind: str) -> bytes:
    try:
        import graphviz  # type: ignore[import-not-found, import-untyped]
    except ImportError:
        raise ImportError(NO_PACKAGE, name="graphviz") from None
    try:
        return graphviz.Source(text).pipe(format=kind)
    except graphviz.ExecutableNotFound:
        raise RuntimeError(NO_PROGRAM) from None
    except graphviz.CalledProcessError as error:
        complaint = (error.stderr or b"").decode(errors="replace").strip()
        raise RuntimeError(f"draw: dot failed: {complaint}") from None


def _names(params: Any) -> dict[Any, tuple[str, Variable]]:
    """Where each named Variable stands in the graph -> (name, Variable)."""
    if params is None:
        return {}
    if hasattr(params, "named_parameters"):
        params = params.named_parameters()
    pairs: Any = params.items() if isinstance(params, Mapping) else params
    names = {}
    for pair in pairs if isinstance(pairs, Iterable) else (pairs,):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                "dot: params: expected a dict of Variables by name, pairs (name, Variable) or a "
                f"Module, got {type_name(params)}"
            )
        name, variable = pair
        if not isinstance(variable, Variable):
            raise TypeError(f"dot: params: {name}: expected a Variable, got {type_name(variable)}")
        names[_place(variable)] = str(name), variable
    return names


def _place(variable: Variable) -> Any:
    """What stands for a Variable in the graph: the leaf itself, or (Function, output number)."""
    return variable if variable._edge is None else (variable.creator, variable.output_nr)


def _source(edge: Any) -> Any:
    """The same for an edge of a Function."""
    if isinstance(edge, Variable):
        return edge
    return (edge.function, edge.number) if isinstance(edge, Port) else (edge, 0)


class _Drawing:
    """Which Functions and Variables are drawn, under which identifiers."""

    def __init__(
        self, roots: tuple, names: dict[Any, tuple[str, Variable]], depth: int | None, limit: int
    ) -> None:
        self.roots = {_place(root): root for root in roots}
        self.names = names
        self.functions, self.total = self.nearest(depth, limit)
        self.identifiers: dict[Any, str] = {}
        self.sizes: dict[Any, tuple] = {}
        for function in self.functions:
            self.sizes.update(_known_sizes(function))

    def nearest(self, depth: int | None, limit: int) -> tuple[dict[Function, None], int]:
        """The Functions to draw, the nearest to the results first, and how many there are."""
        level = list(dict.fromkeys(place[0] for place in self.roots if isinstance(place, tuple)))
        seen = dict.fromkeys(level)
        shown: dict[Function, None] = {}
        distance = 0
        while level:
            distance += 1
            if depth is None or distance <= depth:
                shown.update(dict.fromkeys(level[: max(0, limit - len(shown))]))
            above = []
            for function in level:
                for edge in function._edges:
                    if edge is not None and not isinstance(edge, Variable):
                        parent = _source(edge)[0]
                        if parent not in seen:
                            seen[parent] = None
                            above.append(parent)
            level = above
        return shown, len(seen)

    def lines(self) -> Iterator[str]:
        yield "digraph autograd {"
        yield f"  graph [{_attributes(rankdir='TB', nodesep=0.3, ranksep=0.25, tooltip=' ')}];"
        node = _attributes(fontname=FONT, fontsize=10, style="filled", color=GREY, height=0.3)
        yield f'  node [{node}, margin="0.08,0.04"];'
        yield f"  edge [{_attributes(fontname=FONT, fontsize=8, arrowsize=0.6, color=GREY)}];"
        if len(self.functions) < self.total:
            text = f"{len(self.functions)} of {self.total} Functions"
            yield f"  label={_quoted(text)}; fontname={_quoted(FONT)}; fontsize=10;"
        for function in self.functions:
            yield f"  {self.identifier(function)} [{_attributes(**_round(function))}];"
        done: set[str] = set()  # identifiers of boxes and dots that are drawn
        for place in self.roots:
            yield from self.origin(place, done)
        for function in self.functions:
            for edge in function._edges:
                if edge is None:
                    continue
                place = _source(edge)
                yield from self.origin(place, done)
                yield self.arrow(place, function)
        yield "}"

    def identifier(self, thing: Any) -> str:
        return self.identifiers.setdefault(thing, f"n{len(self.identifiers)}")

    def is_box(self, place: Any) -> bool:
        return isinstance(place, Variable) or place in self.names or place in self.roots

    def origin_of(self, place: Any) -> Any:
        """Where arrows from `place` start: its box if it has one, else its Function."""
        return place if self.is_box(place) else place[0]

    def origin(self, place: Any, done: set[str]) -> Iterator[str]:
        """The box of a Variable with the arrow to it, or the dots for a Function not drawn."""
        thing = self.origin_of(place)
        identifier = self.identifier(thing)
        if identifier in done or thing in self.functions:
            return
        done.add(identifier)
        if not self.is_box(place):
            yield f"  {identifier} [{_attributes(label='...', shape='plain', fillcolor='none')}];"
            return
        name, variable = self.names.get(place, ("", None))
        variable = self.roots.get(place, place if variable is None else variable)
        yield f"  {identifier} [{_attributes(**_box(name, variable, place in self.roots))}];"
        if isinstance(place, tuple):
            function, number = place
            yield from self.origin((function, None), done)
            yield self.arrow(place, place)

    def arrow(self, place: Any, target: Any) -> str:
        """From where the Variable at `place` is drawn; to its own box from its Function."""
        start, label = self.origin_of(place), ""
        if start is target:
            start = place[0]
        elif not self.is_box(place) and place in self.sizes:
            label = _size(self.sizes[place])
        if isinstance(start, Function) and start._outputs is not None:
            label = f"{place[1]}: {label}".removesuffix(": ")
        text = f"  {self.identifier(start)} -> {self.identifier(target)}"
        return f"{text} [label={_quoted(f' {label} ')}];" if label else f"{text};"


FONT = "Helvetica,Arial,sans-serif"
GREY = "#707070"
LEAF, RESULT, NAMED, FUNCTION = "#cfe3f7", "#cdebc8", "#ffffff", "#f3f0e6"


def _box(name: str, variable: Any, is_root: bool) -> dict[str, Any]:
    dtype = str(variable.dtype).removeprefix("torch.")
    text = f"{_size(variable.size())} {dtype}"
    color = RESULT if is_root else LEAF if variable._edge is None else NAMED
    tooltip = "a leaf" if variable._edge is None else "a result"
    if not variable._requires_grad:
        tooltip += " without gradient"
    return {
        "label": f"{name}\n{text}" if name else text,
        "shape": "box",
        "fillcolor": color,
        "tooltip": tooltip,
    }


def _round(function: Function) -> dict[str, Any]:
    line = function.forward_line
    found = re.match(r"(.*?):(\d+)(?:: |$)", line)
    label = function.name
    if found is not None:
        label += f"\n{Path(found[1]).name}:{found[2]}"
    tooltip = f"{function.name} was called at {line}"
    if isinstance(function._saved, Freed):
        tooltip += "\nits saved values were freed"
    elif function._saved:
        sizes = [_size(v.size()) for v in function._saved if isinstance(v, torch.Tensor)]
        tooltip += f"\nsaved for backward: {', '.join(sizes)}" if sizes else ""
    return {"label": label, "shape": "ellipse", "fillcolor": FUNCTION, "tooltip": tooltip}


def _known_sizes(function: Function) -> Iterator[tuple[Any, tuple]]:
    """((Function, output number), size) for results whose size a Function has kept."""
    for number, output in enumerate(function._outputs or ()):
        if output is not None:
            yield (function, number), tuple(output[0])
    saved = function._saved
    if isinstance(saved, tuple):
        for value, origin in zip(saved, function._origins or ()):
            if origin is None or not isinstance(value, torch.Tensor):
                continue
            if origin < 0:
                yield (function, -1 - origin), tuple(value.size())
            elif function._edges[origin] is not None:
                place = _source(function._edges[origin])
                if isinstance(place, tuple):
                    yield place, tuple(value.size())


def _size(size: Iterable[int]) -> str:
    return str(tuple(size)).replace(",)", ")")


def _attributes(**values: Any) -> str:
    return ", ".join([f"{name}={_quoted(value)}" for name, value in values.items()])


def _quoted(value: Any) -> str:
    """As a DOT string: backslashes begin escapes there, ampersands entities."""
    text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return '"' + text.replace("\r", "").replace("\n", "\\n") + '"'
