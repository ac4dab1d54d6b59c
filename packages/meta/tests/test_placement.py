"""Tensors that the library makes on its own are made where those are that it was given.

No second device is needed to see it: of every call that makes a tensor the source tells whether it
says where. What is made `like` another one, by its `new`, or by an operation is where that one is.
"""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
import torch

PACKAGES = ["torch.autograd", "torch.nn", "torch.optim"]

# Functions that may leave the place to the default, and why.
ALLOWED = {
    "torch.nn.init.orthogonal": "a small matrix for LAPACK, copied to where it belongs",
}


def takes_a_place(name: str) -> bool:
    """Whether torch.name makes a tensor on a device that can be named."""
    if name.endswith("Tensor") or name == "from_numpy":
        return True
    try:
        parameters = inspect.signature(getattr(torch, name, None)).parameters
    except (TypeError, ValueError):
        return False
    return "device" in parameters and not name.endswith("_like")


class Calls(ast.NodeVisitor):
    """The functions of a module that make a tensor and do not say where, with the line."""

    def __init__(self, module: str) -> None:
        self.path = [module]
        self.found: list[tuple[str, int]] = []
        self.makers = 0

    def visit_scope(self, node: ast.AST) -> None:
        self.path.append(node.name)
        self.generic_visit(node)
        self.path.pop()

    visit_FunctionDef = visit_ClassDef = visit_scope

    def visit_Call(self, node: ast.Call) -> None:
        maker = node.func
        if isinstance(maker, ast.Name) and maker.id == "Parameter":
            return  # it is moved with its Module
        self.generic_visit(node)
        of_torch = isinstance(maker, ast.Attribute) and isinstance(maker.value, ast.Name)
        if not of_torch or maker.value.id != "torch" or not takes_a_place(maker.attr):
            return
        self.makers += 1
        # at import there is nothing that was given; buffers of a Module are moved with it
        if len(self.path) == 1 or (".modules." in self.path[0] and self.path[-1] == "__init__"):
            return
        # torch.normal(mean, std) of tensors is an operation
        if maker.attr != "normal" and "device" not in [keyword.arg for keyword in node.keywords]:
            self.found.append((".".join(self.path), node.lineno))


def calls(source: str, module: str) -> Calls:
    visitor = Calls(module)
    visitor.visit(ast.parse(source))
    return visitor


@pytest.mark.parametrize("package", PACKAGES)
def test_tensors_are_made_where_they_are_used(package):
    root = Path(importlib.import_module(package).__file__).parent
    found, makers = [], 0
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        visitor = calls(path.read_text("utf-8"), ".".join((package, *parts)))
        found += visitor.found
        makers += visitor.makers
    assert [f"{name}, line {line}" for name, line in found if name not in ALLOWED] == []
    of_here = {name for name in ALLOWED if name.startswith(f"{package}.")}
    assert of_here <= {name for name, _ in found}  # none is listed in vain
    assert makers > 0 or package == "torch.optim"


@pytest.mark.parametrize(
    "line",
    ["torch.zeros(n)", "torch.LongTensor([1])", "torch.Tensor(n)", "torch.randperm(n).long()"],
)
def test_what_is_found(line):
    source = f"def f(x, n):\n    return {line}"
    assert calls(source, "m").found == [("m.f", 2)]
    assert calls(f"y = {line}", "m").found == []


@pytest.mark.parametrize(
    "line",
    [
        "torch.zeros(n, device=x.device)",
        "torch.zeros_like(x)",
        "x.new(n)",
        "torch.add(x, n)",
        "Parameter(torch.Tensor(n))",
    ],
)
def test_what_is_left_alone(line):
    assert calls(f"def f(x, n):\n    return {line}", "m").found == []
