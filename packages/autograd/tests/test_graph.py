"""Pictures: what is in the text, and that Graphviz reads it."""

import re
import shutil
import subprocess
import sys

import pytest
import torch
from torch.autograd import Function, Variable, graph

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")


def leaf(*size):
    return Variable(torch.ones(*size), requires_grad=True)


class Picture:
    """The nodes (label and attributes) and edges of a DOT text."""

    def __init__(self, text):
        self.text = text
        self.nodes, self.edges = {}, []
        for line in text.splitlines():
            node = re.fullmatch(r"  (n\d+) \[(.*)\];", line)
            edge = re.fullmatch(r"  (n\d+) -> (n\d+)(?: \[label=\"(.*)\"\])?;", line)
            if node:
                assert node[1] not in self.nodes  # drawn once
                pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', node[2])
                self.nodes[node[1]] = {k: v.replace("\\n", "\n") for k, v in pairs}
            elif edge:
                self.edges.append((edge[1], edge[2], (edge[3] or "").strip()))
        assert {end for e in self.edges for end in e[:2]} <= set(self.nodes)

    def labels(self, shape):
        return sorted(n["label"].split("\n")[0] for n in self.nodes.values() if n["shape"] == shape)

    @property
    def arrows(self):
        """Edges by the first line of their labels."""

        def name(key):
            return self.nodes[key]["label"].split("\n")[0]

        return sorted((name(a), name(b)) for a, b, _ in self.edges)


def picture(*args, **options):
    return Picture(graph.dot(*args, **options))


def test_boxes_and_circles():
    w, b = leaf(3, 2), leaf(2)
    x = Variable(torch.ones(4, 3))
    y = x.mm(w) + b
    p = picture(y, {"weight": w, "bias": b})
    assert p.labels("box") == ["(4, 2) float32", "bias", "weight"]
    assert p.labels("ellipse") == ["Add", "Mm"]
    assert p.arrows == [
        ("Add", "(4, 2) float32"),
        ("Mm", "Add"),
        ("bias", "Add"),
        ("weight", "Mm"),
    ]
    boxes = {n["label"]: n for n in p.nodes.values()}
    assert boxes["weight\n(3, 2) float32"]["fillcolor"] == graph.LEAF
    assert boxes["(4, 2) float32"]["fillcolor"] == graph.RESULT


def test_source_lines():
    x = leaf(2)
    y = x.exp()  # this line
    line = sys._getframe().f_lineno - 1
    (node,) = [n for n in picture(y).nodes.values() if n["shape"] == "ellipse"]
    assert node["label"] == f"Exp\ntest_graph.py:{line}"
    assert "# this line" in node["tooltip"] and __file__.replace("\\", "\\\\") in node["tooltip"]


def test_shared_parts_are_drawn_once():
    x = leaf(2)
    h = x.exp()
    p = picture(h * h + h * x)
    assert p.labels("ellipse") == ["Add", "Exp", "Mul", "Mul"]
    assert p.labels("box") == ["(2) float32"] * 2
    assert sorted(p.arrows).count(("Exp", "Mul")) == 3


def test_several_roots():
    x = leaf(2)
    h = x * 2
    y, z = h.exp(), h.sin()
    p = picture([y, z, h], {"y": y, "z": z})
    assert p.labels("box") == ["(2) float32", "(2) float32", "y", "z"]
    assert p.labels("ellipse") == ["Exp", "MulConstant", "Sin"]
    assert ("MulConstant", "(2) float32") in p.arrows and ("(2) float32", "Exp") in p.arrows


def test_a_leaf_alone():
    p = picture(Variable(torch.ones(2, 3).double()))
    assert p.labels("box") == ["(2, 3) float64"] and p.edges == []
    assert "without gradient" in p.text


def test_names():
    x = leaf(2)
    h = x * 2
    y = h.exp()

    class Module:
        def named_parameters(self):
            yield "deep.x", x

    for params in (Module(), {"deep.x": x}, [("deep.x", x)], iter([["deep.x", x]])):
        assert picture(y, params).labels("box") == ["(2) float32", "deep.x"]
    p = picture(y, {"hidden": h, "unused": leaf(1), 5: x})
    assert p.labels("box") == ["(2) float32", "5", "hidden"]
    assert ("MulConstant", "hidden") in p.arrows and ("hidden", "Exp") in p.arrows
    assert ("MulConstant", "Exp") not in p.arrows


def test_several_outputs_are_numbered():
    x = leaf(2, 3)
    first, second, _ = (x * 2).unbind(1)
    name = first.creator.name
    p = picture(second.exp())
    assert [e[2] for e in p.edges if name in p.nodes[e[0]]["label"]] == ["1: (2)"]
    indices = Variable(torch.LongTensor([0, 1]))
    p = picture([first, indices], {"column": first})
    assert [e[2] for e in p.edges if name in p.nodes[e[0]]["label"]] == ["0"]
    assert p.labels("box") == ["(2) int64", "(2, 3) float32", "column"]


def test_sizes_that_the_graph_knows():
    x = leaf(2, 3)
    p = picture((x * 2).exp().mm(leaf(3, 5)).sum())
    assert sorted(e[2] for e in p.edges if e[2]) == ["(2, 3)"]
    assert "saved for backward: (2, 3), (3, 5)" in p.text


def test_freed_values():
    y = leaf(2).exp().sum()
    y.backward()
    assert "its saved values were freed" in graph.dot(y)


