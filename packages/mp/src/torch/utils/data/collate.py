"""Makes one batch out of a list of samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch


def default_collate(batch: Sequence[Any]) -> Any:
    """Joins samples of one structure along a new first dimension.

    Tensors and ndarrays of equal size become one tensor (len(batch), ...), whole numbers a
    LongTensor, other numbers a DoubleTensor, NumPy scalars a tensor of their dtype, strings a
    list. Sequences and mappings are joined item by item: n pairs become a pair of batches.
    TypeError for anything else, ValueError if the samples do not fit together.
    """
    if len(batch) == 0:
        raise ValueError("default_collate: expected at least one sample, got none")
    first = batch[0]
    if isinstance(first, (str, bytes)):
        return list(batch)
    if torch.is_tensor(first):
        return torch.stack(list(batch), 0)
    if type(first).__module__ == "numpy":
        return _collate_numpy(batch)
    if isinstance(first, bool):
        return torch.BoolTensor(list(batch))
    if isinstance(first, int):
        # Samples may mix whole and other numbers, as [1, 2.5].
        if all(isinstance(number, int) for number in batch):
            return torch.LongTensor(list(batch))
        return torch.DoubleTensor(list(batch))
    if isinstance(first, float):
        return torch.DoubleTensor(list(batch))
    if isinstance(first, Mapping):
        for sample in batch:
            if not isinstance(sample, Mapping) or sample.keys() != first.keys():
                raise ValueError(
                    f"default_collate: expected every sample to be a mapping with the keys "
                    f"{list(first)}, got {_described(sample)}"
                )
        return {key: default_collate([sample[key] for sample in batch]) for key in first}
    if isinstance(first, Sequence):
        for sample in batch:
            if not isinstance(sample, Sequence) or len(sample) != len(first):
                raise ValueError(
                    f"default_collate: expected every sample to be a sequence of {len(first)} "
                    f"items, got {_described(sample)}"
                )
        return [default_collate(items) for items in zip(*batch, strict=True)]
    raise TypeError(
        "default_collate: expected tensors, ndarrays, numbers, strings, sequences or mappings, "
        f"got {type(first).__name__}; pass collate_fn= to join such samples"
    )


def _collate_numpy(batch: Sequence[Any]) -> Any:
    if batch[0].shape == ():
        # NumPy scalars know how to become a one-element array of their own dtype.
        return torch.cat([torch.from_numpy(number.reshape(1)) for number in batch])
    return torch.stack([torch.from_numpy(array) for array in batch], 0)


def _described(sample: Any) -> str:
    if isinstance(sample, Mapping):
        return f"a {type(sample).__name__} with the keys {list(sample)}"
    if isinstance(sample, Sequence):
        return f"a {type(sample).__name__} of {len(sample)} items"
    return f"a {type(sample).__name__}"
