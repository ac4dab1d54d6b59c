"""NumPy's files: .npy (one array) and .npz (a zip archive of them), without NumPy.

The format is the one of NumPy Enhancement Proposal 1 and of numpy.lib.format: a magic number, a
version, a header that is a Python dict of three entries, and the data.
"""

import io
import re
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import _C

from . import archive, graph, streams, zips
from .atomic import writing

MAGIC = b"\x93NUMPY"
MAX_HEADER = 10_000  # bytes, as in NumPy
_ALIGN = 64  # of the data
_DTYPES = {
    "b1": _C.bool,
    "i1": _C.int8,
    "i2": _C.int16,
    "i4": _C.int32,
    "i8": _C.int64,
    "u1": _C.uint8,
    "f2": _C.float16,
    "f4": _C.float32,
    "f8": _C.float64,
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}
_TOKEN = re.compile(
    r"\s*(?:'([^'\\\n]*)'|\"([^\"\\\n]*)\"|([0-9]{1,19})L?|(True|False)|([{}()\[\]:,]))"
)


# reading


def _tokens(text: str, error: Callable) -> list[Any]:
    """Strings as ("str", text), numbers, bools, and signs as str."""
    tokens: list[Any] = []
    at = 0
    text = text.rstrip(" \n\0")
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise error(f"the header cannot be read: {text[at : at + 40]!r}")
        single, double, number, truth, sign = match.groups()
        if single is not None or double is not None:
            tokens.append(("str", double if single is None else single))
        else:
            tokens.append(int(number) if number else truth == "True" if truth else sign)
        at = match.end()
    return tokens


def _parse_header(text: str, error: Callable) -> dict[str, Any]:
    """The header's entries: a dict of a str, a bool and a tuple of ints."""
    tokens = iter([*_tokens(text, error), None, None])
    entries: dict[str, Any] = {}

    def expect(value: Any) -> None:
        if value is not True:
            raise error("the header cannot be read: expected {'descr': ..., 'fortran_order': ..., "
                        f"'shape': ...}}, got {text[:200]!r}")  # fmt: skip

    expect(next(tokens) == "{")
    token = next(tokens)
    while token != "}":
        expect(isinstance(token, tuple) and token[1] not in entries)
        expect(next(tokens) == ":")
        value = next(tokens)
        if value == "[":
            raise error("structured arrays have no tensor type")
        if value == "(":
            sizes: list[int] = []
            part = next(tokens)
            while part != ")":
                expect(type(part) is int)
                sizes.append(part)
                part = next(tokens)
                if part == ",":
                    part = next(tokens)
                else:
                    expect(part == ")")
            value = sizes
        elif isinstance(value, tuple):
            value = value[1]
        entries[token[1]] = value
        token = next(tokens)
        if token == ",":
            token = next(tokens)
        else:
            expect(token == "}")
    expect(next(tokens) is None)
    kinds = {"descr": str, "fortran_order": bool, "shape": list}
    expect({name: type(value) for name, value in entries.items()} == kinds)
    return entries


def _find_dtype(descr: str, error: Callable) -> tuple[Any, str]:
    """The dtype of a type string, and its byte order."""
    order, code = descr[:1], descr[1:]
    if code == "O" or code.startswith("O"):
        raise error("arrays of Python objects are not loaded: their content is a program")
    dtype = _DTYPES.get(code)
    orders = "|<>" if code in ("b1", "i1", "u1") else "<>"
    if dtype is None or order not in orders or not order:
        raise error(f"the array's dtype {descr!r:.40} has no tensor type")
    return dtype, "big" if order == ">" else "little"


