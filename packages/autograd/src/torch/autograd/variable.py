"""Variable: a tensor that remembers how it was computed.

Operators and methods for which a Function exists are added by `methods.py` from one table.
"""

import copy
import copyreg
import weakref
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import torch

from .alpha import tensor_grad
from .sparse import SparseRows

__all__ = ["Port", "RemovableHandle", "Variable"]

_Tensor = torch.Tensor


class Port:
    """Output `number` of a Function that has several outputs: where a gradient goes to."""

    __slots__ = ("function", "number")

    def __init__(self, function: Any, number: int) -> None:
        self.function = function
        self.number = number


class RemovableHandle:
    """What `register_hook(f)` returns: `remove()` takes the hook away again."""

    __slots__ = ("_hooks", "_key")

    def __init__(self, hooks: dict, key: Any) -> None:
        self._hooks = hooks
        self._key = key

    def remove(self) -> None:
        """Remove the hook. A second call does nothing."""
        self._hooks.pop(self._key, None)


def add_hook(hooks: dict, where: str, name: Any, hook: Callable | None) -> RemovableHandle | None:
    """Both forms of registering: (hook) gives a handle, (name, hook) is undone by name."""
    if hook is None:
        hook = name
        name = object()
        handle = RemovableHandle(hooks, name)
    else:
        handle = None
        if not isinstance(name, str):
            raise TypeError(f"{where}: name: expected a str, got {type(name).__name__}")
        if name in hooks:
            raise KeyError(f"{where}: a hook named {name!r} is already registered")
    if not callable(hook):
        raise TypeError(f"{where}: expected a callable hook, got {type(hook).__name__}")
    hooks[name] = hook
    if _RETAINED in hooks:  # it sees what the other hooks have made of the gradient
        hooks[_RETAINED] = hooks.pop(_RETAINED)
    return handle


def remove_hook(hooks: dict, where: str, name: str) -> None:
    """Undo `add_hook(hooks, where, name, hook)`."""
    if name not in hooks:
        raise KeyError(f"{where}: no hook named {name!r} is registered")
    del hooks[name]


class RetainGrad:
    """The hook of `retain_grad()`: a gradient that passes by is added up in the Variable's `.grad`.

    It stands last among the hooks. Like every hook of a result it belongs to the creator, and so
    it must not keep the Variable alive.
    """

    __slots__ = ("_variable",)

    def __init__(self, variable: "Variable") -> None:
        self._variable = weakref.ref(variable)

    def keep(self, gradient: Any, create_graph: bool) -> None:
        from .engine import accumulate

        variable = self._variable()
        if variable is not None:
            accumulate(variable, gradient, False, create_graph)


_RETAINED = object()  # its key among the hooks


def move_retained(variable: "Variable", edge: Any) -> None:
    """A retained gradient is one of the value that the Variable has, after an in-place change."""
    hook = variable._hook_table().pop(_RETAINED, None)
    if hook is not None:
        function, number = (edge.function, edge.number) if isinstance(edge, Port) else (edge, 0)
        function._output_hooks(number)[_RETAINED] = hook


def share_memory(first: "Variable", second: "Variable") -> None:
    """Note that both Variables lie over the same memory.

    All Variables over one piece of memory have one list of weak references to each other.
    """
    sharing = first._shared
    if sharing is None:
        sharing = first._shared = [weakref.ref(first)]
    elif len(sharing) > 15 and not len(sharing) & (len(sharing) - 1):  # at 16, 32, 64 ..
        sharing[:] = [reference for reference in sharing if reference() is not None]
    sharing.append(weakref.ref(second))
    second._shared = sharing


def stop_sharing(variable: "Variable") -> None:
    """The Variable lies over other memory from now on."""
    sharing = variable._shared
    if sharing is not None:
        sharing[:] = [reference for reference in sharing if reference() is not variable]
        variable._shared = None


def check_in_place(variable: "Variable", name: str) -> None:
    """Refuse an in-place change that another Variable with a gradient would feel."""
    for reference in variable._shared or ():
        other = reference()
        if other is not None and other is not variable and other._requires_grad:
            raise RuntimeError(
                f"{name}: in-place operation on a Variable whose memory another differentiable "
                "Variable shares; change a clone() instead, or delete the other Variable first\n"
                f"  the other is {whence(other)}"
            )


def detach_in_place(variable: "Variable") -> None:
    """Make a leaf without gradient of it."""
    if variable._edge is not None and variable.creator._hooks is not None:
        variable._hook_table().pop(_RETAINED, None)
    variable._edge = None
    variable._requires_grad = False


