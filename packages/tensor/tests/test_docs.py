"""Every public name is documented, its examples run, and inspect reads its signature."""

import doctest
import importlib
import inspect
import types

import pytest
import torch

MODULES = [
    "torch",
    "torch.compat",
    "torch.linalg",
    "torch.random",
    "torch.cpu",
    "torch.serialization",
]
SPECIAL = (types.BuiltinFunctionType, types.MethodDescriptorType)


def public_names():
    """(dotted name, object) of every function, method and class that users meet."""
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name, value in vars(module).items():
            if name.startswith("_") or isinstance(value, types.ModuleType):
                continue
            if callable(value) and getattr(value, "__module__", "torch").startswith("torch"):
                yield f"{module_name}.{name}", value
    for cls, owner in ((torch.Tensor, "Tensor"), (torch._C._Storage, "_Storage"),
                       (torch.Generator, "Generator")):  # fmt: skip
        for name, value in vars(cls).items():
            if not name.startswith("_") and callable(value):
                yield f"torch.{owner}.{name}", value


NAMES = dict(public_names())
CLASSES = {name for name, value in NAMES.items() if isinstance(value, type)}


@pytest.mark.parametrize("name", NAMES)
def test_is_documented(name):
    text = inspect.getdoc(NAMES[name])
    assert text, "no docstring"
    assert len(text.split()) > 3, text


@pytest.mark.parametrize("name", [n for n in NAMES if isinstance(NAMES[n], SPECIAL)])
def test_has_an_example_and_a_signature(name):
    value = NAMES[name]
    assert ">>> " in value.__doc__, "no example"
    inspect.signature(value)


@pytest.mark.parametrize("name", [n for n in NAMES if ">>> " in (NAMES[n].__doc__ or "")])
def test_example(name):
    """The example runs and prints what it says."""
    examples = doctest.DocTestParser().get_doctest(
        NAMES[name].__doc__, {"torch": torch}, name, None, None
    )
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    result = runner.run(examples, out=report.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(report)


def test_module_examples():
    for name in MODULES:
        module = importlib.import_module(name)
        for test in doctest.DocTestFinder(recurse=False).find(module, name):
            assert doctest.DocTestRunner().run(test).failed == 0, name


def test_signatures():
    """Defaults in front of what is required are keywords; the tensor is called input."""
    assert str(inspect.signature(torch.addmm)) == (
        "(input, mat1, mat2, *, beta=1, alpha=1, out=None)"
    )
    assert str(inspect.signature(torch.Tensor.add_)) == "(self, /, other=None, *, value=1)"
    assert str(inspect.signature(torch.Tensor.uniform_)).startswith("(self, /, from_=0, to=1")
    assert torch.ones(3).uniform_(from_=2, to=3).min() >= 2
