"""Where lines end on the screen."""

from __future__ import annotations

import io

import pytest
from rich.table import Table as Grid

from tieline.cli.screen import screen
from tieline.reports.numbers import THIN_SPACE, brief

NUMBER = brief(3490)
"""As results write it."""


def test_this_number_has_a_space_within() -> None:
    assert THIN_SPACE in NUMBER


@pytest.mark.parametrize("width", range(9, 30))
def test_a_sentence_keeps_a_number_together(width: int) -> None:
    text = io.StringIO()
    screen(file=text, width=width).print(f"at least {NUMBER} kW fit there")
    assert NUMBER in text.getvalue()


@pytest.mark.parametrize("width", range(9, 30))
def test_a_cell_keeps_a_number_together(width: int) -> None:
    grid = Grid.grid()
    grid.add_column(overflow="fold")
    grid.add_row(f"at least {NUMBER} kW")
    text = io.StringIO()
    screen(file=text, width=width).print(grid)
    assert NUMBER in text.getvalue()


def test_plain_spaces_still_end_lines() -> None:
    text = io.StringIO()
    screen(file=text, width=12).print("at least 34 kW fit there")
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    assert lines == ["at least 34", "kW fit there"]
