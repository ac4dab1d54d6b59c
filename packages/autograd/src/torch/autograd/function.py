"""Function: an operation on Variables and its gradient. Its instances are the nodes of the graph.

Two styles:

    class Square(Function):                    class Power(Function):
        def forward(self, x):                      @staticmethod
            self.save_for_backward(x)              def forward(ctx, x, exponent):
            return x * x                               ctx.save_for_backward(x)
                                                       ctx.exponent = exponent
        def backward(self, gy):                        return x ** exponent
            (x,) = self.saved_tensors
            return 2 * x * gy                      @staticmethod
                                                   def backward(ctx, gy):
    y = Square()(x)                                    (x,) = ctx.saved_tensors
                                                       n = ctx.exponent
                                                       return n * x ** (n - 1) * gy, None

                                               y = Power.apply(x, 3)

`forward` always sees Tensors. `backward` sees Tensors in an ordinary backward pass. With
`create_graph=True` static and built-in Functions see Variables instead, so that what they compute
is recorded in turn; an old-style Function of a user keeps seeing Tensors and can be differentiated
once.
"""

import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, NoReturn

import torch
from torch import compat

from . import grad_mode, location
from .alpha import in_default
from .variable import (
    Port,
    RemovableHandle,
    Variable,
    add_hook,
    blank_result,
    check_in_place,
    detach_in_place,
    move_retained,
    remove_hook,
    share_memory,
    twin,
    type_name,
)

__all__ = ["Function", "InplaceFunction", "once_differentiable"]

#: Origin of a saved value that is an output of its Function: _OUTPUT - i for output number i.
_OUTPUT = -1
_FROM_NOWHERE = None

frame_of = sys._getframe

#: Called with a node, its arguments and its results while some thread looks for NaN (anomaly.py).
report: Callable[[Any, Iterable, Iterable], None] | None = None

#: The latest in-place changes of Variables: the tensor, its version afterwards, who and where.
#: Only an error looks through them.
_changes: deque[tuple[weakref.ref, int, str, Any, int]] = deque(maxlen=4096)


def _as_defined(cls: type, name: str) -> Any:
    """The attribute as it stands in its class body: a staticmethod is not unwrapped."""
    return next(vars(base)[name] for base in cls.__mro__ if name in vars(base))


class Freed:
    """Stands in for saved values that a backward pass has freed; knows the line that ran it."""

    __slots__ = ("code", "offset")

    def __init__(self, code: Any, offset: int) -> None:
        self.code = code
        self.offset = offset


class NodeHooks:
    """The hooks on the gradients of a Function's outputs, and those that run after its backward."""

    __slots__ = ("after", "outputs")

    def __init__(self) -> None:
        self.outputs: dict[int, dict] = {}
        self.after: dict = {}


