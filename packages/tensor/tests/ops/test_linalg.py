"""Products of matrices and vectors, and linear systems."""

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, array, drawer, dtype_of, on, same

NUMBERS = [*INTEGERS, *FLOATS]


def exact(f, *arrays: np.ndarray) -> np.ndarray:
    """f in the widest type; integers wrap."""
    if arrays[0].dtype.name in FLOATS:
        return f(*(a.astype(np.longdouble) for a in arrays))
    return f(*arrays)


def check_product(result, expected: np.ndarray, magnitude: np.ndarray, k: int, dtype: str) -> None:
    """Sums of k products: each rounding is relative to the sum of their absolute values."""
    assert result.dtype == dtype_of(dtype)
    assert tuple(result.shape) == expected.shape
    if dtype not in FLOATS:
        assert np.array_equal(array(result), expected)
        return
    bound = (k + 2) * np.finfo(dtype).eps * magnitude
    assert (np.abs(array(result).astype(np.longdouble) - expected) <= bound).all()


def matrices(draw, m: int, n: int, device: str):
    """The layouts a product may meet: rows, columns, gaps, neither, reversed, expanded."""
    yield on(device, torch.tensor(draw((m, n))))
    yield on(device, torch.tensor(draw((n, m)))).t()
    yield on(device, torch.tensor(draw((m, n + 3))))[:, 1 : n + 1]
    yield on(device, torch.tensor(draw((2 * m, 2 * n))))[::2, ::2]
    yield on(device, torch.tensor(draw((m, n))))[::-1]
    yield on(device, torch.tensor(draw((1, n)))).expand(m, n)


SIZES = [(1, 1, 1), (2, 3, 4), (1, 7, 5), (7, 5, 1), (5, 1, 6), (0, 3, 2), (3, 0, 2), (3, 2, 0)]


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("m, k, n", [*SIZES, (70, 33, 65), (128, 96, 80)])
def test_mm(m, k, n, dtype, device, rng):
    draw = drawer(rng, dtype, -3, 3)
    for x in matrices(draw, m, k, device):
        for y in matrices(draw, k, n, device):
            a, b = array(x), array(y)
            expected = exact(np.matmul, a, b)
            size = np.abs(a.astype("float64")) @ np.abs(b.astype("float64"))
            check_product(torch.mm(x, y), expected, size, k, dtype)
    check_product(x.mm(y), expected, size, k, dtype)
    check_product(x @ y, expected, size, k, dtype)
    check_product(torch.matmul(x, y), expected, size, k, dtype)
    out = torch.empty(0, dtype=dtype_of(dtype))
    assert torch.mm(x, y, out=out) is out
    check_product(out, expected, size, k, dtype)
    out = torch.full((n, m), 9, dtype=dtype_of(dtype)).t()
    torch.mm(x, y, out=out)
    check_product(out, expected, size, k, dtype)
    assert same(x, a)
    assert same(y, b)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_output_that_is_an_input(dtype, rng):
    a = drawer(rng, dtype, -3, 3)((6, 6))
    x = torch.tensor(a)
    torch.mm(x, x.t(), out=x)
    assert np.allclose(array(x), a @ a.T, rtol=1e-5, atol=1e-5)
    x = torch.tensor(a)
    torch.addmm(x, x, x, out=x)
    assert np.allclose(array(x), a + a @ a, rtol=1e-5, atol=1e-5)
    v = torch.tensor(a[0])
    torch.mv(torch.tensor(a), v, out=v)
    assert np.allclose(array(v), a @ a[0], rtol=1e-5, atol=1e-5)


