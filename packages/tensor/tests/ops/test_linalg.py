"""Products of matrices and vectors."""

# ruff: noqa: E501

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, array, drawer, dtype_of, on, same

NUMBERS = ["bool", *INTEGERS, *FLOATS]
HALVES = {"float16": 2**-11, "bfloat16": 2**-8}


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
    if dtype != "bool":  # numbers make a uint8 of it
        x = torch.tensor(a)
        torch.addmm(x, x, x, out=x)
        assert np.allclose(array(x), a + a @ a, rtol=1e-5, atol=1e-5)
        x = torch.tensor(a)
        assert x.t().addmm_(x, x) is not x
        assert np.allclose(array(x), (a.T + a @ a).T, rtol=1e-5, atol=1e-5)
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
            kind = float if dtype in FLOATS else bool if dtype == "bool" else int
            assert type(v @ w) is type(number) is kind


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


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
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


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_addr_and_addbmm(dtype, device, rng):
    draw = drawer(rng, dtype, 0, 3)
    M, X, Y, A, B = (draw(s) for s in ((3, 5), (3,), (5,), (4, 3, 2), (4, 2, 5)))
    m, x, y, a, b = (on(device, torch.tensor(t)) for t in (M, X, Y, A, B))
    outer, summed = np.outer(X, Y), (A @ B).sum(0)
    for result, expected in [
        (m.addr(x, y), M + outer),
        (m.addr(2, 3, x, y), 2 * M + 3 * outer),
        (torch.addr(2, m, 3, x, y), 2 * M + 3 * outer),
        (torch.addr(m[0], x, y, beta=2, alpha=3), 2 * M[0] + 3 * outer),
        (m.clone().addr_(0, x, y), outer),
        (m.addbmm(a, b), M + summed),
        (torch.addbmm(2, m, 3, a, b), 2 * M + 3 * summed),
        (m.clone().addbmm_(2, a, b), 2 * M + summed),
        (m.addbmm(a[:0], b[:0]), M),
    ]:
        assert result.dtype == m.dtype
        assert np.allclose(array(result), expected.astype(dtype), rtol=1e-5, atol=1e-4)
    out = torch.empty(0, dtype=m.dtype)
    assert torch.addbmm(m, a, b, out=out) is out
    assert np.allclose(array(out), M + summed, rtol=1e-5, atol=1e-4)


def test_numbers_of_scaled_sums():
    x = torch.ones(2, 2, dtype=torch.int64)
    assert torch.addmm(0.5, x, x, x).dtype == torch.float64
    assert torch.addmm(0.5, x, x, x).tolist() == [[2.5, 2.5], [2.5, 2.5]]
    big = 2**62 + 1  # exact, not through a double
    assert torch.addmm(big, x, 1, x, x)[0, 0] == big + 2
    with pytest.raises(TypeError, match="^addmm: cannot store a DoubleTensor result in LongTensor"):
        x.addmm_(0.5, x, x)
    with pytest.raises(RuntimeError, match="^addmm: cannot write to an expanded"):
        torch.ones(1, 2).expand(2, 2).addmm_(torch.ones(2, 2), torch.ones(2, 2))
    with pytest.raises(ValueError, match="^addr: expected a vector as vec1"):
        torch.ones(2, 2).addr(torch.ones(2, 2), torch.ones(2))
    with pytest.raises(ValueError, match="^addr: expected a vector as vec2"):
        torch.ones(2, 2).addr(torch.ones(2), torch.ones(2, 2))
    with pytest.raises(ValueError, match="^addbmm: expected equal batch sizes"):
        torch.ones(2, 2).addbmm(torch.ones(2, 2, 2), torch.ones(3, 2, 2))


def test_beta_of_zero_ignores_what_stood_there():
    m = torch.full((2, 2), float("nan"))
    a = torch.ones(2, 2)
    assert m.addmm(0, 1, a, a).tolist() == [[2, 2], [2, 2]]
    assert m.addmm_(0, 1, a, a).tolist() == [[2, 2], [2, 2]]
    for n in (2, 40, 100):  # every way a product is computed
        bad, x = torch.full((n, n), float("nan")), torch.ones(n, n)
        assert bad.addmm(0, x, x).tolist() == [[n] * n] * n
        assert bad[0].addmv(0, x, x[0]).tolist() == [n] * n
        assert bad.addr(0, x[0], x[0]).tolist() == [[1] * n] * n