def whence(variable: "Variable") -> str:
    """How error messages tell where a Variable comes from, with the user's line."""
    size = tuple(variable._data.shape)
    creator = variable.creator
    if creator is None:
        return f"a leaf of size {size}"
    return (
        f"the result, of size {size}, of {creator.name}, which was called at {creator.forward_line}"
    )


def type_name(value: Any) -> str:
    """How error messages call a value: `a Variable of size (2, 3)`, `FloatTensor of size ...`."""
    if isinstance(value, Variable):
        return f"a Variable of size {tuple(value._data.shape)}"
    if isinstance(value, torch.Tensor):
        return f"{type(value).__name__} of size {tuple(value.shape)}"
    return type(value).__name__


def check_data(where: str, data: Any) -> torch.Tensor:
    """`data` if it is a tensor; an error that says what to do otherwise."""
    if isinstance(data, torch.Tensor | SparseRows):
        return data
    if isinstance(data, Variable):
        raise TypeError(
            f"{where}: a Variable was given where data (a tensor) is expected; "
            "pass its .data, or use detach()"
        )
    raise TypeError(f"{where}: expected a tensor, got {type(data).__name__}")


def dense(gradient: Any) -> Any:
    """`gradient`, a value or a Variable over it, with a tensor in the place of SparseRows."""
    if isinstance(gradient, SparseRows):
        return gradient.to_dense()
    if isinstance(gradient, Variable) and isinstance(gradient._data, SparseRows):
        return Variable(gradient._data.to_dense(), gradient._edge)
    return gradient


def _set_data(self: "Variable", data: torch.Tensor) -> None:
    if data is not self._data:
        check_data("Variable.data", data)._counts = True
        self._data = data
        stop_sharing(self)


def _get_grad(self: "Variable") -> Any:
    if not tensor_grad():
        return self._grad
    if self._grad is None:
        if not self._requires_grad:
            return None
        self._grad = Variable(torch.zeros_like(self._data))
    return self._grad._data


def _set_grad(self: "Variable", grad: Any) -> None:
    if isinstance(grad, torch.Tensor) and tensor_grad():
        grad = Variable(grad)
    if grad is not None:
        if not isinstance(grad, Variable):
            raise TypeError(f"Variable.grad: expected a Variable or None, got {type_name(grad)}")
        if grad._data.shape != self._data.shape:
            raise ValueError(
                f"Variable.grad: expected size {tuple(self._data.shape)}, got "
                f"{tuple(grad._data.shape)}"
            )
    self._grad = grad


def _set_requires_grad(self: "Variable", flag: bool) -> None:
    if self._edge is not None and not flag:
        raise RuntimeError(
            "Variable.requires_grad: only leaves can be switched off, detach() gives a Variable "
            f"without history; this is {whence(self)}"
        )
    if flag and self._volatile:
        raise RuntimeError("Variable.requires_grad: a volatile Variable cannot require a gradient")
    self._requires_grad = bool(flag)


def _set_volatile(self: "Variable", flag: bool) -> None:
    if self._edge is not None:
        raise RuntimeError(
            "Variable.volatile: can be set on leaves only, use detach() first; "
            f"this is {whence(self)}"
        )
    self._volatile = bool(flag)
    if flag:
        self._requires_grad = False


