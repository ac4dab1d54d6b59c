"""`import torch`: light, and clear about parts that are not installed."""

import re

import pytest
import torch
from harness import run
from torch._versions import require


def test_import_is_light():
    out = run("import sys, torch; print(*[m for m in sys.modules if '.' not in m])")
    loaded = set(out.split())
    assert "torch" in loaded
    assert not loaded & {
        "numpy",
        "pickle",
        "typing_extensions",
        "tempfile",
        "subprocess",
        "torch.nn",
    }


def test_parts_load_on_first_use():
    out = run(
        """
import sys, torch
assert not {"torch.cuda", "torch.cpu", "torch.serialization"} & set(sys.modules)
assert {"save", "load", "serialization"} <= set(dir(torch)) and callable(torch.save)
torch.cuda.is_available(), torch.cpu.isa()
assert "torch.cuda" in sys.modules and "torch.cpu" in sys.modules
assert not {"Any", "importlib", "extend_path", "sys"} & set(dir(torch))
assert {"nn", "autograd", "cuda", "exp", "FloatTensor", "manual_seed"} <= set(dir(torch))
print(torch.__version__)
"""
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", out.strip())


HIDE = """
import sys

class Hiding:  # a finder to which no other distribution is installed
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        return None if name in HIDDEN else self.finder.find_spec(name, path, target)

HIDDEN = {f"torch.{n}" for n in (
    "nn", "autograd", "optim", "multiprocessing", "legacy", "utils", "utils.data")}
sys.meta_path = [Hiding(finder) for finder in sys.meta_path]
import torch
"""


def test_a_missing_part_names_the_distribution():
    run(
        HIDE
        + """
distributions = {"nn": "nn", "autograd": "autograd", "optim": "optim", "multiprocessing": "mp",
                 "legacy": "legacy", "utils.data": "mp"}
for part, distribution in distributions.items():
    uses = [f"import torch.{part}"]
    if "." not in part:
        uses += [f"torch.{part}", f"from torch import {part}"]
    for use in uses:
        try:
            exec(use)
        except ModuleNotFoundError as error:
            text = f"torch.{part} is not installed: pip install alphatorch-{distribution}"
            assert str(error) == text, (use, error)
            assert error.name == f"torch.{part}"
        else:
            raise AssertionError(use)
for use in ("torch.no_grad", "from torch import set_grad_enabled"):  # names of another part
    try:
        exec(use)
    except ModuleNotFoundError as error:
        text = "torch.autograd is not installed: pip install alphatorch-autograd"
        assert str(error) == text, (use, error)
    else:
        raise AssertionError(use)
try:
    torch.nothing
except AttributeError as error:
    assert str(error) == "module 'torch' has no attribute 'nothing'"
else:
    raise AssertionError
"""
    )


def test_a_part_that_misses_something_else_says_what():
    run(
        """
import importlib.abc, importlib.util, sys, torch

class Broken(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.util.spec_from_loader(name, self) if name == "torch.nn" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        import nothing_like_this

sys.meta_path.insert(0, Broken())
try:
    torch.nn
except ModuleNotFoundError as error:
    assert error.name == "nothing_like_this", error
else:
    raise AssertionError
"""
    )


def test_versions():
    require("alphatorch-tensor", ">=0.1,<999", by="alphatorch-nn 0.1")
    with pytest.raises(ImportError) as caught:
        require("alphatorch-tensor", ">=998.1,<999", by="alphatorch-nn 0.1")
    assert re.fullmatch(
        r"alphatorch-nn 0\.1 needs alphatorch-tensor >=998\.1,<999, but \S+ is installed: "
        r"pip install 'alphatorch-tensor>=998\.1,<999'",
        str(caught.value),
    )
    with pytest.raises(ImportError, match=r"needs alphatorch-tensor <0\.0\.1, but "):
        require("alphatorch-tensor", "<0.0.1", by="x")
    with pytest.raises(
        ImportError, match=r"^x needs alphatorch-none >=1, which is not installed: pip"
    ):
        require("alphatorch-none", ">=1", by="x")


def test_the_namespace_can_be_extended(tmp_path):
    (tmp_path / "torch" / "extra").mkdir(parents=True)
    (tmp_path / "torch" / "extra" / "__init__.py").write_text("value = 7\n")
    run(
        f"""
import sys
sys.path.append({str(tmp_path)!r})
import torch.extra
assert torch.extra.value == 7 and torch.ones(1)[0] == 1
"""
    )


def test_star_import_gives_no_private_functions():
    names = set(torch._C.__all__)
    private = {row["name"] for row in torch._C._op_table if row["private"]}
    assert not names & private
    assert not [name for name in names if name.startswith("_")]
    assert all(hasattr(torch, name) for name in names)
