"""The files in a folder that tieline wrote, known by a sealed list among them, and replaced whole or not at all.

The list names every file with its SHA-256; a file lies in the folder ("config.toml") or at most two folders below. A later writer
replaces exactly those; a file that is not in the list, or was changed since, belongs to the user and is never overwritten or
removed. Nothing is written or removed through a link in the place of a folder below.

All files go into a hidden folder inside first, the list last, and are then renamed into place, the list last again. If the
process dies before that, the hidden folder means nothing and is swept away by the next writer; if it dies in between, the next
one goes on with the renaming.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tieline.errors import InputError
from tieline.files import SCRATCH, read_sealed, sealed, sha256_of

DEPTH = 3
"""Most parts of a name: the file, and the folders below in which it may lie ("inputs/policy/policy-seed0.safetensors")."""


@dataclass(frozen=True)
class OwnFiles:
    """What tieline wrote into `folder`, as the file `list_name` in it says."""

    folder: Path
    list_name: str

    def read_list(self) -> dict[str, Any] | None:
        """Content of the list; None if there is none that is as it was written."""
        path = self.folder / self.list_name
        if path.is_file() and not path.is_symlink():
            return read_sealed(path)
        return None

    def require_room(self, names: Collection[str]) -> None:
        """Raise `InputError` if a file of one of these names is there that tieline did not write, or that was changed since."""
        listed = _digests(self.read_list())
        present = [name for name in names if _exists(self.folder / name)]
        foreign = [name for name in present if not self._is_as_listed(name, listed)]
        in_the_way = self._no_folders(names)
        self._refuse(in_the_way + foreign)
        # a list that cannot be read as ours was changed, or is a file of the user by that name
        if not listed and _exists(self.folder / self.list_name):
            self._refuse([self.list_name])

    def changed(self, content: Mapping[str, Any]) -> list[str]:
        """Names of files in a list that are not there as they were written."""
        digests = _digests(content)
        return [name for name in digests if not self._is_as_listed(name, digests)]

    def fill(self, content: Mapping[str, Any], write: Callable[[Path], None]) -> None:
        """Put new files in the place of the earlier ones.

        Args:
            content: what the list says beside the files.
            write: puts all files but the list into the folder it is given.

        Raises:
            InputError: if a file of the user is in the way; nothing is changed then.
            OSError: if the files cannot be written; nothing is changed then.
        """
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=self.folder))
        try:
            write(scratch)
            digests = _digests_of_files(scratch)
            self.require_room(digests)
            (scratch / self.list_name).write_text(
                sealed({**content, "files": digests}), encoding="utf-8"
            )
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        self._put_in_place(scratch, digests)

    def remove(self) -> None:
        """Remove the files and their list, as far as they are as they were written."""
        listed = _digests(self.read_list())
        self._remove(listed, listed)
        (self.folder / self.list_name).unlink(missing_ok=True)
        _remove_empty(self.folder, listed)

    def recover(self) -> None:
        """Go on where a killed writer left off, or sweep away what it had only begun; only for who writes here alone.

        Raises:
            InputError: if a file of the user is in the way by now.
        """
        for scratch in sorted(self.folder.glob(f"{SCRATCH}*/")):
            content = OwnFiles(scratch, self.list_name).read_list()
            if content is None:
                _sweep(scratch)
                continue
            digests = _digests(content)
            # What is not in the hidden folder any more was renamed before the break, and is in its place.
            self.require_room([name for name in digests if _lies_in(scratch, name)])
            self._put_in_place(scratch, digests)

    def _put_in_place(self, scratch: Path, digests: Mapping[str, str]) -> None:
        """Rename what is in the scratch folder into its place, the list last; can be done again after a break."""
        earlier = _digests(self.read_list())
        # What this run does not write anew would lie there as if it were part of it.
        self._remove(earlier.keys() - digests.keys(), earlier)
        for name in digests:
            if _lies_in(scratch, name):  # after a break some have been moved already
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (scratch / name).replace(self.folder / name)
        # The list goes last: as long as it lies in the scratch folder, `recover` can go on from there.
        (scratch / self.list_name).replace(self.folder / self.list_name)
        _remove_empty(scratch, digests)
        scratch.rmdir()
        _remove_empty(self.folder, earlier)

    def _remove(self, names: Collection[str], listed: Mapping[str, str]) -> None:
        """Remove files that are as they were listed."""
        for name in names:
            if self._is_as_listed(name, listed):
                (self.folder / name).unlink()

    def _is_as_listed(self, name: str, digests: Mapping[str, str]) -> bool:
        is_ours = name in digests and _lies_in(self.folder, name)
        return is_ours and sha256_of(self.folder / name) == digests[name]

    def _no_folders(self, names: Collection[str]) -> list[str]:
        """Folders below, of these names, in whose place there is something else."""
        wrong = []
        for name in _folders_of(names):
            path = self.folder / name
            if _exists(path) and (path.is_symlink() or not path.is_dir()):
                wrong.append(name)
        return wrong

    def _refuse(self, names: list[str]) -> None:
        if names:
            raise InputError(
                f"Folder '{self.folder}' holds files that tieline did not write, or that were changed since: {', '.join(names)}. "
                "They are left alone, nothing was overwritten. Move them away, or choose another folder with --out."
            )


def _sweep(scratch: Path) -> None:
    """Remove what a writer had only begun, unless it is complete and belongs to a writer with a list of another name."""
    if not any(read_sealed(path) for path in scratch.glob("*.json") if path.is_file()):
        shutil.rmtree(scratch, ignore_errors=True)


def _digests(content: Mapping[str, Any] | None) -> dict[str, str]:
    """Names and digests that a list holds; a name that leads out of its folder is none of ours."""
    listed = {}
    if content is not None:
        listed = dict(content.get("files", {}))
    return {name: digest for name, digest in listed.items() if _is_inside(name)}


def _is_inside(name: str) -> bool:
    """Whether a name is that of a file in the folder, or not too far below it."""
    parts = name.split("/")
    if len(parts) > DEPTH:
        return False
    # on Windows a backslash separates too, and `Path.name` drops what stands before it
    return all(
        Path(part).name == part and part not in ("", ".", "..") for part in parts
    )


def _lies_in(folder: Path, name: str) -> bool:
    """Whether a file of that name is there, and not through a link in the place of a folder below."""
    is_behind_link = any((folder / below).is_symlink() for below in _folders_of([name]))
    return (folder / name).exists() and not is_behind_link


def _digests_of_files(folder: Path) -> dict[str, str]:
    """Names, as they stand in a list, and digests of all files below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}


def _folders_of(names: Collection[str]) -> list[str]:
    """Folders below in which files of these names lie, each once; one comes before those within it."""
    folders: set[str] = set()
    for name in names:
        # the last parent is the folder of the list itself
        folders.update(
            path.as_posix() for path in list(PurePosixPath(name).parents)[:-1]
        )
    return sorted(folders)


def _remove_empty(folder: Path, names: Collection[str]) -> None:
    """Remove the folders below in which files of these names lay, unless something is in them."""
    for name in reversed(_folders_of(names)):
        with suppress(OSError):  # a file of this or of another writer is in it
            (folder / name).rmdir()


def _exists(path: Path) -> bool:
    """Whether the name is taken, be it by a link that leads nowhere."""
    return path.exists() or path.is_symlink()
