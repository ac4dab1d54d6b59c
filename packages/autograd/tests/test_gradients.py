"""Every built-in Function against finite differences, once and twice.

A row is (Function made with its constants, inputs); `rows` has the makers of inputs.
"""

import pytest
import test_operations
import torch
from rows import MASK, apart, constant, longs, positive, real, regular, singular
from torch.autograd import Function, Variable, grad, gradcheck, gradgradcheck
from torch.autograd import functions as F
from torch.autograd.functions import (
    base,
    compare,
    copy,
    index,
    mask,
    rearrange,
    reduce,
    scan,
    sort,
    triangle,
    view,
)
from torch.autograd.functions import linalg as L
from torch.autograd.functions import matrix as M
from torch.autograd.functions import unary as U

# Bases that are never called themselves.
ABSTRACT = {
    base.Builtin,
    base.Unary,
    base.Constant,
    base.Binary,
    compare.Comparison,  # and its subclasses have no gradient
    reduce.Extreme,
    reduce.Reduction,
    reduce.Selection,
    copy.Converted,
    index.Indexed,
    rearrange.Moved,
    view.InPlaceView,
    view.Part,
    view.Parts,
    view.Reshaped,
    scan.Scan,
    sort.Ordering,
    triangle.Triangle,
    L.Product,
    L.ProductSum,
    M.Named,
    U._Steps,
} | set(compare.Comparison.__subclasses__())

#: These change their first input; their rows are those of the methods.
ONLY_IN_PLACE = {F.SetItem, F.Copy, F.Overwrite, F.Put}

#: Whose results have no gradient, or which need a GPU.
NO_GRADIENT = {F.NoGrad, F.CudaTransfer, F.PinMemory, F.WithoutGradient}


