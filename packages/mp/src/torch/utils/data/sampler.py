"""In which order the samples of a dataset are visited."""

from collections.abc import Iterator, Sequence, Sized

import torch


class Sampler:
    """Base of samplers. A subclass gives `__iter__`, which yields indices, and `__len__`."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        raise NotImplementedError(f"{type(self).__name__}: a Sampler must define __iter__")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: a Sampler must define __len__")


class SequentialSampler(Sampler):
    """Visits every sample of `data_source` once, in order."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Visits every sample of `data_source` once, in an order drawn anew by each `iter()`."""

    def __iter__(self) -> Iterator[int]:
        return iter(torch.randperm(len(self.data_source)).tolist())

    def __len__(self) -> int:
        return len(self.data_source)


class SubsetRandomSampler(Sampler):
    """Visits the given indices once each, in an order drawn anew by each `iter()`."""

    def __init__(self, indices: Sequence[int]) -> None:
        super().__init__(indices)
        self.indices = indices

    def __iter__(self) -> Iterator[int]:
        return (self.indices[place] for place in torch.randperm(len(self.indices)).tolist())

    def __len__(self) -> int:
        return len(self.indices)
