"""Figures worked out beforehand: all can be read, and a cell is what the program makes of it."""

from __future__ import annotations

import pytest

from tieline.bench.restoration.trial import (
    WINDOWS,
    trial_cells,
    trial_result,
    trial_rows,
)


def test_every_figure_can_be_asked_for() -> None:
    cells = trial_cells()
    assert {cell.decider for cell in cells} == {"bound", *WINDOWS}
    # W 4 in `late` was not worked out
    assert len(cells) == 4 * 5 - 1 + 5


def test_ample_island_without_limits_of_frequency() -> None:
    cells = trial_cells()
    (cell,) = [c for c in cells if c.island == "ieee36-ample" and c.decider == "bound"]
    result = trial_result(cell)
    assert result.difference_pct == pytest.approx(0.0, abs=0.01)
    ((*_, figure, kwh, difference),) = trial_rows([result])
    assert figure == kwh == "14,446.6"
    assert difference in ("+0.00 %", "-0.00 %")
