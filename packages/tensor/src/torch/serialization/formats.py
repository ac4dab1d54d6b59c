"""The other formats that torch.load knows, in the order in which it asks them."""

from typing import Any

from . import numpy_format, pytorch, pytorch_old, safetensors_format, streams, zips
from .registry import register_format


def _load_zip(source: streams.Source, options: Any) -> Any:
    """What a zip archive holds: arrays of NumPy's, or an object of PyTorch's."""
    members = zips.Archive(source, options)
    folder = pytorch.find_folder(members)
    if folder is not None:
        return pytorch.load_checkpoint(source, members, folder, options)
    if all(name.endswith(".npy") for name in members.members):
        return numpy_format.load_npz(members, options)
    raise source.error(
        "the zip archive holds neither arrays (.npy) nor a checkpoint of PyTorch (data.pkl): "
        f"{list(members.members)[:5]}"
    )


register_format("NumPy array", numpy_format.is_npy, numpy_format.load_npy)
register_format("zip archive", zips.is_zip, _load_zip)
register_format("PyTorch up to 1.5", pytorch_old.is_stream, pytorch_old.load_stream)
register_format("the alpha's tar archive", pytorch_old.is_tar, pytorch_old.load_tar)
register_format(
    "safetensors", safetensors_format.is_safetensors, safetensors_format.load_safetensors
)
