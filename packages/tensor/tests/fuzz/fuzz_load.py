"""Fuzzes torch.load: whatever the bytes, it gives an object or raises FileError.

fuzz_load.py FOLDER [options of libFuzzer]: FOLDER gets `corpus` (seeds, made here, and what the
fuzzer finds worth keeping) and whatever input failed. The first byte of an input says what becomes
of the rest: a whole file, or parts of one around which fitting checksums are put, without which
almost no change would get past the first check.
"""

import io
import os
import sys
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["torch.serialization"]):
    import torch
    import torch.serialization as files
    from torch.serialization import archive

sys.path.insert(0, str(Path(__file__).parent.parent))
import forging

LIMIT = 16 << 20  # bytes of Python objects that a load may make
WHOLE, MAPPED, PIPED, PICKLE, TABLES, HEADING = range(6)
ONE_TENSOR = forging.table()
MEMORY = os.memfd_create("fuzz_load")  # a file that goes with the process


def touch(obj, depth=0):
    """Reads every tensor, so that what is checked late is checked."""
    if torch.is_tensor(obj):
        if obj.numel() < 1000:
            obj.contiguous().tolist()
        obj.storage().fill_(0)
    elif torch.is_storage(obj):
        obj[:10].tolist()
    elif isinstance(obj, dict) and depth < 5:
        for value in list(obj.values())[:100]:
            touch(value, depth + 1)
    elif isinstance(obj, list | tuple) and depth < 5:
        for value in obj[:100]:
            touch(value, depth + 1)


def one_input(data):
    """What the fuzzer calls."""
    kind, data = data[0] % 6 if data else WHOLE, data[1:]
    if kind == PICKLE:
        data = forging.seal([data, b"{}", *ONE_TENSOR], bytes(64))
    elif kind in (TABLES, HEADING):
        pieces, data = forging.split(data)
        heading = None
        if kind == HEADING:
            heading, pieces[0] = pieces[0], b"\x80\x02X\x02\0\0\0t0Q."
        data = forging.seal(pieces, data, heading)
    try:
        if kind == MAPPED:
            os.ftruncate(MEMORY, 0)
            os.pwrite(MEMORY, data, 0)
            touch(torch.load(f"/proc/self/fd/{MEMORY}", mmap=True, limit=LIMIT))
        else:
            f = forging.Pipe(data) if kind == PIPED else io.BytesIO(data)
            touch(torch.load(f, limit=LIMIT))
    except files.FileError:
        pass


def seeds():
    """Small files of every kind, and parts of them."""
    for obj in forging.objects():
        for protocol in (2, 4, 5):
            data = forging.saved(obj, pickle_protocol=protocol)
            pieces = forging.members(data)
            yield WHOLE, data
            yield PICKLE, pieces[0]
            yield TABLES, forging.join(pieces[:-1], pieces[-1])
        yield MAPPED, data
        yield PIPED, data
        text = data[archive.BLOCK : archive.HEADING - 17].rstrip()
        yield HEADING, forging.join([text, *pieces[1:-1]], pieces[-1])
    for data in forging.other_formats():
        for kind in (WHOLE, MAPPED, PIPED):
            yield kind, data


def main():
    folder = Path(sys.argv.pop(1))
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for i, (kind, data) in enumerate(seeds()):
        (corpus / f"seed{i}").write_bytes(bytes([kind]) + data)
    warnings.simplefilter("ignore")
    options = ["-max_len=20000", "-timeout=20", "-rss_limit_mb=512"]
    arguments = [sys.argv[0], f"-artifact_prefix={folder}/", *options, *sys.argv[1:], str(corpus)]
    atheris.Setup(arguments, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