def read_array(source: streams.Source, map_location: Any) -> Any:
    """The tensor of the .npy file that the source stands at, which is passed."""
    error = source.error
    start = source.read(8, "the header")
    major, minor = start[6], start[7]
    if not start.startswith(MAGIC) or major not in (1, 2, 3) or minor:
        raise error(f"expected an array of version 1.0, 2.0 or 3.0, got {start!r}")
    size = 2 if major == 1 else 4
    length = int.from_bytes(source.read(size, "the header"), "little")
    if length > MAX_HEADER:
        raise error(f"expected a header of at most {MAX_HEADER} bytes, got {length}")
    try:
        text = source.read(length, "the header").decode("utf-8" if major == 3 else "latin-1")
    except UnicodeDecodeError:
        raise error("the header is not UTF-8") from None
    entries = _parse_header(text, error)
    dtype, order = _find_dtype(entries["descr"], error)
    shape = tuple(entries["shape"])
    if len(shape) > archive.MAX_DIMS:
        raise error(f"expected at most {archive.MAX_DIMS} dimensions, got {len(shape)}")
    return take_tensor(source, dtype, shape, order, map_location, "the array",
                       column_major=entries["fortran_order"])  # fmt: skip


def take_tensor(
    source: streams.Source,
    dtype: Any,
    shape: tuple[int, ...],
    order: str,
    map_location: Any,
    what: str,
    column_major: bool = False,
) -> Any:
    """The tensor whose elements come next, mapped where they can be."""
    strides, step = [], 1
    for n in shape if column_major else reversed(shape):
        strides.append(step)
        step *= max(n, 1)
    stride = tuple(strides if column_major else reversed(strides))
    if step > archive.LARGEST // dtype.itemsize:
        raise source.error(f"expected fewer elements, got size {shape}")
    count = 0 if 0 in shape else step
    storage = archive.take_storage(source, dtype, count, order, what)
    row = archive.StorageRow(-1, 0, count, dtype, "cpu", what)
    storage = graph.place(storage, row, map_location, source.error)
    return graph.view(storage, archive.TensorRow(0, 0, shape, stride))


def is_npy(head: bytes) -> bool:
    """Whether a file begins as an array of NumPy's."""
    return head.startswith(MAGIC)


def load_npy(source: streams.Source, options: Any) -> Any:
    """The tensor of a .npy file."""
    tensor = read_array(source, options.map_location)
    source.settle()
    return tensor


def load_npz(members: zips.Archive, options: Any) -> dict[str, Any]:
    """The tensors of a zip archive of arrays, by name."""
    tensors = {}
    for name in members.members:
        source = members.open(name)
        tensors[name.removesuffix(".npy")] = read_array(source, options.map_location)
        source.finish()
    return tensors


# writing


def check_tensor(op: str, tensor: Any, what: str = "") -> Any:
    """The tensor in host memory; TypeError for what is none."""
    if not isinstance(tensor, _C.Tensor):
        data = getattr(tensor, "data", None)
        hint = "; pass its .data" if isinstance(data, _C.Tensor) else ""
        raise TypeError(f"{op}: {what}expected a tensor, got {type(tensor).__name__}{hint}")
    return tensor.cpu()


def check_names(op: str, tensors: Any) -> dict[str, Any]:
    """A dict from str to tensors in host memory; TypeError for others."""
    if not isinstance(tensors, Mapping):
        raise TypeError(f"{op}: expected a dict of tensors, got {type(tensors).__name__}")
    for name in tensors:
        if not isinstance(name, str):
            raise TypeError(f"{op}: expected names to be str, got {name!r:.40}")
    return {name: check_tensor(op, t, f"{name!r:.40}: ") for name, t in tensors.items()}


def bytes_of_tensor(tensor: Any) -> memoryview:
    """The memory of a contiguous tensor's elements."""
    item = tensor.dtype.itemsize
    start = tensor.storage_offset() * item
    return streams.bytes_of(tensor.storage())[start : start + tensor.numel() * item]


