"""Parameters of modules that are computed from others: weight and spectral normalisation.

The attribute is computed whenever it is read, so it is never out of date, and what is saved and
copied with the module are the parameters it is computed from.
"""

from typing import Any, TypeVar

import torch
from torch.autograd import Variable

from ..parameter import Parameter

__all__ = [
    "SpectralNorm", "WeightNorm", "remove_spectral_norm", "remove_weight_norm", "spectral_norm",
    "weight_norm",
]  # fmt: skip

Any_Module = TypeVar("Any_Module", bound=Any)


class _Computed:
    """The attribute `name` of a module as a function of parameters with names of their own."""

    __slots__ = ("dim", "name")

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = dim

    def value(self, module: Any) -> Variable:
        """What the attribute is."""
        raise NotImplementedError(f"{type(self).__name__}: value is not defined")

    def install(self, module: Any) -> None:
        """Put it in the place of the parameter, which has been taken out."""
        if "_computed" not in module.__dict__:
            module._computed = {}
        module._computed[self.name] = self

    def remove(self, module: Any, *names: str) -> None:
        """Make the present value a parameter again; `names` are what it was computed from."""
        value = self.value(module).data
        del module._computed[self.name]
        for name in names:
            delattr(module, name)
        module.register_parameter(self.name, Parameter(value))


def _taken_out(where: str, module: Any, name: str) -> Parameter:
    """The parameter `name`, no longer one of the module's."""
    param = module._parameters.get(name)
    if param is None:
        had = name in module._computed
        raise ValueError(
            f"{where}: name: expected a parameter of {type(module).__name__}: "
            f"{', '.join(module._parameters) or 'it has none'}; got {name!r}"
            + (", which is computed already" if had else "")
        )
    del module._parameters[name]
    return param


def _installed(where: str, kind: type, module: Any, name: str) -> Any:
    computed = module._computed.get(name)
    if not isinstance(computed, kind):
        raise ValueError(f"{where}: {type(module).__name__}.{name} is not computed by {where[7:]}")
    return computed


def _check_dim(where: str, param: Variable, dim: Any) -> int | None:
    if dim is None:
        return None
    n = param.dim()
    if isinstance(dim, bool) or not isinstance(dim, int) or not -n <= dim < n:
        raise ValueError(
            f"{where}: dim: expected None or {-n} to {n - 1} for a parameter of size "
            f"{tuple(param.size())}, got {dim!r}"
        )
    return dim % n


class WeightNorm(_Computed):
    """w = g v / |v|, the norm over all dimensions but `dim`, or all: Salimans and Kingma 2016."""

    __slots__ = ()

    def norm(self, v: Any) -> Any:
        """|v|, of the size of v in `dim` and 1 elsewhere."""
        dims = tuple([d for d in range(v.dim()) if d != self.dim])
        return (v * v).sum(dim=dims, keepdim=True).sqrt() if dims else v.abs()

    def value(self, module: Any) -> Variable:
        v, g = getattr(module, f"{self.name}_v"), getattr(module, f"{self.name}_g")
        return v * (g / self.norm(v)).expand_as(v)


def weight_norm(module: Any_Module, name: str = "weight", dim: int | None = 0) -> Any_Module:
    """Train length and direction of a parameter apart; returns the module.

    `name` is replaced by the parameters `name_g` (the norms, one for each index of `dim`, or a
    single one for None) and `name_v`. `remove_weight_norm` undoes it.
    """
    param = module._parameters.get(name)
    dim = dim if param is None else _check_dim("weight_norm", param, dim)
    param = _taken_out("weight_norm", module, name)
    computed = WeightNorm(name, dim)
    module.register_parameter(f"{name}_g", Parameter(computed.norm(param.data)))
    module.register_parameter(f"{name}_v", Parameter(param.data))
    computed.install(module)
    return module


def remove_weight_norm(module: Any_Module, name: str = "weight") -> Any_Module:
    """Undo `weight_norm`: `name` is a parameter again; returns the module."""
    computed = _installed("remove_weight_norm", WeightNorm, module, name)
    computed.remove(module, f"{name}_g", f"{name}_v")
    return module


