"""What modules and criterions share."""

from typing import Any

import torch


class Typed:
    """An object whose tensors change their type together."""

    _type: str

    def type(self, type: Any = None, tensorCache: dict[int, Any] | None = None) -> Any:
        """Converts every floating-point tensor of the object; without a type, names the current.

        type: a dotted name or a class, as `"torch.DoubleTensor"`.
        """
        if type is None:
            return self._type
        # One cache for the whole object: what shared memory before shares it afterwards.
        cache = {} if tensorCache is None else tensorCache
        for name, value in list(vars(self).items()):
            setattr(self, name, recursiveType(value, type, cache))
        self._type = torch.Tensor().type(type).type()
        return self

    def float(self) -> Any:
        return self.type("torch.FloatTensor")

    def double(self) -> Any:
        return self.type("torch.DoubleTensor")

    def cuda(self) -> Any:
        return self.type("torch.cuda.FloatTensor")


def recursiveType(param: Any, type: Any, tensorCache: dict[int, Any] | None = None) -> Any:
    """Converts the floating-point tensors in lists, tuples, dicts, modules and criterions.

    Tensors that share a storage share one afterwards, among all calls with the same tensorCache.
    Integer tensors hold indices and stay as they are.
    """
    cache = {} if tensorCache is None else tensorCache
    if isinstance(param, Typed):
        return param.type(type, cache)
    if isinstance(param, (list, tuple)):
        return param.__class__([recursiveType(item, type, cache) for item in param])
    if isinstance(param, dict):
        return {key: recursiveType(item, type, cache) for key, item in param.items()}
    if not torch.is_tensor(param) or param.dtype not in (torch.float32, torch.float64):
        return param
    if param.numel() == 0:
        return param.type(type)
    storage = param.storage()
    if storage.data_ptr() not in cache:
        whole = param.new().set_(storage, 0, (len(storage),), (1,))
        # The old storage stays in the cache, so that its address is not given to another.
        cache[storage.data_ptr()] = (storage, whole.type(type))
    _, whole = cache[storage.data_ptr()]
    return whole.new().set_(
        whole.storage(), param.storage_offset(), tuple(param.size()), param.stride()
    )


def describe_size(tensor: Any) -> str:
    return str(tuple(tensor.size()))