ROWS = [
    # the alpha's words, called as classes; as operations they all stand in rows/
    (lambda: F.Negate(), [real(2, 3)]),
    (lambda: F.Add(), [real(1, 3), real(2, 1)]),
    (lambda: F.Mul(), [real(2, 1, 3), real(4, 1)]),
    (lambda: F.Cmax(), [apart(2, 3), positive(1)]),
    (lambda: F.Cmin(), [apart(2, 3), positive(1)]),
    (lambda: F.Fmod(1), [apart(2, 3)]),
    (lambda: F.Remainder(1), [apart(2, 3)]),
    # a Variable and a number
    (lambda: F.AddConstant(2.5), [real(2, 3)]),
    (lambda: F.SubConstant(2.5), [real(2, 3)]),
    (lambda: F.SubConstant(2.5, sub_tensor=True), [real(2, 3)]),
    (lambda: F.ReflectedSubConstant(2.5), [real(2, 3)]),
    (lambda: F.MulConstant(2.5), [real(2, 3)]),
    (lambda: F.DivConstant(2.5), [real(2, 3)]),
    (lambda: F.DivConstant(2.5, div_by_tensor=True), [positive(2, 3)]),
    (lambda: F.ReflectedDivConstant(2.5), [positive(2, 3)]),
    (lambda: F.PowConstant(2), [real(2, 3)]),
    (lambda: F.PowConstant(3), [real(2, 3)]),
    (lambda: F.PowConstant(0), [real(2, 3)]),
    (lambda: F.PowConstant(-1.5), [positive(2, 3)]),
    (lambda: F.PowConstant(2.5, tensor_power=True), [real(2, 3)]),
    (lambda: F.ReflectedPowConstant(2.5), [real(2, 3)]),
    (lambda: F.CmaxConstant(0), [apart(2, 3)]),
    (lambda: F.CminConstant(0), [apart(2, 3)]),
    (lambda: F.FloorDivideConstant(1), [apart(2, 3)]),
    (lambda: F.RemainderConstant(1), [apart(2, 3)]),
    (lambda: F.FmodConstant(1), [apart(2, 3)]),
    # nary
    (lambda: F.Clamp(-0.5, 0.5), [apart(2, 3)]),
    (lambda: F.Clamp(None, 0.5), [apart(2, 3)]),
    (lambda: F.Clamp(-0.5, None), [apart(2, 3)]),
    (lambda: F.Addcmul(0.3), [real(2, 3), real(2, 3), real(3)]),
    (lambda: F.Addcdiv(0.3), [real(2, 3), real(2, 3), positive(3)]),
    (lambda: F.Lerp(0.3), [real(2, 3), real(3)]),
    (lambda: F.Where(), [MASK, real(2, 3), real(3)]),
    # reduce and sort
    (lambda: F.Sum(0), [real(2, 3)]),
    (lambda: F.Mean(1), [real(2, 3)]),
    (lambda: F.Prod(1), [singular(2, 3)]),
    (lambda: F.Var(0, True, 0), [real(4, 3)]),
    (lambda: F.Std(1), [real(2, 3)]),
    (lambda: F.Norm(), [real(2, 3)]),
    (lambda: F.Norm(1.5, 0), [apart(2, 3)]),
    (lambda: F.Max(), [apart(2, 3)]),
    (lambda: F.Max(0), [apart(2, 3)]),
    (lambda: F.Min(0, True), [apart(2, 3)]),
    (lambda: F.Mode(0), [apart(2, 3)]),
    (lambda: F.Median(), [apart(2, 3)]),
    (lambda: F.Median(0), [apart(2, 3)]),
    (lambda: F.Kthvalue(2, 0), [apart(2, 3)]),
    (lambda: F.Kthvalue(1), [apart(2, 3)]),
    (lambda: F.Sort(), [apart(2, 3)]),
    (lambda: F.Sort(0, True), [apart(2, 3)]),
    (lambda: F.Sort(0, True, True), [apart(2, 3)]),
    (lambda: F.Topk(2), [apart(2, 3)]),
    (lambda: F.Topk(1, 0, False, True, True), [apart(2, 3)]),
    # copy
    (lambda: F.Clone(), [real(2, 3)]),
    (lambda: F.Contiguous(), [real(2, 3)]),
    (lambda: F.Type(torch.float64), [real(2, 3)]),
    # view
    (lambda: F.View(3, -1), [real(2, 3)]),
    (lambda: F.View(torch.Size([6])), [real(2, 3)]),
    (lambda: F.Reshape(3, 2), [real(2, 3)]),
    (lambda: F.Resize(3, 2), [real(2, 3)]),
    (lambda: F.Chunk(2, 1), [real(2, 3)]),
    (lambda: F.Transpose(0, -1), [real(2, 3, 2)]),
    (lambda: F.Permute(2, 0, 1), [real(2, 3, 4)]),
    (lambda: F.Expand(4, -1, 3), [real(2, 1)]),
    (lambda: F.Squeeze(), [real(1, 2, 1)]),
    (lambda: F.Squeeze(-1), [real(2, 1)]),
    (lambda: F.Squeeze(0), [real(2, 1)]),
    (lambda: F.Unsqueeze(1), [real(2, 3)]),
    (lambda: F.Narrow(1, 1, 2), [real(2, 3)]),
    (lambda: view.PartGrad((2, 5), "narrow", (1, 2, 3)), [real(2, 3)]),
    (lambda: view.PartGrad((4,), "unfold", (0, 2, 1), True), [real(3, 2)]),
    (lambda: F.Select(1, -1), [real(2, 3)]),
    (lambda: F.Select(0, 1), [real(3)]),
    # rearrange
    (lambda: F.Repeat(2, 1, 3), [real(2, 3)]),
    (lambda: F.Concat(1), [real(2, 3), real(2, 1)]),
    # triangle
    (lambda: F.Diag(), [real(3)]),
    (lambda: F.Diag(1), [real(2, 3)]),
    (lambda: F.Trace(), [real(2, 3)]),
    (lambda: F.Tril(), [real(3, 3)]),
    (lambda: F.Triu(-1), [real(3, 3)]),
    # index
    (lambda: F.Index(1), [real(2, 3)]),
    (lambda: F.Index((1, -1)), [real(2, 3)]),
    (lambda: F.Index((slice(None), slice(0, 3, 2))), [real(2, 3)]),
    (lambda: F.Index((..., None, 0)), [real(2, 3)]),
    (lambda: F.Index(torch.LongTensor([0, 1, 0])), [real(2, 3)]),
    (lambda: F.Index((slice(None), torch.LongTensor([2, 2]))), [real(2, 3)]),
    (lambda: F.Index(MASK()), [real(2, 3)]),
    (lambda: F.Index((torch.LongTensor([0, 1]), torch.LongTensor([2, -1]))), [real(2, 3)]),
    (lambda: F.Index(([0, 1], 1)), [real(2, 3)]),
    (lambda: index.IndexGrad((2, 3), 1), [real(3)]),
    (lambda: index.IndexGrad((2, 3), torch.LongTensor([0, 0])), [real(2, 3)]),
    (lambda: index.IndexGrad((2, 3), ([0, 0], slice(1, 3))), [real(2, 2)]),
    (lambda: index.ZeroAt((slice(None), 1)), [real(2, 3)]),
    (lambda: F.IndexSelect(1), [real(2, 3), longs(2, 0, 2)]),
    (lambda: F.IndexAdd(1), [real(2, 3), longs(2, 0, 2), real(2, 3)]),
    (lambda: F.IndexCopy(1), [real(2, 3), longs(2, 0, 2), real(2, 3)]),
    (lambda: F.IndexFill(1, 2.5), [real(2, 3), longs(2, 0, 2)]),
    (lambda: F.IndexFill(1), [real(2, 3), longs(2, 0, 2), real(1)]),
    (lambda: F.Scatter(1), [real(2, 3), longs([0, 0], [2, 1]), real(2, 2)]),
    (lambda: F.Scatter(1, value=2), [real(2, 3), longs([0, 0], [2, 1])]),
    (lambda: F.Gather(1), [real(2, 3), constant(torch.LongTensor([[0, 0], [2, 1]]))]),
    (lambda: F.ScatterAdd((2, 3), 1), [real(2, 2), constant(torch.LongTensor([[0, 0], [2, 1]]))]),
    # mask
    (lambda: F.MaskedSelect(), [real(2, 3), MASK]),
    (lambda: mask.MaskedSelectGrad((2, 3)), [real(3), MASK]),
    (lambda: F.MaskedFill(0.5), [real(2, 3), MASK]),
    (lambda: F.MaskedFill(), [real(2, 3), MASK, real(1)]),
    (lambda: F.MaskedCopy(), [real(2, 3), MASK, real(4)]),
    # linalg
    (lambda: F.Mm(), [real(2, 3), real(3, 4)]),
    (lambda: F.Mv(), [real(2, 3), real(3)]),
    (lambda: F.Dot(), [real(3), real(3)]),
    (lambda: F.Ger(), [real(2), real(3)]),
    (lambda: F.Bmm(), [real(2, 2, 3), real(2, 3, 1)]),
    (lambda: F.Addmm(0.1, 0.7), [real(2, 4), real(2, 3), real(3, 4)]),
    (lambda: F.Addmv(0.1, 0.7), [real(2), real(2, 3), real(3)]),
    (lambda: F.Addr(0.1, 0.7), [real(2, 3), real(2), real(3)]),
    (lambda: F.Baddbmm(0.1, 0.7), [real(2, 2, 1), real(2, 2, 3), real(2, 3, 1)]),
    (lambda: F.Addbmm(0.1, 0.7), [real(2, 1), real(2, 2, 3), real(2, 3, 1)]),
    (lambda: F.Cross(0), [real(3, 2), real(3, 1)]),
    (lambda: F.Inverse(), [regular(3)]),
    (lambda: F.Gesv(), [real(3, 2), regular(3)]),
]


