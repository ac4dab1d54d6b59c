"""Rows of a table by their numbers."""

from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import as_constant, number, same_size

__all__ = ["embedding", "embedding_bag"]

MODES = ("sum", "mean", "max")


def padding_row(where: str, padding_idx: Any, rows: int) -> int | None:
    """`padding_idx` counted from the front, or None."""
    if padding_idx is None:
        return None
    if isinstance(padding_idx, bool) or not isinstance(padding_idx, int):
        raise TypeError(
            f"{where}: padding_idx: expected an int or None, got {type(padding_idx).__name__}"
        )
    if not -rows <= padding_idx < rows:
        raise ValueError(
            f"{where}: padding_idx: expected {-rows} to {rows - 1} for {rows} embeddings, got "
            f"{padding_idx}"
        )
    return padding_idx % rows


def numbers(where: str, name: str, value: Any) -> torch.Tensor:
    """A LongTensor."""
    value = as_constant(value)
    if not isinstance(value, torch.Tensor) or value.dtype is not torch.int64:
        raise TypeError(f"{where}: {name}: expected a LongTensor, got {type(value).__name__}")
    return value


def table(where: str, weight: Variable) -> Variable:
    if weight.dim() != 2:
        raise ValueError(
            f"{where}: weight: expected size (embeddings, dimension), got {tuple(weight.size())}"
        )
    return weight


def rows_of(
    where: str,
    index: torch.Tensor,
    weight: Variable,
    padding: int | None,
    max_norm: float | None,
    norm_type: float,
    by_frequency: bool,
    sparse: bool,
) -> Variable:
    """weight[index] for an index (n,); longer rows are first shortened to `max_norm`."""
    try:
        if max_norm is not None:
            shorten(where, weight.data, index, max_norm, norm_type)
        return execute(F.Embedding(padding, by_frequency, sparse), (weight, index))
    except IndexError:
        rows = weight.size(0)
        bad = (index.lt(0) | index.ge(rows)).nonzero()
        if bad.numel() == 0:
            raise
        raise IndexError(
            f"{where}: input: expected numbers from 0 to {rows - 1}, got {index[int(bad[0, 0])]}"
        ) from None


def shorten(
    where: str, weight: torch.Tensor, index: torch.Tensor, max_norm: float, norm_type: float
) -> None:
    """Scale the rows that the index names and that are longer, in place, to `max_norm`."""
    number(where, "norm_type", norm_type)
    if not number(where, "max_norm", max_norm) > 0:
        raise ValueError(f"{where}: max_norm: expected a number above 0, got {max_norm!r}")
    if index.numel() == 0:
        return
    named = torch.unique(index)
    rows = weight.index_select(0, named)
    norms = rows.norm(norm_type, 1, keepdim=True)
    longer = norms.gt(max_norm).view(-1).nonzero().view(-1)
    if longer.numel():
        rows, norms = rows.index_select(0, longer), norms.index_select(0, longer)
        rows.mul_((max_norm / (norms + 1e-7)).expand_as(rows))
        weight.index_copy_(0, named.index_select(0, longer), rows)