def test_promotion():
    x, y = torch.ones(2, 2), torch.ones(2, 2, dtype=torch.float64)
    assert (x @ y).dtype == torch.float64
    assert (x @ y.int()).dtype == torch.float64
    assert (x.byte() @ y.short()).dtype == torch.int16


@pytest.mark.parametrize("dtype", HALVES)
def test_halves_are_multiplied_in_float32(dtype, rng):
    t = dtype_of(dtype)
    x, y, v = (torch.tensor(rng.uniform(-1, 1, s)).to(t) for s in ((5, 7), (7, 6), (7,)))
    X, Y, V = (np.array(a.tolist()) for a in (x, y, v))

    def near(result, expected):
        assert result.dtype == t
        assert np.allclose(result.tolist(), expected, rtol=2 * HALVES[dtype], atol=1e-5)

    near(x @ y, X @ Y)
    near(x.mv(v), X @ V)
    near(torch.addmm(2, torch.ones(5, 6, dtype=t), 3, x, y), 2 + 3 * (X @ Y))
    near(torch.bmm(x.unsqueeze(0), y.unsqueeze(0)), (X @ Y)[None])
    near(torch.ones(5, 6, dtype=t).addmm_(x, y), 1 + X @ Y)
    assert v.dot(v) == pytest.approx(V @ V, rel=2 * HALVES[dtype])
    assert torch.mm(x, y, out=torch.empty(0, dtype=t)).dtype == t
    assert (x @ y.float()).dtype == torch.float32
    assert torch.full((3000,), 1.0, dtype=t).dot(torch.ones(3000, dtype=t)) == pytest.approx(
        3000, rel=HALVES[dtype]
    )


def test_dtypes_that_differ(rng):
    for a in DTYPES:
        for b in DTYPES:
            x, y = drawer(rng, a, 0, 3)((3, 4)), drawer(rng, b, 0, 3)((4, 2))
            result, expected = torch.tensor(x) @ torch.tensor(y), x @ y
            assert result.dtype == dtype_of(expected.dtype.name)
            assert np.allclose(array(result), expected, rtol=1e-6)


def test_matmul_reads_batches_in_place(rng):
    """Strided, expanded, permuted and reversed batches, and one matrix for a whole batch."""
    x, y = rng.standard_normal((4, 3, 5, 6)), rng.standard_normal((6, 7))
    for dtype in ("float64", "float32", "int32"):
        a, b = x.astype(dtype) * 4, y.astype(dtype) * 4
        X, Y = torch.tensor(a), torch.tensor(b)
        tolerance = {"rtol": 1e-5, "atol": 1e-4}
        for t, n in [
            (X, a),
            (X[::2, 1:], a[::2, 1:]),
            (X.permute(1, 0, 2, 3), a.transpose(1, 0, 2, 3)),
            (X[:, :1].expand(4, 3, 5, 6), np.broadcast_to(a[:, :1], a.shape)),
            (X[:, :, :1], a[:, :, :1]),
            (X[:, :, ::2, :], a[:, :, ::2, :]),
            (X.transpose(2, 3).contiguous().transpose(2, 3), a),
            (torch.from_numpy(a)[::-1], a[::-1]),
            (X[:0], a[:0]),
        ]:
            assert np.allclose(array(t @ Y), n @ b, **tolerance)
            assert np.allclose(array(t @ Y[:, 0]), n @ b[:, 0], **tolerance)
            last = n.shape[-2]
            left = torch.ones(2, last, dtype=X.dtype)
            assert np.allclose(array(left @ t), np.ones((2, last), dtype) @ n, **tolerance)
        many = X.view(12, 5, 6)
        assert np.allclose(
            array(many @ many.transpose(1, 2)),
            array(many) @ array(many).swapaxes(1, 2),
            **tolerance,
        )


def test_many_small_products_take_threads(rng):
    for k in (4, 20, 33):
        x = rng.standard_normal((3000, 3, k))
        y = rng.standard_normal((3000, k, 5))
        assert np.allclose(array(torch.tensor(x) @ torch.tensor(y)), x @ y)
    x = rng.integers(-9, 9, (500, 20, 20))
    assert np.array_equal(array(torch.tensor(x) @ torch.tensor(x)), x @ x)
    x = rng.integers(-9, 9, (301, 1300))
    assert np.array_equal(array(torch.tensor(x) @ torch.tensor(x.T.copy())), x @ x.T)
    assert np.array_equal(array(torch.tensor(x) @ torch.tensor(x).t()), x @ x.T)


