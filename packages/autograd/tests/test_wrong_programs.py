"""Wrong programs and what they are told: the whole text, with the lines of the program.

The files in wrong_programs/ hold

    == name
    the program
    -- the error
    its text, notes included

`#a` to `#d` at the end of a line name it: {a} in the text stands for `file:line: source` of that
line. The line marked `#!` is the one from which the error comes out.
"""

import linecache
import re
import traceback
from pathlib import Path

import pytest
import torch
from torch import autograd
from torch.autograd import Function, Variable

PROGRAMS = {}
for path in sorted(Path(__file__).with_name("wrong_programs").glob("*.txt")):
    for part in path.read_text().removeprefix("== ").split("\n== "):
        program, expected = part.split("\n-- ")
        name, _, source = program.partition("\n")
        error, _, text = expected.partition("\n")
        assert name not in PROGRAMS
        PROGRAMS[name] = source.split("\n"), error, text.rstrip("\n")


class Cube(Function):
    """Saves its argument; can be differentiated once."""

    def forward(self, x):
        self.save_for_backward(x)
        return x * x * x

    def backward(self, gy):
        (x,) = self.saved_tensors
        return gy * x * x * 3


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


NAMES = {name: getattr(autograd, name) for name in autograd.__all__}
NAMES |= {"torch": torch, "leaf": leaf, "Cube": Cube, "__name__": "program"}


def run(name, lines):
    """Run a program; the error, and where each marked line is."""
    filename = f"/programs/{name}.py"
    marks = {}
    for number, line in enumerate(lines, 1):
        found = re.search(r"  #([a-d]?)(!?)$", line)
        if found:
            line = lines[number - 1] = line[: found.start()]
            marks[found[1]] = f"{filename}:{number}: {line.strip()}"
            if found[2]:
                marks["!"] = number
    source = "\n".join(lines) + "\n"
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    try:
        exec(compile(source, filename, "exec"), dict(NAMES))
    except Exception as error:
        return error, marks, filename
    pytest.fail(f"{name} went through")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_it_is_told(name):
    lines, kind, text = PROGRAMS[name]
    error, marks, filename = run(name, list(lines))
    told = "\n".join([error.args[0] if error.args else "", *getattr(error, "__notes__", ())])
    assert told == text.format(**marks)
    assert type(error).__name__ == kind
    trace = traceback.extract_tb(error.__traceback__)
    assert marks["!"] in [frame.lineno for frame in trace if frame.filename == filename]


def test_there_are_enough():
    assert len(PROGRAMS) >= 40
