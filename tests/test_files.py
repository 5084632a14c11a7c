"""Files that appear whole or not at all, and seals that tell whether they are as they were written."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.files import digest_of, read_sealed, require_writable, sealed, write_file


def test_a_file_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "file", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to("file")
    write_file(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link"}


def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(target, "new content")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("place", ["/dev/full", "/proc/x", "folder", "absent/file"])
def test_what_could_not_be_written_is_refused_before(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(InputError, match="with --out"):
        require_writable(Path(place), "--out")
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_seal_holds_however_the_text_is_laid_out(tmp_path: Path) -> None:
    content = {"b": 0.1, "a": [1, None, "ü"], "c": {"z": 1e-300, "y": True}}
    path = tmp_path / "list.json"
    path.write_text(sealed(content))
    assert read_sealed(path) == content
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert read_sealed(path) == content


def test_no_flipped_bit_gives_other_content(tmp_path: Path) -> None:
    """Every bit of a sealed text flipped in turn: refused, or the same content (a blank that became a tab)."""
    content = {"metrics": {"kw": 743.0, "name": "none"}, "seed": 0}
    sound, path = sealed(content).encode(), tmp_path / "list.json"
    for place in range(len(sound)):
        for bit in range(8):
            path.write_bytes(
                sound[:place] + bytes([sound[place] ^ (1 << bit)]) + sound[place + 1 :]
            )
            assert read_sealed(path) in (None, content)


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "null", "{", "[" * 100_000, '{"sha256": 3}', "\xff"]
)
def test_what_is_not_sealed_is_known(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(text, encoding="latin-1")
    assert read_sealed(path) is None


def test_a_digest_does_not_depend_on_the_order() -> None:
    assert (
        digest_of({"a": 1, "b": 2})
        == digest_of({"b": 2, "a": 1})
        != digest_of({"a": 2, "b": 1})
    )
