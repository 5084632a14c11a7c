"""docs/architecture.md and its picture say what the tree is: every file named exists, every folder is drawn and described."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from draw_house import draw, sentences
from house_imports import Folder, House, imported, read_house

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "tieline"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def house() -> House:
    """The package; read once, and only where these tests run."""
    return read_house()


def small_house() -> House:
    """A command line over a study over a network, which both use."""
    folders = [Folder("cli", 2), Folder("network", 3), Folder("study", 5)]
    folders[0].imports.update({"study": 4, "network": 1})
    folders[2].imports.update({"network": 9})
    folders[2].wings.update({"world": 2})
    return House({folder.name: folder for folder in folders}, root_modules=1)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w/]+\.py)`", PAGE))))
def test_file_that_the_page_names_exists(name: str):
    assert (PACKAGE / name).is_file()


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`([\w/]+/)`", PAGE)) - {"src/tieline/"})
)
def test_folder_that_the_page_names_exists(name: str):
    assert (PACKAGE / name).is_dir()


def test_page_says_of_every_folder_what_is_public(house: House):
    cells = " ".join(re.findall(r"^\| ([^|]*) \|", PAGE, re.M))
    assert set(house.folders) <= set(re.findall(r"`(\w+)`", cells))


def test_ways_have_ten_lines():
    ways = re.findall(r"^## .*?, .*?\n\n((?:\d+\. .*\n)+)", PAGE, re.M)
    assert [len(way.splitlines()) for way in ways] == [10, 10, 10]


def test_picture_shows_the_folders_and_their_main_imports(house: House):
    """Numbers in the picture may lag behind; `make picture` draws it anew."""
    assert set(re.findall(r'data-folder="(\w+)"', PICTURE)) == set(house.folders), (
        "make picture"
    )
    arrows = {
        tuple(pair.split()) for pair in re.findall(r'data-arrow="([\w ]+)"', PICTURE)
    }
    assert arrows == house.direct_imports(), "make picture"


def test_every_folder_has_a_purpose_in_the_picture(house: House):
    assert set(house.folders) <= set(sentences(README))


def test_floors_of_a_small_house():
    house = small_house()
    assert house.floors() == [["cli"], ["study"], ["network"]]
    assert house.direct_imports() == {("cli", "study"), ("study", "network")}
    assert house.implied_imports("cli") == [("network", 1)]


def test_picture_of_a_small_house():
    svg = draw(small_house(), {"study": "A question & its answer."})
    assert svg.count("data-arrow=") == 2
    assert "also from network\u00a01" in svg
    assert "A question &amp; its answer." in svg
    assert 'data-wing="world"' in svg


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("from grid.flow.solve import solve", ["flow"]),
        ("import grid.flow", ["flow"]),
        ("from grid import Flow", []),
        ("import numpy", []),
        ("def f():\n    from grid.feeders import load", ["feeders"]),
    ],
)
def test_imported_parts_of_a_source(text: str, parts: list[str]):
    assert list(imported(text, "grid")) == parts
