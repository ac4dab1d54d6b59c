"""Overwriting a file while processes are killed, calls of the system fail, and disks are full.

TORCH_TEST_KILLS and TORCH_TEST_FAULTS say how many of each; `ci/nox.sh -s files` runs 1000.
"""

import errno
import fcntl
import gc
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from torch.serialization import archive, atomic, streams

KILLS = int(os.environ.get("TORCH_TEST_KILLS", "50"))
FAULTS = int(os.environ.get("TORCH_TEST_FAULTS", "50"))


def names(folder):
    return sorted(os.listdir(folder))


def new(value, n=3000):
    return {"value": value, "data": torch.ones(n) * value}


def bits(obj):
    f = io.BytesIO()
    torch.save(obj, f)
    return f.getvalue()


def test_kills(tmp_path):
    script = Path(__file__).with_name("kills.py")
    command = [sys.executable, str(script), str(tmp_path), str(KILLS)]
    out = subprocess.run(command, capture_output=True, text=True)
    report = json.loads(out.stdout or "null")
    assert report, out.stderr
    assert report["problems"] == []
    assert report["kills at every call"] >= 3 * 14
    assert report["loads beside two that save"] > 0
    phases = [report[f"kills {which}"] for which in ("at random moments", "in random phases")]
    kills = [sum(kept.values()) for which in phases for kept in which.values()]
    outside = sum(sum(which.get("outside a save", {}).values()) for which in phases)
    assert sum(kills) == KILLS
    assert outside <= 0.1 * KILLS
    assert len(phases[0].keys() | phases[1].keys()) >= 5
    print(json.dumps(report, indent=1))


class Fault(Exception):
    pass


# module, name, and whether a save has to raise what it raises
CALLS = [
    (os, "open", True),
    (os, "write", True),
    (os, "fsync", True),
    (os, "rename", True),
    (os, "close", False),
    (os, "fstat", False),
    (os, "stat", True),
    (os, "fchmod", True),
    (os, "access", True),
    (os, "unlink", False),
    (os, "scandir", False),
    (fcntl, "flock", False),
    (torch._C, "_reserve", True),
]
ERRORS = {
    "ENOSPC": lambda: OSError(errno.ENOSPC, "No space left on device"),
    "EIO": lambda: OSError(errno.EIO, "Input/output error"),
    "EINTR": lambda: InterruptedError(errno.EINTR, "Interrupted system call"),
    "EDQUOT": lambda: OSError(errno.EDQUOT, "Disk quota exceeded"),
    "Fault": Fault,
    "KeyboardInterrupt": KeyboardInterrupt,
}


