"""Views, reshaping and joining: no element moves unless it must."""

import re

import numpy as np
import pytest
import torch
from harness import DTYPES, array, check, drawer, layouts, on

# name: (tensor -> view, array -> view, fewest dimensions)
VIEWS = {
    "transpose": (lambda t: t.transpose(0, -1), lambda a: a.swapaxes(0, -1), 1),
    "t": (lambda t: t.select(-1, 0).t(), lambda a: a[..., 0].T, 3),
    "T": (lambda t: t.T, lambda a: a.T, 0),
    "permute": (
        lambda t: t.permute(*reversed(range(t.dim()))),
        lambda a: a.transpose(*reversed(range(a.ndim))),
        0,
    ),
    "select": (lambda t: t.select(-1, -1), lambda a: a[..., -1], 2),
    "narrow": (lambda t: t.narrow(0, 1, 2), lambda a: a[1:3], 1),
    "narrow from the end": (lambda t: t.narrow(0, -2, 1), lambda a: a[-2:-1], 1),
    "narrow to nothing": (lambda t: t.narrow(0, 1, 0), lambda a: a[1:1], 1),
    "unsqueeze first": (lambda t: t.unsqueeze(0), lambda a: a[None], 0),
    "unsqueeze last": (lambda t: t.unsqueeze(-1), lambda a: a[..., None], 0),
    "expand": (
        lambda t: t.unsqueeze(0).expand(3, *t.shape),
        lambda a: np.broadcast_to(a, (3, *a.shape)),
        0,
    ),
    "expand with -1": (
        lambda t: t.unsqueeze(0).expand(3, *[-1] * t.dim()),
        lambda a: np.broadcast_to(a, (3, *a.shape)),
        0,
    ),
    "expand_as": (
        lambda t: t.expand_as(torch.empty(2, *t.shape)),
        lambda a: np.broadcast_to(a, (2, *a.shape)),
        0,
    ),
    "unfold": (
        lambda t: t.unfold(0, 2, 1),
        lambda a: np.lib.stride_tricks.sliding_window_view(a, 2, axis=0),
        1,
    ),
    "unfold with step": (
        lambda t: t.unfold(-1, 1, 2),
        lambda a: np.lib.stride_tricks.sliding_window_view(a, 1, axis=-1)[..., ::2, :],
        1,
    ),
}
VIEWS |= {
    "swapaxes": (lambda t: t.swapaxes(0, -1), lambda a: a.swapaxes(0, -1), 1),
    "moveaxis": (lambda t: t.moveaxis(0, -1), lambda a: np.moveaxis(a, 0, -1), 1),
    "movedim": (
        lambda t: torch.movedim(t, (0, -1), (1, 0)),
        lambda a: np.moveaxis(a, (0, -1), (1, 0)),
        2,
    ),
    "mT": (lambda t: t.mT, lambda a: a.mT if hasattr(a, "mT") else a.swapaxes(-1, -2), 2),
    "broadcast_to": (
        lambda t: t.broadcast_to(2, *t.shape),
        lambda a: np.broadcast_to(a, (2, *a.shape)),
        0,
    ),
    "squeeze one": (lambda t: t[None].squeeze(0), lambda a: a, 1),
    "squeeze several": (lambda t: t[None, :, None].squeeze((0, 2)), lambda a: a, 1),
}
THREE_ENTRIES = ("narrow", "narrow from the end", "unfold", "select")
NOT_EMPTY = ("narrow to nothing", "unfold with step", "t")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", VIEWS)
def test_views_share_memory(name, dtype, device, rng):
    f, reference, dims = VIEWS[name]
    for layout, x in layouts(drawer(rng, dtype, -100, 100), device):
        a = array(x)
        if a.ndim < dims or (name in THREE_ENTRIES and (a.size == 0 or a.shape[0] < 3)):
            continue
        if name in NOT_EMPTY and a.size == 0:
            continue
        view = f(x)
        check(view, reference(a), dtype, 0, layout)
        assert view.storage()._cdata == x.storage()._cdata, layout


def test_writing_through_views(device):
    x = on(device, torch.zeros(3, 4))
    x.t()[1].fill_(7)
    x.select(0, 2).zero_()
    x.narrow(1, 2, 2).add_(1)
    x.unfold(1, 2, 2)[0, 0].mul_(2)
    assert x.tolist() == [[0, 14, 1, 1], [0, 7, 1, 1], [0, 0, 1, 1]]


@pytest.mark.parametrize("shape", [(1, 3, 1), (1, 1), (3, 1), (1,), (), (2, 3)])
def test_squeeze(shape, device):
    x = on(device, torch.ones(shape))
    kept = tuple(n for n in shape if n != 1)
    # no operation of the alpha makes a tensor without dimensions
    assert x.squeeze().shape == (kept or ((1,) if shape else ()))
    for dim in range(-len(shape), len(shape)):
        dropped = shape[:dim] + shape[dim:][1:] if shape[dim] == 1 else shape
        assert torch.squeeze(x, dim).shape == (dropped or (1,))
        assert x.clone().squeeze_(dim).shape == (dropped or (1,))


