"""User Functions in both styles, what they may say and ask, and what is refused."""

from dataclasses import dataclass

import pytest
import torch
from torch.autograd import (
    Function,
    InplaceFunction,
    Variable,
    grad,
    gradcheck,
    gradgradcheck,
    once_differentiable,
)
from torch.autograd.functions.base import Binary, Unary
from torch.autograd.functions.copy import Converted
from torch.autograd.functions.linalg import ProductSum
from torch.autograd.functions.sort import Ordering
from torch.autograd.thread_flag import Block


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


class OldSquare(Function):
    def forward(self, x):
        self.save_for_backward(x)
        return x * x

    def backward(self, gy):
        (x,) = self.saved_tensors
        assert isinstance(x, torch.Tensor) and isinstance(gy, torch.Tensor)
        return gy * x * 2


class Power(Function):
    @staticmethod
    def forward(ctx, x, exponent, note=None):
        ctx.save_for_backward(x)
        ctx.exponent = exponent
        return x**exponent

    @staticmethod
    def backward(ctx, gy):
        (x,) = ctx.saved_tensors
        return gy * x ** (ctx.exponent - 1) * ctx.exponent, None, None


def test_old_style():
    x = leaf(1, 2)
    assert gradcheck(lambda x: OldSquare()(x), (x,))
    y = OldSquare()(x)
    assert isinstance(y.creator, OldSquare) and y.creator.needs_input_grad == (True,)


def test_old_style_with_constants_needs_no_super():
    class Scale(Function):
        def __init__(self, factor):
            self.factor = factor

        def forward(self, x):
            return x * self.factor

        def backward(self, gy):
            return gy * self.factor

    assert gradcheck(lambda x: Scale(3)(x), (leaf(1, 2),))


def test_static_style():
    x = leaf(1, 2)
    assert gradcheck(lambda x: Power.apply(x, 3), (x,))
    assert gradgradcheck(lambda x: Power.apply(x, 3, "note"), (x,))
    assert Power.apply(x, 3).creator.needs_input_grad == (True, False)


def test_old_style_can_be_differentiated_once():
    x = leaf(1, 2)
    (gx,) = grad(OldSquare()(x).sum(), x, create_graph=True)
    assert gx.data.tolist() == [2, 4]
    with pytest.raises(RuntimeError) as caught:
        gx.sum().backward()
    assert "OldSquare: its backward can be differentiated only once" in str(caught.value)
    assert "grad(OldSquare()(x).sum(), x, create_graph=True)" in str(caught.value)


def test_once_differentiable_static():
    class ViaNumpy(Function):
        @staticmethod
        def forward(ctx, x):
            return torch.from_numpy(x.numpy() * 3)

        @staticmethod
        @once_differentiable
        def backward(ctx, gy):
            return torch.from_numpy(gy.numpy() * 3)

    x = leaf(1, 2)
    assert gradcheck(ViaNumpy.apply, (x,))
    (gx,) = grad(ViaNumpy.apply(x).sum(), x, create_graph=True)
    with pytest.raises(
        RuntimeError, match="ViaNumpy: its backward can be differentiated only once"
    ):
        gx.sum().backward()


def test_several_outputs_and_unused_ones():
    class Both(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g2, g3):
            return g2 * 2 + g3 * 3

    x = leaf(1, 2)
    two, three = Both.apply(x)
    assert (two.output_nr, three.output_nr) == (0, 1) and two.creator is three.creator
    assert two.creator.previous_functions == ((x, 0),)
    assert (two * two).creator.previous_functions[0] == (two.creator, 0)
    three.sum().backward(retain_variables=True)  # the other output counts as zero
    assert x.grad.data.tolist() == [3, 3]
    (two + three).sum().backward()
    assert x.grad.data.tolist() == [8, 8]
    assert gradgradcheck(lambda x: Both.apply(x * x), (x,))


def test_one_output_in_a_tuple_stays_a_tuple():
    class Single(Function):
        def forward(self, x):
            return (x * 2,)

        def backward(self, gy):
            return (gy * 2,)

    (y,) = Single()(leaf(1))
    y.backward()


def test_none_among_results_and_arguments():
    class Optional(Function):
        def forward(self, x, y=None):
            self.save_for_backward(x, None)
            return x * 2, None

        def backward(self, gy, nothing):
            x, none = self.saved_tensors
            assert none is None and nothing is None
            return gy * 2, None

    x = leaf(1)
    y, none = Optional()(x, None)
    assert none is None
    y.backward()
    assert x.grad.data.tolist() == [2]


def test_non_differentiable_outputs():
    class Halves(Function):
        def forward(self, x):
            mask = x > 1
            self.mark_non_differentiable(mask)
            return x * 2, mask

        def backward(self, gy, gmask):
            return gy * 2

    y, mask = Halves()(leaf(1, 2))
    assert y.requires_grad and not mask.requires_grad and mask.creator is None
    y.sum().backward()


class Double(InplaceFunction):
    def forward(self, x):
        if not self.inplace:
            return x * 2
        self.mark_dirty(x)
        return x.mul_(2)

    def backward(self, gy):
        return gy * 2


