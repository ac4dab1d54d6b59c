# ruff: noqa: E501
"""A Python callable for every element: apply_, map_, map2_."""

import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, layouts

EVERY = [*DTYPES, "float16", "bfloat16"]


@pytest.mark.parametrize("dtype", EVERY)
def test_values(dtype):
    kind = bool if dtype == "bool" else float if "float" in dtype else int
    x = torch.tensor([[1, 0], [1, 1]]).to(dtype_of(dtype))
    seen = []
    version = x._version
    assert x.apply_(lambda v: seen.append(v) or v) is x
    assert x._version == version + 1
    assert seen == [1, 0, 1, 1]
    assert {type(v) for v in seen} == {kind}
    y = torch.tensor([0, 1]).to(dtype_of(dtype))
    assert x.map_(y, lambda a, b: a * (1 - b)).tolist() == [[1, 0], [1, 0]]
    assert x.map2_(y, y, lambda a, b, c: (a + b + c) > 1).tolist() == [[0, 1], [0, 1]]


def test_every_layout(rng):
    for layout, x in layouts(drawer(rng, "float64", -9, 9)):
        a = array(x)
        if layout.startswith("expanded"):
            with pytest.raises(RuntimeError, match="^apply_: cannot write to an expanded"):
                x.apply_(lambda v: pytest.fail("was called"))
            continue
        other = torch.tensor(2.0)
        x.apply_(lambda v: v + 1)
        assert (array(x) == a + 1).all(), layout
        x.map_(other, lambda v, w: v * w)
        assert (array(x) == (a + 1) * 2).all(), layout
        x.map2_(x, other, lambda u, v, w: u - v + w)
        assert (array(x) == 2).all(), layout


def test_numbers_of_other_kinds():
    x = torch.zeros(3, dtype=torch.int64)
    results = iter([2.0, torch.tensor(3), True])
    assert x.apply_(lambda v: next(results)).tolist() == [2, 3, 1]


def test_exceptions_pass_and_change_nothing():
    x = torch.arange(4)

    def fail(v):
        if v == 2:
            raise KeyError("two")
        return 9

    with pytest.raises(KeyError, match="two"):
        x.apply_(fail)
    with pytest.raises(KeyError, match="two"):
        x.map_(x, lambda v, w: fail(v))
    assert x.tolist() == [0, 1, 2, 3]
    assert x._version == 0


def test_callables_may_touch_the_tensor():
    x = torch.arange(3)
    assert x.apply_(lambda v: x.fill_(7)[0] + v).tolist() == [7, 8, 9]
    x.apply_(lambda v: x.resize_(1000) is x)
    assert x.shape == (1000,)
    x = torch.arange(3)
    with pytest.raises(RuntimeError, match="^apply_: the callable made the storage too small"):
        x.apply_(lambda v: x.storage().resize_(1) and 0)


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (lambda x: x.apply_(3), TypeError, "^apply_: expected a callable, got int$"),
        (lambda x: x.map_(x, None), TypeError, "^map_: expected a callable, got NoneType$"),
        (lambda x: x.map2_(x, x, "a"), TypeError, "^map2_: expected a callable, got str$"),
        (lambda x: x.apply_(str), TypeError, "^apply_: expected the callable to return a number, got str$"),
        (lambda x: x.apply_(lambda v: None), TypeError, "return a number, got NoneType$"),
        (lambda x: x.apply_(lambda v: x), TypeError, "return a number, got torch.LongTensor$"),
        (lambda x: x.apply_(lambda v: 0.5), TypeError, "^apply_: expected the callable to return whole numbers for LongTensor, got 0.5$"),
        (lambda x: x.apply_(lambda v: 2**70), OverflowError, "^apply_: the number .* does not fit LongTensor$"),
        (lambda x: x.apply_(lambda: 1), TypeError, "takes 0 positional arguments"),
        (lambda x: x.map_(torch.zeros(2), max), ValueError, "^map_: expected a source that broadcasts to size .3,., got FloatTensor of size .2,.$"),
    ],
)  # fmt: skip
def test_errors(call, kind, text):
    x = torch.arange(3)
    with pytest.raises(kind, match=text):
        call(x)
    assert x.tolist() == [0, 1, 2]
