"""Products, factorizations and torch.linalg: what the tables of operations do not say."""

import inspect
import math

import pytest
import torch
from torch.autograd import Variable, grad, gradcheck
from torch.autograd import functions as F
from torch.autograd.methods import FUNCTIONS


def leaf(value):
    return Variable(value, requires_grad=True)


def double(*size):
    torch.manual_seed(5)
    return torch.randn(*size).double()


def near(actual, expected, tolerance=1e-10):
    actual = actual.data if isinstance(actual, Variable) else actual
    assert actual.shape == expected.shape
    return float((actual - expected).abs().max()) < tolerance


def definite(n=3):
    x = double(n, n)
    return x @ x.t() + torch.eye(n).double()


# forms of the calls


SAME = [
    ("gesv", double(3, 2), double(3, 3)),
    ("gels", double(4, 2), double(4, 3)),
    ("trtrs", double(3, 2), double(3, 3)),
    ("potrf", definite()),
    ("potrf", definite(), False),
    ("potri", double(3, 3)),
    ("potrs", double(3, 2), double(3, 3)),
    ("pstrf", definite()),
    ("geqrf", double(3, 2)),
    ("orgqr", double(4, 3), double(2)),
    ("orgqr", double(3, 2), double(2)),
    ("ormqr", double(4, 3), double(2), double(4, 2)),
    ("eig", double(3, 3)),
    ("eig", double(3, 3), True),
    ("eig", double(5, 5), True),
    ("symeig", definite()),
    ("symeig", definite(), True),
    ("symeig", definite(), True, False),
    ("svd", double(3, 2)),
    ("svd", double(3, 2), False),
    ("qr", double(3, 2)),
    ("inverse", double(3, 3)),
    ("cholesky", definite()),
    ("cholesky", definite(), True),
    ("det", double(3, 3)),
    ("det", double(2, 3, 3)),
    ("slogdet", double(3, 3)),
    ("logdet", definite()),
    ("pinverse", double(3, 2)),
    ("matrix_power", double(3, 3), 3),
    ("mm", double(3, 3), double(3, 2)),
    ("matmul", double(2, 3, 3), double(3, 2)),
    ("addmm", double(3, 2), double(3, 3), double(3, 2)),
    ("addbmm", double(3, 2), double(2, 3, 3), double(2, 3, 2)),
    ("inner", double(3, 2), double(2, 2)),
]


def parts(result):
    return list(result) if isinstance(result, tuple) else [result]


@pytest.mark.parametrize("row", SAME, ids=lambda row: row[0])
def test_methods_and_functions_give_what_tensors_give(row):
    name, *args = row
    expected = getattr(torch, name)(*args)
    for first in (leaf(args[0]), Variable(args[0]), Variable(args[0], volatile=True)):
        for call in (getattr(first, name), lambda *a, x=first: getattr(torch, name)(x, *a)):
            actual = call(*args[1:])
            assert type(actual) is type(expected) or not isinstance(expected, tuple)
            assert parts(actual)[0].volatile == first.volatile
            for ours, theirs in zip(parts(actual), parts(expected), strict=True):
                assert isinstance(ours, Variable)
                theirs = (
                    theirs if isinstance(theirs, torch.Tensor) else torch.DoubleTensor([theirs])
                )
                assert ours.dtype is theirs.dtype
                assert ours.shape == theirs.shape
                assert not theirs.numel() or near(ours.data.double(), theirs.double())


NAMED = [
    (lambda x: torch.gesv(x, x), ("solution", "LU")),
    (lambda x: x.gels(x), ("solution", "QR")),
    (lambda x: x.trtrs(x), ("solution", "A")),
    (lambda x: x.svd(), ("U", "S", "V")),
    (lambda x: torch.linalg.svd(x), ("U", "S", "Vh")),
    (lambda x: x.qr(), ("Q", "R")),
    (lambda x: torch.linalg.qr(x), ("Q", "R")),
    (lambda x: x.symeig(), ("eigenvalues", "eigenvectors")),
    (lambda x: torch.eigh(x), ("eigenvalues", "eigenvectors")),
    (lambda x: torch.linalg.eig(x), ("eigenvalues", "eigenvectors")),
    (lambda x: torch.slogdet(x), ("sign", "logabsdet")),
    (lambda x: torch.linalg.lu_factor(x), ("LU", "pivots")),
    (lambda x: torch.lstsq(x, x), ("solution", "residuals", "rank", "singular_values")),
]


