"""What is kept alive, and for how long."""

import gc
import weakref
from contextlib import contextmanager

import pytest
import torch
from torch.autograd import (
    Function,
    InplaceFunction,
    NestedIOFunction,
    Variable,
    detect_anomaly,
    grad,
    no_grad,
)


def leaf(*size):
    return Variable(torch.ones(*size), requires_grad=True)


def test_products_die_as_soon_as_they_are_summed():
    """In y = Wx + My neither the products nor their Variables outlive the sum."""
    w, m, x, y = leaf(3, 4), leaf(3, 4), Variable(torch.ones(4, 2)), Variable(torch.ones(4, 2))
    wx, my = w.mm(x), m.mm(y)
    died = [weakref.ref(v) for v in (wx, my, wx.data, my.data)]
    total = wx + my
    del wx, my
    assert [r() for r in died] == [None] * 4
    total.sum().backward()
    assert w.grad is not None


def test_a_saved_value_dies_when_its_function_has_run():
    x = leaf(3)
    h = x.exp()
    died = weakref.ref(h.data)
    y = (h * 2).sum()
    del h
    assert died() is not None
    y.backward()
    assert died() is None


def test_inputs_that_no_gradient_needs_are_not_kept():
    x, c = leaf(3), Variable(torch.ones(3))
    h = x + 1
    died = weakref.ref(h.data)
    y = h * c  # needs c, but h only for the gradient of c
    del h
    assert died() is None
    y.sum().backward()


def test_a_graph_dies_with_its_result():
    x = leaf(3)
    y = x.exp()
    died = [weakref.ref(y), weakref.ref(y.data), weakref.ref(y.creator)]
    z = y.sum()
    del y
    del z
    assert [r() for r in died] == [None] * 3


# the cycle collector finds nothing


@contextmanager
def no_garbage():
    """Whatever the block drops must be gone at once."""
    gc.disable()
    gc.freeze()  # looks at what is new only
    try:
        yield
        assert gc.collect() == 0
    finally:
        gc.unfreeze()
        gc.enable()


class Old(Function):
    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        self.save_for_backward(x)
        self.own = self  # cleared again: a Function may be careless, the library is not
        del self.own
        return x * self.factor

    def backward(self, gy):
        return gy * self.factor


class Static(Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x, x * 2)
        ctx.factor = factor
        return x * factor, x + 1

    @staticmethod
    def backward(ctx, gy, gz):
        return gy * ctx.factor + gz, None


class Nested(NestedIOFunction):
    def forward_extended(self, pair):
        self.save_for_backward(pair)
        return [x * 1 for x in pair]

    def backward_extended(self, gradients):
        return (gradients,)


class Doubled(InplaceFunction):
    def forward(self, x):
        self.mark_dirty(x)
        return x.mul_(2)

    def backward(self, gy):
        return gy * 2


def changed(x):
    y = x * 1
    y.add_(1)
    y[0] = y[1] * 2
    y += x
    return y


def hooked(x):
    y = x * 2
    y.register_hook(lambda g: g * 2)
    y.creator.register_hook(lambda gx, gy: None)
    y.retain_grad()
    return y


NODES = {
    "products": lambda x: x.mm(x).tanh() + 0,
    "views": lambda x: x.view(9).narrow(0, 0, 6).view(2, 3).t().expand(2, 3, 2).contiguous(),
    "several outputs": lambda x: x.max(0)[0] * x.min(1)[0],
    "parts": lambda x: x[0] * x[1:, 2].sum() + torch.cat([x, x])[5],
    "changes": changed,
    "hooks": hooked,
    "old": lambda x: Old(2)(x),
    "static": lambda x: Static.apply(x * 1, 2)[0] + Static.apply(x, 3)[1],
    "nested": lambda x: sum(Nested()([x * 1, x * 2]), x),
    "changed by a Function": lambda x: Doubled(True)(x * 3),
    "untracked": lambda x: x * (x > 0).float(),
    "detached": lambda x: x * (x * 2).detach(),
    "volatile": lambda x: x * 1 + (Variable(x.data, volatile=True) * 2).data.sum(),
    "not recorded": lambda x: x * no_grad()(lambda: x * 2)(),
}


