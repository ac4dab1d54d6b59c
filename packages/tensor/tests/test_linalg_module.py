"""torch.linalg against numpy.linalg."""

# ruff: noqa: E501

import numpy as np
import pytest
import scipy.linalg
import torch
from harness import FLOATS, array, dtype_of, run, same
from torch import linalg

BATCHES = [(), (3,), (2, 3), (0,), (1, 2)]


def double(t) -> np.ndarray:
    return np.asarray(t if isinstance(t, (int, float)) else array(t)).astype("float64")


def near(x, y, dtype: str = "float64", factor: float = 1e3) -> None:
    x, y = double(x), np.asarray(y)
    assert x.shape == y.shape
    scale = max(1.0, float(np.abs(y).max(initial=0)))
    assert np.abs(x - y).max(initial=0) <= factor * np.finfo(dtype).eps * scale


def matrices(rng, *shape, dtype="float64"):
    """Well conditioned, in rows and in columns and reversed."""
    a = rng.standard_normal(shape)
    k = min(shape[-2:])
    a[..., range(k), range(k)] += 4 * max(shape[-2:]) + 2
    a = a.astype(dtype)
    yield a, torch.tensor(a)
    yield a, torch.tensor(a.swapaxes(-1, -2).copy()).transpose(-1, -2)
    yield a, torch.from_numpy(np.ascontiguousarray(a[..., ::-1, :])[..., ::-1, :])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("n", [0, 1, 4, 15])
def test_square(n, batch, dtype, rng):
    for a, x in matrices(rng, *batch, n, n, dtype=dtype):
        b = rng.standard_normal((*batch, n, 2)).astype(dtype)
        y = torch.tensor(b)
        for result in (
            linalg.solve(x, y),
            torch.solve(x, y),
            linalg.solve(x, y, out=torch.empty(0, dtype=y.dtype)),
        ):
            assert result.dtype == dtype_of(dtype)
            near(a.astype("float64") @ double(result), b, dtype)
        v = rng.standard_normal(n).astype(dtype)
        near(linalg.solve(x, torch.tensor(v)), np.linalg.solve(a.astype("float64"), v), dtype)
        one = linalg.solve(x, torch.tensor(b[0, :, :] if len(batch) == 1 and b.size else b))
        assert one.shape == (*batch, n, 2)
        near(
            a.astype("float64") @ double(linalg.inv(x)), np.broadcast_to(np.eye(n), a.shape), dtype
        )
        det, (sign, size) = linalg.det(x), linalg.slogdet(x)
        near(det, np.linalg.det(a.astype("float64")), dtype)
        expected = np.linalg.slogdet(a.astype("float64"))
        near(sign, expected.sign, dtype)
        near(size, expected.logabsdet, dtype)
        near(torch.logdet(x * 1), np.log(np.linalg.det(a.astype("float64"))), dtype)
        if batch == ():
            assert type(det) is type(sign) is type(size) is float
        lu, pivots = linalg.lu_factor(x)
        near(linalg.lu_solve(lu, pivots, y), np.linalg.solve(a.astype("float64"), b), dtype)
        for power in (0, 1, 2, 5, -1, -2):
            near(
                linalg.matrix_power(x / (3 * n + 1), power),
                np.linalg.matrix_power(a.astype("float64") / (3 * n + 1), power),
                dtype,
                1e4,
            )
        assert same(x, a)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("m, n", [(3, 3), (6, 2), (2, 6), (1, 1), (0, 3), (3, 0)])
