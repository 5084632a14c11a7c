"""Text of any origin, letter by letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.feeders.opendss.script.text import read_lines_of

TEXT = "new load.bö\nnew load.bä “”€"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_letter_arrives(tmp_path: Path, encoding: str):
    path = tmp_path / "f.dss"
    path.write_bytes(TEXT.encode(encoding))
    assert read_lines_of(path) == TEXT.split("\n")


def test_bytes_that_are_no_letter_of_the_code_page_stay_apart(tmp_path: Path):
    path = tmp_path / "f.dss"
    path.write_bytes(b"b\x81 b\x8d b\xf6")
    assert read_lines_of(path) == ["b\x81 b\x8d bö"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_the_engine(tmp_path: Path, end: str):
    path = tmp_path / "f.dss"
    path.write_bytes(f"a\x0cb{end}c\x85d\u2028e{end}".encode())
    assert read_lines_of(path) == ["a\x0cb", "c\x85d\u2028e", ""]


def test_zero_bytes_at_the_end_of_a_line_are_no_text(tmp_path: Path):
    path = tmp_path / "f.dss"
    path.write_bytes(b"~ reduce=y\0\r\nnew\n\0\0")
    assert read_lines_of(path) == ["~ reduce=y", "new", ""]


@pytest.mark.parametrize(
    "data",
    [b"new\0load", "new".encode("utf-16-le"), b"\xff\xfen", "a\0b".encode("utf-16")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes):
    path = tmp_path / "f.dss"
    path.write_bytes(data)
    with pytest.raises(InputError, match="Save it as text in UTF-8"):
        read_lines_of(path)


def test_what_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read_lines_of(tmp_path)
