"""LAPACK's factorizations under their names of 2016: residuals at the accuracy of the dtype."""

# ruff: noqa: E501

import numpy as np
import pytest
import torch
from harness import FLOATS, array, dtype_of, on, same

SIZES = [1, 2, 3, 7, 12, 13, 40]
SHAPES = [(1, 1), (3, 3), (5, 3), (3, 5), (40, 17), (17, 40), (1, 4), (4, 1)]


def tolerance(dtype: str, n: int) -> float:
    return 30 * max(n, 1) * float(np.finfo(dtype).eps)


def double(t) -> np.ndarray:
    return array(t).astype("float64")


def near(x, y, dtype: str, n: int) -> None:
    """Equal to rounding errors of n operations on numbers of y's size."""
    x, y = np.asarray(x), np.asarray(y)
    assert x.shape == y.shape
    scale = max(1.0, float(np.abs(y).max(initial=0)))
    assert np.abs(x - y).max(initial=0) <= tolerance(dtype, n) * scale


def layouts(a: np.ndarray, device: str):
    """The same matrix in rows, in columns, with gaps, reversed."""
    yield on(device, torch.tensor(a))
    yield on(device, torch.tensor(a.T.copy())).t()
    wide = torch.zeros(2 * a.shape[0], 3 * a.shape[1], dtype=dtype_of(a.dtype.name))
    wide[::2, ::3] = torch.tensor(a)
    yield on(device, wide[::2, ::3])
    yield on(device, torch.from_numpy(np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1]))


def is_column_major(t) -> bool:
    return t.t().is_contiguous()


def positive(rng, n: int, dtype: str) -> np.ndarray:
    a = rng.standard_normal((n, n))
    return (a @ a.T + n * np.eye(n)).astype(dtype)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", SIZES)
def test_gesv_and_inverse(n, dtype, device, rng):
    a = rng.standard_normal((n, n)).astype(dtype) + n * np.eye(n, dtype=dtype)
    b = rng.standard_normal((n, 3)).astype(dtype)
    for x in layouts(a, device):
        for y in layouts(b, device):
            solution, lu = torch.gesv(y, x)
            assert solution.dtype == lu.dtype == dtype_of(dtype)
            assert is_column_major(solution)
            assert is_column_major(lu)
            near(a.astype("float64") @ double(solution), b, dtype, n)
            assert same(y, b)
        assert lu.shape == (n, n)
        vector, _ = torch.tensor(b[:, 0]).gesv(x)
        assert vector.shape == (n,)
        near(double(vector), double(solution)[:, 0], dtype, n)
        for inverse in (
            torch.inverse(x),
            x.inverse(),
            torch.inverse(x, out=torch.empty(0).type_as(x)),
        ):
            assert inverse.shape == (n, n)
            near(double(inverse) @ a, np.eye(n), dtype, n)
        assert same(x, a)
    expanded = torch.ones(1, 1, dtype=dtype_of(dtype)).expand(n, n) + torch.eye(
        n, dtype=dtype_of(dtype)
    )
    near(double(expanded.inverse()) @ array(expanded), np.eye(n), dtype, n)


def test_ill_conditioned_systems_have_small_residuals(rng):
    """The Hilbert matrix: the solution may be far away, the residual is not."""
    for n in (5, 10, 14):
        a = 1.0 / (np.arange(n)[:, None] + np.arange(n) + 1)
        b = rng.standard_normal((n, 2))
        x, _ = torch.gesv(torch.tensor(b), torch.tensor(a))
        residual = np.abs(a @ array(x) - b).max()
        assert residual <= 1e-14 * n * np.abs(array(x)).max()


def test_outputs_may_be_inputs():
    a, b = torch.tensor([[2.0, 1.0], [1.0, 3.0]]), torch.tensor([[3.0], [4.0]])
    result = torch.gesv(b, a, out=(b, a))
    assert result.solution is b
    assert result.LU is a
    assert np.allclose(array(b), [[1], [1]])
    assert np.allclose(array(a), [[2, 1], [0.5, 2.5]])
    m = torch.tensor([[4.0, 2.0], [2.0, 5.0]])
    assert torch.potrf(m, out=m) is m
    assert m.tolist() == [[2, 1], [0, 2]]
    with pytest.raises(TypeError, match="^gesv: expected 2 tensors as out, got one"):
        torch.gesv(b, a, out=b)
    with pytest.raises(ValueError, match=r"^qr: expected an output of size \(2, 2\), got"):
        torch.qr(m, out=(torch.ones(3), torch.ones(2, 2)))
    with pytest.raises(TypeError, match="^potrf: cannot store a FloatTensor result in LongTensor"):
        torch.potrf(m, out=torch.zeros(2, 2, dtype=torch.int64))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, n", SHAPES)
