"""The engine: carries gradients from results back to leaves.

It holds no state of its own between or during calls, so backward passes may be nested in each other
and run in several threads. Any object with the same `run_backward` can stand in for it:
`Variable._execution_engine = other`. Arguments that have their defaults are not passed on by
`Variable.backward`, so an engine need not know more than it offers.
"""

import os
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import compat

from . import anomaly, location
from .alpha import in_default, tensor_hooks
from .function import Freed, Function, NotTwice, changed_leaf
from .functions.stochastic import reaches_leaf
from .grad_mode import enable_grad
from .sparse import SparseRows
from .variable import Port, RetainGrad, Variable, dense, type_name, whence

__all__ = ["Engine", "accumulate"]


class Engine:
    """Depth first in topological order, found by counting how many gradients a node waits for."""

    __slots__ = ()

    def run_backward(
        self,
        variables: Sequence[Variable],
        gradients: Sequence[Any],
        retain_variables: bool = False,
        create_graph: bool = False,
        inputs: Sequence[Variable] | None = None,
    ) -> tuple | None:
        """Propagate `gradients` (one per Variable; None for one element means 1) to the leaves.

        With `inputs` no leaf is touched; the gradients of these Variables are returned, None for
        one that the results do not depend on.
        """
        if len(variables) != len(gradients):
            raise ValueError(
                f"backward: expected one gradient per Variable, got {len(variables)} Variables "
                f"and {len(gradients)} gradients"
            )
        roots = []
        for variable, gradient in zip(variables, gradients):  # noqa: B905  (checked above)
            if not isinstance(variable, Variable) or not variable._requires_grad:
                raise refused(variable)
            roots.append((edge_of(variable), first_gradient(variable, gradient, create_graph)))
        wanted = None if inputs is None else [edge_of(check_input(v)) for v in inputs]
        freed = None if retain_variables or create_graph else Freed(*location.here())
        if not create_graph:  # formulas run over Tensors: nothing can be recorded
            return _propagate(roots, freed, False, wanted)
        with enable_grad():
            return _propagate(roots, freed, True, wanted)


_is_only_in = torch._C._is_only_in
_VALUES = (Variable, torch.Tensor, SparseRows)


def edge_of(variable: Variable) -> Any:
    """Where gradients of a Variable go: its creator, a Port of it, or the leaf itself."""
    edge = variable._edge
    return variable if edge is None else edge


def refused(variable: Any) -> Exception:
    """Why backward cannot start at `variable`."""
    if not isinstance(variable, Variable):
        return TypeError(f"backward: expected Variables, got {type_name(variable)}")
    if variable._volatile:
        return RuntimeError("backward: this Variable is volatile: no history was recorded for it")
    return RuntimeError(
        "backward: this Variable does not require a gradient: nothing it was computed from "
        "has requires_grad=True, or it was computed inside no_grad()"
    )


def check_input(variable: Variable) -> Variable:
    if not isinstance(variable, Variable):
        raise TypeError(f"grad: inputs: expected Variables, got {type_name(variable)}")
    if not variable._requires_grad:
        raise RuntimeError("grad: inputs: a Variable that does not require a gradient")
    return variable


def first_gradient(variable: Variable, gradient: Any, create_graph: bool) -> Any:
    """The gradient a backward pass starts with: a Tensor, or a Variable with `create_graph`."""
    data = variable._data
    if gradient is None:
        if data.numel() != 1:
            if not reaches_leaf(edge_of(variable)):
                return None  # only the rewards of samples count
            raise ValueError(
                "backward: expected a gradient for a Variable of more than one element, "
                f"got none for {whence(variable)}"
            )
        gradient = torch.ones_like(data)
    elif not isinstance(gradient, _VALUES):
        raise TypeError(
            f"backward: gradient: expected a Tensor or Variable, got {type_name(gradient)}"
        )
    else:
        value = gradient._data if isinstance(gradient, Variable) else gradient
        if not value.is_same_size(data):
            raise ValueError(
                f"backward: gradient: expected size {tuple(data.shape)}, "
                f"got {tuple(value.shape)}; it is for {whence(variable)}"
            )
        if type(value) is not type(data):
            gradient = gradient.type(type(data))
    if create_graph:
        return gradient if isinstance(gradient, Variable) else Variable(gradient)
    return gradient._data if isinstance(gradient, Variable) else gradient


