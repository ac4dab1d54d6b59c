"""Stochastic gradient descent."""

from collections.abc import Callable
from typing import Any


def sgd(
    opfunc: Callable[[Any], tuple[float, Any]],
    x: Any,
    config: dict[str, Any],
    state: dict[str, Any] | None = None,
) -> tuple[Any, list[float]]:
    """One step of stochastic gradient descent; changes `x` in place.

    opfunc: gives (f, df_dx) at x; df_dx has the size of x and is not changed.
    config: learningRate (1e-3), learningRateDecay (0), weightDecay (0), momentum (0),
        dampening (the momentum), nesterov (False), and, of the size of x, learningRates and
        weightDecays, one for each parameter.
    state: what one step hands to the next (evalCounter, dfdx); the config itself by default.

    Returns (x, [f before the step]). ValueError for nesterov with dampening or without momentum,
    for weightDecay beside weightDecays, and for a gradient of another size than x.
    """
    if state is None:
        state = config
    rate = config.get("learningRate", 1e-3)
    rate_decay = config.get("learningRateDecay", 0)
    weight_decay = config.get("weightDecay", 0)
    weight_decays = config.get("weightDecays")
    momentum = config.get("momentum", 0)
    dampening = config.get("dampening", momentum)
    nesterov = config.get("nesterov", False)
    rates = config.get("learningRates")
    if nesterov and (momentum <= 0 or dampening != 0):
        raise ValueError(
            "sgd: expected nesterov with momentum > 0 and dampening = 0, got "
            f"momentum={momentum} and dampening={dampening}"
        )
    if weight_decay != 0 and weight_decays is not None:
        raise ValueError("sgd: expected weightDecay or weightDecays, got both")

    value, gradient = opfunc(x)
    if gradient.size() != x.size():
        raise ValueError(
            f"sgd: expected a gradient of the size of x, {tuple(x.size())}, "
            f"got {tuple(gradient.size())}"
        )
    if weight_decay != 0:
        gradient = gradient + x * weight_decay
    elif weight_decays is not None:
        gradient = gradient + x * weight_decays

    if momentum != 0:
        average = state.get("dfdx")
        if average is None:
            average = state["dfdx"] = gradient.clone()
        else:
            average.mul_(momentum).add_(1 - dampening, gradient)
        gradient = gradient + average * momentum if nesterov else average

    steps = state.get("evalCounter", 0)
    current_rate = rate / (1 + steps * rate_decay)
    x.add_(-current_rate, gradient if rates is None else gradient * rates)
    state["evalCounter"] = steps + 1
    return x, [value]
