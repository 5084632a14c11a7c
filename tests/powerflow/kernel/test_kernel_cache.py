"""Kernels on disk: what is loaded is what was saved, and nobody else's code is loaded."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tieline import load_feeder
from tieline.powerflow.kernel import kernel_cache
from tieline.powerflow.kernel.kernel_cache import (
    CheckedFile,
    KernelCache,
    kept,
    private_folder,
)

KEY = ("float64(float64)", "x86")
KERNEL = ("name", b"machine code" * 20)


def cache_file(folder: Path, stamp: str = "source") -> CheckedFile:
    folder.mkdir(exist_ok=True)
    return CheckedFile(
        cache_path=str(folder), filename_base="module.kernel-1", source_stamp=stamp
    )


def test_a_kernel_comes_back_as_it_was(tmp_path: Path) -> None:
    cache_file(tmp_path).save(KEY, KERNEL)
    assert cache_file(tmp_path).load(KEY) == KERNEL
    assert cache_file(tmp_path, stamp="edited").load(KEY) is None


def test_kernels_of_another_version_are_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade may leave a kernel's own file as it is and change one that it calls."""
    cache_file(tmp_path).save(KEY, KERNEL)
    monkeypatch.setattr(kernel_cache, "__version__", "another")
    assert cache_file(tmp_path).load(KEY) is None


def test_an_index_of_another_numba_is_not_read_beyond_its_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of a class that is gone by now cannot be unpickled."""
    monkeypatch.setattr(kernel_cache.numba, "__version__", "another")
    cache_file(tmp_path).save((GoneKey(),), KERNEL)
    monkeypatch.undo()
    monkeypatch.delattr(sys.modules[__name__], "GoneKey")
    assert cache_file(tmp_path).load(KEY) is None


class GoneKey:
    """Stands for a type of another version."""


def test_a_kernel_of_another_key_is_not_loaded(tmp_path: Path) -> None:
    """Two processes that began with an empty folder name the first kernel of each alike."""
    cache_file(tmp_path / "a").save(KEY, KERNEL)
    cache_file(tmp_path / "b").save(("int64(int64)", "x86"), ("name", b"other code"))
    (kernel,) = (tmp_path / "b").glob("*.nbc")
    kernel.replace(tmp_path / "a" / kernel.name)
    assert cache_file(tmp_path / "a").load(KEY) is None
    cache_file(tmp_path / "a").save(KEY, KERNEL)
    assert cache_file(tmp_path / "a").load(KEY) == KERNEL


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_no_damaged_byte_is_loaded(tmp_path: Path, suffix: str) -> None:
    """Each byte flipped in turn, each length cut to: the file is removed and the kernel can be saved again."""
    cache_file(tmp_path).save(KEY, KERNEL)
    (path,) = tmp_path.glob(f"*.{suffix}")
    sound = path.read_bytes()
    flipped = [
        sound[:k] + bytes([sound[k] ^ 1]) + sound[k + 1 :] for k in range(len(sound))
    ]
    for damaged in [*flipped, *(sound[:k] for k in range(len(sound)))]:
        path.write_bytes(damaged)
        assert cache_file(tmp_path).load(KEY) is None
        assert not path.exists()
        cache_file(tmp_path).save(KEY, KERNEL)
        assert cache_file(tmp_path).load(KEY) == KERNEL


def test_damage_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[
        str
    ] = []  # not the log's records: a package that sets logging up may have silenced all others
    monkeypatch.setattr(
        kernel_cache.LOG, "warning", lambda form, note: said.append(form % note)
    )
    for _ in range(2):
        cache_file(tmp_path).save(KEY, KERNEL)
        for path in tmp_path.iterdir():
            path.write_bytes(b"")
        cache_file(tmp_path).load(KEY)
    assert said == [
        f"note: compiled kernels in '{tmp_path}' were damaged; those are removed and compiled anew."
    ]


def test_the_private_folder_is_ours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = private_folder()
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert private_folder() == folder


@pytest.mark.parametrize("kind", ["open to others", "link", "file"])
def test_a_folder_that_others_may_have_filled_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / f"tieline-kernels-{os.getuid()}"
    if kind == "file":
        folder.write_text("")
    elif kind == "link":
        (tmp_path / "theirs").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "theirs")
    else:
        folder.mkdir()
        folder.chmod(0o770)
    assert private_folder() is None


class NowhereCache(KernelCache):
    """Numba's folders cannot be written, the private one can."""

    def __init__(self, function: Callable[..., Any]):
        if not kernel_cache.numba.config.CACHE_DIR:  # type: ignore[attr-defined]
            raise RuntimeError("cannot cache function: no locator available")
        super().__init__(function)