@pytest.mark.parametrize("call, names", NAMED, ids=lambda v: "".join(v) if type(v) is tuple else "")
def test_results_have_the_names_of_the_tensors_results(call, names):
    result = call(leaf(definite()))
    assert [getattr(result, name) is part for name, part in zip(names, result, strict=True)]


KEYWORDS = [
    (lambda x: x.mm(mat2=x), lambda x: x @ x),
    (lambda x: torch.mm(x, mat2=x), lambda x: x @ x),
    (lambda x: x.addmm(mat1=x, mat2=x), lambda x: x + x @ x),
    (lambda x: x.addmm(x, mat2=x, beta=2), lambda x: 2 * x + x @ x),
    (lambda x: x.addmm(2, x, x, alpha=3), lambda x: 2 * x + 3 * (x @ x)),
    (lambda x: x.addmm(2, 3, x, x), lambda x: 2 * x + 3 * (x @ x)),
    (lambda x: torch.addmm(2, x, 3, x, x), lambda x: 2 * x + 3 * (x @ x)),
    (lambda x: torch.addmm(2, x, x, x), lambda x: 2 * x + x @ x),
    (lambda x: torch.addmm(x, x, x, alpha=3), lambda x: x + 3 * (x @ x)),
    (lambda x: x.clone().addmm_(2, 3, x, x), lambda x: 2 * x + 3 * (x @ x)),
    (lambda x: x.clone().addmm_(x, x, beta=2), lambda x: 2 * x + x @ x),
    (lambda x: torch.linalg.solve_triangular(A=x, B=x, upper=True), None),
    (lambda x: torch.einsum("ij,jk", [x, x]), lambda x: x @ x),
    (lambda x: torch.einsum("ij,jk", x, x, optimize=False), lambda x: x @ x),
    (lambda x: torch.chain_matmul([x, x, x]), lambda x: x @ x @ x),
    (lambda x: torch.tensordot(x, x, dims=1), lambda x: x @ x),
    (lambda x: torch.symeig(x, eigenvectors=True, upper=False)[0], None),
    (lambda x: torch.svd(x, some=False)[1], None),
    (lambda x: x.mm(other=x), lambda x: x @ x),
    (lambda x: torch.mm(input=x, mat2=x), lambda x: x @ x),
    (lambda x: torch.tensordot(input=x, other=x, dims=1), lambda x: x @ x),
    (lambda x: torch.linalg.norm(x, axis=0, keepdims=True), lambda x: x.norm(2, 0, True)),
    (lambda x: torch.linalg.vector_norm(input=x, ord=1, axis=1), lambda x: x.norm(1, 1)),
    (lambda x: torch.linalg.matrix_norm(x, keepdims=True), lambda x: x.norm(2, (0, 1), True)),
]


@pytest.mark.parametrize("call, expected", KEYWORDS)
def test_keywords_and_forms(call, expected):
    x = definite()
    result = call(leaf(x))
    assert result.requires_grad
    assert near(result, call(x) if expected is None else expected(x))


MODULES = {f"torch.autograd.methods.{m}" for m in ("linalg", "matrix", "lapack")}
OURS = [n for n, f in FUNCTIONS.items() if inspect.unwrap(f).__module__ in MODULES]


@pytest.mark.parametrize("name", sorted({*OURS, "mm", "mv", "dot", "ger", "bmm"}))
def test_parameters_are_those_of_the_tensors(name):
    owners = (torch.Tensor, torch, torch._C)
    theirs = next(getattr(owner, name) for owner in owners if hasattr(owner, name))
    expected = inspect.signature(theirs).parameters.values()
    actual = inspect.signature(inspect.unwrap(FUNCTIONS[name])).parameters.values()
    # the first one, the tensor, has several names
    assert [(p.name, p.default) for p in actual][1:] == [
        (p.name, p.default) for p in expected if p.name != "out"
    ][1:]


