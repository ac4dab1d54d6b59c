"""Writes packages/tensor/src/torch/_C.pyi from the op table of the installed torch.

`--check` only compares.
"""

import re
import sys
from pathlib import Path

from torch import _C

STUB = Path(__file__).parents[1] / "packages/tensor/src/torch/_C.pyi"

KINDS = {
    "Tensor": "Tensor",
    "LongTensor": "Tensor",
    "mask": "Tensor",
    "number": "float",
    "float": "float",
    "int": "int",
    "bool": "_bool",
    "sizes": "_int | Sequence[_int]",
    "dims": "_int | Sequence[_int]",
    "dtype": "_dtype",
    "Generator": "Generator",
    "tensors": "Sequence[Tensor]",
    "operands": "Tensor | Sequence[Tensor]",
    "Storage": "_Storage",
    "device": "str",
    "object": "Any",
}

HEADER = """# Made by ci/stubs.py from the op table; do not edit.
import builtins
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeAlias, final, overload

_bool: TypeAlias = builtins.bool
_int: TypeAlias = builtins.int
_float: TypeAlias = builtins.float
_dtype: TypeAlias = "dtype"

__all__: list[str]
_op_table: list[dict[str, Any]]
"""

RUNTIME = """
class Generator:
    def manual_seed(self, seed: _int) -> Generator: ...
    def initial_seed(self) -> _int: ...
    def seed(self) -> _int: ...
    def clone(self) -> Generator: ...
    def get_state(self) -> ByteTensor: ...
    def set_state(self, state: Tensor) -> Generator: ...

default_generator: Generator

def _cpu_isa() -> str: ...
def _memory() -> tuple[_int, _int, _int, _int]: ...
def _reset_max_memory() -> None: ...
def _empty_cache() -> None: ...
def _set_cache_limit(n_bytes: _int) -> None: ...
def _add_methods(methods: dict[str, Any]) -> None: ...
def _pointwise_rows() -> list[dict[str, Any]]: ...
def _twin(object: Any) -> Any: ...
def _is_only_in(container: dict[Any, Any], key: Any) -> _bool: ...
"""

TENSOR = """
class Tensor:
    @property
    def dtype(self) -> _dtype: ...
    device: str
    shape: Any
    ndim: _int
    is_cuda: _bool
    nbytes: _int
    itemsize: _int
    __array_interface__: dict[str, Any]
    T: Tensor
    _version: _int
    _counts: _bool
    def __init__(self, *args: Any) -> None: ...
    def __len__(self) -> _int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __getitem__(self, key: Any) -> Any: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def __contains__(self, value: _float) -> _bool: ...
    def __bool__(self) -> _bool: ...
    def __float__(self) -> _float: ...
    def __int__(self) -> _int: ...
    def __index__(self) -> _int: ...
    def __array__(self, dtype: Any = None, copy: _bool | None = None) -> Any: ...
    def __round__(self, ndigits: _int | None = None) -> Any: ...
    def __floor__(self) -> _int: ...
    def __ceil__(self) -> _int: ...
    def __trunc__(self) -> _int: ...
    def new(self, *args: Any) -> Tensor: ...
    def storage(self) -> _Storage: ...
"""

STORAGE = """class _Storage:
    dtype: _dtype
    def __init__(self, *args: Any) -> None: ...
    def __getattr__(self, name: str) -> Any: ...
    def __len__(self) -> _int: ...
    def __getitem__(self, key: Any) -> Any: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __copy__(self) -> Any: ...
    def __deepcopy__(self, memo: dict[Any, Any]) -> Any: ...
"""

OPERATORS = (
    "add sub mul truediv floordiv mod pow and or xor "
    "radd rsub rmul rtruediv rfloordiv rmod rpow rand ror rxor "
    "iadd isub imul itruediv ifloordiv imod ipow iand ior ixor lt le gt ge"
).split()