def test_in_place_functions():
    x = leaf(1, 2)
    y = x * 1
    z = Double(inplace=True)(y)
    assert z is y
    z.sum().backward()
    assert x.grad.data.tolist() == [2, 2]
    assert Double()(x) is not x
    shared = x * 1
    view = shared.view(2, 1)
    with pytest.raises(RuntimeError, match="Double: in-place operation .* shares"):
        Double(True)(view)


def test_an_input_returned_as_it_is_shares_memory():
    class Identity(Function):
        def forward(self, x):
            return x

        def backward(self, gy):
            return gy

    x = leaf(1, 2) * 1
    y = Identity()(x)
    assert y is not x
    with pytest.raises(RuntimeError, match="shares"):
        y.add_(1)


def test_shared_storage():
    class Row(Function):
        def forward(self, x):
            y = x.narrow(0, 0, 1)
            self.mark_shared_storage((x, y))
            return y

        def backward(self, gy):
            return torch.cat([gy, torch.zeros(1).double()])

    x = leaf(1, 2) * 1
    y = Row()(x)
    with pytest.raises(RuntimeError, match="shares"):
        x.add_(1)
    del y
    x.add_(1)


def test_nothing_is_recorded_for_constants():
    node = OldSquare()
    y = node(Variable(torch.ones(2)))
    assert not y.requires_grad and node.saved_tensors == ()
    assert node.needs_input_grad == (False,)


def test_saved_variables():
    class Saved(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, gy):
            (x,) = ctx.saved_variables
            assert isinstance(x, Variable)
            return gy * x.data * 2 if isinstance(gy, torch.Tensor) else gy * x * 2

    assert gradcheck(Saved.apply, (leaf(1, 2),))
    assert gradgradcheck(Saved.apply, (leaf(1, 2),))


