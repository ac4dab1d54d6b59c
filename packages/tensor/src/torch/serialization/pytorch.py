"""PyTorch's files: the names their pickles have, and the zip archives of PyTorch 1.6 and later.

A checkpoint is a zip archive of one folder: `data.pkl` has the object's structure, where a storage
stands as ("storage", type, key, location, elements), `data/KEY` its bytes, `byteorder` their order.
"""

import _compat_pickle
import importlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch import _C
from torch._registered import Known

from . import archive, graph, registry, streams, zips
from .errors import FileError, show
from .unpickler import Unpickler

_MODULE_TABLES = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_backward_hooks")
_OF_PARAMETERS = ("torch.nn.parameter", "Parameter")
_OF_VARIABLES = ("torch.autograd.variable", "Variable")


# What the names in PyTorch's pickles build.


def _tensor(storage: Any, offset: Any, size: Any, stride: Any) -> Any:
    """A tensor over a part of a storage, which is checked."""
    if not isinstance(storage, _C._Storage):
        raise TypeError(f"expected a storage, got {type(storage).__name__}")
    size, stride = tuple(size), tuple(stride)
    if not all(type(n) is int for n in (offset, *size, *stride)):
        raise TypeError(f"expected ints, got {show((offset, size, stride), 2)}")
    if len(size) != len(stride) or len(size) > archive.MAX_DIMS:
        raise ValueError(f"expected a size and as many strides, got {show((size, stride), 2)}")
    if max(map(abs, (offset, *size, *stride))) > archive.LARGEST:
        raise ValueError(f"expected smaller sizes, got {show((offset, size, stride), 2)}")
    row = archive.TensorRow(0, offset, size, stride)
    problem = archive.check_view(row, storage.size())
    if problem:
        raise ValueError(problem)
    return graph.view(storage, row)


def _tensor_v1(storage: Any, offset: Any, size: Any, stride: Any) -> Any:
    """A tensor of PyTorch before 0.4, where one without dimensions was empty."""
    if tuple(size) == () and tuple(stride) == ():
        size, stride = (0,), (1,)
    return _tensor(storage, offset, size, stride)


def _tensor_v2(
    storage: Any, offset: Any, size: Any, stride: Any, grad: Any, hooks: Any, metadata: Any = None
) -> Any:
    """A tensor, of which requires_grad and hooks are left out: a Variable has these."""
    if metadata and (type(metadata) is not dict or any(metadata.values())):
        raise ValueError(f"expected no conjugate or negative view, got {show(metadata)}")
    return _tensor(storage, offset, size, stride)


def _tensor_v3(*args: Any) -> Any:
    """A tensor of a dtype that has no storage type in PyTorch: all that are known here have one."""
    raise ValueError("expected a dtype without a storage type")


def _parameter(data: Any, requires_grad: Any = True, hooks: Any = None) -> Any:
    """A torch.nn.Parameter where that is installed, else its tensor."""
    if not isinstance(data, _C.Tensor):
        raise TypeError(f"expected a tensor, got {type(data).__name__}")
    try:
        known = registry.find(*_OF_PARAMETERS)
    except FileError:
        return data
    return known.value(data, bool(requires_grad))


def _ordered_dict(pairs: Any = ()) -> OrderedDict:
    """Python 2 wrote the items as an argument."""
    if type(pairs) not in (list, tuple):
        raise TypeError(f"expected pairs, got {type(pairs).__name__}")
    for pair in pairs:
        name = pair[0] if type(pair) in (list, tuple) and len(pair) == 2 else None
        # the hash of a large int can be chosen
        if type(name) is not str and (type(name) is not int or name.bit_length() > 60):
            raise TypeError("expected pairs of a name and a value")
    return OrderedDict(pairs)


def _counter(counts: Any = None) -> Counter:
    """The milestones of a MultiStepLR."""
    if type(counts) is not dict:
        raise TypeError(f"expected a dict, got {type(counts).__name__}")
    return Counter(counts)


def _size(sizes: Any = ()) -> Any:
    return torch.Size(tuple(sizes))


def _device(kind: Any, index: Any = None) -> Any:
    return torch.device(kind, index)


def _nothing(*args: Any) -> None:
    """What modules of PyTorch before 0.4 name, and nothing here needs."""


