"""Calls every public name of torch and every Tensor method with arguments that make no sense.

Run as `python junk.py SEED CALLS LOG` in a process of its own. Whatever happens must be a result or
an exception; SystemError (an error without an exception) counts as a failure. The call in progress
stands in LOG, for the parent to report after a crash.
"""

import inspect
import math
import os
import random
import resource
import sys

import torch

ADDRESS_SPACE = 2 * 2**30
# Settings of the process, which the suite tests elsewhere.
LEFT_OUT = {"set_num_threads", "set_default_tensor_type", "set_printoptions", "extend_path"}
LEFT_OUT |= {"set_default_dtype"}
HUGE = [2**31, 2**31 - 1, 2**40, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64, 2**100]
INTS = [0, 1, 2, 3, 7, 64, 65, -1, -2, *HUGE, *(-n for n in HUGE)]
FLOATS = [0.0, -0.0, 0.5, 1.5, -1.0, 1e-300, 1e30, 1e308, math.inf, -math.inf, math.nan]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]
DTYPES += [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]
SHAPES = [(), (0,), (1,), (3,), (2, 3), (3, 3), (2, 0, 3), (2, 1, 3), (2, 3, 4, 5), (1,) * 7]


class Strange:
    """Answers nothing that is asked."""

    def __len__(self):
        return -1

    def __getitem__(self, key):
        raise RuntimeError("strange")

    def __index__(self):
        raise RuntimeError("strange")

    def __float__(self):
        raise RuntimeError("strange")


class Shrinking(list):
    """A list that empties itself when it is looked at."""

    def __iter__(self):
        self.clear()
        return iter(())

    def __len__(self):
        n = super().__len__()
        self.clear()
        return n


class Number(int):
    def __index__(self):
        raise RuntimeError("number")

    __int__ = __float__ = __index__


def tensor(r):
    shape = r.choice(SHAPES)
    x = torch.zeros(shape, dtype=r.choice(DTYPES))
    x.fill_(r.choice([0, 1]))
    kind = r.randrange(8)
    if kind == 0 and x.dim() > 1:
        x = x.transpose(0, -1)
    elif kind == 1 and x.dim():
        x = x[::-1]
    elif kind == 2:
        x = x.unsqueeze(0).expand(r.choice([0, 2, 1000]), *shape)
    elif kind == 3 and x.dim():
        x = x[..., ::2]
    return x


def sequence(r, depth=0):
    items = [argument(r, depth + 1) for _ in range(r.randrange(4))]
    return r.choice([list, tuple, Shrinking])(items)


def argument(r, depth=0):
    kind = r.randrange(14)
    if kind < 4:
        return tensor(r)
    if kind < 7:
        return r.choice(INTS)
    if kind == 7:
        return r.choice(FLOATS)
    if kind == 8:
        return [r.choice(INTS) for _ in range(r.randrange(5))]
    if kind == 9:
        return tuple(r.choice([0, 1, 2, 3]) for _ in range(r.randrange(5)))
    if kind == 10 and depth < 3:
        return sequence(r, depth)
    if kind == 11:
        return slice(r.choice(INTS), r.choice(INTS), r.choice([None, *INTS]))
    return r.choice(
        [
            *[
                None,
                True,
                False,
                ...,
                "",
                "abc",
                "\ud800",
                b"abc",
                bytearray(b"xyz"),
                1j,
                {},
                {1: 2},
            ],
            *[{3}, object(), Strange(), Number(3), int, torch, torch.Tensor, torch.FloatTensor],
            *[len, r.choice(DTYPES), torch.Size([2, 3]), torch.FloatStorage(3), torch.Generator()],
            *[range(3), range(2**62), memoryview(b"abc"), torch.default_generator, NotImplemented],
        ]
    )


def fitting(r, kind):
    """An argument of the kind that a signature asks for, with a value that need not fit."""
    small = [0, 1, 2, 3, -1]
    if kind in ("Tensor", "LongTensor", "mask"):
        x = tensor(r)
        return x.long() if kind == "LongTensor" else x > 0 if kind == "mask" else x
    if kind in ("number", "float"):
        return r.choice([*small, 0.5, *INTS, *FLOATS])
    if kind == "int":
        return r.choice([*small * 4, *INTS])
    if kind == "bool":
        return r.random() < 0.5
    if kind in ("sizes", "dims"):
        values = [*small * 4, *INTS] if r.random() < 0.3 else [1, 2, 3]
        return tuple(r.choice(values) for _ in range(r.randrange(5)))
    if kind == "dtype":
        return r.choice(DTYPES)
    if kind in ("tensors", "operands"):
        return [tensor(r) for _ in range(r.randrange(4))]
    if kind == "Storage":
        return tensor(r).storage()
    return torch.Generator() if kind == "Generator" else argument(r)


