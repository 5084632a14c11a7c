"""A run's folder on disk: claimed before any work, filled when the answer is there, and nothing in it touched that is not ours.

`result.json` is the list of the files that tieline wrote (see `own_files`); a lock keeps two runs apart (see `folder_lock`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.errors import InputError, reason_of
from tieline.files import SCRATCH, read_json
from tieline.own_files import OwnFiles
from tieline.studies.checkpoint import (
    UNFINISHED,
    forget_half_begun,
    is_in_the_way,
    is_unfinished,
)
from tieline.studies.folder_lock import LOCK_FILE, lock_folder

CONFIG = "config.toml"
RESULT = "result.json"
OF_A_RESULT = {"study", "version", "config", "metrics"}
"""Entries by which a result.json of any version of tieline is known."""


@dataclass(frozen=True)
class RunFolder:
    """A folder that this process alone may fill.

    Attributes:
        path: the folder.
        earlier: content of the result.json that is there already; None if there is none.
    """

    path: Path
    earlier: dict[str, Any] | None

    def fill(self, content: Mapping[str, Any], write: Callable[[Path], None]) -> None:
        """Put a result in the place of the earlier one, whole or not at all; arguments and errors of `OwnFiles.fill`."""
        OwnFiles(self.path, RESULT).fill(content, write)


@contextmanager
def claim(
    path: Path,
    may_resume: bool = False,
    is_new: bool = False,
    may_replace: bool = True,
) -> Iterator[RunFolder]:
    """A folder for a run, locked as long as the context lasts; made if need be, and removed again if it stays empty.

    Args:
        path: the folder.
        may_resume: whether it may hold an unfinished run.
        is_new: whether it was made for this run; then it is removed if it stays empty.
        may_replace: whether an earlier run in it may be replaced.

    Raises:
        InputError: if it cannot be written, another run is writing to it, or it holds something else than an earlier run.
    """
    with ExitStack() as stack:
        try:
            # Asked before anything is made, and again under the lock: another run may come in between.
            _require_free(path, may_resume, may_replace)
            stack.callback(
                _remove_empty, [path, path.parent] if is_new else _missing(path)
            )
            path.mkdir(parents=True, exist_ok=True)
            stack.enter_context(lock_folder(path))
            # What a killed run had ready goes into place first: it may be the earlier result that is asked for next.
            OwnFiles(path, RESULT).recover()
            forget_half_begun(path)
            earlier = _require_free(path, may_resume, may_replace)
            OwnFiles(path, RESULT).require_room((earlier or {}).get("files", {}))
        except OSError as error:
            raise InputError(
                f"Output folder '{path}' cannot be written ({reason_of(error)}). Choose another with --out."
            ) from None
        yield RunFolder(path, earlier)


def read_result(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Content of a run folder's result.json, and the names of files that are not what was written.

    Raises:
        InputError: if there is no result.json, or it is not what a run wrote.
    """
    path = folder / RESULT
    try:
        is_result = _is_result(read_json(path))
        content = OwnFiles(folder, RESULT).read_list()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"'{folder}' is not a run folder: it has no {RESULT}. Give the folder that `tieline run` wrote."
        ) from None
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be read ({reason_of(error)}). Run the study again."
        ) from None
    if not is_result:
        raise InputError(
            f"'{path}' is not what a run of tieline wrote, or was cut. Run the study again, into another folder."
        )
    if content is None:
        raise InputError(
            f"'{path}' was changed, damaged or written by an earlier version of tieline, so nobody can vouch for its "
            "numbers. Run the study again, into another folder."
        )
    return content, OwnFiles(folder, RESULT).changed(content)


def _is_result(content: Any) -> bool:
    return isinstance(content, dict) and content.keys() >= OF_A_RESULT


def _require_free(
    path: Path, may_resume: bool, may_replace: bool
) -> dict[str, Any] | None:
    """Content of an earlier run's result.json; raises `InputError` if the folder holds what a run would have to overwrite."""
    if path.is_symlink() and not path.exists():
        raise InputError(
            f"Output folder '{path}' is a link to a place that does not exist. Choose another with --out."
        )
    if path.exists() and not path.is_dir():
        raise InputError(
            f"Output folder '{path}' is a file. Choose another with --out."
        )
    if is_in_the_way(path):
        raise InputError(
            f"Output folder '{path}' holds '{UNFINISHED}', in which nothing says that a run left it there. It is left alone. "
            "Move it away, or choose another folder with --out."
        )
    if is_unfinished(path) and not may_resume:
        raise InputError(
            f"Output folder '{path}' holds an unfinished run. Go on with it (--resume, in the study that began it), choose "
            f"another folder with --out, or delete '{path / UNFINISHED}'."
        )
    names = _names_in(path)
    if RESULT in names:
        earlier = _require_own(path)
        if not may_replace:
            raise InputError(
                f"Output folder '{path}' holds {run_words(earlier)}. Choose another with --out, or replace that run with --force."
            )
        return earlier
    if names and not is_unfinished(path):
        raise InputError(
            f"Output folder '{path}' is not empty and holds no earlier run. Choose another with --out."
        )
    return None


def run_words(content: Mapping[str, Any]) -> str:
    """Which run a result.json is of, for messages."""
    config = content["config"]
    when = str(content.get("date", "an earlier version"))
    return f"the run '{content['study']}' of {config.get('feeder')}, seed {config.get('seed')}, {when[:16].replace('T', ' ')}"


def _names_in(path: Path) -> set[str]:
    """What is in a folder beside what a run leaves there while it works."""
    if not path.is_dir():
        return set()
    names = {entry.name for entry in path.iterdir()} - {LOCK_FILE, UNFINISHED}
    return {name for name in names if not name.startswith(SCRATCH)}


def _require_own(path: Path) -> dict[str, Any]:
    """Content of result.json; raises `InputError` unless it is as tieline wrote it."""
    content = OwnFiles(path, RESULT).read_list()
    if content is None or not _is_result(content):
        raise InputError(
            f"Output folder '{path}' holds a {RESULT} that this version of tieline did not write, or that was changed since. "
            "It is left alone. Choose another folder with --out, or move it away."
        )
    return content


def _missing(path: Path) -> list[Path]:
    """The folder and its parents as far as they do not exist, innermost first."""
    return [folder for folder in (path, *path.parents) if not folder.exists()]


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # not empty: somebody uses it
            folder.rmdir()