def _propagate(
    roots: list[tuple[Any, Any]], freed: Freed | None, create_graph: bool, wanted: list | None
) -> tuple | None:
    targets = [edge.function if type(edge) is Port else edge for edge, _ in roots]
    waiting = _count(targets)
    useful = None if wanted is None else _leading_to(waiting, wanted)
    found: dict[Any, Any] = {}  # (node, output number) or leaf -> gradient, for `wanted`
    pending: dict[Any, Any] = {}  # node or leaf -> gradient so far; a list for a node with Ports
    owned: set[Any] = set()  # whose pending gradient no one else has: it may be added into
    watched = anomaly.watching and anomaly.is_anomaly_enabled()
    unusual = create_graph or compat.in_use
    results: Any
    for edge, gradient in roots:
        if watched:
            anomaly.check_start(gradient)
        _deliver(pending, edge, gradient)
    if len(targets) == 1:
        ready = targets
    else:
        ready = [target for target in dict.fromkeys(targets) if not waiting[target]]

    while ready:
        node = ready.pop()
        if isinstance(node, Variable):
            gradient = results = result = None  # `pending` alone has what arrives
            if wanted is None:
                _arrive(node, pending, node in owned, create_graph)
            elif any(edge is node for edge in wanted):
                found[node] = _hooked(node._hooks, pending.pop(node, None), create_graph)
            else:
                pending.pop(node, None)
            continue
        gradient = pending.pop(node, None)
        hooks = node._hooks
        try:
            if hooks is not None:
                gradient = _output_hooks(node, hooks.outputs, gradient, create_graph)
            if wanted is not None:
                _note(found, node, gradient)
            if (gradient is None and not node.is_stochastic) or (
                useful is not None and node not in useful
            ):
                results = (None,) * len(node._edges)
            else:
                if unusual or node.checked or hooks is not None or node._outputs is not None:
                    results = _run(node, gradient, create_graph)
                else:
                    results = node._backward(gradient)
                    if type(results) is not tuple:
                        results = (results,)
                if watched:
                    anomaly.check_backward(node, gradient, results)
                if freed is not None and node._saved is not None:
                    node._saved = freed
        except Exception as error:
            line = node.forward_line
            if line not in str(error):
                error.add_note(f"in backward of {node.name}, which was called at {line}")
            raise
        fresh = node.fresh_gradients and hooks is None
        for edge, result in zip(node._edges, results):  # noqa: B905  (as many: checked in _run)
            if edge is None:
                continue
            target = edge.function if type(edge) is Port else edge
            left = waiting[target] - 1
            waiting[target] = left
            if result is not None:
                if target is not edge:
                    _deliver(pending, edge, result)
                elif target not in pending:
                    pending[target] = result
                    # who else has it matters to sums and leaves only
                    if fresh and result is not gradient and (left or isinstance(target, Variable)):
                        owned.add(target)
                elif create_graph or target not in owned:
                    pending[target] = pending[target] + result
                    owned.add(target)
                else:
                    # SparseRows may become a tensor
                    pending[target] = pending[target].add_(result)
            if not left:
                ready.append(target)
    if wanted is None:
        return None
    return tuple([found.get((e.function, e.number) if type(e) is Port else e) for e in wanted])


def _arrive(leaf: Variable, pending: dict, owned: bool, create_graph: bool) -> None:
    """The whole gradient of a leaf is there: add it to `.grad`."""
    if leaf._hooks:
        pending[leaf] = _hooked(leaf._hooks, pending.get(leaf), create_graph)
        owned = False  # a hook may have kept it
    if leaf._edge is not None:
        raise changed_leaf(leaf.creator.name, leaf.creator.forward_line)
    owned = owned or _is_only_in(pending, leaf)
    gradient = pending.pop(leaf, None)
    if gradient is not None:
        accumulate(leaf, gradient, owned, create_graph)


def _count(roots: list) -> dict[Any, int]:
    """How many gradients each node reachable from `roots` will receive from others."""
    waiting = dict.fromkeys(roots, 0)
    stack = [node for node in waiting if not isinstance(node, Variable)]
    while stack:
        for edge in stack.pop()._edges:
            if edge is None:
                continue
            if type(edge) is Port:
                edge = edge.function
            if edge in waiting:
                waiting[edge] += 1
            else:
                waiting[edge] = 1
                if not isinstance(edge, Variable):
                    stack.append(edge)
    return waiting


def _leading_to(nodes: Iterable[Any], wanted: list) -> set[Any]:
    """The nodes of the graph from which a wanted Variable can be reached."""
    parents: dict[Any, list] = {}
    for node in nodes:
        if not isinstance(node, Variable):
            for edge in node._edges:
                target = edge.function if type(edge) is Port else edge
                parents.setdefault(target, []).append(node)
    found: set[Any] = set()
    stack = [edge.function if type(edge) is Port else edge for edge in wanted]
    while stack:
        for parent in parents.get(stack.pop(), ()):
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return found