def test_gels(m, n, dtype, device, rng):
    a, b = rng.standard_normal((m, n)).astype(dtype), rng.standard_normal((m, 2)).astype(dtype)
    expected = np.linalg.lstsq(a.astype("float64"), b, rcond=None)[0]
    for x in layouts(a, device):
        solution, factors = torch.gels(on(device, torch.tensor(b)), x)
        assert solution.shape == (max(m, n), 2)
        assert factors.shape == (m, n)
        assert is_column_major(solution)
        scale = np.linalg.cond(a) ** 2
        assert np.abs(double(solution)[:n] - expected).max() <= tolerance(dtype, m) * scale
        if m > n:
            rest = (double(solution)[n:] ** 2).sum(0)
            near(rest, ((a.astype("float64") @ expected - b) ** 2).sum(0), dtype, m * n)
        assert same(x, a)
    vector, _ = torch.gels(torch.tensor(b[:, 0]), torch.tensor(a))
    assert vector.shape == (max(m, n),)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", SIZES)
def test_trtrs(n, dtype, device, rng):
    a = rng.standard_normal((n, n)).astype(dtype) + n * np.eye(n, dtype=dtype)
    b = rng.standard_normal((n, 2)).astype(dtype)
    for x in layouts(a, device):
        for upper in (True, False):
            for transpose in (False, True):
                for unit in (False, True):
                    t = np.triu(a) if upper else np.tril(a)
                    if unit:
                        np.fill_diagonal(t, 1)
                        x = x * (0.1 / n)
                        t = np.where(np.eye(n), 1, t * (0.1 / n))
                    t = (t.T if transpose else t).astype("float64")
                    y, copy = torch.trtrs(on(device, torch.tensor(b)), x, upper, transpose, unit)
                    near(t @ double(y), b, dtype, n)
                    assert same(copy, x)
                    if unit:
                        x = on(device, torch.tensor(a))
    y, _ = torch.tensor(b[:, 0]).trtrs(torch.tensor(a))
    near(np.triu(a).astype("float64") @ double(y), b[:, 0], dtype, n)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", SIZES)
def test_cholesky_family(n, dtype, device, rng):
    a = positive(rng, n, dtype)
    b = rng.standard_normal((n, 2)).astype(dtype)
    junk = rng.standard_normal((n, n)).astype(dtype)
    for upper in (True, False):
        half = np.triu(a) + np.tril(junk, -1) if upper else np.tril(a) + np.triu(junk, 1)
        for x in layouts(half, device):
            u = x.potrf(upper)
            assert is_column_major(u)
            f = double(u)
            assert not np.tril(f, -1).any() if upper else not np.triu(f, 1).any()
            near(f.T @ f if upper else f @ f.T, a, dtype, n)
            near(double(u.potri(upper)) @ a, np.eye(n), dtype, n * n)
            for y in layouts(b, device):
                solution = torch.potrs(y, u, upper)
                near(a.astype("float64") @ double(solution), b, dtype, n * n)
            assert same(x, half)
        near(double(torch.tensor(b[:, 0]).potrs(u, upper)), double(solution)[:, 0], dtype, n)
        for x in layouts(half, device):
            u, pivots = torch.pstrf(x, upper)
            assert pivots.dtype == torch.int32
            assert sorted(pivots.tolist()) == list(range(n))
            f, p = double(u), pivots.tolist()
            near(f.T @ f if upper else f @ f.T, a[np.ix_(p, p)], dtype, n)
    assert same(torch.potrf(torch.tensor(a)), torch.tensor(a).potrf(upper=True))


def test_pstrf_of_semidefinite_matrices(rng):
    f = rng.standard_normal((6, 2))
    a = f @ f.T
    for upper in (True, False):
        u, pivots = torch.pstrf(torch.tensor(a), upper, tol=1e-10)
        g, p = array(u), pivots.tolist()
        near(g.T @ g if upper else g @ g.T, a[np.ix_(p, p)], "float64", 6)
        assert not (g[2:] if upper else g[:, 2:]).any()
    u, pivots = torch.pstrf(torch.zeros(3, 3))
    assert u.tolist() == torch.zeros(3, 3).tolist()
    assert pivots.tolist() == [0, 1, 2]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, n", SHAPES)