def _pieces(op: str, tensor: Any, what: str = "") -> Iterator[Any]:
    """The bytes of a .npy file, the header first."""
    if tensor.dtype not in _CODES:
        raise TypeError(
            f"{op}: {what}NumPy has no {archive.dtype_name(tensor.dtype)}; "
            "save a conversion, such as .float()"
        )
    reverse = tensor.permute(*reversed(range(tensor.dim())))
    column_major = reverse.is_contiguous() and not tensor.is_contiguous()
    code = _CODES[tensor.dtype]
    order = "|" if tensor.dtype.itemsize == 1 else "<" if sys.byteorder == "little" else ">"
    text = (
        f"{{'descr': '{order}{code}', 'fortran_order': {column_major}, "
        f"'shape': {tuple(tensor.shape)!r}, }}"
    )
    length = archive.padded(len(MAGIC) + 4 + len(text) + 1, _ALIGN) - len(MAGIC) - 4
    text = text.ljust(length - 1) + "\n"
    yield MAGIC + b"\x01\x00" + struct.pack("<H", length) + text.encode("latin-1")
    whole = bytes_of_tensor(reverse if column_major else tensor.contiguous())
    for start in range(0, len(whole), streams.PIECE):
        yield whole[start : start + streams.PIECE]


def save_npy(tensor: Any, f: Any, *, fsync: bool = True) -> None:
    """Saves a tensor as NumPy does: `numpy.load` and `torch.load` read the file.

    f is a path, which is replaced in one step as by `torch.save`, or a file object that is open for
    writing bytes. A tensor whose transpose is contiguous is written in Fortran order, any other one
    in C order. TypeError for what is no tensor, and for bfloat16, which NumPy does not have.

    >>> import io, torch
    >>> f = io.BytesIO()
    >>> torch.serialization.save_npy(torch.arange(3), f)
    >>> _ = f.seek(0)
    >>> torch.load(f).tolist()
    [0, 1, 2]
    """
    pieces = _pieces("save_npy", check_tensor("save_npy", tensor))
    first = next(pieces)
    with writing("save_npy", f, fsync) as sink:
        sink.write(first)
        for piece in pieces:
            sink.write(piece)


class _SinkFile(io.RawIOBase):
    """A sink as the file object that zipfile writes to."""

    def __init__(self, sink: streams.Sink) -> None:
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._sink.write(data)
        return len(data)


def save_npz(tensors: Any, f: Any, *, compressed: bool = False, fsync: bool = True) -> None:
    """Saves a dict of tensors as NumPy's `savez` does, or with `compressed` as `savez_compressed`.

    `numpy.load` and `torch.load` read the file: names and tensors. f is a path, which is replaced
    in one step as by `torch.save`, or a file object. Tensors that share memory do not share it in
    the file. TypeError for names that are no str, what is no tensor, and for bfloat16.

    >>> import io, torch
    >>> f = io.BytesIO()
    >>> torch.serialization.save_npz({"a": torch.ones(2), "b": torch.arange(2)}, f)
    >>> _ = f.seek(0)
    >>> torch.load(f)["b"].tolist()
    [0, 1]
    """
    import zipfile  # late: torch.save and torch.load do without

    tensors = check_names("save_npz", tensors)
    rows = {name: _pieces("save_npz", t, f"{name!r:.40}: ") for name, t in tensors.items()}
    heads = {name: next(pieces) for name, pieces in rows.items()}
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with writing("save_npz", f, fsync) as sink:
        with zipfile.ZipFile(_SinkFile(sink), "w", method, allowZip64=True) as members:  # type: ignore[arg-type]
            for name, pieces in rows.items():
                info = zipfile.ZipInfo(f"{name}.npy")  # of 1980: a file depends on its content
                info.compress_type = method
                info.external_attr = 0o644 << 16
                large = tensors[name].numel() * tensors[name].dtype.itemsize > 1 << 30
                with members.open(info, "w", force_zip64=large) as member:
                    member.write(heads[name])
                    for piece in pieces:
                        member.write(piece)
