"""Where a script's files are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.feeders.opendss.script.named_files import (
    file_in_array,
    find_file,
    find_folder,
    respelled,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sub Folder/Coords.CSV and two files that differ in the case of their letters only."""
    (tmp_path / "Sub Folder").mkdir()
    for name in ("Sub Folder/Coords.CSV", "twin.csv", "Twin.csv", "lines.dss"):
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "sub folder/coords.csv",
        r"Sub Folder\Coords.CSV",
        r".\SUB FOLDER\..\sub folder\COORDS.csv",
    ],
)
def test_case_and_backslashes_are_forgiven(folder: Path, name: str):
    found = find_file(folder, name)
    assert found is not None
    assert found.read_text() == "Sub Folder/Coords.CSV"


def test_the_exact_name_comes_first(folder: Path):
    assert find_file(folder, "twin.csv") == folder / "twin.csv"
    assert find_file(folder, "Twin.csv") == folder / "Twin.csv"


def test_absolute_names_and_names_without_a_suffix(folder: Path):
    assert (
        find_file(folder / "Sub Folder", str(folder / "LINES.dss"))
        == folder / "lines.dss"
    )
    assert find_file(folder, "Lines", suffix=".dss") == folder / "lines.dss"
    assert find_file(folder, "lines.x", suffix=".dss") is None


@pytest.mark.parametrize(
    "name", ["", "  ", "gone.csv", "Sub Folder", "/dev/null", "a\0b", "x" * 5000]
)
def test_what_is_no_plain_file_is_not_found(folder: Path, name: str):
    assert find_file(folder, name) is None


def test_folders(folder: Path):
    assert find_folder(folder, "SUB folder") == folder / "Sub Folder"
    assert find_folder(folder, "twin.csv") is None


def test_files_of_arrays():
    values = [
        "1 2 3",
        "file=a.csv",
        ' FILE = "a b.csv" , column=2',
        "dblfile=a.dbl",
        "sng=a.sng",
        "kw=1",
        "",
    ]
    assert [file_in_array(value) for value in values] == [
        None,
        "a.csv",
        "a b.csv",
        "a.dbl",
        "a.sng",
        None,
        None,
    ]


def test_names_are_respelled_only_where_they_must_be(folder: Path):
    found = folder / "Sub Folder" / "Coords.CSV"
    assert (
        respelled(
            r"file=Sub Folder\Coords.CSV", r"Sub Folder\Coords.CSV", found, folder
        )
        == r"file=Sub Folder\Coords.CSV"
    )
    assert (
        respelled(
            "file=sub folder/coords.csv, col=2", "sub folder/coords.csv", found, folder
        )
        == "file=Sub Folder/Coords.CSV, col=2"
    )