def test_qr_family(m, n, dtype, device, rng):
    a, k = rng.standard_normal((m, n)).astype(dtype), min(m, n)
    for x in layouts(a, device):
        q, r = torch.qr(x)
        assert (q.shape, r.shape) == ((m, k), (k, n))
        assert is_column_major(q)
        assert not np.tril(array(r), -1).any()
        near(double(q) @ double(r), a, dtype, m)
        near(double(q).T @ double(q), np.eye(k), dtype, m)
        factors, tau = x.geqrf()
        assert (factors.shape, tau.shape) == ((m, n), (k,))
        assert np.array_equal(np.triu(array(factors)[:k]), array(r))
        assert same(torch.orgqr(factors, tau), q)
        c = rng.standard_normal((m, 3)).astype(dtype)
        full = double(torch.ormqr(factors, tau, torch.eye(m).type_as(x)))
        near(full.T @ full, np.eye(m), dtype, m)
        near(full[:, :k], double(q), dtype, m)
        near(double(factors.ormqr(tau, torch.tensor(c))), full @ c, dtype, m)
        near(double(factors.ormqr(tau, torch.tensor(c), True, True)), full.T @ c, dtype, m)
        near(double(factors.ormqr(tau, torch.tensor(c.T.copy()), False)), c.T @ full, dtype, m)
        near(
            double(factors.ormqr(tau, torch.tensor(c).t(), left=False, transpose=True)),
            c.T @ full.T,
            dtype,
            m,
        )
        assert same(x, a)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, n", SHAPES)
def test_svd(m, n, dtype, device, rng):
    a, k = rng.standard_normal((m, n)).astype(dtype), min(m, n)
    for x in layouts(a, device):
        u, s, v = torch.svd(x)
        assert (u.shape, s.shape, v.shape) == ((m, k), (k,), (n, k))
        near(double(u) * double(s) @ double(v).T, a, dtype, m + n)
        near(double(u).T @ double(u), np.eye(k), dtype, m)
        near(double(v).T @ double(v), np.eye(k), dtype, n)
        assert (np.diff(array(s)) <= 0).all()
        u, s, v = x.svd(some=False)
        assert (u.shape, s.shape, v.shape) == ((m, m), (k,), (n, n))
        near(double(u).T @ double(u), np.eye(m), dtype, m)
        near(double(u)[:, :k] * double(s) @ double(v)[:, :k].T, a, dtype, m + n)
        assert same(x, a)
    near(double(s), np.linalg.svd(a.astype("float64"))[1], dtype, m + n)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", SIZES)
def test_eigenvalues(n, dtype, device, rng):
    a = rng.standard_normal((n, n)).astype(dtype)
    symmetric = a + a.T
    for upper in (True, False):
        half = np.triu(symmetric) if upper else np.tril(symmetric)
        half = (
            half + np.triu(np.full((n, n), np.nan), 1).T
            if upper
            else half + np.triu(np.full((n, n), np.nan), 1)
        )
        for x in layouts(half.astype(dtype), device):
            e, v = x.symeig(True, upper)
            near(symmetric @ double(v), double(v) * double(e), dtype, 2 * n)
            near(double(v).T @ double(v), np.eye(n), dtype, n)
            assert (np.diff(array(e)) >= 0).all()
            e2, none = torch.symeig(x, upper=upper)
            near(double(e2), double(e), dtype, 2 * n)
            assert none.shape == (0,)
    for x in layouts(a, device):
        e, v = x.eig(True)
        assert (e.shape, v.shape) == ((n, 2), (n, n))
        values, packed = double(e) @ [1, 1j], double(v).astype(complex)
        j = 0
        while j < n:
            if values[j].imag == 0:
                j += 1
                continue
            re, im = double(v)[:, j], double(v)[:, j + 1]
            packed[:, j], packed[:, j + 1] = re + 1j * im, re - 1j * im
            j += 2
        near(np.abs(a @ packed - packed * values), np.zeros((n, n)), dtype, 10 * n)
        e2, none = torch.eig(x)
        assert none.shape == (0,)
        # other steps, other roundings: every value has a near one
        distance = np.abs((double(e2) @ [1, 1j])[:, None] - values).min(1)
        assert distance.max() <= 1e-2
        assert same(x, a)


