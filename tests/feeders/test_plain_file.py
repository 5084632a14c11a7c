"""Only plain files of a sensible size are read; all else is one message that names the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder, plain_file
from tieline.feeders.plain_file import read_plain_file

SUFFIXES = ("dss", "m", "json")


def test_content_arrives_as_it_is(tmp_path: Path):
    (tmp_path / "f.m").write_bytes(b"\xff\r\n\0")
    assert read_plain_file(tmp_path / "f.m", "MATPOWER file") == b"\xff\r\n\0"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_pipes_devices_and_folders_are_refused_at_once(tmp_path: Path, suffix: str):
    os.mkfifo(tmp_path / f"pipe.{suffix}")
    (tmp_path / f"zero.{suffix}").symlink_to("/dev/zero")
    (tmp_path / f"folder.{suffix}").mkdir()
    for name in ("pipe", "zero", "folder"):
        with pytest.raises(InputError, match=rf"{name}\.{suffix}.*no plain file"):
            load_feeder(tmp_path / f"{name}.{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", ["gone", "x" * 5000, "a\0b"])
def test_names_of_no_file(suffix: str, name: str):
    with pytest.raises(InputError):
        load_feeder(f"{name}.{suffix}")


def test_a_link_that_leads_to_itself(tmp_path: Path):
    (tmp_path / "loop.m").symlink_to("loop.m")
    with pytest.raises(InputError, match=r"loop\.m"):
        load_feeder(tmp_path / "loop.m")


def test_size_is_checked_before_anything_is_read(tmp_path: Path):
    path = tmp_path / "f.m"
    with path.open("wb") as file:
        file.truncate(plain_file.MOST_BYTES + 1)
    with pytest.raises(
        InputError,
        match=r"f\.m' is too large: it has 100\.0 MB, and a file may have 100 MB",
    ):
        read_plain_file(path, "MATPOWER file")
    os.truncate(path, 2_300_000_000)
    for suffix in SUFFIXES:
        if suffix != "m":
            (tmp_path / f"f.{suffix}").symlink_to(path)
        with pytest.raises(
            InputError, match=r"it has 2300\.0 MB, and a file may have 100 MB"
        ):
            load_feeder(tmp_path / f"f.{suffix}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_says_so(tmp_path: Path):
    path = tmp_path / "f.json"
    path.write_text("{}")
    path.chmod(0)
    with pytest.raises(InputError, match=r"f\.json.*Permission denied"):
        load_feeder(path)