def _set_variable(variable: Any, state: Any) -> None:
    """The state of a Variable before 0.4: (requires_grad, volatile, hooks), in the first versions
    (data, grad, hooks, requires_grad, volatile)."""
    if type(state) is not tuple or len(state) not in (3, 5):
        raise TypeError("expected the state of a Variable")
    data = state[0] if len(state) == 5 else variable.data
    requires_grad, volatile = state[3:] if len(state) == 5 else state[:2]
    if not isinstance(data, _C.Tensor):
        raise TypeError(f"expected a tensor, got {type(data).__name__}")
    variable.__setstate__((data, None, bool(requires_grad) and not volatile, bool(volatile)))


def _set_module(module: Any, state: Any) -> None:
    """The attributes of a module of PyTorch before 0.4."""
    if type(state) is not dict or not all(type(name) is str for name in state):
        raise TypeError("expected the attributes of a module")
    state = {name: value for name, value in state.items() if name != "_backend"}
    hooks = state.get("_forward_pre_hooks")
    if isinstance(hooks, dict) and not hooks:
        del state["_forward_pre_hooks"]
    strange = sorted(name for name in state if name[:1] == "_" and name not in _MODULE_TABLES)
    if strange:
        raise ValueError(
            f"the module has {', '.join(strange)[:100]}, which modules here do not have; save its "
            "state_dict() with the library that wrote it"
        )
    module.__dict__.update(state)


_NAMES: dict[tuple[str, str], Known] = {
    ("torch._utils", "_rebuild_tensor"): Known(_tensor_v1, build=_tensor_v1),
    ("torch._utils", "_rebuild_tensor_v2"): Known(_tensor_v2, build=_tensor_v2),
    ("torch._utils", "_rebuild_tensor_v3"): Known(_tensor_v3, build=_tensor_v3),
    ("torch._utils", "_rebuild_parameter"): Known(_parameter, build=_parameter),
    ("torch.nn.backends.thnn", "_get_thnn_function_backend"): Known(_nothing, build=_nothing),
    ("torch", "Size"): Known(_size, build=_size),
    ("torch", "device"): Known(_device, build=_device),
    ("collections", "Counter"): Known(_counter, build=_counter),
    # state_dict() has an attribute _metadata
    ("collections", "OrderedDict"): Known(OrderedDict, build=_ordered_dict, new=True),
}


def _imported(module: str, name: str) -> Known:
    """For a file that is trusted: the class or function of a name, whatever it is."""
    module = _compat_pickle.IMPORT_MAPPING.get(module, module)  # Python 2's names
    try:
        value: Any = importlib.import_module(module)
        for part in name.split("."):
            value = getattr(value, part)
    except (ImportError, AttributeError) as problem:
        raise FileError(f"load: the file holds {module}.{name}: {problem}") from problem
    build = value if callable(value) else None
    return Known(value, build=build, new=isinstance(value, type), free=True)


class Names:
    """What the names of a file stand for. `modules`: whether it may hold modules of torch.nn."""

    def __init__(self, trust: bool, modules: bool) -> None:
        self._trust = trust
        self._modules = modules

    def find(self, module: str, name: str) -> Known:
        """The entry of a name; FileError unless it is known."""
        known = _NAMES.get((module, name))
        if known is not None:
            return known
        if module in ("torch", "torch.cuda", "torch.storage"):
            if name.endswith("Storage"):
                return Known(_storage_type(name))
            if module == "torch" and archive.find_dtype(name) is not None:
                return Known(archive.find_dtype(name))
            kind = getattr(torch.cuda if module == "torch.cuda" else _C, name, None)
            if isinstance(kind, type) and name.endswith("Tensor"):
                return Known(kind)
        return self._find_object(module, name)

    def _find_object(self, module: str, name: str) -> Known:
        try:
            known = registry.find(module, name)
        except FileError as problem:
            if self._trust:
                return _imported(module, name)
            if module.partition(".")[0] == "torch" and "not installed" not in str(problem):
                raise FileError(
                    f"load: the file holds {module}.{name}, of which there is no counterpart here; "
                    "save a state_dict() of dense tensors with the library that wrote it"
                ) from None
            raise
        if (module, name) == _OF_PARAMETERS:
            return known._replace(build=_parameter, state=_set_variable)
        if (module, name) == _OF_VARIABLES:
            return known._replace(build=known.value, state=_set_variable)
        if module.startswith("torch.nn.") and known.new and not self._trust:
            if not self._modules:
                raise FileError(
                    f"load: the file holds a whole module, {module}.{name}, whose attributes are "
                    "PyTorch's own; save its state_dict() with the library that wrote it"
                )
            return known._replace(state=_set_module)
        return known


