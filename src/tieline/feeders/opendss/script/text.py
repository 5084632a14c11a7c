"""The text of an OpenDSS file, whatever program wrote it.

Files come as UTF-8, with or without the mark that Windows puts before it, as UTF-16 with its mark, or in the old Western code
page (cp1252, which is Latin-1 with quotes and dashes). No letter may be replaced by a stand-in: two names that differ must stay
different.

Zero bytes at the end of a line, which old editors leave, are no text to the engine either; anywhere else they say that a file is
none.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from tieline.errors import InputError
from tieline.feeders.plain_file import read_plain_file

PADDING = re.compile(rb"\0+(?=[\r\n]|$)")
LINE_END = re.compile(r"\r\n|\r|\n")
"""The ends that OpenDSS knows; Python's `splitlines` would also cut at a form feed and at some letters of old code pages."""


def read_lines_of(path: Path) -> list[str]:
    """Lines of a file without their ends; raises `InputError` if it cannot be read or holds no text."""
    return LINE_END.split(_decoded(read_plain_file(path, "OpenDSS file"), path))


def _decoded(data: bytes, path: Path) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data, path)
    data = PADDING.sub(b"", data)
    if b"\0" in data:
        raise InputError(
            f"OpenDSS file '{path}' is not text: it holds zero bytes. Save it as text in UTF-8."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _western(data)


def _utf16(data: bytes, path: Path) -> str:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        raise InputError(
            f"OpenDSS file '{path}' is damaged UTF-16 text. Save it as text in UTF-8."
        ) from None
    if "\0" in text:
        raise InputError(
            f"OpenDSS file '{path}' is not text: it holds zero bytes. Save it as text in UTF-8."
        )
    return text


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        # five bytes have no letter in cp1252; Latin-1 has one for each
        return data.decode("latin-1")
