"""Pickles that were made to do harm: FileError, soon, and nothing else happens."""

import io
import pickle
import struct
import time
from collections import OrderedDict

import pytest
import torch
from harness import run
from torch.serialization import FileError, archive, streams
from torch.serialization.registry import find
from torch.serialization.unpickler import LIMIT, Unpickler


def refuse(*text):
    return FileError("".join(map(str, text)))


def safe(data, limit=LIMIT):
    """What the reader makes of a pickle."""
    return Unpickler(data, find, refuse_id, refuse, limit).load()


def refuse_id(name):
    raise refuse("no such thing: ", name)


def in_a_file(data):
    f = io.BytesIO()
    archive.write(streams.ObjectSink(f), archive.Parts(data, {}, [], []), [])
    f.seek(0)
    return f


def calling(function, *args):
    class Evil:
        def __reduce__(self):
            return function, args

    return pickle.dumps([Evil()], 2)


def test_agrees_with_pickle(rng):
    def value(depth):
        kind = rng.integers(14 if depth else 9)
        n = int(rng.integers(6))
        if kind < 9:
            return [
                None, True, int(rng.integers(-(2**40), 2**40)), float(rng.normal()), "x" * n,
                rng.bytes(n), n, 10 ** int(rng.integers(600)), 1j * n,
            ][kind]  # fmt: skip
        items = [value(depth - 1) for _ in range(n)]
        keys = [value(0) for _ in range(n)]
        return [
            items,
            tuple(items),
            dict(zip(keys, items)),
            set(keys),
            OrderedDict(zip(keys, items)),
        ][kind - 9]

    for _ in range(300):
        obj = value(4)
        for protocol in (2, 3, 4, 5):
            data = pickle.dumps(obj, protocol, fix_imports=False)
            assert repr(safe(data)) == repr(pickle.loads(data))


