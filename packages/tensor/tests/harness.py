"""The one harness of the tables: inputs in every dtype and layout, comparison with references."""

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from references import WIDER as WIDER  # for the tables

HERE = Path(__file__).parent
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
FLOATS = ["float32", "float64"]
DTYPES = ["bool", *INTEGERS, *FLOATS]
# Stored types: arithmetic happens in float32, the result is rounded once more. NumPy has no
# bfloat16; arrays of it are float32 with numbers that bfloat16 holds.
HALVES = ["float16", "bfloat16"]
EVERY_DTYPE = [*DTYPES, *HALVES]
TYPE_NAMES = dict(
    zip(
        EVERY_DTYPE,
        "Bool Byte Char Short Int Long Float Double Half BFloat16".split(),
        strict=True,
    )
)
# Significant bits, and the exponent of the smallest normal number as numpy.frexp counts.
HALF_FORMATS = {"float16": (11, -13), "bfloat16": (8, -125)}
# A thread takes 32768 elements or more: three parts and an odd tail.
LARGE = 3 * 32768 + 5

Draw = Callable[[tuple[int, ...]], np.ndarray]
ROWS: dict[str, list[dict[str, Any]]] = {"unary": [], "binary": []}
for _row in torch._C._pointwise_rows():
    ROWS[_row["family"]].append(_row)


def row_id(row: dict[str, Any]) -> str:
    return row["name"]


def dtype_of(name: str) -> Any:
    return getattr(torch, name)


def on(device: str, tensor: Any) -> Any:
    return tensor if device == "cpu" else tensor.cuda()


def array(value: Any) -> np.ndarray:
    """A copy of a tensor's or number's elements as NumPy array."""
    if not torch.is_tensor(value):
        return np.array(value)
    value = value.cpu()
    return np.array(value.float() if value.dtype == torch.bfloat16 else value)


def tensor_of(values: np.ndarray, dtype: str | None) -> Any:
    """A tensor of these numbers; bfloat16 comes as an array of float32."""
    t = torch.tensor(values)
    return t.bfloat16() if dtype == "bfloat16" else t


def spacing(x: np.ndarray, dtype: str) -> np.ndarray:
    """Distance of neighbouring numbers of the dtype at the magnitude of x."""
    if dtype not in HALVES:
        return np.spacing(np.abs(x).astype(dtype)).astype(x.dtype)
    bits, smallest = HALF_FORMATS[dtype]
    exponent = np.maximum(np.frexp(np.where(np.isfinite(x), x, 1))[1], smallest)
    return np.ldexp(np.ones_like(x), exponent - bits)


def to_nearest(x: np.ndarray, dtype: str) -> np.ndarray:
    """x rounded to the numbers of a floating dtype, ties to even, in x's own (wider) dtype."""
    if dtype not in HALVES:
        return x.astype(dtype).astype(x.dtype)
    unit = spacing(x, dtype)
    limit = 65536.0 if dtype == "float16" else 2.0**128
    with np.errstate(all="ignore"):
        y = np.where(np.isfinite(x), np.rint(x / unit) * unit, x)
        return np.copysign(np.where(np.abs(y) >= limit, np.inf, y), x)


LARGEST = {"float16": 65504.0, "bfloat16": 2.0**127 * (2 - 2**-7)}


def drawer(rng: np.random.Generator, dtype: str, lo: float, hi: float) -> Draw:
    """Random arrays with elements in [lo, hi]; floating ones cover the magnitudes, too."""
    stored = "float32" if dtype == "bfloat16" else dtype
    if dtype in HALVES:
        lo, hi = max(lo, -LARGEST[dtype]), min(hi, LARGEST[dtype])

    def draw(shape: tuple[int, ...]) -> np.ndarray:
        if dtype == "bool":
            return np.asarray(rng.integers(0, 2, shape), dtype=bool)
        if dtype in INTEGERS:
            info = np.iinfo(dtype)
            low, high = max(int(np.ceil(lo)), info.min), min(int(np.floor(hi)), info.max)
            return np.asarray(rng.integers(low, high, shape, endpoint=True), dtype=dtype)
        flat = rng.uniform(lo, hi, shape)
        if hi > 0:
            smallest = lo if lo > 0 else hi * 1e-8
            magnitudes = np.exp(rng.uniform(np.log(smallest), np.log(hi), shape))
            if lo < 0:
                magnitudes *= np.where(rng.random(shape) < -lo / (hi - lo), lo / hi, 1)
            flat = np.where(rng.random(shape) < 0.5, flat, magnitudes)
        # rounding to float32 must not leave the domain
        flat, limits = np.asarray(flat), np.asarray([lo, hi])
        if dtype in HALVES:
            flat, limits = to_nearest(flat, dtype), to_nearest(limits, dtype)
            unit = spacing(limits, dtype)
            limits += unit * (limits < lo) * [1, 0] - unit * (limits > hi) * [0, 1]
        return np.asarray(np.clip(flat.astype(stored), *limits.astype(stored)))

    draw.dtype = dtype  # type: ignore[attr-defined]
    return draw