def test_rectangular(m, n, batch, dtype, rng):
    k = min(m, n)
    for a, x in matrices(rng, *batch, m, n, dtype=dtype):
        wide = a.astype("float64")
        for full in (True, False):
            u, s, vh = linalg.svd(x, full_matrices=full)
            expected = np.linalg.svd(wide, full_matrices=full)
            assert (u.shape, s.shape, vh.shape) == tuple(e.shape for e in expected)
            near(s, expected[1], dtype)
            near(double(u)[..., :k] * double(s)[..., None, :] @ double(vh)[..., :k, :], wide, dtype)
            rows = m if full else k
            near(
                double(u).swapaxes(-1, -2) @ double(u),
                np.broadcast_to(np.eye(rows), (*batch, rows, rows)),
                dtype,
            )
        near(linalg.svdvals(x), expected[1], dtype)
        for mode in ("reduced", "complete"):
            q, r = linalg.qr(x, mode)
            expected = np.linalg.qr(wide, mode)
            assert (q.shape, r.shape) == tuple(e.shape for e in expected)
            near(double(q) @ double(r), wide, dtype)
            near(
                double(q).swapaxes(-1, -2) @ double(q),
                np.broadcast_to(np.eye(q.shape[-1]), (*batch, q.shape[-1], q.shape[-1])),
                dtype,
            )
            assert not np.tril(array(r), -1).any()
        near(linalg.qr(x, mode="r"), np.linalg.qr(wide, "r"), dtype)
        near(linalg.pinv(x), np.linalg.pinv(wide), dtype)
        near(torch.pinverse(x), np.linalg.pinv(wide), dtype)
        rank = np.linalg.matrix_rank(wide) if wide.size else np.zeros(batch)
        assert np.array_equal(array(linalg.matrix_rank(x)), rank)
        assert same(x, a)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("n", [0, 1, 5])
def test_symmetric(n, batch, dtype, rng):
    for a, x in matrices(rng, *batch, n, n, dtype=dtype):
        for uplo in "LU":
            half = np.tril(a) if uplo == "L" else np.triu(a)
            whole = half + half.swapaxes(-1, -2) - half * np.eye(n)
            e, v = linalg.eigh(x, UPLO=uplo)
            near(e, np.linalg.eigvalsh(a.astype("float64"), UPLO=uplo), dtype)
            near(linalg.eigvalsh(x, uplo.lower()), double(e), dtype)
            near(whole.astype("float64") @ double(v), double(v) * double(e)[..., None, :], dtype)
            p = whole @ whole.swapaxes(-1, -2) + np.eye(n, dtype=dtype)
            factor = linalg.cholesky(torch.tensor(p), upper=uplo == "U")
            expected = np.linalg.cholesky(p.astype("float64"))
            near(factor, expected if uplo == "L" else expected.swapaxes(-1, -2), dtype, 1e4)
            b = rng.standard_normal((*batch, n, 2)).astype(dtype)
            solved = torch.cholesky_solve(torch.tensor(b), factor, upper=uplo == "U")
            near(p.astype("float64") @ double(solved), b, dtype, 1e4)
        symmetric = torch.tensor(whole)
        near(linalg.pinv(symmetric, hermitian=True), np.linalg.pinv(whole.astype("float64")), dtype)
        if 0 not in batch and n:
            assert np.array_equal(
                array(linalg.matrix_rank(symmetric, hermitian=True)), np.linalg.matrix_rank(whole)
            )
        assert same(x, a)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("n", [0, 1, 2, 6])
def test_eig(n, batch, dtype, rng):
    a = rng.standard_normal((*batch, n, n)).astype(dtype)
    x = torch.tensor(a)
    w, v = linalg.eig(x)
    assert (w.shape, v.shape) == ((*batch, n, 2), (*batch, n, n, 2))
    values, vectors = double(w) @ [1, 1j], double(v) @ [1, 1j]
    assert (
        np.abs(a @ vectors - vectors * values[..., None, :]).max(initial=0)
        <= 1e3 * np.finfo(dtype).eps
    )
    assert np.allclose((np.abs(vectors) ** 2).sum(-2), 1)
    assert linalg.eigvals(x).shape == (*batch, n, 2)
    both = np.sort_complex(double(linalg.eigvals(x)) @ [1, 1j])
    assert np.allclose(np.sort(both.real), np.sort(values.real), atol=1e-3)