def _deliver(pending: dict, edge: Any, gradient: Any) -> None:
    """Add `gradient` to what waits at `edge`, in new memory."""
    if type(edge) is Port:
        node = edge.function
        gradients = pending.get(node)
        if gradients is None:
            gradients = pending[node] = [None] * len(node._outputs)
        old = gradients[edge.number]
        gradients[edge.number] = gradient if old is None else old + gradient
    else:
        old = pending.get(edge)
        pending[edge] = gradient if old is None else old + gradient


def _note(found: dict, node: Function, gradient: Any) -> None:
    if node._outputs is None:
        found[node] = gradient
    elif gradient is not None:
        for number, part in enumerate(gradient):
            found[node, number] = part


def _run(node: Function, gradient: Any, create_graph: bool) -> tuple:
    """The gradients of a node's arguments, in all but the plainest case."""
    if create_graph:
        results = _run_recorded(node, gradient)
    elif node._outputs is None:
        results = _formula(node, (gradient,))
    else:
        results = _formula(node, _complete(node, gradient))
    if type(results) is not tuple:
        results = (results,)
    if node.checked:
        results = _check_results(node, results, create_graph)
    if node._hooks is not None and node._hooks.after:
        results = _after_hooks(node, results, gradient, create_graph)
    return results


def _formula(node: Function, gradients: Sequence) -> Any:
    """node's backward; that of the library's own Functions in today's meaning."""
    if compat.in_use and not node.checked:
        return in_default(node._backward, gradients)
    return node._backward(*gradients)


def _run_recorded(node: Function, gradient: Any) -> Any:
    """Run backward over Variables, so that what it computes can be differentiated again."""
    gradients = (gradient,) if node._outputs is None else _complete(node, gradient)
    if node.differentiable_twice:
        results = _formula(node._over_variables(), gradients)
        if not node.checked:
            return results
        once: Any = SparseRows
    else:
        results = _formula(node, [_data(g) for g in gradients])
        once = torch.Tensor | SparseRows
    recorded = []
    for result in results if isinstance(results, tuple) else (results,):
        if isinstance(_data(result), once):
            result = Variable(dense(_data(result)), creator=NotTwice(node, gradients))
        recorded.append(result)
    return tuple(recorded)


def _complete(node: Function, gradients: list) -> list:
    """Zeros for outputs that nothing was computed from."""
    as_variables = any(isinstance(g, Variable) for g in gradients)
    complete = []
    for gradient, output in zip(gradients, node._outputs or (), strict=True):
        if gradient is None and output is not None:
            shape, dtype, device = output
            gradient = torch.zeros(shape, dtype=dtype, device=device)
            if as_variables:
                gradient = Variable(gradient)
        complete.append(gradient)
    return complete


def _check_results(node: Function, results: tuple, create_graph: bool) -> tuple:
    """What a user's backward returned, as Tensors (Variables with create_graph)."""
    edges = node._edges
    # None for optional arguments that were not given is fine
    while len(results) > len(edges) and results[-1] is None:
        results = results[:-1]
    if len(results) != len(edges):
        raise RuntimeError(
            f"{node.name}.backward: expected {len(edges)} gradients, one per argument of forward, "
            f"got {len(results)}"
        )
    checked = []
    for position, (edge, result) in enumerate(zip(edges, results, strict=True)):
        if result is not None and edge is not None:
            if not isinstance(result, _VALUES):
                raise TypeError(
                    f"{node.name}.backward: gradient {position}: expected a Tensor, a Variable or "
                    f"None, got {type_name(result)}"
                )
            shape, kind = node._arguments[position]
            if shape != result.shape:
                raise ValueError(
                    f"{node.name}.backward: gradient {position}: expected the size of the "
                    f"argument, {tuple(shape)}, got {tuple(result.shape)}"
                )
            result = _converted(result, create_graph)
            if type(_data(result)) is not kind:
                result = result.type(kind)
        checked.append(result)
    return tuple(checked)


def _converted(value: Any, create_graph: bool) -> Any:
    if create_graph:
        return value if isinstance(value, Variable) else Variable(value)
    return value._data if isinstance(value, Variable) else value