def test_double_is_computed_in_double():
    x = torch.tensor([[1.0, 1e-12]], dtype=torch.float64)
    assert (x @ torch.ones(2, 1, dtype=torch.float64))[0, 0] == 1 + 1e-12
    assert x[0].dot(torch.ones(2, dtype=torch.float64)) == 1 + 1e-12


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("m, k", [(1, 1), (3, 5), (0, 3), (3, 0), (100, 70)])
def test_mv_dot_ger(m, k, dtype, device, rng):
    draw = drawer(rng, dtype, -3, 3)
    for x in matrices(draw, m, k, device):
        for v in (torch.tensor(draw((k,))), torch.tensor(draw((2 * k,)))[::2]):
            v = on(device, v)
            a, b = array(x), array(v)
            size = np.abs(a.astype("float64")) @ np.abs(b.astype("float64"))
            expected = exact(np.matmul, a, b)
            check_product(torch.mv(x, v), expected, size, k, dtype)
            check_product(x @ v, expected, size, k, dtype)
            u = on(device, torch.tensor(draw((m,))))
            check_product(torch.ger(u, v), exact(np.outer, array(u), b), np.inf, 1, dtype)
            assert same(torch.outer(u, v), torch.ger(u, v))
            w = on(device, torch.tensor(draw((k,))))
            number = torch.dot(v, w)
            inner = exact(np.dot, b, array(w))
            assert number == pytest.approx(inner.item(), rel=1e-5, abs=1e-4)
            assert v @ w == pytest.approx(number, rel=1e-4, abs=1e-4)
            assert type(v @ w) is type(number) is (float if dtype in FLOATS else int)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_bmm_and_matmul(dtype, device, rng):
    draw = drawer(rng, dtype, -3, 3)

    def new(*shape):
        return on(device, torch.tensor(draw(shape)))

    pairs = [
        (new(3, 2, 4), new(3, 4, 5)),
        (new(3, 4, 2).transpose(1, 2), new(5, 4, 3).permute(2, 1, 0)),
        (new(0, 2, 4), new(0, 4, 5)),
        (new(3, 2, 0), new(3, 0, 5)),
        (new(1, 2, 4).expand(3, 2, 4), new(3, 4, 5)),
    ]
    for x, y in pairs:
        expected = exact(np.matmul, array(x), array(y))
        size = np.abs(array(x).astype("float64")) @ np.abs(array(y).astype("float64"))
        check_product(torch.bmm(x, y), expected, size, 4, dtype)
        out = torch.empty(0, dtype=dtype_of(dtype))
        assert x.bmm(y, out=out) is out
        check_product(out, expected, size, 4, dtype)
    for a, b in [
        ((2, 1, 3, 4), (5, 4, 2)),
        ((3, 4), (2, 4, 5)),
        ((2, 3, 4), (4,)),
        ((4,), (2, 4, 3)),
        ((4,), (4, 3)),
        ((1, 3, 4), (2, 0, 4, 5)),
    ]:
        x, y = new(*a), new(*b)
        expected = exact(np.matmul, array(x), array(y))
        size = np.abs(array(x).astype("float64")) @ np.abs(array(y).astype("float64"))
        check_product(torch.matmul(x, y), expected, size, 4, dtype)
        check_product(x @ y, expected, size, 4, dtype)
        out = torch.empty(0, dtype=dtype_of(dtype))
        assert torch.matmul(x, y, out=out) is out
        check_product(out, expected, size, 4, dtype)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_scaled_sums(dtype, device, rng):
    draw = drawer(rng, dtype, -3, 3)
    m, a, b = (on(device, torch.tensor(draw(s))) for s in ((3, 5), (3, 4), (4, 5)))
    v = on(device, torch.tensor(draw((4,))))
    w = on(device, torch.tensor(draw((3,))))
    M, A, B, V, W = (array(t) for t in (m, a, b, v, w))
    signed = dtype != "uint8"
    beta, alpha = (2, -3) if signed else (2, 3)
    for result, expected in [
        (m.addmm(a, b), M + A @ B),
        (m.addmm(beta, a, b), beta * M + A @ B),
        (m.addmm(beta, alpha, a, b), beta * M + alpha * (A @ B)),
        (torch.addmm(beta, m, alpha, a, b), beta * M + alpha * (A @ B)),
        (torch.addmm(m, a, b, beta=beta, alpha=alpha), beta * M + alpha * (A @ B)),
        (m.clone().addmm_(beta, alpha, a, b), beta * M + alpha * (A @ B)),
        (m.addmm(0, 1, a, b), A @ B),
        (torch.addmm(m[:1], a, b), M[:1] + A @ B),
        (w.addmv(beta, alpha, a, v), beta * W + alpha * (A @ V)),
        (torch.addmv(beta, w, alpha, a, v), beta * W + alpha * (A @ V)),
    ]:
        assert result.dtype == m.dtype
        assert np.allclose(array(result), expected.astype(dtype), rtol=1e-5, atol=1e-4)
    c, x, y = (on(device, torch.tensor(draw(s))) for s in ((2, 3, 5), (2, 3, 4), (2, 4, 5)))
    expected = beta * array(c) + alpha * (array(x) @ array(y))
    for result in (
        c.baddbmm(beta, alpha, x, y),
        torch.baddbmm(beta, c, alpha, x, y),
        c.clone().baddbmm_(beta, alpha, x, y),
    ):
        assert np.allclose(array(result), expected.astype(dtype), rtol=1e-5, atol=1e-4)


