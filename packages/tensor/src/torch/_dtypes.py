"""What is known about dtypes: limits, promotion, casting."""

import math
from typing import Any

from torch import _C

# today's short names, beside torch.bool
half, float_, double = _C.float16, _C.float32, _C.float64
short, int_, long = _C.int16, _C.int32, _C.int64

# digits of the significand (with the hidden one), largest exponent
_FORMATS = {"float16": (11, 15), "bfloat16": (8, 127), "float32": (24, 127), "float64": (53, 1023)}


def _kind(dtype: Any) -> int:
    """Position of the dtype's kind in the order of promotion: bool, unsigned, signed, floating."""
    if dtype.is_floating_point:
        return 3
    return 0 if dtype is _C.bool else 2 if dtype.is_signed else 1


class finfo:
    """Limits of a floating dtype (the default one when None): bits, eps, max, min, tiny,
    smallest_normal, smallest_subnormal, resolution, precision, dtype. TypeError for others.

    >>> torch.finfo(torch.float32).eps == 2 ** -23
    True
    >>> torch.finfo(torch.float16).max
    65504.0
    """

    def __init__(self, type: Any = None):
        dtype = _C.get_default_dtype() if type is None else _C.find_dtype("finfo", type)
        if not dtype.is_floating_point:
            raise TypeError(f"finfo: expected a floating dtype, got {dtype}; use iinfo")
        digits, top = _FORMATS[dtype.name]
        self.dtype = dtype
        self.bits = 8 * dtype.itemsize
        self.eps = math.ldexp(1.0, 1 - digits)
        self.max = math.ldexp(2.0 - self.eps, top)
        self.min = -self.max
        self.tiny = self.smallest_normal = math.ldexp(1.0, 1 - top)
        self.smallest_subnormal = math.ldexp(1.0, 2 - top - digits)
        self.precision = int((digits - 1) * math.log10(2))
        self.resolution = 10.0**-self.precision

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "tiny", "dtype")
        return f"finfo({', '.join(f'{name}={getattr(self, name)}' for name in names)})"


class iinfo:
    """Limits of an integer dtype: bits, min, max, dtype. TypeError for others.

    >>> torch.iinfo(torch.int8).min, torch.iinfo('uint8').max
    (-128, 255)
    """

    def __init__(self, type: Any):
        dtype = _C.find_dtype("iinfo", type)
        if _kind(dtype) not in (1, 2):
            raise TypeError(f"iinfo: expected an integer dtype, got {dtype}")
        self.dtype = dtype
        self.bits = 8 * dtype.itemsize
        self.max = 2 ** (self.bits - dtype.is_signed) - 1
        self.min = -self.max - 1 if dtype.is_signed else 0

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


def result_type(*args: Any) -> Any:
    """The dtype in which tensors, dtypes and Python numbers are computed together.

    Numbers do not widen within their kind. TypeError without arguments.

    >>> torch.result_type(torch.zeros(1), torch.int64)
    torch.float64
    >>> torch.result_type(torch.zeros(1), 3.5)
    torch.float32
    """
    if not args:
        raise TypeError("result_type: expected one argument or more, got none")
    dtypes, numbers = [], []
    for x in args:
        if isinstance(x, _C.Tensor):
            dtypes.append(x.dtype)
        elif isinstance(x, (float, int)):
            numbers.append(_C.tensor(x).dtype)
        elif hasattr(x, "dtype") and not isinstance(x, type):  # arrays and NumPy's numbers
            dtypes.append(_C.find_dtype("result_type", x.dtype))
        else:
            dtypes.append(_C.find_dtype("result_type", x))
    result = None
    for dtype in dtypes:
        result = dtype if result is None else _C.promote_types(result, dtype)
    if result is None:
        return max(numbers, key=_kind)
    for number in numbers:
        if number.is_floating_point and not result.is_floating_point:
            result = _C.float64
        elif number is _C.int64 and result is _C.bool:
            result = _C.uint8
    return result


def can_cast(from_: Any, to: Any, casting: str = "safe") -> bool:
    """Whether NumPy's rule `casting` allows from_ (a dtype or a tensor) to become `to`.

    casting: 'no' and 'equiv' (the same dtype), 'safe' (every value is kept), 'same_kind' (also
    within a kind, and from bool to integers to floats), 'unsafe' (always). ValueError for another.

    >>> torch.can_cast(torch.int32, torch.float64), torch.can_cast(torch.int64, torch.float32)
    (True, False)
    """
    source = from_.dtype if isinstance(from_, _C.Tensor) else _C.find_dtype("can_cast", from_)
    target = _C.find_dtype("can_cast", to)
    if casting in ("no", "equiv"):
        return source is target
    if casting == "safe":
        return _C.promote_types(source, target) is target
    if casting == "same_kind":
        return _C.promote_types(source, target) is target or _kind(source) <= _kind(target)
    if casting == "unsafe":
        return True
    rules = "'no', 'equiv', 'safe', 'same_kind' or 'unsafe'"
    raise ValueError(f"can_cast: expected casting to be {rules}, got {casting!r}")
