"""The alpha's way to call functions: outputs first and resized as needed, scalars first."""

from pathlib import Path

import pytest
import torch
from harness import array

torch.manual_seed(3)
X = torch.arange(6, dtype=torch.float32).view(2, 3) / 4
Y = X + 1
SQUARE = torch.FloatTensor([[4, 1, 0.5], [1, 3, 0.25], [0.5, 0.25, 2]])
BATCH = torch.arange(12, dtype=torch.float32).view(2, 2, 3) / 7
V = torch.FloatTensor([1, 2, 3])
INDEX = torch.LongTensor([2, 0])
MASK = torch.ByteTensor([[1, 0, 1], [0, 1, 0]])
UNARY = (
    "abs ceil cinv cos cosh exp floor frac log1p neg round sigmoid sign sin sinh sqrt tan tanh "
    "trunc atan reciprocal"
)
CALLS = {
    **{name: [(X,)] for name in UNARY.split()},
    "acos": [(X / 4,)],
    "asin": [(X / 4,)],
    "log": [(Y,)],
    "rsqrt": [(Y,)],
    "add": [(X, 2), (X, Y), (X, 3, Y)],
    "sub": [(X, 2), (X, Y), (X, 3, Y)],
    "mul": [(X, 2), (X, Y)],
    "div": [(X, 2), (X, Y)],
    "fmod": [(Y, 2), (Y, Y)],
    "remainder": [(Y, 2), (Y, Y)],
    "pow": [(Y, 2), (Y, X), (2, X)],
    "atan2": [(X, Y)],
    "cmax": [(X, Y), (X, 0.5)],
    "cmin": [(X, Y), (X, 0.5)],
    "clamp": [(X, 0.25, 1)],
    "lerp": [(X, Y, 0.25)],
    **{name: [(X, 0.5), (X, Y)] for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "addcmul": [(X, Y, Y), (X, 2, Y, Y)],
    "addcdiv": [(X, Y, Y), (X, 2, Y, Y)],
    "addmm": [
        (SQUARE, SQUARE, SQUARE),
        (2, SQUARE, SQUARE, SQUARE),
        (2, SQUARE, 3, SQUARE, SQUARE),
    ],
    "addmv": [(V, SQUARE, V), (2, V, SQUARE, V), (2, V, 3, SQUARE, V)],
    "addr": [(SQUARE, V, V), (2, SQUARE, V, V), (2, SQUARE, 3, V, V)],
    "addbmm": [
        (torch.ones(2, 2), BATCH, BATCH.transpose(1, 2)),
        (2, torch.ones(2, 2), 3, BATCH, BATCH.transpose(1, 2)),
    ],
    "baddbmm": [
        (torch.ones(2, 2, 2), BATCH, BATCH.transpose(1, 2)),
        (2, torch.ones(2, 2, 2), 3, BATCH, BATCH.transpose(1, 2)),
    ],
    "bmm": [(BATCH, BATCH.transpose(1, 2))],
    "mm": [(X, X.t())],
    "mv": [(X, V)],
    "ger": [(V, V)],
    "cross": [(X, Y), (X, Y, 1)],
    "cat": [([X, Y],), ([X, Y], 1)],
    "cumsum": [(X, 1)],
    "cumprod": [(Y, 0)],
    "diag": [(V,), (SQUARE, 1)],
    "eye": [(3,), (3, 2)],
    "gather": [(X, 1, torch.LongTensor([[0], [2]]))],
    "histc": [(X,), (X, 4), (X, 4, 0), (X, 4, 0, 2)],
    "index_select": [(X, 1, INDEX)],
    "inverse": [(SQUARE,)],
    "kthvalue": [(X, 2), (X, 2, 0)],
    "linspace": [(0, 1), (0, 1, 5)],
    "logspace": [(0, 1), (0, 1, 5)],
    "masked_select": [(X, MASK)],
    "max": [(X, 1)],
    "mean": [(X, 1)],
    "median": [(X, 1)],
    "min": [(X, 1)],
    "mode": [(X,), (X, 0)],
    "nonzero": [(X,)],
    "norm": [(X, 1, 1)],
    "ones": [(2, 3)],
    "prod": [(Y, 1)],
    "range": [(0, 3), (0, 1, 0.25)],
    "renorm": [(X, 2, 0, 1)],
    "sort": [(X,), (X, 0), (X, 0, True)],
    "std": [(X, 1)],
    "sum": [(X, 1)],
    "topk": [(X, 2), (X, 1, 0, False, True)],
    "tril": [(SQUARE,), (SQUARE, -1)],
    "triu": [(SQUARE,), (SQUARE, 1)],
    "unsqueeze": [(X, 1)],
    "var": [(X, 1)],
    "zeros": [(2, 3)],
    "eig": [(SQUARE, True)],
    "gels": [(Y.t(), SQUARE)],
    "geqrf": [(SQUARE,)],
    "gesv": [(Y.t(), SQUARE)],
    "potrf": [(SQUARE,), (SQUARE, False)],
    "potri": [(SQUARE,)],
    "potrs": [(Y.t(), SQUARE)],
    "pstrf": [(SQUARE,)],
    "qr": [(SQUARE,)],
    "svd": [(SQUARE,), (SQUARE, False)],
    "symeig": [(SQUARE, True)],
    "trtrs": [(Y.t(), SQUARE)],
    "orgqr": [(SQUARE, V / 10)],
    "ormqr": [(SQUARE, V / 10, SQUARE)],
    # sampled: the same seed before each call
    "bernoulli": [(X / 2,)],
    "multinomial": [(Y, 2), (Y, 5, True)],
    "normal": [(X, Y), (0.5, Y), (X, 2.0)],
    "rand": [(2, 3)],
    "randn": [(2, 3)],
    "randperm": [(5,)],
}
# give numbers or nothing, or need no outputs
WITHOUT = set(
    "dist dot equal from_numpy get_num_threads numel set_num_threads t trace transpose squeeze "
    "btrifact btrisolve".split()
)


def test_the_table_is_whole():
    lines = (Path(__file__).parent / "alpha.txt").read_text().splitlines()[1:]
    functions = {line.split(" ")[0] for line in lines if "f" in line.split(" ")[1].lower()}
    assert functions - CALLS.keys() - WITHOUT == set()


def tensors_of(result):
    return [x for x in (result if isinstance(result, tuple) else (result,)) if torch.is_tensor(x)]


@pytest.mark.parametrize("name, args", [(n, a) for n, calls in CALLS.items() for a in calls])
def test_outputs_first(name, args):
    function = getattr(torch, name)
    with torch.compat.alpha():
        torch.manual_seed(1)
        expected = tensors_of(function(*args))
        # of a wrong size, and not empty: they are resized
        outputs = [x.new(7).fill_(1) for x in expected]
        torch.manual_seed(1)
        result = tensors_of(function(*outputs, *args))
        assert [a is b for a, b in zip(result, outputs, strict=True)] == [True] * len(outputs)
    for actual, wanted in zip(outputs, expected, strict=True):
        assert actual.shape == wanted.shape
        assert (array(actual) == array(wanted)).all()


@pytest.mark.parametrize("name", [n for n in CALLS if n != "cat"])
def test_not_without_the_flag(name):
    """By default an output in front is one argument too many."""
    args = CALLS[name][0]
    if len(args) == 1 and name in ("max", "min"):
        return
    outputs = [torch.zeros(7)] * len(tensors_of(getattr(torch, name)(*args)))
    with pytest.raises((TypeError, ValueError), match=f"^{name}: "):
        getattr(torch, name)(*outputs, *args)


def test_scalars_first():
    """A number in front of the tensor it scales; a single one is beta. At both levels."""
    a, b, m = X, X.t(), torch.ones(2, 2)
    product = a @ b
    for level in (torch.compat.alpha, torch.compat.default):
        with level():
            assert torch.addmm(2, m, 3, a, b).equal(2 * m + 3 * product)
            assert torch.addmm(2, m, a, b).equal(2 * m + product)
            assert m.addmm(2, 3, a, b).equal(2 * m + 3 * product)
            assert m.addmm(2, a, b).equal(2 * m + product)
            assert m.addmm(a, b, beta=2, alpha=3).equal(2 * m + 3 * product)
            assert X.add(2, Y).equal(X + 2 * Y)
            assert torch.add(X, 2, Y).equal(X + 2 * Y)
            assert X.addcmul(2, Y, Y).equal(X + 2 * Y * Y)
            assert X.clone().addcdiv_(2, Y, Y).equal(X + 2 * Y / Y)
            generator = torch.Generator().manual_seed(4)
            first = torch.rand(generator, 3)
            assert first.equal(torch.rand(3, generator=torch.Generator().manual_seed(4)))