MIXED = [
    lambda x, y: torch.mm(x, y),
    lambda x, y: x @ y,
    lambda x, y: torch.bmm(x.unsqueeze(0), y.unsqueeze(0)),
    lambda x, y: torch.addmm(x, y, x),
    lambda x, y: torch.kron(x, y),
    lambda x, y: torch.inner(x, y),
    lambda x, y: torch.outer(x, y),
    lambda x, y: torch.vdot(x, y),
    lambda x, y: torch.cross(x, y),
    lambda x, y: torch.tensordot(x, y),
    lambda x, y: torch.einsum("ij,jk", x, y),
    lambda x, y: torch.chain_matmul(x, y, x),
    lambda x, y: torch.solve(x, y),
    lambda x, y: torch.gesv(x, y)[0],
    lambda x, y: torch.trtrs(x, y)[0],
    lambda x, y: torch.potrs(x, y),
    lambda x, y: torch.cholesky_solve(x, y),
    lambda x, y: torch.linalg.solve_triangular(x, y, upper=True, left=False),
]


@pytest.mark.parametrize("call", MIXED)
def test_a_tensor_beside_a_variable_is_a_constant(call):
    x, y = definite(), double(3, 3)
    expected = call(x, y)
    expected = expected if isinstance(expected, torch.Tensor) else torch.DoubleTensor([expected])
    for first, second in ((leaf(x), y), (x, leaf(y)), (leaf(x), leaf(y))):
        result = call(first, second)
        assert result.requires_grad
        assert near(result, expected)
    assert not call(Variable(x), y).requires_grad
    with torch.autograd.no_grad():
        assert not call(leaf(x), y).requires_grad


def test_gradients_have_the_type_of_their_input():
    x, y = leaf(torch.randn(3, 3)), leaf(torch.randn(3, 3).double())
    calls = [
        lambda: x.mm(y),
        lambda: x @ y,
        lambda: x.unsqueeze(0) @ y,
        lambda: x.addmm(y, x),
        lambda: y.addmm(x, x),
        lambda: torch.einsum("ij,jk", x, y),
        lambda: torch.kron(x, y),
        lambda: x.cross(y),
        lambda: torch.solve(x, y),
        lambda: torch.solve(y, x),
        lambda: torch.cholesky_solve(x, y),
    ]
    for call in calls:
        z = call()
        gx, gy = grad(z, [x, y], torch.ones(z.shape).double())
        assert gx.dtype is torch.float32
        assert gy.dtype is torch.float64


@pytest.mark.parametrize("call", MIXED)
def test_double_gradient_of_two_variables_over_one_tensor(call):
    """Each saved value belongs to its own input."""
    t = definite()

    def second(x, y):
        first = grad(call(x, y), [x, y], torch.ones(call(x, y).shape).double(), create_graph=True)
        total = first[0].sum() * 2 + (first[1] * first[1]).sum()
        return grad(total, [x, y], allow_unused=True)

    for ours, theirs in zip(
        second(leaf(t), leaf(t)), second(leaf(t), leaf(t.clone())), strict=True
    ):
        assert (ours is None) == (theirs is None)
        assert ours is None or near(ours, theirs.data, 1e-6)


def test_a_volatile_argument_makes_the_result_volatile():
    x, still = leaf(double(3, 3)), Variable(double(3, 3), volatile=True)
    for call in (
        lambda: x.mm(still),
        lambda: x @ still,
        lambda: x.addmm(x, still),
        lambda: x.addmm(x.data, still),
        lambda: torch.einsum("ij,jk", x, still),
        lambda: torch.solve(x, still),
    ):
        assert call().volatile and not call().requires_grad


def test_empty_factors():
    x, y = leaf(torch.zeros(2, 0)), leaf(torch.zeros(0, 3))
    z = x @ y
    assert z.data.tolist() == [[0] * 3] * 2
    z.sum().backward()
    assert tuple(x.grad.shape) == (2, 0) and tuple(y.grad.shape) == (0, 3)
    v = leaf(torch.zeros(0))
    assert v.dot(v).data.tolist() == [0]
    x, y = leaf(torch.zeros(2, 3, 0)), leaf(torch.zeros(0, 4))
    (x @ y).sum().backward()
    assert tuple(x.grad.shape) == (2, 3, 0) and tuple(y.grad.shape) == (0, 4)


EMPTY = ["det", "eig", "eigh", "inv", "lu_factor", "matrix_exp", "pinv", "qr", "slogdet", "svd"]


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("size", [(0, 3, 3), (0, 0), (2, 0, 0)], ids=str)
def test_empty_matrices(name, size):
    x = leaf(torch.zeros(*size).double())
    outputs = [y for y in parts(getattr(torch.linalg, name)(x)) if y.requires_grad]
    (gx,) = grad(outputs, x, [torch.ones(y.shape).double() for y in outputs])
    assert gx.shape == x.shape


