"""vjp, jvp, jacobian, hessian, hvp, vhp against formulas and finite differences."""

import numpy as np
import pytest
import torch
from torch.autograd import Function, Variable, functional, grad, no_grad
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp


def numbers(*size, seed=0):
    return np.array(np.random.default_rng(seed).standard_normal(size))


def constant(array):
    return Variable(torch.DoubleTensor(np.ascontiguousarray(array).tolist()))


def flat_jacobian(func, arrays, step=1e-6):
    """Central differences of a function of arrays: (all output elements, all input elements)."""
    columns = []
    for number, array in enumerate(arrays):
        for place in np.ndindex(*array.shape):
            results = []
            for sign in (1, -1):
                moved = [a.copy() for a in arrays]
                moved[number][place] += sign * step
                out = func(*[constant(a) for a in moved])
                out = out if isinstance(out, tuple) else (out,)
                results.append(np.concatenate([y.data.numpy().ravel() for y in out]))
            columns.append((results[0] - results[1]) / (2 * step))
    return np.stack(columns, 1)


#: (function, sizes of the inputs)
ROWS = {
    "one to one": (lambda x: x.exp() * x, [(3,)]),
    "matrix": (lambda x: x.mm(x).tanh(), [(2, 2)]),
    "number": (lambda x: (x * x).sum(), [(2, 3)]),
    "two inputs": (lambda x, y: x.mm(y).sin(), [(2, 3), (3, 2)]),
    "two outputs": (lambda x: (x * 2, (x * x).sum()), [(3,)]),
    "many": (lambda x, y, z: (x * y.sum(), x + z * z * y, z.exp()), [(2,), (2,), (1,)]),
    "linear": (lambda x, y: x * 3 - y, [(2,), (2,)]),
    "independent": (lambda x, y: (x * x, y + 0), [(2,), (3,)]),
    "constant": (lambda x: (x * 2, Variable(torch.ones(2).double())), [(3,)]),
    "identity": (lambda x: x, [(2,)]),
    "without dimensions": (lambda x: x * torch.ones(2).double(), [()]),
    "empty": (lambda x: x * 2, [(0,)]),
    "transposed": (lambda x: x.t() * 2, [(2, 3)]),
}


def case(name):
    func, sizes = ROWS[name]
    arrays = [numbers(*size, seed=i) for i, size in enumerate(sizes)]
    inputs = tuple(constant(a) for a in arrays)
    return func, arrays, inputs, (flat_jacobian(func, arrays) if name != "empty" else None)


def flat(values):
    values = values if isinstance(values, tuple) else (values,)
    return np.concatenate([v.data.numpy().ravel() for v in values])


def alone(values):
    """One value as it is, several as a tuple: how a caller passes them."""
    return values[0] if len(values) == 1 else tuple(values)


def nested(result, outputs, inputs):
    """A result of jacobian as rows of blocks."""
    rows = result if isinstance(outputs, tuple) else (result,)
    return [row if len(inputs) > 1 else (row,) for row in rows]


@pytest.mark.parametrize("name", ROWS)
def test_jacobian(name):
    func, _, inputs, expected = case(name)
    result = jacobian(func, alone(inputs))
    outputs = func(*inputs)
    ys = outputs if isinstance(outputs, tuple) else (outputs,)
    blocks = nested(result, outputs, inputs)
    for y, row in zip(ys, blocks, strict=True):
        for x, block in zip(inputs, row, strict=True):
            assert tuple(block.size()) == (*y.size(), *x.size())
            assert block.dtype is torch.float64 and not block.requires_grad
    if expected is not None:
        whole = np.block(
            [
                [b.data.numpy().reshape(y.data.numel(), -1) for b in row]
                for y, row in zip(ys, blocks)
            ]
        )
        np.testing.assert_allclose(whole, expected, atol=1e-7)


@pytest.mark.parametrize("name", ROWS)
def test_vjp_and_jvp(name):
    func, _, inputs, expected = case(name)
    outputs = func(*inputs)
    one = not isinstance(outputs, tuple)
    ys = (outputs,) if one else outputs
    u = [constant(numbers(*y.size(), seed=8)) if y.dim() else y for y in ys]
    v = [constant(numbers(*x.size(), seed=9)) if x.dim() else x for x in inputs]
    values, result = vjp(func, alone(inputs), u[0] if one else tuple(u))
    assert (values.data if one else values[0].data).equal(ys[0].data)
    assert isinstance(result, tuple) == (len(inputs) > 1)
    for x, part in zip(inputs, result if isinstance(result, tuple) else (result,), strict=True):
        assert part.size() == x.size() and not part.requires_grad
    if expected is not None:
        np.testing.assert_allclose(flat(result), flat(tuple(u)) @ expected, atol=1e-7)
    values, result = jvp(func, alone(inputs), alone(v))
    assert isinstance(result, tuple) != one and isinstance(values, tuple) != one
    for y, part in zip(ys, (result,) if one else result, strict=True):
        assert part.size() == y.size() and not part.requires_grad
    if expected is not None:
        np.testing.assert_allclose(flat(result), expected @ flat(tuple(v)), atol=1e-7)