@pytest.mark.parametrize("make", NODES.values(), ids=NODES)
@pytest.mark.parametrize("how", ["dropped", "backward", "recorded", "twice", "grad"])
def test_no_cycles(make, how):
    x = leaf(3, 3)
    with no_garbage():
        y = make(x)
        loss = y.sum() * 1.0
        if how == "backward":
            loss.backward()
        elif how == "recorded":
            loss.backward(create_graph=True)
            x.grad = None  # the gradient of x knows how it was computed: from x
        elif how == "twice":
            (g,) = grad(loss, x, create_graph=True)
            try:
                grad(g.sum(), x, allow_unused=True)
            except RuntimeError:  # those of old style, and where g is constant
                pass
            del g
        elif how == "grad":
            grad(loss, [y, x])
        died = [weakref.ref(y), weakref.ref(loss), weakref.ref(loss.creator)]
        x.grad = None
        del y, loss
        assert [r() for r in died] == [None] * 3


def test_no_cycles_after_steps_of_training():
    torch.manual_seed(0)
    weights = [leaf(4, 8), leaf(8, 8), leaf(8, 2)]
    with no_garbage():
        for step in range(3):
            h = Variable(torch.randn(5, 4))
            for w in weights:
                h = h.mm(w).tanh()
            loss = (h * h).mean() + (weights[0] ** 2).sum() * 0.1
            if step == 1:  # a penalty on the gradient
                slopes = grad(loss, weights, create_graph=True)
                loss = loss + sum((g * g).sum() for g in slopes)
                del slopes
            loss.backward()
            for w in weights:
                w.data -= 0.1 * w.grad.data
                w.grad.data.zero_()
            del h, loss, w


class Failing(Function):
    def forward(self, x):
        self.save_for_backward(x)
        return x * 1

    def backward(self, gy):
        raise KeyError("always")


def changed_leaf():
    x = leaf(3)
    x.mul_(2)
    x.sum().backward()


def changed_saved():
    y = leaf(3) * 1
    z = y * y
    y.add_(1)
    z.sum().backward()


def freed():
    y = (leaf(3) * leaf(3)).sum()
    y.backward()
    y.backward()


def failing():
    (Failing()(leaf(3)) * 2).sum().backward()


def failing_hook():
    y = leaf(3) * 2
    y.register_hook(lambda g: g.nothing)
    y.sum().backward()


def differentiated_twice():
    x = leaf(3)
    (g,) = grad(Old(2)(x).sum(), x, create_graph=True)
    g.sum().backward()


def failing_recorded():
    Failing()(leaf(1)).backward(create_graph=True)


def not_a_number():
    with detect_anomaly():
        (leaf(3) * 0).sqrt().sum().backward()


ERRORS = [
    changed_leaf, changed_saved, freed, failing, failing_hook, differentiated_twice,
    failing_recorded, not_a_number,
]  # fmt: skip


@pytest.mark.parametrize("fail", ERRORS)
def test_no_cycles_after_an_error(fail):
    fail_quietly(fail)  # what is loaded by the first error stays
    with no_garbage():
        fail_quietly(fail)


def fail_quietly(fail):
    try:
        fail()
    except (RuntimeError, KeyError, AttributeError):
        return
    raise AssertionError("no error")


# within backward


def test_memory_falls_while_backward_runs():
    """Saved values are gone when the next Function runs, also where the graph is held."""
    alive, at_work = [], []

    class Watch(Function):
        def forward(self, x):
            kept = x.clone()
            alive.append(weakref.ref(kept))
            self.save_for_backward(kept)
            return x * 1

        def backward(self, gy):
            at_work.append(sum(r() is not None for r in alive))
            return gy

    y = leaf(3)
    for _ in range(5):
        y = Watch()(y)
    y.sum().backward()
    assert at_work == [5, 4, 3, 2, 1]
    assert [r() for r in alive] == [None] * 5
    y.data.add_(1)


def test_gradients_die_on_their_way():
    seen, alive = [], []

    class Watch(Function):
        def forward(self, x):
            return x * 1

        def backward(self, gy):
            seen.append(sum(r() is not None for r in alive))
            gx = gy * 1
            alive.append(weakref.ref(gx))
            return gx

    y = leaf(3)
    for _ in range(6):
        y = Watch()(y)
    y.sum().backward()
    assert max(seen) <= 2


def test_retained_values_stay():
    x = leaf(3)
    h = x.exp()
    died = weakref.ref(h.data)
    y = (h * 2).sum()
    del h
    y.backward(retain_variables=True)
    assert died() is not None
    y.backward()
    assert died() is None


def test_a_hook_does_not_keep_its_variable():
    x = leaf(3)
    y = x * 2
    y.register_hook(lambda g: g * 2)
    y.retain_grad()
    loss = y.sum()
    died = weakref.ref(y)
    del y
    assert died() is None
    loss.backward()
    assert x.grad.data.tolist() == [4, 4, 4]


def test_notes_of_changes_keep_no_memory():
    y = leaf(3) * 1
    y.add_(1)
    died = weakref.ref(y.data)
    del y
    assert died() is None