def test_depth():
    x = leaf(2)
    y = x
    for _ in range(10):
        y = y.exp()
    p = picture(y, depth=3)
    assert p.labels("ellipse") == ["Exp"] * 3 and p.labels("plain") == ["..."]
    assert 'label="3 of 10 Functions"' in p.text
    assert p.arrows == [
        ("...", "Exp"),
        ("Exp", "(2) float32"),
        ("Exp", "Exp"),
        ("Exp", "Exp"),
    ]
    p = picture(y, depth=10)
    assert p.labels("plain") == [] and "Functions" not in p.text


def test_big_graphs_are_cut():
    x = leaf(2)
    y = x
    for _ in range(5000):
        y = y.sin() * y
    p = picture(y)
    assert len(p.labels("ellipse")) == 250 and 'label="250 of 10000 Functions"' in p.text
    assert len(p.text) < 100_000
    p = picture([y, x * 2], max_functions=1)
    assert p.labels("ellipse") == ["Mul"] and p.labels("plain") == ["..."] * 3


def test_a_named_result_above_the_cut():
    x = leaf(2)
    h = x.exp()
    y = h.sin().cos()
    p = picture(y, {"h": h}, depth=2)
    assert ("...", "h") in p.arrows and ("h", "Sin") in p.arrows


def test_a_deep_graph_needs_no_recursion():
    y = leaf(1)
    for _ in range(3000):
        y = y + 1
    assert len(picture(y, max_functions=3000).labels("ellipse")) == 3000


class Odd(Function):
    def forward(self, x):
        return x * 1

    def backward(self, gy):
        return gy


NASTY = 'a "quoted" \\n \\ name\nwith <b>&amp;</b> {curly|bars} \u00fc;'


@needs_dot
def test_text_is_escaped():
    Odd.__name__ = 'Odd"]; n0 [label="'
    try:
        text = graph.dot(Odd()(leaf(2)), {NASTY: leaf(1)})
        x = leaf(2)
        text = graph.dot(Odd()(x), {NASTY: x})
    finally:
        Odd.__name__ = "Odd"
    svg = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    shown = svg.stdout.decode()
    assert svg.stderr == b""
    for part in (
        "a &quot;quoted&quot; \\n \\ name",
        "with &lt;b&gt;&amp;amp;&lt;/b&gt; {curly|bars}",
    ):
        assert part in shown.replace("&#45;", "-").replace("&#160;", " ")
    assert shown.count("<ellipse") == 1 and shown.count('class="node"') == 3


@needs_dot
@pytest.mark.parametrize(
    "suffix, start", [("svg", b"<?xml"), ("png", b"\x89PNG"), ("PDF", b"%PDF")]
)
def test_draw(tmp_path, suffix, start):
    pytest.importorskip("graphviz")
    path = tmp_path / f"net.{suffix}"
    graph.draw(leaf(2).exp(), path)
    assert path.read_bytes().startswith(start)
    graph.draw((leaf(2).exp(), leaf(3)), str(path), params={}, depth=1)


def test_text_needs_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    y = leaf(2).exp()
    for suffix in ("dot", "gv"):
        graph.draw(y, tmp_path / f"net.{suffix}")
        assert (tmp_path / f"net.{suffix}").read_text() == graph.dot(y)


def test_missing_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError) as caught:
        graph.draw(leaf(1), tmp_path / "net.svg")
    assert str(caught.value) == (
        "draw: the Python package graphviz is not installed: "
        "pip install 'alphatorch-autograd[graph]'"
    )
    assert list(tmp_path.iterdir()) == []


def test_missing_program(tmp_path, monkeypatch):
    pytest.importorskip("graphviz")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError) as caught:
        graph.draw(leaf(1), tmp_path / "net.png")
    assert str(caught.value) == (
        "draw: the program dot of Graphviz was not found: install Graphviz (apt install graphviz, "
        "dnf install graphviz, brew install graphviz, or https://graphviz.org/download)"
    )
    assert list(tmp_path.iterdir()) == []


@needs_dot
def test_a_complaint_of_the_program_is_shown(tmp_path, monkeypatch):
    pytest.importorskip("graphviz")
    monkeypatch.setattr(graph, "dot", lambda *args: "digraph {")
    with pytest.raises(RuntimeError, match="draw: dot failed: .*syntax error"):
        graph.draw(leaf(1), tmp_path / "net.svg")


ERRORS = [
    (lambda x, p: graph.dot(3), TypeError, "dot: expected Variables, got int"),
    (lambda x, p: graph.dot([x, 3]), TypeError, "dot: expected Variables, got int"),
    (lambda x, p: graph.dot([]), ValueError, "dot: expected at least one Variable"),
    (lambda x, p: graph.dot(x, depth=0), ValueError, "dot: depth: expected an int of .* 1, got 0"),
    (lambda x, p: graph.dot(x, max_functions="a"), ValueError, "dot: max_functions: .* got 'a'"),
    (lambda x, p: graph.dot(x, 5), TypeError, "dot: params: expected a dict .*, got int"),
    (lambda x, p: graph.dot(x, [x]), TypeError, "dot: params: expected a dict .*, got list"),
    (lambda x, p: graph.dot(x, {"a": x.data}), TypeError, "dot: params: a: expected a Variable"),
    (
        lambda x, p: graph.draw(x, p / "net.jpeg"),
        ValueError,
        r"draw: path: expected one of the suffixes .svg, .png, .pdf, .dot, .gv, got .*net.jpeg",
    ),
    (lambda x, p: graph.draw(x, p / "none" / "net.gv"), FileNotFoundError, "net.gv"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text, tmp_path):
    with pytest.raises(error, match=text):
        call(leaf(1), tmp_path)
