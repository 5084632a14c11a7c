"""A year of a feeder in tieline and in OpenDSS: the same file, the same hours, controls acting in both.

Loads follow shapes that are drawn from the models of customers (`profiles`). The feeder is written as an OpenDSS script with
them, and both read that script: tieline walks through it as `tieline run time-series` does, OpenDSS with `mode=yearly` and
`controlmode=static`, one `Solve` for each hour. The engine's time holds the questions for taps, banks and energies after each.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tieline.bench.time_series.options import Options
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.elements import Shape
from tieline.feeders.opendss.script import compiled
from tieline.feeders.save import save_feeder
from tieline.profiles import ProfileConfig, draw_scenarios
from tieline.studies import run_study
from tieline.studies.result import Result
from tieline.typing import FloatArray

FIRST_DAY = date(2025, 1, 1)

SETTINGS = (
    "set mode=yearly number=1 stepsize=1h hour=0 controlmode=static maxcontroliter=200 "
    "tolerance=1e-8 maxiterations=200"
)
"""The engine's own tolerance of 1e-4 would show in energies before anything of tieline does."""


@dataclass(frozen=True)
class YearRow:
    """One feeder.

    Attributes:
        feeder: its name.
        nodes, steps: size of the question.
        study_s, engine_s: processor time of each.
        import_error, loss_error: energies of tieline over those of OpenDSS, less one.
        other_positions: steps that end with another tap or bank than in OpenDSS.
        movements, switchings: of all regulators and banks.
        unsolved: steps without an answer in tieline.
    """

    feeder: str
    nodes: int
    steps: int
    study_s: float
    engine_s: float
    import_error: float
    loss_error: float
    other_positions: int
    movements: int
    switchings: int
    unsolved: int


@dataclass(frozen=True)
class Years:
    """One run: seed and a row per feeder."""

    seed: int
    days: int
    rows: tuple[YearRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(options: Options, tell: Callable[[str], None] = lambda _: None) -> Years:
    """Walk through the days of every feeder, twice.

    Args:
        options: feeders, days and shapes.
        tell: is told what is measured now.

    Raises:
        InputError: if a feeder is not known or cannot be written as an OpenDSS script.
    """
    rows = []
    # all of them before any is measured: a name that is wrong is told at once
    feeders = {name: load_feeder(name) for name in options.feeders}
    for name, feeder in feeders.items():
        tell(name)
        shaped = with_drawn_shapes(feeder, options)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "year.dss"
            save_feeder(shaped, path)
            rows.append(_row(name, path, options.days))
    return Years(options.seed, options.days, tuple(rows))


def with_drawn_shapes(feeder: Feeder, options: Options) -> Feeder:
    """The feeder whose loads follow some of the shapes that are drawn for them, each the one of its turn."""
    profiles = ProfileConfig(
        start=FIRST_DAY, days=options.days, step_minutes=60, time_zone="UTC"
    )
    load_pu = draw_scenarios(feeder, profiles, 1, options.seed).load_pu[0]
    count = min(options.shapes, len(feeder.loads))
    shapes = [Shape(f"shape_{k}", tuple(load_pu[:, k].tolist())) for k in range(count)]
    loads = [
        replace(load, yearly_shape=f"shape_{k % count}")
        for k, load in enumerate(feeder.loads)
    ]
    return feeder.replace(shapes=tuple(shapes), loads=tuple(loads))


def _row(name: str, path: Path, days: int) -> YearRow:
    feeder = load_feeder(str(path))
    # what is compiled once for all belongs to no year
    _study(feeder, 1)
    begin_s = time.process_time()
    result = _study(feeder, days)
    study_s = time.process_time() - begin_s
    begin_s = time.process_time()
    positions, source_kw, loss_kw = engine_year(path, feeder, days)
    engine_s = time.process_time() - begin_s
    differs = (_positions(result) != positions).any(axis=1)
    return YearRow(
        feeder=name,
        nodes=feeder.network.n_nodes,
        steps=len(source_kw),
        study_s=study_s,
        engine_s=engine_s,
        import_error=_error(result.tables["steps"]["source_kw"], source_kw),
        loss_error=_error(result.tables["steps"]["loss_kw"], loss_kw),
        other_positions=int(differs.sum()),
        movements=int(result.number("tap_movements")),
        switchings=int(result.number("capacitor_switchings")),
        unsolved=int(result.number("cases_unjudged")),
    )


def _study(feeder: Feeder, days: int) -> Result:
    return run_study("time-series", feeder=feeder, start=FIRST_DAY, days=days)


def _positions(result: Result) -> FloatArray:
    return result.tables["positions"].drop(columns="time").to_numpy(dtype=float)


def _error(values: Any, by_engine: FloatArray) -> float:
    return float(np.nansum(values) / by_engine.sum() - 1)


def engine_year(
    path: Path, feeder: Feeder, days: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What OpenDSS makes of it: taps and steps in (step, regulator and capacitor), power of the source and loss (step,) [kW]."""
    positions, energies = [], []
    with compiled(path) as engine:
        engine.Text.Command(SETTINGS)
        for _ in range(24 * days):
            engine.Solution.Solve()
            positions.append(_engine_positions(engine, feeder))
            source_kw = -engine.Circuit.TotalPower()[0]
            energies.append((source_kw, engine.Circuit.Losses()[0] / 1e3))
    source_and_loss = np.array(energies)
    return np.array(positions), source_and_loss[:, 0], source_and_loss[:, 1]


def _engine_positions(engine: Any, feeder: Feeder) -> list[float]:
    """Taps and steps in, in the order of the feeder."""
    positions = []
    for unit in feeder.regulators:
        # makes it the active one, of which the next question is
        engine.RegControls.Name(unit.name)
        positions.append(float(engine.RegControls.TapNumber()))
    for bank in feeder.capacitors:
        engine.Capacitors.Name(bank.name)
        positions.append(float(sum(engine.Capacitors.States())))
    return positions
