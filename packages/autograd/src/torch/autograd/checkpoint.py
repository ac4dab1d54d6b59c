"""`checkpoint`: less memory for more time."""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from .function import Alias, Function
from .grad_mode import enable_grad, is_grad_enabled
from .variable import Port, Variable

__all__ = ["checkpoint"]


def checkpoint(
    function: Callable, *args: Any, preserve_rng_state: bool = True, **options: Any
) -> Any:
    """`function(*args, **options)`, whose intermediate values are not kept for backward.

    Backward calls `function` a second time to get them. So it costs the time of one more forward,
    and the memory of the arguments instead of that of all saved values in between.

    Arguments and results are Variables, anything else, or tuples, lists and dicts of these.
    Leaves that `function` takes from elsewhere (its parameters) get their gradients too; Variables
    with a history should be arguments. `function` must do the same both times: random numbers of
    the default generator are the same, unless `preserve_rng_state=False`; a result of another size
    is an error, and so is an argument that was changed in place. Checkpoints may be nested and
    differentiated several times.
    """
    if not callable(function):
        raise TypeError(f"checkpoint: expected a callable, got {type(function).__name__}")
    if not is_grad_enabled():
        return function(*args, **options)
    variables: list[Variable] = []
    section = _Section()
    section.function = function
    section.arguments = _replaced((args, options), Variable, lambda v: _Place(variables, v))
    section.state = torch.get_rng_state() if preserve_rng_state else None

    versions = [v._version for v in variables]
    outputs = section.run(
        [Variable(v._data, creator=Alias(None)) if v._requires_grad else v for v in variables]
    )
    for number, (variable, version) in enumerate(zip(variables, versions)):
        if variable._version != version:
            raise RuntimeError(
                f"checkpoint: {section.name} changed its Variable {number} in place, so it cannot "
                "be called again in backward; let it change a clone()"
            )
    found = _differentiable(outputs)
    if not found:
        return outputs
    section.sizes = [(y.size(), y.dtype) for y in found]
    leaves = _leaves(found)
    section.count = len(variables)
    results = Checkpoint.apply(section, tuple([y._data for y in found]), *variables, *leaves)
    replacement = iter(results)
    return _replaced(outputs, Variable, lambda y: next(replacement) if y._requires_grad else y)


class Checkpoint(Function):
    """The node that stands for a whole section of the graph.

    Its inputs are the Variables among the arguments and the leaves that the section used besides.
    """

    __slots__ = ("section",)

    @staticmethod
    def forward(ctx: Any, section: "_Section", results: tuple, *values: torch.Tensor) -> tuple:
        ctx.section = section
        ctx.save_for_backward(*values)
        return results

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple:
        section = ctx.section
        saved = ctx.saved_tensors[: section.count]
        edges = ctx._edges[2 : 2 + section.count]
        leaves = [leaf for leaf in ctx._edges[2 + section.count :] if leaf is not None]
        create_graph = any(isinstance(g, Variable) for g in gradients)
        fresh = []
        for value, edge in zip(saved, edges):
            data = value._data if isinstance(value, Variable) else value
            # Nothing behind the argument is reached from here: its gradient is a partial one.
            fresh.append(Variable(data, creator=None if edge is None else Alias(None)))
        outputs = _differentiable(section.run_again(fresh))
        section.check(outputs)
        wanted = [x for x in fresh if x._requires_grad]
        with _without_hooks(leaves):  # they run when the gradients arrive
            # Nothing is freed: the section may hang on a graph that others go through as well.
            found = Variable._execution_engine.run_backward(
                outputs, gradients, True, create_graph, (*wanted, *leaves)
            )
        gradient = iter(found)
        results = [next(gradient) if x._requires_grad else None for x in fresh]
        if create_graph:
            for x, edge in zip(fresh, edges):
                if edge is not None:
                    start: Any = x._edge
                    start._edges = (edge,)
        return (None, None, *results, *gradient)


class _Section:
    """A function and what it was called with, without its Variables."""

    __slots__ = ("arguments", "count", "function", "sizes", "state")
    function: Callable
    arguments: Any
    state: torch.Tensor | None
    count: int
    sizes: list

    @property
    def name(self) -> str:
        return getattr(self.function, "__qualname__", type(self.function).__name__)

    def run(self, variables: Sequence[Variable]) -> Any:
        args, options = _replaced(self.arguments, _Place, lambda place: variables[place.number])
        return self.function(*args, **options)

    def run_again(self, variables: Sequence[Variable]) -> Any:
        """The same with the random numbers of the first time; recorded in any case."""
        with enable_grad():
            if self.state is None:
                return self.run(variables)
            with torch.random.fork_rng():
                torch.set_rng_state(self.state)
                return self.run(variables)

    def check(self, outputs: Sequence[Variable]) -> None:
        sizes = [(y.size(), y.dtype) for y in outputs]
        if sizes != self.sizes:
            before, now = [[(tuple(n), str(t)) for n, t in s] for s in (self.sizes, sizes)]
            raise RuntimeError(
                f"checkpoint: {self.name} did not do the same when it was called again in "
                f"backward: it gave differentiable results of {before}, then of {now}"
            )


class _Place:
    """Where a Variable stood among the arguments."""

    __slots__ = ("number",)

    def __init__(self, variables: list, variable: Variable) -> None:
        self.number = len(variables)
        variables.append(variable)


def _replaced(value: Any, kind: type, replace: Callable) -> Any:
    """`value` with each `kind` in it replaced, also inside tuples, lists and dicts.

    What holds none is not copied: `function` may want to write into it.
    """
    if isinstance(value, kind):
        return replace(value)
    if isinstance(value, dict):
        changed = {k: _replaced(v, kind, replace) for k, v in value.items()}
        if all(changed[k] is value[k] for k in value):
            return value
        result = copy.copy(value)
        result.update(changed)
        return result
    if isinstance(value, tuple | list):
        parts = [_replaced(part, kind, replace) for part in value]
        if all(part is before for part, before in zip(parts, value)):
            return value
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def _differentiable(outputs: Any) -> list[Variable]:
    found: list[Variable] = []
    _replaced(outputs, Variable, lambda y: found.append(y) if y._requires_grad else None)
    return found


def _leaves(variables: Sequence[Variable]) -> list[Variable]:
    """The leaves from which `variables` were computed, each once."""
    seen = dict.fromkeys([v if v._edge is None else v._edge for v in variables])
    stack = list(seen)
    while stack:
        node = stack.pop()
        if isinstance(node, Port):
            node = node.function
        for edge in () if isinstance(node, Variable) else node._edges:
            if edge is not None and edge not in seen:
                seen[edge] = None
                stack.append(edge)
    return [node for node in seen if isinstance(node, Variable)]


@contextmanager
def _without_hooks(leaves: Sequence[Variable]) -> Iterator[None]:
    hooked = [(leaf, leaf._hooks) for leaf in leaves if leaf._hooks]
    for leaf, _ in hooked:
        leaf._hooks = None
    try:
        yield
    finally:
        for leaf, hooks in hooked:
            leaf._hooks = hooks
