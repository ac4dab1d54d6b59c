"""What a DataLoader reads: anything with a length and numbered samples."""

from typing import Any

import torch


class Dataset:
    """Base of datasets. A subclass gives `__getitem__(index)` and `__len__()`."""

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a Dataset must define __getitem__")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}: a Dataset must define __len__")


class TensorDataset(Dataset):
    """Samples and targets from two tensors: sample i is `(data_tensor[i], target_tensor[i])`.

    data_tensor: (n, ...); target_tensor: (n, ...). ValueError if the first sizes differ.
    """

    def __init__(self, data_tensor: Any, target_tensor: Any) -> None:
        for name, tensor in (("data_tensor", data_tensor), ("target_tensor", target_tensor)):
            if not torch.is_tensor(tensor):
                raise TypeError(
                    f"TensorDataset: expected {name} to be a tensor, got {type(tensor).__name__}"
                )
            if tensor.dim() == 0:
                raise ValueError(
                    f"TensorDataset: expected {name} of at least 1 dimension, got size ()"
                )
        if data_tensor.size(0) != target_tensor.size(0):
            raise ValueError(
                "TensorDataset: expected as many targets as samples, got "
                f"{data_tensor.size(0)} samples and {target_tensor.size(0)} targets"
            )
        self.data_tensor = data_tensor
        self.target_tensor = target_tensor

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        return self.data_tensor[index], self.target_tensor[index]

    def __len__(self) -> int:
        return self.data_tensor.size(0)
