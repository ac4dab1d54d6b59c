"""Batches of a dataset, loaded in the calling process."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from torch.utils.data.collate import default_collate
from torch.utils.data.sampler import RandomSampler, Sampler, SequentialSampler


class DataLoader:
    """Iterates over a dataset in batches; each `iter()` is one pass over its samples.

    dataset: what `dataset[index]` and `len(dataset)` work on.
    batch_size: samples per batch; the last batch may be smaller.
    shuffle: whether each pass draws a new order.
    sampler: the order, if it is neither as stored nor shuffled; excludes `shuffle`.
    num_workers: only 0, the calling process.
    collate_fn: makes a batch out of a list of samples.
    pin_memory: only False.

    `len(loader)` is the number of batches.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        sampler: Sampler | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] = default_collate,
        pin_memory: bool = False,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, int):
            raise TypeError(
                f"DataLoader: expected batch_size to be an int, got {type(batch_size).__name__}"
            )
        if batch_size < 1:
            raise ValueError(f"DataLoader: expected batch_size of at least 1, got {batch_size}")
        if shuffle and sampler is not None:
            raise ValueError(
                f"DataLoader: expected shuffle or a sampler, got both (shuffle={shuffle}, "
                f"sampler={type(sampler).__name__})"
            )
        if num_workers != 0:
            raise ValueError(
                f"DataLoader: expected num_workers=0, got {num_workers}: this version of "
                "alphatorch-mp loads samples in the calling process only"
            )
        if pin_memory:
            raise ValueError(
                "DataLoader: expected pin_memory=False, got True: this version of alphatorch-mp "
                "has no pinned memory"
            )
        if sampler is None:
            sampler = RandomSampler(dataset) if shuffle else SequentialSampler(dataset)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn
        self.pin_memory = pin_memory

    def __iter__(self) -> "DataLoaderIter":
        return DataLoaderIter(self)

    def __len__(self) -> int:
        return -(-len(self.sampler) // self.batch_size)


class DataLoaderIter(Iterator[Any]):
    """One pass over a DataLoader. An exception of the dataset costs its batch, not the pass."""

    def __init__(self, loader: DataLoader) -> None:
        self.dataset = loader.dataset
        self.batch_size = loader.batch_size
        self.collate_fn = loader.collate_fn
        self._indices = iter(loader.sampler)
        self._batches_left = len(loader)

    def __iter__(self) -> "DataLoaderIter":
        return self

    def __len__(self) -> int:
        """The number of batches still to come."""
        return self._batches_left

    def __next__(self) -> Any:
        # All indices are taken before the first sample is read, so that the next call starts
        # with the next batch even if a sample of this one raises.
        indices = list(islice(self._indices, self.batch_size))
        if not indices:
            self._batches_left = 0
            raise StopIteration
        self._batches_left -= 1
        return self.collate_fn([self.dataset[index] for index in indices])

    next = __next__
