"""torch.compat: the alpha's meaning, flag by flag, for a process, a block and a thread."""

import io
import threading

import pytest
import torch
from harness import run

compat = torch.compat


def refuses(kind, match):
    return lambda f: _raised(f, kind, match)


def _raised(f, kind, match):
    with pytest.raises(kind, match=match):
        f()
    return True


def gives(value):
    return lambda f: f() == value


X = torch.arange(6, dtype=torch.float32).view(2, 3)
FLAT = torch.ones(6)

# (flag, call, what it does by default, what it does with the flag)
CASES = [
    ("match_by_count", lambda: (X + FLAT).tolist(), refuses(ValueError, "^add: .*broadcast"),
     gives([[1, 2, 3], [4, 5, 6]])),
    ("match_by_count", lambda: (X * torch.ones(3)).tolist(), gives(X.tolist()),
     refuses(ValueError, r"^mul: expected tensors of equal element counts, got FloatTensor of "
                         r"size \(2, 3\) and FloatTensor of size \(3,\)$")),
    ("match_by_count", lambda: torch.zeros(2, 3).copy_(FLAT).sum(), refuses(ValueError, "^copy_: "),
     gives(6)),
    ("match_by_count", lambda: torch.zeros(6).add_(X).tolist(), refuses(ValueError, "^add_?: "),
     gives([0, 1, 2, 3, 4, 5])),
    ("match_by_count", lambda: _assigned(torch.ones(3, 1)), refuses(ValueError, "^index: "),
     gives([[1, 1, 1], [0, 0, 0]])),
    ("match_by_count", lambda: torch.zeros(2, 3).masked_fill_(FLAT > 0, 2).sum(),
     refuses(ValueError, "^where: |^masked_fill"), gives(12)),
    ("match_by_count", lambda: torch.zeros(2, 3).addcmul_(2, FLAT, FLAT).sum(),
     refuses(ValueError, "^addcmul_?: "), gives(12)),
    ("keepdim", lambda: X.sum(1).shape, gives((2,)), gives((2, 1))),
    ("keepdim", lambda: X.sum(), gives(15), gives(15)),
    ("keepdim", lambda: X.sum(1, keepdim=False).shape, gives((2,)), gives((2,))),
    ("keepdim", lambda: X.max(0)[1].shape, gives((3,)), gives((1, 3))),
    ("keepdim", lambda: X.norm(2, 0).shape, gives((3,)), gives((1, 3))),
    ("keepdim", lambda: X.std(1).shape, gives((2,)), gives((2, 1))),
    ("identity_eq", lambda: (X == X) is True, gives(False), gives(True)),
    ("identity_eq", lambda: (X != X.clone()) is True, gives(False), gives(True)),
    ("identity_eq", lambda: X in [FLAT, X], refuses(ValueError, "broadcast"), gives(True)),
    ("byte_comparisons", lambda: (X > 2).type(), gives("torch.BoolTensor"),
     gives("torch.ByteTensor")),
    ("byte_comparisons", lambda: torch.eq(X, X).type(), gives("torch.BoolTensor"),
     gives("torch.ByteTensor")),
    ("byte_comparisons", lambda: X.le(1).tolist(), gives([[True, True, False], [False] * 3]),
     gives([[1, 1, 0], [0, 0, 0]])),
    ("byte_comparisons", lambda: X[X > 3].tolist(), gives([4, 5]), gives([4, 5])),
    ("byte_comparisons", lambda: torch.logical_and(X, X).type(), gives("torch.BoolTensor"),
     gives("torch.BoolTensor")),
    ("truncating_division", lambda: (torch.LongTensor([-7, 7]) / 2).tolist(), gives([-3.5, 3.5]),
     gives([-3, 3])),
    ("truncating_division", lambda: (torch.LongTensor([-7, 7]) / 2).type(),
     gives("torch.DoubleTensor"), gives("torch.LongTensor")),
    ("truncating_division", lambda: torch.IntTensor([9, -9]).div_(torch.IntTensor([4, 0])).tolist(),
     refuses(TypeError, "^div_?: cannot store"), gives([2, 0])),
    ("truncating_division", lambda: (7 / torch.LongTensor([2])).tolist(), gives([3.5]),
     gives([3])),
    ("truncating_division", lambda: (torch.LongTensor([7]) / 2.0).tolist(), gives([3.5]),
     gives([3.5])),
    ("empty_has_no_dims", lambda: torch.Tensor().dim(), gives(1), gives(0)),
    ("empty_has_no_dims", lambda: torch.Tensor().size(), gives((0,)), gives(())),
    ("empty_has_no_dims", lambda: torch.Tensor().shape, gives((0,)), gives(())),
    ("empty_has_no_dims", lambda: torch.Tensor().ndim, gives(1), gives(0)),
    ("empty_has_no_dims", lambda: repr(torch.Tensor()).strip(),
     gives("[torch.FloatTensor of size 0, with no elements]"),
     gives("[torch.FloatTensor with no dimension]")),
    ("default_type_randperm", lambda: torch.randperm(4).type(), gives("torch.LongTensor"),
     gives("torch.FloatTensor")),
    ("cat_value_error", lambda: torch.cat([]), refuses(RuntimeError, "^cat: expected one tensor"),
     refuses(ValueError, "^cat: expected one tensor")),
    ("outputs_first", lambda: _first_output(torch.sum, torch.Tensor(), X, 1),
     refuses(TypeError, "^sum: got"), gives([3, 12])),
    ("outputs_first", lambda: torch.add(torch.zeros(7), X, 1, out=torch.zeros(2)),
     refuses(TypeError, "^add: got"), refuses(TypeError, "^add: got")),
    ("outputs_first", lambda: torch.exp(torch.zeros(0), out=torch.zeros(3)).tolist(),
     refuses(ValueError, "^exp: expected an output of size"), gives([])),
    ("trusting_load", lambda: _of_file(threading.Thread),
     refuses(RuntimeError, "holds threading.Thread, which a load does not build"),
     lambda call: call() is threading.Thread),
]  # fmt: skip


