"""Attention: weighted means of values, the weights from products of queries and keys."""

import math
from typing import Any

import torch
from torch.autograd import Variable

from .activation import softmax
from .arguments import as_variable, expanded, probability
from .dropout import dropout

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Variable,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Variable:
    """softmax(query @ key' * scale + mask) @ value; A. Vaswani et al. (2017), section 3.2.1.

    query (..., l, d), key (..., s, d), value (..., s, e) -> (..., l, e). `scale` is 1 / sqrt(d)
    unless given. `attn_mask` expands to (..., l, s): floating numbers are added; of a BoolTensor
    (or ByteTensor) what is set takes part. `is_causal`: position i sees keys 0 to i.
    `dropout_p`: share of the weights that is left out.
    """
    weights = attention_weights(query, key, value, attn_mask, is_causal, scale)
    probability("scaled_dot_product_attention", dropout_p)
    return dropout(weights, dropout_p, True).matmul(as_variable(value))  # type: ignore[attr-defined]


def attention_weights(
    query: Variable,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Variable:
    """The weights (..., l, s) of scaled_dot_product_attention."""
    where = "scaled_dot_product_attention"
    key = as_variable(key)
    sizes = [tuple(x.size()) for x in (query, key, value)]
    q, k, v = sizes
    fits = min(map(len, sizes)) >= 2 and len(q) == len(k) == len(v)
    if not (fits and q[:-2] == k[:-2] == v[:-2] and q[-1] == k[-1] and k[-2] == v[-2]):
        raise ValueError(
            f"{where}: expected query of size (..., l, d), key (..., s, d) and value (..., s, e), "
            f"got {q}, {k} and {v}"
        )
    factor = 1 / math.sqrt(max(q[-1], 1)) if scale is None else scale
    scores = (query * factor).matmul(key.transpose(key.dim() - 2, key.dim() - 1))  # type: ignore[attr-defined]
    if is_causal:
        if attn_mask is not None:
            raise ValueError(f"{where}: attn_mask: expected None beside is_causal")
        hidden = torch.ones(q[-2], k[-2], device=query.device).triu(1).ne(0)
        scores = scores.masked_fill(hidden.expand(scores.size()), -math.inf)
    elif attn_mask is not None:
        scores = masked(f"{where}: attn_mask", scores, attn_mask)
    return softmax(scores, scores.dim() - 1)


def masked(name: str, scores: Variable, mask: Any) -> Variable:
    """The scores plus a floating mask, or -inf where another mask is not set."""
    mask = expanded(name, mask, scores.size())
    if mask.dtype.is_floating_point:
        return scores + mask
    if mask.dtype not in (torch.bool, torch.uint8):
        raise TypeError(
            f"{name}: expected a BoolTensor or floating numbers, got {type(mask.data).__name__}"
        )
    return scores.masked_fill(mask.data.eq(0), -math.inf)  # type: ignore[attr-defined]
