"""What a case is, and how its inputs are made."""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: in the order in which tables of cases give their code
LIBRARIES = ("alphatorch", "numpy", "pytorch", "jax")


@dataclass(frozen=True)
class Input:
    """An array of seeded random numbers.

    kind: normal, uniform (0..1), classes, permutations (each row has every position once),
        permutations of columns, or definite (a symmetric matrix whose eigenvalues lie between 1
        and 5).
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    kind: str = "normal"
    scale: float = 1.0
    classes: int = 10  # 0, 1, ... below this number

    @property
    def nbytes(self) -> int:
        import numpy as np

        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True)
class Case:
    """One row of the tables.

    code: the expression that is timed. It, `setup` and `result` are the same for every library,
        or one for each that can do it.
    setup: a statement run once before; a step of training is built here.
    result: the expression whose value all libraries must agree on, by default `code`.
    tolerance: largest difference allowed, relative to the largest value of the result.
    moves: bytes that are read and written at least; by default the inputs and the result, and
        nothing is said of cases with a setup.
    flops: additions and multiplications, each one operation, that the case cannot do without.
    """

    name: str
    group: str
    code: str | Mapping[str, str]
    inputs: Mapping[str, Input] = field(default_factory=dict)
    setup: str | Mapping[str, str] = ""
    result: str | Mapping[str, str] = ""
    tolerance: float = 1e-5
    moves: tuple[int, int] | None = None
    flops: float = 0.0

    def code_for(self, library: str) -> str | None:
        if isinstance(self.code, str):
            return self.code
        return self.code.get(library)

    def setup_for(self, library: str) -> str:
        return self.setup if isinstance(self.setup, str) else self.setup.get(library, "")

    def result_for(self, library: str) -> str:
        result = self.result if isinstance(self.result, str) else self.result[library]
        return result or self.code_for(library) or ""

    def arrays(self) -> dict[str, Any]:
        """The inputs as ndarrays; the same in every process that has the same NumPy."""
        import numpy as np

        generator = np.random.default_rng(zlib.crc32(self.name.encode()))
        arrays = {}
        array: Any
        for name, wanted in self.inputs.items():
            if wanted.kind == "normal":
                array = generator.standard_normal(wanted.shape) * wanted.scale
            elif wanted.kind == "uniform":
                array = generator.random(wanted.shape) * wanted.scale
            elif wanted.kind == "permutations":
                rows = np.broadcast_to(np.arange(wanted.shape[-1]), wanted.shape)
                array = generator.permuted(rows, axis=-1)
            elif wanted.kind == "definite":
                array = generator.standard_normal(wanted.shape)
                array = array @ array.T / wanted.shape[-1] + np.eye(wanted.shape[-1])
            elif wanted.kind == "permutations of columns":
                rows = np.broadcast_to(np.arange(wanted.shape[0]), wanted.shape[::-1])
                array = np.ascontiguousarray(generator.permuted(rows, axis=-1).T)
            else:
                array = generator.integers(0, wanted.classes, wanted.shape)
            arrays[name] = array.astype(wanted.dtype)
        return arrays


def eager(code: str, jax: str) -> dict[str, str]:
    """The same code for the eager libraries, a compiled function for JAX."""
    return {"alphatorch": code, "numpy": code, "pytorch": code, "jax": jax}