def parameters(signature: str, method: bool, inplace: bool) -> list[str]:
    """The parameter lists, as stub text, that one signature of the table stands for."""
    parts = [p for p in signature[1:-1].split(", ") if p]
    keyword_only = parts.index("*") if "*" in parts else len(parts)
    positional, keywords = parts[:keyword_only], parts[keyword_only + 1 :]
    if method:
        positional = [p for p in positional if not p.startswith("self:")]
    if inplace:
        keywords = [p for p in keywords if not p.startswith("out:")]
    last_required = max((i for i, p in enumerate(positional) if "=" not in p), default=-1)
    in_front = [i for i, p in enumerate(positional) if "=" in p and i < last_required]
    # parameters with a default in front of others are all given or all left out
    choices = [positional]
    if in_front:
        given = [required(p) if i in in_front else p for i, p in enumerate(positional)]
        choices = [given, [p for i, p in enumerate(positional) if i not in in_front]]
    lists = []
    for choice in choices:
        # sizes may be given one by one where nothing follows them
        text = [render(p, i == len(choice) - 1) for i, p in enumerate(choice)]
        star = any(t.startswith("*") for t in text)
        if keywords:
            text += ([] if star else ["*"]) + [render(p, False) for p in keywords]
        lists.append(", ".join((["self"] if method else []) + text))
    return lists


def required(parameter: str) -> str:
    """The parameter without its default; None stays a value it takes."""
    declaration, default = parameter.split(" = ")
    return f"{declaration}?" if default == "None" else declaration


def render(parameter: str, last: bool) -> str:
    match = re.fullmatch(r"(\w+): (\w+)(\??)(?: = (.+))?", parameter)
    assert match, parameter
    name, kind, optional, default = match.groups()
    name = name + "_" if name == "from" else name
    if kind == "sizes" and last:
        return f"*{name}: _int | Sequence[_int]"
    if kind == "operands":
        return f"*{name}: {KINDS[kind]}"
    hint = KINDS[kind]
    hint = {"int": "_int", "float": "_float"}.get(hint, hint)
    if name == "self":
        name = "input"
    if optional:
        return f"{name}: {hint} | None"
    if default == "None":
        return f"{name}: {hint} | None = None"
    return f"{name}: {hint} = {default}" if default else f"{name}: {hint}"


def function(
    name: str, signatures: list[str], method: bool, inplace: bool, result: str
) -> list[str]:
    lists = [p for s in signatures for p in parameters(s, method, inplace)]
    lists = list(dict.fromkeys(lists))
    indent = "    " if method else ""
    lines = []
    for text in lists:
        if len(lists) > 1:
            lines.append(f"{indent}@overload")
        lines.append(f"{indent}def {name}({text}) -> {result}: ...")
    return lines


def stub() -> str:
    always_tensor = {row["name"] for row in _C._pointwise_rows()}
    lines = [HEADER]
    lines.append(
        "@final\nclass dtype:\n    itemsize: _int\n    is_floating_point: _bool\n    name: str\n"
    )
    lines += [f"{n}: dtype" for n, v in sorted(vars(_C).items()) if isinstance(v, _C.dtype)]
    lines.append(TENSOR.rstrip())
    for op in OPERATORS:
        lines.append(f"    def __{op}__(self, other: Any) -> Any: ...")
    lines.append("    def __eq__(self, other: Any) -> Any: ...  # type: ignore[override]")
    lines.append("    def __ne__(self, other: Any) -> Any: ...  # type: ignore[override]")
    lines.append("    def __matmul__(self, other: Any) -> Any: ...")
    for op in ("neg", "pos", "abs", "invert"):
        lines.append(f"    def __{op}__(self) -> Tensor: ...")
    table = sorted(_C._op_table, key=lambda row: row["name"])
    for row in table:
        result = "Tensor" if row["name"] in always_tensor else "Any"
        if row["method"]:
            lines += function(row["name"], row["signatures"], True, False, result)
        if row["inplace"]:
            lines += function(row["name"] + "_", row["signatures"], True, True, "Tensor")
    lines.append("")
    lines.append(STORAGE)
    for name, value in sorted(vars(_C).items()):
        if (
            isinstance(value, type)
            and issubclass(value, (_C.Tensor, _C._Storage))
            and value not in (_C.Tensor, _C._Storage)
        ):
            lines.append(f"class {name}({value.__bases__[0].__name__}): ...")
    lines.append(RUNTIME)
    for row in table:
        if row["function"] or row["private"]:
            result = "Tensor" if row["name"] in always_tensor else "Any"
            lines += function(row["name"], row["signatures"], False, False, result)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = stub()
    if "--check" in sys.argv:
        if STUB.read_text() != text:
            sys.exit(f"{STUB} is not what the op table says: run ci/stubs.py")
    else:
        STUB.write_text(text)
