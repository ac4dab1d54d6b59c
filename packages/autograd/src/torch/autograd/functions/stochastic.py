"""Functions that draw samples. Their gradient is made from a reward, not from what follows them.

    action = policy(state).multinomial(1)   # a Variable; its creator is a Multinomial
    action.reinforce(reward)                # once the reward is known
    action.backward()                       # adds -reward * d log P(action) to the gradients

This is the score-function estimator (R. J. Williams, "Simple statistical gradient-following
algorithms for connectionist reinforcement learning", Machine Learning 8, 1992): the mean of these
gradients is the gradient of the mean of -reward, so a step down them makes the mean reward larger.
"""

from collections.abc import Callable
from typing import Any

import torch

from ..function import Function
from ..variable import Port, Variable, type_name
from .base import call, sum_to
from .index import ScatterAdd

__all__ = ["Bernoulli", "Categorical", "Multinomial", "Normal", "StochasticFunction"]


class StochasticFunction(Function):
    """Base class: `forward` draws the only output, `backward(reward)` gives the gradients.

    The reward has the size of the output, and a floating type. It takes the place of the gradient
    of the output, which is ignored.
    """

    __slots__ = ("_reward",)
    is_stochastic = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "forward" in vars(cls):
            cls._forward = _one_output(cls._forward)
        if "backward" in vars(cls):
            cls._backward = _of_reward(cls._backward)

    def _reinforce(self, reward: torch.Tensor) -> None:
        if getattr(self, "_reward", None) is not None:
            raise RuntimeError(
                f"reinforce: this sample of {self.name} was given a reward before. {self._where()}"
            )
        self._reward = reward


def _one_output(forward: Callable) -> Callable:
    def draw(self: StochasticFunction, *args: Any) -> torch.Tensor:
        sample = forward(self, *args)
        if not isinstance(sample, torch.Tensor):
            raise TypeError(
                f"{self.name}.forward: expected one tensor of samples, got {type_name(sample)}"
            )
        return sample

    return draw


def _of_reward(backward: Callable) -> Callable:
    def from_reward(self: StochasticFunction, gradient: Any) -> Any:
        reward = getattr(self, "_reward", None)
        if reward is None:
            if not any(reaches_leaf(edge) for edge in self._edges):
                return (None,) * len(self._edges)
            raise RuntimeError(
                f"{self.name}: a sample without a reward: its gradient comes from "
                f"reinforce(reward), which must be called before backward. {self._where()}"
            )
        return backward(self, reward)

    return from_reward


def reaches_leaf(edge: Any) -> bool:
    """Whether a leaf can be reached from `edge` other than through samples."""
    seen: set[Any] = set()
    stack = [edge]
    while stack:
        node = stack.pop()
        if isinstance(node, Port):
            node = node.function
        if isinstance(node, Variable):
            return True
        if node is None or node in seen or node.is_stochastic:
            continue
        seen.add(node)
        stack.extend(node._edges)
    return False


def outcome(samples: Any) -> torch.Tensor:
    """What was drawn, as a constant."""
    return samples._data if isinstance(samples, Variable) else samples


class Multinomial(StochasticFunction):
    """Positions drawn with probabilities proportional to weights.

    (n) -> (num_samples), (m, n) -> (m, num_samples). The draws of a row are independent with
    replacement; without, each comes from what the draws before it have left.
    """

    __slots__ = ("generator", "num_samples", "with_replacement")
    differentiable_twice = True
    fresh_gradients = True
    checked = False

    def __init__(
        self, num_samples: int, with_replacement: bool = False, generator: Any = None
    ) -> None:
        self.num_samples = num_samples
        self.with_replacement = with_replacement
        self.generator = generator

    def forward(self, weights: torch.Tensor) -> torch.Tensor:
        samples = torch.multinomial(
            weights, self.num_samples, self.with_replacement, generator=self.generator
        )
        self.save_for_backward(weights, samples)
        return samples

    def backward(self, reward: Any) -> Any:
        # log P(k) = log w[k] - log(sum of the weights that could be drawn)
        weights, samples = self.saved_tensors
        samples = outcome(samples)
        size = weights.size()
        if len(size) == 1:
            weights, samples, reward = [v.view(1, -1) for v in (weights, samples, reward)]
        drawn = weights.gather(1, samples)
        if self.with_replacement:
            shares = reward / weights.sum(1, True).expand_as(reward)
            at_samples = -(reward / drawn)
        else:
            # left before draw k: what was never drawn, and draws k, k + 1, ...
            never = torch.ones_like(outcome(weights)).scatter_(1, samples, 0)
            count = samples.size(1)
            later = torch.ones(count, count, dtype=reward.dtype, device=reward.device).tril()
            left = (weights * never).sum(1, True).expand_as(drawn) + drawn.mm(later)
            shares = reward / left
            # an element that was drawn takes no part in the draws after it
            after = later - torch.eye(count, dtype=reward.dtype, device=reward.device)
            at_samples = -(reward / drawn) - shares.mm(after)
        gradient = shares.sum(1, True).expand(*weights.size())
        gradient = gradient + call(ScatterAdd(weights.size(), 1), at_samples, samples)
        return gradient.view(size)


Categorical = Multinomial


class Bernoulli(StochasticFunction):
    """1 with the probability p that stands in each place, else 0."""

    __slots__ = ("generator",)
    differentiable_twice = True
    fresh_gradients = True
    checked = False

    def __init__(self, generator: Any = None) -> None:
        self.generator = generator

    def forward(self, p: torch.Tensor) -> torch.Tensor:
        samples = torch.bernoulli(p, generator=self.generator)
        self.save_for_backward(p, samples)
        return samples

    def backward(self, reward: Any) -> Any:
        # d log P = 1 / p for a 1, -1 / (1 - p) for a 0
        p, samples = self.saved_tensors
        samples = outcome(samples)
        probability = p * samples + (1 - p) * (1 - samples)
        return reward * (1 - samples * 2) / probability


class Normal(StochasticFunction):
    """Normal numbers: Normal(std)(mean), Normal()(mean, std) for a Variable std; they broadcast."""

    __slots__ = ("generator", "std")
    differentiable_twice = True
    fresh_gradients = True
    checked = False

    def __init__(self, std: float | None = None, generator: Any = None) -> None:
        self.std = std
        self.generator = generator

    def forward(self, mean: torch.Tensor, std: torch.Tensor | None = None) -> torch.Tensor:
        if std is None:
            number = 1.0 if self.std is None else self.std
            samples = torch.normal(mean, number, generator=self.generator)
        else:
            samples = torch.normal(mean, std, generator=self.generator)
        self.save_for_backward(mean, std, samples)
        return samples

    def backward(self, reward: Any) -> Any:
        # log p = -(x - mean)**2 / (2 std**2) - log std + constant
        mean, std, samples = self.saved_tensors
        number = 1.0 if self.std is None else self.std
        if number == 0 if std is None else outcome(std).eq(0).any():
            raise RuntimeError(f"{self.name}: no gradient for a standard deviation of 0")
        scale = number if std is None else std
        z = (outcome(samples) - mean) / scale
        g_mean = sum_to(-(reward * z) / scale, mean.size(), mean.dtype)
        if std is None:
            return g_mean
        return g_mean, sum_to(reward * (1 - z * z) / std, std.size(), std.dtype)
