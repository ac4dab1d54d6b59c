"""Optimizer: what all update rules share."""

import copy
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = ["Optimizer", "required"]


class _Required:
    def __repr__(self) -> str:
        return "required"


#: Default of an option that has none and must be given.
required = _Required()


class Optimizer:
    """Holds parameters in groups, each with its options, and the state of each parameter.

    `params` is an iterable of leaf Variables, or of dicts with the key "params" and options that
    differ from `defaults` for this group. A subclass gives `_update(param, gradient, state, group)`
    and may give `_check(group)` for the options of a group.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        name = type(self).__name__
        if isinstance(params, Variable | torch.Tensor | dict):
            raise TypeError(
                f"{name}: params: expected an iterable of Variables or dicts, "
                f"got {type_name(params)}"
            )
        self.defaults = defaults
        self.state: dict[Variable, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        given = list(params)
        if not given:
            raise ValueError(f"{name}: params: expected at least one parameter, got none")
        if not any(isinstance(group, dict) for group in given):
            given = [{"params": given}]
        for group in given:
            self.add_param_group(group)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Add a group: a dict with "params" and the options that differ from the defaults."""
        name = type(self).__name__
        number = len(self.param_groups)
        if not isinstance(group, dict) or "params" not in group:
            raise TypeError(
                f"{name}: group {number}: expected a dict with the key 'params', "
                f"got {type_name(group)}"
            )
        params = group["params"]
        params = [params] if isinstance(params, Variable) else list(params)
        known = {id(p) for other in self.param_groups for p in other["params"]}
        for position, param in enumerate(params):
            where = f"{name}: group {number}, parameter {position}"
            if not isinstance(param, Variable):
                raise TypeError(f"{where}: expected a Variable, got {type_name(param)}")
            where += f" of size {tuple(param.size())}"
            if param.creator is not None:
                raise ValueError(
                    f"{where}: expected a leaf, got the result of {param.creator.name}"
                )
            if not param.requires_grad:
                raise ValueError(f"{where}: expected a Variable that requires a gradient")
            if id(param) in known:
                raise ValueError(f"{where}: given more than once")
            known.add(id(param))
        for option in group:
            if option != "params" and option not in self.defaults:
                raise ValueError(
                    f"{name}: group {number}: unknown option {option!r}; "
                    f"there are {', '.join(self.defaults)}"
                )
        group = {**self.defaults, **group, "params": params}
        for option, value in group.items():
            if value is required:
                raise ValueError(f"{name}: group {number}: the option {option} has to be given")
        self._check(group)
        self.param_groups.append(group)

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to zero."""
        for group in self.param_groups:
            for param in group["params"]:
                if param._grad is None:  # as a Variable, under the alpha's meaning of .grad, too
                    continue
                if param._grad.creator is None:
                    param._grad.data.zero_()
                else:  # made with create_graph: others may differentiate through it
                    param.grad = None

    def step(self, closure: Callable | None = None) -> Any:
        """Update every parameter that has a gradient.

        `closure` computes the gradients anew and returns the loss, which `step` then returns.
        """
        loss = None if closure is None else closure()
        for number, group in enumerate(self.param_groups):
            for position, param in enumerate(group["params"]):
                if param._grad is None:
                    continue
                gradient = param._grad.data
                if type(gradient) is not type(param.data) or gradient.shape != param.data.shape:
                    raise ValueError(
                        f"{type(self).__name__}.step: group {number}, parameter {position}: "
                        f"expected a gradient like the parameter, {type_name(param.data)}, "
                        f"got {type_name(gradient)}"
                    )
                state = self.state.get(param)
                if state is None:
                    state = self.state[param] = {}
                self._update(param.data, gradient, state, group)
        return loss

    def _check(self, group: dict[str, Any]) -> None:
        """Raise for options that make no sense."""

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        """Change `param` in place; `state` is a dict of its own that starts empty."""
        raise NotImplementedError(f"{type(self).__name__}: _update is not defined")

    def _number(
        self, group: dict, option: str, least: float = 0, below: float | None = None
    ) -> None:
        """Check a numeric option: at least `least`, and under `below` where given."""
        value = group[option]
        good = isinstance(value, int | float) and value >= least
        if not good or (below is not None and not value < below):
            limit = "" if below is None else f" and below {below}"
            raise ValueError(
                f"{type(self).__name__}: {option}: expected a number of at least {least}{limit}, "
                f"got {value!r}"
            )

    def state_dict(self) -> dict[str, Any]:
        """{"state": {number: state}, "param_groups": [...]}: parameters appear as numbers.

        They count through all groups. The tensors are the optimizer's own, not copies.
        """
        numbers: dict[Variable, int] = {}
        groups = []
        for group in self.param_groups:
            for param in group["params"]:
                numbers[param] = len(numbers)
            groups.append({**group, "params": [numbers[param] for param in group["params"]]})
        state = {numbers[param]: dict(values) for param, values in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over the options and states of a `state_dict` (copied)."""
        where = f"{type(self).__name__}.load_state_dict"
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError(
                f"{where}: expected {len(self.param_groups)} groups, got {len(groups)}"
            )
        params: dict[int, Variable] = {}
        for number, (own, given) in enumerate(zip(self.param_groups, groups, strict=True)):
            if len(own["params"]) != len(given["params"]):
                raise ValueError(
                    f"{where}: group {number}: expected {len(own['params'])} parameters, "
                    f"got {len(given['params'])}"
                )
            params.update(zip(given["params"], own["params"], strict=True))
        state = {}
        for key, values in copy.deepcopy(state_dict["state"]).items():
            if key not in params:
                raise ValueError(f"{where}: state for parameter {key!r}, which is in no group")
            for entry, value in values.items():
                if isinstance(value, torch.Tensor) and value.shape != params[key].data.shape:
                    raise ValueError(
                        f"{where}: parameter {key}: {entry}: expected size "
                        f"{tuple(params[key].size())}, got {tuple(value.shape)}"
                    )
            state[params[key]] = values
        self.state = state
        for own, given in zip(self.param_groups, groups, strict=True):
            own.update({k: copy.deepcopy(v) for k, v in given.items() if k != "params"})

    def __repr__(self) -> str:
        lines = []
        for number, group in enumerate(self.param_groups):
            options = ", ".join(f"{k}={v!r}" for k, v in group.items() if k != "params")
            lines.append(f"  ({number}): {len(group['params'])} parameters, {options}")
        return "\n".join([f"{type(self).__name__} (", *lines, ")"])
