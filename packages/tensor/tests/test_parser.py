"""The one parser of arguments: forms, keywords, scalars in front, dispatch, documentation."""

import inspect

import pytest
import torch

OPS = {row["name"]: row for row in torch._C._op_table}


def test_rows_say_which_forms_exist():
    assert OPS
    for name, row in OPS.items():
        public = hasattr(torch, name)
        assert row["method"] == (name in vars(torch.Tensor)), name
        assert row["function"] <= public, name
        assert not (row["private"] and public), name
        function = getattr(torch._C, name, None)  # of `bool` the method, and the dtype
        assert callable(function) == (row["function"] or row["private"]), name
        if row["inplace"]:
            assert hasattr(torch.Tensor, name + "_"), name
        assert row["doc"].endswith("."), name
        assert row["signatures"], name


@pytest.mark.parametrize("name", OPS)
def test_documentation(name):
    row = OPS[name]
    for owner, form in [(torch.Tensor, "method"), (torch._C, "function")]:
        if row[form]:
            doc = getattr(owner, name).__doc__
            assert doc.startswith(name + "(")
            assert row["doc"] in doc
            assert len(doc.splitlines()) >= len(row["signatures"]) + 2
    if row["function"]:
        assert getattr(torch, name).__name__ == name
        assert getattr(torch, name).__module__ == "torch"
        assert inspect.isbuiltin(getattr(torch, name))


def test_method_documentation_leaves_self_out():
    assert torch.Tensor.t.__doc__.startswith("t(*, out: Tensor = None)\n\n(m, n) -> (n, m): ")
    assert torch.Tensor.add.__doc__.startswith("add(other: Tensor, *, out: Tensor = None)")
    assert torch.add.__doc__.startswith("add(self: Tensor, other: Tensor, *, out: Tensor = None)")


def test_positions_and_keywords():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0])
    for result in [
        torch.add(x, y),
        torch.add(self=x, other=y),
        torch.add(input=x, other=y),
        torch.add(other=y, self=x),
        x.add(other=y),
        torch.add(x, x2=y),
    ]:
        assert result.tolist() == [4, 7]
    assert torch.add(x, value=2).tolist() == [3, 4]
    assert torch.add(x, y, alpha=2).tolist() == [7, 12]
    assert torch.zeros(size=(2, 3)).shape == torch.zeros(shape=[2, 3]).shape == (2, 3)
    assert torch.zeros(shape=4).shape == (4,)
    assert x.view(shape=(2, 1)).shape == (2, 1)
    assert x.sum(axis=0) == 3
    assert torch.mm(torch.ones(2, 2), mat2=torch.ones(2, 2)).tolist() == [[2, 2], [2, 2]]
    assert torch.mm(torch.ones(2, 2), other=torch.ones(2, 2)).tolist() == [[2, 2], [2, 2]]
    assert x.uniform_(to=5, **{"from": 4}).ge(4).all()


def test_none_stands_for_not_given():
    x = torch.ones(2, 2)
    assert torch.sum(x, None) == 4
    assert torch.exp(x, out=None).shape == (2, 2)
    assert torch.zeros(2, dtype=None).dtype == torch.float32
    assert x.clamp(None, 0).sum() == 0
    assert torch.rand(None, 3).shape == (3,)


def test_scalars_and_generators_in_front():
    x = torch.ones(2)
    assert torch.add(3, x).tolist() == [4, 4]
    assert torch.sub(3, x).tolist() == [2, 2]
    assert torch.pow(3, x).tolist() == [3, 3]
    assert x.add(2, x).tolist() == [3, 3]
    assert torch.addcmul(x, 2, x, x).tolist() == [3, 3]
    g = torch.Generator()
    assert torch.randn(g, 2, 3).shape == torch.randn((2, 3), generator=g).shape == (2, 3)


