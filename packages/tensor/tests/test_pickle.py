"""pickle, copy and deepcopy: values, layouts and sharing."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, layouts, same


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", DTYPES)
def test_round_trip(dtype, protocol, rng):
    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        y = pickle.loads(pickle.dumps(x, protocol))
        assert type(y) is type(x), layout
        assert same(x, y), layout
        assert y.stride() == x.stride(), layout
        assert y.storage_offset() == x.storage_offset(), layout
        assert y.storage()._cdata != x.storage()._cdata, layout


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_sharing_is_kept(clone):
    base = torch.arange(10)
    graph = {
        "base": base,
        "view": base[2:5],
        "same": base,
        "storage": base.storage(),
        "other": base + 0,
    }
    copied = clone(graph)
    assert copied["base"] is copied["same"]
    assert copied["base"].storage()._cdata == copied["storage"]._cdata
    copied["base"].fill_(7)
    assert copied["view"].tolist() == [7, 7, 7]
    assert copied["storage"][0] == 7
    assert copied["other"].tolist() == list(range(10))
    assert base.tolist() == list(range(10))


def test_sharing_holds_for_one_pickle_only():
    x = torch.arange(3)
    stream = io.BytesIO()
    for _ in range(2):
        pickle.dump([x, x.view(3, 1)], stream)
    stream.seek(0)
    first, second = pickle.load(stream), pickle.load(stream)
    first[0].fill_(5)
    assert first[1].tolist() == [[5], [5], [5]]
    assert second[0].tolist() == [0, 1, 2]


def test_copy_copies_data():
    x = torch.arange(3)
    y = copy.copy(x)
    y[0] = 5
    assert x[0] == 0
    assert copy.copy(x.storage())._cdata != x.storage()._cdata
    s = copy.deepcopy(x.storage())
    s[0] = 7
    assert x[0] == 0


def test_borrowed_memory():
    a = np.arange(12.0).reshape(3, 4)[::-1, ::2]
    x = torch.from_numpy(a)
    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), copy.copy(x)):
        assert same(y, a)
        y.fill_(0)
    assert array(x).sum() != 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_storages_dtypes_and_sizes(dtype):
    s = torch.zeros(3, dtype=dtype_of(dtype)).fill_(1).storage()
    t = pickle.loads(pickle.dumps(s))
    assert type(t) is type(s)
    assert t.tolist() == s.tolist()
    assert len(pickle.loads(pickle.dumps(type(s)(0)))) == 0
    assert pickle.loads(pickle.dumps(dtype_of(dtype))) is dtype_of(dtype)
    assert copy.deepcopy(dtype_of(dtype)) is dtype_of(dtype)
    size = pickle.loads(pickle.dumps(torch.Size([2, 3])))
    assert type(size) is torch.Size
    assert size == (2, 3)
    assert pickle.loads(pickle.dumps(type(torch.zeros(1, dtype=dtype_of(dtype))))) is type(
        torch.zeros(1, dtype=dtype_of(dtype))
    )


def test_functions():
    assert pickle.loads(pickle.dumps(torch.exp)) is torch.exp
    assert copy.deepcopy(torch.exp) is torch.exp
