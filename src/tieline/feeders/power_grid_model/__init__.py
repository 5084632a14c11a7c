"""Data sets of power-grid-model: `read_power_grid_model(path) -> Feeder`, and `data_set(feeder)` for the way back.

A data set does not say whether it is meant for a symmetric or an asymmetric calculation. One that holds an asymmetric line, load
or generator becomes a feeder of three phases, any other one a single-phase equivalent. `rows` opens a file, `grid` names its
components; the other files turn components into our elements, W into kW. Exactly kept: links, lines with loss and with an open
end, transformers of two and three windings with their taps, generic branches, sources behind their short-circuit power, loads
and generators of constant power, current or impedance, voltage regulators. Left out with a warning: regulators of taps, which do
not act in a power flow unless it is told so. Left out: sensors and faults, of which a power flow knows nothing. Refused: zigzag
windings and reversed ones (clock 2, 6, 10) in three phases.

Source: power-grid-model documentation, "Components" and "Serialization"; its C++ core where these leave a formula open.
"""

from __future__ import annotations

from pathlib import Path

from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.power_grid_model.appliances import (
    read_generators,
    read_loads,
    read_shunts,
    read_sources,
)
from tieline.feeders.power_grid_model.branches import read_lines
from tieline.feeders.power_grid_model.checks import check_components
from tieline.feeders.power_grid_model.grid import Grid
from tieline.feeders.power_grid_model.rows import is_data_set, read_components
from tieline.feeders.power_grid_model.transformers import read_transformers
from tieline.feeders.power_grid_model.writer import data_set
from tieline.feeders.unsupplied import without_unsupplied

__all__ = ["data_set", "is_data_set", "read_power_grid_model"]

ANY_FREQUENCY_HZ = 50.0
"""A data set does not state the frequency, which is an argument of the model; this is the default there."""


def read_power_grid_model(
    path: Path | str, frequency_hz: float | None = None
) -> Feeder:
    """Read an input data set in JSON.

    Args:
        path: the file.
        frequency_hz: nominal frequency, which turns capacitances into charging; one is assumed if not given.

    Returns:
        A feeder whose elements bear the "name" of their component if it has one, else "component_id".

    Raises:
        InputError: if the file is missing or no input data set.
        FeederError: if the set holds something that cannot be represented; lists all of it.
    """
    path = Path(path)
    hertz = ANY_FREQUENCY_HZ if frequency_hz is None else frequency_hz
    grid = Grid(path.stem.lower(), read_components(path), hertz)
    check_components(grid)
    _stop_on_errors(grid)
    feeder = _feeder(grid, path).replace(frequency_is_assumed=frequency_hz is None)
    # the readers find what only they can see
    _stop_on_errors(grid)
    return without_unsupplied(feeder)


def _stop_on_errors(grid: Grid) -> None:
    if grid.errors:
        raise FeederError(grid.name, grid.errors)


def _feeder(grid: Grid, path: Path) -> Feeder:
    lines = read_lines(grid)
    transformers = read_transformers(grid)
    loads = read_loads(grid)
    generators = read_generators(grid)
    sources = read_sources(grid)
    shunts = read_shunts(grid)
    return Feeder(
        name=grid.name,
        title=f"power-grid-model data set {grid.name}",
        origin=f"read from {path.name}",
        # last, since transformers add star points to buses, and stars of their own
        buses=grid.buses(),
        sources=sources,
        lines=lines,
        transformers=transformers,
        loads=loads,
        generators=generators,
        shunts=(*shunts, *grid.part_shunts),
        frequency_hz=grid.frequency_hz,
        single_phase_equivalent=not grid.is_three_phase,
        notes=tuple(grid.warnings),
    )