class Variable:
    """A tensor, its gradient, and the Function that made it.

    Arguments: `data` is a Tensor; `creator` is the Function whose output this is (None for a leaf);
    results of a `volatile` Variable are volatile and never recorded (`volatile` wins over
    `requires_grad`); `backward` adds up the gradients of a leaf with `requires_grad` in `.grad`.
    """

    # The internal names are read on every operation, so they are plain slots; the public names are
    # properties over them, which check what is assigned.
    # _edge: where a gradient for this Variable goes: its creator, a Port of it, or None for a leaf
    _data: Any
    _grad: "Variable | None"
    _hooks: dict | None
    _shared: list | None
    __slots__ = (
        "_data",
        "_grad",
        "_requires_grad",
        "_volatile",
        "_edge",
        "_hooks",
        "_shared",
        "__weakref__",
    )

    if TYPE_CHECKING:  # added by methods.py, from its tables

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index: Any) -> "Variable": ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

        __add__: Callable[..., Any]
        __radd__: Callable[..., Any]
        __sub__: Callable[..., Any]
        __rsub__: Callable[..., Any]
        __mul__: Callable[..., Any]
        __rmul__: Callable[..., Any]
        __truediv__: Callable[..., Any]
        __rtruediv__: Callable[..., Any]
        __pow__: Callable[..., Any]
        __rpow__: Callable[..., Any]
        __matmul__: Callable[..., Any]
        __neg__: Callable[..., Any]
        __gt__: Callable[..., Any]
        __lt__: Callable[..., Any]
        __ge__: Callable[..., Any]
        __le__: Callable[..., Any]

    #: The engine that runs every backward pass; any object with the same `run_backward` will do.
    _execution_engine: Any

    def __init__(
        self,
        data: torch.Tensor,
        creator: Any = None,
        volatile: bool = False,
        requires_grad: bool = False,
    ) -> None:
        if not isinstance(data, _Tensor):
            check_data("Variable", data)
        data._counts = True  # writes through it are changes, whichever view it is
        self._data = data
        self._grad = None
        self._hooks = None
        self._shared = None
        if volatile:
            self._volatile = True
            self._requires_grad = False
            self._edge = None
        else:
            self._volatile = False
            self._requires_grad = True if creator is not None else bool(requires_grad)
            self._edge = creator

    data = property(attrgetter("_data"), _set_data, doc="The Tensor.")
    grad = property(_get_grad, _set_grad, doc="The gradient (a Variable), or None.")
    requires_grad = property(attrgetter("_requires_grad"), _set_requires_grad)
    volatile = property(attrgetter("_volatile"), _set_volatile)

    @property
    def creator(self) -> Any:
        """The Function that made this Variable; None for a leaf."""
        edge = self._edge
        return edge.function if isinstance(edge, Port) else edge

    grad_fn = creator

    @property
    def output_nr(self) -> int:
        """Which of its creator's outputs this is."""
        return self._edge.number if isinstance(self._edge, Port) else 0

    @property
    def is_leaf(self) -> bool:
        """Whether no Function made this Variable."""
        return self._edge is None

    # gradients

    def backward(
        self,
        gradient: "torch.Tensor | Variable | None" = None,
        retain_variables: bool = False,
        create_graph: bool = False,
        inputs: "Variable | Sequence[Variable] | None" = None,
        *,
        retain_graph: bool | None = None,
    ) -> None:
        """Add the gradient of this Variable to the `.grad` of every leaf it was computed from.

        `gradient` has the size of this Variable and is the gradient of the final result with
        respect to it; it may be left out for one element. Saved values are freed on the way unless
        `retain_variables` (`retain_graph` means the same); with `create_graph` the gradients can be
        differentiated again. With `inputs` the `.grad` of these Variables alone are added to.
        """
        if retain_graph is not None:
            retain_variables = retain_graph
        run = self._execution_engine.run_backward
        if inputs is not None:
            from . import backward

            backward(self, gradient, retain_variables, create_graph, inputs)
        elif create_graph:
            run((self,), (gradient,), retain_variables, True)
        else:
            run((self,), (gradient,), retain_variables)

    def retain_grad(self) -> None:
        """Keep the gradient of this result in `.grad`, too. Leaves keep theirs in any case."""
        if not self._requires_grad:
            raise RuntimeError("retain_grad: this Variable does not require a gradient")
        if self._edge is not None:
            self._hook_table().setdefault(_RETAINED, RetainGrad(self))

    @property
    def retains_grad(self) -> bool:
        """Whether this is a result that keeps its gradient."""
        edge = self._edge
        return (
            edge is not None and self.creator._hooks is not None and _RETAINED in self._hook_table()
        )

    def detach(self) -> "Variable":
        """The same data without history: gradients stop here."""
        result = Variable(self._data, volatile=self._volatile)
        share_memory(self, result)
        return result

    no_grad = detach

    def detach_(self) -> "Variable":
        """Forget the history: this Variable becomes a leaf that does not require a gradient."""
        detach_in_place(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> "Variable":
        """Set `requires_grad`; returns the Variable."""
        self.requires_grad = requires_grad
        return self

    def register_hook(self, name: Any, hook: Callable | None = None) -> RemovableHandle | None:
        """Call `hook(gradient)` when the gradient of this Variable is known.

        A hook may return a new gradient. `register_hook(f)` returns a handle with `remove()`;
        `register_hook("name", f)` is undone by `remove_hook("name")`.
        """
        if not self._requires_grad:
            raise RuntimeError(
                "register_hook: this Variable does not require a gradient, so none will be known"
            )
        return add_hook(self._hook_table(), "register_hook", name, hook)

    def remove_hook(self, name: str) -> None:
        """Remove the hook registered under `name`."""
        remove_hook(self._hook_table(), "remove_hook", name)

    def _hook_table(self) -> dict:
        # Hooks of a result live in its creator: the engine meets the creator, not this Variable.
        if self._edge is not None:
            return self.creator._output_hooks(self.output_nr)
        if self._hooks is None:
            self._hooks = {}
        return self._hooks

    # what the tensor tells

    def size(self, dim: int | None = None) -> Any:
        """The sizes, or the size of one dimension."""
        return self._data.size() if dim is None else self._data.size(dim)

    @property
    def _version(self) -> int:
        return self._data._version

    def item(self) -> Any:
        """The only element as a Python number."""
        return self._data.item()

    def __len__(self) -> int:
        return len(self._data)

    def __bool__(self) -> bool:
        return bool(self._data)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __iter__(self) -> "Iterator[Variable]":
        if self._data.dim() == 0:
            raise TypeError("iteration over a Variable without dimensions")
        # one Function for all: its gradient puts the parts together once
        return iter(self.split(1) if self._data.dim() == 1 else self.unbind())

    def numpy(self) -> Any:
        """Not offered: an array would silently leave the graph."""
        raise TypeError("numpy: a Variable has no array; use .data.numpy()")

    def __array__(self, *args: Any, **options: Any) -> Any:
        return self.numpy()

    def __repr__(self) -> str:
        return f"Variable containing:\n{self._data!r}"

    # identity: `==` is element-wise, so Variables are hashed and found by who they are
    __hash__ = object.__hash__

    # copies

    def __copy__(self) -> "Variable":
        if self._edge is not None:
            raise RuntimeError(
                "copy: only leaf Variables can be copied with copy.copy; use clone(), or detach() "
                f"it first; this is {whence(self)}"
            )
        result = object.__new__(type(self))
        result.__setstate__((self._data.clone(), None, *self._flags()))
        return result

    def __deepcopy__(self, memo: dict) -> "Variable":
        if self._edge is not None:
            raise RuntimeError(
                "deepcopy: only leaf Variables can be copied with deepcopy, detach() it first; "
                f"this is {whence(self)}"
            )
        result = object.__new__(type(self))
        memo[id(self)] = result
        data = copy.deepcopy(self._data, memo)
        grad = None if self._grad is None else Variable(self._grad._data.clone())
        result.__setstate__((data, grad, *copy.deepcopy(self._flags(), memo)))
        return result

    def __reduce_ex__(self, protocol: Any) -> tuple:
        if self._edge is not None:
            raise RuntimeError(
                "pickle: only leaf Variables can be saved, detach() it or save its .data; "
                f"this is {whence(self)}"
            )
        state = (self._data, None, *self._flags())
        return copyreg.__newobj__, (type(self),), state  # type: ignore[attr-defined]

    def _flags(self) -> tuple:
        """What a copy takes over, and the attributes that a subclass has added."""
        own = getattr(self, "__dict__", None)
        return (self._requires_grad, self._volatile, *((own,) if own else ()))

    def __setstate__(self, state: tuple) -> None:
        data, grad, requires_grad, volatile, *own = state
        Variable.__init__(self, data, None, volatile, requires_grad)
        self.grad = grad
        for attributes in own:
            self.__dict__.update(attributes)


def forward_to_data() -> None:
    """Give Variable the questions that its tensor answers."""

    def method(name: str) -> Callable:
        def ask(self: Variable, *args: Any) -> Any:
            return getattr(self._data, name)(*args)

        ask.__name__ = name
        ask.__doc__ = f"`data.{name}(...)`."
        return ask

    for name in ("dim", "ndimension", "nelement", "stride", "is_contiguous", "data_ptr"):
        setattr(Variable, name, method(name))
    for name in ("shape", "ndim", "dtype", "device", "is_cuda"):
        setattr(Variable, name, property(attrgetter(f"_data.{name}"), doc=f"`data.{name}`."))


forward_to_data()

# A result with history before its data and creator are known; `twin` copies it in a third of the
# time that a call of the class takes.
twin = torch._C._twin
blank_result = object.__new__(Variable)
blank_result._grad = blank_result._hooks = blank_result._shared = None
blank_result._requires_grad = True
blank_result._volatile = False
