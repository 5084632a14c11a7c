"""Tables of available power: read as they are, or refused with all that does not fit the island."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from restoration_cases import small_config

from tieline.envs.restoration.availability import expected_kw
from tieline.envs.restoration.available_tables import without_tables
from tieline.envs.restoration.config import RestorationWorldConfig
from tieline.errors import InputError

TIMES = ("2025-06-21 08:00", "2025-06-21 08:30", "2025-06-21 09:00")


def config(steps: int) -> RestorationWorldConfig:
    return RestorationWorldConfig(steps=steps)


def table(folder: Path, header: str, *rows: str, times: tuple[str, ...] = TIMES) -> str:
    path = folder / "wind.csv"
    lines = [f"{time},{row}" for time, row in zip(times, rows, strict=True)]
    path.write_text("\n".join([f"time,{header}", *lines]))
    return str(path)


def test_a_table_of_half_hours_that_is_gone_afterwards(tmp_path: Path) -> None:
    path = table(tmp_path, "Sun", "100", "300", "400")
    island = small_config(available=path)
    power_kw = expected_kw(island, config(6))
    np.testing.assert_allclose(
        power_kw[:, 0], [100.0, 100.0, 300.0, 300.0, 400.0, 400.0]
    )
    alone = without_tables(island)
    Path(path).unlink()
    np.testing.assert_allclose(expected_kw(alone, config(6)), power_kw)


@pytest.mark.parametrize("minutes", [0.5, 120])
def test_steps_of_any_length(tmp_path: Path, minutes: float) -> None:
    """Three steps of a quarter, a half and three quarters of 400 kW."""
    begin = np.datetime64("2025-06-21T08:00:00")
    step = np.timedelta64(int(60 * minutes), "s")
    times = tuple(str(begin + k * step) for k in range(3))
    path = table(tmp_path, "sun", "100", "200", "300", times=times)
    (unit,) = without_tables(small_config(available=path)).renewable
    assert unit.available_step_minutes == minutes
    assert unit.available == (0.25, 0.5, 0.75)


def test_all_that_does_not_fit_is_told_together(tmp_path: Path) -> None:
    """In W, with a column that nobody reads: cut to the rating and passed over, it would be a sunny day."""
    path = table(tmp_path, "sun,sum", "0,1", "300000,1", "400000,1")
    with pytest.raises(InputError) as caught:
        expected_kw(small_config(available=path), config(4))
    text = str(caught.value)
    assert "wind.csv' does not fit the island's renewables" in text
    assert "Column 'sun' reaches 400000 kW, above p_max_kw 400 of its unit." in text
    assert "Unknown renewable 'sum'. Did you mean 'sun'?" in text


def test_a_table_without_the_unit_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "wind", "100", "100", "100")
    with pytest.raises(InputError, match="Unknown column 'sun'"):
        expected_kw(small_config(available=path), config(4))


def test_a_table_that_is_too_short_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, "sun", "100", "100", "100")
    message = r"wind.csv', column 'sun', states 90 minutes .* the horizon has 120"
    with pytest.raises(InputError, match=message):
        expected_kw(small_config(available=path), config(8))