def test_triangles(rng):
    for a, x in matrices(rng, 3, 5, 5):
        b, c = rng.standard_normal((3, 5, 2)), rng.standard_normal((3, 2, 5))
        for upper in (True, False):
            t = np.triu(a) if upper else np.tril(a)
            near(t @ double(linalg.solve_triangular(x, torch.tensor(b), upper=upper)), b)
            near(
                double(linalg.solve_triangular(x, torch.tensor(c), upper=upper, left=False)) @ t, c
            )
            unit = np.where(np.eye(5), 1, t / 50)
            near(
                unit
                @ double(
                    linalg.solve_triangular(
                        x / 50, torch.tensor(b), upper=upper, unitriangular=True
                    )
                ),
                b,
            )
            v = linalg.solve_triangular(x[0], torch.tensor(b[0, :, 0]), upper=upper)
            near(t[0] @ double(v), b[0, :, 0])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("m, n", [(7, 3), (3, 7), (4, 4), (5, 1), (0, 3), (3, 0)])
def test_lstsq(m, n, dtype, rng):
    a = rng.standard_normal((m, n)).astype(dtype)
    for b in (rng.standard_normal(m).astype(dtype), rng.standard_normal((m, 2)).astype(dtype)):
        expected = np.linalg.lstsq(a, b, rcond=None)
        for name in (linalg.lstsq, torch.lstsq):
            r = name(torch.tensor(a), torch.tensor(b))
            near(r.solution, expected[0], dtype)
            near(r.residuals, expected[1], dtype)
            assert r.rank == expected[2]
            assert type(r.rank) is int
            near(r.singular_values, expected[3], dtype)
    assert linalg.lstsq(torch.tensor(a), torch.ones(m, 0)).solution.shape == (n, 0)


def test_rank_deficient(rng):
    f = rng.standard_normal((8, 2))
    a = f @ rng.standard_normal((2, 5))
    x, b = torch.tensor(a), rng.standard_normal(8)
    r, expected = linalg.lstsq(x, torch.tensor(b)), np.linalg.lstsq(a, b, rcond=None)
    near(r.solution, expected[0])
    assert (r.rank, tuple(r.residuals.shape)) == (2, (0,))
    assert linalg.matrix_rank(x) == 2
    assert linalg.matrix_rank(x, tol=1e6) == 0
    assert linalg.matrix_rank(torch.zeros(3)) == 0
    assert linalg.matrix_rank(torch.ones(3)) == 1
    near(linalg.pinv(x), np.linalg.pinv(a))
    near(linalg.pinv(x, 0.9), np.linalg.pinv(a, 0.9))
    near(linalg.pinv(x, rcond=0.9), np.linalg.pinv(a, 0.9))
    singular = torch.ones(3, 3)
    assert linalg.det(singular) == 0
    assert tuple(linalg.slogdet(torch.zeros(2, 2))) == (0, -np.inf)
    assert torch.logdet(torch.zeros(2, 2)) == -np.inf
    assert np.isnan(torch.logdet(-torch.eye(3)))
    assert torch.logdet(torch.zeros(0, 0)) == 0


def test_determinants_do_not_overflow_on_the_way():
    x = torch.diag(torch.tensor([1e200, 1e-200, 1e200, 1e-200, -3.0], dtype=torch.float64))
    assert x.det() == pytest.approx(-3)
    big = torch.eye(400, dtype=torch.float64) * 10
    assert big.det() == np.inf
    assert big.slogdet().logabsdet == pytest.approx(400 * np.log(10))