class SpectralNorm(_Computed):
    """w / sigma(w), sigma the largest singular value of w as a matrix: Miyato et al. 2018.

    sigma = u' w v, where u and v come closer to the singular vectors with each call of the module
    in training.
    """

    __slots__ = ("eps", "iterations")

    def __init__(self, name: str, dim: int, iterations: int, eps: float) -> None:
        super().__init__(name, dim)
        self.iterations = iterations
        self.eps = eps

    def matrix(self, w: Any) -> Any:
        """w (.., n at `dim`, ..) as (n, rest)."""
        w = w.transpose(0, self.dim) if self.dim else w
        return w.contiguous().view(w.size(0), -1)

    def _unit(self, x: torch.Tensor) -> torch.Tensor:
        return x / max(float(x.norm()), self.eps)

    def __call__(self, module: Any, inputs: Any = None) -> None:
        """The power iteration, as a hook before forward."""
        if module.training:
            self.iterate(module, self.iterations)

    def iterate(self, module: Any, count: int) -> None:
        """Bring u and v closer to the singular vectors."""
        w = self.matrix(getattr(module, f"{self.name}_orig").data)
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        for _ in range(count):
            v = self._unit(w.t().mv(u))
            u = self._unit(w.mv(v))
        # anew, not in place: the graph of an earlier call may hold the ones before
        setattr(module, f"{self.name}_u", u)
        setattr(module, f"{self.name}_v", v)

    def value(self, module: Any) -> Variable:
        w = getattr(module, f"{self.name}_orig")
        u, v = (Variable(getattr(module, f"{self.name}_{side}")) for side in "uv")
        sigma = (u * self.matrix(w).mv(v)).sum()
        return w / sigma.view([1] * w.dim()).expand_as(w)


def spectral_norm(
    module: Any_Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Any_Module:
    """Divide a parameter by its largest singular value; returns the module.

    `name` is replaced by the parameter `name_orig` and the buffers `name_u` and `name_v`. As a
    matrix the parameter has the rows of dimension `dim`: 0, of transposed convolutions 1.
    `remove_spectral_norm` undoes it.
    """
    where = "spectral_norm"
    if (
        isinstance(n_power_iterations, bool)
        or not isinstance(n_power_iterations, int)
        or n_power_iterations < 1
    ):
        raise ValueError(
            f"{where}: n_power_iterations: expected an int of at least 1, "
            f"got {n_power_iterations!r}"
        )
    param = module._parameters.get(name)
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    if param is not None:
        if param.dim() < 1 or not param.data.numel():
            raise ValueError(
                f"{where}: name: expected a parameter with elements and dimensions, got "
                f"{name!r} of size {tuple(param.size())}"
            )
        dim = _check_dim(where, param, dim)
    param = _taken_out(where, module, name)
    computed = SpectralNorm(name, dim or 0, n_power_iterations, eps)
    matrix = computed.matrix(param.data)
    module.register_parameter(f"{name}_orig", Parameter(param.data))
    for side, n in zip("uv", matrix.size(), strict=True):
        module.register_buffer(f"{name}_{side}", computed._unit(matrix.new(n).normal_()))
    computed.iterate(module, 15)  # a good start
    computed.install(module)
    if "_forward_pre_hooks" not in module.__dict__:
        module._forward_pre_hooks = {}
    module._forward_pre_hooks[f"spectral_norm of {name}"] = computed
    return module


def remove_spectral_norm(module: Any_Module, name: str = "weight") -> Any_Module:
    """Undo `spectral_norm`: `name` is a parameter again, with its present value; returns the
    module."""
    computed = _installed("remove_spectral_norm", SpectralNorm, module, name)
    del module._forward_pre_hooks[f"spectral_norm of {name}"]
    computed.remove(module, f"{name}_orig", f"{name}_u", f"{name}_v")
    return module