def test_in_place_forms_change_the_object():
    x = torch.arange(6).view(2, 3)
    y = x
    assert x.t_() is x
    assert x.transpose_(0, 1) is x
    assert x.unsqueeze_(1) is x
    assert y.shape == (2, 1, 3)
    assert x.squeeze_() is x
    assert y.tolist() == [[0, 1, 2], [3, 4, 5]]


def numpy_view(a: np.ndarray, shape: tuple) -> bool:
    """Whether NumPy can show `a` in the shape without a copy."""
    try:
        view = a.view()
        view.shape = shape
    except AttributeError:
        return False
    return True


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_view_and_reshape(dtype, device, rng):
    shapes = [(-1,), (2, -1), (-1, 3), (1, -1, 1), (2, 2, -1), (4, -1), (5, -1), (7, 5), (4, 6)]
    for layout, x in layouts(drawer(rng, dtype, -9, 9), device):
        a = np.asarray(x)
        for shape in shapes:
            try:
                expected = a.reshape(shape)
            except ValueError:
                for f in (x.view, x.reshape):
                    with pytest.raises(ValueError, match=r"^(view|reshape): size .* does not fit"):
                        f(*shape)
                continue
            what = f"{layout} as {shape}"
            result = x.reshape(shape)
            check(result, expected, dtype, 0, what)
            shared = result.storage()._cdata == x.storage()._cdata
            try:
                view = x.view(*shape)
            except ValueError as error:
                assert "without a copy" in str(error), what
                assert not numpy_view(a, shape), what
                assert not shared, what
                continue
            assert shared, what
            assert view.storage()._cdata == x.storage()._cdata, what
            check(view, expected, dtype, 0, what)
            assert not a.size or np.shares_memory(a, expected), what


def test_view_forms():
    x = torch.arange(12)
    assert x.view(3, 4).shape == x.view((3, 4)).shape == x.view(torch.Size([3, 4])).shape == (3, 4)
    assert x.view_as(torch.ones(2, 6)).shape == (2, 6)
    assert torch.reshape(x, (4, 3)).shape == (4, 3)
    assert torch.ones(1).view().shape == ()
    assert torch.ones(()).view(1, 1).shape == (1, 1)
    assert torch.ones(0, 3).view(3, 0, 5).shape == (3, 0, 5)


def test_as_strided():
    x = torch.arange(12)
    windows = torch.as_strided(x, (4, 3), (2, 1), 1)
    assert windows.tolist() == [[1, 2, 3], [3, 4, 5], [5, 6, 7], [7, 8, 9]]
    assert x.as_strided((3,), (-1,), 2).tolist() == [2, 1, 0]
    assert x[4:].as_strided((2,), (1,)).tolist() == [4, 5]
    for size, stride, offset in [
        ((13,), (1,), 0),
        ((2,), (1,), 11),
        ((2,), (-1,), 0),
        ((2**62,), (1,), 0),
        ((2**31, 2**31), (1, 1), 0),
        ((3,), (2**62,), 0),
        ((1,), (1,), -1),
    ]:
        with pytest.raises(ValueError, match=r"^as_strided: "):
            x.as_strided(size, stride, offset)


def test_flatten_and_ravel(device, rng):
    for layout, x in layouts(drawer(rng, "float32", -9, 9), device):
        a = array(x)
        check(x.flatten(), a.flatten(), "float32", 0, layout)
        check(x.ravel(), a.ravel(), "float32", 0, layout)
        assert x.flatten().storage()._cdata != x.storage()._cdata
        assert torch.ravel(x).shape == torch.flatten(x).shape == (a.size,)
    x = torch.ones(2, 3, 4, 5)
    assert x.flatten(1, 2).shape == (2, 12, 5)
    assert x.flatten(-2).shape == (2, 3, 20)
    assert x.ravel().storage()._cdata == x.storage()._cdata
    assert x.flatten(1, 1).shape == (2, 3, 4, 5)
    with pytest.raises(
        ValueError, match=r"^flatten: expected start_dim before end_dim, got 2 and 1"
    ):
        x.flatten(2, 1)
    with pytest.raises(IndexError, match=r"^flatten: dimension 4 is out of range"):
        x.flatten(4)


def test_reshape_as():
    x = torch.arange(6).view(2, 3).t()
    assert x.reshape_as(torch.ones(2, 3)).tolist() == [[0, 3, 1], [4, 2, 5]]