def _hooked(hooks: dict | None, gradient: Any, create_graph: bool) -> Any:
    """The gradient after the hooks of a Variable have seen it."""
    if not hooks or gradient is None:
        return gradient
    as_tensors = tensor_hooks()
    for hook in list(hooks.values()):
        if type(hook) is RetainGrad:
            hook.keep(gradient, create_graph)
            continue
        if as_tensors:
            shown = _data(gradient)
        else:
            shown = gradient if create_graph else Variable(gradient)
        result = hook(shown)
        if result is None:
            continue
        if not isinstance(result, _VALUES):
            raise TypeError(
                f"hook: expected a Variable, a Tensor or None as result, got {type_name(result)}"
            )
        if result.shape != gradient.shape:
            raise ValueError(
                f"hook: expected a gradient of size {tuple(gradient.shape)} as result, "
                f"got {tuple(result.shape)}"
            )
        gradient = _converted(result, create_graph)
    return gradient


def _output_hooks(
    node: Function, tables: dict[int, dict], gradient: Any, create_graph: bool
) -> Any:
    if node._outputs is None:
        return _hooked(tables.get(0), gradient, create_graph)
    if gradient is None:
        return None
    return [_hooked(tables.get(i), part, create_graph) for i, part in enumerate(gradient)]


def _after_hooks(node: Function, results: tuple, gradient: Any, create_graph: bool) -> tuple:
    """The gradients after the hooks of a Function have seen them."""

    as_tensors = tensor_hooks()

    def shown(values: Sequence) -> tuple:
        return tuple([None if v is None else _converted(v, not as_tensors) for v in values])

    outputs = shown((gradient,) if node._outputs is None else gradient)
    for hook in list(node._hooks.after.values()):  # type: ignore[union-attr]
        changed = hook(shown(results), outputs)
        if changed is None:
            continue
        if isinstance(changed, _VALUES):
            changed = (changed,)
        if not isinstance(changed, tuple | list):
            raise TypeError(
                f"hook of {node.name}: expected a tuple of gradients or None as result, "
                f"got {type_name(changed)}"
            )
        if len(changed) != len(results):
            raise ValueError(
                f"hook of {node.name}: expected {len(results)} gradients as result, "
                f"got {len(changed)}"
            )
        results = tuple([_after_hook(node, r, c, create_graph) for r, c in zip(results, changed)])
    return results


def _after_hook(node: Function, before: Any, changed: Any, create_graph: bool) -> Any:
    """One gradient that a hook of a Function returned in place of `before`."""
    if changed is None:
        return None
    if not isinstance(changed, _VALUES):
        raise TypeError(
            f"hook of {node.name}: expected Variables, Tensors or None as result, "
            f"got {type_name(changed)}"
        )
    if before is not None and changed.shape != before.shape:
        raise ValueError(
            f"hook of {node.name}: expected a gradient of size {tuple(before.shape)} as result, "
            f"got {tuple(changed.shape)}"
        )
    return _converted(changed, create_graph)


def accumulate(variable: Variable, gradient: Any, owned: bool, create_graph: bool) -> None:
    """Add `gradient` to `variable.grad`. The first one is kept as it is where it is `owned`.

    Backward passes of several threads meet here: the kernels let go of the interpreter lock.
    """
    data = variable._data
    value = gradient._data if create_graph else gradient
    if not value.is_same_size(data):
        raise ValueError(
            f"backward: expected a gradient of size {tuple(data.shape)} for {whence(variable)}, "
            f"got {tuple(value.shape)}; was other data assigned to it since?"
        )
    elements = value.values if isinstance(value, SparseRows) else value
    if type(elements) is not type(data):
        gradient = gradient.type(type(data))
        owned = True
    with _accumulating:
        total = variable._grad
        if create_graph:
            if total is not None:
                variable._grad = total + gradient
            elif owned:
                variable._grad = gradient
            elif gradient._requires_grad and gradient._edge is None:
                variable._grad = gradient.clone()  # d grad / d gradient is 1
            else:
                variable._grad = Variable(gradient._data.clone(), gradient._edge)
        elif total is None:
            variable._grad = Variable(gradient if owned else gradient.clone())
        elif not total._requires_grad:
            total._data = total._data.add_(gradient)  # SparseRows may become a tensor
        else:  # made with create_graph: its history must not change under it
            variable._grad = Variable(total._data + gradient)


#: Held while a gradient is added up. Re-entrant: a finalizer may run backward inside.
_accumulating = threading.RLock()


def _renew_lock() -> None:
    """In a forked process the thread that held the lock is gone."""
    global _accumulating
    _accumulating = threading.RLock()


os.register_at_fork(after_in_child=_renew_lock)


def _data(value: Any) -> torch.Tensor:
    return value._data if isinstance(value, Variable) else value
