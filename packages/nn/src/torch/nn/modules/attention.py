"""Attention with several heads, and the layers of a Transformer; A. Vaswani et al. (2017)."""

import copy
import math
from collections.abc import Callable
from typing import Any

import torch
from torch.autograd import Variable

from .. import functional as F
from ..functional.arguments import as_variable, number, probability
from ..functional.attention import attention_weights, masked
from ..parameter import Parameter
from .container import Sequential
from .dropout import Dropout
from .linear import Linear, count
from .module import Module
from .norm import LayerNorm

__all__ = ["MultiheadAttention", "TransformerEncoder", "TransformerEncoderLayer"]


def xavier(param: Parameter) -> None:
    """Uniform with variance 2 / (rows + columns); X. Glorot, Y. Bengio (2010)."""
    bound = math.sqrt(6 / sum(param.size()))
    param.data.uniform_(-bound, bound)


class MultiheadAttention(Module):
    """Attention in `num_heads` projections of query, key and value, put together and projected.

    query (l, n, embed_dim), key (s, n, kdim), value (s, n, vdim); with `batch_first` (n, l, ..),
    without a batch (l, ..). The result is a pair: (l, n, embed_dim) and, with `need_weights`, the
    weights (n, l, s), the mean of all heads, or (n, num_heads, l, s) without
    `average_attn_weights`.

    in_proj_weight: (3 * embed_dim, embed_dim) for query, key and value one below the other, or
    q_proj_weight, k_proj_weight, v_proj_weight where kdim or vdim differ; in_proj_bias
    (3 * embed_dim,) or None without `bias`; out_proj: Linear. `dropout` leaves out that share of
    the weights while training.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.embed_dim = count(name, "embed_dim", embed_dim)
        self.num_heads = count(name, "num_heads", num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"{name}: embed_dim: expected a multiple of num_heads={num_heads}, got {embed_dim}"
            )
        self.dropout = probability(name, dropout)
        self.kdim = embed_dim if kdim is None else count(name, "kdim", kdim)
        self.vdim = embed_dim if vdim is None else count(name, "vdim", vdim)
        self.batch_first = batch_first
        e = embed_dim
        alike = self.kdim == self.vdim == e
        for part, size in (
            ("in_proj_weight", (3 * e, e) if alike else None),
            ("q_proj_weight", None if alike else (e, e)),
            ("k_proj_weight", None if alike else (e, self.kdim)),
            ("v_proj_weight", None if alike else (e, self.vdim)),
            ("in_proj_bias", (3 * e,) if bias else None),
        ):
            self.register_parameter(part, Parameter(torch.Tensor(*size)) if size else None)
        self.out_proj = Linear(e, e, bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the projections anew; the biases are 0."""
        for param in self._parameters.values():
            if param is not None and param.dim() == 2:
                xavier(param)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                bias.data.zero_()

    def forward(
        self,
        query: Variable,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Variable, Variable | None]:
        """(result, weights or None).

        Masks of booleans (or bytes) hide what is set, floating ones are added: `attn_mask` (l, s)
        or (n * num_heads, l, s), `key_padding_mask` (n, s). `is_causal` hides what comes later.
        """
        key, value = as_variable(key), as_variable(value)
        batched = query.dim() == 3
        self._check(query, key, value)
        to_itself = key is query and value is query and self.in_proj_weight is not None
        query, key, value = (self._rows_first(x, batched) for x in (query, key, value))
        n, length, _ = query.size()
        source = key.size(1)
        if to_itself:
            heads = self._all_heads(query)
        else:
            heads = [self._heads(x.contiguous(), i) for i, x in enumerate((query, key, value))]
        mask = self._mask(n, length, source, attn_mask, key_padding_mask, is_causal, heads[0])
        weights = attention_weights(heads[0], heads[1], heads[2], mask)
        mixed = F.dropout(weights, self.dropout, self.training).matmul(heads[2])  # type: ignore[attr-defined]
        mixed = mixed.transpose(1, 2).contiguous().view(n, length, self.embed_dim)
        result = self.out_proj(mixed)
        if not batched:
            result = result.squeeze(0)
        elif not self.batch_first:
            result = result.transpose(0, 1)
        if not need_weights:
            return result, None
        if average_attn_weights:
            weights = weights.mean(dim=1, keepdim=False)
        return result, weights if batched else weights.squeeze(0)  # type: ignore[attr-defined]

    def _rows_first(self, x: Variable, batched: bool) -> Any:
        """(n, length, features)"""
        if not batched:
            return x.unsqueeze(0)  # type: ignore[attr-defined]
        return x if self.batch_first else x.transpose(0, 1)

    def _check(self, query: Variable, key: Variable, value: Variable) -> None:
        sizes = [tuple(x.size()) for x in (query, key, value)]
        dims = [len(size) for size in sizes]
        at = 1 if self.batch_first else 0
        good = dims[0] in (2, 3) and dims == [dims[0]] * 3
        good = good and [s[-1] for s in sizes] == [self.embed_dim, self.kdim, self.vdim]
        if good and dims[0] == 3:
            good = len({size[1 - at] for size in sizes}) == 1
        if good:
            good = sizes[1][:-1] == sizes[2][:-1]
        if not good:
            order = "n, length, " if self.batch_first else "length, n, "
            raise ValueError(
                f"{type(self).__name__}: expected query ({order}{self.embed_dim}), key "
                f"({order}{self.kdim}) and value ({order}{self.vdim}), got {sizes[0]}, {sizes[1]} "
                f"and {sizes[2]}"
            )

    def _heads(self, x: Any, which: int) -> Any:
        """Projection number `which` of x, (n, length, features) -> (n, heads, length, e / heads)"""
        e = self.embed_dim
        if self.in_proj_weight is not None:
            weight = self.in_proj_weight.narrow(0, which * e, e)
        else:
            weight = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)[which]
        bias = None if self.in_proj_bias is None else self.in_proj_bias.narrow(0, which * e, e)
        y = F.linear(x, weight, bias)
        y = y.view(x.size(0), x.size(1), self.num_heads, e // self.num_heads)
        return y.transpose(1, 2)

    def _all_heads(self, x: Any) -> Any:
        """All three projections of the same x at once."""
        y = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        size = (x.size(0), x.size(1), 3, self.num_heads, self.embed_dim // self.num_heads)
        return y.view(size).permute(2, 0, 3, 1, 4)  # type: ignore[attr-defined]

    def _mask(
        self,
        n: int,
        length: int,
        source: int,
        attn_mask: Any,
        key_padding_mask: Any,
        is_causal: bool,
        like: Variable,
    ) -> Variable | None:
        """What is added to the scores (n, heads, length, source), or None."""
        size = (n, self.num_heads, length, source)
        if attn_mask is None and is_causal:
            attn_mask = torch.ones(length, source, device=like.device).triu(1).ne(0)
        if attn_mask is None and key_padding_mask is None:
            return None
        total = Variable(like.data.new(1).zero_()).expand(size)  # type: ignore[attr-defined]
        for name, mask, allowed in (
            ("attn_mask", attn_mask, [(length, source), (n * self.num_heads, length, source)]),
            ("key_padding_mask", key_padding_mask, [(n, source)] + [(source,)] * (n == 1)),
        ):
            if mask is None:
                continue
            mask = as_variable(mask)
            if tuple(mask.size()) not in allowed:
                raise ValueError(
                    f"{type(self).__name__}: {name}: expected size "
                    f"{' or '.join(map(str, allowed))}, got {tuple(mask.size())}"
                )
            if name == "key_padding_mask":
                mask = mask.contiguous().view(n, 1, 1, source)
            elif mask.dim() == 3:
                mask = mask.contiguous().view(size)
            if mask.dtype in (torch.bool, torch.uint8):
                mask = mask.eq(0)  # here what is set is hidden, in `masked` it is seen
            total = masked(f"{type(self).__name__}: {name}", total, mask)
        return total

    def _arguments(self) -> str:
        shown = f"{self.embed_dim}, {self.num_heads}"
        for name, value, usual in (
            ("dropout", self.dropout, 0.0),
            ("bias", self.in_proj_bias is not None, True),
            ("kdim", self.kdim, self.embed_dim),
            ("vdim", self.vdim, self.embed_dim),
            ("batch_first", self.batch_first, False),
        ):
            if value != usual:
                shown += f", {name}={value}"
        return shown


ACTIVATIONS: dict[str, Callable] = {"relu": F.relu, "gelu": F.gelu}


class TransformerEncoderLayer(Module):
    """Attention of x to itself and two linear layers, each added to its input and normalized.

    x (l, n, d_model), with `batch_first` (n, l, d_model), without a batch (l, d_model).
    `norm_first` normalizes before each part instead of behind it. `activation` is "relu", "gelu" or
    a function of a Variable.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        probability(name, dropout)
        number(name, "layer_norm_eps", layer_norm_eps, least=0)
        if not callable(activation) and activation not in ACTIVATIONS:
            raise ValueError(
                f"{name}: activation: expected 'relu', 'gelu' or a function, got {activation!r}"
            )
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout=dropout, bias=bias, batch_first=batch_first
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = activation

    def forward(
        self,
        src: Variable,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Variable:
        masks = (src_mask, src_key_padding_mask, is_causal)
        if self.norm_first:
            x = src + self._attend(self.norm1(src), *masks)
            return x + self._feed(self.norm2(x))
        x = self.norm1(src + self._attend(src, *masks))
        return self.norm2(x + self._feed(x))

    def _attend(self, x: Variable, mask: Any, padding: Any, is_causal: bool) -> Variable:
        mixed, _ = self.self_attn(
            x, x, x, padding, need_weights=False, attn_mask=mask, is_causal=is_causal
        )
        return self.dropout1(mixed)

    def _feed(self, x: Variable) -> Variable:
        function = ACTIVATIONS.get(self.activation, self.activation)
        return self.dropout2(self.linear2(self.dropout(function(self.linear1(x)))))


class TransformerEncoder(Module):
    """`num_layers` copies of an encoder layer, one after the other; `norm` follows if given."""

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.num_layers = count("TransformerEncoder", "num_layers", num_layers)
        self.layers = Sequential(*[copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.norm = norm

    def forward(
        self,
        src: Variable,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Variable:
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)