NORMS = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int32"])
def test_norms(dtype, rng):
    a = (rng.standard_normal((3, 4, 5)) * 4).astype(dtype)
    x, eps = torch.tensor(a), "float32" if dtype == "float32" else "float64"
    for order in NORMS:
        for dims in ((0, 1), (-1, 0), (2, 1)):
            for keep in (False, True):
                expected = np.linalg.norm(a, order, axis=dims, keepdims=keep)
                near(linalg.norm(x, order, dims, keep), expected, eps)
                near(linalg.norm(x, ord=order, axis=dims, keepdims=keep), expected, eps)
                near(linalg.matrix_norm(x, order or "fro", dims, keep), expected, eps)
        near(linalg.norm(x[0], order), np.linalg.norm(a[0], order), eps)
        near(linalg.matrix_norm(x, order or "fro"), np.linalg.norm(a, order, axis=(1, 2)), eps)
    b, y = a + (a == 0), x + (x == 0)  # some norms divide by the elements
    for order in (None, 0, 1, 2, 3, 2.5, -1, -2, 0.5, np.inf, -np.inf):
        for dim in (0, -1):
            expected = np.linalg.norm(b, order, axis=dim)
            near(linalg.norm(y, order, dim), expected, eps)
            near(linalg.vector_norm(y, 2 if order is None else order, dim), expected, eps)
        near(linalg.norm(y[0, 0], order), np.linalg.norm(b[0, 0], order), eps)
    assert type(linalg.norm(x)) is float
    near(linalg.norm(x), np.linalg.norm(a), eps)
    near(linalg.vector_norm(x, 1), np.abs(a).sum(), eps)
    assert linalg.norm(torch.zeros(0)) == 0
    out = torch.empty(0, dtype=dtype_of(eps))
    assert linalg.norm(x, dim=1, out=out) is out
    near(out, np.linalg.norm(a, axis=1), eps)


def test_cond(rng):
    a = rng.standard_normal((2, 4, 4)) + 3 * np.eye(4)
    for p in NORMS:
        near(linalg.cond(torch.tensor(a), p), np.linalg.cond(a, p), factor=1e4)
        near(linalg.cond(torch.tensor(a[0]), p), np.linalg.cond(a[0], p), factor=1e4)
    for p in (None, 1, "fro"):
        assert linalg.cond(torch.zeros(2, 2), p) == np.inf
    assert linalg.cond(torch.ones(3, 2)) > 1e6
    both = linalg.cond(torch.tensor(np.stack([np.eye(2), np.ones((2, 2))])), 1)
    assert both.tolist() == [1, np.inf]


def test_tensor_equations(rng):
    a, b = rng.standard_normal((2, 3, 6)), rng.standard_normal((2, 3))
    near(linalg.tensorsolve(torch.tensor(a), torch.tensor(b)), np.linalg.tensorsolve(a, b))
    c = rng.standard_normal((6, 2, 3))
    near(
        linalg.tensorsolve(torch.tensor(c), torch.tensor(b), axes=(0,)),
        np.linalg.tensorsolve(c, b, axes=(0,)),
    )
    near(linalg.tensorinv(torch.tensor(c), ind=1), np.linalg.tensorinv(c, ind=1))
    near(linalg.tensorinv(torch.tensor(a)), np.linalg.tensorinv(a))


def test_matrix_exponential(rng):
    for scale in (0, 1e-3, 1, 30):
        a = rng.standard_normal((2, 5, 5)) * scale
        near(linalg.matrix_exp(torch.tensor(a)), scipy.linalg.expm(a), factor=1e5)
    assert linalg.matrix_exp(torch.zeros(0, 0)).shape == (0, 0)
    with pytest.raises(RuntimeError, match="^linalg_matrix_exp: expected finite numbers"):
        linalg.matrix_exp(torch.full((2, 2), np.nan))


def test_broadcast_systems(rng):
    a, b = rng.standard_normal((3, 1, 4, 4)) + 4 * np.eye(4), rng.standard_normal((2, 4, 1))
    expected = np.linalg.solve(a, b)
    near(linalg.solve(torch.tensor(a), torch.tensor(b)), expected)
    lu, pivots = linalg.lu_factor(torch.tensor(a[0, 0]))
    near(linalg.lu_solve(lu, pivots, torch.tensor(b)), np.linalg.solve(a[0, 0], b))
    x = torch.eye(3).expand(4, 3, 3)
    assert linalg.inv(x).tolist() == torch.eye(3).expand(4, 3, 3).tolist()
    assert linalg.det(x).tolist() == [1, 1, 1, 1]


