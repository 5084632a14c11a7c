"""A data frame on the screen."""

from __future__ import annotations

import io

import pandas as pd

from tieline.cli.screen import screen
from tieline.cli.table import print_table


def printed(frame: pd.DataFrame, width: int = 80) -> list[str]:
    """Lines that a table takes."""
    text = io.StringIO()
    print_table(screen(file=text, width=width), "title", frame)
    return text.getvalue().splitlines()


def test_a_narrow_screen_loses_no_column() -> None:
    frame = pd.DataFrame({f"quantity_number_{k}_kw": [100.25 + k] for k in range(12)})
    lines = printed(frame, width=30)
    assert all(any(f"{100.25 + k:.1f}" in line for line in lines) for k in range(12))


def test_values_have_the_unit_of_their_row() -> None:
    """A voltage shows four decimals also beside a flow of thousands."""
    frame = pd.DataFrame(
        {"value": [0.95, 1234.5], "limit": [0.96, 1000.0], "unit": ["pu", "A"]}
    )
    rows = [line.split() for line in printed(frame)[-3:]]
    assert ["0.9500", "0.9600", "pu"] in rows


def test_rows_past_the_first_twelve_are_announced() -> None:
    lines = printed(
        pd.DataFrame({"bus": [f"b{k}" for k in range(13)], "[odd]": "[red]"})
    )
    assert lines[0].strip() == "title, the first 12 of 13 rows"
    assert any(line.split() == ["bus", "[odd]"] for line in lines)
    assert any("b11" in line and "[red]" in line for line in lines)
    assert not any("b12" in line for line in lines)


def test_an_empty_table_is_left_out() -> None:
    assert printed(pd.DataFrame({"a": []})) == []
