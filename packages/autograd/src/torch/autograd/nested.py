"""NestedIOFunction: a Function whose arguments and results may be lists and tuples of Variables.

    class Step(NestedIOFunction):
        def forward_extended(self, x, state):       # Tensors, nested as they were given
            h, c = state
            ...
            self.save_for_backward(x, (h, c))
            return y, (h_next, c_next)

        def backward_extended(self, gy, gstate):    # gradients, nested as the results
            x, (h, c) = self.saved_tensors
            ...
            return gx, (gh, gc)                     # nested as the arguments

    y, (h, c) = Step()(x, (h, c))

The graph knows the Variables one after the other, as they are met from left to right.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from .function import Function
from .variable import Variable, type_name

__all__ = ["NestedIOFunction"]


def _mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """The same nesting of lists and tuples around other values."""
    if not isinstance(value, list | tuple):
        return change(value)
    parts = [_mapped(change, part) for part in value]
    if isinstance(value, list):
        return parts
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)


def _leaves(value: Any, kind: Any) -> Iterator[Any]:
    """The values of type `kind` in a nesting, from left to right."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part, kind)
    elif isinstance(value, kind):
        yield value


class _Place:
    """Stands for a Variable or Tensor in a nesting that is kept without it."""

    __slots__ = ()


_PLACE = _Place()


def _form(value: Any, kind: Any) -> Any:
    """The nesting with a place for each value of type `kind`."""
    return _mapped(lambda leaf: _PLACE if isinstance(leaf, kind) else leaf, value)


def _filled(form: Any, values: Any) -> Any:
    """The nesting with `values` in its places, one after the other."""
    rest = iter(values)
    return _mapped(lambda leaf: next(rest) if leaf is _PLACE else leaf, form)


class NestedIOFunction(Function):
    """Base class: give `forward_extended` and `backward_extended`; old style, differentiable once.

    What is neither list, tuple nor Variable among the arguments is passed on as it is, and what is
    no tensor among the results is returned as it is. The gradient of a whole list may be None.
    """

    __slots__ = ("_form_in", "_form_out", "_form_saved")

    def forward_extended(self, *args: Any) -> Any:
        """Tensors in, tensors out; both nested."""
        raise NotImplementedError(f"{self.name}: forward_extended is not defined")

    def backward_extended(self, *gradients: Any) -> Any:
        """One gradient per result in, one gradient (or None) per argument out; both nested."""
        raise NotImplementedError(f"{self.name}: backward_extended is not defined")

    def __call__(self, *args: Any) -> Any:
        form = _form(args, Variable)
        if not hasattr(self, "_edges"):  # else the call below complains
            self._form_in = form
        flat = super().__call__(*_leaves(args, Variable))
        return _filled(self._form_out, flat)

    def forward(self, *args: torch.Tensor) -> tuple:
        result = self.forward_extended(*_filled(self._form_in, args))
        self._form_out = _form(result, torch.Tensor)
        return tuple(_leaves(result, torch.Tensor))

    def backward(self, *gradients: Any) -> tuple:
        nested = _mapped(lambda leaf: None if leaf is not _PLACE else leaf, self._form_out)
        nested = _filled(nested, gradients)
        nested = nested if isinstance(self._form_out, tuple) else (nested,)
        results = self.backward_extended(*nested)
        if not isinstance(results, tuple):
            results = (results,)
        return tuple(self._flat_gradients("", self._form_in, results))

    def _flat_gradients(self, where: str, form: Any, gradients: Any) -> Iterator[Any]:
        """A gradient or None for each place in the form of the arguments."""
        if form is _PLACE:
            yield gradients
        elif isinstance(form, list | tuple):
            if gradients is None:
                gradients = [None] * len(form)
            elif not isinstance(gradients, list | tuple):
                raise TypeError(
                    f"{self.name}.backward_extended: gradient{where}: expected a list or tuple, "
                    f"as the argument was, got {type_name(gradients)}"
                )
            gradients = list(gradients)
            while len(gradients) > len(form) and gradients[-1] is None:
                gradients.pop()
            # what holds no Variable has no gradient to be given
            while len(gradients) < len(form) and not any(_leaves(form[len(gradients)], _Place)):
                gradients.append(None)
            if len(gradients) != len(form):
                raise RuntimeError(
                    f"{self.name}.backward_extended: gradient{where}: expected {len(form)} "
                    f"gradients, got {len(gradients)}"
                )
            for i, (part, gradient) in enumerate(zip(form, gradients, strict=True)):
                yield from self._flat_gradients(f"{where}[{i}]", part, gradient)

    def save_for_backward(self, *values: Any) -> None:
        """Keep tensors, nested in lists and tuples, for backward: `saved_tensors`."""
        self._form_saved = _form(values, torch.Tensor)
        super().save_for_backward(*_leaves(values, torch.Tensor))

    @property
    def saved_tensors(self) -> Any:
        """What was saved, nested as it was."""
        flat = super().saved_tensors
        return _filled(self._form_saved, flat) if self._saved is not None else ()

    saved = saved_tensors

    def mark_dirty(self, *values: Any) -> None:
        """These inputs were changed in place (and are returned as outputs)."""
        super().mark_dirty(*_leaves(values, torch.Tensor))

    def mark_non_differentiable(self, *values: Any) -> None:
        """These outputs have no gradient."""
        super().mark_non_differentiable(*_leaves(values, torch.Tensor))
