"""The safetensors format: a JSON header and the data, as the package of that name describes it.

Files are read here, so that tensors lie over the mapped file and reading needs no package. The
package writes them, to memory: what it offers for paths does not wait for the disk, and leaves a
file behind when it is killed.
"""

import json
from collections.abc import Mapping
from typing import Any

from torch import _C

from . import archive, streams
from .atomic import writing
from .numpy_format import bytes_of_tensor, check_names, take_tensor

MAX_HEADER = 100_000_000  # bytes, as in the package
_DTYPES = {
    "BOOL": _C.bool,
    "U8": _C.uint8,
    "I8": _C.int8,
    "I16": _C.int16,
    "I32": _C.int32,
    "I64": _C.int64,
    "F16": _C.float16,
    "BF16": _C.bfloat16,
    "F32": _C.float32,
    "F64": _C.float64,
}


# reading


def is_safetensors(head: bytes) -> bool:
    """Whether a file begins as the format does: a length and a JSON object."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= MAX_HEADER


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _read_header(source: streams.Source, limit: int) -> dict[str, Any]:
    n = int.from_bytes(source.read(8, "the header"), "little")
    if n > MAX_HEADER:
        raise source.error(f"expected a header of at most {MAX_HEADER} bytes, got {n}")
    text = source.read(n, "the header")
    # what every list, dict and item may take
    if 100 * sum(text.count(sign) for sign in (b",", b"[", b"{")) > limit + n:
        raise source.error(f"the header describes objects of more than {limit >> 20} MiB; "
                           "load(..., limit=) sets the limit")  # fmt: skip
    try:
        header = json.loads(text.decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as problem:
        raise source.error("the header cannot be read: ", problem) from None
    if type(header) is not dict:
        raise source.error("the header cannot be read: expected a JSON object")
    metadata = header.pop("__metadata__", {})
    if type(metadata) is not dict or not all(type(v) is str for v in metadata.values()):
        raise source.error("expected the metadata to be texts by name")
    return header


def _check_row(name: str, row: Any, source: streams.Source) -> tuple[int, int, Any, tuple]:
    """Begin and end in the data, dtype and shape of a tensor."""
    fields: Any = row if type(row) is dict else {}
    dtype, shape, offsets = map(fields.get, ("dtype", "shape", "data_offsets"))
    if len(fields) != 3 or type(dtype) is not str or not _are_sizes(shape) or (
        not _are_sizes(offsets) or len(offsets) != 2
    ):  # fmt: skip
        raise source.error(
            f"{name!r:.100}: expected dtype, shape and data_offsets, got {row!r:.200}"
        )
    if dtype not in _DTYPES:
        raise source.error(f"{name!r:.100}: the dtype {dtype:.20} has no tensor type")
    if len(shape) > archive.MAX_DIMS:
        raise source.error(f"{name!r:.100}: expected at most {archive.MAX_DIMS} dimensions, got "
                           f"{len(shape)}")  # fmt: skip
    size = _DTYPES[dtype].itemsize
    for n in shape:
        size *= n
    if offsets[1] - offsets[0] != size:
        raise source.error(f"{name!r:.100}: expected {size} bytes for size {tuple(shape)}, got "
                           f"{offsets[1] - offsets[0]}")  # fmt: skip
    return offsets[0], offsets[1], _DTYPES[dtype], tuple(shape)


def _are_sizes(value: Any) -> bool:
    return type(value) is list and all(type(n) is int and 0 <= n <= archive.LARGEST for n in value)


def load_safetensors(source: streams.Source, options: Any) -> dict[str, Any]:
    """The tensors of a file, by name."""
    header = _read_header(source, options.limit)
    rows = {name: _check_row(name, row, source) for name, row in header.items()}
    end = 0
    for name, (start, stop, _, _) in sorted(rows.items(), key=lambda item: item[1][:2]):
        if start != end:
            raise source.error(f"{name!r:.100}: expected it at byte {end} of the data, got {start}")
        end = stop
    if source.remaining is not None and source.remaining != end:
        raise source.error(f"expected {end} bytes of data, got {source.remaining}")
    tensors = {}
    for name, (_, _, dtype, shape) in sorted(rows.items(), key=lambda item: item[1][:2]):
        tensors[name] = take_tensor(
            source, dtype, shape, "little", options.map_location, f"{name!r:.100}"
        )
    if source.peek(1):
        raise source.error(f"expected {end} bytes of data, got more")
    return {name: tensors[name] for name in rows}


# writing


def _refuse_sharing(tensors: dict[str, Any]) -> None:
    ranges = sorted(
        (*_extent(tensor), name) for name, tensor in tensors.items() if tensor.numel() > 0
    )
    last = (0, 0, "")
    for one in ranges:
        if one[0] < last[1]:
            first, second = sorted((last[2], one[2]))
            raise ValueError(
                f"save_safetensors: {first!r:.40} and {second!r:.40} share memory, which the "
                "format does not keep; save one of them, or a clone()"
            )
        last = max(last, one, key=lambda r: r[1])


def _extent(tensor: Any) -> tuple[int, int]:
    """Addresses of the first element and behind the last one."""
    start = tensor.data_ptr()
    steps = [(n - 1) * step for n, step in zip(tensor.shape, tensor.stride())]
    item = tensor.dtype.itemsize
    low = start + item * sum(min(step, 0) for step in steps)
    return low, start + item * (1 + sum(max(step, 0) for step in steps))


def save_safetensors(
    tensors: Any, f: Any, metadata: Mapping[str, str] | None = None, *, fsync: bool = True
) -> None:
    """Saves a dict of tensors in the safetensors format, which `torch.load` and its package read.

    f is a path, which is replaced in one step as by `torch.save`, or a file object that is open for
    writing bytes; `metadata` texts by name, which the file keeps for others. The package does the
    writing: `pip install 'alphatorch-tensor[safetensors]'`, ModuleNotFoundError without it.

    The file's bytes are made in memory first, and what is not contiguous is copied. ValueError
    where tensors overlap in memory, which the format does not keep; TypeError for names that are no
    str, and for what is no tensor.

    >>> import io, torch
    >>> f = io.BytesIO()
    >>> torch.serialization.save_safetensors({"a": torch.arange(3)}, f, {"made": "here"})
    >>> _ = f.seek(0)
    >>> torch.load(f)["a"].tolist()
    [0, 1, 2]
    """
    try:
        from safetensors import TensorSpec, serialize
    except ImportError as problem:
        raise ModuleNotFoundError(
            "save_safetensors: the package safetensors (0.8 or later) is not installed: "
            "pip install 'alphatorch-tensor[safetensors]'",
            name="safetensors",
        ) from problem
    tensors = check_names("save_safetensors", tensors)
    if "__metadata__" in tensors:
        raise ValueError("save_safetensors: the name '__metadata__' is the format's own")
    _refuse_sharing(tensors)
    texts = dict(metadata) if metadata else None
    if texts and not all(isinstance(text, str) for pair in texts.items() for text in pair):
        raise TypeError("save_safetensors: metadata: expected a dict of str")
    if not streams.is_path(f):
        streams.check_file("save_safetensors", f, "write")
    tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    memory = {name: bytes_of_tensor(tensor) for name, tensor in tensors.items()}
    specs = {
        name: TensorSpec(
            dtype=archive.dtype_name(tensor.dtype),
            shape=list(tensor.shape),
            data_ptr=tensor.data_ptr(),
            data_len=len(memory[name]),
        )
        for name, tensor in tensors.items()
    }
    with writing("save_safetensors", f, fsync) as sink:
        sink.write(serialize(specs, texts))
    del memory  # it had to stay until here
