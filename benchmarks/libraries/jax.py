"""JAX: every function compiled beforehand, every call waited for.

Its threads are as many as the processor cores that the worker may use.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

module = "jax"
jax.config.update("jax_enable_x64", True)


def start(threads: int) -> None:
    pass


def array(values: np.ndarray) -> jax.Array:
    return jnp.asarray(values)


def to_numpy(value: Any) -> np.ndarray:
    return np.asarray(value)


def timed(code: str) -> str:
    return code if code == "step()" else f"({code}).block_until_ready()"


def version() -> str:
    return jax.__version__


def at(x: jax.Array, index: tuple[int, ...]) -> jax.Array:
    return x[index]


def convolved(
    x: jax.Array, w: jax.Array, b: jax.Array, stride: int = 1, padding: int = 0, groups: int = 1
) -> jax.Array:
    sides = [(padding, padding)] * 2
    y = lax.conv_general_dilated(x, w, (stride, stride), sides, feature_group_count=groups)
    return y + b[None, :, None, None]


def convolution(x: jax.Array, w: jax.Array, b: jax.Array, **options: int) -> Callable[[], Any]:
    compiled = jax.jit(lambda *arrays: convolved(*arrays, **options))
    return lambda: jax.block_until_ready(compiled(x, w, b))


def convolution_gradients(
    x: jax.Array, w: jax.Array, b: jax.Array, g: jax.Array, of_input: bool = True, **options: int
) -> Callable[[], Any]:
    @jax.jit
    def gradients(x: jax.Array, w: jax.Array, b: jax.Array, g: jax.Array) -> Any:
        if of_input:
            y, backward = jax.vjp(lambda *arrays: convolved(*arrays, **options), x, w, b)
        else:
            y, backward = jax.vjp(lambda *arrays: convolved(x, *arrays, **options), w, b)
        return y, backward(g)

    def step() -> Any:
        # The output is returned too: otherwise the compiler would leave the forward pass out.
        return jax.block_until_ready(gradients(x, w, b, g))[1]

    return step


def digits_step(
    images: jax.Array, digits: jax.Array, parameters: list[jax.Array]
) -> Callable[[], Any]:
    def loss_of(parameters: list[jax.Array]) -> jax.Array:
        w1, b1, w2, b2, w3, b3, w4, b4 = parameters
        x = jax.nn.relu(convolved(images, w1, b1, padding=1))
        x = jax.nn.relu(convolved(x, w2, b2, padding=1))
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        x = jax.nn.relu(x.reshape(x.shape[0], -1) @ w3.T + b3)
        rows = jax.nn.log_softmax(x @ w4.T + b4)
        return -jnp.take_along_axis(rows, digits[:, None], 1).mean()

    @jax.jit
    def adam(parameters: Any, means: Any, squares: Any, count: jax.Array) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(parameters)
        means = [0.9 * m + 0.1 * g for m, g in zip(means, gradients, strict=True)]
        squares = [0.999 * s + 0.001 * g * g for s, g in zip(squares, gradients, strict=True)]
        rate = 0.003 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        parameters = [
            (p - rate * m / (jnp.sqrt(s) + 1e-14)).astype(p.dtype)
            for p, m, s in zip(parameters, means, squares, strict=True)
        ]
        return loss, parameters, means, squares, count + 1

    zeros = [jnp.zeros_like(p) for p in parameters]
    state = (parameters, zeros, zeros, jnp.asarray(1.0, "float32"))

    def step() -> Any:
        nonlocal state
        loss, *rest = jax.block_until_ready(adam(*state))
        state = tuple(rest)
        return loss

    return step


names = {
    "add": jax.jit(jnp.add),
    "at": jax.jit(at, static_argnums=1),
    "exp": jax.jit(jnp.exp),
    "mm": jax.jit(jnp.matmul),
    "total": jax.jit(jnp.sum),
    "convolution": convolution,
    "convolution_gradients": convolution_gradients,
    "digits_step": digits_step,
}
