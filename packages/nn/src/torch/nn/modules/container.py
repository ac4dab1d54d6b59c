"""Modules made of modules, and modules that only hold them."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeVar, overload

import torch
from torch.autograd.variable import type_name

from ..parameter import Parameter
from .module import Module

__all__ = [
    "Container", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential",
]  # fmt: skip

Item = TypeVar("Item")
Own = TypeVar("Own", bound="_List")


class Container(Module):
    """A module with named children: `Container(conv=Conv2d(1, 8, 3), fc=Linear(8, 10))`."""

    def __init__(self, **kwargs: Module) -> None:
        super().__init__()
        for name, module in kwargs.items():
            self.add_module(name, module)


class _List(Module, Generic[Item]):
    """A module that holds items of one kind in a row, named "0", "1", ..."""

    _table: str  # of Module, where the items are
    _kind: type

    def _items(self) -> dict[str, Item]:
        return self.__dict__[self._table]

    def _check(self, where: str, item: Any) -> Item:
        if not isinstance(item, self._kind):
            raise TypeError(
                f"{type(self).__name__}: {where}: expected a {self._kind.__name__}, "
                f"got {type_name(item)}"
            )
        return item  # type: ignore[return-value]

    def _check_all(self, where: str, items: Any) -> list[Item]:
        if isinstance(items, Mapping) or not isinstance(items, Iterable):
            raise TypeError(
                f"{type(self).__name__}: {where}: expected a list of items, got {type_name(items)}"
            )
        return [self._check(f"{where}: item {i}", item) for i, item in enumerate(items)]

    def _place(self, index: Any, more: int = 0) -> int:
        """The index counted from the front; `more` than the usual ones are allowed at the end."""
        name, n = type(self).__name__, len(self)
        if isinstance(index, bool) or not isinstance(index, int):
            raise TypeError(f"{name}: index: expected an int, got {type(index).__name__}")
        if not -n <= index < n + more:
            raise IndexError(f"{name}: index: expected -{n} to {n - 1 + more}, got {index}")
        return index + n if index < 0 else index

    def _name(self, index: Any) -> str:
        return list(self._items())[self._place(index)]

    def _renew(self, values: Iterable[Item]) -> None:
        """Hold these, numbered from 0."""
        items = self._items()
        values = list(values)
        items.clear()
        for number, value in enumerate(values):
            items[str(number)] = value

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items().values())

    def __contains__(self, item: object) -> bool:
        return any(item is one for one in self)

    @overload
    def __getitem__(self: Own, index: slice) -> Own: ...
    @overload
    def __getitem__(self, index: int) -> Item: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._sliced(index)
        return self._items()[self._name(index)]

    def _sliced(self: Own, index: slice) -> Own:
        return type(self)(list(self)[index])  # type: ignore[call-arg]

    def __setitem__(self, index: int, item: Item) -> None:
        self._items()[self._name(index)] = self._check(f"item {index}", item)

    def __delitem__(self, index: Any) -> None:
        names = list(self._items())
        gone = names[index] if isinstance(index, slice) else [self._name(index)]
        numbered = names == [str(i) for i in range(len(names))]
        for name in gone:
            del self._items()[name]
        if numbered:
            self._renew(self)

    def __iadd__(self: Own, items: Any) -> Own:
        return self.extend(items)

    def __add__(self: Own, items: Any) -> Own:
        return self[:].extend(items)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def append(self: Own, item: Item) -> Own:
        """Add an item behind the others."""
        self._items()[self._next()] = self._check("append", item)
        return self

    def extend(self: Own, items: Iterable[Item]) -> Own:
        """Add items behind the others."""
        for item in self._check_all("extend", items):
            self._items()[self._next()] = item
        return self

    def insert(self, index: int, item: Item) -> None:
        """Add an item before the one at `index`; all are numbered anew."""
        item = self._check("insert", item)
        values = list(self)
        values.insert(self._place(index, more=1), item)
        self._renew(values)

    def pop(self, index: int = -1) -> Item:
        """Take an item out."""
        item = self[index]
        del self[index]
        return item

    def _next(self) -> str:
        number = len(self)
        while str(number) in self._items():
            number += 1
        return str(number)


class ModuleList(_List[Module]):
    """Modules in a row, to be called by the module that holds them: a list that is registered.

    Indices, slices, `append`, `extend`, `insert`, `pop`, `+=` as of lists.
    """

    _table = "_modules"
    _kind = Module

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self._renew(self._check_all("modules", modules))


class Sequential(_List[Module]):
    """Runs its modules one after the other; each gets the result of the one before.

    `Sequential(a, b)` names them "0" and "1"; a mapping gives other names. Otherwise as ModuleList.
    """

    _table = "_modules"
    _kind = Module

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0] if len(args) == 1 and isinstance(args[0], Mapping) else None
        for name, module in named.items() if named is not None else enumerate(args):
            if module is None:
                raise TypeError(f"Sequential: module {name}: expected a Module, got None")
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self:
            input = module(input)
        return input

    def _sliced(self: Own, index: slice) -> Own:
        names = list(self._items())[index]
        if all(name.isdigit() for name in names):
            return type(self)(*[self._items()[name] for name in names])
        return type(self)({name: self._items()[name] for name in names})  # type: ignore[call-arg]


class ParameterList(_List[Parameter]):
    """Parameters in a row: a list that is registered."""

    _table = "_parameters"
    _kind = Parameter

    def __init__(self, parameters: Iterable[Parameter] | None = None) -> None:
        super().__init__()
        if parameters is not None:
            self._renew(self._check_all("parameters", parameters))

    def extra_repr(self) -> str:
        return _shown({str(i): p for i, p in enumerate(self)})


class _Dict(Module, MutableMapping[str, Item]):
    """A module that holds items of one kind under names that are chosen by the user."""

    _table: str
    _kind: type

    def __init__(self, items: Any = None) -> None:
        super().__init__()
        if items is not None:
            self.update(items)

    # a mapping's == would compare contents, and modules are found by who they are
    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]

    def _items(self) -> dict[str, Item]:
        return self.__dict__[self._table]

    def __getitem__(self, name: str) -> Item:
        if name not in self._items():
            raise KeyError(f"{type(self).__name__}: expected one of {list(self)}, got {name!r}")
        return self._items()[name]

    def __setitem__(self, name: str, item: Item) -> None:
        kind = type(self).__name__
        if not isinstance(item, self._kind):
            raise TypeError(
                f"{kind}: {name}: expected a {self._kind.__name__}, got {type_name(item)}"
            )
        if name not in self._items():
            self._check_name(kind, name)
        self._items()[name] = item

    def __delitem__(self, name: str) -> None:
        self[name]  # complains
        del self._items()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    def __contains__(self, name: object) -> bool:
        return name in self._items()


class ModuleDict(_Dict[Module]):
    """Modules under names, to be called by the module that holds them: a dict that is registered.

    `ModuleDict({"a": Linear(1, 2)})`; a name is a str without dots, and none of Module's own.
    """

    _table = "_modules"
    _kind = Module

    def __init__(self, modules: Any = None) -> None:
        super().__init__(modules)


class ParameterDict(_Dict[Parameter]):
    """Parameters under names: a dict that is registered."""

    _table = "_parameters"
    _kind = Parameter

    def __init__(self, parameters: Any = None) -> None:
        super().__init__(parameters)

    def extra_repr(self) -> str:
        return _shown(dict(self))


def _shown(parameters: Mapping[str, torch.autograd.Variable]) -> str:
    """A line for each parameter."""
    lines = [
        f"({name}): {type(p).__name__} containing: [{p.data.type()} of size "
        f"{'x'.join(map(str, p.size()))}]"
        for name, p in parameters.items()
    ]
    return "\n".join(lines) + ("\n" if lines else "")
