"""Sequences of different lengths in one batch: packed step by step, or padded."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = [
    "PackedSequence", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence",
    "pad_sequence", "unpack_sequence", "unpad_sequence",
]  # fmt: skip


class PackedSequence:
    """Sequences without padding, what they have at one step lying next to each other.

    `data` (R, *): the rows of step 0, of step 1, ...; `batch_sizes`: how many sequences reach each
    step, R in all. Where the sequences were not sorted by length, `sorted_indices` tells which of
    them each one here is, and `unsorted_indices` is the way back; both are None otherwise.
    Recurrent layers take and give it in place of a padded batch.
    """

    __slots__ = ("batch_sizes", "data", "sorted_indices", "unsorted_indices")

    def __init__(
        self,
        data: Variable,
        batch_sizes: Any,
        sorted_indices: torch.Tensor | None = None,
        unsorted_indices: torch.Tensor | None = None,
    ) -> None:
        sizes = _ints("PackedSequence", "batch_sizes", batch_sizes)
        if not isinstance(data, Variable | torch.Tensor):
            raise TypeError(f"PackedSequence: data: expected a Variable, got {type_name(data)}")
        falling = all(a >= b for a, b in zip(sizes, sizes[1:]))
        if not sizes or sizes[-1] < 1 or not falling or sum(sizes) != data.size(0):
            raise ValueError(
                f"PackedSequence: batch_sizes: expected sizes of at least 1 that never grow, "
                f"{data.size(0)} in all, got {sizes}"
            )
        self.data = data
        self.batch_sizes = sizes
        self.sorted_indices = sorted_indices
        if unsorted_indices is None and sorted_indices is not None:
            unsorted_indices = inverse(sorted_indices)
        self.unsorted_indices = unsorted_indices

    @property
    def lengths(self) -> list[int]:
        """The length of each sequence, in the order in which they were packed."""
        sizes = [*self.batch_sizes, 0]
        lengths = [0] * sizes[0]
        for step in reversed(range(len(self.batch_sizes))):
            for i in range(sizes[step + 1], sizes[step]):
                lengths[i] = step + 1
        if self.unsorted_indices is None:
            return lengths
        return [lengths[i] for i in self.unsorted_indices.tolist()]

    def with_data(self, data: Variable) -> "PackedSequence":
        """The same sequences with other rows: data (R, *)."""
        return PackedSequence(data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> "PackedSequence":
        """With `data` in another type or on another device; arguments as of `Tensor.to`."""
        return self.with_data(self.data.to(*args, **kwargs))

    def type(self, dtype: Any) -> "PackedSequence":
        """With `data` in another type."""
        return self.with_data(self.data.type(dtype))

    def cuda(self, *args: Any, **kwargs: Any) -> "PackedSequence":
        """With `data` on a GPU."""
        return self.with_data(self.data.cuda(*args, **kwargs))

    def cpu(self) -> "PackedSequence":
        """With `data` in the memory of the processor."""
        return self.with_data(self.data.cpu())

    def float(self) -> "PackedSequence":
        """With `data` in float32."""
        return self.type(torch.float32)

    def double(self) -> "PackedSequence":
        """With `data` in float64."""
        return self.type(torch.float64)

    def half(self) -> "PackedSequence":
        """With `data` in float16."""
        return self.type(torch.float16)

    @property
    def is_cuda(self) -> bool:
        """Whether `data` is on a GPU."""
        return self.data.is_cuda

    def __repr__(self) -> str:
        return (
            f"PackedSequence of {self.batch_sizes[0]} sequences, {self.data.size(0)} rows: "
            f"batch_sizes={self.batch_sizes}\n{self.data!r}"
        )


def inverse(order: torch.Tensor) -> torch.Tensor:
    """The permutation that undoes `order` (n,)."""
    n = order.size(0)
    places = torch.arange(n, device=order.device).long()
    return torch.zeros_like(order).index_copy_(0, order, places)


def _ints(where: str, name: str, values: Any) -> list[int]:
    if isinstance(values, Variable):
        values = values.data
    if isinstance(values, torch.Tensor):
        values = values.tolist()
    if not isinstance(values, list | tuple) or any(
        isinstance(v, bool) or not isinstance(v, int) for v in values
    ):
        raise TypeError(f"{where}: {name}: expected a list of ints, got {values!r}")
    return list(values)


def _check_variable(where: str, value: Any) -> None:
    if not isinstance(value, Variable | torch.Tensor):
        raise TypeError(f"{where}: expected a Variable, got {type_name(value)}")


def _positions(places: list[int], rows: Any) -> torch.Tensor:
    """Places among the rows as an index tensor."""
    return torch.tensor(places, dtype=torch.int64, device=rows.device)


def _filled(data: Any, places: list[int], count: int, value: float) -> Any:
    """The rows of `data` put to their places among `count` rows, the others filled with `value`."""
    if places == list(range(count)):
        return data
    plain = data.data if isinstance(data, Variable) else data
    rows = plain.new(count, *data.size()[1:]).fill_(value)
    if isinstance(data, Variable):
        rows = Variable(rows, volatile=data.volatile)
    return rows.index_copy(0, _positions(places, data), data)


def _taken(rows: Any, places: list[int]) -> Any:
    """The rows at these places."""
    if places == list(range(rows.size(0))):
        return rows
    return rows.index_select(0, _positions(places, rows))


def _steps_of(lengths: list[int]) -> list[int]:
    """How many sequences reach each step."""
    return [sum(n > step for n in lengths) for step in range(max(lengths))]


def _order(where: str, lengths: list[int], enforce_sorted: bool) -> list[int]:
    """The numbers of the sequences, longest first."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    if enforce_sorted and order != list(range(len(lengths))):
        raise ValueError(
            f"{where}: lengths: expected them in decreasing order, got {lengths}; "
            "enforce_sorted=False sorts them"
        )
    return order


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Leave the padding out: input (T, B, *), or (B, T, *) with `batch_first`; lengths (B,).

    Lengths never grow, unless `enforce_sorted` is False: then the sequences are sorted here, and
    `pad_packed_sequence` puts them back. ValueError for lengths below 1, above T, or unsorted.
    """
    where = "pack_padded_sequence"
    _check_variable(f"{where}: input", input)
    if input.dim() < 2:
        raise ValueError(
            f"{where}: input: expected 2 or more dimensions, got size {tuple(input.size())}"
        )
    sizes = _ints(where, "lengths", lengths)
    steps, batch = input.size(0), input.size(1)
    if batch_first:
        steps, batch = batch, steps
    if len(sizes) != batch or not batch:
        raise ValueError(
            f"{where}: lengths: expected one for each of {batch} sequences, at least 1, "
            f"got {len(sizes)}"
        )
    if min(sizes) < 1 or max(sizes) > steps:
        raise ValueError(f"{where}: lengths: expected 1 to {steps} (the steps of input of size "
                         f"{tuple(input.size())}), got {sizes}")  # fmt: skip
    order = _order(where, sizes, enforce_sorted)
    across, along = (input.size(1), 1) if batch_first else (1, input.size(1))
    batch_sizes = _steps_of(sizes)
    places = [step * along + i * across for step, n in enumerate(batch_sizes) for i in order[:n]]
    rows = _taken(input.contiguous().view(steps * batch, *input.size()[2:]), places)
    return PackedSequence(rows, batch_sizes, None if enforce_sorted else _positions(order, rows))


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Any, list[int]]:
    """The inverse of `pack_padded_sequence`: (padded, lengths).

    padded (T, B, *), or (B, T, *) with `batch_first`; T is the longest length, or `total_length`.
    """
    where = "pad_packed_sequence"
    if not isinstance(sequence, PackedSequence):
        raise TypeError(f"{where}: sequence: expected a PackedSequence, got {type_name(sequence)}")
    batch_sizes, data = sequence.batch_sizes, sequence.data
    steps, batch = len(batch_sizes), batch_sizes[0]
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                f"{where}: total_length: expected at least {steps}, the longest sequence, "
                f"got {total_length}"
            )
        steps = total_length
    back = sequence.sorted_indices
    order = range(batch) if back is None else back.tolist()
    across, along = (steps, 1) if batch_first else (1, batch)
    places = [
        step * along + order[i] * across for step, n in enumerate(batch_sizes) for i in range(n)
    ]
    rows = _filled(data, places, steps * batch, padding_value)
    front = (batch, steps) if batch_first else (steps, batch)
    return rows.view(*front, *data.size()[1:]), sequence.lengths


def _joined(where: str, sequences: Any) -> tuple[Any, list[int]]:
    """The rows of all sequences one after the other, and the length of each."""
    sequences = list(sequences)
    if not sequences:
        raise ValueError(f"{where}: sequences: expected at least one, got none")
    for number, sequence in enumerate(sequences):
        _check_variable(f"{where}: sequence {number}", sequence)
        if sequence.dim() < 1 or sequence.size()[1:] != sequences[0].size()[1:]:
            raise ValueError(
                f"{where}: sequence {number}: expected size (steps, *) with the other sizes "
                f"those of sequence 0, {tuple(sequences[0].size())}, got {tuple(sequence.size())}"
            )
    return torch.cat(sequences, 0), [s.size(0) for s in sequences]


def pad_sequence(
    sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0
) -> Any:
    """Sequences (T_i, *) of any lengths side by side: (T, B, *), or (B, T, *) with `batch_first`.

    T is the longest length; what lies behind the end of a sequence is `padding_value`.
    """
    rows, lengths = _joined("pad_sequence", sequences)
    steps, batch = max(lengths), len(lengths)
    across, along = (steps, 1) if batch_first else (1, batch)
    places = [step * along + i * across for i, n in enumerate(lengths) for step in range(n)]
    front = (batch, steps) if batch_first else (steps, batch)
    return _filled(rows, places, steps * batch, padding_value).view(*front, *rows.size()[1:])


def pack_sequence(sequences: Sequence[Any], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (T_i, *), none of them empty; the longest first, unless `enforce_sorted` is
    False."""
    rows, lengths = _joined("pack_sequence", sequences)
    if min(lengths) < 1:
        raise ValueError(f"pack_sequence: sequences: expected no empty one, got lengths {lengths}")
    order = _order("pack_sequence", lengths, enforce_sorted)
    starts = [0, *accumulate(lengths)]
    batch_sizes = _steps_of(lengths)
    places = [starts[i] + step for step, n in enumerate(batch_sizes) for i in order[:n]]
    indices = None if enforce_sorted else _positions(order, rows)
    return PackedSequence(_taken(rows, places), batch_sizes, indices)


def unpad_sequence(padded: Any, lengths: Any, batch_first: bool = False) -> list:
    """The sequences (T_i, *) of a padded batch: (T, B, *), or (B, T, *) with `batch_first`."""
    _check_variable("unpad_sequence: padded", padded)
    sizes = _ints("unpad_sequence", "lengths", lengths)
    along = 0 if batch_first else 1
    if padded.dim() < 2 or padded.size(along) != len(sizes):
        raise ValueError(
            f"unpad_sequence: lengths: expected one for each sequence of padded of size "
            f"{tuple(padded.size())}, got {len(sizes)}"
        )
    return [padded.select(along, i).narrow(0, 0, n) for i, n in enumerate(sizes)]


def unpack_sequence(packed: PackedSequence) -> list:
    """The inverse of `pack_sequence`."""
    return unpad_sequence(*pad_packed_sequence(packed))
