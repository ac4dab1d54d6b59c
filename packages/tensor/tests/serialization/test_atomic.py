"""Saving to a path: the old file or the new one, whatever happens meanwhile."""

import errno
import os
import stat
import subprocess
import sys
import tempfile
import time

import pytest
import torch
from torch.serialization import atomic


def names(folder):
    return sorted(os.listdir(folder))


def new(value):
    return {"value": value, "data": torch.ones(300_000) * value}


def check(path, values):
    """The file is one of those; which."""
    loaded = torch.load(path)
    assert loaded["value"] in values
    assert loaded["data"].equal(torch.ones(300_000) * loaded["value"])
    return loaded["value"]


def test_errors_are_reported(monkeypatch, tmp_path):
    path = tmp_path / "x"
    torch.save(new(0), path)
    for name in ("write", "fsync", "rename"):
        with monkeypatch.context() as patch:

            def fail(*args, **kwargs):
                raise OSError(errno.EIO, "no")

            patch.setattr(os, name, fail)
            with pytest.raises(OSError, match="no"):
                torch.save(new(1), path)
        assert check(path, (0,)) == 0
        assert names(tmp_path) == ["x"]


def test_short_writes(monkeypatch, tmp_path):
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[: max(1, len(data) // 3)]))
    torch.save(new(1), tmp_path / "x")
    check(tmp_path / "x", (1,))


def test_what_cannot_be_saved_leaves_the_old_file(tmp_path):
    path = tmp_path / "x"
    torch.save(new(0), path)
    before = os.stat(path)
    for bad in (lambda: 0, [torch.ones(3), open(__file__)]):
        with pytest.raises(TypeError):
            torch.save(bad, path)
    assert os.stat(path).st_ino == before.st_ino
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640, 0o777])
def test_the_mode_stays(tmp_path, mode):
    path = tmp_path / "x"
    torch.save(1, path)
    os.chmod(path, mode)
    torch.save(2, path)
    assert torch.load(path) == 2
    assert stat.S_IMODE(os.stat(path).st_mode) == mode


def test_a_new_file_follows_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        torch.save(1, tmp_path / "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(tmp_path / "x").st_mode) == 0o640


def test_the_mode_while_writing(tmp_path, monkeypatch):
    """What only the owner may read can be read by nobody else at any time."""
    path = tmp_path / "x"
    torch.save(1, path)
    os.chmod(path, 0o600)
    modes = []
    real = os.open

    def look(p, *args, **kwargs):
        fd = real(p, *args, **kwargs)
        if "torch-tmp" in str(p):
            modes.append(stat.S_IMODE(os.fstat(fd).st_mode))
        return fd

    monkeypatch.setattr(os, "open", look)
    torch.save(2, path)
    assert modes == [0o600]


def test_symbolic_links(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    real, link = tmp_path / "a" / "real", tmp_path / "b" / "link"
    torch.save(1, real)
    link.symlink_to("../a/real")
    torch.save(2, link)
    assert link.is_symlink()
    assert torch.load(real) == torch.load(link) == 2
    dangling = tmp_path / "b" / "dangling"
    dangling.symlink_to("../a/later")
    torch.save(3, dangling)
    assert dangling.is_symlink()
    assert torch.load(tmp_path / "a" / "later") == 3
    assert names(tmp_path / "b") == ["dangling", "link"]


@pytest.mark.parametrize("path", ["", ".", "..", "none/", "none/.", "none/../x", "none/x"])
def test_paths_of_no_file(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((FileNotFoundError, IsADirectoryError)):
        torch.save(1, path)
    with pytest.raises(OSError, match="No such file|Is a directory"):
        torch.load(path)
    torch.save(1, "x")
    with pytest.raises(NotADirectoryError):
        torch.save(1, "x/")
    with pytest.raises(ValueError, match="null byte"):
        torch.save(1, "a\0b")
    assert names(tmp_path) == ["x"]


def test_links_that_go_in_circles(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for call in (lambda: torch.save(1, tmp_path / "a"), lambda: torch.load(tmp_path / "a")):
        with pytest.raises(OSError, match="symbolic links"):
            call()
    assert names(tmp_path) == ["a", "b"]


AS_NOBODY = """
import os, sys, torch
import torch.serialization
folder = sys.argv[1]
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
def refused(call):
    try:
        call()
    except PermissionError as error:
        assert ".torch-tmp" not in str(error), error
        return
    raise AssertionError("that is not refused")
os.chdir(folder)
torch.save(1, "x")
os.chmod("x", 0o444)
refused(lambda: torch.save(2, "x"))
assert torch.load("x") == 1
os.chmod("x", 0)
refused(lambda: torch.load("x"))
os.chmod("x", 0o200)  # may be written and not be read
torch.save(3, "x")
os.chmod("x", 0o600)
assert torch.load("x") == 3
os.mkdir("d")
torch.save(1, "d/x")
os.chmod("d", 0o500)
refused(lambda: torch.save(2, "d/x"))
refused(lambda: torch.save(2, "d/y"))
assert torch.load("d/x") == 1
assert os.listdir("d") == ["x"]
os.chmod("d", 0o300)  # may be written and not be listed
torch.save(3, "d/x")
assert torch.load("d/x") == 3
os.chmod("d", 0o700)
"""


def test_permissions():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        command = [sys.executable, "-c", AS_NOBODY, folder]
        out = subprocess.run(command, capture_output=True, text=True)
        assert out.returncode == 0, out.stderr


def test_another_owner(tmp_path):
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    torch.save(1, tmp_path / "x")
    os.chown(tmp_path / "x", 65534, 65534)
    os.chmod(tmp_path / "x", 0o4640)
    torch.save(2, tmp_path / "x")
    found = os.stat(tmp_path / "x")
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 65534, 0o640)


def test_large_folders_are_swept_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic, "_MANY", 3)
    monkeypatch.setattr(atomic, "_due", {})
    scans, now = [], [0.0]
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: (scans.append(now[0]), real(folder))[1])

    def clock():
        now[0] += 0.5
        return now[0]

    monkeypatch.setattr(atomic.time, "monotonic", clock)
    stale = tmp_path / f".x.torch-tmp-1-{atomic._MACHINE}89abcdef"
    for i in range(1000):
        stale.write_bytes(b"left")
        torch.save(i, tmp_path / str(i % 5))
        if i < 3:
            assert not stale.exists()
    assert 3 < len(scans) < 20
    assert max(b - a for a, b in zip(scans[5:], scans[6:])) < 60


def test_stale_files_are_swept(tmp_path):
    stale = tmp_path / f".x.torch-tmp-1-{atomic._MACHINE}89abcdef"
    stale.write_bytes(b"left")
    others = [".x.torch-tmp-1-0123", "x.torch-tmp-1-0123456789abcdef", ".x", "y"]
    for name in others:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / f".d.torch-tmp-1-{atomic._MACHINE}89abcdef").mkdir()
    (tmp_path / f".l.torch-tmp-1-{atomic._MACHINE}89abcdef").symlink_to("y")
    torch.save(1, tmp_path / "new")
    assert names(tmp_path) == sorted(
        [
            *others,
            "new",
            f".d.torch-tmp-1-{atomic._MACHINE}89abcdef",
            f".l.torch-tmp-1-{atomic._MACHINE}89abcdef",
        ]
    )