def embedding(
    input: Any,
    weight: Variable,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Variable:
    """weight[input]: input (...) row numbers, weight (embeddings, d) -> (..., d)

    Row `padding_idx` gets no gradient. With `max_norm` the rows that are used and whose norm is
    larger are first scaled to it, in place. `scale_grad_by_freq` divides the gradient of a row by
    the number of its uses. With `sparse` the gradient of weight is `torch.autograd.SparseRows`.
    """
    weight, index = table("embedding", weight), numbers("embedding", "input", input)
    padding = padding_row("embedding", padding_idx, weight.size(0))
    flat = index.contiguous().view(-1)
    y = rows_of("embedding", flat, weight, padding, max_norm, norm_type, scale_grad_by_freq, sparse)
    return y if index.dim() == 1 else y.view(*index.size(), weight.size(1))  # type: ignore[attr-defined]


def embedding_bag(
    input: Any,
    weight: Variable,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Variable:
    """Sum, mean or largest element of the rows in each bag: -> (bags, d)

    input (bags, n), or (total,) with `offsets` (bags,): where each bag begins. An empty bag gives
    0. Row `padding_idx` does not count. `per_sample_weights`, of the size of the input, scale the
    rows of a sum. With `include_last_offset` the last offset is where the last bag ends.
    The other arguments are those of `embedding`.
    """
    where = "embedding_bag"
    if mode not in MODES:
        raise ValueError(f"{where}: mode: expected 'sum', 'mean' or 'max', got {mode!r}")
    weight, index = table(where, weight), numbers(where, "input", input)
    padding = padding_row(where, padding_idx, weight.size(0))
    bag, bags = bags_of(where, index, offsets, include_last_offset)
    flat = index.contiguous().view(-1)
    y = rows_of(where, flat, weight, padding, max_norm, norm_type, scale_grad_by_freq, sparse)
    if per_sample_weights is not None:
        if mode != "sum":
            raise ValueError(f"{where}: per_sample_weights: expected mode='sum', got {mode!r}")
        factors = same_size(where, Variable(index), per_sample_weights, "per_sample_weights")
        y = y * factors.contiguous().view(-1, 1).expand(y.size())
    if padding is not None:
        kept = flat.ne(padding).nonzero().view(-1)
        y, bag = y.index_select(0, kept), bag.index_select(0, kept)  # type: ignore[attr-defined]
    if mode == "max":
        return largest(y, bag, bags)
    result = Variable(weight.data.new(bags, weight.size(1)).zero_())
    result = result.index_add(0, bag, y)  # type: ignore[attr-defined]
    if mode == "sum":
        return result
    counts = torch.bincount(bag, minlength=bags).clamp(min=1).type(weight.data.dtype)
    return result / Variable(counts.unsqueeze(1)).expand_as(result)


def bags_of(
    where: str, index: torch.Tensor, offsets: Any, include_last: bool
) -> tuple[torch.Tensor, int]:
    """(number of the bag for each element of the input in order, number of bags)"""
    if index.dim() == 2:
        if offsets is not None:
            raise ValueError(
                f"{where}: offsets: expected None for input of size {tuple(index.size())}, whose "
                "rows are the bags"
            )
        bags, n = index.size()
        return torch.arange(bags, device=index.device).repeat_interleave(n), bags
    if index.dim() != 1:
        raise ValueError(
            f"{where}: input: expected size (bags, n) or (total,), got {tuple(index.size())}"
        )
    offsets = numbers(where, "offsets", offsets)
    ends = [*offsets.tolist(), *([] if include_last else [index.numel()])]
    if offsets.dim() != 1 or not ends or ends[0] != 0 or ends[-1] != index.numel():
        raise ValueError(
            f"{where}: offsets: expected numbers that begin with 0 and, with include_last_offset, "
            f"end with {index.numel()}, got {offsets.tolist()}"
        )
    sizes = [b - a for a, b in zip(ends, ends[1:])]
    if min(sizes, default=0) < 0:
        raise ValueError(f"{where}: offsets: expected growing numbers, got {offsets.tolist()}")
    counts = torch.tensor(sizes, dtype=torch.int64, device=index.device)
    return torch.arange(len(sizes), device=index.device).repeat_interleave(counts), len(sizes)


def largest(rows: Variable, bag: torch.Tensor, bags: int) -> Variable:
    """The largest elements of the rows (n, d) of each bag: (bags, d), 0 for an empty one."""
    counts = torch.bincount(bag, minlength=bags)
    n, d = rows.size()
    if n == 0:
        return Variable(rows.data.new(bags, d).zero_())
    # the rows of a bag side by side, the last one again where a bag has fewer
    first = counts.cumsum(0) - counts
    longest = int(counts.max())
    places = torch.arange(longest, device=counts.device).unsqueeze(0).expand(bags, longest)
    last = (counts - 1).clamp(min=0).unsqueeze(1).expand_as(places)
    places = torch.minimum(places, last) + first.unsqueeze(1).expand_as(places)
    places = places.clamp(max=n - 1)
    side_by_side = rows.index_select(0, places.contiguous().view(-1)).view(bags, -1, d)  # type: ignore[attr-defined]
    result = side_by_side.max(dim=1, keepdim=False)[0]
    return result.masked_fill(counts.eq(0).unsqueeze(1).expand_as(result), 0)
