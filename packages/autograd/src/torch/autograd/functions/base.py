"""What the element-wise families share: base classes and the fast way to call them.

A subclass of `Unary` or `Binary` names the tensor operation and gives the gradient:

    class Mul(Binary, op="mul"):
        def gx(self, gz, y):
            return gz * y

        def gy(self, gz, x):
            return gz * x

The parameter names of `gx` and `gy` say which values backward needs (inputs x and y, the result:
y of a unary, z of a binary operation). Exactly these are saved, and only if the gradient is wanted.
"""

import math
import operator
import sys
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, ClassVar

import torch
from torch import compat

from .. import location
from ..function import InplaceFunction, tell_apart
from ..grad_mode import is_grad_enabled, open_blocks
from ..variable import Port, Variable, blank_result, share_memory, twin

_new = object.__new__
frame_of = sys._getframe
_known = location.known
_is_same_size = torch.Tensor.is_same_size


def sum_to(gradient: Any, size: Any, dtype: Any = None) -> Any:
    """Undo broadcasting: sum `gradient` over the dimensions in which `size` was expanded."""
    if gradient.size() == size:
        pass
    elif gradient.numel() == math.prod(size):  # only sizes of 1 differ, or none (by element count)
        gradient = gradient.clone().view(size)  # memory of its own, as the engine was promised
    else:
        extra = gradient.dim() - len(size)
        dims = list(range(extra))
        dims += [i + extra for i, n in enumerate(size) if n == 1 and gradient.size(i + extra) != 1]
        if dims:
            gradient = gradient.sum(dim=tuple(dims), keepdim=True)
        if extra:
            gradient = gradient.view(size)
    if dtype is not None and gradient.dtype is not dtype:
        gradient = gradient.type(dtype)
    return gradient


def in_size_of(value: Any, other: Any) -> Any:
    """`value` in the size of `other` where it has as many elements."""
    if value.size() == other.size() or value.numel() != other.numel():
        return value
    return value.contiguous().view(other.size())


def zeros(size: Any, like: Any) -> Any:
    """Zeros of the type, device and kind (Tensor or Variable) of `like`."""
    result = torch.zeros(size, dtype=like.dtype, device=like.device)
    return Variable(result) if isinstance(like, Variable) else result


def zeros_like(value: Any) -> Any:
    """Zeros of the size, type, device and kind of `value`."""
    if isinstance(value, Variable):
        return Variable(torch.zeros_like(value._data))
    return torch.zeros_like(value)


def where_set(mask: Any, gradient: Any) -> Any:
    """The gradient where the mask is set, else 0: also 0 in place of NaN or infinity."""
    return torch.where(mask, gradient, 0)


def call(function: InplaceFunction, *values: Any) -> Any:
    """Use a Function inside a backward formula: over Tensors it only computes."""
    for value in values:
        if isinstance(value, Variable):
            return function(*values)
    function._edges = (None,) * len(values)
    function._origins = function._marks = None
    return function.forward(*values)


class Builtin(InplaceFunction):
    """A Function of this library: its backward works over Tensors and over Variables."""

    __slots__ = ()
    differentiable_twice = True
    checked = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # operations of tensors mean what those mean; layers are written in today's meaning
        cls.follows_compat = cls.__module__.startswith("torch.autograd.")


def _needs(method: Callable, names: str) -> tuple[int, ...]:
    """Positions among `names` of the values that a gradient formula takes."""
    code = method.__code__
    return tuple([names.index(name) for name in code.co_varnames[2 : code.co_argcount]])


def _tensor_ops(op: str) -> tuple[Callable, Callable | None]:
    """The tensor operation and its in-place form, as called fastest: operators as operators."""
    in_place = getattr(torch.Tensor, op + "_", None)
    return getattr(operator, _OPERATORS.get(op, ""), None) or getattr(torch.Tensor, op), in_place


_OPERATORS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "truediv",
    "pow": "pow",
    "neg": "neg",
}
_OPERATORS |= {"floor_divide": "floordiv", "remainder": "mod"}


