"""A table on the screen."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from tieline.cli.screen import screen
from tieline.cli.table import print_table
from tieline.reports.html import Table


def printed(frame: pd.DataFrame, width: int = 80) -> list[str]:
    """Lines that a table takes."""
    text = io.StringIO()
    print_table(screen(file=text, width=width), Table(frame, "Title."))
    return text.getvalue().splitlines()


def test_a_narrow_screen_loses_no_column() -> None:
    frame = pd.DataFrame({f"quantity_number_{k}_kw": [100.25 + k] for k in range(12)})
    lines = printed(frame, width=30)
    assert all(any(f"{100.25 + k:.1f}" in line for line in lines) for k in range(12))


def test_headings_and_units_are_those_of_the_page() -> None:
    frame = pd.DataFrame({"loss_kw": [12.5], "cost": [3.0]})
    text = io.StringIO()
    table = Table(frame, headings={"cost": "cost [EUR]"})
    print_table(screen(file=text, width=80), table)
    words = text.getvalue().split()
    assert {"loss", "kW", "EUR", "12.5"} <= set(words)
    assert "loss_kw" not in words


def test_rows_past_the_first_ten_are_announced() -> None:
    lines = printed(
        pd.DataFrame({"bus": [f"b{k}" for k in range(11)], "[odd]": "[red]"})
    )
    assert lines[0].strip() == "Title: the first 10 of 11 rows"
    assert any(line.split() == ["bus", "[odd]"] for line in lines)
    assert any("b9" in line and "[red]" in line for line in lines)
    assert not any("b10" in line for line in lines)


def test_an_empty_table_is_left_out() -> None:
    assert printed(pd.DataFrame({"a": []})) == []


HOURS = {f"hours_{k}_h": [k, 10 * k] for k in range(1, 9)}
"""More columns than fit a narrow screen."""


@pytest.mark.parametrize(("limits", "place_is_repeated"), [("aa", True), ("ab", False)])
def test_a_part_below_has_the_columns_that_tell_its_rows_apart(
    limits: str, place_is_repeated: bool
) -> None:
    lines = printed(
        pd.DataFrame({"limit": list(limits), "place": ["n1", "n2"], **HOURS}), width=50
    )
    n_parts = sum("limit" in line for line in lines)
    assert n_parts > 1
    n_places = sum("n2" in line for line in lines)
    assert n_places == (n_parts if place_is_repeated else 1)


def test_names_of_rows_leave_room_for_what_is_said_of_them() -> None:
    places = ["n" * 12, "m" * 12]
    lines = printed(
        pd.DataFrame({"limit": ["a", "a"], "place": places, **HOURS}), width=34
    )
    assert sum("limit" in line for line in lines) > 1
    assert sum(places[0] in line for line in lines) == 1
