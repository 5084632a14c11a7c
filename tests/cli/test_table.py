"""A table on the screen."""

from __future__ import annotations

import io

import pandas as pd

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
