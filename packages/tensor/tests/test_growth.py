"""No operation keeps memory: 100,000 calls of each, with the first arguments that it takes."""

import gc
import os

import numpy
import pytest
import torch
from test_memory import resident

CALLS = 100_000
# What a call may leave on average is less than the smallest object that could leak, 16 bytes.
ALLOWED = 12 * CALLS

SPECIAL = set(  # what acts on more than tensors, or on what the next call is given
    "set_num_threads set_num_interop_threads set_default_tensor_type set_default_dtype "
    "set_printoptions set_rng_state save load manual_seed seed cuda pin_memory share_memory_ "
    "set_flush_denormal get_device unsqueeze_".split()
)
PACKAGES = {"memmap", "fork_rng"}  # no operations of tensors


# What needs arguments of its own.
OWN = {
    "Tensor.map2_": lambda: (torch.ones(2), torch.ones(2), torch.ones(2), lambda a, b, c: a),
    "Tensor.ormqr": lambda: (torch.ones(2, 2), torch.ones(2), torch.ones(2, 2)),
    "Tensor.addbmm": lambda: (torch.ones(2, 2), torch.ones(1, 2, 2), torch.ones(1, 2, 2)),
    "Tensor.addbmm_": lambda: (torch.zeros(2, 2), torch.zeros(1, 2, 2), torch.ones(1, 2, 2)),
    "Tensor.addmv": lambda: (torch.ones(2), torch.ones(2, 2), torch.ones(2)),
    "Tensor.addmv_": lambda: (torch.zeros(2), torch.zeros(2, 2), torch.ones(2)),
    "Tensor.cross": lambda: (torch.ones(2, 3), torch.ones(2, 3)),
    "Tensor.index_put": lambda: (torch.ones(2), (torch.tensor([0]),), torch.ones(1)),
    "Tensor.index_put_": lambda: (torch.ones(2), (torch.tensor([0]),), torch.ones(1)),
    "Tensor.put_along_axis_": lambda: (torch.ones(2), torch.tensor([0]), torch.ones(1), 0),
    "Tensor.baddbmm": lambda: [torch.ones(1, 2, 2)] * 3,
    "Tensor.baddbmm_": lambda: (torch.zeros(1, 2, 2), torch.zeros(1, 2, 2), torch.ones(1, 2, 2)),
    "btrifact": lambda: (torch.eye(2).view(1, 2, 2),),
    "btrisolve": lambda: (torch.ones(1, 2), *torch.btrifact(torch.eye(2).view(1, 2, 2))[:2]),
    "einsum": lambda: ("i,j->ij", torch.ones(2), torch.ones(2)),
    "from_numpy": lambda: (numpy.ones(2),),
    "promote_types": lambda: (torch.uint8, torch.int32),
}


def arguments(name):
    """Tuples to try in turn, each made anew."""
    if name in OWN:
        return [OWN[name]]
    i, rows = torch.tensor([0, 1]), torch.tensor([[0, 1], [1, 0]])
    matrix, vector = torch.tensor([[0.5, 0.25], [0.75, 0.1]]), torch.tensor([1.0, 2.0])
    mask, image = matrix > 0.3, torch.ones(1, 1, 2, 2)
    tails = [
        (),
        (1,),
        (0,),
        (matrix,),
        (vector,),
        (mask,),
        (i,),
        ([2, 2],),
        (0, 1),
        (0, i),
        (0, rows),
        (matrix, matrix),
        (vector, vector),
        (matrix, 1),
        (0.25, 0.5),
        (mask, 1),
        (mask, matrix),
        (0, i, 1),
        (0, i, matrix),
        (0, rows, matrix),
        (0, rows, 1),
        (0, 0, 1),
        (0, 1, 1),
        (1, 1, 0),
        (vector, 1),
        (2, 0, 1),
        (matrix, matrix, 1),
        ("float32",),
        (i, 1),
        (i, vector),
        (lambda a: a,),
        (matrix, lambda a, b: a),
        (image,),
        (True,),
        (rows, matrix),
        (matrix[:1],),
        (rows,),
        (torch.ones(2, 2, 2),),
    ]
    selves = [
        lambda: torch.tensor([[3.0, 1.0], [1.0, 2.0]]),
        lambda: torch.tensor([1.0, 2.0]),
        lambda: torch.tensor([1, 0]),
        lambda: torch.ones(2, 2, 2),
        lambda: torch.ones(1),
        lambda: torch.tensor([[1, 0], [0, 1]]),
        lambda: [torch.ones(2), torch.ones(2)],
        lambda: [torch.ones(2, 2), torch.ones(2, 2)],
    ]
    with_self = [lambda s=s, t=t: (s(), *t) for s in selves for t in tails]
    if name.startswith("Tensor."):
        return with_self
    return [lambda t=t: t for t in tails] + with_self


def names():
    methods = [n for n in dir(torch.FloatTensor) if not n.startswith("_") and n not in SPECIAL]
    functions = [
        n
        for n, f in vars(torch).items()
        if not n.startswith("_")
        and n not in {*methods, *SPECIAL, *PACKAGES}
        and callable(f)
        and not isinstance(f, type)
    ]
    return [*(f"Tensor.{n}" for n in methods), *functions]


def call_of(name):
    """A call without arguments that succeeds again and again, or None."""
    owner, _, method = name.rpartition(".")
    for make in arguments(name):
        args = tuple(make())
        if not owner:
            f = getattr(torch, name)
        elif not isinstance(args[0], torch.Tensor):
            break
        elif callable(getattr(args[0], method, None)):
            f, args = getattr(args[0], method), args[1:]
        else:
            args = args[0], method
            f = getattr
        try:
            f(*args)
            f(*args)
        except Exception:
            continue
        return lambda: f(*args)
    return None


@pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""), reason="the sanitizer keeps freed memory aside"
)
@pytest.mark.parametrize("part", range(8))
def test_no_growth(part):
    without = []
    for name in names()[part::8]:
        call = call_of(name)
        if call is None:
            without.append(name)
            continue
        for _ in range(500):
            call()
        gc.collect()
        allocated, memory = torch.cpu.memory_allocated(), resident()
        for _ in range(CALLS):
            call()
        if resident() > memory + ALLOWED // 2:
            gc.collect()
        assert torch.cpu.memory_allocated() <= allocated + 4096, name
        assert resident() <= memory + ALLOWED, name
    assert not without
