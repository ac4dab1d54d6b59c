"""Names of the tensor package that have no gradient, and what they do with a Variable."""

#: Answers without history: integers, bools, or constant almost everywhere by nature.
UNTRACKED: dict[str, str] = {
    "all": "bools",
    "any": "bools",
    "argmax": "indices",
    "argmin": "indices",
    "argpartition": "indices",
    "argsort": "indices",
    "bitwise_and": "integers",
    "bitwise_left_shift": "integers",
    "bitwise_not": "integers",
    "bitwise_or": "integers",
    "bitwise_right_shift": "integers",
    "bitwise_xor": "integers",
    "count_nonzero": "integers",
    "eq": "bools",
    "gcd": "integers",
    "ge": "bools",
    "gt": "bools",
    "histc": "counts",
    "histogram": "counts",
    "isclose": "bools",
    "isfinite": "bools",
    "isin": "bools",
    "isinf": "bools",
    "isnan": "bools",
    "isneginf": "bools",
    "isposinf": "bools",
    "lcm": "integers",
    "le": "bools",
    "logical_and": "bools",
    "logical_not": "bools",
    "logical_or": "bools",
    "logical_xor": "bools",
    "lt": "bools",
    "ne": "bools",
    "nextafter": "moves by a unit in the last place: it belongs to the dtype, not to analysis",
    "searchsorted": "indices",
    "signbit": "bools",
    "unique": "a set: its size depends on the values",
}

#: Answers that are no tensors: sizes, types, numbers.
QUESTIONS: dict[str, str] = {
    "allclose": "a bool",
    "array_equal": "a bool",
    "dim": "an int",
    "equal": "a bool",
}

#: Functions that make tensors from other things than tensors.
CREATORS: dict[str, str] = {
    "zeros": "takes sizes",
}

#: What a Variable refuses, with a sentence.
REFUSED: dict[str, str] = {
    "apply_": "a Python function per element",
    "map_": "a Python function per element",
    "map2_": "a Python function per element",
    "numpy": "an array would leave the graph",
}