def test_what_other_machines_left(tmp_path):
    """It may be in use there, whatever the lock says: it is removed a day later."""
    other = "0" * 8 if atomic._MACHINE != "0" * 8 else "1" * 8
    left = tmp_path / f".x.torch-tmp-1-{other}89abcdef"
    left.write_bytes(b"left")
    torch.save(1, tmp_path / "x")
    assert left.exists()
    now = time.time()
    os.utime(left, (now, now - 90_000))
    torch.save(1, tmp_path / "x")
    assert names(tmp_path) == ["x"]


def test_files_that_are_being_written_stay(tmp_path):
    with atomic.Replacement(tmp_path / "slow") as fd:
        (mine,) = names(tmp_path)
        torch.save(1, tmp_path / "quick")
        assert names(tmp_path) == [mine, "quick"]
        os.write(fd, b"done")
    assert names(tmp_path) == ["quick", "slow"]
    assert (tmp_path / "slow").read_bytes() == b"done"


def test_swept_before_it_was_locked(tmp_path, monkeypatch):
    """Another process may take a file for stale in the moment before it is locked."""
    real, swept = atomic._lock, []

    def sweep_first(fd):
        if not swept:
            swept.append(1)
            atomic.sweep(str(tmp_path))
        return real(fd)

    monkeypatch.setattr(atomic, "_lock", sweep_first)
    torch.save(5, tmp_path / "x")
    assert names(tmp_path) == ["x"]
    assert torch.load(tmp_path / "x") == 5


def test_file_systems_without_locks(tmp_path, monkeypatch):
    def refuse(fd, how):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(atomic.fcntl, "flock", refuse)
    torch.save(5, tmp_path / "x")
    assert names(tmp_path) == ["x"]


def test_threads_that_save_to_one_path(tmp_path):
    import threading

    def work(value):
        for _ in range(10):
            torch.save(new(value), tmp_path / "x", fsync=False)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(tmp_path / "x", range(4))
    assert names(tmp_path) == ["x"]


def test_long_and_odd_names(tmp_path):
    for name in ("n" * 255, "\u00e4" * 127, "a b\n", ".hidden"):
        torch.save(1, tmp_path / name)
        assert torch.load(tmp_path / name) == 1
    odd = os.fsencode(tmp_path) + b"/\xff\xfe"
    torch.save(2, odd)
    assert torch.load(odd) == 2
    assert len(names(tmp_path)) == 5


def test_fsync(tmp_path, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_mode), real(fd)))
    torch.save(1, tmp_path / "x")
    assert [stat.S_ISDIR(mode) for mode in synced] == [False, True]
    torch.save(1, tmp_path / "x", fsync=False)
    assert len(synced) == 2


def test_relative_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(1, "x")
    assert torch.load("x") == 1


def test_no_descriptor_is_left(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        torch.save(torch.ones(10), tmp_path / "x")
        x = torch.load(tmp_path / "x", mmap=True)
        torch.load(tmp_path / "x")
    assert len(os.listdir("/proc/self/fd")) == before
    assert x.sum() == 10
