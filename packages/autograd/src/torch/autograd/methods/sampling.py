"""Drawing samples, and their rewards."""

import functools
from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.stochastic import outcome
from ..variable import Variable, type_name
from .table import method, torch_only


def with_generator(draw: Callable) -> Callable:
    """Decorator: a generator may come first, or after the Variable, as well as by keyword."""

    @functools.wraps(draw)
    def drawing(*args: Any, **options: Any) -> Variable:
        for place in (0, 1):
            if len(args) > place and isinstance(args[place], torch.Generator):
                options["generator"] = args[place]
                args = (*args[:place], *args[place + 1 :])
                break
        return draw(*args, **options)

    return drawing


@method
@with_generator
def multinomial(
    self: Variable,
    num_samples: int,
    with_replacement: bool = False,
    *,
    replacement: bool = False,
    generator: Any = None,
) -> Variable:
    """Positions drawn with probabilities proportional to the weights in each row; `reinforce`.

    (n) -> (num_samples), (m, n) -> (m, num_samples).
    """
    return F.Multinomial(num_samples, with_replacement or replacement, generator)(self)


@method
@with_generator
def bernoulli(self: Variable, *, generator: Any = None) -> Variable:
    """1 with the probability that stands in each place, else 0; `reinforce`."""
    return F.Bernoulli(generator)(self)


@torch_only
@with_generator
def normal(
    mean: Any = 0.0, std: Any = 1.0, *, means: Any = None, generator: Any = None
) -> Variable:
    """Normal numbers from means and standard deviations, which broadcast; `reinforce`."""
    if means is not None:
        mean = means
    if not isinstance(std, Variable | torch.Tensor):
        return F.Normal(std, generator)(mean)
    if not isinstance(mean, Variable | torch.Tensor):
        mean = Variable(outcome(std).new([mean]))
    return F.Normal(None, generator)(mean, std)


@method
def reinforce(self: Variable, reward: Any) -> None:
    """Give the samples in this Variable their reward, from which backward makes the gradient.

    `reward`: a Tensor or Variable of the size of the samples (it is copied), or one number for all.
    """
    function = self.creator
    if function is None or not function.is_stochastic:
        raise RuntimeError(
            "reinforce: expected the result of multinomial, bernoulli or torch.normal on a "
            "Variable that requires a gradient; this Variable "
            + ("was not computed from anything" if function is None else f"is a {function.name}")
        )
    if isinstance(reward, bool | int | float):
        data = torch.ones(tuple(self.size()), dtype=_reward_type(self), device=self.device) * reward
    elif not isinstance(reward, Variable | torch.Tensor):
        raise TypeError(
            f"reinforce: reward: expected a Tensor, a Variable or a number, got {type_name(reward)}"
        )
    elif reward.size() != self.size():
        raise ValueError(
            f"reinforce: reward: expected size {tuple(self.size())}, the size of the samples, "
            f"got {tuple(reward.size())}"
        )
    else:
        data = outcome(reward).clone().type(_reward_type(self))
    function._reinforce(data)


def _reward_type(samples: Variable) -> Any:
    """The type in which probabilities stood: that of the first saved value that has one."""
    for value in samples.creator._saved or ():
        if isinstance(value, torch.Tensor) and value.dtype.is_floating_point:
            return value.dtype
    return samples.dtype
