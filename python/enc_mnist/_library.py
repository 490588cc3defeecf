# SPDX-License-Identifier: Apache-2.0
"""What both libraries share: functions, errors, and the life of objects."""

import ctypes
import operator
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Optional, TypeVar, Union

VERSION = "0.2.0"

Path = Union[str, "os.PathLike[str]"]
Bytes = Union[bytes, bytearray, memoryview]

POINTER = ctypes.c_void_p
TEXT = ctypes.c_char_p
SIZE = ctypes.c_size_t
U32 = ctypes.c_uint32
U64 = ctypes.c_uint64
BOOL = ctypes.c_bool
INT = ctypes.c_int
# encmnist_error **: the last argument of each function that can fail.
ERROR = ctypes.POINTER(ctypes.c_void_p)

# --- Errors ------------------------------------------------------------------


class EncMnistError(Exception):
    """What a library refuses or fails at; hint: what to do about it, or ""."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}; {self.hint}" if self.hint else self.what


class TryAgain(EncMnistError):
    """What is in the way may go away by itself."""


class Refused(EncMnistError):
    """The device will never take this file."""


class NotForDevice(EncMnistError):
    """Not as it stands: the owner can change it."""


class StorageError(EncMnistError):
    """Trusted storage is broken or full."""


_KINDS = {3: TryAgain, 4: Refused, 5: NotForDevice, 6: StorageError}

# --- Libraries ---------------------------------------------------------------

# Name without encmnist_, result, arguments. A function whose last argument is
# ERROR fails with false or NULL.
Signature = tuple[str, Any, tuple[Any, ...]]

_COMMON: tuple[Signature, ...] = (
    ("version", TEXT, ()),
    ("error_kind", INT, (POINTER,)),
    ("error_what", TEXT, (POINTER,)),
    ("error_hint", TEXT, (POINTER,)),
    ("error_free", None, (POINTER,)),
    ("free", None, (POINTER,)),
)


class Library:
    """A shared library, whose functions raise its errors."""

    def __init__(self, name: str, variable: str,
                 signatures: tuple[Signature, ...]) -> None:
        file = os.environ.get(variable) or name
        try:
            library = ctypes.CDLL(file)
        except OSError as e:
            raise OSError(f"cannot load {file}: {e}; install it, or name its "
                          f"file in {variable}") from e
        self._functions = {}
        for function, result, arguments in _COMMON + signatures:
            f = getattr(library, "encmnist_" + function)
            f.restype, f.argtypes = result, arguments
            self._functions[function] = f

    def call(self, function: str, *arguments: Any) -> Any:
        f = self._functions[function]
        if not f.argtypes or f.argtypes[-1] is not ERROR:
            return f(*arguments)
        error = ctypes.c_void_p()
        result = f(*arguments, ctypes.byref(error))
        if not result:
            raise self._take(error)
        return result

    def _take(self, error: ctypes.c_void_p) -> EncMnistError:
        try:
            return self.error(error)
        finally:
            self.call("error_free", error)

    def error(self, error: ctypes.c_void_p) -> EncMnistError:
        """The exception for an error that stays the library's."""
        kind = _KINDS.get(self.call("error_kind", error), EncMnistError)
        return kind(text(self.call("error_what", error)),
                    text(self.call("error_hint", error)))


def text(of: bytes) -> str:
    # Names of files are as the program gave them.
    return os.fsdecode(of)


# --- Arguments, which ctypes would cut off in silence ------------------------


def path_bytes(path: Path, name: str = "a path") -> bytes:
    """For a `const char *`."""
    given = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(given, str):
        raise TypeError(f"{name} is text, not {type(given).__name__}")
    if "\0" in given:
        raise ValueError(f"{name} has a NUL byte: {given!r}")
    return os.fsencode(given)


def optional_path(path: Optional[Path], name: str = "a path") -> Optional[bytes]:
    return None if path is None else path_bytes(path, name)


def unsigned(value: int, bits: int, name: str) -> int:
    number = operator.index(value)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{name} is from 0 to {(1 << bits) - 1}, not {number}")
    return number


def given(function: str, what: Union[Path, Bytes]) -> tuple[Any, ...]:
    """The function for a file or for memory, and its arguments."""
    if isinstance(what, (bytes, bytearray, memoryview)):
        data = bytes(what)
        return function + "_memory", data, len(data)
    return function + "_file", path_bytes(what)


# --- Objects -----------------------------------------------------------------


def _destroy(library: Library, function: str, handle: int, pid: int) -> None:
    # What a child of fork() has is its parent's: a session would end there.
    if os.getpid() == pid:
        library.call(function, handle)


Self = TypeVar("Self", bound="Handle")


class Handle:
    """An object of a library: for one thread at a time, and one process."""

    _kind = "object"

    def __init__(self, library: Library, handle: int, destroy: str) -> None:
        self._library = library
        self._handle = handle
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._in_use = False
        self._finalizer = weakref.finalize(
            self, _destroy, library, destroy, handle, self._pid)
        # At its end, another thread of the process may still be in a call.
        self._finalizer.atexit = False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other thread uses it."""
        with self._lock:
            # A handler of signals runs within a call of its own thread.
            if self._in_use:
                raise RuntimeError(f"the {self._kind} is in use by this thread, "
                                   "which a handler of signals interrupts")
            self._in_use = True
            try:
                yield
            finally:
                self._in_use = False

    @contextmanager
    def _mine(self) -> Iterator[int]:
        """The handle, while no other thread uses it."""
        # Before the lock: a thread that held it does not exist in the child.
        if os.getpid() != self._pid:
            raise RuntimeError(f"the {self._kind} belongs to the process that "
                               "opened it, not to its child")
        with self._alone():
            if not self._finalizer.alive:
                raise ValueError(f"the {self._kind} is closed")
            yield self._handle

    def _call(self, function: str, *arguments: Any) -> Any:
        with self._mine() as handle:
            return self._library.call(function, handle, *arguments)

    def close(self) -> None:
        """Ends it. A second time, nothing happens."""
        if os.getpid() == self._pid:
            with self._alone():
                self._finalizer()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, kind: Optional[type[BaseException]],
                 error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()
