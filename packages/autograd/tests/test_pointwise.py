"""Element-wise operations beyond their rows: kinks, types, operators, words, refusals."""

import copy
import math
import operator

import pytest
import test_operations
import torch
from rows import Maker, pointwise, reduce, scan, sort, without_gradient
from torch import compat
from torch.autograd import Variable, grad, gradcheck
from torch.autograd import functions as F
from torch.autograd.functions.gamma import polygamma_of_tensor
from torch.autograd.methods import compare
from torch.autograd.methods import pointwise as methods

NAN, INF = float("nan"), float("inf")


def variable(values, dtype=torch.float64):
    return Variable(torch.tensor(values, dtype=dtype), requires_grad=True)


def slope(function, *values):
    """The gradients of the sum of function(values) as lists."""
    inputs = [variable(v) for v in values]
    function(*inputs).sum().backward()
    found = [v.grad.data.tolist() for v in inputs]
    return found if len(found) > 1 else found[0]


# gradients where the curve has a corner, or no end


KINKS = [
    (lambda x: x.abs(), [[0.0, -2.0]], [0, -1]),
    (lambda x: x.sign(), [[0.0, -2.0]], [0, 0]),
    (lambda x: x.sqrt(), [[0.0, 4.0]], [INF, 0.25]),
    (lambda x: x.clamp(0, 1), [[0.0, 1.0, 2.0, -1.0]], [1, 1, 0, 0]),
    (lambda x: x.clamp(1, 0), [[0.0, 1.0, 2.0]], [0, 0, 0]),
    (lambda x: x.nan_to_num(), [[1.0, NAN, INF, -INF]], [1, 0, 0, 0]),
    (lambda x, y: x.hypot(y), [[0.0], [0.0]], [[0], [0]]),
    (lambda x, y: x.atan2(y), [[0.0], [0.0]], [[0], [0]]),
    (lambda x, y: x**y, [[0.0, 0.0], [0.0, 2.0]], [[0, 0], [0, 0]]),
    (lambda x: 0**x, [[0.0, 2.0]], [0, 0]),
    (lambda x: x.clamp(min=0).sqrt(), [[-1.0, 4.0]], [0, 0.25]),
    (lambda x: x.maximum(0).sqrt(), [[-1.0, 4.0]], [0, 0.25]),
    (lambda x, y: x.maximum(y).sqrt(), [[-1.0, 4.0], [0.0, 0.0]], [[0, 0.25], [INF, 0]]),
    (lambda x, y: x.maximum(y), [[1.0, 2.0], [1.0, 3.0]], [[1, 0], [0, 1]]),
    (lambda x, y: x.minimum(y), [[1.0, 2.0], [1.0, 3.0]], [[1, 1], [0, 0]]),
    (lambda x, y: x.fmax(y), [[1.0, NAN, NAN], [1.0, 3.0, NAN]], [[1, 0, 1], [0, 1, 0]]),
    (lambda x, y: x.fmin(y), [[1.0, NAN, NAN], [1.0, 3.0, NAN]], [[1, 0, 1], [0, 1, 0]]),
    (lambda x, y: x.fmax(y), [[2.0], [NAN]], [[1], [0]]),
    (lambda x, y: x.copysign(y), [[0.0, 2.0, -2.0], [1.0, -1.0, -1.0]], [[0, -1, 1], [0, 0, 0]]),
    (lambda x, y: x.heaviside(y), [[0.0, 2.0], [5.0, 5.0]], [[0, 0], [1, 0]]),
    (lambda x, y: x.logaddexp(y), [[-INF, INF], [-INF, INF]], [[0.5, 0.5], [0.5, 0.5]]),
    (lambda x, y: x.logaddexp(y), [[0.0], [-INF]], [[1], [0]]),
    (lambda x, y: x.where(x > 0, y), [[1.0, -1.0], [5.0, 5.0]], [[1, 0], [0, 1]]),
]


@pytest.mark.parametrize("function, values, expected", KINKS)
def test_gradients_at_kinks(function, values, expected):
    assert slope(function, *values) == expected