def set_item(at):
    """SetItem changes its input, which may not be a leaf: give it a copy."""

    def apply(x, value=None):
        y = x.clone()
        if value is None:
            y[at] = 2.5
        else:
            y[at] = value
        return y

    return apply


SET_ITEM = [
    (1, [real(2, 3), real(3)]),
    (1, [real(2, 3), real(1)]),
    ((slice(None), 1), [real(2, 3)]),
    (torch.LongTensor([1, 0]), [real(2, 3), real(2, 3)]),
    (MASK(), [real(2, 3), real(3)]),
]


def name_of(row):
    function = row[0]()
    return f"{type(function).__name__}-{len(row[1])}"


def inputs_of(row):
    torch.manual_seed(3)
    return tuple([Variable(make(), requires_grad=make.differentiable) for make in row[1]])


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_gradient(row):
    assert gradcheck(lambda *args: row[0]()(*args), inputs_of(row))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_double_gradient(row):
    assert gradgradcheck(lambda *args: row[0]()(*args), inputs_of(row))


@pytest.mark.parametrize("at, makers", SET_ITEM, ids=lambda a: type(a).__name__)
def test_set_item(at, makers):
    inputs = inputs_of((None, makers))
    assert gradcheck(set_item(at), inputs)
    assert gradgradcheck(set_item(at), inputs)


def keeps_its_size(row):
    """Whether the first input is not broadcast, so that the result fits into it."""
    inputs = inputs_of(row)
    return row[0]()(*inputs).shape == inputs[0].shape