@pytest.mark.parametrize("dtype", FLOATS)
def test_batched_lu(dtype, device, rng):
    for n in (1, 4, 12, 13, 30):
        a = rng.standard_normal((5, n, n)).astype(dtype)
        b = rng.standard_normal((5, n, 2)).astype(dtype)
        x = on(device, torch.tensor(a))
        info = torch.empty(0, dtype=torch.int32)
        lu, pivots = torch.btrifact(x, info=info)
        assert info.tolist() == [0] * 5
        assert (lu.shape, pivots.shape, pivots.dtype) == ((5, n, n), (5, n), torch.int32)
        for i in range(5):
            f, rows = double(lu)[i], np.arange(n)
            for j, p in enumerate(pivots[i].tolist() if n > 1 else [pivots[i, 0]]):
                rows[[j, p - 1]] = rows[[p - 1, j]]
            near((np.tril(f, -1) + np.eye(n)) @ np.triu(f), a[i][rows], dtype, n)
        solution = torch.btrisolve(on(device, torch.tensor(b)), lu, pivots)
        exact = np.linalg.solve(a.astype("float64"), b)
        scale = np.linalg.cond(a.astype("float64")).max() * max(1, np.abs(exact).max())
        assert np.abs(double(solution) - exact).max() <= tolerance(dtype, n) * scale
        one = torch.btrisolve(on(device, torch.tensor(b[:, :, 0])), lu, pivots)
        assert one.shape == (5, n)
        assert np.allclose(
            array(one), array(solution)[:, :, 0], rtol=1e-4 if dtype == "float32" else 1e-12
        )
        assert same(x, a)
    a = np.stack([np.eye(3), np.diag([1.0, 0, 2]), np.zeros((3, 3))])
    info = torch.ones(3, dtype=torch.int32)
    torch.btrifact(torch.tensor(a), info)
    assert info.tolist() == [0, 2, 1]


def test_matrices_without_elements():
    e = torch.zeros(0, 0)
    assert e.inverse().shape == (0, 0)
    assert [t.shape for t in torch.gesv(torch.zeros(0, 2), e)] == [(0, 2), (0, 0)]
    assert torch.gesv(torch.zeros(2, 0), torch.eye(2))[0].shape == (2, 0)
    assert e.potrf().shape == e.potri().shape == (0, 0)
    assert torch.potrs(torch.zeros(0, 3), e).shape == (0, 3)
    assert [t.shape for t in torch.pstrf(e)] == [(0, 0), (0,)]
    assert torch.trtrs(torch.zeros(0, 3), e)[0].shape == (0, 3)
    assert [t.shape for t in torch.qr(torch.zeros(3, 0))] == [(3, 0), (0, 0)]
    assert [t.shape for t in torch.qr(torch.zeros(0, 3))] == [(0, 0), (0, 3)]
    assert [t.shape for t in torch.geqrf(torch.zeros(3, 0))] == [(3, 0), (0,)]
    assert [t.shape for t in torch.svd(torch.zeros(3, 0))] == [(3, 0), (0,), (0, 0)]
    assert torch.svd(torch.zeros(2, 0), some=False).U.tolist() == [[1, 0], [0, 1]]
    assert [t.shape for t in torch.eig(e, True)] == [(0, 2), (0, 0)]
    assert [t.shape for t in torch.symeig(e, True)] == [(0,), (0, 0)]
    assert torch.gels(torch.zeros(3, 2), torch.zeros(3, 0))[0].tolist() == [[0, 0]] * 3
    assert torch.gels(torch.zeros(0, 2), torch.zeros(0, 3))[0].tolist() == [[0, 0]] * 3
    assert [t.shape for t in torch.btrifact(torch.zeros(0, 2, 2))] == [(0, 2, 2), (0, 2)]
    assert torch.ormqr(torch.zeros(3, 0), torch.zeros(0), torch.ones(3, 1)).tolist() == [[1]] * 3


def test_halves_are_factored_in_float32():
    for dtype in (torch.float16, torch.bfloat16):
        a = torch.tensor([[4.0, 2.0], [2.0, 5.0]]).to(dtype)
        assert a.potrf().dtype == a.inverse().dtype == dtype
        assert a.potrf().tolist() == [[2, 1], [0, 2]]
        q, r = a.qr()
        assert q.dtype == r.dtype == dtype


