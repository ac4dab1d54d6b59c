"""Comparisons and operations on bits: no gradients, so the results have no history."""

import operator
from collections.abc import Callable
from typing import Any

import torch

from ..variable import Variable
from .table import (
    FUNCTIONS,
    OPERANDS,
    is_number,
    publish,
    publish_aliases,
    question,
    untracked,
    untracked_in_place,
)

#: name: operator. Also in-place forms where tensors have one; operators also reflected, in place.
UNTRACKED: dict[str, str | None] = {
    "eq": "eq",
    "ne": "ne",
    "lt": "lt",
    "le": "le",
    "gt": "gt",
    "ge": "ge",
    "bitwise_and": "and",
    "bitwise_or": "or",
    "bitwise_xor": "xor",
    "bitwise_left_shift": "lshift",
    "bitwise_right_shift": "rshift",
    "bitwise_not": None,
    "logical_and": None,
    "logical_or": None,
    "logical_xor": None,
    "logical_not": None,
    "gcd": None,
    "lcm": None,
    "nextafter": None,
    "isclose": None,
    "isfinite": None,
    "isinf": None,
    "isnan": None,
    "isneginf": None,
    "isposinf": None,
    "signbit": None,
}

#: other names of rows above
ALIASES = {
    "greater": "gt",
    "greater_equal": "ge",
    "invert": "bitwise_not",
    "left_shift": "bitwise_left_shift",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
    "right_shift": "bitwise_right_shift",
}

#: answered with a bool
QUESTIONS = ("allclose", "array_equal", "equal")


def operator_of(name: str) -> Callable:
    """Python's operator over the data; what is no operand is left to Python."""
    op = getattr(operator, name)

    def method(self: Variable, other: Any) -> Any:
        if isinstance(other, Variable):
            data = op(self._data, other._data)
            return Variable(data, None, self._volatile or other._volatile)
        if is_number(other) or isinstance(other, torch.Tensor):
            return Variable(op(self._data, other), None, self._volatile)
        return NotImplemented

    return method


def reflected_operator_of(name: str) -> Callable:
    op = getattr(operator, name)

    def method(self: Variable, other: Any) -> Any:
        if is_number(other) or isinstance(other, torch.Tensor):
            return Variable(op(other, self._data), None, self._volatile)
        return NotImplemented

    return method


def equality_of(elements: Callable, same: bool) -> Callable:
    """== or !=: of elements, or of the objects in the alpha's meaning."""

    def method(self: Variable, other: Any) -> Any:
        if torch.compat._current() and torch.compat.flags.identity_eq:
            return (self is other) is same
        return elements(self, other)

    return method


def in_place_operator(function: Callable) -> Callable:
    def method(self: Variable, other: Any) -> Any:
        if isinstance(other, OPERANDS) or is_number(other):
            return function(self, other)
        return NotImplemented

    return method


def publish_rows() -> None:
    for name, symbol in UNTRACKED.items():
        function = untracked(name)
        publish(name, function)
        if hasattr(torch.Tensor, name + "_"):
            publish(name + "_", untracked_in_place(name + "_"))
        if symbol is None:
            continue
        # `and` and `or` are words of Python, so their functions have an underscore
        word = symbol if hasattr(operator, symbol) else symbol + "_"
        method = operator_of(word)
        if symbol in ("eq", "ne"):
            method = equality_of(method, symbol == "eq")
        setattr(Variable, f"__{symbol}__", method)
        if name.startswith("bitwise"):
            setattr(Variable, f"__r{symbol}__", reflected_operator_of(word))
            setattr(Variable, f"__i{symbol}__", in_place_operator(FUNCTIONS[name + "_"]))
    setattr(Variable, "__invert__", FUNCTIONS["bitwise_not"])  # noqa: B010
    publish_aliases(ALIASES)
    for name in QUESTIONS:
        publish(name, question(name))


publish_rows()
