"""An interpreter of pickles that only builds data.

It knows the opcodes that Python's pickler writes in protocols 2 to 5. A name in the pickle is
looked up with `find`, never imported; a call is made only to what the name's entry allows.
Everything is checked as it comes: lengths against what is there, memory against a limit, and the
work of hashing.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .errors import FileError
from .registry import Known

LIMIT = 512 << 20  # bytes that the objects may take beyond the size of the pickle
MAX_INT = 4096  # bytes of an int
MAX_MARKS = 10_000  # containers in construction inside each other
MAX_EQUAL_HASHES = 1000

_INTS = {size: struct.Struct(code) for size, code in ((2, "<H"), (4, "<I"), (8, "<Q"))}
_unpack_number4 = struct.Struct("<I").unpack_from
_from_bytes = int.from_bytes

# what a tuple's or key's hash visits once, and at no file's choice
_PLAIN = frozenset((str, bytes, float, bool, type(None)))
_FLAT = _PLAIN | {int, list, dict, set}

_STOP = ord(".")
# opcodes of numbers: bytes, how struct calls it with its opcode, what unpacks one, the opcode
_RUNS = {
    ord("K"): (2, "xB", struct.Struct("<B").unpack_from, b"K"),
    ord("M"): (3, "xH", struct.Struct("<H").unpack_from, b"M"),
    ord("J"): (5, "xi", struct.Struct("<i").unpack_from, b"J"),
    ord("G"): (9, "xd", struct.Struct(">d").unpack_from, b"G"),
}


class Unpickler:
    """`Unpickler(data, find, persistent, error).load()` is the object.

    find(module, name) gives the Known entry of a name; persistent(id) the object that stands
    outside the pickle; error(text, ...) makes the exception. `strings` is the encoding of Python
    2's byte strings, None where there are none.
    """

    strings: str | None = None

    def __init__(
        self,
        data: bytes,
        find: Callable[[str, str], Known],
        persistent: Callable[[Any], Any],
        error: Callable[..., FileError],
        limit: int = LIMIT,
    ) -> None:
        self.data = data
        self.at = 0
        self.find = find
        self.persistent = persistent
        self.error = error
        self.left = limit + len(data)
        self.limit = limit
        self.hashing = 10 * len(data) + 1_000_000  # objects that may still be hashed inside keys
        self.hashes: dict[int, int] = {}  # of keys whose hash can be chosen
        self.weights: dict[int, tuple[tuple, int]] = {}  # nested tuples and what is inside them
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []  # stacks below the marks
        self.memo: dict[int, Any] = {}
        self.entries: dict[int, Known] = {}  # by id of the value, which the entry keeps alive
        self.types: dict[type, Known] = {}

    def load(self) -> Any:
        """The object. FileError for whatever is wrong."""
        try:
            return self._run()
        except FileError:
            raise
        except (IndexError, struct.error):
            raise self._broken("a value is missing") from None
        except KeyError as problem:  # of the memo: all else that is looked up is checked
            raise self._broken(f"object {problem} is unknown") from None
        except RecursionError:
            raise self._broken("objects are nested too deep") from None

    def _run(self) -> Any:
        """The opcodes that large pickles consist of stand here, without a call."""
        data, end, memo, marks = self.data, len(self.data), self.memo, self.marks
        stack, at, left = self.stack, 0, self.left
        while at < end:
            code = data[at]
            at += 1
            if code == 0x8C:  # a short text
                start = at + 1
                stop = start + data[at]
                piece = data[start:stop]
                if stop > end or not piece.isascii():
                    self.at = at
                    self.unicode(1)
                    left = self.left
                else:
                    left -= 60 + stop - at
                    stack.append(piece.decode())
                at = stop
                if at < end and data[at] == 0x94:
                    left -= 100
                    memo[len(memo)] = stack[-1]
                    at += 1
            elif code == 0x94:  # the memo gets the last object
                left -= 100
                memo[len(memo)] = stack[-1]
            elif code == 0x68:  # an object of the memo
                left -= 16
                stack.append(memo[data[at]])
                at += 1
            elif code == 0x28 and len(marks) < MAX_MARKS:
                left -= 64
                marks.append(stack)
                self.stack = stack = []
            elif code == 0x7D:  # an empty dict
                left -= 96
                stack.append({})
            elif code == 0x75 and marks:  # keys and values of a dict
                items, self.stack = stack, marks.pop()
                stack = self.stack
                keys, target = items[::2], stack[-1]
                self.at, self.left = at, left
                even = len(items) == 2 * len(keys)
                if even and type(target) is dict and _PLAIN.issuperset(map(type, keys)):
                    left -= 104 * len(keys)
                    target.update(zip(keys, items[1::2]))
                else:
                    self.update(target, items)
                    left = self.left
            elif code in _RUNS:  # an int or a float, of which many may follow each other
                size, letters, numbers, opcode = _RUNS[code]
                if data[at + size - 1] == code:
                    codes = data[at - 1 : at - 1 + 1000 * size : size]
                    n = min(len(codes) - len(codes.lstrip(opcode)), (end - at + 1) // size)
                    left -= 48 * n
                    stack += struct.unpack_from("<>"[code == 0x47] + letters * n, data, at - 1)
                    at += n * size - 1
                else:
                    left -= 48
                    stack += numbers(data, at)
                    at += size - 1
            elif code == 0x6A:  # an object of the memo
                left -= 16
                stack.append(memo[_unpack_number4(data, at)[0]])
                at += 4
            elif code == 0x8A:  # a larger int
                stop = at + 1 + data[at]
                if stop > end:
                    raise self._broken("a value is missing")
                left -= 56 + 2 * (stop - at)
                stack.append(_from_bytes(data[at + 1 : stop], "little", signed=True))
                at = stop
            elif code == 0x86 and _FLAT.issuperset(map(type, stack[-2:])):  # a pair
                last = stack.pop()
                stack[-1] = (stack[-1], last)
                left -= 80
            else:
                self.at, self.left = at, left
                if code == _STOP:
                    if at != end or len(stack) != 1 or marks:
                        raise self._broken("it does not end with one object")
                    return stack[0]
                _DISPATCH[code](self)
                stack, at, left = self.stack, self.at, self.left
            if left < 0:
                self.left = left
                self.charge(0)
        self.at = at
        raise self._broken("it has no end")

    def _broken(self, *text: Any) -> FileError:
        return self.error(f"the pickle is damaged near byte {self.at}: ", *text)

    def _refused(self, code: int) -> FileError:
        return self._broken(f"opcode {code:#04x} is none that a load knows")

    # pieces

    def take(self, n: int) -> bytes:
        """The next n bytes."""
        data = self.data[self.at : self.at + n]
        if len(data) < n:
            raise self._broken(f"it ends within {n} bytes")
        self.at += n
        return data

    def number(self, size: int) -> int:
        """An unsigned number of that many bytes."""
        return self.take(1)[0] if size == 1 else _INTS[size].unpack(self.take(size))[0]

    def line(self) -> str:
        """The text up to the next line end."""
        end = self.data.find(b"\n", self.at, self.at + 1000)
        if end < 0:
            raise self._broken("a name does not end")
        text = self.take(end - self.at)
        self.at += 1
        return self.text(text)

    def text(self, data: bytes) -> str:
        """Text in UTF-8."""
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as problem:
            raise self._broken("a text is not UTF-8: ", problem) from None

    def charge(self, n: int) -> None:
        """Counts bytes of memory that objects take."""
        self.left -= n
        if self.left < 0:
            raise self.error(
                f"the pickle describes objects of more than {self.limit >> 20} MiB beyond its own "
                "size; load(..., limit=) sets the limit"
            )

    def push(self, value: Any, cost: int = 32) -> None:
        """Puts an object on the stack."""
        self.charge(cost + 16)
        self.stack.append(value)

    def pop(self) -> Any:
        """Takes an object from the stack."""
        if not self.stack:
            raise self._broken("a value is missing")
        return self.stack.pop()

    def top(self) -> Any:
        """The object that stays on the stack."""
        if not self.stack:
            raise self._broken("a value is missing")
        return self.stack[-1]

    def mark(self) -> None:
        """Begins a row of objects."""
        if len(self.marks) >= MAX_MARKS:
            raise self._broken(f"containers are nested more than {MAX_MARKS} deep")
        self.charge(64)
        self.marks.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[Any]:
        """Ends a row of objects; the row."""
        if not self.marks:
            raise self._broken("a mark is missing")
        items, self.stack = self.stack, self.marks.pop()
        return items

    # containers

    def push_tuple(self, items: Any) -> None:
        """Puts a tuple on the stack."""
        value = tuple(items)
        self.weigh(value)
        self.push(value, 48 + 8 * len(value))

    def weigh(self, value: tuple) -> None:
        """Remembers how many objects a tuple's hash visits, where tuples are inside."""
        if _FLAT.issuperset(map(type, value)):
            return
        if any(isinstance(item, tuple) for item in value):
            weight = 1 + sum(self.weight(item) for item in value)
            self.charge(200)
            self.weights[id(value)] = value, min(weight, 1 << 60)

    def weight(self, value: Any) -> int:
        """How many objects the hash of a value visits."""
        if not isinstance(value, tuple):
            return 1
        known = self.weights.get(id(value))
        return known[1] if known else 1 + len(value)

    def check_keys(self, keys: list[Any]) -> None:
        """FileError unless the keys can be hashed, at a cost that fits the pickle's size."""
        if _PLAIN.issuperset(map(type, keys)):
            return
        for key in keys:
            kind = type(key)
            if kind in _PLAIN:
                continue
            if kind is int and -(1 << 60) < key < 1 << 60:
                continue
            weight = self.weight(key)
            self.hashing -= weight
            # a deep tuple's hash would need as deep a stack
            if self.hashing < 0 or (weight > 1000 and id(key) in self.weights):
                raise self.error("the pickle has keys that take too long to hash")
            try:
                value = hash(key)
            except Exception as problem:
                raise self._broken("a key cannot be hashed: ", problem) from problem
            count = self.hashes[value] = self.hashes.get(value, 0) + 1
            self.charge(100)
            if count > MAX_EQUAL_HASHES:
                raise self.error(f"the pickle has more than {MAX_EQUAL_HASHES} keys of equal hash")

    def append(self, target: Any, items: list[Any]) -> None:
        """Adds items to a list."""
        self.charge(9 * len(items))
        if type(target) is list:
            target.extend(items)
        elif self.is_free(target) and hasattr(target, "append"):
            self.call(lambda: [target.append(item) for item in items])
        else:
            raise self._broken(f"expected a list, got {type(target).__name__}")

    def update(self, target: Any, items: list[Any]) -> None:
        """Adds keys and values to a dict."""
        if len(items) % 2:
            raise self._broken("a key has no value")
        keys, values = items[::2], items[1::2]
        self.check_keys(keys)
        self.charge(104 * len(keys))
        if type(target) is dict:
            target.update(zip(keys, values))
        elif type(target) is OrderedDict or self.is_free(target):
            self.call(lambda: [target.__setitem__(k, v) for k, v in zip(keys, values)])
        else:
            raise self._broken(f"expected a dict, got {type(target).__name__}")

    def add(self, target: Any, items: list[Any]) -> None:
        """Adds items to a set."""
        self.check_keys(items)
        self.charge(64 * len(items))
        if type(target) is not set:
            raise self._broken(f"expected a set, got {type(target).__name__}")
        target.update(items)

    # names and calls

    def push_global(self, module: Any, name: Any) -> None:
        """Puts what a name stands for on the stack."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise self._broken("expected a module and a name")
        known = self.find(module, name)
        self.entries[id(known.value)] = known
        if isinstance(known.value, type):
            self.types[known.value] = known
        self.push(known.value)

    def entry(self, value: Any) -> Known:
        """The entry of a function or class that the pickle calls."""
        known = self.entries.get(id(value))
        if known is None:
            raise self._broken(f"a {type(value).__name__} is called")
        return known

    def is_free(self, value: Any) -> bool:
        """Whether the user vouches for the object's class."""
        return any(cls in self.types and self.types[cls].free for cls in type(value).__mro__)

    def call(self, function: Callable, *args: Any, **kwargs: Any) -> Any:
        """Calls what builds an object; its errors are the file's."""
        try:
            return function(*args, **kwargs)
        except (FileError, MemoryError):
            raise
        except Exception as problem:
            kind = type(problem).__name__
            raise self._broken(f"an object cannot be built: {kind}: {problem}") from problem

    def reduce(self) -> None:
        """function, arguments -> result"""
        args, function = self.pop(), self.pop()
        known = self.entry(function)
        if known.build is None or type(args) is not tuple:
            raise self._broken(f"{_called(function)} is called")
        for items in args if function in (set, frozenset) else ():
            self.check_keys(list(items) if isinstance(items, list | tuple) else [])
        cost = sum(len(a) for a in args if isinstance(a, str | bytes | list | tuple))
        self.charge(64 * cost)
        self.push_made(self.call(known.build, *args), 100)

    def new(self, args: Any, kwargs: Any) -> None:
        """class, arguments -> instance"""
        cls = self.pop()
        known = self.entry(cls)
        good = type(args) is tuple and type(kwargs) is dict and all(type(k) is str for k in kwargs)
        if not known.new or not good or not (known.free or not (args or kwargs)):
            raise self._broken(f"an instance of {_called(cls)} is made from arguments")
        self.push_made(self.call(cls.__new__, cls, *args, **kwargs), 300)

    def push_made(self, value: Any, cost: int) -> None:
        """Puts what a call has made on the stack."""
        if isinstance(value, tuple):
            self.weigh(value)
        self.push(value, cost)

    def build(self) -> None:
        """object, state -> object"""
        state, value = self.pop(), self.top()
        known = self.types.get(type(value))
        if not (known and known.new) and not self.is_free(value):
            raise self._broken(f"a {type(value).__name__} gets a state")
        if known and known.state:
            self.call(known.state, value, state)
            return
        setstate = getattr(value, "__setstate__", None)
        if setstate is not None:
            self.call(setstate, state)
            return
        slots: Any = {}
        if type(state) is tuple and len(state) == 2:
            state, slots = state
        for part in (state or {}, slots or {}):
            if type(part) is not dict or not all(type(name) is str for name in part):
                raise self._broken("expected a state of names and values")
        if state:
            self.charge(100 * len(state))
            self.call(lambda: value.__dict__.update(state))
        for name, item in (slots or {}).items():
            if not any(name in _slots_of(cls) for cls in type(value).__mro__):
                raise self._broken(f"{type(value).__name__} has no slot {name!r}")
            self.call(setattr, value, name, item)

    # the memo

    def put(self, number: int) -> None:
        """Remembers the object on top."""
        self.charge(100)
        self.memo[number] = self.top()

    # opcodes with something to check

    def frame(self) -> None:
        """The length of what follows; the pickler writes it for readers of streams."""
        if self.number(8) > len(self.data) - self.at:
            raise self._broken("a frame is longer than the pickle")

    def proto(self) -> None:
        """The version."""
        if not 2 <= self.number(1) <= 5:
            raise self._broken("expected protocol 2 to 5")

    def bytes(self, size: int) -> None:
        """Bytes after their length."""
        data = self.take(self.number(size))
        self.push(data, 40 + len(data))

    def bytearray(self) -> None:
        """A bytearray after its length."""
        data = self.take(self.number(8))
        self.push(bytearray(data), 64 + 2 * len(data))

    def unicode(self, size: int) -> None:
        """Text after its length."""
        data = self.take(self.number(size))
        # up to four bytes for a character, of which UTF-8 has one where the widest one is four
        self.charge(len(data) if data.isascii() else 4 * len(data))
        self.push(self.text(data), 60)

    def string(self, size: int) -> None:
        """Python 2's byte string after its length."""
        if self.strings is None:
            raise self._broken("it has byte strings of Python 2")
        data = self.take(self.number(size))
        self.charge(2 * len(data))
        self.push(
            data if self.strings == "bytes" else data.decode(self.strings, "surrogateescape"), 60
        )

    def long(self, size: int) -> None:
        """An int after the number of its bytes."""
        n = self.number(size)
        if n > MAX_INT:
            raise self._broken(f"expected ints of at most {MAX_INT} bytes, got {n}")
        self.push(int.from_bytes(self.take(n), "little", signed=True), 40 + 2 * n)

    def stack_global(self) -> None:
        """A name from the stack."""
        name, module = self.pop(), self.pop()
        self.push_global(module, name)

    def dict(self) -> None:
        """A dict from a row."""
        items = self.pop_mark()
        target: Any = {}
        self.update(target, items)
        self.push(target, 64)

    def frozen(self) -> None:
        """A frozenset from a row."""
        items = self.pop_mark()
        self.check_keys(items)
        self.push(frozenset(items), 216 + 64 * len(items))

    def new_with_keywords(self) -> None:
        """class, arguments, keywords -> instance"""
        kwargs, args = self.pop(), self.pop()
        self.new(args, kwargs)

    def set_item(self) -> None:
        """dict, key, value -> dict"""
        value, key = self.pop(), self.pop()
        self.update(self.top(), [key, value])

    def extend(self) -> None:
        """list, row -> list"""
        items = self.pop_mark()
        self.append(self.top(), items)

    def set_items(self) -> None:
        """dict, row -> dict"""
        items = self.pop_mark()
        self.update(self.top(), items)

    def add_items(self) -> None:
        """set, row -> set"""
        items = self.pop_mark()
        self.add(self.top(), items)

    def append_one(self) -> None:
        """list, item -> list"""
        item = self.pop()
        self.append(self.top(), [item])

    def last(self, n: int) -> list[Any]:
        """The last n objects, taken from the stack."""
        if len(self.stack) < n:
            raise self._broken("a value is missing")
        items = self.stack[len(self.stack) - n :]
        del self.stack[len(self.stack) - n :]
        return items


