"""Tensors as text."""

import math

import numpy as np
import pytest
import torch
from harness import mapped_bytes


@pytest.fixture(autouse=True)
def default_options():
    torch.set_printoptions(profile="default", linewidth=80)
    yield
    torch.set_printoptions(profile="default", linewidth=80)


NAN, INF = math.nan, math.inf
GOLDEN = [
    (
        [[1, 2], [3, 4.5]],
        "float32",
        " 1.0000  2.0000\n 3.0000  4.5000\n[torch.FloatTensor of size 2x2]",
    ),
    ([[1.0, -2], [3, 4]], "float64", "  1  -2\n  3   4\n[torch.DoubleTensor of size 2x2]"),
    ([0.5, -0.25], "float32", "  0.5000\n -0.2500\n[torch.FloatTensor of size 2]"),
    ([1, 20, 300], "int64", "   1\n  20\n 300\n[torch.LongTensor of size 3]"),
    ([True, False], "bool", " 1\n 0\n[torch.BoolTensor of size 2]"),
    ([200], "uint8", " 200\n[torch.ByteTensor of size 1]"),
    ([NAN, 1, -INF], "float32", "  nan\n    1\n -inf\n[torch.FloatTensor of size 3]"),
    ([NAN], "float32", " nan\n[torch.FloatTensor of size 1]"),
    (
        [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
        "int32",
        "(0 ,.,.) = \n 1  2\n 3  4\n\n(1 ,.,.) = \n 5  6\n 7  8\n\n[torch.IntTensor of size 2x2x2]",
    ),
    ([0.5, 2], "float16", " 0.5000\n 2.0000\n[torch.HalfTensor of size 2]"),
    ([0.5, 2], "bfloat16", " 0.5000\n 2.0000\n[torch.BFloat16Tensor of size 2]"),
    ([1.5, NAN, INF], "float64", " 1.5000\n    nan\n    inf\n[torch.DoubleTensor of size 3]"),
    ([99999.5, 1], "float64", " 99999.5000\n     1.0000\n[torch.DoubleTensor of size 2]"),
    ([123456.5, 1.25], "float64", "1e+05 *\n 1.2346\n 0.0000\n[torch.DoubleTensor of size 2]"),
    ([0.002, -0.0005], "float64", "0.001 *\n  2.0000\n -0.5000\n[torch.DoubleTensor of size 2]"),
    ([1e-7, 1e7 + 0.5], "float64", " 1.0000e-07\n 1.0000e+07\n[torch.DoubleTensor of size 2]"),
    ([1e-200, 2.5], "float64", " 1.0000e-200\n  2.5000e+00\n[torch.DoubleTensor of size 2]"),
    ([1e15, 1], "float64", " 1000000000000000\n                1\n[torch.DoubleTensor of size 2]"),
    ([2.0**62, 1], "float64", " 4.6117e+18\n 1.0000e+00\n[torch.DoubleTensor of size 2]"),
    ([9.99999, 1], "float64", " 10.0000\n  1.0000\n[torch.DoubleTensor of size 2]"),
    ([0.0, -0.0], "float32", "  0\n -0\n[torch.FloatTensor of size 2]"),
    ([-(2**63), 2**63 - 1], "int64", None),
    ([[0.5], [INF]], "float32", " 0.5000\n    inf\n[torch.FloatTensor of size 2x1]"),
    ([[[[7]]]], "int16", "(0 ,0 ,.,.) = \n 7\n\n[torch.ShortTensor of size 1x1x1x1]"),
]


@pytest.mark.parametrize("data, dtype, text", GOLDEN)
def test_golden_texts(data, dtype, text):
    x = torch.tensor(data, dtype=getattr(torch, dtype))
    if text is None:
        text = " -9223372036854775808\n  9223372036854775807\n[torch.LongTensor of size 2]"
    assert repr(x) == str(x) == f"\n{text}\n"


def test_tensors_without_elements_or_dimensions():
    assert repr(torch.zeros(0)).strip().endswith("with no elements]")
    assert "2x0x3" in repr(torch.zeros(2, 0, 3))
    assert repr(torch.zeros(2, 0, 3)) == "[torch.FloatTensor of size 2x0x3, with no elements]\n"
    assert repr(torch.tensor(3)) == "3\n[torch.LongTensor without dimensions]\n"
    assert repr(torch.tensor(0.1)) == "0.1000\n[torch.FloatTensor without dimensions]\n"
    assert repr(torch.tensor(1e-7)).startswith("1.0000e-07\n")
    assert repr(torch.tensor(1e30)).startswith("1.0000e+30\n")
    assert repr(torch.tensor(NAN)).startswith("nan\n")
    assert repr(torch.tensor(True)) == "True\n[torch.BoolTensor without dimensions]\n"


@pytest.mark.parametrize(
    "data, factor, line",
    [
        ([123456.5, 1.25], 1e5, " 1.2346"),
        ([1e-6, 2e-3], 1e-3, " 2.0000"),
        ([1.5e9 + 0.5, 1e8], 1e9, " 1.5000"),
    ],
)
def test_a_common_factor(data, factor, line):
    first, *lines = repr(torch.tensor(data, dtype=torch.float64)).strip("\n").splitlines()
    assert first.endswith(" *")
    assert float(first.removesuffix(" *")) == factor
    assert line in lines


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_numbers_of_every_magnitude(dtype):
    """No number fails to print, and each can be read back from its text to four digits."""
    largest = 3e38 if dtype == torch.float32 else 1.7e308
    smallest = 1e-45 if dtype == torch.float32 else 5e-324
    numbers = [0.0, 1.0, 1e5, 1e-5, 12345.678, 1e16, 1e20, largest, smallest, 1e-300, 1 / 3]
    for a in numbers:
        for b in [*numbers, -1.0, INF, NAN]:
            x = torch.tensor([a, b, -a], dtype=dtype)
            lines = repr(x).strip("\n").splitlines()
            factor = 1.0
            if lines[0].endswith("*"):
                factor = float(lines.pop(0).removesuffix("*"))
            read = [float(line) * factor for line in lines[:3]]
            scale = max([abs(v) for v in x.tolist() if math.isfinite(v)])
            for text, value in zip(read, x.tolist(), strict=True):
                if math.isfinite(value):
                    assert text == pytest.approx(value, rel=1e-4, abs=scale * 1.1e-4), lines
                else:
                    assert str(text) == str(value)


def test_edges_of_large_tensors():
    lines = repr(torch.arange(1001)).strip("\n").splitlines()
    assert [line.strip() for line in lines] == [
        *["0", "1", "2", "...", "998", "999", "1000"],
        "[torch.LongTensor of size 1001]",
    ]
    assert len(repr(torch.arange(1000)).strip("\n").splitlines()) == 1001
    text = repr(torch.zeros(100, 100))
    assert len(text.strip("\n").splitlines()) == 8
    assert text.count(" 0") == 36
    blocks = repr(torch.zeros(20, 20, 20))
    assert blocks.count(",.,.) = ") == 6
    assert "(17,.,.) = " in blocks.replace("(17 ,", "(17,")
    assert "(16" not in blocks


def test_wide_matrices_are_cut_into_columns():
    text = repr(torch.zeros(2, 30) + 0.5)
    assert "Columns 0 to " in text
    assert " to 29" in text
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("0.5000") == 60
    torch.set_printoptions(linewidth=1000)
    assert "Columns" not in repr(torch.zeros(2, 30) + 0.5)


def test_options():
    x = torch.tensor([1 / 3])
    torch.set_printoptions(precision=8)
    assert "0.33333334" in repr(x)
    torch.set_printoptions(profile="short")
    assert repr(x).strip("\n").startswith(" 0.33\n")
    torch.set_printoptions(profile="full")
    assert len(repr(torch.arange(5000)).splitlines()) > 5000
    torch.set_printoptions(profile="default", threshold=3, edgeitems=1)
    assert repr(torch.arange(9)).split()[:3] == ["0", "...", "8"]
    torch.set_printoptions(precision=0, edgeitems=0)
    assert repr(torch.randn(9))
    assert repr(torch.randn(3, 3, 3))


WIDE = """

Columns 0 to 3
   0    1    2    3
 100  101  102  103

Columns 4 to 5
   4    5
 104  105
[torch.LongTensor of size 2x6]
"""
EDGES = """
 0.0000  1.1000     ...  7.7000  8.8000
 0.0000  1.1000     ...  7.7000  8.8000
    ...     ...     ...     ...     ...
 0.0000  1.1000     ...  7.7000  8.8000
 0.0000  1.1000     ...  7.7000  8.8000
[torch.FloatTensor of size 9x9]
"""
BLOCKS = """
(0 ,.,.) =
  0  ...    8
...  ...  ...
 72  ...   80

...

(8 ,.,.) =
648  ...  656
...  ...  ...
720  ...  728

[torch.LongTensor of size 9x9x9]
"""


def text_of(x):
    """repr(x) without blanks at the ends of lines."""
    return "".join(line.rstrip() + "\n" for line in repr(x).splitlines())


def test_layouts():
    with torch.printoptions(linewidth=21):
        assert text_of(torch.stack([torch.arange(6), torch.arange(100, 106)])) == WIDE
    with torch.printoptions(threshold=5, edgeitems=2):
        assert text_of((torch.arange(9) * 1.1).float().expand(9, 9)) == EDGES
    with torch.printoptions(threshold=5, edgeitems=1):
        lines = text_of(torch.arange(729).view(9, 9, 9)).splitlines()
        assert "\n".join(line.removeprefix(" ") for line in lines) == BLOCKS.rstrip("\n")


def test_the_options_of_a_block():
    before = torch.get_printoptions()
    assert before == {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80}
    with torch.printoptions(precision=1, profile="short") as inside:
        assert inside == {"precision": 1, "threshold": 1000, "edgeitems": 2, "linewidth": 80}
        assert "0.3\n" in repr(torch.tensor([1 / 3]))
    assert torch.get_printoptions() == before
    with pytest.raises(ZeroDivisionError), torch.printoptions(threshold=1):
        raise ZeroDivisionError
    assert torch.get_printoptions() == before
    with pytest.raises(ValueError, match="^set_printoptions: expected a profile"):
        with torch.printoptions(precision=1, profile="tiny"):
            pass
    assert torch.get_printoptions() == before


@pytest.mark.parametrize(
    "shape", [(2**20, 2**20), (7, 2**40), (2**40, 7), (2, 3, 2**40), (2**20, 5, 2**20), (7,) * 19]
)
def test_huge_tensors_print_at_once(shape, monkeypatch):
    written = []
    form = torch._printing._Format.__call__
    monkeypatch.setattr(
        torch._printing._Format, "__call__", lambda self, x: written.append(x) or form(self, x)
    )
    text = repr(torch.zeros(()).expand(shape))
    assert 4 <= len(written) < 200
    assert text.endswith(f"[torch.FloatTensor of size {'x'.join(map(str, shape))}]\n")
    assert len(text) < 200_000


@pytest.mark.parametrize("shape", [(10**8,), (7, 10**7), (10**7, 7), (10**3, 10, 10**4)])
def test_large_tensors_are_neither_copied_nor_read(shape, tmp_path):
    x = torch.from_numpy(np.memmap(tmp_path / "x", np.uint8, "w+", shape=shape))
    torch.cpu.reset_max_memory_allocated()
    held = torch.cpu.max_memory_allocated()
    repr(x)
    assert torch.cpu.max_memory_allocated() < held + 100_000
    assert 0 < mapped_bytes(tmp_path / "x") < x.numel() / 5


def test_other_objects():
    assert repr(torch.Size([2, 3])) == str(torch.Size([2, 3])) == "torch.Size([2, 3])"
    assert repr(torch.Size()) == "torch.Size([])"
    assert repr(torch.float16) == "torch.float16"
    assert repr(torch.zeros(1).device) == "torch.device('cpu')"
    assert str(torch.zeros(1).device) == "cpu"
    assert repr(torch.Generator().manual_seed(5)) == "<torch.Generator of seed 5>"
    storages = [torch.HalfStorage([1.5, 2]), torch.BoolStorage([True]), torch.LongStorage(0)]
    assert [repr(s) for s in storages] == [
        " 1.5\n 2.0\n[torch.HalfStorage of size 2]",
        " True\n[torch.BoolStorage of size 1]",
        "[torch.LongStorage of size 0]",
    ]


def test_several_results():
    x = torch.tensor([[1, 5], [7, 3]])
    text = """(values=
 5
 7
[torch.LongTensor of size 2]
, indices=
 1
 0
[torch.LongTensor of size 2]
)"""
    assert repr(x.max(1)) == str(x.max(1)) == text
    assert repr(torch.tensor([1, 5]).max(0)) == "(values=5, indices=1)"


def test_views_print_as_their_copies():
    x = torch.randn(4, 6)
    for view in (x.t(), x[::2, 1::2], x[:, ::-1], x[:1].expand(3, 6)):
        assert repr(view) == repr(view.clone())