class Function:
    """Base class of all operations; see the text of this module for its use."""

    # _edges: for each argument where its gradient goes: a Function, a Port, a leaf Variable or None
    # _saved, _versions, _origins: saved tensors, their versions when saved, and which input (0, 1,
    #     ..) or output (-1, -2, ..) each one is, so that a recorded backward can find its history
    # _arguments: size and class per argument, of a Function whose results are checked
    # _outputs: size, dtype and device per output of a Function with several, else None
    # _marks: what forward said about its tensors; dropped when forward is done
    # _code, _offset: the user's line, see location.py
    # They are set when the instance is called: a subclass need not call super().__init__().
    _edges: Any
    _saved: Any
    _versions: Sequence[int] | None
    _origins: Sequence[int | None] | None
    _arguments: list
    _outputs: list | None
    _marks: dict[str, tuple] | None
    _hooks: NodeHooks | None
    _code: Any
    _offset: int
    __slots__ = (
        "_edges",
        "_saved",
        "_versions",
        "_origins",
        "_arguments",
        "_outputs",
        "_marks",
        "_hooks",
        "_code",
        "_offset",
        "__weakref__",
    )

    #: Whether `backward` may be run over Variables.
    differentiable_twice: ClassVar[bool] = False
    #: Whether every gradient that `backward` returns is memory of its own (or its very argument),
    #: so that the engine may keep it without a copy.
    fresh_gradients: ClassVar[bool] = False
    #: Whether forward means what torch.compat says; backward of those that are not checked never
    #: does, for it is the library's own.
    follows_compat: ClassVar[bool] = True
    #: Whether results are checked: on for Functions written by users.
    checked: ClassVar[bool] = True
    #: Whether every output lies over the memory of the first input.
    is_view: ClassVar[bool] = False
    #: Whether backward runs without a gradient of the output: on for those that draw samples.
    is_stochastic: ClassVar[bool] = False
    _static: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        forward = _as_defined(cls, "forward")
        backward = _as_defined(cls, "backward")
        cls._static = isinstance(forward, staticmethod)
        if cls._static != isinstance(backward, staticmethod) and "backward" in vars(cls):
            raise TypeError(f"{cls.__name__}: forward and backward must both be static, or neither")
        # a static forward(ctx, ...) is a method whose first parameter is called ctx
        cls._forward = forward.__func__ if cls._static else forward
        cls._backward = backward.__func__ if isinstance(backward, staticmethod) else backward
        if cls._static and "differentiable_twice" not in vars(cls):
            cls.differentiable_twice = not getattr(cls._backward, "_once_differentiable", False)

    # the two methods a subclass gives

    def forward(self, *args: Any) -> Any:
        """Tensors in, tensors out (a tuple of them for several results)."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not defined")

    def backward(self, *gradients: Any) -> Any:
        """One gradient per output in, one gradient (or None) per argument of forward out."""
        raise NotImplementedError(f"{type(self).__name__}: backward is not defined")

    # What runs; `__init_subclass__` finds it for either style.
    _forward = forward
    _backward = backward

    # what forward may say

    def save_for_backward(self, *tensors: torch.Tensor | None) -> None:
        """Keep inputs, outputs or intermediate results for backward: `saved_tensors`.

        They are freed in the backward pass and guarded against in-place changes.
        """
        self._saved = tensors

    def mark_dirty(self, *tensors: torch.Tensor) -> None:
        """These inputs were changed in place (and are returned as outputs)."""
        self._mark("dirty", tensors)

    def mark_non_differentiable(self, *tensors: torch.Tensor) -> None:
        """These outputs have no gradient."""
        self._mark("non_differentiable", tensors)

    def mark_shared_storage(self, *pairs: tuple[torch.Tensor, torch.Tensor]) -> None:
        """In each (input, output) pair both tensors lie over the same memory."""
        self._mark("shared", pairs)

    def _mark(self, kind: str, values: tuple) -> None:
        if self._marks is None:
            self._marks = {}
        self._marks[kind] = values

    # what backward may ask

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """For each argument whether a gradient with respect to it is needed."""
        edges = self._edges
        if len(edges) == 2:  # usual, and asked by nearly every forward
            return edges[0] is not None, edges[1] is not None
        return tuple([edge is not None for edge in edges])

    @property
    def saved_tensors(self) -> tuple:
        """What was saved: Tensors, or Variables in a backward pass that is itself recorded."""
        saved = self._saved
        if saved is None:
            return ()
        if type(saved) is Freed:
            self._complain_freed(saved)
        for value, version in zip(saved, self._versions or ()):  # noqa: B905  (None: not sealed)
            if value is not None and value._version != version:
                self._complain_changed(value, version)
        return saved

    saved = saved_tensors

    @property
    def saved_variables(self) -> tuple:
        """The saved values as Variables with their history."""
        self.saved_tensors  # noqa: B018  (its checks)
        return tuple([self._as_variable(i) for i in range(len(self._saved or ()))])

    @property
    def name(self) -> str:
        """The class name."""
        return type(self).__name__

    @property
    def forward_line(self) -> str:
        """The user's line that called this Function: `file:line: source`."""
        return location.describe(self._code, self._offset)

    def _where(self) -> str:
        return f"{self.name} was called at {self.forward_line}"

    @property
    def previous_functions(self) -> tuple:
        """(Function or leaf Variable, output number) per argument; None where no gradient goes."""
        edges: list[tuple | None] = []
        for edge in self._edges:
            if isinstance(edge, Port):
                edges.append((edge.function, edge.number))
            else:
                edges.append(None if edge is None else (edge, 0))
        return tuple(edges)

    def _complain_freed(self, freed: Freed) -> NoReturn:
        raise RuntimeError(
            f"{self.name}: backward through it a second time, but its saved values were freed "
            "by the first; pass retain_variables=True there, or detach() what is carried on\n"
            f"  the first was at {location.describe(freed.code, freed.offset)}\n"
            f"  {self._where()}"
        )

    def _complain_changed(self, value: Any, version: int) -> NoReturn:
        raise RuntimeError(
            f"{self.name}: a value it saved for backward, of size {tuple(value.shape)}, was "
            f"changed by an in-place operation (version {value._version}, expected {version})\n"
            f"  {self._where()}\n"
            f"  {_who_changed(value, version)}"
        )

    def _as_variable(self, position: int) -> Variable | None:
        """The saved value as a Variable, connected with the history it had."""
        value = self._saved[position]
        if not isinstance(value, torch.Tensor):
            return value
        origin = None if self._origins is None else self._origins[position]
        result = Variable(value)
        if origin is _FROM_NOWHERE:
            return result
        if origin >= 0:
            edge = self._edges[origin]
        elif self._outputs is None:
            edge = self
        else:
            edge = Port(self, _OUTPUT - origin)
        if edge is None:
            return result
        if isinstance(edge, Variable):
            if edge._data is value:
                return edge
            edge = Alias(edge)  # the leaf was given other data since
        result._edge = edge
        result._requires_grad = True
        return result

    def _over_variables(self) -> "Function":
        """A copy of this node whose saved values are Variables: its backward can be recorded."""
        self.saved_tensors  # noqa: B018  (its checks)
        other = object.__new__(type(self))
        for name in _slots(type(self)):
            if hasattr(self, name):
                setattr(other, name, getattr(self, name))
        if hasattr(self, "__dict__"):
            other.__dict__.update(self.__dict__)
        if self._saved is not None:
            other._saved = self.saved_variables
        return other

    # hooks

    def register_hook(self, name: Any, hook: Callable | None = None) -> RemovableHandle | None:
        """Call `hook(grad_inputs, grad_outputs)` after backward; it may return new grad_inputs.

        Both are tuples of Variables. Two forms, as for Variables: `(f)` and `("name", f)`.
        """
        return add_hook(self._node_hooks().after, f"{self.name}.register_hook", name, hook)

    def remove_hook(self, name: str) -> None:
        """Remove the hook registered under `name`."""
        remove_hook(self._node_hooks().after, f"{self.name}.remove_hook", name)

    def _node_hooks(self) -> NodeHooks:
        if self._hooks is None:
            self._hooks = NodeHooks()
        return self._hooks

    def _output_hooks(self, number: int) -> dict:
        return self._node_hooks().outputs.setdefault(number, {})

    # calling

    def __call__(self, *args: Any) -> Any:
        """Old style: run forward over the data of the Variables `args` and record it."""
        if self._static:
            raise TypeError(f"{self.name}: a static Function is called with {self.name}.apply(...)")
        if hasattr(self, "_edges"):
            raise RuntimeError(
                f"{self.name}: this instance was called before; every call needs one of its own"
            )
        return execute(self, args)

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Static style: run `forward(ctx, ...)`; what is no Variable is passed on as it is."""
        if not cls._static:
            raise TypeError(
                f"{cls.__name__}: apply is for Functions with a static forward; "
                f"call an instance: {cls.__name__}(...)(...)"
            )
        return execute(object.__new__(cls), args)


def execute(node: Function, args: tuple) -> Any:
    """Run `node` forward on `args`: unwrap, compute, wrap, connect."""
    node._saved = node._origins = node._outputs = node._marks = node._hooks = None
    edges: list[Any] = []
    values: list[Any] = []
    recording = volatile = False
    for arg in args:
        if isinstance(arg, Variable):
            values.append(arg._data)
            edge = arg._edge
            if edge is not None:
                recording = True
            elif arg._requires_grad:
                edge = arg
                recording = True
            elif arg._volatile:
                volatile = True
            edges.append(edge)
        elif arg is None or node._static or isinstance(arg, torch.Tensor):
            values.append(arg)
            edges.append(None)
        else:
            raise TypeError(
                f"{node.name}: argument {len(edges)}: expected a Variable, got {type_name(arg)}"
            )
    if volatile or (grad_mode.open_blocks and not grad_mode.is_grad_enabled()):
        recording = False
    if recording and len(values) > 1:
        tell_apart(values, edges)
    node._edges = tuple(edges) if recording else (None,) * len(edges)
    # One frame up from the caller is the user's line, or a layer of the library above it.
    node._code, node._offset = location.user_position(frame_of(2))
    if recording and node.checked:
        node._arguments = [(getattr(v, "shape", None), type(v)) for v in values]
        if type(node).__hash__ is not object.__hash__:  # a dataclass, say
            type(node).__hash__ = object.__hash__  # type: ignore[method-assign]  # as nodes are found
    if getattr(node, "inplace", False) and isinstance(args[0], Variable):
        check_in_place(args[0], node.name)

    if compat.in_use and not node.follows_compat:
        result = in_default(node._forward, values)
    else:
        result = node._forward(*values)

    if isinstance(result, torch.Tensor) and node._marks is None:
        # the usual case: one new tensor
        for value in values:
            if value is result:
                break
        else:
            if report is not None:
                report(node, values, (result,))
            if not recording:
                node._saved = None
                return Variable(result, None, volatile)
            if node._saved is not None:
                _seal(node, values, (result,))
            result._counts = True
            wrapped = twin(blank_result)
            wrapped._data = result
            wrapped._edge = node
            if node.is_view and isinstance(args[0], Variable):
                share_memory(args[0], wrapped)
            return wrapped
    return _wrap_all(node, result, args, values, recording, volatile)


def tell_apart(values: list, edges: list) -> None:
    """Give arguments over one tensor, but with histories of their own, tensors of their own: which
    argument a saved value was is found by identity."""
    if len(set(map(id, values))) == len(values):
        return
    seen: dict[int, Any] = {}
    for number, (value, edge) in enumerate(zip(values, edges)):
        if isinstance(value, torch.Tensor) and seen.setdefault(id(value), edge) is not edge:
            values[number] = value.as_strided(value.size(), value.stride(), value.storage_offset())


def _wrap_all(
    node: Function, result: Any, args: tuple, values: list, recording: bool, volatile: bool
) -> Any:
    """The general end of `execute`: several outputs, and whatever forward has marked."""
    outputs = result if isinstance(result, tuple) else (result,)
    marks = node._marks or {}
    node._marks = None
    for tensor in marks.get("dirty", ()):
        if not _contains(values, tensor):
            raise RuntimeError(f"{node.name}: mark_dirty: a tensor that is not among the inputs")
    if report is not None:
        report(node, [v for v in values if not _contains(outputs, v)], outputs)
    if recording:
        if len(outputs) > 1:
            node._outputs = [
                (o.shape, o.dtype, o.device) if isinstance(o, torch.Tensor) else None
                for o in outputs
            ]
        if node._saved is not None:
            _seal(node, values, outputs)
    else:
        node._saved = None
    wrapped = [
        _wrap(node, number, output, args, values, marks, recording, volatile)
        for number, output in enumerate(outputs)
    ]
    if recording:
        if node.is_view and isinstance(args[0], Variable):
            for view in wrapped:
                if view._shared is None:
                    share_memory(args[0], view)
        for source, shared in marks.get("shared", ()):
            variable = _find(source, args, values)
            if isinstance(variable, Variable):
                share_memory(variable, _find(shared, wrapped, outputs))
    return tuple(wrapped) if isinstance(result, tuple) else wrapped[0]


def _seal(node: Function, inputs: list, outputs: tuple) -> None:
    """Note versions and origins of what forward saved."""
    versions = []
    origins = []
    search = node._origins is None  # else forward knows
    for value in node._saved:
        origin = _FROM_NOWHERE
        if value is None:
            versions.append(0)
        elif isinstance(value, torch.Tensor):
            versions.append(value._version)
            if search:  # plain loops: enumerate takes longer than the few steps
                number = 0
                for known in inputs:
                    if known is value:
                        origin = number
                    number += 1
                number = _OUTPUT
                for known in outputs:
                    if known is value:
                        origin = number
                    number -= 1
        else:
            raise TypeError(
                f"{node.name}.save_for_backward: expected tensors or None, got {type_name(value)}"
            )
        origins.append(origin)
    node._versions = versions
    if search:
        node._origins = origins


def _wrap(
    node: Function,
    number: int,
    output: Any,
    args: tuple,
    values: list,
    marks: dict,
    recording: bool,
    volatile: bool,
) -> Any:
    """The Variable for output `number`; the argument itself where it was changed in place."""
    if not isinstance(output, torch.Tensor):
        if output is None:
            return None
        raise TypeError(
            f"{node.name}.forward: expected tensors as results, got {type_name(output)}"
            + ("; x.new([value]) makes a tensor" if isinstance(output, int | float) else "")
        )
    differentiable = recording and not _contains(marks.get("non_differentiable", ()), output)
    edge: Any = None
    if differentiable:
        edge = node if node._outputs is None else Port(node, number)
    same = None
    for arg, value in zip(args, values, strict=True):
        if value is output:
            same = arg
            break
    if _contains(marks.get("dirty", ()), output):
        if not isinstance(same, Variable):
            return Variable(output)
        check_in_place(same, node.name)
        _changes.append((weakref.ref(output), output._version, node.name, node._code, node._offset))
        if differentiable:
            if same._edge is None:
                if same._requires_grad:  # an error, if backward should get here
                    changed = ChangedLeaf(node)
                    node._edges = tuple([changed if e is same else e for e in node._edges])
            elif same.creator._hooks is not None:
                move_retained(same, edge)
            same._edge = edge
            same._requires_grad = True
        elif volatile:
            detach_in_place(same)
            same._volatile = True
        return same
    result = Variable(output, creator=edge, volatile=volatile)
    if isinstance(same, Variable):
        share_memory(same, result)
    return result


def _who_changed(value: Any, version: int) -> str:
    """Who made the first change known after `version`; the user's line, if it was a Function."""
    first = None
    for change in _changes.copy():
        tensor = change[0]()
        if tensor is None or change[1] <= version or (first and first[1] <= change[1]):
            continue
        if tensor is value or tensor.storage() is value.storage():
            first = change
    if first is None:
        return (
            "it was changed through a tensor (its .data, or another over the same memory), "
            "of which no line is recorded"
        )
    return f"{first[2]} changed it at {location.describe(first[3], first[4])}"