IN_PLACE = [
    row for row in ROWS if isinstance(row[0](), base.Unary | base.Binary) and keeps_its_size(row)
]
IN_PLACE += [
    (lambda: F.IndexAdd(1), [real(2, 3), longs(2, 0, 2), real(2, 3)]),
    (lambda: F.IndexCopy(1), [real(2, 3), longs(2, 0, 2), real(2, 3)]),
    (lambda: F.IndexFill(1), [real(2, 3), longs(2, 0, 2), real(1)]),
    (lambda: F.IndexPut((torch.LongTensor([0, 0]),)), [real(2, 3), real(2, 1)]),
    (lambda: F.MaskedCopy(), [real(2, 3), MASK, real(4)]),
    (lambda: F.MaskedFill(), [real(2, 3), MASK, real(1)]),
    (lambda: F.MaskedFill(0.5), [real(2, 3), MASK]),
    (lambda: F.Scatter(1), [real(2, 3), longs([0, 0], [2, 1]), real(2, 2)]),
    (lambda: F.Scatter(1, reduce="multiply"), [real(2, 3), longs([2, 0]), real(1, 2)]),
    (lambda: F.Squeeze(), [real(2, 3)]),
    (lambda: F.Transpose(0, 1), [real(2, 2)]),
    (lambda: F.Tril(), [real(3, 3)]),
    (lambda: F.Triu(), [real(3, 3)]),
    (lambda: F.Addmm(0.1, 0.7), [real(2, 4), real(2, 3), real(3, 4)]),
]


@pytest.mark.parametrize("row", IN_PLACE, ids=name_of)
def test_in_place_has_the_same_value_and_gradients(row):
    def in_place(x, *others):
        function = row[0]()
        function.inplace = True
        copy = x.clone()
        result = function(copy, *others)
        assert result is copy
        return result

    inputs = inputs_of(row)
    expected = row[0]()(*inputs)
    assert in_place(*inputs).data.tolist() == expected.data.tolist()
    assert gradcheck(in_place, inputs)
    assert gradgradcheck(in_place, inputs)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_gradient_is_computed_only_where_it_is_needed(row):
    """With each input as the only one that requires a gradient."""
    for only in range(len(row[1])):
        inputs = [Variable(v.data) for v in inputs_of(row)]
        if not inputs_of(row)[only].requires_grad:
            continue
        inputs[only] = Variable(inputs[only].data, requires_grad=True)
        assert gradcheck(lambda *args: row[0]()(*args), inputs)


def functions_behind(variables):
    """The classes of all Functions in the graph of some Variables."""
    nodes = [v.creator for v in variables if v.creator is not None]
    seen = set(nodes)
    while nodes:
        for entry in nodes.pop().previous_functions:
            if entry is not None and isinstance(entry[0], Function) and entry[0] not in seen:
                seen.add(entry[0])
                nodes.append(entry[0])
    return {type(node) for node in seen}


def functions_in_operations():
    """The classes that run in the rows of operations and in their gradients."""
    classes = set()
    for row in test_operations.ROWS:
        function, inputs = test_operations.over_inputs(row, test_operations.tensors_of(row))
        results = function(*inputs)
        results = results if isinstance(results, tuple) else (results,)
        results = tuple([r for r in results if r.requires_grad])
        ones = [torch.ones_like(r.data) for r in results]
        slopes = grad(results, inputs, ones, create_graph=True, allow_unused=True)
        classes |= functions_behind([*results, *[g for g in slopes if g is not None]])
    return classes


def test_every_function_has_a_row():
    def below(cls):
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    ours = {c for c in below(base.Builtin) if c.__module__.startswith("torch.autograd.")}
    tested = {type(row[0]()) for row in ROWS} | ONLY_IN_PLACE | NO_GRADIENT
    tested |= functions_in_operations()
    assert sorted(c.__name__ for c in ours - tested - ABSTRACT) == []


def test_zero_to_the_power_of_zero_has_a_finite_gradient():
    x = Variable(torch.zeros(2), requires_grad=True)
    y = Variable(torch.FloatTensor([0, 2]), requires_grad=True)
    (x**y).backward(torch.ones(2))
    assert x.grad.data.tolist() == [0, 0]
    assert y.grad.data.tolist() == [0, 0]


@pytest.mark.parametrize("function", [F.Norm(2), F.Norm(1), F.Norm(3), F.Std()])
def test_gradient_at_zero_is_zero(function):
    x = Variable(torch.zeros(3), requires_grad=True)
    function(x).backward()
    assert x.grad.data.tolist() == [0, 0, 0]


def test_the_gradient_of_a_maximum_goes_to_one_place():
    x = Variable(torch.FloatTensor([1, 2, 2]), requires_grad=True)
    x.max().backward()
    assert sorted(x.grad.data.tolist()) == [0, 0, 1]


def test_gradients_have_the_type_of_their_variable():
    x = Variable(torch.ones(2), requires_grad=True)
    y = Variable(torch.ones(2).double(), requires_grad=True)
    (x * y).sum().backward()
    assert x.grad.dtype is torch.float32
    assert y.grad.dtype is torch.float64
    z = Variable(torch.ones(2), requires_grad=True)
    z.double().sum().backward()
    assert z.grad.dtype is torch.float32