SCALARS = {
    "cubic": (lambda x: (x * x * x).sum(), [(2, 2)]),
    "product": (lambda x, y: (x.mm(y) ** 2).sum(), [(1, 2), (2, 1)]),
    "linear": (lambda x: (x * 3).sum(), [(3,)]),
    "apart": (lambda x, y: (x.exp()).sum() + (y * y).sum(), [(2,), (1,)]),
    "one element": (lambda x: x.sin(), [(1, 1)]),
    "no dimensions": (lambda x: x * x * x, [()]),
    "one unused": (lambda x, y: x.exp().sum(), [(2,), (2,)]),
}


@pytest.mark.parametrize("name", SCALARS)
def test_hessian_hvp_vhp(name):
    func, sizes = SCALARS[name]
    arrays = [np.array(numbers(*size, seed=i) + 0.5) for i, size in enumerate(sizes)]
    inputs = tuple(constant(a) for a in arrays)

    def slopes(*args):
        leaves = [Variable(a.data, requires_grad=True) for a in args]
        found = grad(func(*leaves), leaves, allow_unused=True)
        return tuple(g if g is not None else a * 0 for g, a in zip(found, args))

    expected = flat_jacobian(slopes, arrays)
    result = hessian(func, alone(inputs))
    blocks = result if len(inputs) > 1 else ((result,),)
    for x, row in zip(inputs, blocks, strict=True):
        for y, block in zip(inputs, row, strict=True):
            assert tuple(block.size()) == (*x.size(), *y.size()) and not block.requires_grad
    rows = [
        [b.data.numpy().reshape(x.data.numel(), -1) for b in row] for x, row in zip(inputs, blocks)
    ]
    np.testing.assert_allclose(np.block(rows), expected, atol=1e-6)
    v = tuple(constant(numbers(*x.size(), seed=4) + np.zeros(x.size())) for x in inputs)
    for product in (hvp, vhp):
        values, result = product(func, alone(inputs), alone(v))
        assert values.data.equal(func(*inputs).data)
        np.testing.assert_allclose(flat(result), expected @ flat(v), atol=1e-6)


def test_v_may_be_left_out_for_one_element():
    x = constant(np.array([3.0]))
    assert vjp(lambda x: x * x, x)[1].data.tolist() == [6]
    assert jvp(lambda x: x * x, x)[1].data.tolist() == [6]
    assert hvp(lambda x: x * x * x, x)[1].data.tolist() == [18]


def test_lists_and_tensors_as_inputs():
    x = torch.ones(2).double()
    rows = jacobian(lambda x, y: [x * y, x], [x, Variable(x)])
    assert isinstance(rows, tuple) and isinstance(rows[0], tuple)
    assert rows[0][1].data.tolist() == [[1, 0], [0, 1]]
    assert rows[1][1].data.tolist() == [[0, 0], [0, 0]]
    assert vjp(lambda x: x * 2, [x], x)[1][0].data.tolist() == [2, 2]


def test_inputs_are_partial_and_left_alone():
    x = Variable(torch.DoubleTensor([2]), requires_grad=True)
    y = x * 3
    dx, dy = vjp(lambda x, y: x * y, (x, y))[1]
    assert (dx.data[0], dy.data[0]) == (6, 2)
    assert x.grad is None and x.data[0] == 2
    dx, dy = vjp(lambda x, y: x * y, (x, y), create_graph=True)[1]
    assert (dx.data[0], dy.data[0]) == (6, 2)
    # as a function of x alone: d(3 x) + dx
    assert grad(dx + dy, x)[0].data[0] == 4


@pytest.mark.parametrize("function", [vjp, jvp, jacobian, hessian, hvp, vhp])
def test_create_graph(function):
    """The result for (w * x)**3 differentiated with respect to w, and to what x comes from."""
    w = Variable(torch.DoubleTensor([2]), requires_grad=True)
    z = Variable(torch.DoubleTensor([3]), requires_grad=True)

    def cube(x):
        return (w * x) ** 3

    result = function(cube, z * 1, create_graph=True)
    result = result[1] if isinstance(result, tuple) else result
    by_w, by_z = grad(result.sum(), [w, z])
    if function in (hessian, hvp, vhp):  # 6 w**3 z
        assert (result.data.sum(), by_w.data[0], by_z.data[0]) == (144, 216, 48)
    else:  # 3 w**3 z**2
        assert (result.data.sum(), by_w.data[0], by_z.data[0]) == (216, 324, 144)
    result = function(cube, z * 1)
    result = result[1] if isinstance(result, tuple) else result
    assert not result.requires_grad


def test_create_graph_reaches_v():
    x = constant(np.array([3.0]))
    v = Variable(torch.DoubleTensor([5]), requires_grad=True)
    for function, slope in ((vjp, 27), (jvp, 27), (hvp, 18), (vhp, 18)):
        result = function(lambda x: x**3, x, v, create_graph=True)[1]
        assert result.data[0] == 5 * slope and grad(result, v)[0].data[0] == slope
        assert not function(lambda x: x**3, x, v)[1].requires_grad