def test_sizes():
    for sizes in [(2, 3), ((2, 3),), ([2, 3],), (torch.Size([2, 3]),)]:
        assert torch.zeros(*sizes).shape == (2, 3)
        assert torch.ones(6).view(*sizes).shape == (2, 3)
        assert torch.empty(0).resize_(*sizes).shape == (2, 3)
        assert torch.ones(1, 1).expand(*sizes).shape == (2, 3)
    assert torch.ones(2, 3).permute(1, 0).shape == torch.ones(2, 3).permute((1, 0)).shape
    assert torch.zeros().shape == torch.zeros(()).shape == ()


def test_outputs():
    out = torch.empty(0)
    x = torch.ones(3)
    assert torch.exp(x, out=out) is out
    assert x.exp(out=out) is out
    assert torch.add(x, 1, out=out) is out
    assert out.tolist() == [2, 2, 2]
    with pytest.raises(TypeError, match="^exp_: got"):
        x.exp_(out=out)


class Traced:
    """Takes torch functions over and tells what it was asked."""

    @classmethod
    def __torch_function__(cls, func, types, args, kwargs):
        return func.__name__, types, args, kwargs


class Heir(Traced):
    pass


def test_torch_function():
    x, t = torch.ones(2), Traced()
    assert torch.exp(t) == ("exp", (Traced,), (t,), {})
    assert torch.add(x, t) == ("add", (Traced,), (x, t), {})
    assert torch.add(t, 2, alpha=3) == ("add", (Traced,), (t, 2), {"alpha": 3})
    assert torch.mm(x, mat2=t) == ("mm", (Traced,), (x,), {"mat2": t})
    assert torch.cat([x, t], 1) == ("cat", (Traced,), ([x, t], 1), {})
    assert torch.pow(3, t) == ("pow", (Traced,), (3, t), {})
    assert x.add(t) == ("add", (Traced,), (x, t), {})
    assert x.add_(t) == ("add_", (Traced,), (x, t), {})
    assert x.index_add_(0, t, x) == ("index_add_", (Traced,), (x, 0, t, x), {})
    assert torch.exp(Heir()).__getitem__(1) == (Heir,)
    name, _, args, _ = torch._C.threshold(t, 1, 2)
    assert (name, args) == ("threshold", (t, 1, 2))


def test_functions_given_to_torch_function_can_be_called():
    class Wrapped:
        def __init__(self, data):
            self.data = data

        @classmethod
        def __torch_function__(cls, func, types, args, kwargs):
            plain = [a.data if isinstance(a, Wrapped) else a for a in args]
            return cls(func(*plain, **kwargs))

    w = Wrapped(torch.tensor([1.0, 4.0]))
    assert torch.sqrt(w).data.tolist() == [1, 2]
    assert torch.ones(2).add(w).data.tolist() == [2, 5]
    assert torch.add(w, w, alpha=2).data.tolist() == [3, 12]


def test_errors_inside_of_torch_function_arrive():
    class Broken:
        @classmethod
        def __torch_function__(cls, func, types, args, kwargs):
            raise ZeroDivisionError("here")

    with pytest.raises(ZeroDivisionError, match="here"):
        torch.exp(Broken())


def test_operators_are_left_to_the_other_operand():
    class Other(Traced):
        def __radd__(self, other):
            return "radd"

        def __rmatmul__(self, other):
            return "rmatmul"

        def __rpow__(self, other):
            return "rpow"

        def __gt__(self, other):
            return "gt"

    x, o = torch.ones(2), Other()
    assert x + o == "radd"
    assert x @ o == "rmatmul"
    assert x**o == "rpow"
    assert (x < o) == "gt"


def test_variables_where_data_is_expected():
    class Variable(Traced):
        pass

    for f in (torch.FloatTensor, torch.tensor, lambda v: torch.tensor([1, v])):
        with pytest.raises(
            TypeError, match=r"a Variable was used where data is expected; use its \.data"
        ):
            f(Variable())
    x = torch.zeros(2)
    with pytest.raises(TypeError, match=r"index: a Variable was used where data is expected"):
        x[0] = Variable()