def test_many_matrices(rng):
    for n in (4, 13, 20):
        a = rng.standard_normal((700, n, n)) + 2 * n * np.eye(n)
        x, b = torch.tensor(a), rng.standard_normal((700, n))
        near(linalg.inv(x), np.linalg.inv(a))
        near(linalg.solve(x, torch.tensor(b[:, :, None])), np.linalg.solve(a, b[:, :, None]))
        near(linalg.slogdet(x).logabsdet, np.linalg.slogdet(a)[1])
        near(linalg.cholesky(x @ x.transpose(1, 2)), np.linalg.cholesky(a @ a.swapaxes(1, 2)))
        near(linalg.svdvals(x), np.linalg.svd(a, compute_uv=False))


def test_large_matrices(rng):
    a = rng.standard_normal((400, 400))
    x = torch.tensor(a)
    near(a @ double(linalg.inv(x)), np.eye(400), factor=1e7)
    u, s, vh = linalg.svd(x)
    near(double(u) * double(s) @ double(vh), a, factor=1e4)
    e, v = linalg.eigh(x)
    whole = np.tril(a) + np.tril(a, -1).T
    near(whole @ double(v), double(v) * double(e), factor=1e4)
    q, r = linalg.qr(x)
    near(double(q) @ double(r), a, factor=1e4)


def test_integers_and_halves():
    i = torch.tensor([[2, 0], [0, 4]])
    assert linalg.inv(i).tolist() == [[0.5, 0], [0, 0.25]]
    assert linalg.solve(i, torch.tensor([2, 4])).dtype == torch.float64
    assert linalg.det(i) == 8
    assert linalg.svdvals(i).tolist() == [4, 2]
    assert linalg.cholesky(i.bool()).tolist() == [[1, 0], [0, 1]]
    assert linalg.matrix_power(torch.tensor([[1, 1], [1, 0]]), 30)[0, 0] == 1346269
    for dtype in (torch.float16, torch.bfloat16):
        h = i.to(dtype)
        for t in (
            linalg.inv(h),
            linalg.svdvals(h),
            linalg.eigh(h)[1],
            linalg.pinv(h),
            linalg.cholesky(h),
        ):
            assert t.dtype == dtype
        assert linalg.det(h) == 8
        assert linalg.norm(h) == pytest.approx(20**0.5, rel=1e-2)


def test_not_finite():
    for bad in (np.nan, np.inf):
        x = torch.eye(4)
        x[2, 1] = bad
        for f in (
            linalg.svd,
            linalg.svdvals,
            linalg.eig,
            linalg.eigvals,
            linalg.eigh,
            linalg.pinv,
            linalg.matrix_rank,
            linalg.cond,
        ):
            with pytest.raises(
                RuntimeError, match="expected finite numbers, but the matrix has NaN or infinity"
            ):
                f(x)
        with pytest.raises(
            RuntimeError,
            match=r"^linalg_svd: expected finite numbers, but matrix \(1,\) of the batch",
        ):
            linalg.svd(torch.stack([torch.eye(4), x], 0))
        with pytest.raises(RuntimeError, match="^linalg_lstsq: expected finite numbers"):
            linalg.lstsq(x, torch.ones(4))
        x.det(), x.slogdet(), linalg.qr(x), linalg.norm(x)


def f(*shape):
    return torch.ones(*shape)