@pytest.mark.parametrize("n", [0, 1, 31, 33, 8192, 100_003])
def test_dot_of_long_vectors(n, rng):
    x = rng.standard_normal(n)
    for dtype in FLOATS:
        a = x.astype(dtype)
        t = torch.tensor(a)
        exact_value = (a.astype(np.longdouble) ** 2).sum()
        assert t.dot(t) == pytest.approx(float(exact_value), rel=8 * float(np.finfo(dtype).eps))
        assert t.dot(t) == torch.vdot(t, t)
        assert t[::-1].dot(t[::-1]) == pytest.approx(t.dot(t), rel=1e-6)
    i = rng.integers(-128, 127, n).astype("int8")
    assert torch.tensor(i).dot(torch.tensor(i)) == np.dot(i, i)
    b = rng.integers(0, 2, n).astype(bool)
    assert torch.tensor(b).dot(torch.tensor(b)) is bool(np.dot(b, b))


def test_inner_outer_vdot(rng):
    x, y, v = rng.standard_normal((2, 3, 4)), rng.standard_normal((5, 4)), rng.standard_normal(4)
    X, Y, V = torch.tensor(x), torch.tensor(y), torch.tensor(v)
    assert np.allclose(array(torch.inner(X, Y)), np.inner(x, y))
    assert np.allclose(array(X.inner(V)), np.inner(x, v))
    assert torch.inner(V, V) == pytest.approx(v @ v)
    assert np.allclose(array(torch.inner(V, torch.tensor(3.0))), 3 * v)
    out = torch.empty(0, dtype=torch.float64)
    assert torch.inner(X, Y, out=out) is out
    assert np.allclose(array(out), np.inner(x, y))
    assert np.allclose(array(torch.outer(Y, V)), np.outer(y, v))
    assert torch.vdot(Y.t(), torch.ones(20)) == pytest.approx(y.sum())
    with pytest.raises(
        ValueError, match=r"^inner: expected last dimensions of one size, got \(2, 3, 4\)"
    ):
        torch.inner(X, torch.ones(3))
    with pytest.raises(ValueError, match="^vdot: expected as many elements in both"):
        torch.vdot(X, V)


def test_tensordot(rng):
    x, y = rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((5, 4, 3, 6))
    X, Y = torch.tensor(x), torch.tensor(y)
    for dims in (1, 0, ([1, 2], [2, 1]), ((3,), (0,)), (3, 0), ([-1, -2], [0, 1]), ([], [])):
        if dims == 0 or dims == ([], []):
            a, b = x[0, 0], y[0, 0]
        else:
            a, b = x, y
        expected = np.tensordot(a, b, dims)
        assert np.allclose(array(torch.tensordot(torch.tensor(a), torch.tensor(b), dims)), expected)
    assert np.allclose(
        array(torch.tensordot(X, Y, axes=((3, 2), (0, 1)))), np.tensordot(x, y, ((3, 2), (0, 1)))
    )
    assert torch.tensordot(X, X, 4) == pytest.approx(float((x * x).sum()))
    z = torch.arange(4).view(2, 2)
    assert torch.tensordot(z, z) == 14
    assert torch.tensordot(z, z, 1).tolist() == (array(z) @ array(z)).tolist()
    assert torch.tensordot(torch.ones(2, 0), torch.ones(0, 3), 1).tolist() == [[0, 0, 0]] * 2
    for dims, error, match in [
        (3, ValueError, "^tensordot: expected dims from 0 to 2 for LongTensor"),
        (-1, ValueError, "^tensordot: expected dims from 0 to 2"),
        (2**70, OverflowError, "^expected an int within 64 bits, got a larger one$"),
        (
            ([0], [0, 1]),
            ValueError,
            r"^tensordot: expected as many dimensions of both tensors, got \(0,\) and \(0, 1\)$",
        ),
        (([0, 0], [0, 1]), ValueError, "^tensordot: dimension 0 is repeated"),
        (([5], [0]), IndexError, "^tensordot: dimension 5 is out of range"),
        ("ab", TypeError, "^tensordot: expected an int or a pair of lists of ints as dims, got"),
        (
            ([0], "a"),
            TypeError,
            "^tensordot: expected an int or a pair of lists of ints as dims, got str",
        ),
        (
            ([0], [1.5]),
            TypeError,
            "^tensordot: expected an int or a pair of lists of ints as dims, got list",
        ),
        (([0], [1], [2]), TypeError, "^tensordot: expected an int or a pair"),
    ]:
        with pytest.raises(error, match=match):
            torch.tensordot(z, z, dims)
    with pytest.raises(
        ValueError, match="^tensordot: dimension 0 of LongTensor of size .2, 2. and dimension 0 of"
    ):
        torch.tensordot(z, torch.ones(3), ([0], [0]))