def _storage_type(name: str) -> Any:
    if name in ("UntypedStorage", "_UntypedStorage"):
        return _C.ByteStorage
    known = getattr(_C, name, None)
    if not (isinstance(known, type) and issubclass(known, _C._Storage)) or name == "_Storage":
        raise FileError(f"load: the file holds a {name}: its dtype has no tensor type here")
    return known


def check_storage_name(name: Any, length: int, error: Callable) -> tuple[Any, str, str, int]:
    """dtype, key, location and number of elements of a storage that a pickle names."""
    if type(name) is tuple and len(name) == length and text_of(name[0]) == "storage":
        kind, key, location, n = name[1:5]
        key, location = text_of(key), text_of(location)
        fits = isinstance(kind, type) and issubclass(kind, _C._Storage) and kind is not _C._Storage
        if fits and key is not None and location and type(n) is int and 0 <= n:
            if n <= archive.LARGEST // kind.dtype.itemsize:  # type: ignore[attr-defined]
                return kind.dtype, key, location, n  # type: ignore[attr-defined]
    raise error(f"the pickle names {show(name)}, which is no storage")


def text_of(value: Any) -> str | None:
    """A text of the file, as Python 2 and 3 wrote it; None for what is none."""
    if type(value) is bytes:
        value = value.decode("latin-1")
    if type(value) is int and value.bit_length() <= 64:  # as keys of Python 2 may be
        value = str(value)
    return value if type(value) is str else None


def check_use(storage: Any, dtype: Any, n: int, key: str, error: Callable) -> Any:
    """A storage that is met again."""
    if storage.dtype != dtype or storage.size() < n:
        raise error(f"storage {key!r:.40} has {storage.size()} elements of {storage.dtype} and is "
                    f"named as {n} of {dtype}")  # fmt: skip
    return storage


# zip archives


def find_folder(members: zips.Archive) -> str | None:
    """The folder of a checkpoint, with a slash; None where there is no checkpoint."""
    folders = [name[:-8] for name in members.members if name == "data.pkl" or
               (name.endswith("/data.pkl") and name.count("/") == 1)]  # fmt: skip
    return folders[0] if len(folders) == 1 else None


def load_checkpoint(
    source: streams.Source, members: zips.Archive, folder: str, options: Any
) -> Any:
    """The object of a checkpoint."""
    if f"{folder}constants.pkl" in members.members:
        raise source.error("the file holds a program (TorchScript), which is not loaded; save a "
                           "state_dict() with the library that wrote it")  # fmt: skip
    order = "little"
    if f"{folder}byteorder" in members.members:
        order = members.read(f"{folder}byteorder").decode("latin-1")
    if order not in ("little", "big"):
        raise source.error(f"expected the byte order little or big, got {order!r:.40}")
    storages: dict[str, Any] = {}

    def persistent(name: Any) -> Any:
        dtype, key, location, n = check_storage_name(name, 5, source.error)
        if key not in storages:
            storage = _read_storage(members, f"{folder}data/{key}", dtype, n, order)
            row = archive.StorageRow(-1, 0, n, dtype, location, f"storage {key}")
            storages[key] = graph.place(storage, row, options.map_location, source.error)
        return check_use(storages[key], dtype, n, key, source.error)

    data = members.read(f"{folder}data.pkl")
    names = Names(options.trust, modules=False)
    reader = Unpickler(data, names.find, persistent, source.error, options.limit)
    reader.strings = "utf-8"
    return reader.load()


def _read_storage(members: zips.Archive, name: str, dtype: Any, n: int, order: str) -> Any:
    if name not in members.members:
        raise members.error(f"the pickle names {name!r:.80}, which the file does not hold")
    size, item = members.members[name].size, dtype.itemsize
    if size // item != n:
        raise members.error(f"{name!r:.80}: expected {n} elements of {dtype}, got {size} bytes")
    content = members.open(name)
    storage = archive.take_storage(content, dtype, n, order, "the data")
    content.read(size - n * item, "the data")
    content.finish()
    return storage