def test_outputs_have_history_only_with_create_graph():
    x = Variable(torch.ones(1), requires_grad=True)
    for function in (vjp, jvp, hvp, vhp):
        assert not function(lambda x: x * x, x)[0].requires_grad
        assert function(lambda x: x * x, x, create_graph=True)[0].requires_grad


def test_inside_no_grad():
    x = constant(np.array([3.0]))
    with no_grad():
        assert jacobian(lambda x: x * x, x).data.tolist() == [[6]]
        assert hvp(lambda x: x**3, x)[1].data.tolist() == [18]


def test_closed_over_parameters_get_no_gradient():
    w = Variable(torch.ones(1), requires_grad=True)
    jacobian(lambda x: x * w, torch.ones(1))
    assert w.grad is None


class Once(Function):
    def forward(self, x):
        return x * 1

    def backward(self, gy):
        return gy * 1


def change(x):
    x.add_(1)
    return x


X = constant(numbers(2))
ONE = constant(numbers(1))
W = Variable(torch.ones(2).double(), requires_grad=True)
ERRORS = [
    (lambda: vjp(lambda x: x, 3, X), TypeError, "vjp: input 0: expected a Variable or Tensor"),
    (
        lambda: jacobian(lambda x: x, torch.LongTensor([1])),
        TypeError,
        "jacobian: input 0: expected a floating type, got torch.LongTensor",
    ),
    (lambda: jvp(lambda: X, ()), ValueError, "jvp: expected at least one input"),
    (
        lambda: jvp(lambda x: (x, 3), X, X),
        TypeError,
        "jvp: output 1: expected func to return Variables, got int",
    ),
    (
        lambda: vjp(lambda x: x * 2, X),
        ValueError,
        "vjp: v: may be left out only for one output of one element",
    ),
    (
        lambda: jvp(lambda x: x * 2, X),
        ValueError,
        "jvp: v: may be left out only for one input of one element",
    ),
    (
        lambda: vjp(lambda x: (x, x), X, X),
        ValueError,
        "vjp: v: expected a tuple of 2, like the outputs, got a Variable of size",
    ),
    (
        lambda: vjp(lambda x: x, X, (X, X)),
        ValueError,
        "vjp: v: expected one Variable, like the outputs, got a tuple of 2",
    ),
    (
        lambda: jvp(lambda x, y: x, (X, X), (X,)),
        ValueError,
        "jvp: v: expected a tuple of 2, like the inputs, got a tuple of 1",
    ),
    (
        lambda: hvp(lambda x: x.sum(), X, ONE),
        ValueError,
        r"hvp: v: expected size \(2,\) for input 0, got \(1,\)",
    ),
    (lambda: vjp(lambda x: x, X, 3), TypeError, "vjp: v: expected Variables or Tensors, got int"),
    (
        lambda: hessian(lambda x: x, X),
        ValueError,
        r"hessian: expected func to return one Variable of one element, got size \(2,\)",
    ),
    (
        lambda: vhp(lambda x: (x, x), X, X),
        ValueError,
        r"vhp: expected func .* got a tuple of sizes \[\(2,\), \(2,\)\]",
    ),
    (lambda: vjp(change, X, X), RuntimeError, "vjp: func changed input 0 in place"),
    (
        lambda: jvp(Once(), X, X),
        RuntimeError,
        "Once: its backward can be differentiated only once",
    ),
]
STRICT = [
    (
        lambda: jacobian(lambda x: Variable(x.data), X, strict=True),
        "jacobian: strict: output 0 does not depend on the inputs",
    ),
    (
        lambda: jacobian(lambda x, y: (x, y), (X, X), strict=True),
        "jacobian: strict: output 0 does not depend on input 1",
    ),
    (
        lambda: vjp(lambda x, y: (x, x), (X, X), (X, X), strict=True),
        "vjp: strict: the outputs do not depend on input 1",
    ),
    (
        lambda: jvp(lambda x: (x, ONE), X, X, strict=True),
        "jvp: strict: output 1 does not depend on the inputs",
    ),
    (
        lambda: jvp(lambda x: (x * 1, W * 1), X, X, strict=True),
        "jvp: strict: output 1 does not depend on the inputs",
    ),
    (
        lambda: hvp(lambda x, y: (x * x).sum() + y.sum(), (X, X), (X, X), strict=True),
        "hvp: strict: the gradient of the output does not depend on input 1",
    ),
    (
        lambda: hessian(lambda x, y: (x * x).sum(), (X, X), strict=True),
        "hessian: strict: output 0 does not depend on input 1",
    ),
]
ERRORS += [(call, RuntimeError, text) for call, text in STRICT]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_strict_is_quiet_where_all_is_connected():
    def func(x, y):
        return (x * x * y * y).sum()

    assert hessian(func, (X, X), strict=True)
    assert hvp(func, (X, X), (X, X), strict=True)
    assert jvp(func, (X, X), (X, X), strict=True)
    assert vjp(func, (X, X), strict=True)
    assert jacobian(func, (X, X), strict=True)


def test_names():
    assert sorted(functional.__all__) == ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
