"""Prints include;library;library of oneDNN and OpenBLAS, as found in their wheels, for CMake."""

from importlib.metadata import files
from pathlib import Path


def locate(distribution: str, ending: str) -> Path:
    for entry in files(distribution) or ():
        if str(entry).endswith(ending):
            return Path(entry.locate()).resolve()
    raise SystemExit(f"{distribution} has no file {ending}")


include = locate("onednn-devel-cpu-gomp", "include/oneapi/dnnl/dnnl.h").parents[2]
onednn = locate("onednn-cpu-gomp", "libdnnl.so.3")
openblas = locate("scipy-openblas32", "lib/libscipy_openblas.so")
print(include, onednn, openblas, sep=";")
