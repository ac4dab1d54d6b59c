"""Replacing a file as a whole: the old one or the new one, whatever happens meanwhile.

The new file is written under a name of its own in the same folder, forced to the disk, and renamed;
then the folder is forced to the disk, too. The name is `.NAME.torch-tmp-PID-`, eight digits for the
machine, and eight random ones. The writer holds a lock (flock) on it, which ends with its process:
a file with such a name that nobody has locked was left by a killed process, and the next save into
the folder removes it. Not all folders that machines share tell one about another's locks; what
another machine has left stays for a day.
"""

import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import _C

from . import streams

_LEFT = re.compile(r"\..*\.torch-tmp-\d+-[0-9a-f]{16}", re.DOTALL)
_LONGEST = 255  # bytes of a file's name
_MACHINE = f"{_C._crc32c(os.uname().nodename.encode()):08x}"
_DAY = 86400  # seconds
_MANY = 10_000  # files of a folder that are looked through before each save
_due: dict[str, float] = {}  # when larger folders are looked through again


def is_replaceable(path: Any) -> bool:
    """Whether a file can stand in place of what the path names: no pipe, no device."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        folder, name = os.path.split(os.fsdecode(path))
        if name in ("", ".", "..") or not os.path.isdir(folder or "."):
            raise
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
    """Removes what killed processes have left in a folder.

    Where there are very many files, not at every save, but rarely enough to take a hundredth of the
    time.
    """
    start = time.monotonic()
    if start < _due.get(folder, 0):
        return
    try:
        with os.scandir(folder) as entries:
            every = [entry.name for entry in entries]
    except OSError:
        return  # a folder may be writable and not readable
    names = [name for name in every if name[0] == "." and _LEFT.fullmatch(name)]
    if len(every) > _MANY:
        now = time.monotonic()
        _due[folder] = now + 100 * (now - start)
    for name in names:
        path = os.path.join(folder, name)
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # gone, or somebody else's
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = os.fstat(fd)
            ours = name[-16:-8] == _MACHINE or time.time() - found.st_mtime > _DAY
            if ours and stat.S_ISREG(found.st_mode):
                os.unlink(path)
        except OSError:
            pass  # its writer is alive
        finally:
            os.close(fd)


def _keep_owner_and_mode(fd: int, old: os.stat_result) -> None:
    new = os.fstat(fd)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
        except OSError:
            pass  # only root gives files away
    os.fchmod(fd, old.st_mode & 0o777)


def _sync_folder(folder: str, fd: int) -> None:
    """Forces a folder's names to the disk; fd is a file in it."""
    try:
        folder_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # it may be written and not be read
        os.fsync(fd)  # the best there is: journals have the name before it
        return
    try:
        os.fsync(folder_fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EROFS):  # file systems without it
            raise
    finally:
        os.close(folder_fd)


class Replacement:
    """`with Replacement(path) as fd:` the file's new content is written to fd.

    Leaving the block puts it in place of the old file; leaving it with an error removes it and
    leaves the old file whole. A symbolic link stays one: the file it names is replaced. Mode and,
    where allowed, owner stay; hard links go on naming the old file. OSError where the system
    refuses, PermissionError also for an old file that may not be written. Should the folder's fsync
    fail, which comes last, the new file is in place, but may not outlive the machine.
    """

    _fd = -1
    _path = ""  # of the temporary file, while there is one

    def __init__(self, path: Any, fsync: bool = True) -> None:
        self._target = os.path.realpath(os.fsdecode(path))
        self._folder, self._name = os.path.split(self._target)
        self._fsync = fsync

    def __enter__(self) -> int:
        sweep(self._folder)
        try:
            old = self._stat_old()
            # no wider than the old file's, also before it is in place
            self._create(old.st_mode & 0o777 if old else 0o666)
            if old:
                _keep_owner_and_mode(self._fd, old)
        except BaseException as error:
            self._undo()
            if isinstance(error, OSError):
                error.filename = self._target  # rather than a name the user never gave
            raise
        return self._fd

    def _stat_old(self) -> os.stat_result | None:
        try:
            old = os.stat(self._target)
        except FileNotFoundError:
            return None
        # renaming asks for the folder's permission alone
        effective = os.access in os.supports_effective_ids
        if not os.access(self._target, os.W_OK, effective_ids=effective):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), self._target)
        return old

    def _create(self, mode: int) -> None:
        """A new locked file."""
        while True:
            end = f".torch-tmp-{os.getpid()}-{_MACHINE}{os.urandom(4).hex()}"
            kept = os.fsencode(self._name)[: _LONGEST - 1 - len(end)].decode("utf-8", "ignore")
            self._path = os.path.join(self._folder, f".{kept}{end}")
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._fd = os.open(self._path, flags, mode)
            if _lock(self._fd) and os.fstat(self._fd).st_nlink:
                return
            self._close()  # another save swept it before it was locked

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self._undo()
            return
        try:
            if self._fsync:
                os.fsync(self._fd)
            os.rename(self._path, self._target)
            self._path = ""
        except BaseException:
            self._undo()
            raise
        try:
            if self._fsync:
                _sync_folder(self._folder, self._fd)
        finally:
            self._close()

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        os.close(fd)

    def _undo(self) -> None:
        """Removes the temporary file; what went wrong before is what the user should hear of."""
        try:
            if self._path:
                os.unlink(self._path)
        except OSError:
            pass  # it is in place, or a later save removes it
        self._path = ""
        try:
            if self._fd >= 0:
                self._close()
        except OSError:
            pass

    def __del__(self) -> None:
        if self._path or self._fd >= 0:  # an interrupt came between two lines of the above
            self._undo()


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