class Dispatcher:
    """As much of Numba's as `kept` looks at."""

    _cache: Any = None

    def enable_caching(self) -> None:
        """Numba's way."""

    @staticmethod
    def py_func() -> None:
        """The function."""


def test_a_read_only_installation_keeps_kernels_in_the_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "private_folder", lambda: tmp_path)
    monkeypatch.setattr(kernel_cache.numba.config, "CACHE_DIR", "")
    kernels = kept(Dispatcher(), NowhereCache)._cache.kernels
    assert isinstance(kernels, KernelCache)
    assert Path(kernels.cache_path).parent == tmp_path


def test_without_any_folder_it_compiles_each_time_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kernel_cache, "private_folder", lambda: None)
    monkeypatch.setattr(kernel_cache.numba.config, "CACHE_DIR", "")
    with caplog.at_level(logging.WARNING, "tieline"):
        cache = kept(Dispatcher(), NowhereCache)._cache
        assert not cache.lacks_kernels()
        assert cache.load_overload(KEY[0], None) is None
        cache.save_overload(KEY[0], KERNEL)
    assert "NUMBA_CACHE_DIR" in caplog.text


@pytest.mark.parametrize("edited", ["kernel/callee.py", "controls/neighbour.py"])
def test_a_kernel_is_compiled_anew_after_an_edit_of_one_that_it_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str
) -> None:
    kernel = tmp_path / "kernel"
    controls = tmp_path / "controls"
    for folder in (kernel, controls):
        folder.mkdir()
    (kernel / "callee.py").write_text("callee")
    (controls / "neighbour.py").write_bytes(b"from " + kernel_cache.COMPILED)
    (controls / "plain.py").write_text("no kernel")
    monkeypatch.setattr(kernel_cache, "KERNEL_FOLDER", kernel)

    def digest() -> str:
        kernel_cache.source_digest.cache_clear()
        return kernel_cache.source_digest(controls)

    before = digest()
    (controls / "plain.py").write_text("no kernel, edited")
    assert digest() == before
    cache_file(tmp_path / "cache", stamp=before).save(KEY, KERNEL)
    file = tmp_path / edited
    file.write_bytes(file.read_bytes() + b" # edited")
    assert cache_file(tmp_path / "cache", stamp=digest()).load(KEY) is None
    kernel_cache.source_digest.cache_clear()


def test_a_folder_is_looked_for_when_a_kernel_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_cache, "private_folder", lambda: pytest.fail("asked"))
    monkeypatch.setattr(kernel_cache.numba.config, "CACHE_DIR", "")
    cache = kept(Dispatcher(), NowhereCache)._cache
    monkeypatch.setattr(kernel_cache, "private_folder", lambda: tmp_path)
    assert cache.lacks_kernels()
    assert list(tmp_path.iterdir())


LATER_START = """
import subprocess
import sys
from tieline import load_feeder
load_feeder("ieee13").solve()
print("numba.cpython.unicode" in sys.modules)
"""


def test_a_later_start_loads_no_compiler() -> None:
    load_feeder("ieee13").solve()
    later = subprocess.run(
        [sys.executable, "-c", LATER_START], capture_output=True, text=True, check=True
    )
    assert later.stdout.strip() == "False"