def _contains(tensors: Iterable, tensor: Any) -> bool:
    for known in tensors:  # not `in`: == is element-wise
        if known is tensor:
            return True
    return False


def _find(tensor: torch.Tensor, candidates: Any, tensors: Any) -> Variable:
    for candidate, known in zip(candidates, tensors, strict=True):
        if known is tensor:
            return candidate
    raise RuntimeError("mark_shared_storage: expected pairs of an input and an output")


def _slots(cls: type) -> list[str]:
    names = [name for base in cls.__mro__ for name in getattr(base, "__slots__", ())]
    return [name for name in names if name != "__weakref__"]


class InplaceFunction(Function):
    """A Function that can change its first input in place: `F(inplace=True)(x)`.

    `forward` looks at `self.inplace` and calls `mark_dirty` when it changes its input.
    """

    __slots__ = ("inplace",)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


def once_differentiable(backward: Callable) -> Callable:
    """Decorator of a static backward that does not work over Variables (it uses NumPy, say)."""
    backward._once_differentiable = True  # type: ignore[attr-defined]
    return backward


class Alias(Function):
    """The value of a Variable under another name."""

    __slots__ = ()
    differentiable_twice = True
    checked = False

    def __init__(self, edge: Any) -> None:
        self._edges = (edge,)
        self._saved = self._outputs = self._hooks = self._code = None
        self._offset = -1

    def backward(self, gy: Any) -> Any:
        return gy