def test_in_place_with_itself_as_a_factor():
    x = leaf(double(3, 3))
    y = x.clone()
    y.addmm_(y, x)
    expected = leaf(x.data)
    (expected + expected.mm(expected)).sum().backward()
    y.sum().backward()
    assert near(x.grad, expected.grad.data)


def test_a_view_by_einsum_shares_memory_and_is_guarded():
    x = leaf(double(2, 3))
    y = x * 1
    turned = torch.einsum("ij->ji", y)
    assert turned.data.data_ptr() == y.data.data_ptr()
    with pytest.raises(RuntimeError, match="memory another differentiable Variable shares"):
        turned.add_(1)


def test_constructors_of_the_alpha():
    m, x, y = leaf(double(3, 3)), leaf(double(3, 3)), leaf(double(3, 3))
    assert near(F.Addmm(0.1, 2)(m, x, y), 0.1 * m.data + 2 * (x.data @ y.data))
    batch = x.unsqueeze(0)
    for function in (F.Addbmm, F.Baddbmm):
        result = function(0.1, 2)(m, batch, y.unsqueeze(0))
        assert near(result.view(3, 3), 0.1 * m.data + 2 * (x.data @ y.data))
    z = x.clone()
    assert F.Addmm(inplace=True)(z, x, y) is z
    v = leaf(double(3))
    assert near(F.Addmv(0.1, 2)(v, x, v), 0.1 * v.data + 2 * x.data.mv(v.data))
    assert near(F.Addr(0.1, 2)(x, v, v), 0.1 * x.data + 2 * v.data.ger(v.data))
    assert near(F.Potrf()(leaf(definite())), torch.potrf(definite()))
    assert near(F.Potrf(False)(leaf(definite())), torch.potrf(definite(), False))
    assert near(F.Cross(1)(x, y), x.data.cross(y.data, 1))


# what the gradients mean


def test_gradients_of_symmetric_matrices_are_symmetric():
    for call in (torch.cholesky, torch.potrf, lambda x: torch.symeig(x, True)[1]):
        x = leaf(definite())
        call(x).narrow(0, 0, 1).sum().backward()
        assert near(x.grad, x.grad.data.t())


def test_the_triangle_that_is_not_read_has_no_gradient():
    for upper in (True, False):
        a, b = leaf(double(3, 3)), leaf(double(3, 2))
        torch.trtrs(b, a, upper)[0].sum().backward()
        outside = torch.tril(a.grad.data, -1) if upper else torch.triu(a.grad.data, 1)
        assert outside.tolist() == [[0] * 3] * 3
        torch.potrs(b, a, upper).sum().backward()
        outside = torch.tril(a.grad.data, -1) if upper else torch.triu(a.grad.data, 1)
        assert outside.tolist() == [[0] * 3] * 3


def test_determinant_of_singular_matrices():
    """The gradient is the matrix of cofactors, of rank 1 for rank n - 1 and zero below."""
    x = torch.DoubleTensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    cofactors = torch.DoubleTensor([[-3, 6, -3], [6, -12, 6], [-3, 6, -3]])
    variable = leaf(x)
    torch.det(variable).backward()
    assert near(variable.grad, cofactors, 1e-9)
    both = leaf(torch.stack([x, torch.eye(3).double(), torch.ones(3, 3).double()]))
    torch.det(both).sum().backward()
    expected = [cofactors, torch.eye(3).double(), torch.zeros(3, 3).double()]
    assert near(both.grad, torch.stack(expected), 1e-9)
    zero = leaf(torch.zeros(2, 2).double())
    (first,) = grad(torch.det(zero), zero, create_graph=True)
    (second,) = grad(first[0, 0], zero)
    assert second.data.tolist() == [[0, 0], [0, 1]]


def test_powers():
    x = leaf(double(3, 3))
    x.matrix_power(0).sum().backward()
    assert x.grad.data.tolist() == [[0] * 3] * 3
    y = x.matrix_power(1)
    assert y is not x and y.data.data_ptr() != x.data.data_ptr()


