"""The examples of docs/python.md print what the page says, and its tables name what there is."""

from __future__ import annotations

import re

import pytest
from page_examples import DOCS, check_examples

from tieline import Feeder, Solution, load_feeder
from tieline.powerflow.feeder_inputs import FEEDER_INPUTS

PAGE = (DOCS / "python.md").read_text(encoding="utf-8")


def test_examples_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    check_examples("python.md", capsys)


def test_every_edit_input_and_table_is_on_the_page() -> None:
    edits = {name for name in dir(Feeder) if name.startswith("with_")}
    # notes are for readers of files, not for whoever types
    edits -= {"with_notes"}
    edits.add("without")
    assert edits == set(re.findall(r"^\| `(with\w+)\(", PAGE, re.M))
    assert set(FEEDER_INPUTS) <= set(re.findall(r"`(\w+)`", PAGE))


def test_columns_of_the_tables_are_those_on_the_page() -> None:
    solution: Solution = load_feeder("ieee13").solve()
    for method in ("voltages", "branches"):
        (columns,) = re.findall(rf"^\| `{method}\(\)` \| (.*) \|$", PAGE, re.M)
        assert list(getattr(solution, method)().columns) == columns.split(", ")
