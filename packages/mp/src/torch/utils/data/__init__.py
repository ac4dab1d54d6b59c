"""Datasets, samplers and the loader that makes batches of them."""

from torch import _versions

_versions.require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-mp")

from torch.utils.data.collate import default_collate
from torch.utils.data.dataloader import DataLoader, DataLoaderIter
from torch.utils.data.dataset import Dataset, TensorDataset
from torch.utils.data.sampler import (
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
)

__all__ = [
    "DataLoader",
    "DataLoaderIter",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "TensorDataset",
    "default_collate",
]