def test_values_alone_do_not_need_differences():
    """Equal eigenvalues and singular values: their sums have a gradient, their vectors have not."""
    x = leaf(torch.eye(3).double())
    for call in (
        lambda: torch.symeig(x)[0],
        lambda: torch.linalg.eigvalsh(x),
        lambda: torch.linalg.svdvals(x),
        lambda: torch.svd(x)[1],
        lambda: torch.linalg.eigvals(x).select(1, 0),
    ):
        (gx,) = grad(call().sum(), x)
        assert near(gx, torch.eye(3).double())
    (gx,) = grad(torch.symeig(x, True)[1].sum(), x)
    assert not bool(torch.isfinite(gx.data).all())
    (gx,) = grad(torch.linalg.matrix_norm(x, "nuc"), x)
    assert near(gx, torch.eye(3).double())


def test_complex_eigenvalues():
    """Of [[a, -b], [b, a]] they are a + ib and a - ib."""
    x = leaf(torch.DoubleTensor([[1, -2], [2, 1]]))
    for call in (torch.linalg.eigvals, lambda x: torch.eig(x)[0], lambda x: torch.eig(x, True)[0]):
        (real,) = grad(call(x)[0, 0], x)
        assert near(real, torch.eye(2).double() * 0.5)
        (imaginary,) = grad(call(x)[0, 1], x)
        expected = torch.DoubleTensor([[0, -0.5], [0.5, 0]])
        assert near(imaginary, expected * (1 if call(x).data[0, 1] > 0 else -1))


def test_solution_of_least_squares_with_less_than_full_rank():
    a, b = double(4, 2), double(4)
    a = leaf(torch.cat([a, a], 1))
    assert torch.lstsq(a, b).rank == 2
    x = torch.lstsq(a, leaf(b))
    assert not x.singular_values.requires_grad
    assert near(x.solution, torch.pinverse(a.data) @ b)


def test_norms_of_empty_and_integer_variables():
    for call in (torch.linalg.norm, torch.linalg.vector_norm, torch.linalg.matrix_norm):
        assert call(Variable(torch.zeros(0, 3))).data.tolist() == [0]
        assert call(Variable(torch.LongTensor([[3, 4]]))).data.tolist() == [5]
    assert torch.linalg.norm(leaf(torch.tensor(-3.0))).data.tolist() == [3]
    x = leaf(torch.tensor(-3.0))
    torch.linalg.vector_norm(x, math.inf).backward()
    assert x.grad.data.item() == -1


def test_rank_is_counted_without_history():
    assert torch.linalg.matrix_rank(leaf(torch.ones(3, 2))).data.tolist() == [1]
    ranks = torch.linalg.matrix_rank(leaf(torch.ones(2, 3, 2)), tol=5)
    assert ranks.data.tolist() == [0, 0] and not ranks.requires_grad


def test_condition_of_singular_matrices():
    x = leaf(torch.ones(2, 2))
    y = torch.linalg.cond(x, 1)
    assert y.data.tolist() == [math.inf]
    with pytest.raises(RuntimeError, match="cond: no gradient is defined: the matrix is singular"):
        y.backward()


def test_info_of_btrifact():
    info = torch.zeros(2).int()
    x = Variable(torch.stack([torch.ones(2, 2), torch.eye(2)]), requires_grad=True)
    torch.btrifact(x, info)
    assert info.tolist() == [2, 0]
    torch.btrifact(x, info=Variable(info))
    assert info.tolist() == [2, 0]


def test_signs_pivots_and_factors_have_no_gradient():
    x = leaf(definite())
    constants = [
        torch.slogdet(x).sign,
        torch.linalg.lu_factor(x).pivots,
        x.gesv(x).LU,
        x.gels(x).QR,
        x.pstrf().pivots,
    ]
    assert [c.requires_grad for c in constants] == [False] * 5


def test_first_columns_of_complete_bases_have_gradients():
    def first_columns(x):
        u, s, v = torch.svd(x, False)
        return u.narrow(1, 0, 2).mm(v.t())

    assert gradcheck(first_columns, (leaf(double(4, 2)),))
    assert gradcheck(
        lambda x: torch.linalg.qr(x, "complete").Q.narrow(1, 0, 2), (leaf(double(4, 2)),)
    )


# errors


def ones(*size):
    return leaf(torch.ones(*size))


