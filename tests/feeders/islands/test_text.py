"""An island as text says the same when it is read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from restoration_cases import small_config

from tieline.feeders.islands import (
    IslandConfig,
    island_names,
    island_text,
    read_island,
)


@pytest.mark.parametrize("name", island_names())
def test_bundled_islands_come_back(name: str, tmp_path: Path) -> None:
    _comes_back(read_island(name), tmp_path)


def test_an_island_without_limits_of_frequency_comes_back(tmp_path: Path) -> None:
    """No highest frequency is infinite, which no file may state."""
    island = small_config(available=[0.5, 1.0])
    assert island.droop_unit[0].f_high_hz == float("inf")
    _comes_back(island, tmp_path)


def _comes_back(island: IslandConfig, folder: Path) -> None:
    file = folder / "copy.toml"
    file.write_text(island_text(island))
    assert read_island(file) == island