def _of_file(obj):
    f = io.BytesIO()
    torch.save(obj, f)
    f.seek(0)
    return torch.load(f)


def _assigned(value):
    x = torch.zeros(2, 3)
    x[0] = value
    return x.tolist()


def _first_output(f, out, *args):
    assert f(out, *args) is out
    return out.tolist()


@pytest.mark.parametrize("flag, call, default, alpha", CASES)
def test_flag(flag, call, default, alpha):
    assert default(call)
    with compat.using(**{flag: True}):
        assert getattr(compat.flags, flag) is True
        assert alpha(call)
    assert default(call)


#: Flags that other distributions read; their tests have the cases.
ELSEWHERE = {"tensor_grad", "tensor_hooks", "eval_freezes"}


def test_every_flag_has_cases():
    flags = {name for name, _ in torch._C._compat_rows()}
    assert {case[0] for case in CASES} == flags - ELSEWHERE and flags >= ELSEWHERE


def test_outputs_come_first():
    values, indices = torch.Tensor(), torch.LongTensor()
    with compat.alpha():
        result = torch.max(values, indices, X, 1)
        assert result[0] is values
        assert result[1] is indices
    assert values.tolist() == [[2], [5]]
    assert indices.tolist() == [[2], [2]]
    with compat.alpha():
        out = torch.zeros(5)  # resized as needed
        assert torch.addmm(out, torch.ones(2, 2), X, X.t()) is out
        assert out.shape == (2, 2)
        assert torch.mm(out, X, X.t()) is out
        assert torch.cat(out, [X, X], 1).shape == (2, 6)
        assert torch.add(out, X, FLAT).shape == (2, 3)
        assert torch.pow(out, X, 2).tolist() == X.pow(2).tolist()
        with pytest.raises(TypeError, match="^max: got"):
            torch.max(values, X, 1)  # one output of two


def test_for_the_process():
    run(
        "import torch\n"
        "import threading\n"
        "torch.compat.alpha()\n"
        "seen = []\n"
        "t = threading.Thread(target=lambda: seen.append(torch.ones(2, 3).sum(1).shape))\n"
        "t.start(); t.join()\n"
        "assert seen == [(2, 1)], seen\n"
        "torch.compat.flags.keepdim = False\n"
        "assert torch.ones(2, 3).sum(1).shape == (2,)\n"
        "assert torch.compat.flags.byte_comparisons\n"
        "torch.compat.default()\n"
        "assert not torch.compat.flags.byte_comparisons\n"
    )


def test_from_the_environment():
    code = "import torch; print(torch.ones(2, 3).sum(1).shape, torch.compat.flags.identity_eq)"
    assert run(code, TORCH_COMPAT="alpha").strip() == "torch.Size([2, 1]) True"
    assert run(code, TORCH_COMPAT="").strip() == "torch.Size([2]) False"
    with pytest.raises(AssertionError, match="TORCH_COMPAT: expected 'alpha' or nothing, got 'b'"):
        run(code, TORCH_COMPAT="b")


def test_a_block_is_one_threads_own():
    inside, leave = threading.Event(), threading.Event()
    seen = []

    def other():
        with compat.alpha():
            seen.append(X.sum(1).shape)
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(10)
    assert X.sum(1).shape == (2,)
    leave.set()
    thread.join()
    assert seen == [(2, 1)]


def test_blocks_nest_and_survive_exceptions():
    with compat.alpha():
        with compat.default():
            assert X.sum(1).shape == (2,)
            with compat.using(keepdim=True):
                assert X.sum(1).shape == (2, 1)
                compat.flags.keepdim = False  # for the rest of the block
                assert X.sum(1).shape == (2,)
        assert X.sum(1).shape == (2, 1)
    with pytest.raises(ZeroDivisionError), compat.alpha():
        raise ZeroDivisionError
    assert X.sum(1).shape == (2,)
    assert compat.flags.keepdim is False


def test_flags_are_a_record():
    assert "keepdim=False: A reduction along" in repr(compat.flags)
    assert "keepdim" in dir(compat.flags)
    with pytest.raises(AttributeError, match="expected a flag of .*, got 'nothing'"):
        compat.flags.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="expected a flag of .*, got 'nothing'"):
        compat.flags.nothing = True
    with pytest.raises(TypeError, match="expected keepdim to be True or False, got 1"):
        compat.flags.keepdim = 1
    with pytest.raises(AttributeError, match=r"^torch\.compat\.using: expected a flag"):
        compat.using(nothing=True)
