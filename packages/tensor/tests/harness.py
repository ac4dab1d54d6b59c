"""The one harness of the tables: inputs in every dtype and layout, comparison with references."""

import copy
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
FLOATS = ["float32", "float64"]
DTYPES = ["bool", *INTEGERS, *FLOATS]
TYPE_NAMES = dict(zip(DTYPES, "Bool Byte Char Short Int Long Float Double".split(), strict=True))
# A thread takes 32768 elements or more: three parts and an odd tail.
LARGE = 3 * 32768 + 5
# References are computed in a type with more digits.
WIDER = {"float32": np.float64, "float64": np.longdouble}

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
    return np.array(value.cpu() if torch.is_tensor(value) else value)


def drawer(rng: np.random.Generator, dtype: str, lo: float, hi: float) -> Draw:
    """Random arrays with elements in [lo, hi]; floating ones cover the magnitudes, too."""

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
        limits = np.asarray([lo, hi], dtype)
        return np.asarray(np.clip(np.asarray(flat, dtype=dtype), *limits))

    return draw


def layouts(draw: Draw, device: str = "cpu") -> Iterator[tuple[str, Any]]:
    """Small tensors of drawn elements in every layout."""

    def new(*shape: int) -> Any:
        return on(device, torch.tensor(draw(shape)))

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
    if device == "cpu":
        yield "negative strides", torch.from_numpy(draw((6, 8))[::-1, ::-2])


def large(draw: Draw, device: str = "cpu") -> Iterator[tuple[str, Any]]:
    """Tensors past the parallel threshold, with an odd tail."""
    yield "large", on(device, torch.tensor(draw((LARGE,))))
    yield "large transposed", on(device, torch.tensor(draw((301, 331)))).t()


def same(a: Any, b: Any) -> bool:
    """Whether both hold the same numbers; NaN equals NaN."""
    x, y = array(a), array(b)
    return x.dtype == y.dtype and x.shape == y.shape and np.array_equal(x, y, equal_nan=True)


def ulp_error(actual: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Distance to `exact` (of a wider dtype) in units in the last place of the rounded exact value.

    0 where actual is the correctly rounded result; infinite where only one of both is finite.
    """
    with np.errstate(all="ignore"):
        rounded = exact.astype(actual.dtype)
        right = (actual == rounded) | (np.isnan(actual) & np.isnan(rounded))
        unit = np.spacing(np.abs(rounded)).astype(exact.dtype)
        error = np.abs(actual.astype(exact.dtype) - exact) / unit
        comparable = np.isfinite(rounded) & np.isfinite(actual)
        return np.where(right, 0, np.where(comparable, error, np.inf)).astype(np.float64)


def check(result: Any, exact: np.ndarray, dtype: str, ulp: float, what: str = "") -> None:
    """dtype and shape first, then the values: equal, or within `ulp` of the exact ones."""
    __tracebackhide__ = True
    assert torch.is_tensor(result), f"{what}: got {type(result).__name__}"
    assert result.dtype == dtype_of(dtype), f"{what}: got {result.dtype}"
    assert tuple(result.shape) == exact.shape, f"{what}: got size {tuple(result.shape)}"
    actual = array(result)
    if dtype not in FLOATS:
        wrong = np.argwhere(actual != exact)
        assert not len(wrong), f"{what}: {actual[tuple(wrong[0])]}, not {exact[tuple(wrong[0])]}"
        return
    error = ulp_error(actual, exact)
    if error.size and error.max() > ulp * (1 + 2**-10):  # the reference has an error, too
        at = np.unravel_index(error.argmax(), error.shape)
        raise AssertionError(
            f"{what}: {error[at]:.3f} ulp at {at}: {actual[at]!r}, exactly {exact[at]!r}"
        )


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