def nearly_right(r, signature):
    """Arguments for a signature, a few of them junk or left out."""
    arguments, keywords, by_name = [], {}, False
    for part in signature[1:-1].split(", "):
        if part == "*" or not part:
            by_name = True
            continue
        name, kind = part.split(" = ")[0].split(": ")
        if "=" in part and r.random() < 0.6:
            by_name = True  # what follows must be named
            continue
        value = fitting(r, kind) if r.random() < 0.9 else argument(r)
        if by_name:
            keywords[name] = value
        else:
            arguments.append(value)
    return arguments, keywords


def short(value):
    """A text of an argument; tensors by type and layout."""
    if torch.is_tensor(value):
        return f"{type(value).__name__}{tuple(value.shape)}/{value.stride()}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}[{', '.join(map(short, tuple.__iter__(tuple(value))))}]"
    try:
        return ascii(value)[:60]
    except Exception:
        return type(value).__name__


def targets():
    """(name, function, whether the first argument must be a tensor)"""
    found = []
    for name in sorted(set(dir(torch)) | set(torch._C.__all__)):
        if name in LEFT_OUT or name.startswith("_"):
            continue
        try:
            value = getattr(torch, name)
        except ModuleNotFoundError:
            continue
        if inspect.ismodule(value):
            if name in ("cpu", "cuda", "random"):
                public = [n for n in dir(value) if not n.startswith("_") and n[0].islower()]
                found += [(f"{name}.{n}", getattr(value, n), False) for n in public]
        elif callable(value):
            found.append((name, value, False))
    for row in torch._C._op_table:
        if row["private"]:
            found.append((f"_C.{row['name']}", getattr(torch._C, row["name"]), False))
    owners = [torch.Tensor, torch.FloatStorage, torch.Generator, torch._C._Storage]
    dangerous = {
        "__getattribute__",
        "__new__",
        "__init_subclass__",
        "__subclasshook__",
        "__class__",
    }
    dangerous |= {
        "__dir__",
        "__reduce_ex__",
        "__delattr__",
        "__setattr__",
        "__sizeof__",
        "__init__",
    }
    for owner in owners:
        for name in sorted(dir(owner)):
            value = inspect.getattr_static(owner, name)
            if callable(getattr(owner, name)) and name not in dangerous:
                if not isinstance(value, (classmethod, staticmethod)):
                    found.append((f"{owner.__name__}.{name}", getattr(owner, name), True))
    return [t for t in found if callable(t[1])]


def receiver(r, name):
    if name.startswith("Tensor."):
        return tensor(r)
    return torch.Generator() if name.startswith("Generator.") else torch.FloatStorage(3)


def look(result):
    """What a user does first with a result."""
    if torch.is_tensor(result):
        repr(result)
        assert result.numel() >= 0
        if result.numel() < 10_000:
            result.clone()


def main(seed, calls, log):
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ADDRESS_SPACE, -1))
    r = random.Random(seed)
    every = targets()
    signatures = {row["name"]: row["signatures"] for row in torch._C._op_table}
    names = [
        "dim",
        "keepdim",
        "out",
        "dtype",
        "alpha",
        "beta",
        "value",
        "other",
        "generator",
        "axis",
    ]
    names += ["shape", "self", "p", "min", "max", "size", "stride", "x"]
    results = 0
    for k in range(calls):
        name, function, bound = every[k % len(every)] if k < len(every) else r.choice(every)
        known = signatures.get(name.split(".")[-1].removesuffix("_"))
        known = signatures.get(name.split(".")[-1], known)
        if known and r.random() < 0.7:
            arguments, keywords = nearly_right(r, r.choice(known))
        else:
            arguments = [argument(r) for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4, 5, 8]))]
            if bound and r.random() < 0.97:
                arguments.insert(0, receiver(r, name))
            keywords = {r.choice(names): argument(r) for _ in range(r.choice([0, 0, 0, 1, 2]))}
        # a list that empties itself is spent when it is printed: its length is what counts
        text = (
            f"{seed}/{k}: {name}({', '.join(map(type_or_text, arguments))}, **{sorted(keywords)})"
        )
        os.pwrite(log, text.encode("ascii", "replace").ljust(2000)[:2000], 0)
        try:
            look(function(*arguments, **keywords))
            results += 1
        except SystemError:
            raise
        except Exception:
            pass
        if k % 500 == 0:
            torch.cpu.set_cache_limit(2**24)
    assert torch.ones(2).sum() == 2
    print(f"{len(every)} names, {calls} calls, {results} results")


def type_or_text(value):
    return "Shrinking" if isinstance(value, Shrinking) else short(value)


if __name__ == "__main__":
    path = sys.argv[3]
    main(int(sys.argv[1]), int(sys.argv[2]), os.open(path, os.O_RDWR | os.O_CREAT))
