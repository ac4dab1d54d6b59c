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
    return code if code == "step()" else f"wait({code})"


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


def assign(x: jax.Array, key: Any, values: Any) -> jax.Array:
    """`x` stays as it is, as everything does here."""
    return x.at[key].set(values)


def assign_region(x: jax.Array, values: Any) -> jax.Array:
    return x.at[1::2, :500].set(values)


def put_along_axis(x: jax.Array, indices: jax.Array, values: jax.Array, axis: int) -> jax.Array:
    return jnp.put_along_axis(x, indices, values, axis, inplace=False)


def random(draw: Callable[..., jax.Array], static: tuple[int, ...]) -> Callable[..., jax.Array]:
    """`draw` with the next of a sequence of keys."""
    compiled = jax.jit(
        lambda key, *arguments: (jax.random.split(key, 1)[0], draw(key, *arguments)),
        static_argnums=tuple(i + 1 for i in static),
    )
    key = jax.random.key(0)

    def next_draw(*arguments: Any) -> jax.Array:
        nonlocal key
        key, drawn = compiled(key, *arguments)
        return drawn

    return next_draw


def along(function: Callable[..., Any], *static: int) -> Callable[..., Any]:
    """Compiled, with the arguments of these numbers constant."""
    return jax.jit(function, static_argnums=static)


names = {
    "wait": jax.block_until_ready,
    "jax": jax,
    "jit": jax.jit,
    "jnp": jnp,
    "mean": along(jnp.mean, 1),
    "amax": along(jnp.max, 1),
    "argmax": along(jnp.argmax, 1),
    "var": along(jnp.var, 1),
    "norm": along(jnp.linalg.norm, 1, 2),
    "any": along(jnp.any, 1),
    "cumsum": along(jnp.cumsum, 1),
    "sort": along(jnp.sort, 1),
    "argsort": along(jnp.argsort, 1),
    "softmax": along(jax.nn.softmax, 1),
    "log_softmax": along(jax.nn.log_softmax, 1),
    "topk": jax.jit(lambda x, k: lax.top_k(x, k)[0], static_argnums=1),
    "take": along(jnp.take, 2),
    "take_along_axis": along(jnp.take_along_axis, 2),
    "put_along_axis": along(put_along_axis, 3),
    "assign": jax.jit(assign),
    "masked_fill": jax.jit(lambda x, mask, value: jnp.where(mask, value, x)),
    "assign_region": jax.jit(assign_region),
    "at_positions": jax.jit(lambda x, *indices: x[indices]),
    "cat": along(lambda axis, *parts: jnp.concatenate(parts, axis), 0),
    "stack": along(lambda axis, *parts: jnp.stack(parts, axis), 0),
    "rand": random(lambda k, n, t="float32": jax.random.uniform(k, (n,), t), (0, 1)),
    "randn": random(lambda k, n: jax.random.normal(k, (n,), "float32"), (0,)),
    "randint": random(lambda k, n, most: jax.random.randint(k, (n,), 0, most), (0, 1)),
    "randperm": random(jax.random.permutation, (0,)),
    "bernoulli": random(lambda k, n, p: jax.random.bernoulli(k, p, (n,)).astype("float32"), (0,)),
    "bernoulli_of": random(lambda k, p: jax.random.bernoulli(k, p).astype("float32"), ()),
    "choice": random(
        lambda k, p, n, again=True: jax.random.choice(k, p.size, (n,), again, p / p.sum()), (1, 2)
    ),
    "dropout": random(lambda k, x: x * jax.random.bernoulli(k, 0.5, x.shape) / 0.5, ()),
    "add": jax.jit(jnp.add),
    "at": jax.jit(at, static_argnums=1),
    "exp": jax.jit(jnp.exp),
    "mm": jax.jit(jnp.matmul),
    "total": along(jnp.sum, 1),
    "convolution": convolution,
    "convolution_gradients": convolution_gradients,
    "digits_step": digits_step,
}