NUMBERS = [
    lambda i: i % 256,
    lambda i: 256 + i,
    lambda i: -1 - i,
    lambda i: 10**12 * i,
    lambda i: i / 7,
    lambda i: [i % 256, 300, -5, 2**40, 0.5, "x", None, True][i % 8],
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("n", [0, 1, 2, 9, 1000, 1001])
def test_rows_of_numbers(n, number):
    """They are read many at a time."""
    items = [number(i) for i in range(n)]
    for obj in (items, tuple(items), dict.fromkeys(map(repr, items), 1), {"x": items, "y": items}):
        for protocol in (2, 4):
            data = pickle.dumps(obj, protocol)
            assert repr(safe(data)) == repr(obj)
            for end in {
                *range(max(0, len(data) - 30), len(data)),
                *range(3, len(data), 1 + n // 3),
            }:
                with pytest.raises(FileError):
                    safe(data[:end])


@pytest.mark.parametrize("trusting", [False, True])
def test_programs_are_not_run(tmp_path, trusting):
    import builtins
    import os

    witness = tmp_path / "witness"
    program = f"open({str(witness)!r}, 'w').close()"
    evils = [
        calling(os.system, f"touch {witness}"),
        calling(builtins.eval, f"open({str(witness)!r}, 'w')"),
        calling(builtins.exec, program),
        calling(builtins.getattr, "text", "join"),
        calling(builtins.__import__, "antigravity"),
        calling(__import__("subprocess").Popen, ["touch", str(witness)]),
    ]
    for evil in evils[:3] + evils[5:] if trusting else evils:
        f = in_a_file(evil)
        if trusting:
            torch.load(f, trust=True)
            time.sleep(0.05)
            assert witness.exists()
            witness.unlink()
        else:
            with pytest.raises(FileError, match=r"which a load does not build"):
                torch.load(f)
            assert not witness.exists()


def test_nothing_is_imported():
    run(
        """
import io, sys, torch
from torch.serialization import FileError, archive, streams
for module in ("antigravity", "this", "torch.nothing", "torch.nn.nothing", "torch.optimx"):
    f = io.BytesIO()
    data = b"c" + module.encode() + b"\\nName\\n."
    archive.write(streams.ObjectSink(f), archive.Parts(data, {}, [], []), [])
    f.seek(0)
    try:
        torch.load(f)
    except FileError as error:
        assert module in str(error), error
    else:
        raise AssertionError
assert not {"antigravity", "this"} & set(sys.modules)
"""
    )


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


DICT = b"ccollections\nOrderedDict\n"


@pytest.mark.parametrize(
    "data, error",
    [
        (b"", "it has no end"),
        (b"N", "it has no end"),
        (b".", "it does not end with one object"),
        (b"NN.", "it does not end with one object"),
        (b"(N.", "it does not end with one object"),
        (b"N.N", "it does not end with one object"),
        (b"\xff.", "opcode 0xff is none that a load knows"),
        (b"i", "opcode 0x69 is none"),  # INST
        (b"P1\n.", "opcode 0x50"),  # PERSID
        (b"\x82\x01.", "opcode 0x82"),  # EXT1
        (b"N2.", "opcode 0x32"),  # DUP
        (b"\x97.", "opcode 0x97"),  # NEXT_BUFFER
        (b"\x80\x06N.", "expected protocol 2 to 5"),
        (b"\x95" + struct.pack("<Q", 2**63) + b"N.", "a frame is longer than the pickle"),
        (b"\x8e" + struct.pack("<Q", 2**63) + b".", "it ends within"),
        (b"\x8d" + struct.pack("<Q", 2**50) + b".", "it ends within"),
        (b"\x96" + struct.pack("<Q", 2**50) + b".", "it ends within"),
        (b"B" + struct.pack("<I", 2**32 - 1) + b".", "it ends within"),
        (b"X" + struct.pack("<I", 2**32 - 1) + b".", "it ends within"),
        (b"\x8b" + struct.pack("<I", 2**31) + b".", "expected ints of at most 4096 bytes"),
        (b"\x8b" + struct.pack("<I", 5000) + bytes(5000) + b".", "expected ints of at most 4096"),
        (b"J\x00", "a value is missing"),
        (b"M", "a value is missing"),
        (b"G\x00", "a value is missing"),
        (b"K", "a value is missing"),
        (b"\x8c", "a value is missing"),
        (b"\x8c\x05a", "it ends within"),
        (b"\x8c\x02a\xff.", "a text is not UTF-8"),
        (b"X\x01\0\0\0\xff.", "a text is not UTF-8"),
        (b"U\x01a.", "it has byte strings of Python 2"),
        (b"h\x05.", "object 5 is unknown"),
        (b"j\x05\0\0\0.", "object 5 is unknown"),
        (b"q\x05.", "a value is missing"),
        (b"\x94.", "a value is missing"),
        (b"a.", "a value is missing"),
        (b"]a.", "a value is missing"),
        (b"NNa.", "expected a list, got NoneType"),
        (b"N(Ne.", "expected a list, got NoneType"),
        (b"e.", "a mark is missing"),
        (b"t.", "a mark is missing"),
        (b"1.", "a mark is missing"),
        (b"N\x86.", "a value is missing"),
        (b"0.", "a mark is missing"),
        (b"NNNs.", "expected a dict, got NoneType"),
        (b"}(Nu.", "a key has no value"),
        (b"}]Ns.", "a key cannot be hashed"),
        (b"(]Nd.", "a key cannot be hashed"),
        (b"](N\x90.", "expected a set, got list"),
        (b"\x8f(]\x90.", "a key cannot be hashed"),
        (b"(]\x91.", "a key cannot be hashed"),
        (b"c" + b"a" * 2000, "a name does not end"),
        (b"cos\nsystem\n.", "holds os.system, which a load does not build"),
        (b"NN\x93.", "expected a module and a name"),
        (b"N)R.", "a NoneType is called"),
        (b"})R.", "a dict is called"),
        (b"cbuiltins\nEllipsis\n)R.", "it is called"),
        (b"ctorch\nFloatTensor\nK\x05\x85R.", "torch.FloatTensor is called"),
        (b"ctorch\nFloatTensor\n)\x81.", "an instance of torch.FloatTensor is made"),
        (DICT + b"NR.", "collections.OrderedDict is called"),
        (DICT + b"]\x85R.", "an object cannot be built: TypeError"),
        (DICT + b")\x81.", "an instance of collections.OrderedDict is made"),
        (DICT + b")R}b.", "a OrderedDict gets a state"),
        (DICT + b")R]Ns.", "a key cannot be hashed"),
        (b"cbuiltins\nset\n]]a\x85R.", "a key cannot be hashed"),
        (b"cbuiltins\nset\nK\x05\x85R.", "an object cannot be built"),
        (b"cbuiltins\nrange\n" + text("x") * 3 + b"\x87R.", "an object cannot be built"),
        (b"cbuiltins\nrange\nK\x01K\x01K\x00\x87R.", "an object cannot be built: ValueError"),
        (b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.", "an object cannot be built"),
        (b"cbuiltins\ncomplex\n" + text("1j") + b"\x85R.", "an object cannot be built"),
        (b"c_codecs\nencode\n" + text("x") + text("zlib") + b"\x86R.", "expected the encoding"),
        (b"ctorch._size\nSize\n(NNl.", "opcode 0x6c"),
        (b"ctorch._size\nSize\nN\x85\x85R.", "an object cannot be built"),
        (b"]}b.", "a list gets a state"),
        (b"K\x01}b.", "a int gets a state"),
        (b"NQ.", "no such thing: None"),
        (b"(" * 20_000, "containers are nested more than 10000 deep"),
    ],
)
def test_broken_pickles(data, error):
    with pytest.raises(FileError, match=error):
        safe(data)


@pytest.mark.parametrize("name", ["t0", "s0", "t-1", "s", "", "x", "t99999999999", "d int", "t0 "])
def test_names_of_nothing(name):
    data = b"\x80\x02" + text(name) + b"Q."
    with pytest.raises(FileError, match="which the file does not hold"):
        torch.load(in_a_file(data))
    with pytest.raises(FileError, match="which the file does not hold"):
        torch.load(in_a_file(b"]Q."))


def refused(data, error, limit=LIMIT):
    """By counting what it costs, before it has cost that."""
    with pytest.raises(FileError, match=error):
        safe(data, limit)


@pytest.mark.parametrize(
    "code", [b"]", b"}", b"\x8f", b"N\x85", b"N\x94", b"K\x01", b"N(t", b"J\0\0\0\0"]
)
def test_memory_is_bounded(code):
    """One byte of a pickle can be a hundred bytes of memory."""
    refused(code * 1_000_000 + b".", "objects of more than 4 MiB beyond its own size", 4 << 20)


def test_peak_memory():
    run(
        """
import resource, sys
import torch
from torch.serialization import FileError
from torch.serialization.registry import find
from torch.serialization.unpickler import Unpickler
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for code in (b"]", b"}", b"\\x8f", b"]\\x94", b"G\\0\\0\\0\\0\\0\\0\\0\\0", b"(", b"N\\x85",
             b"X\\x03\\0\\0\\0abc",
             b"\\x96\\0\\0\\0\\0\\0\\0\\0\\0", b"(t", b"K\\xf0K\\xf0\\x86\\x85"):
    data = code * (3_000_000 // len(code))
    try:
        Unpickler(data, find, None, lambda *t: FileError(*t), 25 << 20).load()
    except FileError:
        pass
    del data
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert peak - start < 60 * 1024, (code, peak - start)
"""
    )


def test_keys_that_take_long_to_hash():
    # t = (t, t), forty times: a hash visits 2**40 tuples
    doubling = b")q\0" + b"0h\0h\0\x86q\0" * 40
    refused(b"}" + doubling + b"Ns.", "keys that take too long to hash")
    refused(b"\x8f(" + doubling + b"\x90.", "keys that take too long to hash")
    refused(b"(" + doubling + b"\x91.", "keys that take too long to hash")
    refused(b"cbuiltins\nset\n]" + doubling + b"a\x85R.", "keys that take too long to hash")
    # a tuple in a tuple in a tuple: a hash needs as deep a stack
    refused(b"})" + b"\x85" * 500_000 + b"Ns.", "keys that take too long to hash", 2 << 30)
    # one long tuple, again and again
    again = b"(" + b"N" * 100_000 + b"tq\0" + b"0}" + b"h\0Ns" * 100_000 + b"."
    refused(again, "keys that take too long to hash")


def test_keys_of_equal_hash():
    keys = b"".join(
        b"\x8a\x10" + (i * (2**61 - 1)).to_bytes(16, "little") + b"N" for i in range(1, 100_000)
    )
    refused(b"}(" + keys + b"u.", "more than 1000 keys of equal hash")


def test_what_deep_objects_do():
    depth = 100_000
    for data in (b")" + b"\x85" * depth + b".", b"N" + b"\x85" * depth + b"."):
        obj = safe(data, 1 << 30)
        while obj:
            obj = obj[0]
    items = safe(b"]" * depth + b"a" * (depth - 1) + b".", 1 << 30)
    while items:
        items = items[0]


def test_random_pickles(rng):
    good = pickle.dumps([{"a": [1, 2.5, "x", b"y"], (1, 2): {3}}, OrderedDict(a=1), 10**30], 4)
    for _ in range(20_000):
        data = bytearray(good)
        for at in rng.integers(0, len(data), rng.integers(1, 6)):
            data[at] = rng.integers(256)
        try:
            safe(bytes(data), 1 << 20)
        except FileError:
            pass
    for _ in range(5000):
        try:
            safe(rng.bytes(40), 1 << 20)
        except FileError:
            pass