def _called(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}" if hasattr(value, "__qualname__") else "it"


def _slots_of(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _refuse(code: int) -> Callable[[Unpickler], None]:
    def refuse(self: Unpickler) -> None:
        raise self._refused(code)

    return refuse


# The opcodes of Python's pickletools, protocols 2 to 5, that the pickler writes, but for those that
# stand in `_run`.
_OPCODES: dict[Any, Callable[[Unpickler], Any]] = {
    0x80: Unpickler.proto,
    0x95: Unpickler.frame,
    "(": Unpickler.mark,
    "0": lambda self: self.pop_mark() if not self.stack else self.pop(),
    "1": Unpickler.pop_mark,
    "N": lambda self: self.push(None, 0),
    0x88: lambda self: self.push(True, 0),
    0x89: lambda self: self.push(False, 0),
    0x8B: lambda self: self.long(4),
    "X": lambda self: self.unicode(4),
    0x8D: lambda self: self.unicode(8),
    "B": lambda self: self.bytes(4),
    "C": lambda self: self.bytes(1),
    0x8E: lambda self: self.bytes(8),
    0x96: Unpickler.bytearray,
    "T": lambda self: self.string(4),
    "U": lambda self: self.string(1),
    "]": lambda self: self.push([], 72),
    "a": Unpickler.append_one,
    "e": Unpickler.extend,
    ")": lambda self: self.push((), 0),
    "t": lambda self: self.push_tuple(self.pop_mark()),
    0x85: lambda self: self.push_tuple(self.last(1)),
    0x86: lambda self: self.push_tuple(self.last(2)),
    0x87: lambda self: self.push_tuple(self.last(3)),
    "d": Unpickler.dict,
    "s": Unpickler.set_item,
    "u": Unpickler.set_items,
    0x8F: lambda self: self.push(set(), 232),
    0x90: Unpickler.add_items,
    0x91: Unpickler.frozen,
    "q": lambda self: self.put(self.number(1)),
    "r": lambda self: self.put(self.number(4)),
    "Q": lambda self: self.push(self.persistent(self.pop()), 200),
    "c": lambda self: self.push_global(self.line(), self.line()),
    0x93: Unpickler.stack_global,
    "R": Unpickler.reduce,
    0x81: lambda self: self.new(self.pop(), {}),
    0x92: Unpickler.new_with_keywords,
    "b": Unpickler.build,
}
_CODES = {ord(c) if isinstance(c, str) else c: method for c, method in _OPCODES.items()}
_DISPATCH = [_CODES.get(code, _refuse(code)) for code in range(256)]