class NotTwice(Function):
    """Result of a backward that was not recorded: an error when it is differentiated again."""

    __slots__ = ("of",)

    def __init__(self, of: Function, gradients: Sequence) -> None:
        self.of = of
        # what the result depends on, so that a search for an input finds its way to the error
        given = [g for g in gradients if isinstance(g, Variable) and g._requires_grad]
        self._edges = (*of._edges, *[g if g._edge is None else g._edge for g in given])
        self._saved = self._outputs = self._hooks = None
        self._code = of._code
        self._offset = of._offset

    @property
    def name(self) -> str:
        return self.of.name

    def backward(self, *gradients: torch.Tensor) -> tuple:
        raise RuntimeError(
            f"{self.of.name}: its backward can be differentiated only once; write it as a static "
            f"Function over differentiable operations\n  {self.of._where()}"
        )


class ChangedLeaf(Function):
    """Where gradients of a leaf would have gone before it was changed in place."""

    __slots__ = ("_by",)

    def __init__(self, by: Function) -> None:
        self._by = by.name
        self._edges = ()
        self._saved = self._outputs = self._hooks = None
        self._code = by._code
        self._offset = by._offset

    def backward(self, gx: Any) -> Any:
        raise changed_leaf(self._by, self.forward_line)


def changed_leaf(by: str, line: str) -> RuntimeError:
    """What backward says about a leaf that is a leaf no more."""
    return RuntimeError(
        "backward: a leaf Variable that requires a gradient was changed in place; change a "
        f"clone() of it, its .data, or change it inside no_grad()\n  {by} changed it at {line}"
    )