def test_beta_of_zero_ignores_what_stood_there():
    m = torch.full((2, 2), float("nan"))
    a = torch.ones(2, 2)
    assert m.addmm(0, 1, a, a).tolist() == [[2, 2], [2, 2]]
    assert m.addmm_(0, 1, a, a).tolist() == [[2, 2], [2, 2]]


def test_promotion():
    x, y = torch.ones(2, 2), torch.ones(2, 2, dtype=torch.float64)
    assert (x @ y).dtype == torch.float64
    assert (x @ y.int()).dtype == torch.float64
    assert (x.byte() @ y.short()).dtype == torch.int16


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", [1, 2, 7, 60])
def test_gesv_and_inverse(n, dtype, device, rng):
    eps = np.finfo(dtype).eps
    a = rng.standard_normal((n, n)).astype(dtype) + n * np.eye(n, dtype=dtype)
    b = rng.standard_normal((n, 3)).astype(dtype)
    for x in (torch.tensor(a), torch.tensor(a.T.copy()).t()):
        x = on(device, x)
        solution, lu = torch.gesv(on(device, torch.tensor(b)), x)
        assert solution.shape == (n, 3)
        assert lu.shape == (n, n)
        assert solution.dtype == dtype_of(dtype)
        assert solution.stride()[0] == 1 or n == 1  # column-major
        residual = np.abs(a.astype("float64") @ array(solution).astype("float64") - b).max()
        assert residual <= 20 * n * eps
        vector, _ = torch.tensor(b[:, 0]).gesv(x)
        assert vector.shape == (n,)
        assert np.allclose(array(vector), array(solution)[:, 0], rtol=1e-4, atol=20 * eps)
        identity = array(torch.inverse(x)).astype("float64") @ a.astype("float64")
        assert np.abs(identity - np.eye(n)).max() <= 20 * n * eps
        assert same(x, a)


def test_small_systems():
    a = torch.tensor([[2, 0], [0, 4]])
    assert a.inverse().dtype == torch.float64
    assert a.inverse().tolist() == [[0.5, 0], [0, 0.25]]
    assert torch.zeros(0, 0).inverse().shape == (0, 0)
    x, _ = torch.gesv(torch.zeros(2, 0), torch.eye(2))
    assert x.shape == (2, 0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_bool_products_are_refused_and_others_not(dtype):
    x = torch.ones(2, 2, dtype=dtype_of(dtype))
    if dtype == "bool":
        with pytest.raises(TypeError, match="^mm: not defined for BoolTensor on cpu"):
            x @ x
    else:
        assert (x @ x).tolist() == [[2, 2], [2, 2]]