def test_variables_made_in_an_ordinary_backward_are_taken_as_data():
    class Wraps(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 3

        @staticmethod
        def backward(ctx, gy):
            return (Variable(gy) if isinstance(gy, torch.Tensor) else gy) * 3

    assert gradcheck(Wraps.apply, (leaf(1, 2),))


def test_hooks_of_functions():
    x = leaf(1, 2)
    y = x * 3
    seen = []

    def hook(grad_inputs, grad_outputs):
        seen.append((grad_inputs[0].data.tolist(), grad_outputs[0].data.tolist()))
        return (grad_inputs[0] * 2,)

    handle = y.creator.register_hook(hook)
    y.sum().backward(retain_variables=True)
    assert seen == [([3, 3], [1, 1])] and x.grad.data.tolist() == [6, 6]
    handle.remove()
    y.creator.register_hook("named", lambda gx, gy: None)
    y.creator.remove_hook("named")
    y.creator.register_hook(lambda gx, gy: (None, None))
    with pytest.raises(
        ValueError, match="hook of MulConstant: expected 1 gradients as result, got 2"
    ):
        y.sum().backward()


def broken(forward=lambda self, x: x * 1, backward=lambda self, gy: gy):
    return type("Broken", (Function,), {"forward": forward, "backward": backward})


def run(function, *args):
    function()(*args or (leaf(1, 2),)).sum().backward()


def half(base, **options):
    """A subclass that does not say what it has to."""
    return type("Half", (base,), {}, **options)


def constant():
    return Variable(torch.ones(2).double())


def matrix(requires_grad):
    return Variable(torch.ones(2, 2), requires_grad=requires_grad)


UNDEFINED = [
    (lambda: half(Function)()(leaf(1)), "forward"),
    (lambda: run(type("Half", (Function,), {"forward": lambda self, x: x * 1})), "backward"),
    (lambda: run(half(Unary, op="exp")), "gx"),
    (lambda: run(half(Binary, op="mul"), leaf(1, 2), constant()), "gx"),
    (lambda: run(half(Binary, op="mul"), constant(), leaf(1, 2)), "gy"),
    (lambda: run(half(ProductSum, op="addmm"), *map(matrix, (False, True, False))), "gx"),
    (lambda: run(half(ProductSum, op="addmm"), *map(matrix, (False, False, True))), "gy"),
    (lambda: half(Converted)()(leaf(1)), "convert"),
    (lambda: half(Ordering)()(leaf(1)), "order"),
    (lambda: half(Block)()(lambda: None)(), "_another"),
]


@pytest.mark.parametrize("call, name", UNDEFINED, ids=range(len(UNDEFINED)))
def test_what_a_subclass_has_to_define(call, name):
    with pytest.raises(NotImplementedError, match=f"^Half: {name} is not defined"):
        call()


USES = [
    (lambda: OldSquare()([1.0]), TypeError, "OldSquare: argument 0: expected a Variable, got list"),
    (lambda: OldSquare()(3), TypeError, "OldSquare: argument 0: expected a Variable, got int"),
    (
        lambda: OldSquare.apply(leaf(1)),
        TypeError,
        "OldSquare: apply is for Functions with a static forward",
    ),
    (
        lambda: Power()(leaf(1), 2),
        TypeError,
        r"Power: a static Function is called with Power.apply",
    ),
    (
        lambda: run(broken(forward=lambda self, x: 3.0)),
        TypeError,
        r"Broken.forward: expected tensors as results, got float; x.new",
    ),
    (
        lambda: run(broken(forward=lambda self, x: "a")),
        TypeError,
        "Broken.forward: expected tensors as results, got str",
    ),
    (
        lambda: run(broken(backward=lambda self, gy: (gy, gy))),
        RuntimeError,
        "Broken.backward: expected 1 gradients, one per argument of forward, got 2",
    ),
    (
        lambda: run(broken(backward=lambda self, gy: 3)),
        TypeError,
        "Broken.backward: gradient 0: expected a Tensor, a Variable or None, got int",
    ),
    (
        lambda: run(broken(backward=lambda self, gy: torch.ones(3))),
        ValueError,
        r"Broken.backward: gradient 0: expected the size of the argument, \(2,\), got \(3,\)",
    ),
    (
        lambda: run(broken(forward=lambda self, x: self.save_for_backward(3) or x)),
        TypeError,
        "Broken.save_for_backward: expected tensors or None, got int",
    ),
    (
        lambda: run(broken(forward=lambda self, x: dirty(self, x))),
        RuntimeError,
        "Broken: mark_dirty: a tensor that is not among the inputs",
    ),
    (
        lambda: run(broken(forward=lambda self, x: share(self, x))),
        RuntimeError,
        "mark_shared_storage: expected pairs of an input and an output",
    ),
]


def dirty(function, x):
    y = x * 2
    function.mark_dirty(y)
    return y


def share(function, x):
    function.mark_shared_storage((torch.ones(1), x))
    return x * 1


@pytest.mark.parametrize("call, error, text", USES, ids=range(len(USES)))
def test_misuse(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_an_instance_is_called_once():
    function = OldSquare()
    function(leaf(1))
    with pytest.raises(RuntimeError, match="OldSquare: this instance was called before"):
        function(leaf(1))


@pytest.mark.parametrize("options", [{}, {"unsafe_hash": True}], ids=["eq", "eq and hash"])
def test_functions_that_compare_equal_are_two(options):
    @dataclass(**options)
    class Scale(Function):
        factor: float

        def forward(self, x):
            return x * self.factor

        def backward(self, gy):
            return gy * self.factor

    x = leaf(1)
    y = Scale(3)(Scale(3)(x)) + Scale(3)(x)
    y.backward()
    assert x.grad.data[0] == 12 and Scale(3) == Scale(3)


def test_styles_are_not_mixed():
    with pytest.raises(
        TypeError, match="Mixed: forward and backward must both be static, or neither"
    ):

        class Mixed(Function):
            @staticmethod
            def forward(ctx, x):
                return x

            def backward(self, gy):
                return gy


def test_an_error_in_backward_shows_the_forward_line():
    class Fails(Function):
        def forward(self, x):
            return x * 1

        def backward(self, gy):
            raise ZeroDivisionError("by hand")

    y = Fails()(leaf(1))  # the line that is shown
    with pytest.raises(ZeroDivisionError) as caught:
        y.backward()
    (note,) = caught.value.__notes__
    assert note.startswith("in backward of Fails, which was called at ")
    assert "test_function.py:" in note
    assert note.endswith("y = Fails()(leaf(1))  # the line that is shown")


def test_forward_lines():
    x = leaf(1, 2)
    y = x + x  # operator
    z = x.view(2, 1)  # method
    w = torch.exp(x)  # function
    v = Power.apply(x, 2)  # static
    lines = [r.creator.forward_line for r in (y, z, w, v)]
    for line, remark in zip(lines, ("operator", "method", "function", "static"), strict=True):
        assert "test_function.py:" in line and line.endswith("# " + remark)


def test_arguments_over_one_tensor_keep_their_own_histories():
    class Product(Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, gz):
            x, y = ctx.saved_tensors
            return gz * y, gz * x

    data = torch.DoubleTensor([3])
    for operation in (Product.apply, torch.mul, lambda x, y: (x * 0).addcmul(x, y)):
        x, y = Variable(data, requires_grad=True), Variable(data, requires_grad=True)
        gx, gy = grad(operation(x, y), [x, y], create_graph=True)
        assert gx.data.tolist() == gy.data.tolist() == [3]
        for slope, (own, other) in ((gx, (x, y)), (gy, (y, x))):
            on_own, on_other = grad(slope, [own, other], allow_unused=True, retain_variables=True)
            assert on_own is None or on_own.data.tolist() == [0]
            assert on_other.data.tolist() == [1]


@pytest.mark.parametrize("name", ["mul_", "div_", "pow_", "sub_", "atan2_"])
def test_in_place_with_itself(name):
    def of(x):
        y = x * 1
        return getattr(y, name)(y)

    assert gradcheck(of, (Variable(torch.DoubleTensor([1.5, 3]), requires_grad=True),))
    assert gradgradcheck(of, (Variable(torch.DoubleTensor([1.5, 3]), requires_grad=True),))
