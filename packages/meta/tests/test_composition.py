"""The seven distributions make one namespace, in every way they can be installed."""

import zipfile
from collections import Counter

import pytest
from packaging.metadata import Metadata

# The sub-packages of the namespace and the distribution that gives each.
PARTS = {
    "torch.autograd": "alphatorch-autograd",
    "torch.nn": "alphatorch-nn",
    "torch.optim": "alphatorch-optim",
    "torch.multiprocessing": "alphatorch-mp",
    "torch.utils.data": "alphatorch-mp",
    "torch.legacy": "alphatorch-legacy",
}
OURS = ("alphatorch", "alphatorch-tensor", *sorted(set(PARTS.values())))


def code_files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if ".dist-info/" not in name]


class TestFiles:
    def test_every_distribution_is_there(self, wheels, editable_wheels):
        assert sorted(wheels) == sorted(editable_wheels) == sorted(OURS)

    def test_no_file_has_two_owners(self, wheels):
        owners = Counter(name for wheel in wheels.values() for name in code_files(wheel))
        assert [name for name, count in owners.items() if count > 1] == []

    def test_one_init_of_the_namespace_and_none_of_utils(self, wheels):
        names = [name for wheel in wheels.values() for name in code_files(wheel)]
        assert names.count("torch/__init__.py") == 1
        assert "torch/__init__.py" in code_files(wheels["alphatorch-tensor"])
        assert "torch/utils/__init__.py" not in names

    def test_everything_lies_in_the_namespace(self, wheels):
        names = [name for wheel in wheels.values() for name in code_files(wheel)]
        assert {name.split("/")[0] for name in names} == {"torch"}

    def test_the_metapackage_has_no_code(self, wheels):
        assert code_files(wheels["alphatorch"]) == []

    def test_the_metapackage_names_these_versions(self, wheels):
        def metadata(wheel):
            with zipfile.ZipFile(wheel) as archive:
                (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
                return Metadata.from_email(archive.read(name), validate=True)

        pins = [str(r) for r in metadata(wheels["alphatorch"]).requires_dist if not r.marker]
        others = [metadata(wheel) for name, wheel in wheels.items() if name != "alphatorch"]
        assert sorted(pins) == sorted(f"{m.name}=={m.version}" for m in others)


SETUPS = {
    "all wheels": (),
    "all editable": OURS,
    "tensor editable": ("alphatorch-tensor",),
    "all but tensor editable": tuple(set(OURS) - {"alphatorch-tensor"}),
    "nn and mp editable": ("alphatorch-nn", "alphatorch-mp"),
}


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("tensor_first", [True, False])
def test_all_parts_import(setup, tensor_first, environment, wheels, editable_wheels):
    chosen = {n: (editable_wheels if n in SETUPS[setup] else wheels)[n] for n in OURS}
    steps = [[chosen.pop("alphatorch-tensor")], list(chosen.values())]
    for paths in steps if tensor_first else reversed(steps):
        environment.install(paths)
    code = "import torch\n" + "".join(f"import {part}\n" for part in PARTS)
    # The parts are also found as attributes, in a process that imported only torch.
    lazily = "import torch\n" + "".join(f"{part}\n" for part in PARTS if part.count(".") == 1)
    assert environment.run(code) == (0, "")
    assert environment.run(lazily) == (0, "")
    assert environment.run("import torch; assert torch.ones(3).sum() == 3") == (0, "")


def needs(distribution):
    """The distributions that do not work without this one."""
    above = {"alphatorch-autograd": ["alphatorch-nn", "alphatorch-optim"]}
    return [distribution, *above.get(distribution, [])]


@pytest.mark.parametrize("setup", ["all wheels", "all editable"])
@pytest.mark.parametrize("removed", sorted(set(PARTS.values())))
def test_uninstalling_one_leaves_the_others_whole(
    setup, removed, environment, wheels, editable_wheels
):
    source = editable_wheels if setup == "all editable" else wheels
    environment.install(source[name] for name in OURS)
    environment.uninstall(removed)
    for part, owner in PARTS.items():
        status, errors = environment.run(f"import {part}")
        if owner in needs(removed):
            assert status != 0, f"import {part} without {owner}"
        else:
            assert (status, errors) == (0, "")

    # Named with the distribution that repairs it: the part, or what lies above it.
    for part in [part for part, owner in PARTS.items() if owner == removed]:
        code = f"""
import torch
try:
    import {part}
except ImportError as error:
    assert "{part} is not installed: pip install {removed}" in str(error), error
else:
    raise SystemExit("{part} was imported")
"""
        assert environment.run(code) == (0, "")
    assert environment.run("import torch; assert torch.ones(3).sum() == 3") == (0, "")


@pytest.mark.parametrize("part", [part for part in PARTS if part.count(".") == 1])
def test_a_missing_part_as_attribute(part, environment, wheels):
    environment.install([wheels["alphatorch-tensor"]])
    code = f"""
import torch
try:
    {part}
except ImportError as error:
    assert str(error) == "{part} is not installed: pip install {PARTS[part]}", error
else:
    raise SystemExit("{part} was found")
"""
    assert environment.run(code) == (0, "")


def test_without_tensor_no_part_imports(environment, wheels):
    environment.install(path for name, path in wheels.items() if name != "alphatorch-tensor")
    for part in PARTS:
        status, errors = environment.run(f"import {part}")
        assert status != 0
        assert "Error: " in errors