@pytest.mark.parametrize("name", ["t", "transpose", "squeeze", "unsqueeze"])
def test_views_to_an_output(name):
    """Functions of the alpha that take out= copy there."""
    x = torch.arange(2).view(1, 2)
    arguments = {"transpose": (0, 1), "unsqueeze": (0,)}.get(name, ())
    expected = getattr(x, name)(*arguments)
    out = torch.empty(0, dtype=torch.int64)
    assert getattr(torch, name)(x, *arguments, out=out) is out
    assert torch.equal(out, expected)
    assert out.storage()._cdata != x.storage()._cdata


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: x.moveaxis(0, (0, 1)), ValueError, "moveaxis: expected as many destinations as"),
        (
            lambda x: x.moveaxis((0, 0), (0, 1)),
            ValueError,
            "moveaxis: dimension 0 is repeated in (0, 0)",
        ),
        (
            lambda x: x.moveaxis((0, 1), (1, 1)),
            ValueError,
            "moveaxis: dimension 1 is repeated in (1, 1)",
        ),
        (lambda x: x.movedim(0, 2), IndexError, "movedim: dimension 2 is out of range"),
        (lambda x: x.squeeze((0, -2)), ValueError, "squeeze: dimension 0 is repeated in (0, -2)"),
        (lambda x: x.squeeze(()), ValueError, "squeeze: expected one dimension or more, got none"),
        (lambda x: x.broadcast_to(3), ValueError, "broadcast_to: expected at least 2 sizes"),
        (
            lambda x: x.broadcast_to(3, 4),
            ValueError,
            "broadcast_to: FloatTensor of size (2, 3) does not",
        ),
        (lambda x: x.expand(2**40, 2**40, 2, 3), ValueError, "expand: the number of elements"),
        (lambda x: x.view(2**62, 4), ValueError, "view: the number of elements of size"),
        (lambda x: x.view(-2, 3), ValueError, "view: expected sizes of 0 or more, got (-2, 3)"),
        (lambda x: x.reshape(-1, 0), ValueError, "reshape: size (-1, 0) does not fit"),
        (
            lambda x: x.reshape(-1, -1),
            ValueError,
            "reshape: at most one size can be -1, got (-1, -1)",
        ),
        (lambda x: x.resize_(2**40, 2**40), ValueError, "resize_: the number of elements"),
        (
            lambda x: x[0].mT,
            ValueError,
            "mT: expected a matrix or several, got FloatTensor of size (3,)",
        ),
        (lambda x: x.unfold(0, 1, 0), ValueError, "unfold: expected a step of 1 or more, got 0"),
        (
            lambda x: torch.t(x, out=torch.ones(2)),
            ValueError,
            "t: expected an output of size (3, 2)",
        ),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match="^" + re.escape(text)):
        call(torch.ones(2, 3))


def test_huge_steps():
    x = torch.arange(6).view(2, 3)
    assert x.unfold(1, 3, 2**63 - 1).tolist() == [[[0, 1, 2]], [[3, 4, 5]]]
    assert x.unfold(1, 2, 2**62).shape == (2, 1, 2)


def test_metadata():
    x = torch.zeros(2, 3, 4)[:, 1:]
    assert x.size() == x.shape == torch.Size([2, 2, 4])
    assert isinstance(x.shape, torch.Size)
    assert x.size(0) == 2
    assert x.size(-1) == 4
    assert x.stride() == (12, 4, 1)
    assert x.stride(1) == 4
    assert x.storage_offset() == 4
    assert x.dim() == x.ndim == x.ndimension() == 3
    assert x.numel() == x.nelement() == torch.numel(x) == 16
    assert x.element_size() == 4
    assert x.nbytes == 64
    assert not x.is_contiguous()
    assert x.contiguous().is_contiguous()
    y = torch.ones(2)
    assert y.contiguous() is y
    assert x.is_same_size(torch.ones(2, 2, 4))
    assert x.is_set_to(x.view_as(x))
    assert not x.is_set_to(x.clone())
    assert x.data_ptr() == x.storage().data_ptr() + 16
    assert x.device == "cpu"
    assert x.is_cuda is False


def test_resize():
    x = torch.arange(6)
    assert x.resize_(2, 2) is x
    assert x.tolist() == [[0, 1], [2, 3]]
    assert x.resize_(6).tolist() == [0, 1, 2, 3, 4, 5]
    assert x.resize_(3000)[:6].tolist() == [0, 1, 2, 3, 4, 5]
    assert x.storage().size() == 3000
    y = torch.zeros(2)
    assert y.resize_as_(torch.zeros(3, 3)).shape == (3, 3)
    z = torch.arange(6)[4:]
    assert z.resize_(2).tolist() == [4, 5]
    assert len(z.resize_(10).storage()) == 14


def test_set():
    x, y = torch.arange(6), torch.empty(0, dtype=torch.int64)
    assert y.set_(x) is y
    assert y.is_set_to(x)
    y.set_(x.storage(), 1, (2, 2), (2, 1))
    assert y.tolist() == [[1, 2], [3, 4]]
    assert y.set_(x.storage()).tolist() == [0, 1, 2, 3, 4, 5]
    assert y.set_(x.storage(), 4).tolist() == [4, 5]
    assert y.set_(x.storage(), 0, torch.Size([3, 2])).shape == (3, 2)
    y[0, 0] = 9
    assert x[0] == 9
    assert y.set_().shape == (0,)
