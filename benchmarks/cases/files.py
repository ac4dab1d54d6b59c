"""Saving and loading tensors. Files lie where temporary files do (TMPDIR), in the page cache.

This library writes and verifies checksums, replaces files in one step, and forces them to the disk
unless told otherwise. The others do none of that; `fsync` rows force their files to the disk, too.
"""

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch", "safetensors")
TENSORS = {f"x{i}": Input((2_500_000,)) for i in range(10)}  # 10 MB each
ALL = f"dict({', '.join(f'{name}={name}' for name in TENSORS)})"


def saving(name: str, ours: str, theirs: str) -> Case:
    """Overwrites one file again and again."""
    return Case(
        name,
        "files",
        {library: ours if library == "alphatorch" else theirs for library in LIBRARIES},
        TENSORS,
        setup=f"all = {ALL}; path = scratch('saved'); save(all, path)",
        result="load(path)['x9']",
        tolerance=0,
    )


CASES = [
    saving("save 100 MB, ours to the disk", "save(all, path)", "save(all, path)"),
    saving("save 100 MB", "save(all, path, fsync=False)", "save(all, path)"),
    saving("save 100 MB, all to the disk", "save(all, path)", "save(all, path); fsync(path)"),
    Case(
        "load 100 MB",
        "files",
        dict.fromkeys(LIBRARIES, "load(path)"),
        TENSORS,
        setup=f"path = scratch('loaded'); save({ALL}, path)",
        result="load(path)['x9']",
        tolerance=0,
    ),
    Case(
        "open 1 GB, mapped",
        "files",
        dict.fromkeys(LIBRARIES, "open_mapped(path)"),
        {"x": Input((25_000_000,))},
        setup="path = scratch('mapped'); save(copies(x, 10), path)",
        result="first_of_mapped(path)",
        tolerance=0,
    ),
]