ERRORS = [
    (lambda: linalg.solve(f(2, 2), f(2)), RuntimeError, r"^linalg_solve: the matrix is singular: U\(2, 2\) is zero$"),
    (lambda: torch.solve(f(2, 2), f(2)), RuntimeError, r"^solve: the matrix is singular"),
    (lambda: linalg.solve(torch.stack([torch.eye(2), f(2, 2)], 0).view(1, 2, 2, 2), f(2)), RuntimeError, r"^linalg_solve: matrix \(0, 1\) of the batch is singular: U\(2, 2\) is zero$"),
    (lambda: linalg.solve(f(2, 3), f(2)), ValueError, r"^linalg_solve: expected a square matrix as A"),
    (lambda: linalg.solve(f(2), f(2)), ValueError, r"^linalg_solve: expected a matrix or a batch of matrices as A"),
    (lambda: linalg.solve(f(2, 2), f(3)), ValueError, r"^linalg_solve: expected B to have as many rows as A, got A of size \(2, 2\) and B of size \(3,\)$"),
    (lambda: linalg.solve(f(2, 2), torch.tensor(1.0)), ValueError, r"^linalg_solve: expected a matrix or a batch of matrices as B"),
    (lambda: linalg.solve(f(3, 2, 2), f(2, 2, 2)), ValueError, r"^linalg_solve: sizes \(3,\) and \(2,\) do not broadcast"),
    (lambda: linalg.inv(f(2, 3)), ValueError, r"^linalg_inv: expected a square matrix"),
    (lambda: linalg.inv(f(20, 20)), RuntimeError, r"^linalg_inv: the matrix is singular: U\(2, 2\) is zero$"),
    (lambda: linalg.det(f(2)), ValueError, r"^linalg_det: expected a matrix or a batch"),
    (lambda: linalg.slogdet(f(2, 3)), ValueError, r"^linalg_slogdet: expected a square matrix"),
    (lambda: linalg.cholesky(-torch.eye(3)), RuntimeError, r"^linalg_cholesky: the matrix is not positive definite: its leading minor of order 1 is not positive$"),
    (lambda: linalg.qr(f(2, 2), "full"), ValueError, r"^linalg_qr: expected 'reduced', 'complete' or 'r' as mode, got 'full'$"),
    (lambda: linalg.qr(f(2, 2), 3), TypeError, r"^linalg_qr: expected 'reduced', 'complete' or 'r' as mode, got int$"),
    (lambda: linalg.qr(f(2)), ValueError, r"^linalg_qr: expected a matrix or a batch"),
    (lambda: linalg.eigh(f(2, 2), "X"), ValueError, r"^linalg_eigh: expected 'L' or 'U' as UPLO, got 'X'$"),
    (lambda: linalg.eigh(f(2, 2), 1), TypeError, r"^linalg_eigh: expected 'L' or 'U' as UPLO, got int$"),
    (lambda: linalg.svd(f(2)), ValueError, r"^linalg_svd: expected a matrix or a batch"),
    (lambda: linalg.eig(f(2, 3)), ValueError, r"^linalg_eig: expected a square matrix"),
    (lambda: linalg.lstsq(f(2), f(2)), ValueError, r"^linalg_lstsq: expected a matrix as A"),
    (lambda: linalg.lstsq(f(2, 2), f(1, 2, 2)), ValueError, r"^linalg_lstsq: expected a matrix as B"),
    (lambda: linalg.lstsq(f(2, 2), f(3)), ValueError, r"^linalg_lstsq: expected B to have as many rows as A"),
    (lambda: linalg.norm(f(2, 2), "max"), ValueError, r"^linalg_norm: expected a number, 'fro', 'nuc' or None as order of the norm, got 'max'$"),
    (lambda: linalg.norm(f(2, 2), [1]), TypeError, r"^linalg_norm: expected a number, 'fro', 'nuc' or None as order of the norm, got list$"),
    (lambda: linalg.norm(f(2, 2), 3), ValueError, r"^linalg_norm: expected 1, -1, 2, -2, inf, -inf, 'fro' or 'nuc' as order of a matrix norm, got 3"),
    (lambda: linalg.norm(f(2), "fro"), ValueError, r"^linalg_norm: the norms 'fro' and 'nuc' are of matrices"),
    (lambda: linalg.norm(f(2), np.nan), ValueError, r"^linalg_norm: expected a number as order of a norm, got NaN$"),
    (lambda: linalg.norm(f(2, 2, 2), 2), ValueError, r"^linalg_norm: expected one dimension for a vector norm or two for a matrix norm"),
    (lambda: linalg.norm(f(2, 2, 2), dim=(0, 1, 2)), ValueError, r"^linalg_norm: expected one dimension for a vector norm or two"),
    (lambda: linalg.norm(f(2, 2), dim=(0, 0)), ValueError, r"^linalg_norm: dimension 0 is repeated"),
    (lambda: linalg.norm(f(2, 2), dim=()), ValueError, r"^linalg_norm: expected one dimension or more, got none$"),
    (lambda: linalg.norm(f(2, 2), dim=5), IndexError, r"^linalg_norm: dimension 5 is out of range"),
    (lambda: linalg.matrix_norm(f(2)), ValueError, r"^linalg_matrix_norm: expected two dimensions for a matrix norm"),
    (lambda: linalg.matrix_norm(f(2, 2), dim=(0,)), ValueError, r"^linalg_matrix_norm: expected two dimensions"),
    (lambda: linalg.cond(f(2, 3), 1), ValueError, r"^linalg_cond: expected a square matrix"),
    (lambda: linalg.cond(f(0, 0)), ValueError, r"^linalg_cond: expected a matrix with elements"),
    (lambda: linalg.cond(f(2, 2), 3), ValueError, r"^linalg_cond: expected 1, -1, 2, -2, inf"),
    (lambda: linalg.matrix_power(f(2, 3), 2), ValueError, r"^linalg_matrix_power: expected a square matrix"),
    (lambda: linalg.matrix_power(f(2, 2), -1), RuntimeError, r"^linalg_matrix_power: the matrix is singular"),
    (lambda: linalg.solve_triangular(f(2, 2), f(2, 2)), TypeError, r"^linalg_solve_triangular: got"),
    (lambda: linalg.solve_triangular(torch.zeros(2, 2), f(2, 2), upper=True), RuntimeError, r"^linalg_solve_triangular: the matrix is singular: A\(1, 1\) is zero$"),
    (lambda: linalg.solve_triangular(f(2, 2), f(2), upper=True, left=False), ValueError, r"^linalg_solve_triangular: expected a matrix or a batch of matrices as B"),
    (lambda: linalg.lu_solve(f(2, 2), f(2), f(2)), TypeError, r"^linalg_lu_solve: expected the pivots as an IntTensor"),
    (lambda: linalg.tensorsolve(f(2, 3, 5), f(2, 3)), ValueError, r"^linalg_tensorsolve: expected a of size B \+ X for b of size B"),
    (lambda: linalg.tensorsolve(f(2), f(2, 3)), ValueError, r"^linalg_tensorsolve: expected a of size"),
    (lambda: linalg.tensorinv(f(2, 3, 6), 3), ValueError, r"^linalg_tensorinv: expected ind from 1 to 2 for"),
    (lambda: linalg.tensorinv(f(2, 3, 6), 0), ValueError, r"^linalg_tensorinv: expected ind from 1 to 2"),
    (lambda: linalg.tensorinv(f(2, 3, 5)), ValueError, r"^linalg_tensorinv: expected as many elements in the first 2 dimensions"),
    (lambda: linalg.matrix_exp(f(2, 3)), ValueError, r"^linalg_matrix_exp: expected a square matrix"),
    (lambda: linalg.svdvals(f(1, 1).expand(1, 2**31)), ValueError, r"^linalg_svdvals: matrix sizes above 2147483647"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors(number):
    call, error, match = ERRORS[number]
    with pytest.raises(error, match=match):
        call()


def test_loaded_on_first_use():
    code = "import sys, torch; print('torch.linalg' in sys.modules, torch.linalg.det(torch.eye(2)))"
    assert run(code).split() == ["False", "1.0"]


def test_functions_hand_over_to_other_types():
    class Traced:
        @classmethod
        def __torch_function__(cls, function, types, args, kwargs):
            return function.__name__

    assert linalg.solve(Traced(), torch.ones(2)) == "linalg_solve"
    assert linalg.multi_dot([torch.ones(2, 2), Traced()]) == "linalg_multi_dot"
    assert torch.einsum("i,i", torch.ones(2), Traced()) == "einsum"
    assert torch.svd(Traced()) == "svd"
