"""The programs held against figures worked out beforehand with another modelling tool (CVXPY): restored less twice shed energy.

These figures charge what every source injects, not fuel alone (`Terms.charges_all`): sources are then worth the same, and which
of them a short window takes is decided by what losses differ by. So cells of short windows agree less well than the others. The
ample island stands there without its limits of frequency.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from tieline.agents.restoration_mpc import MpcDecider, terms_of
from tieline.envs.restoration.config import RestorationWorldConfig, Scenario
from tieline.envs.restoration.episode import play
from tieline.envs.restoration.seen import Correction
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.feeders.islands import IslandConfig, read_island
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import first_state
from tieline.opf.restoration.terms import Terms

FIGURES = Path(__file__).with_name("trial.csv")

ONE_SEED = np.zeros(1, dtype=np.int64)
"""The scenarios of the table draw nothing."""

WINDOWS: dict[str, tuple[int | None, Correction]] = {
    "mpc-4": (4, "none"),
    "mpc-8": (8, "none"),
    "mpc-rest": (None, "none"),
    "mpc-corrected": (None, "mean"),
}
"""Steps that a decider looks ahead, and how it corrects the forecast."""


@dataclass(frozen=True)
class TrialCell:
    """A figure: which island, scenario and decider, and the energy [kWh]."""

    island: str
    scenario: Scenario
    decider: str
    kwh: float


@dataclass(frozen=True)
class TrialResult:
    """A figure and what this program makes of it [kWh]."""

    cell: TrialCell
    kwh: float

    @property
    def difference_pct(self) -> float:
        """From the figure [%]."""
        return 100 * (self.kwh / self.cell.kwh - 1)


def trial_cells() -> tuple[TrialCell, ...]:
    """All figures."""
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return tuple(_cells(csv.DictReader(file)))


def trial_result(cell: TrialCell) -> TrialResult:
    """What this program makes of a figure."""
    world = _world(cell.island)
    terms = replace(terms_of(world.config), charges_all=True)
    kwh = (
        _bound_kwh(world, terms, cell.scenario)
        if cell.decider == "bound"
        else _played_kwh(world, terms, cell)
    )
    return TrialResult(cell, kwh)


def trial_rows(results: Sequence[TrialResult]) -> list[tuple[str, ...]]:
    """Rows of a table: island, scenario, decider, figure, result, difference."""
    return [
        (
            result.cell.island,
            result.cell.scenario,
            result.cell.decider,
            f"{result.cell.kwh:,.1f}",
            f"{result.kwh:,.1f}",
            f"{result.difference_pct:+.2f} %",
        )
        for result in results
    ]


def _cells(rows: csv.DictReader[str]) -> Iterator[TrialCell]:
    for row in rows:
        scenario: Scenario = row["scenario"]  # type: ignore[assignment]
        yield TrialCell(row["island"], scenario, row["decider"], float(row["kwh"]))


@cache
def _world(name: str) -> RestorationWorld:
    island = read_island(name)
    if name == "ieee36-ample":
        island = _at_any_frequency(island)
    return make_world(RestorationWorldConfig(), island)


def _at_any_frequency(island: IslandConfig) -> IslandConfig:
    free = {"f_low_hz": 0.0, "f_high_hz": np.inf}
    units = tuple(unit.model_copy(update=free) for unit in island.droop_unit)
    return island.model_copy(update={"droop_unit": units})


def _bound_kwh(world: RestorationWorld, terms: Terms, scenario: Scenario) -> float:
    plant = world.plant
    program = WindowProgram(plant, terms, world.config.steps)
    (available_kw,) = world.actual_kw(scenario, ONE_SEED)
    plan = program.solve(first_state(plant, 1), available_kw)
    share = plan.served - terms.shed_factor * plan.shed
    power_kw = share @ plant.load_kw
    return float(terms.hours * power_kw.sum())


def _played_kwh(world: RestorationWorld, terms: Terms, cell: TrialCell) -> float:
    window, correction = WINDOWS[cell.decider]
    decider = MpcDecider(world, window, correction, terms=terms)
    episode = play(world, decider, world.actual_kw(cell.scenario, ONE_SEED))
    bill = episode.bill
    kwh = bill.restored_kwh - terms.shed_factor * bill.shed_kwh
    return float(kwh.sum())
