"""`summary`: what each layer of a model gives, holds and costs."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd import Variable, no_grad

from .modules.module import Module
from .utils.rnn import PackedSequence

__all__ = ["Row", "Summary", "summary"]


@dataclass
class Row:
    """One call of a module. All numbers but `output_bytes` include the modules below it."""

    path: str  # dotted name, "" for the model itself
    kind: str  # class name
    depth: int  # 0 for the model itself
    output_size: Any  # of the output, nested as the output is
    parameters: int  # elements; a shared parameter counts once
    multiply_adds: int  # multiplications with a following addition in matrix products
    output_bytes: int  # memory that the output has for itself, 0 where it is the input's
    seconds: float  # measured


class Summary:
    """What `summary` has found: `rows`, one for each call of a module, the model's own first.

    `parameters`, `trainable` (those that require gradients), `parameter_bytes`, `buffer_bytes`,
    `multiply_adds`, `output_bytes` (of all innermost modules together) and `seconds` are those of
    the whole model. `str()` is a table.
    """

    def __init__(self, model: Module, rows: list[Row]) -> None:
        self.rows = rows
        parameters = list(model.parameters())
        self.parameters = sum(p.data.numel() for p in parameters)
        self.trainable = sum(p.data.numel() for p in parameters if p.requires_grad)
        self.parameter_bytes = sum(_bytes(p.data) for p in parameters)
        self.buffer_bytes = sum(_bytes(b) for b in model.buffers())
        self.multiply_adds = rows[0].multiply_adds
        self.seconds = rows[0].seconds
        deeper = [row.depth for row in rows[1:]] + [0]
        innermost = [row for row, depth in zip(rows, deeper, strict=True) if depth <= row.depth]
        self.output_bytes = sum(row.output_bytes for row in innermost)

    def __getitem__(self, path: str) -> Row:
        """The row of the first call of the module at this path."""
        for row in self.rows:
            if row.path == path:
                return row
        raise KeyError(f"summary: expected a path of {[r.path for r in self.rows]}, got {path!r}")

    def __str__(self) -> str:
        head = ("layer", "output size", "parameters", "multiply-adds", "memory", "time")
        lines = [head, *map(_cells, self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        shown = []
        for line in lines:
            cells = [
                cell.ljust(width) if i < 2 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            shown.append("  ".join(cells).rstrip())
        rule = "-" * max(map(len, shown))
        shown = [shown[0], rule, *shown[1:], rule]
        frozen = self.parameters - self.trainable
        shown.append(
            f"parameters: {self.parameters:,}"
            + (f", {frozen:,} of them without a gradient" if frozen else "")
            + f" ({_memory(self.parameter_bytes)})"
        )
        if self.buffer_bytes:
            shown.append(f"buffers: {_memory(self.buffer_bytes)}")
        shown.append(f"outputs: {_memory(self.output_bytes)}")
        return "\n".join(shown)

    __repr__ = __str__


def summary(model: Module, input: Any, **kwargs: Any) -> Summary:
    """Call the model once and tell what each layer gave, holds and cost: a table when printed.

    `input` is a Variable or tensor, or a tuple of arguments; `kwargs` go to the model as they are.
    The call is one of evaluation and is not recorded; hooks of the model do not run, its state and
    modes stay as they are. It is called a first time to warm up, so the times are those of the
    second call.
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary: model: expected a Module, got {type(model).__name__}")
    args = input if isinstance(input, tuple) else (input,)
    args = tuple([Variable(a) if isinstance(a, torch.Tensor) else a for a in args])
    recorder = _Recorder(model, (args, kwargs))
    with no_grad(), recorder:
        model(*args, **kwargs)
        recorder.rows.clear()
        model(*args, **kwargs)
    return Summary(model, recorder.rows)


class _Recorder:
    """Notes the calls of a model's modules while it is entered, in place of its hooks."""

    _TABLES = ("_forward_pre_hooks", "_forward_hooks", "_backward_hooks")

    def __init__(self, model: Module, given: Any) -> None:
        self.given = {t.storage().data_ptr() for t in _tensors(given)}
        self.rows: list[Row] = []
        self.running: list[Row] = []
        self.started: list[float] = []
        self.paths = {id(module): path for path, module in model.named_modules()}
        self.modules = list(model.modules())
        self.before: list[dict[str, Any]] = []

    def __enter__(self) -> None:
        for module in self.modules:
            state = module.__dict__
            self.before.append({n: state[n] for n in (*self._TABLES, "training") if n in state})
            state["training"] = False
            state["_backward_hooks"] = {}
            state["_forward_pre_hooks"] = {"summary": self.begin}
            state["_forward_hooks"] = {"summary": self.end}

    def __exit__(self, *exception: Any) -> None:
        for module, before in zip(self.modules, self.before, strict=True):
            for name in (*self._TABLES, "training"):
                module.__dict__.pop(name, None)
            module.__dict__.update(before)

    def begin(self, module: Module, inputs: tuple) -> None:
        if id(module) not in self.paths:  # a copy of one, in another thread
            return
        count = sum(p.data.numel() for p in module.parameters())
        path = self.paths[id(module)]
        row = Row(path, type(module).__name__, len(self.running), None, count, 0, 0, 0.0)
        self.rows.append(row)
        self.running.append(row)
        self.started.append(time.perf_counter())

    def end(self, module: Module, inputs: tuple, output: Any) -> None:
        if id(module) not in self.paths:
            return
        seconds = time.perf_counter() - self.started.pop()
        row = self.running.pop()
        row.seconds = seconds
        row.multiply_adds += module._multiply_adds(inputs, output)
        row.output_size = _sizes(output)
        own: dict[int, int] = {}
        for tensor in _tensors(output):
            pointer = tensor.storage().data_ptr()
            own[pointer] = max(own.get(pointer, 0), _bytes(tensor))
        known = self.given | {t.storage().data_ptr() for t in _tensors(inputs)}
        row.output_bytes = sum(n for pointer, n in own.items() if pointer not in known)
        if self.running:
            self.running[-1].multiply_adds += row.multiply_adds


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    """The tensors in a nesting."""
    if isinstance(value, PackedSequence):
        value = value.data
    if isinstance(value, Variable):
        value = value.data
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _tensors(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _tensors(part)


def _sizes(value: Any) -> Any:
    """The sizes of what is in a nesting; None for what has none."""
    if isinstance(value, PackedSequence):
        value = value.data
    if isinstance(value, Variable | torch.Tensor):
        return tuple(value.size())
    if isinstance(value, Mapping):
        return {name: _sizes(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [_sizes(part) for part in value]
    return None


def _cells(row: Row) -> tuple[str, ...]:
    label = f"{'  ' * row.depth}{row.path} ({row.kind})" if row.path else row.kind
    return (
        label,
        str(row.output_size),
        f"{row.parameters:,}",
        f"{row.multiply_adds:,}",
        _memory(row.output_bytes),
        f"{row.seconds * 1e3:.3f} ms",
    )


def _memory(count: int) -> str:
    """Bytes in a readable unit."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