REFUSED_GRADIENTS = [
    (lambda: definite_leaf().pstrf()[0], "pstrf: no gradient is defined: use cholesky"),
    (lambda: definite_leaf().geqrf()[0], "geqrf: no gradient is defined: use qr"),
    (lambda: definite_leaf().geqrf()[1], "geqrf: no gradient is defined: use qr"),
    (
        lambda: torch.gels(leaf(double(4, 2)), leaf(double(4, 3)))[0],
        "gels: no gradient is defined for rows 3 to 3 of the solution",
    ),
    (
        lambda: torch.linalg.qr(leaf(double(4, 2)), "complete").Q,
        "qr: no gradient is defined for columns 2 to 3 of a complete Q",
    ),
    (lambda: torch.slogdet(ones(2, 2)).logabsdet, "inverse: the matrix is singular"),
    (lambda: torch.logdet(ones(2, 2)), "inverse: the matrix is singular"),
]


def definite_leaf():
    return leaf(definite())


@pytest.mark.parametrize("call, text", REFUSED_GRADIENTS)
def test_gradients_that_do_not_exist(call, text):
    result = call()
    with pytest.raises(RuntimeError, match=text):
        result.sum().backward()


ERRORS = [
    (lambda: ones(2, 3).mm(ones(2, 3)), ValueError, "mm: expected the inner sizes to match"),
    (lambda: ones(2, 3).mm(3), TypeError, r"mm: got \(FloatTensor, int\)"),
    (lambda: ones(2, 3).mm(), TypeError, "mm"),
    (lambda: ones(2, 3).dot(ones(3)), ValueError, "dot: expected a vector as first argument"),
    (lambda: ones(2).dot(ones(3)), ValueError, r"dot: expected vectors of one size, got \(2,\)"),
    (lambda: ones(2).vdot(ones(3)), ValueError, "vdot: expected as many elements in both"),
    (lambda: ones(2) @ ones(3), ValueError, "dot: expected vectors of one size"),
    (lambda: ones(2) @ leaf(torch.tensor(1.0)), ValueError, "matmul: expected tensors with dim"),
    (lambda: ones(2) @ "x", TypeError, r"matmul: got \(FloatTensor, str\)"),
    (lambda: ones(2).kron(3), TypeError, r"kron: got \(FloatTensor, int\)"),
    (lambda: ones(2).addmm(ones(2, 2)), TypeError, r"addmm: expected .*, got 1 arguments"),
    (lambda: ones(2).addmm(1, 2, 3, ones(2, 2), ones(2, 2)), TypeError, "got 5 arguments"),
    (lambda: ones(2).addmm(ones(2), ones(2), x=1), TypeError, "got 2 arguments, x="),
    (lambda: ones(2).addmm(1, ones(2), ones(2), beta=1), TypeError, "got 3 arguments, beta="),
    (lambda: ones(2).addmm(ones(2, 2), "x"), TypeError, r"addmm: got \(.*, str\)"),
    (lambda: ones(2).addmm_(ones(2, 2), "x"), TypeError, "Addmm: argument 2: expected a Variable"),
    (lambda: ones(2).addmm_(ones(2)), TypeError, r"addmm_: expected .*, got 1 arguments"),
    (lambda: ones(2, 2).addmm(ones(2, 2), ones(3, 2)), ValueError, "addmm: expected the inner"),
    (lambda: ones(2).cross(ones(2)), ValueError, "cross: expected dimension 0 to have size 3"),
    (lambda: torch.tensordot(ones(2), ones(3), 1), ValueError, "tensordot: dimension 0 of"),
    (lambda: torch.tensordot(ones(2), ones(3), "x"), TypeError, "tensordot: expected an int or"),
    (lambda: torch.einsum("ij", ones(3)), ValueError, "einsum"),
    (lambda: torch.einsum(3, ones(3)), TypeError, "einsum: expected subscripts"),
    (lambda: torch.chain_matmul(ones(2, 3), ones(2, 3)), ValueError, "chain_matmul"),
    (lambda: torch.det(ones(2, 3)), ValueError, "det: expected a square matrix"),
    (lambda: torch.linalg.det(ones(2, 3)), ValueError, "linalg_det: expected a square matrix"),
    (lambda: ones(2, 2).inverse(), RuntimeError, "inverse: the matrix is singular"),
    (lambda: torch.linalg.inv(ones(2, 2)), RuntimeError, "linalg_inv: the matrix is singular"),
    (lambda: torch.solve(ones(2, 2), ones(2)), RuntimeError, "solve: the matrix is singular"),
    (lambda: ones(2, 2).potrf(), RuntimeError, "potrf: the matrix is not positive definite"),
    (lambda: ones(2, 2).cholesky(), RuntimeError, "cholesky: the matrix is not positive"),
    (lambda: ones(2).svd(), ValueError, "svd: expected a matrix"),
    (lambda: torch.linalg.svdvals(ones(2)), ValueError, "linalg_svdvals: expected a matrix"),
    (lambda: ones(2).qr(), ValueError, "qr: expected a matrix"),
    (lambda: torch.linalg.qr(ones(2), "r"), ValueError, "linalg_qr: expected a matrix"),
    (lambda: torch.linalg.qr(ones(2, 2), "x"), ValueError, "linalg_qr: expected 'reduced'"),
    (lambda: torch.eigh(ones(2, 2), "X"), ValueError, "eigh: expected 'L' or 'U' as UPLO"),
    (lambda: torch.linalg.eigvalsh(ones(2, 3)), ValueError, "linalg_eigvalsh: expected a square"),
    (lambda: ones(2, 3).eig(), ValueError, "eig: expected a square matrix"),
    (lambda: ones(2, 3).symeig(), ValueError, "symeig: expected a square matrix"),
    (lambda: torch.linalg.eigvals(ones(2, 3)), ValueError, "linalg_eigvals: expected a square"),
    (lambda: ones(2, 2).matrix_power(1.5), TypeError, "matrix_power: got"),
    (lambda: ones(2, 3).matrix_power(2), ValueError, "matrix_power: expected a square matrix"),
    (lambda: ones(2, 2).matrix_power(-1), RuntimeError, "matrix_power: the matrix is singular"),
    (lambda: torch.linalg.norm(ones(2, 2), "x"), ValueError, "linalg_norm: expected a number"),
    (lambda: torch.linalg.norm(ones(2, 2), 2, 5), IndexError, "linalg_norm: dimension 5"),
    (lambda: torch.linalg.norm(ones(2, 2), 2, (0, 0)), ValueError, "linalg_norm"),
    (lambda: torch.linalg.norm(ones(2, 2, 2), 2), ValueError, "linalg_norm: expected one dim"),
    (lambda: torch.linalg.vector_norm(ones(2), "x"), TypeError, "linalg_vector_norm: got"),
    (lambda: torch.linalg.vector_norm(ones(2), 2, ()), ValueError, "linalg_vector_norm: expec"),
    (lambda: torch.linalg.matrix_norm(ones(2)), ValueError, "linalg_matrix_norm: expected two"),
    (lambda: torch.linalg.matrix_norm(ones(2, 2), 7), ValueError, "linalg_matrix_norm: expec"),
    (lambda: torch.linalg.cond(ones(2)), ValueError, "linalg_cond: expected a matrix"),
    (lambda: torch.linalg.cond(ones(2, 2), "x"), ValueError, "linalg_cond: expected"),
    (lambda: torch.linalg.cond(ones(2, 3), 1), ValueError, "linalg_.*: expected a square matrix"),
    (lambda: ones(2, 2).orgqr(ones(3)), ValueError, "orgqr: expected at most 2 factors"),
    (lambda: ones(2, 2).ormqr(ones(2), ones(3, 2)), ValueError, "ormqr: expected Q with 2 rows"),
    (
        lambda: torch.linalg.solve_triangular(ones(2, 2), ones(2), upper=True, left=False),
        ValueError,
        "linalg_solve_triangular: expected a matrix",
    ),
    (lambda: torch.linalg.tensorsolve(ones(2, 2, 3), ones(2)), ValueError, "linalg_tensorsolve"),
    (lambda: torch.linalg.tensorsolve(ones(2, 2), ones(2), 7), IndexError, "linalg_tensorsolve"),
    (lambda: torch.linalg.tensorinv(ones(2, 3), 1), ValueError, "linalg_tensorinv"),
    (lambda: torch.linalg.tensorinv(ones(2, 2), 0), ValueError, "linalg_tensorinv: expected ind"),
    (lambda: torch.btrifact(ones(2, 2)), ValueError, "btrifact: expected a batch of matrices"),
    (lambda: torch.linalg.svd(ones(2, 2), out=1), TypeError, "out= is not available for Var"),
]


@pytest.mark.parametrize("call, error, text", ERRORS)
def test_errors_are_those_of_the_tensors(call, error, text):
    with pytest.raises(error, match=text):
        call()