def test_kron(rng):
    for a, b in [
        ((2, 3), (4, 5)),
        ((3,), (2, 2)),
        ((2, 2), (3,)),
        ((2, 1, 3), (2, 2)),
        ((0, 2), (3, 1)),
    ]:
        x, y = rng.integers(-5, 5, a), rng.standard_normal(b)
        assert np.allclose(array(torch.kron(torch.tensor(x), torch.tensor(y))), np.kron(x, y))
    x = torch.ones(1).expand(2**40)
    with pytest.raises(ValueError, match="^kron: "):
        torch.kron(x, x)
    out = torch.empty(0)
    assert torch.kron(torch.ones(2), torch.ones(3), out=out) is out
    assert out.shape == (6,)


def test_chains(rng):
    sizes = [5, 30, 2, 40, 3, 9]
    chain = [rng.standard_normal(s) for s in zip(sizes, sizes[1:], strict=False)]
    tensors = [torch.tensor(c) for c in chain]
    expected = np.linalg.multi_dot(chain)
    assert np.allclose(array(torch.chain_matmul(*tensors)), expected)
    assert np.allclose(array(torch.chain_matmul(tensors)), expected)
    assert np.allclose(array(torch.chain_matmul(matrices=tensors)), expected)
    assert np.allclose(array(torch.linalg.multi_dot(tensors)), expected)
    v, w = torch.tensor(chain[0][0]), torch.tensor(chain[-1][:, 0])
    assert torch.linalg.multi_dot([v, *tensors[1:-1], w]) == pytest.approx(
        np.linalg.multi_dot([chain[0][0], *chain[1:-1], chain[-1][:, 0]])
    )
    assert np.allclose(array(torch.linalg.multi_dot([v, *tensors[1:]])), expected[0])
    one = torch.chain_matmul(tensors[0])
    assert same(one, chain[0])
    assert one.data_ptr() != tensors[0].data_ptr()
    with pytest.raises(ValueError, match="^chain_matmul: expected one tensor or more, got none"):
        torch.chain_matmul([])
    with pytest.raises(ValueError, match="^chain_matmul: expected the inner sizes to match"):
        torch.chain_matmul(tensors[0], tensors[0])
    with pytest.raises(
        ValueError, match="^chain_matmul: expected matrices, and vectors only as first and last"
    ):
        torch.chain_matmul(tensors[0], v, tensors[0])


def test_outputs_that_do_not_fit():
    x, y = torch.ones(2, 0), torch.ones(0, 2)
    with pytest.raises(
        ValueError,
        match=r"^mm: the result has size \(2, 2\) and cannot replace FloatTensor of size \(2, 0\)",
    ):
        torch.mm(x, y, out=x)
    with pytest.raises(RuntimeError, match="^mm: cannot write to an expanded"):
        torch.mm(torch.ones(2, 2), torch.ones(2, 2), out=torch.ones(1, 2).expand(2, 2))
    out = torch.ones(2, 2, dtype=torch.float64)
    assert torch.mm(torch.ones(2, 2), torch.ones(2, 2), out=out).dtype == torch.float64
    assert out.tolist() == [[2, 2], [2, 2]]


def test_strides_no_library_takes():
    x = torch.from_numpy(np.lib.stride_tricks.as_strided(np.ones(4, "float32"), (1, 3), (2**40, 4)))
    assert (x @ torch.ones(3, 2)).tolist() == [[3, 3]]
    assert (torch.ones(2, 1) @ x).tolist() == [[1, 1, 1], [1, 1, 1]]
