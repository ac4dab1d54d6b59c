"""Optimizer: what all update rules share."""

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

import torch
from torch.autograd import SparseRows, Variable, enable_grad
from torch.autograd.variable import type_name

__all__ = ["Optimizer", "required"]


class _Required:
    def __repr__(self) -> str:
        return "required"

    def __reduce__(self) -> str:  # one object, also in copies and files
        return "required"


#: Default of an option that has none and must be given.
required: Any = _Required()

# What a group may hold besides "params" and its options.
_NOTES = ("name", "initial_lr")


class Optimizer:
    """Holds parameters in groups, each with its options, and the state of each parameter.

    `params` is an iterable of leaf Variables, of pairs (name, Variable) as `named_parameters()`
    gives them, or of dicts with such an iterable under "params" and options that differ from
    `defaults` for this group. Errors call a parameter by its group, its position and its name.

    A subclass gives `_update(param, gradient, state, group)` and may give `_check(group)` for the
    options of a group, and `_update_rows` for gradients that are SparseRows. An option "maximize"
    is seen to here: `_update` gets the negative gradient. A rule of the core gives `_update_group`
    in place of `_update`.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        name = type(self).__name__
        if isinstance(params, Variable | torch.Tensor | dict):
            raise TypeError(
                f"{name}: params: expected an iterable of Variables or dicts, "
                f"got {type_name(params)}"
            )
        self.defaults = defaults
        self.state: dict[Variable, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        given = _as_list(params, f"{name}: params")
        if not given:
            raise ValueError(f"{name}: params: expected at least one parameter, got none")
        if not any(isinstance(group, dict) for group in given):
            given = [{"params": given}]
        for group in given:
            self.add_param_group(group)

    # groups

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Add a group: a dict with "params" and the options that differ from the defaults.

        "params" is a Variable or an iterable as in the constructor. A group may have a "name".
        Where anything is wrong with the group, it is not added.
        """
        where = f"{type(self).__name__}: group {len(self.param_groups)}"
        if not isinstance(group, dict) or "params" not in group:
            raise TypeError(f"{where}: expected a dict with the key 'params', "
                            f"got {type_name(group)}")  # fmt: skip
        params = group["params"]
        if isinstance(params, Variable):
            params = [params]
        names, params = _split(_as_list(params, f"{where}: params"), where)
        if names is None and group.get("param_names") is not None:
            names = list(group["param_names"])
            if len(names) != len(params):
                raise ValueError(
                    f"{where}: param_names: expected {len(params)} names, got {len(names)}"
                )
        known = {id(p) for other in self.param_groups for p in other["params"]}
        for position, param in enumerate(params):
            self._check_param(param, f"{where}, {_called(position, names)}", known)
            known.add(id(param))
        for option in group:
            if option not in ("params", "param_names", *_NOTES) and option not in self.defaults:
                raise ValueError(
                    f"{where}: unknown option {option!r}; there are {', '.join(self.defaults)}"
                )
        group = {**self.defaults, **group, "params": params}
        if names is not None:
            group["param_names"] = names
        for option, value in group.items():
            if value is required:
                raise ValueError(f"{where}: the option {option} has to be given")
        self._check(group)
        self.param_groups.append(group)

    def _check_param(self, param: Any, where: str, known: set[int]) -> None:
        if not isinstance(param, Variable):
            raise TypeError(f"{where}: expected a Variable, got {type_name(param)}")
        where += f" of size {tuple(param.size())}"
        if param.creator is not None:
            raise ValueError(f"{where}: expected a leaf, got the result of {param.creator.name}")
        if not param.requires_grad:
            raise ValueError(f"{where}: expected a Variable that requires a gradient")
        if id(param) in known:
            raise ValueError(f"{where}: given more than once")

    def _check(self, group: dict[str, Any]) -> None:
        """Raise for options that make no sense; `_number` and `_pair` serve this."""

    def _number(
        self, group: dict, option: str, least: float = 0, below: float | None = None
    ) -> None:
        """Check a numeric option: at least `least`, and under `below` where given."""
        self._check_number(option, group[option], least, below)

    def _check_number(self, option: str, value: Any, least: float, below: float | None) -> None:
        good = isinstance(value, Real) and float(value) >= least
        if not good or (below is not None and not float(value) < below):
            limit = "" if below is None else f" and below {below}"
            raise self._bad_option(option, f"a number of at least {least}{limit}", value)

    def _pair(self, group: dict, option: str) -> Any:
        """Check that an option is a pair, and return it."""
        pair = group[option]
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise self._bad_option(option, "a pair of numbers", pair)
        return pair

    def _betas(self, group: dict) -> None:
        """Check the weights of two running averages: each at least 0 and below 1."""
        for number, beta in enumerate(self._pair(group, "betas")):
            self._check_number(f"betas[{number}]", beta, 0, 1)

    def _bad_option(self, option: str, expected: str, value: Any) -> ValueError:
        """The error for an option of the group that is being added."""
        return ValueError(
            f"{type(self).__name__}: group {len(self.param_groups)}: {option}: "
            f"expected {expected}, got {value!r}"
        )

    # steps

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the gradients of all parameters to zero; with `set_to_none` to None.

        None saves the memory, and `step` leaves such parameters alone until the next backward. A
        gradient made with `create_graph` becomes None in any case: others may differentiate
        through it.
        """
        for group in self.param_groups:
            for param in group["params"]:
                gradient = param._grad
                if gradient is None:
                    continue
                if set_to_none or gradient._edge is not None:
                    param._grad = None
                else:
                    gradient._data.zero_()

    def step(self, closure: Callable | None = None) -> Any:
        """Update every parameter that has a gradient.

        `closure` computes the gradients anew and returns the loss, which `step` then returns.
        """
        loss = None if closure is None else _called_with_grad(closure)
        for number, group in enumerate(self.param_groups):
            self._step_group(number, group)
        return loss

    def _step_group(self, number: int, group: dict[str, Any]) -> None:
        live = [param for param in group["params"] if param._grad is not None]
        params = [param._data for param in live]
        gradients = [param._grad._data for param in live]
        states = [self.state[param] for param in live]
        rows = []
        if not _all_like(gradients, params):
            dense = []
            for k, param in enumerate(live):
                data, gradient, state = params[k], gradients[k], states[k]
                if _all_like([gradient], [data]):
                    dense.append(k)
                else:
                    gradient = self._rows(data, gradient, number, _position(param, group))
                    rows.append((param, data, gradient, state))
            live, params, gradients, states = (
                [values[k] for k in dense] for values in (live, params, gradients, states)
            )
        one_by_one = [(self._update_rows, *update) for update in rows]
        if self._update_group is None:
            updates = zip(live, params, gradients, states, strict=True)
            one_by_one += [(self._update, *update) for update in updates]
        elif params:
            try:
                self._update_group(params, gradients, states, group)
            except Exception as error:
                place = _PLACE.match(str(error))
                where = f"group {number}"
                if place:
                    where = self._where(number, _position(live[int(place[1])], group))
                error.add_note(f"in {type(self).__name__}.step: {where}")
                raise
        maximize = group.get("maximize", False)
        for update, param, data, gradient, state in one_by_one:
            try:
                update(data, -gradient if maximize else gradient, state, group)
            except Exception as error:
                where = self._where(number, _position(param, group))
                error.add_note(f"in {type(self).__name__}.step: {where}")
                raise

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        """Change `param` in place; `state` is a dict of its own that starts empty."""
        raise NotImplementedError(f"{type(self).__name__}: _update is not defined")

    #: The same for lists of all parameters of a group that have a gradient; "maximize" is left to
    #: it. None: `_update` is called for each.
    _update_group: Any = None

    #: Changes the rows of `param` that `gradient` (SparseRows, each row once) has; None: it cannot.
    _update_rows: Any = None

    def _rows(self, data: torch.Tensor, gradient: Any, number: int, position: int) -> SparseRows:
        """A gradient that is not like the parameter, if it is one of rows that are used here."""
        fits = isinstance(gradient, SparseRows) and gradient.is_same_size(data)
        if fits and self._update_rows is not None and type(gradient.values) is type(data):
            return gradient.coalesce()
        also = ""
        if fits and self._update_rows is None:
            also = "; optimizers for SparseRows are SGD, Adagrad and SparseAdam"
        raise ValueError(
            f"{type(self).__name__}.step: {self._where(number, position)}: expected a gradient "
            f"like the parameter, {type_name(data)}, got {type_name(gradient)}{also}"
        )

    def _where(self, number: int, position: int) -> str:
        """How errors call a parameter: `group 0, parameter 3 (fc.weight)`."""
        names = self.param_groups[number].get("param_names")
        return f"group {number}, {_called(position, names)}"

    # state

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
        """Take over the options and states of a `state_dict` (copied), in the order of parameters.

        Tensors take the parameter's type. What does not fit raises, and then nothing is loaded.
        """
        where = f"{type(self).__name__}.load_state_dict"
        for key in ("state", "param_groups"):
            if not isinstance(state_dict, dict) or key not in state_dict:
                raise TypeError(
                    f"{where}: expected a dict with the keys 'state' and 'param_groups', got "
                    f"{sorted(state_dict) if isinstance(state_dict, dict) else state_dict!r}"
                )
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError(
                f"{where}: expected {len(self.param_groups)} groups, got {len(groups)}"
            )
        params: dict[int, tuple[Variable, str]] = {}
        for number, (own, given) in enumerate(zip(self.param_groups, groups, strict=True)):
            if len(own["params"]) != len(given["params"]):
                raise ValueError(
                    f"{where}: group {number}: expected {len(own['params'])} parameters, "
                    f"got {len(given['params'])}"
                )
            for position, (key, param) in enumerate(
                zip(given["params"], own["params"], strict=True)
            ):
                params[key] = param, f"{where}: {self._where(number, position)}"
        state: dict[Variable, dict[str, Any]] = defaultdict(dict)
        for key, values in copy.deepcopy(state_dict["state"]).items():
            if key not in params:
                raise ValueError(f"{where}: state for parameter {key!r}, which is in no group")
            param, place = params[key]
            state[param] = {
                entry: self._fitted(param._data, entry, value, place)
                for entry, value in values.items()
            }
        self.state = state
        for own, given in zip(self.param_groups, groups, strict=True):
            own.update({k: copy.deepcopy(v) for k, v in given.items() if k[:5] != "param"})

    def _fitted(self, param: torch.Tensor, entry: str, value: Any, where: str) -> Any:
        """A loaded entry of a parameter's state, as the optimizer uses it."""
        if not isinstance(value, torch.Tensor):
            return value
        if value.dim() == 0 and entry in _COUNTED:  # PyTorch keeps such numbers as tensors
            number = value.item()
            return int(number) if entry == "step" else number
        if value.shape != param.shape:
            raise ValueError(
                f"{where}: {entry}: expected size {tuple(param.shape)}, got {tuple(value.shape)}"
            )
        return value.to(device=param.device, dtype=param.dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "state": dict(self.state)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.state = defaultdict(dict, self.state)

    def __repr__(self) -> str:
        lines = []
        for number, group in enumerate(self.param_groups):
            options = ", ".join(f"{k}={v!r}" for k, v in group.items() if k[:5] != "param")
            lines.append(f"  ({number}): {len(group['params'])} parameters, {options}")
        return "\n".join([f"{type(self).__name__} (", *lines, ")"])


# Entries of states that are numbers.
_COUNTED = ("step", "mu", "eta", "mu_product")


# What the core calls a tensor or number of a list: the position says which parameter it belongs to.
_PLACE = re.compile(r"\w+_steps_: .*?\w+\[(\d+)\]")


def buffers(
    params: list[torch.Tensor], states: list[dict], entry: str, value: float = 0
) -> list[torch.Tensor]:
    """The tensors `entry` of all states; where there is none, one like the parameter is made."""
    try:
        return [state[entry] for state in states]
    except KeyError:
        for param, state in zip(params, states, strict=True):
            if entry not in state:
                state[entry] = torch.zeros_like(param).fill_(value)
        return [state[entry] for state in states]


def next_steps(states: list[dict]) -> list[int]:
    """The numbers of the steps to come, from 1."""
    return [state.get("step", 0) + 1 for state in states]


def store(states: list[dict], entry: str, values: list) -> None:
    """Set `entry` of all states."""
    for state, value in zip(states, values, strict=True):
        state[entry] = value


def _as_list(params: Any, where: str) -> list:
    if isinstance(params, set | frozenset):
        raise TypeError(f"{where}: expected an order that stays the same, got a set")
    if not isinstance(params, Iterable) or isinstance(params, torch.Tensor):
        raise TypeError(f"{where}: expected an iterable of Variables, got {type_name(params)}")
    return list(params)


def _split(params: list, where: str) -> tuple[list[str] | None, list]:
    """Names and parameters of pairs; None and the parameters where there are no names."""
    pairs = [isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in params]
    if not any(pairs):
        return None, params
    if not all(pairs):
        position = pairs.index(False)
        raise TypeError(
            f"{where}, parameter {position}: expected a pair of name and Variable as the others "
            f"are, got {type_name(params[position])}"
        )
    return [name for name, _ in params], [param for _, param in params]


def _all_like(gradients: list, params: list) -> bool:
    """Whether each gradient has its parameter's type and size."""
    return list(map(type, gradients)) == list(map(type, params)) and all(
        map(torch.Tensor.is_same_size, gradients, params)
    )


def _position(param: Variable, group: dict[str, Any]) -> int:
    return next(k for k, other in enumerate(group["params"]) if other is param)


def _called(position: int, names: list[str] | None) -> str:
    return f"parameter {position}" + (f" ({names[position]})" if names else "")


def _called_with_grad(closure: Callable) -> Any:
    with enable_grad():
        return closure()