def _taking(formula: Callable, positions: tuple[int, ...]) -> Callable:
    """The formula as a function of (self, gradient, all saved values)."""
    if not positions:
        return lambda self, gradient, saved: formula(self, gradient)
    if len(positions) == 1:
        (i,) = positions
        return lambda self, gradient, saved: formula(self, gradient, saved[i])
    if len(positions) == 2:
        i, j = positions
        return lambda self, gradient, saved: formula(self, gradient, saved[i], saved[j])
    return lambda self, gradient, saved: formula(self, gradient, *saved)


class Unary(Builtin):
    """y = op(x, *constants), element by element. Subclasses give `gx(self, gy, ...)`.

    `constants` names the attributes that are passed to the operation after x.
    """

    __slots__ = ()
    fresh_gradients = True
    constants: ClassVar[tuple[str, ...]] = ()
    op: ClassVar[Callable]
    op_: ClassVar[Callable | None]
    _gx: ClassVar[Callable]
    _gx_needs: ClassVar[tuple[int, ...]]
    _keep_x: ClassVar[bool]
    _keep_y: ClassVar[bool]

    def __init_subclass__(cls, op: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if op is None:
            return
        cls.op, cls.op_ = _tensor_ops(op)
        cls._gx_needs = _needs(cls.gx, "xy")
        cls._keep_x, cls._keep_y = (i in cls._gx_needs for i in (0, 1))
        cls._gx = _taking(cls.gx, cls._gx_needs)

    def compute(self, x: torch.Tensor) -> torch.Tensor:
        """The result, out of place."""
        return type(self).op(x, *[getattr(self, name) for name in self.constants])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept = x
        if self.inplace:
            self.mark_dirty(x)
            if self._keep_x:
                kept = x.clone()
            in_place = None if self.constants else type(self).op_
            y = x.copy_(self.compute(x)) if in_place is None else in_place(x)
        else:
            y = self.compute(x)
        if self._keep_x or self._keep_y:
            self.save_for_backward(kept if self._keep_x else None, y if self._keep_y else None)
            self._origins = _UNARY_ORIGINS
        return y

    def gx(self, gy: Any, *values: Any) -> Any:
        """The gradient with respect to x."""
        raise NotImplementedError(f"{self.name}: gx is not defined")

    def backward(self, gy: Any) -> Any:
        saved = self._saved
        if saved is not None:
            if type(saved) is not tuple:
                self._complain_freed(saved)
            x, y = saved
            x_version, y_version = self._versions  # type: ignore[misc]
            if x is not None and x._version != x_version:
                self._complain_changed(x, x_version)
            if y is not None and y._version != y_version:
                self._complain_changed(y, y_version)
        return self._gx(gy, saved)


class Constant(Unary):
    """y = op(x, constant), or op(constant, x) where the class says `is_reflected`."""

    __slots__ = ("constant",)
    constants = ("constant",)
    is_reflected: ClassVar[bool] = False

    def __init__(self, constant: Any, inplace: bool = False) -> None:
        self.constant = constant
        self.inplace = inplace

    def compute(self, x: torch.Tensor) -> torch.Tensor:
        op = type(self).op
        return op(self.constant, x) if self.is_reflected else op(x, self.constant)


class Binary(Builtin):
    """z = op(x, y), element by element, broadcasting. Subclasses give `gx` and `gy`."""

    __slots__ = ("_broadcast",)
    fresh_gradients = True
    is_elementwise: ClassVar[bool] = True
    op: ClassVar[Callable]
    op_: ClassVar[Callable | None]
    _gx: ClassVar[Callable]
    _gx_needs: ClassVar[tuple[int, ...]]
    _gy: ClassVar[Callable]
    _gy_needs: ClassVar[tuple[int, ...]]
    #: [is a gradient for x wanted][for y] -> whether x, y, z are to be saved
    _keep: ClassVar[tuple]

    def __init_subclass__(cls, op: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if op is None:
            return
        cls.op, cls.op_ = _tensor_ops(op)
        cls._gx_needs = _needs(cls.gx, "xyz")
        cls._gy_needs = _needs(cls.gy, "xyz")
        cls._gx = _taking(cls.gx, cls._gx_needs)
        cls._gy = _taking(cls.gy, cls._gy_needs)
        cls._keep = tuple(
            tuple(
                tuple((x and i in cls._gx_needs) or (y and i in cls._gy_needs) for i in range(3))
                for y in (False, True)
            )
            for x in (False, True)
        )

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        keep_x, keep_y, keep_z = self._keep[self._edges[0] is not None][self._edges[1] is not None]
        self._broadcast = before_broadcast(x, y)
        kept = x
        if self.inplace:
            self.mark_dirty(x)
            twice = keep_y and y is x
            if keep_x or twice:
                kept = x.clone()
            in_place = type(self).op_
            z = x.copy_(type(self).op(x, y)) if in_place is None else in_place(x, y)
            if twice:
                y = kept
        else:
            z = type(self).op(x, y)
        if keep_x or keep_y or keep_z:
            self.save_for_backward(
                kept if keep_x else None, y if keep_y else None, z if keep_z else None
            )
            self._origins = _BINARY_ORIGINS
        return z

    def gx(self, gz: Any, *values: Any) -> Any:
        """The gradient with respect to x, before broadcasting is undone."""
        raise NotImplementedError(f"{self.name}: gx is not defined")

    def gy(self, gz: Any, *values: Any) -> Any:
        """The gradient with respect to y, before broadcasting is undone."""
        raise NotImplementedError(f"{self.name}: gy is not defined")

    def backward(self, gz: Any) -> tuple:
        saved = self._saved
        if saved is not None:
            if type(saved) is not tuple:
                self._complain_freed(saved)
            x, y, z = saved
            x_version, y_version, z_version = self._versions  # type: ignore[misc]
            if x is not None and x._version != x_version:
                self._complain_changed(x, x_version)
            if y is not None and y._version != y_version:
                self._complain_changed(y, y_version)
            if z is not None and z._version != z_version:
                self._complain_changed(z, z_version)
            if compat.in_use and self._broadcast is not None and self.is_elementwise:
                # perhaps by element counts alone
                saved = [None if v is None else in_size_of(v, gz) for v in saved]
        x_edge, y_edge = self._edges
        gx = None if x_edge is None else self._gx(gz, saved)
        gy = None if y_edge is None else self._gy(gz, saved)
        if self._broadcast is not None:
            x_like, y_like = self._broadcast
            gx = None if gx is None else sum_to(gx, *x_like)
            gy = None if gy is None else sum_to(gy, *y_like)
        return gx, gy


_UNARY_ORIGINS = (0, -1)
_BINARY_ORIGINS = (0, 1, -1)


def before_broadcast(x: torch.Tensor, y: torch.Tensor) -> tuple | None:
    """(size, dtype) of both, or None where neither is broadcast or converted."""
    if type(x) is type(y) and x.is_same_size(y):
        return None
    return (x.size(), x.dtype), (y.size(), y.dtype)


# What follows does the same as `execute` in function.py for one and two arguments, unrolled:
# an addition of two small Variables spends its time here.

#: Called with a node, its arguments and its results while some thread looks for NaN.
report: Callable[[Any, Iterable, Iterable], None] | None = None


def specialized(function: Callable) -> Any:
    """A copy of a function that is called with other types than the rest of its callers call it.

    The interpreter adapts bytecode to the types it meets. All closures of one `def` share their
    bytecode, and where it meets many classes it stays slow: an attribute of a node then costs
    several times as much. So each kind of node gets bytecode of its own.
    """
    return FunctionType(
        function.__code__.replace(),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )


def _recorded(data: torch.Tensor, node: Any, depth: int = 2) -> Variable:
    """The only output of `node`; called from the method that the user called.

    `depth` counts the frames from here to the one outside of torch, usually.
    """
    node._outputs = None
    node._hooks = None
    node.inplace = False
    frame = frame_of(depth)
    code = frame.f_code
    if _known.get(code.co_filename, True):  # not known yet: the long way will tell
        node._code, node._offset = location.user_position(frame)
    else:
        node._code = code
        node._offset = frame.f_lasti
    variable = twin(blank_result)
    variable._data = data
    variable._edge = node
    if report is not None:
        _report(node, data)
    return variable


def call_on(node: Builtin, self: Variable, *others: Any) -> Variable:
    """node(self, *others), for a Function whose only result is new and has a gradient.

    To be called from the method that the user called.
    """
    values: tuple[Any, ...]
    if others:
        edges, values, recording, volatile = _unwrapped((self, *others))
    else:
        recording = self._requires_grad
        volatile = self._volatile
        edges = (self if self._edge is None else self._edge,)
        values = (self._data,)
    if recording and open_blocks and not is_grad_enabled():
        recording = False
    node._saved = node._origins = node._marks = node._outputs = None
    node._edges = edges if recording else (None,) * len(edges)
    y = node._forward(*values)
    if not recording:
        return Variable(y, None, volatile)
    y._counts = True  # it may come from view(), see Variable.__init__
    saved = node._saved
    if saved is not None:
        node._versions = [0 if value is None else value._version for value in saved]
        node._origins = [_origin(value, values, y) for value in saved]
    variable = _recorded(y, node, 3)
    if node.is_view:
        share_memory(self, variable)
    return variable


def call_for_views(node: Builtin, self: Variable) -> tuple:
    """node(self), for a Function of one Variable that gives a tuple of views and saves nothing.

    To be called from the method that the user called.
    """
    parts = node._forward(self._data)
    if not self._requires_grad or (open_blocks and not is_grad_enabled()):
        return tuple([Variable(part, None, self._volatile) for part in parts])
    node._saved = node._origins = node._marks = None
    edge = self._edge
    node._edges = (self if edge is None else edge,)
    if not parts:
        return ()
    first = _recorded(parts[0], node, 3)
    views = [first]
    if len(parts) > 1:
        node._outputs = [(part.shape, part.dtype, part.device) for part in parts]
        first._edge = Port(node, 0)
        views += [Variable(part, Port(node, i)) for i, part in enumerate(parts[1:], 1)]
    for view in views:
        share_memory(self, view)
    return tuple(views)


def _unwrapped(args: tuple) -> tuple[tuple, tuple, bool, bool]:
    """Edges and data of the arguments, whether to record, whether the result is volatile."""
    edges = []
    recording = volatile = False
    for arg in args:
        edge = None
        if isinstance(arg, Variable):
            edge = arg._edge
            if edge is None:
                if arg._requires_grad:
                    edge = arg
                elif arg._volatile:
                    volatile = True
            recording = recording or edge is not None
        edges.append(edge)
    values = [arg._data if isinstance(arg, Variable) else arg for arg in args]
    if recording:
        tell_apart(values, edges)
    return tuple(edges), tuple(values), recording and not volatile, volatile


def _origin(value: Any, inputs: tuple, output: Any) -> int | None:
    """Which input (0, 1, ..) or output (-1) a saved value is."""
    if value is output:
        return -1
    for number, known in enumerate(inputs):
        if known is value:
            return number
    return None


def _report(node: Any, data: torch.Tensor) -> None:
    """Report the result `data`; the operands are among the local names of those who called here."""
    assert report is not None
    operands = []
    frame = frame_of(1)
    while frame is not None and frame.f_globals is globals():
        known = [v._data for v in frame.f_locals.values() if isinstance(v, Variable)]
        operands += [value for value in known if value is not data]
        frame = frame.f_back  # type: ignore[assignment]
    report(node, operands, (data,))


def unary_method(function: type[Unary]) -> Callable:
    """The Variable method of a unary Function."""
    op = function.op
    keep_x = function._keep_x
    keep_y = function._keep_y
    recorded = specialized(_recorded)

    def method(self: Variable) -> Variable:
        x = self._data
        y = op(x)
        if not self._requires_grad or (open_blocks and not is_grad_enabled()):
            return Variable(y, None, self._volatile)
        node = _new(function)
        edge = self._edge
        node._edges = (self if edge is None else edge,)
        if keep_x:
            node._saved = (x, y if keep_y else None)
            node._versions = (x._version, y._version if keep_y else 0)
            node._origins = _UNARY_ORIGINS
        elif keep_y:
            node._saved = (None, y)
            node._versions = (0, y._version)
            node._origins = _UNARY_ORIGINS
        else:
            node._saved = None
        return recorded(y, node)

    return specialized(method)


def constant_method(function: type[Constant], depth: int = 2) -> Callable:
    """The Variable method of a Function with a number beside its operand."""
    op = function.op
    reflected = function.is_reflected
    keep_x = function._keep_x
    keep_y = function._keep_y
    recorded = specialized(_recorded)

    def method(self: Variable, constant: Any) -> Variable:
        x = self._data
        y = op(constant, x) if reflected else op(x, constant)
        if not self._requires_grad or (open_blocks and not is_grad_enabled()):
            return Variable(y, None, self._volatile)
        node = _new(function)
        node.constant = constant
        edge = self._edge
        node._edges = (self if edge is None else edge,)
        if keep_x or keep_y:
            node._saved = (x if keep_x else None, y if keep_y else None)
            node._versions = (x._version if keep_x else 0, y._version if keep_y else 0)
            node._origins = _UNARY_ORIGINS
        else:
            node._saved = None
        return recorded(y, node, depth)

    return specialized(method)


def binary_method(
    function: type[Binary], with_constant: Callable, constant: type[Constant] | None = None
) -> Callable:
    """The Variable method of a binary Function.

    `constant` is the Function for a number beside the Variable, `with_constant` a function for any
    other operand that is not a Variable.
    """
    by_number = None if constant is None else constant_method(constant, depth=3)
    op = function.op
    keep = function._keep
    keeps_nothing = not any(keep[True][True])
    blank = _new(function)
    blank._saved = blank._broadcast = blank._outputs = blank._hooks = None
    blank.inplace = False

    last_user: Any = None  # the code outside of torch that called last: often it calls again

    def method(self: Variable, other: Any) -> Variable:
        nonlocal last_user
        if not isinstance(other, Variable):
            if by_number is not None and (type(other) is float or type(other) is int):
                return by_number(self, other)
            return with_constant(self, other)
        x = self._data
        y = other._data
        z = op(x, y)
        x_edge = self._edge
        if x_edge is None and self._requires_grad:
            x_edge = self
        y_edge = other._edge
        if y_edge is None and other._requires_grad:
            y_edge = other
        if x_edge is None or y_edge is None:
            volatile = self._volatile or other._volatile
            if volatile or x_edge is y_edge:
                return Variable(z, None, volatile)
        if open_blocks and not is_grad_enabled():
            return Variable(z)
        node = twin(blank)
        node._edges = (x_edge, y_edge)
        if not keeps_nothing:
            keep_x, keep_y, keep_z = keep[x_edge is not None][y_edge is not None]
            node._saved = (x if keep_x else None, y if keep_y else None, z if keep_z else None)
            node._versions = (
                x._version if keep_x else 0,
                y._version if keep_y else 0,
                z._version if keep_z else 0,
            )
            node._origins = _BINARY_ORIGINS
        if type(x) is not type(y) or not _is_same_size(x, y):
            node._broadcast = before_broadcast(x, y)
        # the same as in _recorded
        frame = frame_of(1)
        code = frame.f_code
        if code is last_user:
            node._code = code
            node._offset = frame.f_lasti
        else:
            node._code, node._offset = location.user_position(frame)
            last_user = node._code
        result = twin(blank_result)
        result._data = z
        result._edge = node
        if report is not None:
            _report(node, z)
        return result

    return specialized(method)