class Failing:
    """While it is entered, the calls of a function from the number-th on fail: `times` of them."""

    def __init__(self, module, name, number, error, times=1, part=False):
        self.module, self.name, self.numbers = module, name, range(number, number + times)
        self.error, self.part = error, part
        self.count = 0
        self.failed = False

    def __enter__(self):
        self.real = getattr(self.module, self.name)
        setattr(self.module, self.name, self._call)
        return self

    def __exit__(self, *error):
        setattr(self.module, self.name, self.real)

    def _call(self, *args, **kwargs):
        self.count += 1
        if self.count not in self.numbers:
            return self.real(*args, **kwargs)
        self.failed = True
        if self.part and self.name == "write":  # some bytes arrive before
            self.real(args[0], args[1][: len(args[1]) // 2])
        elif self.name == "close":  # the descriptor is free all the same
            self.real(*args, **kwargs)
        raise self.error()


def attempt(path, obj, failing):
    """Saves while something fails; what was raised. The file must be the old or the new one."""
    old = path.read_bytes()
    descriptors = len(os.listdir("/proc/self/fd"))
    raised = None
    with failing:
        try:
            torch.save(obj, path)
        except (Fault, OSError, KeyboardInterrupt) as error:
            raised = error
    expected = [old, bits(obj)] if raised else [bits(obj)]
    assert path.read_bytes() in expected
    torch.load(path)
    assert len(os.listdir("/proc/self/fd")) == descriptors
    return raised


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("module, name, must_raise", CALLS, ids=[name for _, name, _ in CALLS])
def test_every_call_fails(module, name, must_raise, error, tmp_path):
    path = tmp_path / "x"
    torch.save(new(0), path)
    for number in range(1, 100):
        failing = Failing(module, name, number, ERRORS[error])
        raised = attempt(path, new(number), failing)
        if failing.failed and must_raise:
            assert raised is not None
            if isinstance(raised, OSError) and name in ("open", "stat", "fchmod"):
                assert ".torch-tmp" not in str(raised)
        assert names(tmp_path) == ["x"] or name == "unlink"
        if not failing.failed:
            break
    assert number < 99
    assert number > 1 or name == "unlink"
    torch.save(new(1), path)
    assert names(tmp_path) == ["x"]


def test_random_faults(tmp_path, monkeypatch, rng):
    """Faults that stay and faults that go, on large and small files."""
    monkeypatch.setattr(streams, "PIECE", 4096)
    monkeypatch.setattr(archive, "COPIED", 4096)
    path = tmp_path / "x"
    torch.save(new(0), path)
    failed = 0
    for i in range(FAULTS):
        obj = new(i, int(rng.integers(1, 40_000)))
        module, name, must_raise = CALLS[rng.integers(len(CALLS))]
        error = list(ERRORS)[rng.integers(len(ERRORS))]
        times = 1 if rng.random() < 0.5 else 1000
        counted = Failing(module, name, 1000, Fault)
        attempt(path, new(0, len(obj["data"])), counted)
        number = int(rng.integers(1, counted.count + 1)) if counted.count else 1
        failing = Failing(module, name, number, ERRORS[error], times, part=rng.random() < 0.5)
        raised = attempt(path, obj, failing)
        failed += failing.failed
        if failing.failed and must_raise:
            assert raised is not None, (name, number, error)
        if rng.random() < 0.5:
            torch.save(1, tmp_path / "other", fsync=False)
        else:
            torch.save(new(i + 1), path)
        assert set(names(tmp_path)) <= {"other", "x"}, (name, number, error)
    assert failed > FAULTS // 2
    print(f"{failed} faults that came of {FAULTS}")


def test_unlink_fails_too(tmp_path):
    """Then a file is left, until the next save."""
    path = tmp_path / "x"
    torch.save(new(0), path)
    with Failing(os, "unlink", 1, ERRORS["EIO"], 10):
        raised = attempt(path, new(1), Failing(os, "fsync", 1, ERRORS["ENOSPC"]))
    assert raised.errno == errno.ENOSPC
    assert len(names(tmp_path)) == 2
    torch.save(new(2), path)
    assert names(tmp_path) == ["x"]


def test_the_folders_fsync_fails(tmp_path):
    """The new file is there, and the caller hears of it."""
    path = tmp_path / "x"
    torch.save(new(0), path)
    raised = attempt(path, new(1), Failing(os, "fsync", 2, ERRORS["EIO"]))
    assert isinstance(raised, OSError)
    assert torch.load(path)["value"] == 1


def interruptions(work, files):
    """Calls work() again and again, with a KeyboardInterrupt at its first, second, third ...
    instruction within those files."""
    for number in range(1, 100_000):
        count = 0

        def trace(frame, event, arg, number=number):
            nonlocal count
            if frame.f_code.co_filename not in files or frame.f_code.co_name == "__del__":
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                count += 1
                if count == number:
                    raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            work()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        yield number
        if count < number:
            return


def test_interrupts_at_every_instruction(tmp_path):
    path = tmp_path / "x"
    torch.save(new(0), path)
    old, later = bits(new(0)), bits(new(1))
    for number in interruptions(lambda: torch.save(new(1), path, fsync=False), {atomic.__file__}):
        if path.read_bytes() != old:
            assert path.read_bytes() == later
            path.write_bytes(old)
        if names(tmp_path) != ["x"]:
            gc.collect()
        assert names(tmp_path) == ["x"], number
    assert number > 100


def test_signals_interrupt_calls(tmp_path):
    """Calls that a signal ends early go on: pipes and files."""
    count = 0

    def note(number, frame):
        nonlocal count
        count += 1

    before = signal.signal(signal.SIGALRM, note)
    signal.siginterrupt(signal.SIGALRM, True)
    r, w = os.pipe()
    obj = new(1, 500_000)
    pid = os.fork()
    if pid == 0:  # passes on what comes, slowly
        os.close(w)
        try:
            with open(tmp_path / "passed", "wb") as f:
                while data := os.read(r, 5000):
                    f.write(data)
        finally:
            os._exit(0)
    os.close(r)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        with open(w, "wb", buffering=0) as f:
            torch.save(obj, f)
        torch.save(obj, tmp_path / "x")
        loaded = torch.load(tmp_path / "x")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    os.waitpid(pid, 0)
    assert count > 0
    assert loaded["data"].equal(obj["data"])
    assert (tmp_path / "passed").read_bytes() == (tmp_path / "x").read_bytes() == bits(obj)


# full disks


def test_the_largest_file(tmp_path):
    path = tmp_path / "x"
    torch.save(new(0), path)
    before = path.read_bytes()
    code = """
import resource, signal, sys, torch
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in (0, 100, 5000, 1_000_000, 1_200_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        torch.save({"value": 1, "data": torch.ones(300_000)}, sys.argv[1])
    except OSError as error:
        print(error.errno)
"""
    out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert out.stdout.split() == [str(errno.EFBIG)] * 5, out.stderr
    assert path.read_bytes() == before
    assert names(tmp_path) == ["x"]


FULL = """
import errno, os, sys, torch
folder = sys.argv[1]
path = os.path.join(folder, "x")
torch.save(torch.zeros(100_000), path)
before = open(path, "rb").read()
real = torch._C._reserve
full = 0
for reserve in (real, lambda fd, n: None):  # known at once, or by writing
    torch._C._reserve = reserve
    for free in (0, 1, 10, 50, 150, 199, 200, 300):
        filler = os.path.join(folder, "filler")
        room = os.statvfs(folder)
        with open(filler, "wb") as f:
            f.write(bytes(max(0, room.f_bavail - free) * room.f_bsize))
        try:
            torch.save(torch.ones(200_000), path)
        except OSError as error:
            assert error.errno == errno.ENOSPC, error
            assert ".torch-tmp" not in str(error), error
            assert open(path, "rb").read() == before
            full += 1
        else:
            assert torch.load(path).sum() == 200_000
            os.unlink(path)
            torch.save(torch.zeros(100_000), path)
        os.unlink(filler)
        assert os.listdir(folder) == ["x"], os.listdir(folder)
number = 0
try:  # no room for another file
    while True:
        open(os.path.join(folder, str(number)), "w").close()
        number += 1
except OSError:
    pass
try:
    torch.save(torch.ones(5), path)
except OSError as error:
    assert error.errno == errno.ENOSPC, error
    full += 1
assert open(path, "rb").read() == before
assert len(os.listdir(folder)) == number + 1
print(full)
"""


def test_full_disk(tmp_path):
    """A file system of three megabytes that only this test sees."""
    mount = "mount -t tmpfs -o size=3m,nr_inodes=20 none"
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*unshare, "sh", "-c", f"{mount} {tmp_path}"], capture_output=True
        ).returncode
    ):
        pytest.skip("no file system can be mounted: no user namespaces here")
    script = f'{mount} {tmp_path} && exec "$@"'
    command = [*unshare, "sh", "-c", script, "sh", sys.executable, "-c", FULL, str(tmp_path)]
    out = subprocess.run(command, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    assert int(out.stdout) >= 9
    assert names(tmp_path) == []


def test_fork_during_a_save(tmp_path, monkeypatch):
    """The child of another thread's fork neither disturbs the save nor leaves anything."""
    path = tmp_path / "x"
    real, children = os.write, []

    def write(fd, data):
        if not children:

            def fork():
                pid = os.fork()
                if pid == 0:
                    gc.collect()
                    os._exit(0)
                children.append(pid)

            thread = threading.Thread(target=fork)
            thread.start()
            thread.join()
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    torch.save(new(1), path)
    assert os.waitpid(children[0], 0)[1] == 0
    assert path.read_bytes() == bits(new(1))
    assert names(tmp_path) == ["x"]