def test_integers():
    a = torch.tensor([[2, 0], [0, 4]])
    assert a.inverse().dtype == torch.float64
    assert a.inverse().tolist() == [[0.5, 0], [0, 0.25]]
    f = torch.eye(2)
    for name, arguments in [
        ("gesv", (f, a)), ("gels", (a, f)), ("trtrs", (f, a)), ("potrf", (a,)), ("potri", (a,)),
        ("potrs", (f, a)), ("pstrf", (a,)), ("geqrf", (a,)), ("orgqr", (a, f)), ("ormqr", (f, f, a)),
        ("eig", (a,)), ("symeig", (a,)), ("svd", (a,)), ("qr", (a,)), ("btrifact", (a,)),
    ]:  # fmt: skip
        with pytest.raises(
            TypeError, match=rf"^{name}: expected a floating tensor as .*, got LongTensor of size"
        ):
            getattr(torch, name)(*arguments)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n", [1, 3, 40])
def test_what_is_not_finite_ends(n, bad):
    """An error or NaN, never a hang."""
    a = torch.eye(n)
    a[n - 1, 0] = bad
    b = torch.ones(n, 1)
    for name, arguments in [
        ("eig", (a, True)), ("eig", (a,)), ("svd", (a,)), ("gels", (b, a)), ("symeig", (a, True, False)),
    ]:  # fmt: skip
        with pytest.raises(
            RuntimeError,
            match=f"^{name}: expected finite numbers, but the matrix has NaN or infinity",
        ):
            getattr(torch, name)(*arguments)
    with pytest.raises(RuntimeError, match="^gels: expected finite numbers"):
        torch.gels(torch.full((n, 1), bad), torch.eye(n))
    for name, arguments in [
        ("gesv", (b, a)), ("inverse", (a,)), ("qr", (a,)), ("geqrf", (a,)), ("trtrs", (b, a)), ("potrf", (a, False)),
        ("potri", (a,)), ("potrs", (b, a)), ("pstrf", (a, False)), ("btrifact", (a.view(1, n, n),)),
    ]:  # fmt: skip
        try:
            getattr(torch, name)(*arguments)
        except RuntimeError as e:
            assert name in str(e)  # noqa: PT017


def f(*shape):
    return torch.ones(*shape)


