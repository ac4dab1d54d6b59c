"""L-BFGS: steps by the curvature that the last gradients tell."""

from collections.abc import Callable, Iterable
from typing import Any

import torch

from .line_search import Point, strong_wolfe
from .optimizer import Optimizer, _called_with_grad

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """The BFGS method with limited memory, for losses without noise.

    `step(closure)` makes up to max_iter iterations, with at most max_eval evaluations of the
    closure (5/4 of max_iter where not given), along d = -H g; H comes from the last history_size
    changes of parameters and gradient (Nocedal and Wright, Numerical Optimization, 2nd edition,
    algorithm 7.4; scaled by equation 7.20). Without a line search each iteration moves by lr * d,
    the very first one by lr * min(1, 1 / |g|_1) * d; with line_search_fn="strong_wolfe" this is
    only the first try. It ends when the largest element of the gradient is at most tolerance_grad,
    or when a step or the change of the loss is below tolerance_change.

    All parameters are in one group, of one type; those without gradient count as having zeros. It
    needs 2 * history_size + 4 times their memory.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-5,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if max_eval is None and isinstance(max_iter, int):
            max_eval = max_iter * 5 // 4
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """The one group of the constructor; LBFGS takes no second one."""
        if self.param_groups:
            raise ValueError("LBFGS: expected all parameters in one group, got a second group")
        super().add_param_group(group)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "tolerance_grad", "tolerance_change"):
            self._number(group, option)
        for option in ("max_iter", "max_eval", "history_size"):
            if not isinstance(group[option], int) or group[option] < 1:
                raise self._bad_option(option, "an int of at least 1", group[option])
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise self._bad_option("line_search_fn", "'strong_wolfe' or None",
                                   group["line_search_fn"])  # fmt: skip

    def step(self, closure: Callable | None = None) -> Any:
        """Up to max_iter iterations; returns the closure's first loss.

        `closure` sets the gradients to zero, computes them anew and returns the loss.
        """
        if closure is None:
            raise TypeError("LBFGS.step: expected a closure that computes loss and gradients")
        group = self.param_groups[0]
        self._check_types(group["params"])
        first_loss = _called_with_grad(closure)
        loss, gradient = float(first_loss), self._gradient()
        state = self.state[group["params"][0]]
        if not state:
            state.update(n_iter=0, func_evals=0, old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        state["func_evals"] += 1
        if _largest(gradient) <= group["tolerance_grad"]:
            return first_loss

        iterations, evaluations = 0, 1
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            direction = _direction(state, gradient, group["history_size"])
            slope = torch.dot(gradient, direction)
            state.update(d=direction, t=0.0, prev_flat_grad=gradient)
            if not slope < -group["tolerance_change"]:
                break
            step = group["lr"]
            if state["n_iter"] == 1:
                step *= min(1.0, 1.0 / float(gradient.abs().sum()))
            here = Point(0.0, loss, slope, gradient)
            if group["line_search_fn"] is not None:
                most = max(group["max_eval"] - evaluations, 1)
                there, calls = self._search(closure, direction, here, step, min(25, most))
            else:
                last = iterations == group["max_iter"]
                there, calls = self._move(closure, direction, here, step, last)
            state["t"] = there.step
            evaluations += calls
            state["func_evals"] += calls
            change, loss, gradient = abs(there.value - loss), there.value, there.gradient
            if (
                _largest(gradient) <= group["tolerance_grad"]
                or _largest(direction) * there.step <= group["tolerance_change"]
                or change < group["tolerance_change"]
                or evaluations >= group["max_eval"]
            ):
                break
        return first_loss

    def _move(
        self, closure: Callable, direction: torch.Tensor, here: Point, step: float, last: bool
    ) -> tuple[Point, int]:
        """Go a step; after the last one the closure is not called again."""
        offset = 0
        for param in self.param_groups[0]["params"]:
            data = param._data
            part = direction.narrow(0, offset, data.numel()).view(data.shape)
            data.add_(step, part)
            offset += data.numel()
        if last:
            return here._replace(step=step, value=float("inf")), 0
        loss = float(_called_with_grad(closure))
        return Point(step, loss, 0.0, self._gradient()), 1

    def _search(
        self, closure: Callable, direction: torch.Tensor, here: Point, step: float, most: int
    ) -> tuple[Point, int]:
        """Go where the line search ends."""
        params = [param._data for param in self.param_groups[0]["params"]]
        begin = [data.clone() for data in params]

        def go(step: float) -> None:
            offset = 0
            for data, start in zip(params, begin, strict=True):
                part = direction.narrow(0, offset, data.numel()).view(data.shape)
                data.copy_(start.add(step, part))
                offset += data.numel()

        def evaluate(step: float) -> Point:
            go(step)
            loss = float(_called_with_grad(closure))
            gradient = self._gradient()
            return Point(step, loss, torch.dot(gradient, direction), gradient)

        smallest = self.param_groups[0]["tolerance_change"] / max(_largest(direction), 1e-300)
        there, calls = strong_wolfe(evaluate, here, step, smallest, most)
        go(there.step)
        return there, calls

    def _check_types(self, params: list) -> None:
        for position, param in enumerate(params):
            if type(param._data) is not type(params[0]._data):
                raise TypeError(
                    f"LBFGS.step: {self._where(0, position)}: expected the type of the first "
                    f"parameter, {type(params[0]._data).__name__}, "
                    f"got {type(param._data).__name__}"
                )

    def _gradient(self) -> torch.Tensor:
        """All gradients in one row, copied."""
        parts = []
        for position, param in enumerate(self.param_groups[0]["params"]):
            if param._grad is None:
                parts.append(torch.zeros_like(param._data).view(-1))
                continue
            gradient = param._grad._data
            if type(gradient) is not type(param._data) or gradient.shape != param._data.shape:
                raise ValueError(
                    f"LBFGS.step: {self._where(0, position)}: expected a gradient like the "
                    f"parameter, {type(param._data).__name__} of size {tuple(param.size())}, got "
                    f"{type(gradient).__name__} of size {tuple(gradient.shape)}"
                )
            parts.append(gradient.contiguous().view(-1))
        return torch.cat(parts)

    def _fitted(self, param: torch.Tensor, entry: str, value: Any, where: str) -> Any:
        if isinstance(value, list):
            return [self._fitted(param, entry, item, where) for item in value]
        if isinstance(value, torch.Tensor) and value.dim() == 0:
            return value.item()  # PyTorch keeps such numbers as tensors
        if isinstance(value, torch.Tensor):
            # the state of all parameters, kept with the first one
            total = sum(p._data.numel() for p in self.param_groups[0]["params"])
            if value.shape != (total,):
                raise ValueError(
                    f"{where}: {entry}: expected size ({total},), got {tuple(value.shape)}"
                )
            return value.to(device=param.device, dtype=param.dtype)
        return value


def _direction(state: dict, gradient: torch.Tensor, history_size: int) -> torch.Tensor:
    """-H g, after the last step has been noted in the history."""
    if "d" not in state:
        return -gradient
    # changes of the gradient and of the parameters, and 1 / their product
    changes, steps, inverses = state["old_dirs"], state["old_stps"], state["ro"]
    y, s = gradient - state["prev_flat_grad"], state["d"] * state["t"]
    curvature = torch.dot(y, s)
    if curvature > 1e-10:  # else H would not stay positive definite
        for history, value in ((changes, y), (steps, s), (inverses, 1 / curvature)):
            history.append(value)
            del history[:-history_size]
        state["H_diag"] = curvature / torch.dot(y, y)
    pairs = list(zip(changes, steps, inverses, strict=True))
    direction = -gradient
    alphas = []
    for y, s, inverse in reversed(pairs):
        alphas.append(torch.dot(s, direction) * inverse)
        direction.add_(-alphas[-1], y)
    direction.mul_(state["H_diag"])
    for (y, s, inverse), alpha in zip(pairs, reversed(alphas), strict=True):
        direction.add_(alpha - torch.dot(y, direction) * inverse, s)
    return direction


def _largest(values: torch.Tensor) -> float:
    return float(values.abs().max()) if values.numel() else 0.0