def layouts(draw: Draw, device: str = "cpu") -> Iterator[tuple[str, Any]]:
    """Small tensors of drawn elements in every layout."""

    dtype = getattr(draw, "dtype", None)

    def new(*shape: int) -> Any:
        return on(device, tensor_of(draw(shape), dtype))

    yield "no dimensions", new()
    yield "one element", new(1)
    yield "empty", new(0)
    yield "empty, three dimensions", new(3, 0, 2)
    yield "matrix", new(5, 7)
    yield "unaligned", new(40)[3:]
    yield "strided", new(9, 14)[::2, 1::3]
    yield "transposed", new(7, 5).t()
    yield "permuted", new(3, 4, 5).permute(2, 0, 1)
    yield "expanded rows", new(1, 6).expand(4, 6)
    yield "expanded columns", new(4, 1).expand(4, 6)
    if device == "cpu" and dtype != "bfloat16":  # comes from NumPy
        yield "negative strides", torch.from_numpy(draw((6, 8))[::-1, ::-2])


def large(draw: Draw, device: str = "cpu") -> Iterator[tuple[str, Any]]:
    """Tensors past the parallel threshold, with an odd tail."""
    dtype = getattr(draw, "dtype", None)
    numbers = draw((5003,))  # drawing more takes longer than the operations

    def new(*shape: int) -> Any:
        return on(device, tensor_of(np.resize(numbers, shape), dtype))

    yield "large", new(LARGE)
    yield "large transposed", new(301, 331).t()


def same(a: Any, b: Any) -> bool:
    """Whether both hold the same numbers; NaN equals NaN."""
    x, y = array(a), array(b)
    return x.dtype == y.dtype and x.shape == y.shape and np.array_equal(x, y, equal_nan=True)


def ulp_error(actual: np.ndarray, exact: np.ndarray, dtype: str | None = None) -> np.ndarray:
    """Distance to `exact` (of a wider dtype) in units in the last place of the rounded exact value.

    0 where actual is the correctly rounded result; infinite where only one of both is finite.
    """
    dtype = dtype or actual.dtype.name
    with np.errstate(all="ignore"):
        wide = actual.astype(exact.dtype)
        rounded = to_nearest(exact, dtype)
        right = (wide == rounded) | (np.isnan(wide) & np.isnan(rounded))
        error = np.abs(wide - exact) / spacing(rounded, dtype)
        comparable = np.isfinite(rounded) & np.isfinite(wide)
        return np.where(right, 0, np.where(comparable, error, np.inf)).astype(np.float64)


def allowed_ulp(row: dict[str, Any], dtype: str) -> float:
    """What a row promises for a dtype. Halves are rounded once more, from float32."""
    if dtype == "float64":
        return row["ulp64"]
    if dtype in HALVES and row["ulp32"] > 0:
        return 0.5 + row["ulp32"] * 2.0 ** (HALF_FORMATS[dtype][0] - 24)
    return row["ulp32"]