ERRORS = [
    (lambda: f(3, 3).potrf(), RuntimeError, r"^potrf: the matrix is not positive definite: its leading minor of order 2 is not positive$"),
    (lambda: f(3, 2).potrf(), ValueError, r"^potrf: expected a square matrix as argument, got FloatTensor of size \(3, 2\)$"),
    (lambda: f(1, 3, 3).potrf(), ValueError, r"^potrf: expected a matrix as argument, got"),
    (lambda: torch.zeros(2, 2).potri(), RuntimeError, r"^potri: the matrix is singular: U\(1, 1\) is zero$"),
    (lambda: f(3).potri(), ValueError, r"^potri: expected a matrix"),
    (lambda: f(2, 3).potri(), ValueError, r"^potri: expected a square matrix"),
    (lambda: f(2, 1).potrs(f(3, 3)), ValueError, r"^potrs: expected B to have as many rows as A"),
    (lambda: f(2, 1).potrs(f(3)), ValueError, r"^potrs: expected a matrix as the factor"),
    (lambda: f(2, 1, 1).potrs(f(2, 2)), ValueError, r"^potrs: expected a matrix as B"),
    (lambda: f(2, 3).pstrf(), ValueError, r"^pstrf: expected a square matrix"),
    (lambda: f(3).pstrf(), ValueError, r"^pstrf: expected a matrix"),
    (lambda: f(3, 1).trtrs(torch.diag(torch.tensor([1.0, 0, 2]))), RuntimeError, r"^trtrs: the matrix is singular: A\(2, 2\) is zero$"),
    (lambda: f(3, 1).trtrs(f(2, 2)), ValueError, r"^trtrs: expected B to have as many rows as A"),
    (lambda: f(3, 1).trtrs(f(3)), ValueError, r"^trtrs: expected a matrix as A"),
    (lambda: f(1, 3, 1).trtrs(f(3, 3)), ValueError, r"^trtrs: expected a matrix as B"),
    (lambda: f(3, 1).gels(f(2, 2)), ValueError, r"^gels: expected B to have as many rows as A, got A of size \(2, 2\) and B of size \(3, 1\)$"),
    (lambda: f(3, 1).gels(f(2)), ValueError, r"^gels: expected a matrix as A"),
    (lambda: f(1, 3, 1).gels(f(3, 2)), ValueError, r"^gels: expected a matrix as B"),
    (lambda: f(3, 1).gels(torch.tensor([[1.0, 0], [0, 0], [0, 0]])), RuntimeError, r"^gels: the matrix does not have full rank: its factor R\(2, 2\) is zero$"),
    (lambda: f(3).geqrf(), ValueError, r"^geqrf: expected a matrix"),
    (lambda: f(3).qr(), ValueError, r"^qr: expected a matrix as argument, got FloatTensor of size \(3,\)$"),
    (lambda: f(3).svd(), ValueError, r"^svd: expected a matrix"),
    (lambda: f(3).eig(), ValueError, r"^eig: expected a matrix"),
    (lambda: f(3, 2).eig(), ValueError, r"^eig: expected a square matrix"),
    (lambda: f(3).symeig(), ValueError, r"^symeig: expected a matrix"),
    (lambda: f(3, 2).symeig(), ValueError, r"^symeig: expected a square matrix"),
    (lambda: f(3, 2).orgqr(f(3)), ValueError, r"^orgqr: expected at most 2 factors of reflectors per matrix for FloatTensor of size \(3, 2\), got FloatTensor of size \(3,\)$"),
    (lambda: f(3, 2).orgqr(f(2, 2)), ValueError, r"^orgqr: expected at most 2 factors"),
    (lambda: f(3).orgqr(f(2)), ValueError, r"^orgqr: expected a matrix"),
    (lambda: f(3, 2).ormqr(f(3), f(3, 3)), ValueError, r"^ormqr: expected a vector of at most 2 factors for"),
    (lambda: f(3, 2).ormqr(f(2, 2), f(3, 3)), ValueError, r"^ormqr: expected a vector"),
    (lambda: f(3, 2).ormqr(f(2), f(2, 3)), ValueError, r"^ormqr: expected Q with 3 rows to fit the rows of FloatTensor of size \(2, 3\)$"),
    (lambda: f(3, 2).ormqr(f(2), f(3, 2), False), ValueError, r"^ormqr: expected Q with 3 rows to fit the columns of"),
    (lambda: f(3).ormqr(f(2), f(3, 2)), ValueError, r"^ormqr: expected a matrix as first argument"),
    (lambda: f(3, 2).ormqr(f(2), f(3)), ValueError, r"^ormqr: expected a matrix as third argument"),
    (lambda: torch.btrifact(f(2, 2)), ValueError, r"^btrifact: expected a batch of matrices as A, got FloatTensor of size \(2, 2\)$"),
    (lambda: torch.btrifact(f(2, 2, 3)), ValueError, r"^btrifact: expected a square matrix as A"),
    (lambda: torch.btrifact(f(2, 2, 2)), RuntimeError, r"^btrifact: matrix \(0,\) of the batch is singular: U\(2, 2\) is zero$"),
    (lambda: torch.btrifact(f(2, 2, 2), info=f(2)), TypeError, r"^btrifact: expected an IntTensor as info, got FloatTensor"),
    (lambda: torch.btrifact(f(2, 2, 2), info=f(3).int()), ValueError, r"^btrifact: expected an output of size \(2,\)"),
    (lambda: torch.btrisolve(f(2), f(2, 2, 2), f(2, 2).int()), ValueError, r"^btrisolve: expected b of size \(batch, n\) or \(batch, n, k\)"),
    (lambda: torch.btrisolve(f(3, 2), f(2, 2, 2), f(2, 2).int()), ValueError, r"^btrisolve: expected batches of one size"),
    (lambda: torch.btrisolve(f(2, 2), f(2, 2), f(2, 2).int()), ValueError, r"^btrisolve: expected a batch of matrices as LU_data"),
    (lambda: torch.btrisolve(f(2, 2), f(2, 2, 2), f(2, 2)), TypeError, r"^btrisolve: expected the pivots as an IntTensor, got FloatTensor"),
    (lambda: torch.btrisolve(f(2, 2), f(2, 2, 2), f(2, 3).int()), ValueError, r"^btrisolve: expected pivots of size \(2, 2\), got IntTensor of size \(2, 3\)$"),
    (lambda: torch.btrisolve(f(2, 2), f(2, 2, 2), f(2, 2).int() * 3), ValueError, r"^btrisolve: expected pivots from 1 to 2"),
    (lambda: torch.btrisolve(f(2, 2), f(2, 2, 2), f(2, 2).int() * 0), ValueError, r"^btrisolve: expected pivots from 1 to 2"),
    (lambda: f(1, 1).expand(1, 2**31).qr(), ValueError, r"^qr: matrix sizes above 2147483647 are not supported, got"),
    (lambda: torch.gels(f(1, 1).expand(1, 2**31), f(1, 1)), ValueError, r"^gels: matrix sizes above 2147483647"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors(number):
    call, error, match = ERRORS[number]
    with pytest.raises(error, match=match):
        call()
