"""The next step of all devices of networked microgrids, by their learned policies; the safety step keeps all limits on AC.

state   hour, and for the steps of a window: price, load_pu (of nominal), sun (of rated); stored_kwh by battery, last_kw by
        generator (what it gave in the step before), pcc_pu by microgrid (voltage at its meter)
answer  p_kw and q_kvar of every device, above 0 where it injects; whether the safety step changed them
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

from tieline.agents.set_point_guard import SetPointGuard
from tieline.agents.window_policies.inputs import Eyes
from tieline.envs.microgrids.day import Day, problem_of
from tieline.envs.microgrids.plant import make_plant
from tieline.envs.microgrids.windows import DayStack, WindowStart
from tieline.errors import InputError, NoAnswerError
from tieline.feeders import Feeder
from tieline.opf import replay
from tieline.opf.replay import FEASIBLE_PU
from tieline.service.decisions.states import read_state, wrong_names
from tieline.settings import Settings
from tieline.studies.microgrids.config import MicrogridsConfig
from tieline.studies.microgrids.ways.closed_loop import within_devices
from tieline.studies.microgrids.ways.policies import NONE_FITS, find_policies
from tieline.typing import FloatArray
from tieline.wording import FieldProblem

HOURS_A_DAY = 24.0


class MicrogridState(Settings):
    """What is known when a step is decided."""

    hour: float = Field(ge=0, lt=24, description="Local hour at which it begins [h].")
    price: tuple[float, ...] = Field(
        description="Where energy is metered, each step of the window [currency/kWh]."
    )
    load_pu: tuple[float, ...] = Field(
        description="Load of each step, as a share of nominal."
    )
    sun: tuple[float, ...] = Field(
        description="Power of PV of each step, as a share of rated."
    )
    stored_kwh: dict[str, float] = Field(description="By battery [kWh].")
    last_kw: dict[str, float] = Field(
        description="Power of generators in the step before, by name [kW]."
    )
    pcc_pu: dict[str, float] = Field(
        description="Voltage at the meter of each microgrid in the step before [pu]."
    )


LEAST = {
    "hour": 0.0,
    "price": (),
    "load_pu": (),
    "sun": (),
    "stored_kwh": {},
    "last_kw": {},
    "pcc_pu": {},
}
"""The least state that the model takes."""


class MicrogridDecisions:
    """Decides steps of one feeder.

    Args:
        config: window, limits, prices of fuel.
        feeder: with its microgrids.

    Raises:
        InputError: if no policies fit.
    """

    def __init__(self, config: MicrogridsConfig, feeder: Feeder) -> None:
        self._config = config
        self._plant = make_plant(feeder, config)
        self._eyes = Eyes(self._plant)
        policies = find_policies(self._eyes, config)
        if policies is None:
            raise InputError(NONE_FITS)
        self._policies = policies.by_seed[policies.best]

    def decide(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Safe set-points; see `ask.Decisions`."""
        situation = read_state(MicrogridState, LEAST, state, self._misfits)
        day = self._day(situation)
        problem = problem_of(self._plant, day)
        question = problem.window(0, 1)
        wished = self._wish(day, situation)
        proposal = within_devices(question, *wished)
        p_kw, q_kvar = SetPointGuard(problem)(question, *proposal)
        outcome = replay(question, p_kw[None], q_kvar[None])
        # NaN, where there is no power flow, is no proof of safety
        if not outcome.worst_miss <= FEASIBLE_PU:
            raise NoAnswerError(
                f"No set-points keep all limits of feeder '{self._plant.network.feeder.name}' in this step: the nearest ones "
                f"miss one by {outcome.worst_miss:.4f}. Lower the load, or widen the limit."
            )
        names = [der.name for der in self._plant.network.feeder.ders]
        return {
            "p_kw": dict(zip(names, p_kw.tolist(), strict=True)),
            "q_kvar": dict(zip(names, q_kvar.tolist(), strict=True)),
            "changed_by_safety_step": p_kw is not proposal[0],
        }

    def _wish(
        self, day: Day, situation: MicrogridState
    ) -> tuple[FloatArray, FloatArray]:
        names = [microgrid.name for microgrid in self._plant.microgrids]
        pcc_pu = _by_name(names, situation.pcc_pu)
        # one window: a first axis of length one
        start = WindowStart(
            stored_kwh=day.stored_kwh[None],
            last_kw=day.last_kw[None],
            pcc_pu=pcc_pu[None],
        )
        first = np.zeros(1, dtype=np.int64)
        n_steps = self._config.window_steps
        stack = DayStack.of([day])
        windows = stack.windows(first, first, n_steps, start)
        points = self._policies.wish(self._eyes, windows)
        p_kw = points.der_kw[0, 0]
        q_kvar = points.der_kvar[0, 0]
        return p_kw, q_kvar

    def _day(self, situation: MicrogridState) -> Day:
        """The window as a stretch of steps."""
        plant = self._plant
        loads = plant.network.feeder.loads
        share = np.array(situation.load_pu)
        sun = np.array(situation.sun)
        step = np.arange(len(share))
        step_h = self._config.step_h
        return Day(
            hour=np.mod(situation.hour + step * step_h, HOURS_A_DAY),
            step_h=step_h,
            price=np.array(situation.price),
            load_kw=np.outer(share, [load.p_kw for load in loads]),
            load_kvar=np.outer(share, [load.q_kvar for load in loads]),
            sun=np.repeat(sun[:, None], len(plant.pv.names), axis=1),
            stored_kwh=_by_name(plant.batteries.names, situation.stored_kwh),
            last_kw=_by_name(plant.generators.names, situation.last_kw),
        )

    def _misfits(
        self, situation: MicrogridState, fields: Collection[str]
    ) -> Iterator[FieldProblem]:
        """What does not fit the feeder, of the fields that are named."""
        n_steps = self._config.window_steps
        for name in {"price", "load_pu", "sun"}.intersection(fields):
            count = len(getattr(situation, name))
            if count != n_steps:
                text = f"{name} has {count} steps; the window has {n_steps}."
                yield FieldProblem(name, text)
        plant = self._plant
        expected = {
            "stored_kwh": plant.batteries.names,
            "last_kw": plant.generators.names,
            "pcc_pu": [microgrid.name for microgrid in plant.microgrids],
        }
        for field, names in expected.items():
            if field in fields:
                yield from wrong_names(field, names, getattr(situation, field))


def _by_name(names: Sequence[str], values: Mapping[str, float]) -> FloatArray:
    return np.array([values[name] for name in names], dtype=float)