def check(result: Any, exact: np.ndarray, dtype: str, ulp: float, what: str = "") -> None:
    """dtype and shape first, then the values: equal, or within `ulp` of the exact ones."""
    __tracebackhide__ = True
    assert torch.is_tensor(result), f"{what}: got {type(result).__name__}"
    assert result.dtype == dtype_of(dtype), f"{what}: got {result.dtype}"
    assert tuple(result.shape) == exact.shape, f"{what}: got size {tuple(result.shape)}"
    actual = array(result)
    if dtype not in FLOATS and dtype not in HALVES:
        wrong = np.argwhere(actual != exact)
        assert not len(wrong), f"{what}: {actual[tuple(wrong[0])]}, not {exact[tuple(wrong[0])]}"
        return
    error = ulp_error(actual, exact, dtype)
    if error.size and error.max() > ulp * (1 + 2**-10):  # the reference has an error, too
        at = np.unravel_index(error.argmax(), error.shape)
        raise AssertionError(
            f"{what}: {error[at]:.3f} ulp at {at}: {actual[at]!r}, exactly {exact[at]!r}"
        )


def check_large(function: Any, inputs: list[Any], reference: Any, what: str) -> None:
    """Past the parallel threshold: a sample is compared, and pieces of the input give the same."""
    __tracebackhide__ = True
    result = function(*inputs)
    exact, dtype, ulp = reference(*(array(t).reshape(-1)[::101] for t in inputs))
    check(result.contiguous().view(-1)[::101], exact, dtype, ulp, what)
    assert result.shape == inputs[0].shape, what
    whole = array(result)
    step = 50  # rows below the threshold of one thread
    for at in range(0, len(whole), step if whole.ndim > 1 else 10007):
        end = at + (step if whole.ndim > 1 else 10007)
        piece = array(function(*(t[at:end] for t in inputs)))
        assert np.array_equal(piece, whole[at:end], equal_nan=piece.dtype.kind == "f"), (what, at)


def check_forms(
    name: str, inputs: list[Any], exact: np.ndarray, dtype: str, ulp: float, in_place: bool = True
) -> None:
    """Every form of an element-wise operation gives the exact result and keeps its inputs."""
    first, *rest = inputs
    function = getattr(torch, name)
    before = [array(t) if torch.is_tensor(t) else t for t in inputs]
    check(function(*inputs), exact, dtype, ulp, "function")
    if torch.is_tensor(first):
        check(getattr(first, name)(*rest), exact, dtype, ulp, "method")
    outputs = {
        "out": torch.empty(exact.shape, dtype=dtype_of(dtype)),
        "empty out": torch.empty(0, dtype=dtype_of(dtype)),
        "strided out": torch.empty((*exact.shape, 2), dtype=dtype_of(dtype)).select(-1, 1),
    }
    for what, out in outputs.items():
        version = out._version
        assert function(*inputs, out=out) is out, what
        assert out._version > version, what
        check(out, exact, dtype, ulp, what)
    for t, old in zip(inputs, before, strict=True):
        assert not torch.is_tensor(t) or same(t, old), "an input was changed"
    if exact.size > 1:
        expanded = torch.empty(1, dtype=dtype_of(dtype)).expand(exact.shape)
        with pytest.raises(RuntimeError, match=r": cannot write to an expanded"):
            function(*inputs, out=expanded)
    if not in_place or not torch.is_tensor(first):
        return
    if tuple(first.shape) != exact.shape or first.dtype != dtype_of(dtype):
        return
    target = copy.deepcopy(first)  # keeps the layout
    if 0 in target.stride() and target.numel() > 1 and not target.is_contiguous():
        return  # expanded; test_errors.py has the refusal
    version = target._version
    assert getattr(target, name + "_")(*rest) is target
    assert target._version > version
    assert target.stride() == first.stride()
    check(target, exact, dtype, ulp, "in place")


def run(code: str, timeout: float = 60, **environment: str | None) -> str:
    """Output of a fresh interpreter; fails with its error text. None removes a variable."""
    env = {**os.environ, **{k: v for k, v in environment.items() if v is not None}}
    for name, value in environment.items():
        if value is None:
            env.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env,
        cwd=HERE,  # holds no package named torch
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def mapped_bytes(path: Path) -> int:
    """How much of a mapped file this process has touched: whole pages, and some around each."""
    total, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        key, *rest = line.split()
        if not key.endswith(":"):  # the head of a mapping: addresses ... path
            inside = rest[-1:] == [str(path)]
        elif inside and key == "Rss:":
            total += int(rest[0]) * 1024
    return total
