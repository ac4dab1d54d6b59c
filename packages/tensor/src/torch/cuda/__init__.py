"""NVIDIA GPUs. This build has no CUDA back end: the names exist, and say so when they are used."""

from typing import Any

_WHY = "this torch was built without CUDA"


def is_available() -> bool:
    """Whether tensors can live on a GPU."""
    return False


def device_count() -> int:
    """Number of usable GPUs."""
    return 0


def _typed(name: str) -> type:
    def refuse(cls: type, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"torch.cuda.{name}: {_WHY}")

    return type(
        name, (), {"__module__": "torch.cuda", "__new__": refuse, "__doc__": f"{name} on a GPU."}
    )


def __getattr__(name: str) -> Any:
    import torch

    if name.endswith(("Tensor", "Storage")) and isinstance(getattr(torch._C, name, None), type):
        globals()[name] = _typed(name)
        return globals()[name]
    raise AttributeError(f"module 'torch.cuda' has no attribute {name!r}")
