"""Replacing a file as a whole: the old one or the new one, whatever happens meanwhile.

The new file is written under a name of its own in the same folder, forced to the disk, and renamed;
then the folder is forced to the disk, too. The name is `.NAME.torch-tmp-PID-RANDOM`, and the writer
holds a lock (flock) on it, which ends with its process: a file with such a name that nobody has
locked was left by a killed process, and the next save into the folder removes it.
"""

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import streams

_LEFT = re.compile(r"\..*\.torch-tmp-\d+-[0-9a-f]{16}", re.DOTALL)
_LONGEST = 255  # bytes of a file's name


def is_replaceable(path: Any) -> bool:
    """Whether a file can stand in place of what the path names: no pipe, no device."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    return stat.S_ISREG(mode)


def _lock(fd: int) -> bool:
    """Whether the file is ours now: False where another process has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks: nothing is swept there
        if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL):
            raise
    return True


def sweep(folder: str) -> None:
    """Removes what killed processes have left in a folder."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _LEFT.fullmatch(entry.name)]
    except OSError:
        return  # a folder may be writable and not readable
    for name in names:
        path = os.path.join(folder, name)
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # gone, or somebody else's
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stat.S_ISREG(os.fstat(fd).st_mode):
                os.unlink(path)
        except OSError:
            pass  # its writer is alive
        finally:
            os.close(fd)


def _create(folder: str, name: str, mode: int) -> tuple[int, str]:
    """A new locked file in the folder: descriptor and path."""
    while True:
        end = f".torch-tmp-{os.getpid()}-{os.urandom(8).hex()}"
        kept = os.fsencode(name)[: _LONGEST - 1 - len(end)].decode("utf-8", "ignore")
        path = os.path.join(folder, f".{kept}{end}")
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            if _lock(fd) and os.fstat(fd).st_nlink:
                return fd, path
        except BaseException:
            os.close(fd)
            os.unlink(path)
            raise
        os.close(fd)  # another save swept it before it was locked


def _keep_owner_and_mode(fd: int, old: os.stat_result) -> None:
    new = os.fstat(fd)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
        except OSError:
            pass  # only root gives files away
    os.fchmod(fd, stat.S_IMODE(old.st_mode))


def _sync_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS):  # file systems without it
            raise
    finally:
        os.close(fd)


class Replacement:
    """`with Replacement(path) as fd:` the file's new content is written to fd.

    Leaving the block puts it in place of the old file; leaving it with an error removes it and
    leaves the old file whole. A symbolic link stays one: the file it names is replaced. Mode and,
    where allowed, owner stay; hard links go on naming the old file.
    """

    def __init__(self, path: Any, fsync: bool = True) -> None:
        self._target = os.path.realpath(os.fsdecode(path))
        self._fsync = fsync

    def __enter__(self) -> int:
        folder, name = os.path.split(self._target)
        self._folder = folder
        sweep(folder)
        try:
            old = os.stat(self._target)
        except FileNotFoundError:
            old = None
        # no wider than the old file's, also before it is in place
        try:
            mode = stat.S_IMODE(old.st_mode) if old else 0o666
            self._fd, self._path = _create(folder, name, mode)
        except OSError as error:
            error.filename = self._target  # rather than a name the user never gave
            raise
        try:
            if old:
                _keep_owner_and_mode(self._fd, old)
        except BaseException:
            self._undo()
            raise
        return self._fd

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self._undo()
            return
        try:
            if self._fsync:
                os.fsync(self._fd)
            os.rename(self._path, self._target)
        except BaseException:
            self._undo()
            raise
        os.close(self._fd)
        if self._fsync:
            _sync_folder(self._folder)

    def _undo(self) -> None:
        try:
            os.unlink(self._path)
        finally:
            os.close(self._fd)


@contextmanager
def writing(op: str, f: Any, fsync: bool) -> Iterator[streams.Sink]:
    """`with writing("save", f, fsync) as sink:` where a new file's bytes go.

    f is a path, whose file is replaced when the block ends well, or a file object or device, which
    gets what comes. TypeError for what is neither; `op` begins the message.
    """
    if not streams.is_path(f):
        streams.check_file(op, f, "write")
        sink: streams.Sink = streams.ObjectSink(f)
        yield sink
        sink.flush()
        if hasattr(f, "flush"):
            f.flush()
    elif is_replaceable(f):
        with Replacement(f, fsync) as fd:
            sink = streams.DescriptorSink(fd, to_disk=fsync)
            yield sink
            sink.flush()
    else:
        with open(f, "wb", buffering=0) as file:
            sink = streams.DescriptorSink(file.fileno())
            yield sink
            sink.flush()