KEEPING_THEIR_TYPE = [
    row
    for row in pointwise.ROWS + reduce.ROWS + scan.ROWS + sort.ROWS
    if row.name not in ("float_power", "bincount") and "dtype" not in row.options
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("row", KEEPING_THEIR_TYPE, ids=str)
def test_gradients_have_the_type_of_their_variable(row, dtype):
    values = [
        v.type(dtype) if isinstance(v, torch.Tensor) and v.dtype is torch.float64 else v
        for v in test_operations.tensors_of(row)
    ]
    function, inputs = test_operations.over_inputs(row, values)
    results = function(*inputs)
    for result in results if isinstance(results, tuple) else (results,):
        assert result.dtype is dtype
        slopes = grad(
            [result], inputs, [torch.ones_like(result.data)], retain_variables=True,
            create_graph=True, allow_unused=True,
        )  # fmt: skip
        for x, gx in zip(inputs, slopes, strict=True):
            assert gx is None or (gx.dtype is dtype and gx.shape == x.shape)


@pytest.mark.parametrize(
    "row",
    [r for r in pointwise.ROWS if sum(isinstance(a, Maker) for a in r.arguments) > 1],
    ids=str,
)
def test_tensors_beside_variables_are_constants(row):
    """In every place, also the first one."""
    values = test_operations.tensors_of(row)
    expected = test_operations.results_of(row, values)[0]
    for only, maker in enumerate(row.arguments):
        if isinstance(maker, Maker) and maker.differentiable:
            mixed = list(values)
            mixed[only] = Variable(values[only], requires_grad=True)
            result = test_operations.results_of(row, mixed)[0]
            assert result.requires_grad
            assert str(result.data.tolist()) == str(expected.tolist())


def test_mixed_types_keep_theirs_in_gradients():
    for function in (F.Addcmul(), F.Addcdiv(), F.Lerp(), F.Where()):
        inputs = [
            Variable(torch.ones(2), requires_grad=True),
            Variable(torch.ones(3, 2).double(), requires_grad=True),
            Variable(torch.ones(1), requires_grad=True),
        ]
        if isinstance(function, F.Where):
            inputs[0] = Variable(torch.tensor([True, False]))
        function(*inputs).sum().backward()
        for x in inputs:
            assert x.grad is None or (x.grad.dtype is x.dtype and x.grad.shape == x.shape)


# the derivatives of the gamma function


@pytest.mark.parametrize("n", [1, 2, 3])
def test_polygamma(n):
    """Known values, the recurrence over the whole line, and the dtype of the input."""
    zeta = {2: math.pi**2 / 6, 3: 1.2020569031595943, 4: math.pi**4 / 90}[n + 1]
    at_one = (-1) ** (n + 1) * math.factorial(n) * zeta
    assert polygamma_of_tensor(n, torch.DoubleTensor([1]))[0] == pytest.approx(at_one, rel=1e-14)
    x = torch.DoubleTensor([-7.3, -1.25, -0.5, 1e-3, 0.3, 0.75, 4.5, 13.0, 1e3])
    step = x ** -(n + 1) * ((-1) ** n * math.factorial(n))
    difference = polygamma_of_tensor(n, x + 1) - polygamma_of_tensor(n, x)
    assert difference.tolist() == pytest.approx(step.tolist(), rel=1e-9)
    assert polygamma_of_tensor(n, x.float()).dtype is torch.float32


def test_digamma_is_differentiable_four_times():
    x = variable([0.7, -1.3])

    def third(x):
        y = x.lgamma()
        for _ in range(3):
            (y,) = grad([y.sum()], [x], create_graph=True)
        return y

    assert gradcheck(third, [x])


# the alpha


@pytest.mark.parametrize("name", sorted(methods.BINARY))
def test_element_by_element_in_the_alpha(name):
    """Operands of as many elements: each gets a gradient of its own size."""
    torch.manual_seed(2)
    data = [torch.rand(2, 3, dtype=torch.float64) + 0.5 for _ in range(2)]
    weights = torch.rand(2, 3, dtype=torch.float64)

    def slopes(x, y):
        x, y = Variable(x, requires_grad=True), Variable(y, requires_grad=True)
        result = getattr(x, name)(y)
        assert tuple(result.size()) == (2, 3)
        result.backward(weights)
        assert x.grad.size() == x.size()
        assert y.grad.size() == y.size()
        return [v._grad.data.view(-1).tolist() for v in (x, y)]  # .grad is a tensor in the alpha

    expected = slopes(*data)
    with compat.alpha():
        assert slopes(data[0], data[1].view(6)) == expected
        assert slopes(data[0], data[1].view(3, 2)) == expected


@pytest.mark.parametrize("row", pointwise.UNARY, ids=str)
def test_alpha_gives_the_same_gradients(row):
    function, (x,) = test_operations.over_inputs(row, test_operations.tensors_of(row))

    def slopes():
        (gx,) = grad([function(x).sum()], [x], create_graph=True)
        second = grad([gx.sum()], [x]) if gx.requires_grad else []
        return [test_operations.numbers_of(g) for g in (gx, *second)]

    expected = slopes()
    with compat.alpha():
        assert slopes() == expected


# operators and functions without a gradient


OPERATORS = ["and_", "or_", "xor", "lshift", "rshift"]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_on_bits(name):
    op, in_place = getattr(operator, name), getattr(operator, "i" + name.strip("_"))
    if name in ("and_", "or_"):
        in_place = getattr(operator, "i" + name[:-1])
    x, y = torch.LongTensor([12, 10, 7]), torch.LongTensor([1, 2, 3])
    a, b = Variable(x), Variable(y)
    expected = torch_of(name)(x, y).tolist()
    for result in (op(a, b), op(a, y), op(x, b)):
        assert isinstance(result, Variable)
        assert result.data.tolist() == expected
    assert op(a, 2).data.tolist() == torch_of(name)(x, 2).tolist()
    assert op(2, a).data.tolist() == torch_of(name)(2, x).tolist()
    changed = before = Variable(x.clone())
    changed = in_place(changed, b)
    assert changed is before
    assert changed.data.tolist() == expected
    with pytest.raises(TypeError):
        op(a, "a")


def torch_of(name):
    names = {
        "and_": "bitwise_and", "or_": "bitwise_or", "xor": "bitwise_xor",
        "lshift": "bitwise_left_shift", "rshift": "bitwise_right_shift",
    }  # fmt: skip
    return getattr(torch, names[name])


@pytest.mark.parametrize("name", ["lt", "le", "gt", "ge", "eq", "ne"])
def test_comparisons_in_every_order(name):
    op = getattr(operator, name)
    x, y = torch.FloatTensor([1, 2, 3]), torch.FloatTensor([3, 2, 1])
    a = Variable(x, requires_grad=True)
    for left, right in ((a, Variable(y)), (a, y), (x, Variable(y)), (a, 2), (2, a)):
        plain = [v.data if isinstance(v, Variable) else v for v in (left, right)]
        result = op(left, right)
        assert not result.requires_grad
        assert result.data.tolist() == op(*plain).tolist()
    assert getattr(torch, name)(2, a).data.tolist() == getattr(torch, name)(2, x).tolist()
    classes = {c.__name__.lower(): c for c in (F.Eq, F.Ne, F.Gt, F.Ge, F.Lt, F.Le)}
    assert classes[name]()(a, Variable(y)).data.tolist() == op(x, y).tolist()
    assert classes[name](2)(a).data.tolist() == op(x, 2).tolist()
    with pytest.raises(TypeError, match="expected two Variables, or one and a scalar, got 1 and"):
        classes[name]()(a)
    with pytest.raises(TypeError, match="expected two Variables, or one and a scalar, got 2 and"):
        classes[name](2)(a, a)


def test_equality_with_other_things():
    x = variable([1.0])
    assert (x == None) is False  # noqa: E711
    assert (x != "a") is True
    with pytest.raises(TypeError):
        x < "a"  # noqa: B015


def test_equality_is_identity_in_the_alpha():
    x, y = variable([1.0]), variable([1.0])
    with compat.alpha():
        assert (x == y) is False
        assert (x == x) is True  # noqa: PLR0124
        assert (x != y) is True
        assert x.eq(y).data.tolist() == [1]
        assert [y, x].index(x) == 1
    assert (x == y).data.tolist() == [True]


IN_PLACE = sorted(n for n in compare.UNTRACKED if hasattr(torch.Tensor, n + "_"))


@pytest.mark.parametrize("name", IN_PLACE)
def test_untracked_in_place(name):
    """The new values do not follow the old: the gradient in front of them is 0."""
    form = name + "_"
    exact = name.startswith(("bitwise", "gcd", "lcm"))
    data = torch.LongTensor([12, 10, 7]) if exact else torch.FloatTensor([1, 2, 3])
    arguments = () if name.endswith("not") else (data.new([1, 2, 2]),)
    expected = getattr(data.clone(), form)(*arguments)
    for wrap in (Variable, lambda t: t):
        x = Variable(data.clone())
        assert getattr(x, form)(*[wrap(a) for a in arguments]) is x
        assert x.data.tolist() == expected.tolist()
    if not exact:
        leaf = Variable(data.clone(), requires_grad=True)
        (getattr(leaf * 1, form)(*arguments) * 3).sum().backward()
        assert leaf.grad.data.tolist() == [0, 0, 0]


def test_overwriting_a_saved_value_is_noticed():
    x = variable([2.0])
    y = x * 1
    z = y * y
    y.gt_(1)
    with pytest.raises(RuntimeError, match="was changed by an in-place operation"):
        z.backward()


def test_questions():
    x, y = variable([1.0, 2.0]), variable([1.0, 2.0 + 1e-9])
    assert x.allclose(y) is True
    assert torch.allclose(x.data, y, atol=0, rtol=0) is False
    assert torch.equal(x, x.data) is True
    assert x.array_equal(y) is False


@pytest.mark.parametrize("name", sorted(set(methods.REFUSED) & set(without_gradient.REFUSED)))
def test_refused(name):
    text = rf"{name}: a Variable cannot be changed by a Python function .* use \.data\.{name}\("
    with pytest.raises(TypeError, match=text):
        getattr(variable([1.0]), name)(lambda x: x)


# arguments


def test_operands_by_keyword():
    x, y = variable([2.0, 3.0]), variable([4.0, 5.0])
    assert x.mul(other=y).data.tolist() == [8, 15]
    assert x.pow(exponent=2).data.tolist() == [4, 9]
    assert x.mul(value=2).data.tolist() == [4, 6]
    assert torch.mul(input=x, other=y).data.tolist() == [8, 15]
    assert x.add(y, alpha=2).data.tolist() == [10, 13]
    assert x.add(y, value=2).data.tolist() == [10, 13]
    assert x.add(value=2).data.tolist() == [4, 5]
    assert x.add(x2=y).data.tolist() == [6, 8]
    assert x.add(value=2, other=y).data.tolist() == [10, 13]
    assert x.add(2, y, alpha=2).data.tolist() == [18, 23]
    assert x.sub(other=y, alpha=2).data.tolist() == [-6, -7]
    assert (x * 1).sub_(2, y).data.tolist() == [-6, -7]
    assert x.addcmul(tensor1=y, tensor2=y, value=2).data.tolist() == [34, 53]
    assert torch.where(x > 2, input=x, other=0).data.tolist() == [0, 3]
    assert torch.exp(x, out=None).data.tolist() == x.exp().data.tolist()


ERRORS = [
    (lambda x: x.mul(), "mul: expected one operand, got none"),
    (lambda x: x.mul(x, other=x), r"mul: expected one operand, got \['a Variable .*', 'other'\]"),
    (lambda x: x.mul(left=x), r"mul: expected one operand, got \['left'\]"),
    (lambda x: x.add(), r"add: expected one operand, got \[\]"),
    (lambda x: x.add(1, 2, x), r"add: expected one operand, got \['int', 'int', 'a Variable"),
    (lambda x: x.add(x, x), "add: value: expected a number, got a Variable"),
    (lambda x: x.sub(x, beta=2), r"sub: expected one operand, got \['a Variable .*', 'beta'\]"),
    (lambda x: x.add_("a"), "add_: expected a Variable, a Tensor or a number, got str"),
    (lambda x: x.addcmul(x), "addcmul: expected"),
    (lambda x: x.addcdiv(x, x, x), "addcdiv: expected"),
    (lambda x: torch.add(2, x, alpha=3), "add: expected a Variable or Tensor first, got int"),
    (lambda x: x.clamp(), "clamp"),
    (lambda x: torch.where(x, x, x), "where: expected a BoolTensor"),
    (lambda x: torch.exp(x, out=x.data), "exp: out= is not available for Variables"),
]


@pytest.mark.parametrize("call, text", ERRORS)
def test_argument_errors(call, text):
    with pytest.raises(TypeError, match=text):
        call(variable([1.0, 2.0]))


def test_numbers_of_numpy():
    numpy = pytest.importorskip("numpy")
    x = variable([1.0, 2.0])
    for result in (numpy.float32(2) * x, x * numpy.float32(2), torch.mul(numpy.float64(2), x)):
        assert isinstance(result, Variable)
        assert result.data.tolist() == [2, 4]
    assert (numpy.float64(1.5) > x).data.tolist() == [True, False]
    with pytest.raises(TypeError):
        numpy.ones(2) * x


def test_integers_with_fractions_give_fractions():
    x = Variable(torch.LongTensor([3, 4]))
    for result, expected in (
        (x.hypot(4.0), torch.LongTensor([3, 4]).hypot(4.0)),
        (torch.atan2(0.5, x), torch.atan2(0.5, torch.LongTensor([3, 4]))),
        (torch.where(x > 3, x, 0), torch.LongTensor([0, 4])),
    ):
        assert result.dtype is expected.dtype
        assert result.data.tolist() == expected.tolist()


def test_where_alone_gives_positions():
    x = variable([0.0, 2.0, 0.0, 1.0])
    (positions,) = torch.where(x > 0)
    assert positions.data.tolist() == [1, 3]
    (positions,) = (x > 0).where()
    assert positions.data.tolist() == [1, 3]


def test_divmod():
    x = variable([7.0, -7.0])
    assert [v.data.tolist() for v in divmod(x, 2)] == [[3, -4], [1, 1]]
    assert [v.data.tolist() for v in divmod(7, variable([2.0]))] == [[3], [1]]


def test_volatile_operands_give_volatile_results():
    x = Variable(torch.ones(2), volatile=True)
    for result in (x > 0, x.isnan(), torch.eq(1, x), x.hypot(2), x.argsort(), *x.sort()):
        assert result.volatile
    assert copy.copy(x.exp()).volatile
