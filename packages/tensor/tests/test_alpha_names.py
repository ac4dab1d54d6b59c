"""Every name of the alpha is there, with its arguments: alpha.txt lists them."""

import inspect
import re
from pathlib import Path

import pytest
import torch

LINES = (Path(__file__).parent / "alpha.txt").read_text().splitlines()[1:]
ROWS = {line.split(" ")[0]: line.split(" ", 2) for line in LINES}
TABLE = {row["name"]: row for row in torch._C._op_table}
# the same argument under a word that the parser takes, too
WORDS = {
    "size": "shape",
    "input": "self",
    "ndarray": "ndarray",
    "var": "std",
    "storage": "source",
    "sourceStorage": "source",
}
# names of the alpha for an argument that is always positional there
POSITIONAL = {"float_p", "int"}


def arguments_of(name):
    """Every argument name that some signature of the row or Python function takes."""
    row = TABLE.get(name) or TABLE.get(name.removesuffix("_"))
    if row is None:
        value = getattr(torch, name, None) or getattr(torch.Tensor, name)
        return set(inspect.signature(value).parameters)
    return {word for text in row["signatures"] for word in re.findall(r"(\w+):", text)}


@pytest.mark.parametrize("name", ROWS)
def test_is_there(name):
    kinds = ROWS[name][1]
    if "m" in kinds:
        assert callable(getattr(torch.Tensor, name))
    if "f" in kinds.lower():
        assert callable(getattr(torch, name))


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row[2] != "()"])
def test_takes_the_arguments(name):
    known = arguments_of(name)
    for signature in ROWS[name][2].split(" | "):
        words = re.findall(r"[(,] ?(\w+)", signature)
        for word in set(words) - POSITIONAL:
            assert word in known or WORDS.get(word) in known, f"{word} is not in {sorted(known)}"


METHODS = """size stride dim numel new type type_as cpu cuda double float half long int short char
byte
is_pinned pin_memory copy_ tolist split chunk view view_as permute expand expand_as repeat unsqueeze
unsqueeze_ select is_shared share_memory_ masked_scatter_""".split()
FUNCTIONS = """stack split chunk is_tensor is_storage typename set_printoptions manual_seed
initial_seed
seed get_rng_state set_rng_state get_num_threads set_num_threads from_numpy
set_default_tensor_type""".split()
STORAGE = """fill_ copy_ resize_ new clone tolist size element_size data_ptr is_pinned pin_memory
is_shared share_memory_ type cpu cuda double float half long int short char byte
from_buffer""".split()
PREFIXES = "Float Double Half BFloat16 Byte Bool Char Short Int Long".split()


def test_what_the_alpha_wrote_in_python():
    assert [n for n in METHODS if not hasattr(torch.Tensor, n)] == []
    assert [n for n in FUNCTIONS if not hasattr(torch, n)] == []
    assert [n for n in STORAGE if not hasattr(torch.FloatStorage, n)] == []
    for prefix in PREFIXES:
        assert issubclass(getattr(torch, prefix + "Tensor"), torch.Tensor)
        assert getattr(torch, prefix + "Storage")(2).size() == 2
    for name in "Generator Size default_generator Tensor".split():
        assert hasattr(torch, name)
