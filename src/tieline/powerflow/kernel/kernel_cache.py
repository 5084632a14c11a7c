"""Compiled kernels on disk: Numba's cache with a check that what is loaded is what was saved, and a place where one can be found.

Numba loads machine code as it finds it: a file that was cut ends every run in an error, one with a flipped bit in a crash or a
wrong number. Here a SHA-256 stands before the content of each file; one that does not agree is removed, and the kernel compiled
anew. Numba looks at the file of a kernel and not at those of kernels it calls, so the key holds the version of tieline and the
content of all files in this folder and of the compiled ones beside the kernel: it may call any of these.

Kernels lie beside their source, else in the cache folder of the user, where Numba looks. If neither can be written (installed for
all users, a container without a home) they go into a folder of the user's own below the system's temporary folder.

What this takes from Numba stands in `numba.core.caching`: `FunctionCache`, `IndexDataCacheFile`.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import pickle
import stat
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile, NullCache
from numba.core.compiler_lock import global_compiler_lock
from numba.core.runtime import rtsys

from tieline import __version__
from tieline.powerflow.kernel.claims import claimed
from tieline.powerflow.kernel.leaves import LeafCacheImpl

LOG = logging.getLogger("tieline")
COMPILING = logging.getLogger("tieline.kernels")
DIGEST_BYTES = hashlib.sha256().digest_size

SAVING = threading.Lock()
"""Held while a kernel is written: a process that is to end at once waits for it, and leaves nothing half written."""

NOWHERE = (
    "no folder for compiled kernels can be written, so every run compiles them anew (a minute or more). "
    "Set NUMBA_CACHE_DIR to one that can."
)


class DamagedCacheError(Exception):
    """A file of the cache is not what was saved."""


KERNEL_FOLDER = Path(__file__).parent


COMPILED = b"tieline.powerflow.kernel.compiled"
"""What every file with compiled functions imports."""


@cache
def source_digest(folder: Path) -> str:
    """SHA-256 of what a compiled function of a folder may call, names and content; "" if it cannot be read."""
    digest = hashlib.sha256()
    kernel = sorted(KERNEL_FOLDER.glob("*.py"))
    try:
        neighbours = [
            file
            for file in sorted(folder.glob("*.py"))
            if COMPILED in file.read_bytes()
        ]
        for file in (*kernel, *neighbours):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    except OSError:
        return ""
    return digest.hexdigest()


class CheckedFile(IndexDataCacheFile):
    """The index and the kernels of one function, each file with its digest before its content.

    A kernel is kept with its key: two processes that compile different kernels of one function at once choose the same file for
    them, and the index of the one may then point to the kernel of the other.
    """

    def load(self, key: Any) -> Any:
        """A kernel; None if there is none that is sound."""
        saved = self._or_removed(lambda: super(CheckedFile, self).load(key))
        return saved[1] if saved is not None and saved[0] == key else None

    def save(self, key: Any, data: Any) -> None:
        """Keep a kernel."""
        # Numba adds to the index that it finds: a damaged one has to go first.
        self._or_removed(self._load_index)
        super().save(key, (key, data))

    def is_empty(self) -> bool:
        """Whether no kernel of the function is kept, or none that this version reads."""
        return not self._or_removed(self._load_index)

    def _load_index(self) -> dict[Any, str]:
        try:
            content = io.BytesIO(self._read(self._index_path))
        except FileNotFoundError:
            return {}
        if pickle.load(content) != self._stamp():
            return {}  # what another version of Numba wrote behind it may not be readable
        return pickle.load(content)

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(
            self._index_path, pickle.dumps(self._stamp()) + self._dump(overloads)
        )

    def _load_data(self, name: str) -> Any:
        return pickle.loads(self._read(self._data_path(name)))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), self._dump(data))

    def _stamp(self) -> tuple[str, str, Any]:
        return numba.__version__, __version__, self._source_stamp

    def _read(self, path: str) -> bytes:
        content = Path(path).read_bytes()
        digest = content[:DIGEST_BYTES]
        body = content[DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != digest:
            raise DamagedCacheError(path)
        return body

    def _write(self, path: str, body: bytes) -> None:
        digest = hashlib.sha256(body).digest()
        # Numba's way to write a file beside and move it there, so that no other process reads half of it.
        with self._open_for_write(path) as file:
            file.write(digest + body)

    def _or_removed(self, load: Callable[[], Any]) -> Any:
        """What `load` gives; None, and the damaged file gone, if it finds one."""
        try:
            return load()
        except DamagedCacheError as error:
            with suppress(OSError):
                os.unlink(str(error))
            _tell_once(
                f"compiled kernels in '{self._cache_path}' were damaged; those are removed and compiled anew."
            )
            return None


class KernelCache(FunctionCache):
    """Numba's cache of a function over `CheckedFile`."""

    def __init__(self, function: Callable[..., Any]):
        super().__init__(function)
        folder = Path(function.__code__.co_filename).parent
        self._cache_file = CheckedFile(
            cache_path=self._cache_path,
            filename_base=f"{self._impl.filename_base}.checked",
            source_stamp=(self._impl.locator.get_source_stamp(), source_digest(folder)),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """A kernel; None if there is none, or it cannot be read."""
        kernel = None
        # Numba would load all it knows of first, to compile: machine code needs no more than this
        rtsys.initialize(target_context)
        with suppress(OSError):
            kernel = self._load_overload(sig, target_context)
        if kernel is None:
            # compiling takes seconds: whoever shows what is going on listens
            COMPILING.info("compiling %s", self._py_func.__name__)
        return kernel

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel; on a full disk it is compiled anew the next time."""
        with suppress(OSError), SAVING:
            super().save_overload(sig, data)

    def is_empty(self) -> bool:
        """Whether the function is still to be compiled on this machine."""
        try:
            return self._cache_file.is_empty()
        except OSError:
            return True


class LeafCache(KernelCache):
    """The same for functions that only compiled ones call."""

    _impl_class = LeafCacheImpl


class LateCache:
    """The cache of a function from the moment at which something is looked for in it.

    Numba writes a file to find out whether it may, for every function. A power flow looks for six; there are over a hundred.
    """

    def __init__(self, function: Callable[..., Any], cache_class: type[KernelCache]):
        self._function = function
        self._class = cache_class

    @cached_property
    def kernels(self) -> KernelCache | NullCache:
        """What is on disk, or nothing where nothing can be."""
        return _cache_of(self._function, self._class) or NullCache()

    @property
    def cache_path(self) -> str | None:
        """The folder."""
        return self.kernels.cache_path

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """A kernel; None if there is none."""
        return self.kernels.load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel."""
        self.kernels.save_overload(sig, data)

    def flush(self) -> None:
        """Forget all kernels of the function."""
        self.kernels.flush()

    def lacks_kernels(self) -> bool:
        """Whether kernels of the function can be kept, and none is."""
        kernels = self.kernels
        return isinstance(kernels, KernelCache) and kernels.is_empty()


def kept(dispatcher: Any, cache_class: type[KernelCache] = KernelCache) -> Any:
    """The compiled function given, its kernels kept on disk if there is a place for them."""
    # With NUMBA_DISABLE_JIT it is a plain function, and there is nothing to keep.
    if hasattr(dispatcher, "enable_caching"):
        dispatcher._cache = LateCache(dispatcher.py_func, cache_class)
        dispatcher.compile = partial(_compile_in_turn, dispatcher)
    return dispatcher


def _compile_in_turn(dispatcher: Any, signature: Any) -> Any:
    """What Numba makes of a function, or another process has made of it in the meantime."""
    function = dispatcher.py_func
    name = f"{function.__module__}.{function.__qualname__}"
    # first the lock that Numba would take: threads that wait for each other would wait for ever
    with global_compiler_lock, claimed(name):
        return type(dispatcher).compile(dispatcher, signature)


def private_folder() -> Path | None:
    """A folder below the temporary one that only this user can write to; None if there can be none.

    Others may write to the temporary folder too, and code is loaded from here: a folder that is a link, belongs to somebody else
    or is open to others is not used.
    """
    if not hasattr(os, "getuid"):
        return None
    folder = Path(tempfile.gettempdir()) / f"tieline-kernels-{os.getuid()}"
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError:
        return None
    is_private = (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.getuid()
        and not status.st_mode & 0o077
    )
    return folder if is_private else None


def _cache_of(
    function: Callable[..., Any], cache_class: type[KernelCache]
) -> KernelCache | None:
    try:
        return cache_class(function)
    except RuntimeError:  # Numba found no folder that can be written
        return _cache_in(private_folder(), function, cache_class)


def _cache_in(
    folder: Path | None,
    function: Callable[..., Any],
    cache_class: type[KernelCache],
) -> KernelCache | None:
    """A cache in a folder of our choice, which Numba reads from its configuration at this moment."""
    if folder is None:
        _tell_once(NOWHERE)
        return None
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined] - made from a table when imported
    try:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
        return cache_class(function)
    except RuntimeError:
        _tell_once(NOWHERE)
        return None
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]


@cache
def _tell_once(note: str) -> None:
    LOG.warning("note: %s", note)
