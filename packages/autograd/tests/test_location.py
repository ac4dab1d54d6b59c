"""The user's line, from wherever the library was called."""

import io
import linecache
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest
import torch
from torch.autograd import Function, Variable, location


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


class Same(Function):
    def forward(self, x):
        return x * 1

    def backward(self, gy):
        return gy


def line_of(remark):
    """`file:line: source` of the line of this file that ends with `# remark`."""
    for number, line in enumerate(linecache.getlines(__file__), 1):
        if line.rstrip().endswith("# " + remark):
            return f"{__file__}:{number}: {line.strip()}"
    raise AssertionError(remark)


def made_by(function, *args):
    return function(*args)


def decorated(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@decorated
def inside_a_decorator(x):
    return x * 2  # decorated


def generator(x):
    for _ in range(2):
        yield x * 2  # generator


class Model:
    @property
    def result(self):
        return leaf(1) * 2  # property

    def __call__(self, x):
        return made_by(torch.exp, x)

    def __getitem__(self, x):
        return [Same()(v) for v in [x]][0]  # comprehension


def over_several_lines(x):
    return (
        x.exp() + x.sin()  # several lines
    )


PLACES = [
    (lambda x: inside_a_decorator(x), "decorated"),
    (lambda x: list(generator(x))[1], "generator"),
    (lambda x: Model().result, "property"),
    (lambda x: Model()[x], "comprehension"),
    (lambda x: (lambda y: y * 2)(x), "lambda"),  # lambda
    (lambda x: next(map(torch.exp, [x])), "map"),  # map
    (lambda x: torch.enable_grad()(lambda: x * 2)(), "in a block"),  # in a block
    (lambda x: over_several_lines(x).creator.previous_functions[1][0], "several lines"),
]


@pytest.mark.parametrize("make, remark", PLACES, ids=[remark for _, remark in PLACES])
def test_places(make, remark):
    result = make(leaf(1))
    node = result.creator if isinstance(result, Variable) else result
    assert node.forward_line == line_of(remark)


def test_functions_that_call_through_other_functions():
    y = Model()(leaf(1))
    assert y.creator.forward_line == line_of_source("return function(*args)", 1)


def line_of_source(source, which):
    lines = [n for n, s in enumerate(linecache.getlines(__file__), 1) if s.strip() == source]
    return f"{__file__}:{lines[which - 1]}: {source}"


def test_every_turn_of_a_loop_has_the_line_of_its_operation():
    x = leaf(1)
    results = []
    for factor in (1, 2):
        results.append(x * factor)  # in the loop
        if factor == 2:
            results.append(x + factor)  # in its second turn
    lines = [y.creator.forward_line for y in results]
    assert lines == [line_of("in the loop")] * 2 + [line_of("in its second turn")]


def test_without_source():
    names = {"leaf": leaf}
    exec("x = leaf(1)\n\ny = x * 2\n", names)
    assert names["y"].creator.forward_line == "<string>:3"
    exec(compile("y = [v.exp() for v in [leaf(1)]][0]", "nowhere.py", "exec"), names)
    assert names["y"].creator.forward_line == "nowhere.py:1"


def test_in_a_notebook():
    """Cells are in linecache under names that are no files."""
    name = "/tmp/ipykernel_1/2.py"
    source = "x = leaf(1)\ny = x * 2\n"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    try:
        names = {"leaf": leaf}
        exec(compile(source, name, "exec"), names)
        assert names["y"].creator.forward_line == f"{name}:2: y = x * 2"
    finally:
        del linecache.cache[name]


def test_in_the_interactive_interpreter():
    import code

    console = code.InteractiveConsole({"leaf": leaf})
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for line in ("def f(x):", "    y = x", "    return y * 2", "", "y = f(leaf(1))"):
            console.push(line)
    line = console.locals["y"].creator.forward_line
    assert line.startswith("<console>:3")


def test_a_file_that_changed_since(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("y = leaf(1) * 2\n")
    names = {"leaf": leaf}
    exec(compile(path.read_text(), str(path), "exec"), names)
    assert names["y"].creator.forward_line == f"{path}:1: y = leaf(1) * 2"
    path.write_text("y = leaf(1) * 2  # and more\n")
    assert names["y"].creator.forward_line.endswith("# and more")


def test_no_line_at_all():
    node = Same()
    assert location.describe(None, -1) == "a line that was not recorded"
    assert location.user_position(None) == (None, -1)
    assert node.name == "Same"


def test_neither_frames_nor_values_are_kept():
    import weakref

    def work():
        local = torch.ones(3)
        died.append(weakref.ref(local))
        return leaf(1) * 2

    died = []
    result = work()
    assert died[0]() is None
    assert sys.getrefcount(result) == 2


def test_files_of_the_library_are_known_by_their_folder():
    assert location.belongs_to_library(torch.autograd.__file__)
    assert location.belongs_to_library(torch.__file__)
    assert not location.belongs_to_library(__file__)
    assert not location.belongs_to_library("torch/mine.py")


def lines_of_numbers(x):
    return [
        x * 2.0,
        2 * x,
        x.add(1),
        torch.mul(x, x),
        x + x,
    ]


def test_lines_are_those_of_the_caller_whichever_way_an_operation_takes():
    first = lines_of_numbers.__code__.co_firstlineno + 2
    for _ in range(3):  # also where the caller is known from the last time
        results = lines_of_numbers(leaf(3))
        results += [torch.autograd.Variable.__add__(results[0], 1)]  # another caller between
        lines = [int(y.creator.forward_line.split(":")[1]) for y in results]
        assert lines[:5] == [first + i for i in range(5)]
        assert lines[5] not in range(first, first + 5)
